/* A row for each field in the order they run, and a function for each that runs its entries. */
#include "engine/kustomize/field_plugins.h"

#include "common/base/arena.h"
#include "common/value/value.h"
#include "engine/engine_env.h"
#include "engine/kustomize/kbuild.h"
#include "engine/kustomize/kconfig.h"
#include "engine/kustomize/korigin.h"
#include "engine/kustomize/kustomization.h"
#include "engine/kustomize/kustomize.h"
#include "engine/kustomize/resmap.h"
#include "engine/kustomize/transform.h"

/* A field's entries on their way. */
struct run {
    const struct klayer *layer;
    const struct kustomization *k;
    struct resmap *m;
    const char *kind; /* of the plugin */
};

static struct arena *arena_of(const struct run *r)
{
    return r->layer->build->env->arena;
}

static const struct korigin *origin_of(const struct run *r)
{
    return korigin_field(arena_of(r), r->layer->origin, r->k->file, r->kind);
}

/* ---- generators ---- */

static int absorb(const struct run *r, struct resmap *generated, struct err *err)
{
    korigin_mark_generated(generated, origin_of(r));
    if (resmap_absorb(r->m, generated, err) < 0) {
        return kbuild_wrap(r->layer->build, err, "merging from generator %s", r->kind);
    }
    return 0;
}

static struct resmap *new_map(const struct run *r)
{
    return resmap_new(r->layer->build->env, r->layer->build->schema);
}

static int run_config_maps(const struct run *r, struct err *err)
{
    const struct pairs_source *items = r->k->config_map_generator.items;
    for (size_t i = 0; i < r->k->config_map_generator.n; i++) {
        struct resmap *generated = new_map(r);
        TRY(generate_config_map(r->layer, &items[i], &r->k->generator_options, generated, err));
        TRY(absorb(r, generated, err));
    }
    return 0;
}

static int run_secrets(const struct run *r, struct err *err)
{
    const struct pairs_source *items = r->k->secret_generator.items;
    for (size_t i = 0; i < r->k->secret_generator.n; i++) {
        struct resmap *generated = new_map(r);
        TRY(generate_secret(r->layer, &items[i], &r->k->generator_options, generated, err));
        TRY(absorb(r, generated, err));
    }
    return 0;
}

static int run_helm_charts(const struct run *r, struct err *err)
{
    const struct helm_chart *items = r->k->helm_charts.items;
    for (size_t i = 0; i < r->k->helm_charts.n; i++) {
        struct resmap *generated = new_map(r);
        struct helm_chart chart = items[i];
        if (chart.namespace.n == 0) {
            chart.namespace = r->layer->namespace;
        }
        TRY(generate_helm_chart(r->layer, &chart, &r->k->helm_globals, generated, err));
        TRY(absorb(r, generated, err));
    }
    return 0;
}

/* ---- transformers ---- */

/* After each: what was emptied goes, and its work is noted. */
static int done(const struct run *r)
{
    korigin_mark_transformed(arena_of(r), r->m, origin_of(r));
    resmap_drop_empty(r->m);
    return 0;
}

static struct fieldspecs fields_of(const struct run *r, enum kconfig_field field)
{
    return r->layer->config->fields[field];
}

static int run_strategic_patches(const struct run *r, struct err *err)
{
    struct patch_strategic_config config = {
        .paths = r->k->patches_strategic_merge.items,
        .n_paths = r->k->patches_strategic_merge.n,
    };
    if (config.n_paths == 0) {
        return 0;
    }
    TRY(transform_patch_strategic(r->layer, r->m, &config, err));
    return done(r);
}

static int run_patches(const struct run *r, struct err *err)
{
    const struct patch_config *items = r->k->patches.items;
    for (size_t i = 0; i < r->k->patches.n; i++) {
        TRY(transform_patch(r->layer, r->m, &items[i], err));
        TRY(done(r));
    }
    return 0;
}

static int run_namespace(const struct run *r, struct err *err)
{
    struct namespace_config config = {
        .namespace = r->k->namespace,
        .fields = fields_of(r, KCONFIG_NAMESPACE),
        .subjects = SUBJECTS_DEFAULT_ONLY,
    };
    if (config.namespace.n == 0) {
        return 0;
    }
    TRY(transform_namespace(r->layer, r->m, &config, err));
    return done(r);
}

static int run_prefix(const struct run *r, struct err *err)
{
    struct affix_config config = {r->k->name_prefix, fields_of(r, KCONFIG_NAME_PREFIX)};
    if (config.affix.n == 0) {
        return 0;
    }
    TRY(transform_prefix(r->layer, r->m, &config, err));
    return done(r);
}

static int run_suffix(const struct run *r, struct err *err)
{
    struct affix_config config = {r->k->name_suffix, fields_of(r, KCONFIG_NAME_SUFFIX)};
    if (config.affix.n == 0) {
        return 0;
    }
    TRY(transform_suffix(r->layer, r->m, &config, err));
    return done(r);
}

static int merge_fields(const struct run *r,
                        struct fieldspecs *fields,
                        struct fieldspecs more,
                        struct err *err)
{
    if (fieldspecs_merge(arena_of(r), *fields, more, fields, err) < 0) {
        return kbuild_wrap(r->layer->build, err, "failed to merge labels");
    }
    return 0;
}

