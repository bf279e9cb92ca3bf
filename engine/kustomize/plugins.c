/* A row for each built-in kind: how its config decodes, and what then runs. */
#include "engine/kustomize/plugins.h"

#include <stdbool.h>
#include <stddef.h>

#include "common/base/arena.h"
#include "common/value/value.h"
#include "engine/engine_env.h"
#include "engine/kustomize/kbuild.h"
#include "engine/kustomize/kdecode.h"
#include "engine/kustomize/kres.h"
#include "engine/kustomize/kustomization.h"
#include "engine/kustomize/kustomize.h"
#include "engine/kustomize/resmap.h"
#include "engine/kustomize/transform.h"

/* What any of them may have. */
struct plugin_config {
    struct kmetadata metadata;
    const struct value *field_specs;
    struct value_str_pairs labels;
    struct value_str_pairs annotations;
    struct str prefix;
    struct str suffix;
    bool unset_only;
    struct str subjects;
    struct image_config image;
    struct replicas_config replica;
    struct patch_config patch;
    struct str json_op;
    struct value_strs paths;
    struct str patches;
    const struct value *replacements;
    struct pairs_source pairs;
    struct helm_chart chart;
    struct helm_globals globals;
};

struct call {
    const struct klayer *layer;
    const struct kres *config;
    struct resmap *m;
    struct plugin_config c;
    struct fieldspecs fields;
};

/* ---- transformers ---- */

static int run_annotations(const struct call *call, struct err *err)
{
    struct pairs_config config = {call->c.annotations, call->fields};
    return transform_annotations(call->layer, call->m, &config, err);
}

static int run_labels(const struct call *call, struct err *err)
{
    struct pairs_config config = {call->c.labels, call->fields};
    return transform_labels(call->layer, call->m, &config, err);
}

static int run_hash(const struct call *call, struct err *err)
{
    return transform_hash(call->layer, call->m, err);
}

static int run_image(const struct call *call, struct err *err)
{
    struct image_config config = call->c.image;
    config.fields = call->fields;
    return transform_images(call->layer, call->m, &config, err);
}

static int parse_subjects(struct str text, enum subject_mode *ret, struct err *err)
{
    static const char *const NAMES[] = {
        [SUBJECTS_DEFAULT_ONLY] = "defaultOnly",
        [SUBJECTS_ALL_SERVICE_ACCOUNTS] = "allServiceAccounts",
        [SUBJECTS_NONE] = "none",
    };
    *ret = SUBJECTS_DEFAULT_ONLY;
    for (size_t i = 0; i < ARRAY_LEN(NAMES); i++) {
        if (str_eq_c(text, NAMES[i])) {
            *ret = (enum subject_mode)i;
            return 0;
        }
    }
    if (text.n == 0) {
        return 0;
    }
    return err_set(err, ERR_INVALID,
                   "invalid value \"" STR_FMT "\" for setRoleBindingSubjects: must be one of "
                   "\"defaultOnly\", \"none\" or \"allServiceAccounts\"",
                   STR_ARG(text));
}

static int run_namespace(const struct call *call, struct err *err)
{
    struct namespace_config config = {
        .namespace = call->c.metadata.namespace,
        .fields = call->fields,
        .unset_only = call->c.unset_only,
    };
    TRY(parse_subjects(call->c.subjects, &config.subjects, err));
    return transform_namespace(call->layer, call->m, &config, err);
}

static int run_json_patch(const struct call *call, struct err *err)
{
    struct patch_json6902_config config = {call->c.patch.path, call->c.json_op,
                                           call->c.patch.target};
    return transform_patch_json6902(call->layer, call->m, &config, err);
}

static int run_strategic_patch(const struct call *call, struct err *err)
{
    struct patch_strategic_config config = {call->c.paths.items, call->c.paths.n, call->c.patches};
    return transform_patch_strategic(call->layer, call->m, &config, err);
}

static int run_patch(const struct call *call, struct err *err)
{
    return transform_patch(call->layer, call->m, &call->c.patch, err);
}

static int need_fields(const struct call *call, struct err *err)
{
    if (value_type(call->c.field_specs) == VALUE_NULL) {
        return err_set(err, ERR_INVALID, "fieldSpecs is not expected to be nil");
    }
    return 0;
}

static int run_prefix(const struct call *call, struct err *err)
{
    struct affix_config config = {call->c.prefix, call->fields};
    TRY(need_fields(call, err));
    return transform_prefix(call->layer, call->m, &config, err);
}

