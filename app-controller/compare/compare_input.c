/* Making targets and live objects ready for pairing. */
#include <stdlib.h>

#include "app-controller/compare/compare_internal.h"
#include "common/base/arena.h"
#include "common/value/value.h"
#include "common/value/value_edit.h"
#include "engine/sync/hooks.h"

static bool is_crd(const struct value *obj)
{
    return str_eq_c(kube_kind_of(obj), "CustomResourceDefinition") &&
           str_eq_c(kube_group_of(obj), "apiextensions.k8s.io");
}

enum compare_scope
compare_scope_of(const struct compare_state *s, struct str group, struct str kind)
{
    const struct compare_env *env = s->in->env;
    enum compare_scope scope = COMPARE_SCOPE_UNKNOWN;
    if (env != NULL && env->scope != NULL) {
        scope = env->scope(env->data, group, kind);
    }
    for (size_t i = 0; scope == COMPARE_SCOPE_UNKNOWN && i < s->crds.n; i++) {
        const struct value *spec = value_dig(s->crds.items[i], "spec");
        if (str_eq(value_dig_str(spec, "group"), group) &&
            str_eq(value_dig_str(spec, "names", "kind"), kind)) {
            bool cluster = str_eq_c(value_dig_str(spec, "scope"), "Cluster");
            scope = cluster ? COMPARE_SCOPE_CLUSTER : COMPARE_SCOPE_NAMESPACED;
        }
    }
    return scope;
}

/* Kinds nobody knows are taken for namespaced ones, as most are. */
static const struct value *place(const struct compare_state *s, const struct value *obj)
{
    struct kube_key key = kube_key_of(obj);
    if (compare_scope_of(s, key.group, key.kind) == COMPARE_SCOPE_CLUSTER) {
        return key.namespace.n > 0 ? value_without(s->arena, obj, "metadata", "namespace") : obj;
    }
    struct str namespace = s->in->destination_namespace;
    return key.namespace.n == 0 && namespace.n > 0
               ? kube_with_namespace(s->arena, obj, arena_str(s->arena, namespace))
               : obj;
}

static bool is_excluded(struct compare_state *s, const struct value *obj)
{
    const struct compare_env *env = s->in->env;
    struct kube_key key = kube_key_of(obj);
    if (env == NULL || env->excluded == NULL || !env->excluded(env->data, key.group, key.kind)) {
        return false;
    }
    compare_add_condition(s, CONDITION_EXCLUDED_RESOURCE_WARNING,
                          arena_printf(s->arena,
                                       "Resource " STR_FMT "/" STR_FMT " " STR_FMT
                                       " is excluded in the settings",
                                       STR_ARG(key.group), STR_ARG(key.kind), STR_ARG(key.name)));
    return true;
}

static void take_hook(struct compare_state *s, struct hook hook, const struct value *obj)
{
    s->has_pre_delete_hooks |= hook_has_phase(hook, SYNC_PHASE_PRE_DELETE);
    s->has_post_delete_hooks |= hook_has_phase(hook, SYNC_PHASE_POST_DELETE);
    if (hook_only_delete(hook)) {
        vec_push_in(s->arena, &s->delete_hooks, obj);
    } else if (hook_in_sync(hook)) {
        vec_push_in(s->arena, &s->hooks, obj);
    }
}

/* By key; of equal ones the last in the input comes first. */
static int cmp_objects(const void *a, const void *b)
{
    const struct compare_object *x = a;
    const struct compare_object *y = b;
    int c = kube_key_cmp(x->key, y->key);
    return c != 0 ? c : (x->order < y->order) - (x->order > y->order);
}

static void warn_repeated(struct compare_state *s, struct kube_key key, size_t n)
{
    compare_add_condition(s, CONDITION_REPEATED_RESOURCE_WARNING,
                          arena_printf(s->arena,
                                       "Resource " STR_FMT "/" STR_FMT "/" STR_FMT "/" STR_FMT
                                       " appeared %zu times among application resources.",
                                       STR_ARG(key.group), STR_ARG(key.kind),
                                       STR_ARG(key.namespace), STR_ARG(key.name), n));
}

