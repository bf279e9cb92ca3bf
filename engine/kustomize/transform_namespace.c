/* The namespace transformer: everything that is not certainly cluster-scoped goes into one namespace. */
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "engine/engine_env.h"
#include "engine/kustomize/fieldspec.h"
#include "engine/kustomize/kbuild.h"
#include "engine/kustomize/kschema.h"
#include "engine/kustomize/resmap.h"
#include "engine/kustomize/transform.h"

#define NAME_PATH      "metadata/name"
#define NAMESPACE_PATH "metadata/namespace"
#define SUBJECTS_PATH  "subjects/namespace"

struct work {
    const struct klayer *layer;
    const struct namespace_config *config;
    struct fieldspec_visit visit; /* sets the namespace; its data is this */
    const struct value *namespace;
};

static int set_namespace(const struct fieldspec_visit *visit,
                         const struct value *leaf,
                         const struct value **ret,
                         struct err *err)
{
    const struct work *w = visit->data;
    if (w->config->unset_only && kres_text(visit->env->arena, leaf).n > 0) {
        *ret = leaf;
        return 0;
    }
    return fieldspec_set_scalar(visit, leaf, w->namespace, ret, err);
}

/* ---- subjects of role bindings ---- */

static bool is_role_binding(struct str kind)
{
    return str_eq_c(kind, "RoleBinding") || str_eq_c(kind, "ClusterRoleBinding");
}

static bool wants_subject(const struct work *w, const struct value *subject)
{
    if (w->config->subjects == SUBJECTS_ALL_SERVICE_ACCOUNTS) {
        return str_eq_c(value_dig_str(subject, "kind"), "ServiceAccount");
    }
    return str_eq_c(value_dig_str(subject, "name"), "default");
}

static int set_subject(const struct fieldspec_visit *visit,
                       const struct value *subject,
                       const struct value **ret,
                       struct err *err)
{
    const struct work *w = visit->data;
    if (value_type(subject) != VALUE_NULL && subject->type != VALUE_MAP) {
        return fieldspec_wrong_kind(visit, subject, "MappingNode", err);
    }
    *ret = subject;
    if (!wants_subject(w, subject)) {
        return 0;
    }
    const struct value *old = value_dig(subject, "namespace");
    const struct value *new;
    TRY(set_namespace(&w->visit, old != NULL ? old : &VALUE_NULL_VALUE, &new, err));
    *ret = value_map_put(visit->env->arena, subject, STR("namespace"), new, visit->token);
    return 0;
}

static int set_subjects(const struct fieldspec_visit *visit,
                        const struct value *leaf,
                        const struct value **ret,
                        struct err *err)
{
    struct arena *arena = visit->env->arena;
    *ret = leaf;
    if (leaf->type == VALUE_NULL) {
        return 0;
    }
    if (leaf->type != VALUE_LIST) {
        return fieldspec_wrong_kind(visit, leaf, "SequenceNode", err);
    }
    struct value *subjects = arena_calloc(arena, leaf->n, sizeof(*subjects));
    for (size_t i = 0; i < leaf->n; i++) {
        const struct value *subject = NULL;
        TRY_IN(set_subject(visit, &leaf->items[i], &subject, err), err,
               "setting namespace on (cluster)role binding subjects");
        subjects[i] = *subject;
    }
    *ret = value_new_list(arena, subjects, leaf->n);
    return 0;
}

/* ---- objects ---- */

/* Fields with a treatment of their own. */
static bool is_left_out(const struct kres *res, const struct fieldspec *spec)
{
    bool is_core = res->id.gvk.group.n == 0 && str_eq_c(res->id.gvk.version, "v1");
    return str_eq_c(spec->path, NAMESPACE_PATH) || (!is_core && str_eq_c(spec->path, NAME_PATH)) ||
           (is_role_binding(res->id.gvk.kind) && is_role_binding(spec->gvk.kind) &&
            str_eq_c(spec->path, SUBJECTS_PATH));
}

static int transform_one(const struct work *w, struct kres *res, struct err *err)
{
    static const struct fieldspec NAMESPACE = {.path = {NAMESPACE_PATH, sizeof(NAMESPACE_PATH) - 1},
                                               .create = true};
    static const struct fieldspec SUBJECTS = {.path = {"subjects", 8}};
    const struct value *object = res->object;
    struct fieldspec_visit visit = w->visit;
    visit.file = res->file;
    if (kschema_scope(w->layer->build->schema, &res->id.gvk) != KSCOPE_CLUSTER) {
        TRY(fieldspec_apply(&visit, &NAMESPACE, object, &object, err));
    }
    if (is_role_binding(res->id.gvk.kind) && w->config->subjects != SUBJECTS_NONE) {
        struct fieldspec_visit subjects = visit;
        subjects.set = set_subjects;
        TRY(fieldspec_apply(&subjects, &SUBJECTS, object, &object, err));
    }
    for (size_t i = 0; i < w->config->fields.n; i++) {
        const struct fieldspec *spec = &w->config->fields.items[i];
        if (kgvk_selects(&spec->gvk, &res->id.gvk) && !is_left_out(res, spec) &&
            fieldspec_apply(&visit, spec, object, &object, err) < 0) {
            return err_wrap(err, "%s",
                            str_starts_with(str_from(err->message), STR("wrong node kind"))
                                ? "namespace field specs must target scalar nodes"
                                : "namespace transformation failed");
        }
    }
    kres_set(res, object);
    return 0;
}

static struct work work_of(const struct klayer *layer, const struct namespace_config *config)
{
    struct engine_env *env = layer->build->env;
    return (struct work){
        .layer = layer,
        .config = config,
        .visit = {.env = env,
                  .token = layer->build->edits,
                  .create = FIELDSPEC_CREATE_SCALAR,
                  .set = set_namespace},
        .namespace = value_new_str(env->arena, config->namespace),
    };
}

int transform_namespace_of(const struct klayer *layer,
                           struct kres *res,
                           const struct namespace_config *config,
                           struct err *err)
{
    struct work w = work_of(layer, config);
    w.visit.data = &w;
    return transform_one(&w, res, err);
}

int transform_namespace(const struct klayer *layer,
                        struct resmap *m,
                        const struct namespace_config *config,
                        struct err *err)
{
    struct engine_env *env = layer->build->env;
    if (config->namespace.n == 0) {
        return 0;
    }
    struct work w = work_of(layer, config);
    w.visit.data = &w;
    RESMAP_FOREACH(m, res)
    {
        if (value_len(res->object) > 0 && !res->from_helm) {
            kres_remember(env->arena, res);
            TRY(transform_one(&w, res, err));
        }
    }
    TRY_IN(resmap_check_unique(m, err), err, "namespace transformation produces ID conflict");
    return 0;
}