static int run_suffix(const struct call *call, struct err *err)
{
    struct affix_config config = {call->c.suffix, call->fields};
    TRY(need_fields(call, err));
    return transform_suffix(call->layer, call->m, &config, err);
}

static int run_prefix_suffix(const struct call *call, struct err *err)
{
    TRY(run_prefix(call, err));
    return run_suffix(call, err);
}

static int run_replacements(const struct call *call, struct err *err)
{
    return transform_replacements(call->layer, call->m, call->c.replacements, err);
}

static int run_replicas(const struct call *call, struct err *err)
{
    struct replicas_config config = call->c.replica;
    config.fields = call->fields;
    return transform_replicas(call->layer, call->m, &config, err);
}

static int run_value_add(const struct call *call, struct err *err)
{
    return transform_value_add(call->layer, call->m, call->config->object, err);
}

/* ---- generators ---- */

/* What the config does not name is what its own metadata does. */
static struct pairs_source pairs_of(const struct call *call)
{
    struct pairs_source pairs = call->c.pairs;
    pairs.name = pairs.name.n > 0 ? pairs.name : call->c.metadata.name;
    pairs.namespace = pairs.namespace.n > 0 ? pairs.namespace : call->c.metadata.namespace;
    return pairs;
}

static int run_config_map(const struct call *call, struct err *err)
{
    static const struct generator_options NO_DEFAULTS;
    struct pairs_source pairs = pairs_of(call);
    return generate_config_map(call->layer, &pairs, &NO_DEFAULTS, call->m, err);
}

static int run_secret(const struct call *call, struct err *err)
{
    static const struct generator_options NO_DEFAULTS;
    struct pairs_source pairs = pairs_of(call);
    return generate_secret(call->layer, &pairs, &NO_DEFAULTS, call->m, err);
}

static int run_helm_chart(const struct call *call, struct err *err)
{
    return generate_helm_chart(call->layer, &call->c.chart, &call->c.globals, call->m, err);
}

static int run_iam_policy(const struct call *call, struct err *err)
{
    return generate_iam_policy(call->layer, call->config->object, call->m, err);
}

/* ---- configs ---- */

#define AT(field) offsetof(struct plugin_config, field)
#define FIELD_SPECS                                                  \
    {                                                                \
        "fieldSpecs", KFIELD_TREE, AT(field_specs), NULL, NULL, NULL \
    }
#define METADATA                                                                           \
    {                                                                                      \
        "metadata", KFIELD_STRUCT, AT(metadata), &KUSTOMIZATION_METADATA_TABLE, NULL, NULL \
    }
#define TARGET                                                                               \
    {                                                                                        \
        "target", KFIELD_STRUCT, AT(patch.target), &KUSTOMIZATION_SELECTOR_TABLE, NULL, NULL \
    }
#define TABLE(kind, rows) KTABLE(kind "Plugin", struct plugin_config, rows)

static const struct kfield ANNOTATIONS_FIELDS[] = {
    {"annotations", KFIELD_STR_MAP, AT(annotations), NULL, NULL, NULL}, FIELD_SPECS};
static const struct kfield LABELS_FIELDS[] = {
    {"labels", KFIELD_STR_MAP, AT(labels), NULL, NULL, NULL}, FIELD_SPECS};
static const struct kfield IMAGE_FIELDS[] = {
    {"imageTag", KFIELD_STRUCT, AT(image), &KUSTOMIZATION_IMAGE_TABLE, NULL, NULL}, FIELD_SPECS};
static const struct kfield NAMESPACE_FIELDS[] = {
    METADATA,
    FIELD_SPECS,
    {"unsetOnly", KFIELD_BOOL, AT(unset_only), NULL, NULL, NULL},
    {"setRoleBindingSubjects", KFIELD_STR, AT(subjects), NULL, NULL,
     "namespace.RoleBindingSubjectMode"},
};
static const struct kfield JSON_PATCH_FIELDS[] = {
    TARGET,
    {"path", KFIELD_STR, AT(patch.path), NULL, NULL, NULL},
    {"jsonOp", KFIELD_STR, AT(json_op), NULL, NULL, NULL},
};
static const struct kfield STRATEGIC_FIELDS[] = {
    {"paths", KFIELD_STR_LIST, AT(paths), NULL, NULL, "types.PatchStrategicMerge"},
    {"patches", KFIELD_STR, AT(patches), NULL, NULL, NULL},
};
static const struct kfield PREFIX_FIELDS[] = {{"prefix", KFIELD_STR, AT(prefix), NULL, NULL, NULL},
                                              FIELD_SPECS};
