/* A whole build: accumulate, then what is done once at the top (hashes, references, variables, order), and the annotations that
 * leave or enter at the end. */
#include "engine/kustomize/kustomize.h"

#include <math.h>

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "common/value/value_yaml.h"
#include "engine/engine_env.h"
#include "engine/kustomize/accumulate.h"
#include "engine/kustomize/kconfig.h"
#include "engine/kustomize/korigin.h"
#include "engine/kustomize/kschema.h"
#include "engine/kustomize/resmap.h"
#include "engine/kustomize/transform.h"

#define ORIGIN_ANNOTATION          "config.kubernetes.io/origin"
#define TRANSFORMATIONS_ANNOTATION "alpha.config.kubernetes.io/transformations"
#define LOCAL_ANNOTATION           "config.kubernetes.io/local-config"
#define MANAGED_BY_LABEL           "app.kubernetes.io/managed-by"
#define MANAGED_BY                 "kustomize-v5.8.0"

/* Kustomize's own annotations, which never come out, also when a user wrote them. */
static const char *const INTERNAL_ANNOTATIONS[] = {
    "internal.config.kubernetes.io/previousKinds",
    "internal.config.kubernetes.io/previousNames",
    "internal.config.kubernetes.io/prefixes",
    "internal.config.kubernetes.io/suffixes",
    "internal.config.kubernetes.io/previousNamespaces",
    "internal.config.kubernetes.io/allowNameChange",
    "internal.config.kubernetes.io/allowKindChange",
    "internal.config.kubernetes.io/refBy",
    "internal.config.kubernetes.io/generatorBehavior",
    "internal.config.kubernetes.io/needsHashSuffix",
    "internal.config.kubernetes.io/path",
    "internal.config.kubernetes.io/index",
    "internal.config.kubernetes.io/seqindent",
    "internal.config.kubernetes.io/id",
    "internal.config.kubernetes.io/annotations-migration-resource-id",
    "config.kubernetes.io/path",
    "config.kubernetes.io/index",
    "config.k8s.io/id",
    "kustomize.config.k8s.io/helm-generated",
};

/* ---- objects that take part but stay here ---- */

static bool is_for_cluster(const struct kres *res, void *data)
{
    struct arena *arena = data;
    const struct value *v =
        value_find(value_dig(res->object, "metadata", "annotations"), STR(LOCAL_ANNOTATION));
    return v == NULL || str_eq_c(kres_text(arena, v), "false");
}

/* ---- annotations at the end ---- */

struct finish {
    struct arena *arena;
    bool origins;
    bool transformations;
};

static bool is_internal(struct str key)
{
    for (size_t i = 0; i < ARRAY_LEN(INTERNAL_ANNOTATIONS); i++) {
        if (str_eq_c(key, INTERNAL_ANNOTATIONS[i])) {
            return true;
        }
    }
    return false;
}

/* Nothing to add, nothing to take away, all of them strings: as most objects' are. */
static bool is_final(const struct value *annotations)
{
    VALUE_MAP_FOREACH(annotations, e)
    {
        if (e->value.type != VALUE_STRING || is_internal(e->key) ||
            str_eq_c(e->key, ORIGIN_ANNOTATION) || str_eq_c(e->key, TRANSFORMATIONS_ANNOTATION)) {
            return false;
        }
    }
    return value_len(annotations) > 0;
}

static const struct value *kept_annotations(const struct finish *f, const struct value *annotations)
{
    const struct value *out = NULL;
    VALUE_MAP_FOREACH(annotations, e)
    {
        bool gone = is_internal(e->key) || (!f->origins && str_eq_c(e->key, ORIGIN_ANNOTATION)) ||
                    (!f->transformations && str_eq_c(e->key, TRANSFORMATIONS_ANNOTATION));
        if (!gone) {
            out = value_map_set(f->arena, out, e->key,
                                value_new_str(f->arena, kres_text(f->arena, &e->value)));
        }
    }
    return out;
}

static int finish_annotations(const struct finish *f, struct kres *res, struct err *err)
{
    struct arena *arena = f->arena;
    const struct value *metadata = value_find(res->object, STR("metadata"));
    const struct value *old = value_find(metadata, STR("annotations"));
    bool adds =
        (f->origins && res->origin != NULL) || (f->transformations && res->transformations.n > 0);
    struct str text;
    if (!adds && (is_final(old) || (old == NULL && metadata != NULL))) {
        return 0;
    }
    const struct value *annotations = kept_annotations(f, old);
    if (f->origins && res->origin != NULL) {
        TRY(korigin_to_text(arena, res->origin, &text, err));
        annotations =
            value_map_set(arena, annotations, STR(ORIGIN_ANNOTATION), value_new_str(arena, text));
    }
    if (f->transformations && res->transformations.n > 0) {
        TRY(korigin_transformations_to_text(arena, res, &text, err));
        annotations = value_map_set(arena, annotations, STR(TRANSFORMATIONS_ANNOTATION),
                                    value_new_str(arena, text));
    }
    metadata = value_is(metadata, VALUE_MAP) ? metadata : &VALUE_EMPTY_MAP;
    metadata = annotations != NULL ? value_map_set(arena, metadata, STR("annotations"), annotations)
                                   : value_map_remove(arena, metadata, STR("annotations"));
    kres_set(res, value_map_set(arena, res->object, STR("metadata"), metadata));
    return 0;
}

/* ---- the top ---- */

static int add_managed_by(const struct klayer *layer, struct resmap *m, struct err *err)
{
    static const struct fieldspec FIELD = {.path = {"metadata/labels", 15}, .create = true};
    static const struct value_str_pair LABEL = {{MANAGED_BY_LABEL, sizeof(MANAGED_BY_LABEL) - 1},
                                                {MANAGED_BY, sizeof(MANAGED_BY) - 1}};
    const struct pairs_config config = {{&LABEL, 1}, {&FIELD, 1}};
    return transform_labels(layer, m, &config, err);
}