/* Sorted; of objects with one key only the last of the input stays. */
static void sort_targets(struct compare_state *s)
{
    if (s->targets.n == 0) {
        return;
    }
    qsort(s->targets.items, s->targets.n, sizeof(*s->targets.items), cmp_objects);
    size_t n = 0;
    for (size_t i = 0; i < s->targets.n;) {
        size_t end = i + 1;
        while (end < s->targets.n &&
               kube_key_eq(s->targets.items[i].key, s->targets.items[end].key)) {
            end++;
        }
        if (end - i > 1) {
            warn_repeated(s, s->targets.items[i].key, end - i);
        }
        s->targets.items[n++] = s->targets.items[i];
        i = end;
    }
    s->targets.n = n;
}

/* Of hooks with one key the last counts; those whose name the cluster makes are never the same. The order stays. */
static void drop_repeated(struct compare_state *s, const struct value **hooks, size_t *n)
{
    struct compare_object *sorted = arena_calloc(s->arena, *n + 1, sizeof(*sorted));
    for (size_t i = 0; i < *n; i++) {
        sorted[i] = (struct compare_object){kube_key_of(hooks[i]), hooks[i], i, false};
    }
    qsort(sorted, *n, sizeof(*sorted), cmp_objects);
    for (size_t i = 0, end; i < *n; i = end) {
        end = i + 1;
        while (end < *n && sorted[i].key.name.n > 0 &&
               kube_key_eq(sorted[i].key, sorted[end].key)) {
            hooks[sorted[end++].order] = NULL;
        }
        if (end - i > 1) {
            warn_repeated(s, sorted[i].key, end - i);
        }
    }
    size_t n_left = 0;
    for (size_t i = 0; i < *n; i++) {
        if (hooks[i] != NULL) {
            hooks[n_left++] = hooks[i];
        }
    }
    *n = n_left;
}

int compare_take_targets(struct compare_state *s, struct err *err)
{
    const struct compare_input *in = s->in;
    for (size_t i = 0; i < in->n_targets; i++) {
        TRY_IN(kube_object_check(in->targets[i], err), err, "object %zu", i + 1);
        if (is_crd(in->targets[i])) {
            vec_push_in(s->arena, &s->crds, in->targets[i]);
        }
    }
    for (size_t i = 0; i < in->n_targets; i++) {
        const struct value *obj = place(s, in->targets[i]);
        if (is_excluded(s, obj)) {
            continue;
        }
        obj = tracking_apply(s->arena, in->tracking, in->instance, in->destination_namespace, obj);
        struct hook hook = hook_of(obj);
        if (hook.is_hook) {
            take_hook(s, hook, obj);
            continue;
        }
        struct compare_object object = {kube_key_of(obj), obj, i, false};
        vec_push_in(s->arena, &s->targets, object);
    }
    sort_targets(s);
    drop_repeated(s, s->hooks.items, &s->hooks.n);
    drop_repeated(s, s->delete_hooks.items, &s->delete_hooks.n);
    return 0;
}

void compare_take_lives(struct compare_state *s)
{
    const struct compare_input *in = s->in;
    const struct compare_env *env = in->env;
    for (size_t i = 0; i < in->n_lives; i++) {
        struct kube_key key = kube_key_of(in->lives[i]);
        if (env != NULL && env->permitted != NULL &&
            !env->permitted(env->data, key, compare_scope_of(s, key.group, key.kind))) {
            continue;
        }
        struct compare_object object = {key, in->lives[i], i, false};
        vec_push_in(s->arena, &s->lives, object);
    }
    if (s->lives.n == 0) {
        return;
    }
    qsort(s->lives.items, s->lives.n, sizeof(*s->lives.items), cmp_objects);
    size_t n = 1;
    for (size_t i = 1; i < s->lives.n; i++) {
        if (!kube_key_eq(s->lives.items[i].key, s->lives.items[n - 1].key)) {
            s->lives.items[n++] = s->lives.items[i];
        }
    }
    s->lives.n = n;
}