static const struct kfield SUFFIX_FIELDS[] = {{"suffix", KFIELD_STR, AT(suffix), NULL, NULL, NULL},
                                              FIELD_SPECS};
static const struct kfield PREFIX_SUFFIX_FIELDS[] = {
    {"prefix", KFIELD_STR, AT(prefix), NULL, NULL, NULL},
    {"suffix", KFIELD_STR, AT(suffix), NULL, NULL, NULL},
    FIELD_SPECS,
};
static const struct kfield REPLACEMENT_FIELDS[] = {
    {"replacements", KFIELD_TREE, AT(replacements), NULL, NULL, NULL}};
static const struct kfield REPLICAS_FIELDS[] = {
    {"replica", KFIELD_STRUCT, AT(replica), &KUSTOMIZATION_REPLICA_TABLE, NULL, NULL}, FIELD_SPECS};
static const struct kfield METADATA_FIELDS[] = {METADATA};

static const struct ktable ANNOTATIONS = TABLE("AnnotationsTransformer", ANNOTATIONS_FIELDS);
static const struct ktable LABELS = TABLE("LabelTransformer", LABELS_FIELDS);
static const struct ktable IMAGE = TABLE("ImageTagTransformer", IMAGE_FIELDS);
static const struct ktable NAMESPACE = TABLE("NamespaceTransformer", NAMESPACE_FIELDS);
static const struct ktable JSON_PATCH = TABLE("PatchJson6902Transformer", JSON_PATCH_FIELDS);
static const struct ktable STRATEGIC = TABLE("PatchStrategicMergeTransformer", STRATEGIC_FIELDS);
static const struct ktable PREFIX = TABLE("PrefixTransformer", PREFIX_FIELDS);
static const struct ktable SUFFIX = TABLE("SuffixTransformer", SUFFIX_FIELDS);
static const struct ktable PREFIX_SUFFIX = TABLE("PrefixSuffixTransformer", PREFIX_SUFFIX_FIELDS);
static const struct ktable REPLACEMENT = TABLE("ReplacementTransformer", REPLACEMENT_FIELDS);
static const struct ktable REPLICAS = TABLE("ReplicaCountTransformer", REPLICAS_FIELDS);
static const struct ktable META = TABLE("Generator", METADATA_FIELDS);

/* One table of the config for a part of the struct; the parts of a kind are decoded one after the other. */
struct part {
    const struct ktable *table;
    size_t offset;
};

enum { PARTS_MAX = 2 };

struct plugin {
    const char *kind;
    enum { TRANSFORMER, GENERATOR } type;
    int (*run)(const struct call *call, struct err *err);
    struct part parts[PARTS_MAX];
};

static const struct plugin PLUGINS[] = {
    {"AnnotationsTransformer", TRANSFORMER, run_annotations, {{&ANNOTATIONS, 0}}},
    {"HashTransformer", TRANSFORMER, run_hash, {{NULL, 0}}},
    {"ImageTagTransformer", TRANSFORMER, run_image, {{&IMAGE, 0}}},
    {"LabelTransformer", TRANSFORMER, run_labels, {{&LABELS, 0}}},
    {"NamespaceTransformer", TRANSFORMER, run_namespace, {{&NAMESPACE, 0}}},
    {"PatchJson6902Transformer", TRANSFORMER, run_json_patch, {{&JSON_PATCH, 0}}},
    {"PatchStrategicMergeTransformer", TRANSFORMER, run_strategic_patch, {{&STRATEGIC, 0}}},
    {"PatchTransformer", TRANSFORMER, run_patch, {{&KUSTOMIZATION_PATCH_TABLE, AT(patch)}}},
    {"PrefixSuffixTransformer", TRANSFORMER, run_prefix_suffix, {{&PREFIX_SUFFIX, 0}}},
    {"PrefixTransformer", TRANSFORMER, run_prefix, {{&PREFIX, 0}}},
    {"SuffixTransformer", TRANSFORMER, run_suffix, {{&SUFFIX, 0}}},
    {"ReplacementTransformer", TRANSFORMER, run_replacements, {{&REPLACEMENT, 0}}},
    {"ReplicaCountTransformer", TRANSFORMER, run_replicas, {{&REPLICAS, 0}}},
    {"ValueAddTransformer", TRANSFORMER, run_value_add, {{NULL, 0}}},
    {"ConfigMapGenerator",
     GENERATOR,
     run_config_map,
     {{&META, 0}, {&KUSTOMIZATION_CONFIG_MAP_TABLE, AT(pairs)}}},
    {"SecretGenerator",
     GENERATOR,
     run_secret,
     {{&META, 0}, {&KUSTOMIZATION_SECRET_TABLE, AT(pairs)}}},
    {"HelmChartInflationGenerator",
     GENERATOR,
     run_helm_chart,
     {{&KUSTOMIZATION_HELM_CHART_TABLE, AT(chart)},
      {&KUSTOMIZATION_HELM_GLOBALS_TABLE, AT(globals)}}},
    {"IAMPolicyGenerator", GENERATOR, run_iam_policy, {{NULL, 0}}},
};

