/* What a kustomization may have: a row for each field. */
#include "engine/kustomize/kustomization_fields.h"

#include <stddef.h>

#include "engine/kustomize/replacement.h"
#include "engine/kustomize/transform.h"

/* ---- parts that several fields have ---- */

#define META(field) offsetof(struct kmetadata, field)
static const struct kfield METADATA_FIELDS[] = {
    {"name", KFIELD_STR, META(name), NULL, NULL, NULL},
    {"namespace", KFIELD_STR, META(namespace), NULL, NULL, NULL},
    {"labels", KFIELD_STR_MAP, META(labels), NULL, NULL, NULL},
    {"annotations", KFIELD_STR_MAP, META(annotations), NULL, NULL, NULL},
};
const struct ktable KUSTOMIZATION_METADATA_TABLE =
    KTABLE("ObjectMeta", struct kmetadata, METADATA_FIELDS);

#define SELECTOR(field) offsetof(struct selector, field)
static const struct kfield SELECTOR_FIELDS[] = {
    {"group", KFIELD_STR, SELECTOR(id.gvk.group), NULL, "ResId.Gvk.", NULL},
    {"version", KFIELD_STR, SELECTOR(id.gvk.version), NULL, "ResId.Gvk.", NULL},
    {"kind", KFIELD_STR, SELECTOR(id.gvk.kind), NULL, "ResId.Gvk.", NULL},
    {"name", KFIELD_STR, SELECTOR(id.name), NULL, "ResId.", NULL},
    {"namespace", KFIELD_STR, SELECTOR(id.namespace), NULL, "ResId.", NULL},
    {"labelSelector", KFIELD_STR, SELECTOR(label_selector), NULL, NULL, NULL},
    {"annotationSelector", KFIELD_STR, SELECTOR(annotation_selector), NULL, NULL, NULL},
};
const struct ktable KUSTOMIZATION_SELECTOR_TABLE =
    KTABLE("Selector", struct selector, SELECTOR_FIELDS);

struct fieldspec_check {
    struct str text;
    bool create;
};
#define FIELDSPEC(field) offsetof(struct fieldspec_check, field)
static const struct kfield FIELDSPEC_FIELDS[] = {
    {"group", KFIELD_STR, FIELDSPEC(text), NULL, "Gvk.", NULL},
    {"version", KFIELD_STR, FIELDSPEC(text), NULL, "Gvk.", NULL},
    {"kind", KFIELD_STR, FIELDSPEC(text), NULL, "Gvk.", NULL},
    {"path", KFIELD_STR, FIELDSPEC(text), NULL, NULL, NULL},
    {"create", KFIELD_BOOL, FIELDSPEC(create), NULL, NULL, NULL},
};
static const struct ktable FIELDSPEC_TABLE =
    KTABLE("FieldSpec", struct fieldspec_check, FIELDSPEC_FIELDS);

#define LABELS(field) offsetof(struct klabels, field)
static const struct kfield LABELS_FIELDS[] = {
    {"pairs", KFIELD_STR_MAP, LABELS(pairs), NULL, NULL, NULL},
    {"includeSelectors", KFIELD_BOOL, LABELS(include_selectors), NULL, NULL, NULL},
    {"includeTemplates", KFIELD_BOOL, LABELS(include_templates), NULL, NULL, NULL},
    {"includeVolumeClaimTemplates", KFIELD_BOOL, LABELS(include_volume_claim_templates), NULL, NULL,
     NULL},
    {"fields", KFIELD_CHECKED_LIST, LABELS(fields), &FIELDSPEC_TABLE, NULL, NULL},
};
const struct ktable KUSTOMIZATION_LABELS_TABLE = KTABLE("Label", struct klabels, LABELS_FIELDS);

#define PATCH(field) offsetof(struct patch_config, field)
static const struct kfield PATCH_OPTION_FIELDS[] = {
    {"allowNameChange", KFIELD_BOOL, PATCH(allow_name_change), NULL, NULL, NULL},
    {"allowKindChange", KFIELD_BOOL, PATCH(allow_kind_change), NULL, NULL, NULL},
};
static const struct ktable PATCH_OPTIONS_TABLE =
    KTABLE("PatchArgs", struct patch_config, PATCH_OPTION_FIELDS);
