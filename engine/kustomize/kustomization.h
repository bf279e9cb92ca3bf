/* A kustomization file: its fields as a struct. */
#pragma once

#include <stdbool.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "common/value/value_decode.h"
#include "engine/kustomize/generate.h"

struct kbuild;
struct kload;
struct ktable;
struct value;

struct klabels {
    struct value_str_pairs pairs;
    bool include_selectors;
    bool include_templates;
    bool include_volume_claim_templates;
    const struct value *fields; /* fieldSpecs, or NULL */
};

struct ksort {
    struct str order;
    bool has_legacy;
    struct value_strs first;
    struct value_strs last;
};

struct kmetadata {
    struct str name;
    struct str namespace;
    struct value_str_pairs labels;
    struct value_str_pairs annotations;
};

/* Deprecated fields are folded into those that replace them, but for those with a transformer of their own. */
struct kustomization {
    struct str file; /* its name */
    struct str api_version;
    struct str kind;
    struct kmetadata metadata; /* has no meaning */
    struct value_str_pairs openapi;
    struct value_strs resources;
    struct value_strs components;
    struct value_strs crds;
    struct value_strs configurations;
    struct value_strs generators;
    struct value_strs transformers;
    struct value_strs validators;
    struct value_strs build_metadata;
    struct str namespace;
    struct str name_prefix;
    struct str name_suffix;
    struct value_str_pairs common_labels;
    struct value_str_pairs common_annotations;
    struct value_slice labels;  /* struct klabels */
    struct value_slice patches; /* struct patch_config */
    struct value_slice patches_json6902;
    struct value_strs patches_strategic_merge;
    struct value_slice images;               /* struct image_config */
    struct value_slice replicas;             /* struct replicas_config */
    struct value_slice config_map_generator; /* struct pairs_source */
    struct value_slice secret_generator;
    struct generator_options generator_options;
    struct helm_globals helm_globals;
    struct value_slice helm_charts;   /* struct helm_chart */
    const struct value *replacements; /* lists, or NULL */
    const struct value *vars;
    bool has_sort;
    struct ksort sort;
};

/* Of the directory that load stands for. Warnings about deprecated fields go to options->warn.
 *
 * ERR_NOT_FOUND (no such file), ERR_INVALID with file and position. Kustomize's text is in the build. */
MUST_CHECK int kustomization_load(struct kbuild *build,
                                  const struct kload *load,
                                  struct kustomization *ret,
                                  struct err *err);
bool kustomization_is_component(const struct kustomization *k);
/* Whether buildMetadata has the option. */
bool kustomization_asks_for(const struct kustomization *k, struct str option);

/* Tables that plugin configs share with the file. */
extern const struct ktable KUSTOMIZATION_LABELS_TABLE;
extern const struct ktable KUSTOMIZATION_PATCH_TABLE;
extern const struct ktable KUSTOMIZATION_SELECTOR_TABLE;
extern const struct ktable KUSTOMIZATION_IMAGE_TABLE;
extern const struct ktable KUSTOMIZATION_REPLICA_TABLE;
extern const struct ktable KUSTOMIZATION_CONFIG_MAP_TABLE;
extern const struct ktable KUSTOMIZATION_SECRET_TABLE;
extern const struct ktable KUSTOMIZATION_HELM_CHART_TABLE;
extern const struct ktable KUSTOMIZATION_HELM_GLOBALS_TABLE;
extern const struct ktable KUSTOMIZATION_METADATA_TABLE;
extern const struct ktable KUSTOMIZATION_REPLACEMENT_TABLE;