/* ---- entry ---- */

static int find(const struct klayer *layer,
                const struct kres *config,
                const struct plugin **ret,
                struct err *err)
{
    const struct kgvk *gvk = &config->id.gvk;
    if (gvk->group.n > 0 || !str_eq_c(gvk->version, "builtin")) {
        struct kid id = kres_original_id(config);
        return err_set(err, ERR_UNSUPPORTED,
                       "external plugins disabled; unable to load external plugin '" STR_FMT "'",
                       STR_ARG(id.gvk.kind));
    }
    for (size_t i = 0; i < ARRAY_LEN(PLUGINS); i++) {
        if (str_eq_c(gvk->kind, PLUGINS[i].kind)) {
            *ret = &PLUGINS[i];
            return 0;
        }
    }
    return err_set(err, ERR_INVALID, "unable to load builtin " STR_FMT,
                   STR_ARG(kgvk_format(layer->build->env->arena, gvk)));
}

static int configure(struct call *call, const struct plugin *plugin, struct err *err)
{
    struct arena *arena = call->layer->build->env->arena;
    for (size_t i = 0; i < PARTS_MAX && plugin->parts[i].table != NULL; i++) {
        const struct part *part = &plugin->parts[i];
        if (kdecode_map(arena, call->config->object, part->table, KDECODE_LAX,
                        (char *)&call->c + part->offset, err) < 0) {
            return kbuild_wrap(call->layer->build, err,
                               "error unmarshaling JSON: while decoding JSON");
        }
    }
    return fieldspecs_from_value(arena, call->c.field_specs, &call->fields, err);
}

static int run(const struct klayer *layer,
               const struct kres *config,
               const struct plugin *plugin,
               struct resmap *m,
               struct err *err)
{
    struct call *call = ARENA_NEW(layer->build->env->arena, struct call);
    call->layer = layer;
    call->config = config;
    call->m = m;
    int rc = configure(call, plugin, err);
    rc = rc < 0 ? rc : plugin->run(call, err);
    if (rc < 0) {
        struct kid id = kres_original_id(config);
        (void)kbuild_wrap(layer->build, err, "plugin " STR_FMT " fails configuration",
                          STR_ARG(kid_format(layer->build->env->arena, &id)));
        return err_at(err, config->file, config->line, 0);
    }
    return 0;
}

int plugins_generate(const struct klayer *layer,
                     const struct kres *config,
                     struct resmap *m,
                     struct err *err)
{
    const struct plugin *plugin;
    TRY(find(layer, config, &plugin, err));
    if (plugin->type != GENERATOR) {
        struct kid id = kres_original_id(config);
        return err_set(err, ERR_INVALID, "plugin " STR_FMT " not a generator",
                       STR_ARG(kid_format(layer->build->env->arena, &id)));
    }
    return run(layer, config, plugin, m, err);
}

int plugins_transform(const struct klayer *layer,
                      const struct kres *config,
                      struct resmap *m,
                      struct err *err)
{
    const struct plugin *plugin;
    TRY(find(layer, config, &plugin, err));
    if (plugin->type != TRANSFORMER) {
        struct kid id = kres_original_id(config);
        return err_set(err, ERR_INVALID, "plugin " STR_FMT " not a transformer",
                       STR_ARG(kid_format(layer->build->env->arena, &id)));
    }
    return run(layer, config, plugin, m, err);
}