static const struct kfield PATCH_FIELDS[] = {
    {"path", KFIELD_STR, PATCH(path), NULL, NULL, NULL},
    {"patch", KFIELD_STR, PATCH(patch), NULL, NULL, NULL},
    {"target", KFIELD_STRUCT, PATCH(target), &KUSTOMIZATION_SELECTOR_TABLE, NULL, NULL},
    {"target", KFIELD_SET, PATCH(has_target), NULL, NULL, NULL},
    {"options", KFIELD_STRUCT, 0, &PATCH_OPTIONS_TABLE, NULL, NULL},
};
const struct ktable KUSTOMIZATION_PATCH_TABLE = KTABLE("Patch", struct patch_config, PATCH_FIELDS);

#define IMAGE(field) offsetof(struct image_config, field)
static const struct kfield IMAGE_FIELDS[] = {
    {"name", KFIELD_STR, IMAGE(name), NULL, NULL, NULL},
    {"newName", KFIELD_STR, IMAGE(new_name), NULL, NULL, NULL},
    {"newTag", KFIELD_STR, IMAGE(new_tag), NULL, NULL, NULL},
    {"digest", KFIELD_STR, IMAGE(digest), NULL, NULL, NULL},
    {"tagSuffix", KFIELD_STR, IMAGE(tag_suffix), NULL, NULL, NULL},
};
const struct ktable KUSTOMIZATION_IMAGE_TABLE = KTABLE("Image", struct image_config, IMAGE_FIELDS);

#define REPLICA(field) offsetof(struct replicas_config, field)
static const struct kfield REPLICA_FIELDS[] = {
    {"name", KFIELD_STR, REPLICA(name), NULL, NULL, NULL},
    {"count", KFIELD_INT, REPLICA(count), NULL, NULL, NULL},
};
const struct ktable KUSTOMIZATION_REPLICA_TABLE =
    KTABLE("Replica", struct replicas_config, REPLICA_FIELDS);

/* ---- generators ---- */

#define OPTIONS(field) offsetof(struct generator_options, field)
static const struct kfield OPTIONS_FIELDS[] = {
    {"labels", KFIELD_STR_MAP, OPTIONS(labels), NULL, NULL, NULL},
    {"annotations", KFIELD_STR_MAP, OPTIONS(annotations), NULL, NULL, NULL},
    {"disableNameSuffixHash", KFIELD_BOOL, OPTIONS(disable_name_suffix_hash), NULL, NULL, NULL},
    {"immutable", KFIELD_BOOL, OPTIONS(immutable), NULL, NULL, NULL},
};
static const struct ktable OPTIONS_TABLE =
    KTABLE("GeneratorOptions", struct generator_options, OPTIONS_FIELDS);

#define PAIRS(field)  offsetof(struct pairs_source, field)
#define PAIRS_SOURCES "GeneratorArgs.KvPairSources."
#define PAIRS_ARGS    "GeneratorArgs."
#define PAIRS_ROWS                                                                 \
    {"name", KFIELD_STR, PAIRS(name), NULL, PAIRS_ARGS, NULL},                     \
        {"namespace", KFIELD_STR, PAIRS(namespace), NULL, PAIRS_ARGS, NULL},       \
        {"behavior", KFIELD_STR, PAIRS(behavior), NULL, PAIRS_ARGS, NULL},         \
        {"files", KFIELD_STR_LIST, PAIRS(files), NULL, PAIRS_SOURCES, NULL},       \
        {"envs", KFIELD_STR_LIST, PAIRS(envs), NULL, PAIRS_SOURCES, NULL},         \
        {"env", KFIELD_STR, PAIRS(env), NULL, PAIRS_SOURCES, NULL},                \
        {"literals", KFIELD_STR_LIST, PAIRS(literals), NULL, PAIRS_SOURCES, NULL}, \
        {"options", KFIELD_STRUCT, PAIRS(options), &OPTIONS_TABLE, PAIRS_ARGS, NULL},