/* The fields of one entry of `labels`. */
static int label_fields(const struct run *r,
                        const struct klabels *labels,
                        struct fieldspecs *ret,
                        struct err *err)
{
    static const struct fieldspec METADATA = {.path = {"metadata/labels", 15}, .create = true};
    struct fieldspecs fields;
    TRY(fieldspecs_from_value(arena_of(r), labels->fields, &fields, err));
    TRY(merge_fields(r, &fields, fields_of(r, KCONFIG_LABELS), err));
    if (labels->include_selectors) {
        TRY(merge_fields(r, &fields, fields_of(r, KCONFIG_COMMON_LABELS), err));
        *ret = fields;
        return 0;
    }
    if (labels->include_templates) {
        TRY(merge_fields(r, &fields, fields_of(r, KCONFIG_TEMPLATE_LABELS), err));
    }
    if (labels->include_volume_claim_templates) {
        TRY(merge_fields(r, &fields, fields_of(r, KCONFIG_VOLUME_CLAIM_TEMPLATE_LABELS), err));
    }
    TRY(merge_fields(r, &fields, (struct fieldspecs){&METADATA, 1}, err));
    *ret = fields;
    return 0;
}

static int run_labels(const struct run *r, struct err *err)
{
    const struct klabels *items = r->k->labels.items;
    if (r->k->labels.n == 0 && r->k->common_labels.n == 0) {
        return 0;
    }
    for (size_t i = 0; i < r->k->labels.n; i++) {
        struct pairs_config config = {.pairs = items[i].pairs};
        TRY(label_fields(r, &items[i], &config.fields, err));
        TRY(transform_labels(r->layer, r->m, &config, err));
        TRY(done(r));
    }
    /* also without any: kustomize notes it as a transformer all the same */
    struct pairs_config config = {r->k->common_labels, fields_of(r, KCONFIG_COMMON_LABELS)};
    TRY(transform_labels(r->layer, r->m, &config, err));
    return done(r);
}

static int run_annotations(const struct run *r, struct err *err)
{
    struct pairs_config config = {r->k->common_annotations,
                                  fields_of(r, KCONFIG_COMMON_ANNOTATIONS)};
    if (config.pairs.n == 0) {
        return 0;
    }
    TRY(transform_annotations(r->layer, r->m, &config, err));
    return done(r);
}

static int run_json_patches(const struct run *r, struct err *err)
{
    const struct patch_config *items = r->k->patches_json6902.items;
    for (size_t i = 0; i < r->k->patches_json6902.n; i++) {
        struct patch_json6902_config config = {items[i].path, items[i].patch, items[i].target};
        TRY(transform_patch_json6902(r->layer, r->m, &config, err));
        TRY(done(r));
    }
    return 0;
}

static int run_replicas(const struct run *r, struct err *err)
{
    const struct replicas_config *items = r->k->replicas.items;
    for (size_t i = 0; i < r->k->replicas.n; i++) {
        struct replicas_config config = items[i];
        config.fields = fields_of(r, KCONFIG_REPLICAS);
        TRY(transform_replicas(r->layer, r->m, &config, err));
        TRY(done(r));
    }
    return 0;
}

static int run_images(const struct run *r, struct err *err)
{
    const struct image_config *items = r->k->images.items;
    for (size_t i = 0; i < r->k->images.n; i++) {
        struct image_config config = items[i];
        config.fields = fields_of(r, KCONFIG_IMAGES);
        TRY(transform_images(r->layer, r->m, &config, err));
        TRY(done(r));
    }
    return 0;
}

static int run_replacements(const struct run *r, struct err *err)
{
    if (value_len(r->k->replacements) == 0) {
        return 0;
    }
    TRY(transform_replacements(r->layer, r->m, r->k->replacements, err));
    return done(r);
}

/* ---- tables ---- */

struct field_plugin {
    const char *kind;
    int (*run)(const struct run *r, struct err *err);
};

static const struct field_plugin GENERATORS[] = {
    {"ConfigMapGenerator", run_config_maps},
    {"SecretGenerator", run_secrets},
    {"HelmChartInflationGenerator", run_helm_charts},
};

static const struct field_plugin TRANSFORMERS[] = {
    {"PatchStrategicMergeTransformer", run_strategic_patches},
    {"PatchTransformer", run_patches},
    {"NamespaceTransformer", run_namespace},
    {"PrefixTransformer", run_prefix},
    {"SuffixTransformer", run_suffix},
    {"LabelTransformer", run_labels},
    {"AnnotationsTransformer", run_annotations},
    {"PatchJson6902Transformer", run_json_patches},
    {"ReplicaCountTransformer", run_replicas},
    {"ImageTagTransformer", run_images},
    {"ReplacementTransformer", run_replacements},
};

static int run_all(const struct field_plugin *plugins, size_t n, struct run *r, struct err *err)
{
    for (size_t i = 0; i < n; i++) {
        r->kind = plugins[i].kind;
        TRY(plugins[i].run(r, err));
    }
    return 0;
}

int field_plugins_generate(const struct klayer *layer,
                           const struct kustomization *k,
                           struct resmap *m,
                           struct err *err)
{
    struct run r = {.layer = layer, .k = k, .m = m};
    return run_all(GENERATORS, ARRAY_LEN(GENERATORS), &r, err);
}

int field_plugins_transform(const struct klayer *layer,
                            const struct kustomization *k,
                            struct resmap *m,
                            struct err *err)
{
    struct run r = {.layer = layer, .k = k, .m = m};
    return run_all(TRANSFORMERS, ARRAY_LEN(TRANSFORMERS), &r, err);
}
