/* Rendering a chart: what `helm template` does and prints, without a cluster. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "engine/engine_env.h"
#include "engine/helm/values.h"

/* What is made of the manifests: making only one saves time and memory. */
enum helm_want { HELM_WANT_BOTH, HELM_WANT_TEXT, HELM_WANT_OBJECTS };

struct helm_options {
    enum helm_want want;
    struct str chart;        /* in env->files: a directory or an archive; "" = the root */
    struct str release_name; /* may be a template, as that of --name-template */
    struct str namespace;
    struct str kube_version;        /* "" = that of Helm's client library */
    const struct str *api_versions; /* beside those Helm knows */
    size_t n_api_versions;
    const struct values_input *inputs;
    size_t n_inputs;
    const struct values_reader *reader; /* for VALUES_SET_FILE */
    const struct str *show_only;        /* patterns; for the text only */
    size_t n_show_only;
    bool include_crds;
    bool skip_tests;
    bool no_hooks;
    bool is_upgrade;
    bool only_vendored; /* dependencies that are not in charts/ are missing: they are not brought */
    bool pass_credentials; /* when dependencies are downloaded: deps_build.h */
    struct buf *warnings;  /* lines about odd values and charts are appended; NULL = nowhere */
    bool skip_schemas;     /* values.schema.json of charts is not looked at */
};

struct helm_result {
    /* What `helm template` prints, one piece behind the other; none with HELM_WANT_OBJECTS. */
    const struct str *pieces;
    size_t n_pieces;
    const struct engine_object
        *objects; /* CRDs, manifests, hooks, in the order of the text; file is the
                                            "# Source", line that in the rendered file */
    size_t n;
    struct str chart_name;
    struct str chart_version;
};

/* The pieces as one text. */
struct str helm_result_text(struct arena *arena, const struct helm_result *result);

/* The release's name that --name-template gives: a template without data. ERR_INVALID, ERR_LIMIT. */
MUST_CHECK int helm_release_name(struct engine_env *env,
                                 struct str name_template,
                                 struct str *ret,
                                 struct err *err);

/* Load the chart, put the values together, run the templates and sort what they print.
 *
 * env   borrowed; its budget is charged, results live in its arena. now_ms and rand are what templates see.
 *
 * Errors: ERR_NOT_FOUND (chart; dependencies that are declared and not there), ERR_INVALID (chart, values,
 * templates, YAML: with file and position), ERR_DENIED (links), ERR_LIMIT, ERR_TIMEOUT. */
MUST_CHECK int helm_render(struct engine_env *env,
                           const struct helm_options *options,
                           struct helm_result *ret,
                           struct err *err);