static const struct kfield CONFIG_MAP_FIELDS[] = {PAIRS_ROWS};
const struct ktable KUSTOMIZATION_CONFIG_MAP_TABLE =
    KTABLE("ConfigMapArgs", struct pairs_source, CONFIG_MAP_FIELDS);
static const struct kfield SECRET_FIELDS[] = {
    PAIRS_ROWS{"type", KFIELD_STR, PAIRS(type), NULL, NULL, NULL},
};
const struct ktable KUSTOMIZATION_SECRET_TABLE =
    KTABLE("SecretArgs", struct pairs_source, SECRET_FIELDS);

/* ---- Helm ---- */

#define GLOBALS(field) offsetof(struct helm_globals, field)
static const struct kfield HELM_GLOBALS_FIELDS[] = {
    {"chartHome", KFIELD_STR, GLOBALS(chart_home), NULL, NULL, NULL},
    {"configHome", KFIELD_STR, GLOBALS(config_home), NULL, NULL, NULL},
};
const struct ktable KUSTOMIZATION_HELM_GLOBALS_TABLE =
    KTABLE("HelmGlobals", struct helm_globals, HELM_GLOBALS_FIELDS);

#define CHART(field) offsetof(struct helm_chart, field)
static const struct kfield HELM_CHART_FIELDS[] = {
    {"name", KFIELD_STR, CHART(name), NULL, NULL, NULL},
    {"version", KFIELD_STR, CHART(version), NULL, NULL, NULL},
    {"repo", KFIELD_STR, CHART(repo), NULL, NULL, NULL},
    {"releaseName", KFIELD_STR, CHART(release_name), NULL, NULL, NULL},
    {"namespace", KFIELD_STR, CHART(namespace), NULL, NULL, NULL},
    {"additionalValuesFiles", KFIELD_STR_LIST, CHART(additional_values_files), NULL, NULL, NULL},
    {"valuesFile", KFIELD_STR, CHART(values_file), NULL, NULL, NULL},
    {"valuesInline", KFIELD_TREE_MAP, CHART(values_inline), NULL, NULL, NULL},
    {"valuesMerge", KFIELD_STR, CHART(values_merge), NULL, NULL, NULL},
    {"includeCRDs", KFIELD_BOOL, CHART(include_crds), NULL, NULL, NULL},
    {"skipHooks", KFIELD_BOOL, CHART(skip_hooks), NULL, NULL, NULL},
    {"skipTests", KFIELD_BOOL, CHART(skip_tests), NULL, NULL, NULL},
    {"apiVersions", KFIELD_STR_LIST, CHART(api_versions), NULL, NULL, NULL},
    {"kubeVersion", KFIELD_STR, CHART(kube_version), NULL, NULL, NULL},
    {"nameTemplate", KFIELD_STR, CHART(name_template), NULL, NULL, NULL},
    {"debug", KFIELD_BOOL, CHART(debug), NULL, NULL, NULL},
    {"devel", KFIELD_BOOL, CHART(devel), NULL, NULL, NULL},
};
const struct ktable KUSTOMIZATION_HELM_CHART_TABLE =
    KTABLE("HelmChart", struct helm_chart, HELM_CHART_FIELDS);

#define INFLATION(field) offsetof(struct helm_inflation, field)
static const struct kfield HELM_INFLATION_FIELDS[] = {
    {"chartName", KFIELD_STR, INFLATION(chart_name), NULL, NULL, NULL},
    {"chartVersion", KFIELD_STR, INFLATION(chart_version), NULL, NULL, NULL},
    {"chartRepoUrl", KFIELD_STR, INFLATION(repo_url), NULL, NULL, NULL},
    {"chartHome", KFIELD_STR, INFLATION(chart_home), NULL, NULL, NULL},
    {"chartRepoName", KFIELD_STR, INFLATION(ignored), NULL, NULL, NULL},
    {"helmBin", KFIELD_STR, INFLATION(ignored), NULL, NULL, NULL},
    {"helmHome", KFIELD_STR, INFLATION(helm_home), NULL, NULL, NULL},
    {"values", KFIELD_STR, INFLATION(values), NULL, NULL, NULL},
    {"valuesLocal", KFIELD_TREE_MAP, INFLATION(values_local), NULL, NULL, NULL},
    {"valuesMerge", KFIELD_STR, INFLATION(values_merge), NULL, NULL, NULL},
    {"releaseName", KFIELD_STR, INFLATION(release_name), NULL, NULL, NULL},
    {"releaseNamespace", KFIELD_STR, INFLATION(ignored), NULL, NULL, NULL},
    {"extraArgs", KFIELD_STR_LIST, INFLATION(ignored_list), NULL, NULL, NULL},
};
static const struct ktable HELM_INFLATION_TABLE =
    KTABLE("HelmChartArgs", struct helm_inflation, HELM_INFLATION_FIELDS);

