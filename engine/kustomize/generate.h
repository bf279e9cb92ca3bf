/* The generators: each makes resources of a config. Fields of a kustomization and built-in plugin configs both become these
 * structs; what a config does not say has the zero value. The caller absorbs what they put into m (resmap_absorb()). */
#pragma once

#include <stdbool.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "common/value/value_decode.h"

struct klayer;
struct resmap;
struct value;

struct generator_options {
    struct value_str_pairs labels;
    struct value_str_pairs annotations;
    bool disable_name_suffix_hash;
    bool immutable;
};

struct pairs_source { /* of ConfigMaps and Secrets */
    struct str name;
    struct str namespace;
    struct str behavior;
    struct value_strs files;
    struct value_strs envs;
    struct str env;
    struct value_strs literals;
    struct str type; /* of a Secret */
    struct generator_options options;
};
/* Into m, which is absorbed afterwards by the caller. */
MUST_CHECK int generate_config_map(const struct klayer *layer,
                                   const struct pairs_source *config,
                                   const struct generator_options *defaults,
                                   struct resmap *m,
                                   struct err *err);
MUST_CHECK int generate_secret(const struct klayer *layer,
                               const struct pairs_source *config,
                               const struct generator_options *defaults,
                               struct resmap *m,
                               struct err *err);
/* The config of an IAMPolicyGenerator. */
MUST_CHECK int generate_iam_policy(const struct klayer *layer,
                                   const struct value *config,
                                   struct resmap *m,
                                   struct err *err);

/* One entry of helmCharts. */
struct helm_chart {
    struct str name;
    struct str version;
    struct str repo;
    struct str release_name;
    struct str namespace;
    struct str values_file;
    struct value_strs additional_values_files;
    const struct value *values_inline; /* a map, or NULL */
    struct str values_merge;           /* "" or "override", "merge", "replace" */
    bool include_crds;
    bool skip_hooks;
    bool skip_tests;
    struct value_strs api_versions;
    struct str kube_version;
    struct str name_template;
    bool debug;
    bool devel;
};

struct helm_globals {
    struct str chart_home; /* "" = charts */
    struct str config_home;
};
MUST_CHECK int generate_helm_chart(const struct klayer *layer,
                                   const struct helm_chart *chart,
                                   const struct helm_globals *globals,
                                   struct resmap *m,
                                   struct err *err);
