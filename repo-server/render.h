/* One render, on the pool: from commits in mirrors, charts and what else it asks for to manifests and what they
 * depend on. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "engine/engine_env.h"
#include "repo-server/manifest_cache.h"

struct assets;

/* Where files come from: a commit in a mirror, or a chart. */
struct render_tree {
    struct str name; /* of the source, for "$name/..." */
    struct str id;   /* the commit, or what stands for the chart's version */
    struct str mirror;
    struct str url; /* of the repository: what those of submodules may be relative to */
    const struct engine_remote *chart; /* among the assets; NULL: a commit */
};

/* All borrowed. */
struct render_input {
    const struct render_tree *trees; /* of the source itself, then of those it may refer to */
    size_t n_trees;
    struct assets *assets;
    struct str revision; /* commit or chart version */
    struct str source;   /* ApplicationSource as JSON */
    bool describe;       /* as engine_source's */
    struct engine_app app;
    struct engine_cluster cluster;
    struct str kustomize_build_options;
    uint64_t max_bytes;                     /* of a plain source's files */
    int64_t timeout_ms;                     /* of the render alone */
    int64_t wall_ms;                        /* the time templates see */
    struct manifest_entry *const *variants; /* earlier results that may still be right */
    size_t n_variants;
};

struct render_output {
    struct manifest_entry *same;  /* the variant that is right; borrowed */
    struct manifest_entry *fresh; /* else a new one; the caller's reference */
    uint64_t damaged; /* on failure: bit i = objects of tree i may be missing or unreadable */
};

/* Errors: as engine_render(); ERR_INTERNAL with a damaged mirror. One that ends while assets_awaited() says nothing
 * but that it is to be run again. Pool thread. */
MUST_CHECK int
render_run(const struct render_input *input, struct render_output *ret, struct err *err);

struct engine_found_list;
/* The sources of a commit (engine_discover()), in the arena. */
MUST_CHECK int render_discover(struct arena *arena,
                               struct str mirror,
                               struct str commit,
                               struct engine_found_list *ret,
                               bool *ret_mirror_damaged,
                               struct err *err);