/* ---- replacements ---- */

#define FIELD_OPTIONS(field) offsetof(struct replacement_options, field)
static const struct kfield FIELD_OPTIONS_FIELDS[] = {
    {"delimiter", KFIELD_STR, FIELD_OPTIONS(delimiter), NULL, NULL, NULL},
    {"index", KFIELD_INT, FIELD_OPTIONS(index), NULL, NULL, NULL},
    {"encoding", KFIELD_STR, FIELD_OPTIONS(encoding), NULL, NULL, NULL},
    {"create", KFIELD_BOOL, FIELD_OPTIONS(create), NULL, NULL, NULL},
};
static const struct ktable FIELD_OPTIONS_TABLE =
    KTABLE("FieldOptions", struct replacement_options, FIELD_OPTIONS_FIELDS);
#define SOURCE(field) offsetof(struct replacement_source, field)
static const struct kfield SOURCE_FIELDS[] = {
    {"group", KFIELD_STR, SOURCE(id.gvk.group), NULL, "ResId.Gvk.", NULL},
    {"version", KFIELD_STR, SOURCE(id.gvk.version), NULL, "ResId.Gvk.", NULL},
    {"kind", KFIELD_STR, SOURCE(id.gvk.kind), NULL, "ResId.Gvk.", NULL},
    {"name", KFIELD_STR, SOURCE(id.name), NULL, "ResId.", NULL},
    {"namespace", KFIELD_STR, SOURCE(id.namespace), NULL, "ResId.", NULL},
    {"fieldPath", KFIELD_STR, SOURCE(field_path), NULL, NULL, NULL},
    {"options", KFIELD_STRUCT, SOURCE(options), &FIELD_OPTIONS_TABLE, NULL, NULL},
};
static const struct ktable SOURCE_TABLE =
    KTABLE("SourceSelector", struct replacement_source, SOURCE_FIELDS);
#define TARGET(field) offsetof(struct replacement_target, field)
static const struct kfield TARGET_FIELDS[] = {
    {"select", KFIELD_STRUCT, TARGET(select), &KUSTOMIZATION_SELECTOR_TABLE, NULL, NULL},
    {"select", KFIELD_SET, TARGET(has_select), NULL, NULL, NULL},
    {"reject", KFIELD_CHECKED_LIST, TARGET(reject), &KUSTOMIZATION_SELECTOR_TABLE, NULL, NULL},
    {"fieldPaths", KFIELD_STR_LIST, TARGET(field_paths), NULL, NULL, NULL},
    {"options", KFIELD_STRUCT, TARGET(options), &FIELD_OPTIONS_TABLE, NULL, NULL},
};
static const struct ktable TARGET_TABLE =
    KTABLE("TargetSelector", struct replacement_target, TARGET_FIELDS);
#define REPLACEMENT(field) offsetof(struct replacement, field)
static const struct kfield REPLACEMENT_FIELDS[] = {
    {"path", KFIELD_STR, REPLACEMENT(path), NULL, NULL, NULL},
    {"source", KFIELD_STRUCT, REPLACEMENT(source), &SOURCE_TABLE, "Replacement.", NULL},
    {"source", KFIELD_SET, REPLACEMENT(has_source), NULL, NULL, NULL},
    {"sourceValue", KFIELD_STR, REPLACEMENT(source_value), NULL, "Replacement.", NULL},
    {"sourceValue", KFIELD_SET, REPLACEMENT(has_source_value), NULL, NULL, NULL},
    {"targets", KFIELD_LIST, REPLACEMENT(targets), &TARGET_TABLE, "Replacement.", NULL},
    {"targets", KFIELD_SET, REPLACEMENT(has_targets), NULL, NULL, NULL},
};
const struct ktable KUSTOMIZATION_REPLACEMENT_TABLE =
    KTABLE("ReplacementField", struct replacement, REPLACEMENT_FIELDS);