static int sort(const struct accumulate_target *top, struct resmap *m, struct err *err)
{
    const struct kustomize_options *options = top->layer.build->options;
    static const struct ksort LEGACY = {.order = {"legacy", 6}};
    if (top->k.has_sort) {
        return transform_order(&top->layer, m, &top->k.sort, err);
    }
    if (options->order == KUSTOMIZE_ORDER_FIFO) {
        return 0;
    }
    return transform_order(&top->layer, m, &LEGACY, err);
}

static int finish(struct accumulate_target *top, struct accumulator *acc, struct err *err)
{
    struct kbuild *build = top->layer.build;
    struct resmap *m = acc->resources;
    struct finish f = {
        .arena = build->env->arena,
        .origins = kustomization_asks_for(&top->k, STR("originAnnotations")),
        .transformations = kustomization_asks_for(&top->k, STR("transformerAnnotations")),
    };
    top->layer.config = acc->config;
    TRY(transform_hash(&top->layer, m, err));
    TRY(transform_references(&top->layer, m, err));
    TRY(vars_expand(&top->layer, m, &acc->vars, err));
    resmap_filter(m, is_for_cluster, f.arena);
    TRY(sort(top, m, err));
    if (build->options->managed_by_label ||
        kustomization_asks_for(&top->k, STR("managedByLabel"))) {
        TRY(add_managed_by(&top->layer, m, err));
    }
    RESMAP_FOREACH(m, res)
    {
        TRY(finish_annotations(&f, res, err));
    }
    return 0;
}

static int build_top(struct kbuild *build, struct str dir, struct resmap **ret, struct err *err)
{
    static const struct korigin HERE;
    struct accumulate_target top = {0};
    struct accumulator acc;
    TRY(kload_init(&top.load, build->env, dir, build->options->restriction, err));
    top.load.n_remotes = &build->n_remotes;
    TRY(kustomization_load(build, &top.load, &top.k, err));
    TRY(accumulate_openapi(build, &top.load, &top.k, err));
    accumulate_target_init(&top, build, STR_EMPTY, top.k.build_metadata.n > 0 ? &HERE : NULL);
    accumulator_init(&acc, build);
    TRY(accumulate_target(&top, &acc, err));
    TRY(finish(&top, &acc, err));
    *ret = acc.resources;
    return 0;
}

int kustomize_build(struct engine_env *env,
                    struct str dir,
                    const struct kustomize_options *options,
                    struct kustomize_result *ret,
                    struct err *err)
{
    struct kbuild build = {.env = env, .options = options, .schema = kschema_builtin(), .edits = 1};
    struct resmap *m;
    if (build_top(&build, dir, &m, err) < 0) {
        if (options->error_text != NULL) {
            *options->error_text = kbuild_take_error(&build, err);
        }
        return -(int)err->code;
    }
    struct engine_object *objects = arena_calloc(env->arena, resmap_len(m) + 1, sizeof(*objects));
    for (size_t i = 0; i < resmap_len(m); i++) {
        const struct kres *res = resmap_at(m, i);
        objects[i] = (struct engine_object){res->object, res->file, res->line};
    }
    *ret = (struct kustomize_result){objects, resmap_len(m)};
    return 0;
}

static const struct value_yaml_write STYLE = {.style = VALUE_YAML_GO2};

/* Numbers that JSON does not have are all that cannot be written. */
static const struct value *find_unwritable(const struct value *v)
{
    if (value_is(v, VALUE_FLOAT)) {
        return isfinite(v->f) ? NULL : v;
    }
    const struct value *found = NULL;
    VALUE_FOREACH(v, item) {
        found = found != NULL ? found : find_unwritable(item);
    }
    VALUE_MAP_FOREACH(v, e)
    {
        found = found != NULL ? found : find_unwritable(&e->value);
    }
    return found;
}

static int check_writable(const struct kustomize_result *result, struct err *err)
{
    AUTO(buf) struct buf ignored;
    buf_init(&ignored, LIMIT_KIB);
    for (size_t i = 0; i < result->n; i++) {
        const struct engine_object *o = &result->objects[i];
        const struct value *v = find_unwritable(o->object);
        if (v != NULL && value_to_yaml(&ignored, v, &STYLE, err) < 0) {
            return err_at(err, o->file, o->line, 0);
        }
    }
    return 0;
}

int kustomize_write(const struct kustomize_result *result,
                    kustomize_put_fn put,
                    void *data,
                    struct err *err)
{
    AUTO(buf) struct buf b;
    buf_init(&b, LIMIT_KUSTOMIZE_OUTPUT_BYTES);
    TRY(check_writable(result, err));
    for (size_t i = 0; i < result->n; i++) {
        const struct engine_object *o = &result->objects[i];
        buf_reset(&b);
        buf_put_c(&b, i > 0 ? "---\n" : "");
        if (value_to_yaml(&b, o->object, &STYLE, err) < 0) {
            return err_at(err, o->file, o->line, 0);
        }
        TRY(put(data, buf_str(&b), err));
    }
    return 0;
}

static int on_put(void *data, struct str text, struct err *err)
{
    buf_put(data, text);
    return buf_check(data, "output", err);
}

int kustomize_print(struct engine_env *env,
                    const struct kustomize_result *result,
                    struct str *ret,
                    struct err *err)
{
    AUTO(buf) struct buf b;
    buf_init(&b, LIMIT_KUSTOMIZE_OUTPUT_BYTES);
    TRY(kustomize_write(result, on_put, &b, err));
    *ret = buf_to_arena(&b, env->arena);
    return 0;
}
