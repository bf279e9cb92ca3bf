/* The table of a kustomization's fields, and what it decodes into. */
#pragma once

#include <stdbool.h>

#include "engine/kustomize/kdecode.h"
#include "engine/kustomize/kustomization.h"

/* Fields that others have replaced, as they were read. */
struct kustomization_old {
    struct value_strs bases;
    struct value_slice image_tags;     /* struct image_config */
    struct value_slice helm_inflation; /* struct helm_inflation */
    bool has_bases;
    bool has_common_labels;
    bool has_image_tags;
    bool has_patches_json6902;
    bool has_patches_strategic_merge;
    bool has_vars;
    bool has_helm_globals;
};

struct kustomization_fields {
    struct kustomization k;
    struct kustomization_old old;
};

extern const struct ktable KUSTOMIZATION_TABLE;

/* An entry of helmChartInflationGenerator. */
struct helm_inflation {
    struct str chart_name;
    struct str chart_version;
    struct str repo_url;
    struct str chart_home;
    struct str helm_home;
    struct str values;
    const struct value *values_local;
    struct str values_merge;
    struct str release_name;
    struct str ignored; /* all that nothing came of even then */
    struct value_strs ignored_list;
};