/* ---- vars: checked here, read by those who make them happen ---- */

struct var_check {
    struct str text;
};
#define CHECK(field) offsetof(struct var_check, field)
static const struct kfield VAR_OBJECT_FIELDS[] = {
    {"apiVersion", KFIELD_STR, CHECK(text), NULL, NULL, NULL},
    {"group", KFIELD_STR, CHECK(text), NULL, "Gvk.", NULL},
    {"version", KFIELD_STR, CHECK(text), NULL, "Gvk.", NULL},
    {"kind", KFIELD_STR, CHECK(text), NULL, "Gvk.", NULL},
    {"name", KFIELD_STR, CHECK(text), NULL, NULL, NULL},
    {"namespace", KFIELD_STR, CHECK(text), NULL, NULL, NULL},
};
static const struct ktable VAR_OBJECT_TABLE = KTABLE("Target", struct var_check, VAR_OBJECT_FIELDS);
static const struct kfield VAR_FIELD_FIELDS[] = {
    {"fieldPath", KFIELD_STR, CHECK(text), NULL, NULL, NULL},
};
static const struct ktable VAR_FIELD_TABLE =
    KTABLE("FieldSelector", struct var_check, VAR_FIELD_FIELDS);
static const struct kfield VAR_FIELDS[] = {
    {"name", KFIELD_STR, CHECK(text), NULL, NULL, NULL},
    {"objref", KFIELD_STRUCT, 0, &VAR_OBJECT_TABLE, NULL, NULL},
    {"fieldref", KFIELD_STRUCT, 0, &VAR_FIELD_TABLE, NULL, NULL},
};
static const struct ktable VAR_TABLE = KTABLE("Var", struct var_check, VAR_FIELDS);

/* ---- order ---- */

#define SORT(field) offsetof(struct ksort, field)
static const struct kfield LEGACY_SORT_FIELDS[] = {
    {"orderFirst", KFIELD_STR_LIST, SORT(first), NULL, NULL, NULL},
    {"orderLast", KFIELD_STR_LIST, SORT(last), NULL, NULL, NULL},
};
static const struct ktable LEGACY_SORT_TABLE =
    KTABLE("LegacySortOptions", struct ksort, LEGACY_SORT_FIELDS);
static const struct kfield SORT_FIELDS[] = {
    {"order", KFIELD_STR, SORT(order), NULL, NULL, "types.SortOrder"},
    {"legacySortOptions", KFIELD_STRUCT, 0, &LEGACY_SORT_TABLE, NULL, NULL},
    {"legacySortOptions", KFIELD_SET, SORT(has_legacy), NULL, NULL, NULL},
};
static const struct ktable SORT_TABLE = KTABLE("SortOptions", struct ksort, SORT_FIELDS);

/* ---- the file ---- */

#define K(field)   offsetof(struct kustomization_fields, k.field)
#define OLD(field) offsetof(struct kustomization_fields, old.field)
static const struct kfield FIELDS[] = {
    {"apiVersion", KFIELD_STR, K(api_version), NULL, "TypeMeta.", NULL},
    {"kind", KFIELD_STR, K(kind), NULL, "TypeMeta.", NULL},
    {"metadata", KFIELD_STRUCT, K(metadata), &KUSTOMIZATION_METADATA_TABLE, NULL, NULL},
    {"openapi", KFIELD_STR_MAP, K(openapi), NULL, NULL, NULL},
    {"namePrefix", KFIELD_STR, K(name_prefix), NULL, NULL, NULL},
    {"nameSuffix", KFIELD_STR, K(name_suffix), NULL, NULL, NULL},
    {"namespace", KFIELD_STR, K(namespace), NULL, NULL, NULL},
    {"commonLabels", KFIELD_STR_MAP, K(common_labels), NULL, NULL, NULL},
    {"commonLabels", KFIELD_SET, OLD(has_common_labels), NULL, NULL, NULL},
    {"labels", KFIELD_LIST, K(labels), &KUSTOMIZATION_LABELS_TABLE, NULL, NULL},
    {"commonAnnotations", KFIELD_STR_MAP, K(common_annotations), NULL, NULL, NULL},
    {"patchesStrategicMerge", KFIELD_STR_LIST, K(patches_strategic_merge), NULL, NULL,
     "types.PatchStrategicMerge"},
    {"patchesStrategicMerge", KFIELD_SET, OLD(has_patches_strategic_merge), NULL, NULL, NULL},
    {"patchesJson6902", KFIELD_LIST, K(patches_json6902), &KUSTOMIZATION_PATCH_TABLE, NULL, NULL},
    {"patchesJson6902", KFIELD_SET, OLD(has_patches_json6902), NULL, NULL, NULL},
    {"patches", KFIELD_LIST, K(patches), &KUSTOMIZATION_PATCH_TABLE, NULL, NULL},
    {"images", KFIELD_LIST, K(images), &KUSTOMIZATION_IMAGE_TABLE, NULL, NULL},
    {"imageTags", KFIELD_LIST, OLD(image_tags), &KUSTOMIZATION_IMAGE_TABLE, NULL, NULL},
    {"imageTags", KFIELD_SET, OLD(has_image_tags), NULL, NULL, NULL},
    {"replacements", KFIELD_CHECKED_LIST, K(replacements), &KUSTOMIZATION_REPLACEMENT_TABLE, NULL,
     NULL},
    {"replicas", KFIELD_LIST, K(replicas), &KUSTOMIZATION_REPLICA_TABLE, NULL, NULL},
    {"vars", KFIELD_CHECKED_LIST, K(vars), &VAR_TABLE, NULL, NULL},
    {"vars", KFIELD_SET, OLD(has_vars), NULL, NULL, NULL},
    {"sortOptions", KFIELD_STRUCT, K(sort), &SORT_TABLE, NULL, NULL},
    {"sortOptions", KFIELD_SET, K(has_sort), NULL, NULL, NULL},
    {"resources", KFIELD_STR_LIST, K(resources), NULL, NULL, NULL},
    {"components", KFIELD_STR_LIST, K(components), NULL, NULL, NULL},
    {"crds", KFIELD_STR_LIST, K(crds), NULL, NULL, NULL},
    {"bases", KFIELD_STR_LIST, OLD(bases), NULL, NULL, NULL},
    {"bases", KFIELD_SET, OLD(has_bases), NULL, NULL, NULL},
    {"configMapGenerator", KFIELD_LIST, K(config_map_generator), &KUSTOMIZATION_CONFIG_MAP_TABLE,
     NULL, NULL},
    {"secretGenerator", KFIELD_LIST, K(secret_generator), &KUSTOMIZATION_SECRET_TABLE, NULL, NULL},
    {"helmGlobals", KFIELD_STRUCT, K(helm_globals), &KUSTOMIZATION_HELM_GLOBALS_TABLE, NULL, NULL},
    {"helmGlobals", KFIELD_SET, OLD(has_helm_globals), NULL, NULL, NULL},
    {"helmCharts", KFIELD_LIST, K(helm_charts), &KUSTOMIZATION_HELM_CHART_TABLE, NULL, NULL},
    {"helmChartInflationGenerator", KFIELD_LIST, OLD(helm_inflation), &HELM_INFLATION_TABLE, NULL,
     NULL},
    {"generatorOptions", KFIELD_STRUCT, K(generator_options), &OPTIONS_TABLE, NULL, NULL},
    {"configurations", KFIELD_STR_LIST, K(configurations), NULL, NULL, NULL},
    {"generators", KFIELD_STR_LIST, K(generators), NULL, NULL, NULL},
    {"transformers", KFIELD_STR_LIST, K(transformers), NULL, NULL, NULL},
    {"validators", KFIELD_STR_LIST, K(validators), NULL, NULL, NULL},
    {"buildMetadata", KFIELD_STR_LIST, K(build_metadata), NULL, NULL, NULL},
};
const struct ktable KUSTOMIZATION_TABLE =
    KTABLE("Kustomization", struct kustomization_fields, FIELDS);
