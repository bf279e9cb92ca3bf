/* Comparison of an application: targets made ready, live objects chosen, both paired and classified.
 *
 * Both lists are sorted by key and walked together, so that no look-up structure is needed and the
 * result is in the order of keys. */
#include "app-controller/compare/compare.h"

#include <stdlib.h>

#include "app-controller/compare/compare_internal.h"
#include "app-controller/sync/waves.h"
#include "common/base/arena.h"
#include "common/base/limits.h"
#include "common/value/value.h"
#include "common/value/value_edit.h"
#include "engine/sync/hooks.h"

#define COMPARE_OPTIONS_ANNOTATION "argocd.argoproj.io/compare-options"
#define SYNC_OPTIONS_ANNOTATION    "argocd.argoproj.io/sync-options"

void compare_add_condition(struct compare_state *s, enum condition_type type, struct str message)
{
    struct condition condition = {.type = type, .message = message};
    vec_push_in(s->arena, &s->conditions, condition);
}

/* ---- one pair ---- */

/* An object that was tracked by label until now gets its tracking as the target has it, so that a
 * change of the method alone is no difference. */
static const struct value *
adopt_label(const struct compare_state *s, const struct value *live, const struct value *target)
{
    const struct tracking *tracking = s->in->tracking;
    struct str label = tracking->label_key.n > 0 ? tracking->label_key : STR(TRACKING_LABEL_KEY);
    if (target == NULL || tracking->method == TRACKING_LABEL || !kube_has_label(live, label) ||
        kube_has_annotation(live, STR(TRACKING_ID_ANNOTATION))) {
        return live;
    }
    if (kube_has_annotation(target, STR(TRACKING_ID_ANNOTATION))) {
        live = kube_with_annotation(s->arena, live, STR(TRACKING_ID_ANNOTATION),
                                    kube_annotation(target, STR(TRACKING_ID_ANNOTATION)));
    }
    return kube_has_label(target, label) ? live : kube_without_label(s->arena, live, label);
}

static int diff_one(struct compare_state *s, struct compare_resource *r, struct err *err)
{
    const struct compare_env *env = s->in->env;
    struct diff_opts opts = {
        .ignore = s->in->ignore_differences,
        .system_ignore = s->in->system_ignore_differences,
        .jq = env != NULL ? env->jq : NULL,
    };
    struct diff_result diff = {0};
    if (env != NULL && env->how != NULL && r->target != NULL && r->live != NULL) {
        TRY(env->how(env->data, r->target, &r->live, &opts, err));
    }
    const struct value *live = r->live != NULL ? adopt_label(s, r->live, r->target) : NULL;
    TRY(diff_objects(s->arena, r->target, live, &opts, &diff, err));
    struct ignore_rules rules = ignore_rules_for(s->arena, opts.ignore, opts.system_ignore,
                                                 r->target != NULL ? r->target : r->live);
    if (rules.n > 0 && r->target != NULL && r->live != NULL) {
        TRY(ignore_restore(s->arena, rules, opts.jq, r->live, r->target, &r->respected, err));
    }
    r->modified = diff.modified;
    r->normalized_live = diff.normalized_live;
    r->predicted_live = diff.predicted_live;
    return 0;
}

static void diff_pair(struct compare_state *s, struct compare_resource *r)
{
    struct err err;
    if (diff_one(s, r, &err) == 0) {
        return;
    }
    char text[ERR_MESSAGE_BYTES];
    err_format(&err, text, sizeof(text));
    r->error = arena_str(s->arena, str_from(text));
    r->modified = true;
    r->normalized_live = r->live;
    r->predicted_live = r->target;
    compare_add_condition(s, CONDITION_COMPARISON_ERROR,
                          arena_printf(s->arena, STR_FMT " " STR_FMT ": %s", STR_ARG(r->key.kind),
                                       STR_ARG(r->key.name), text));
}

static bool is_permitted(const struct compare_state *s, struct kube_key key)
{
    const struct compare_env *env = s->in->env;
    return env == NULL || env->kind_permitted == NULL ||
           env->kind_permitted(env->data, key, compare_scope_of(s, key.group, key.kind));
}

static void check_namespace(struct compare_state *s, const struct value *obj)
{
    struct kube_gvk gvk = kube_gvk_of(obj);
    if (kube_namespace(obj).n > 0 ||
        compare_scope_of(s, gvk.group, gvk.kind) != COMPARE_SCOPE_NAMESPACED) {
        return;
    }
    compare_add_condition(s, CONDITION_INVALID_SPEC_ERROR,
                          arena_printf(s->arena,
                                       "Namespace for " STR_FMT " " STR_FMT "/" STR_FMT
                                       ", Kind=" STR_FMT " is missing.",
                                       STR_ARG(kube_name(obj)), STR_ARG(gvk.group),
                                       STR_ARG(gvk.version), STR_ARG(gvk.kind)));
}

static enum sync_status classify(struct compare_state *s, const struct compare_resource *r)
{
    if (r->hook || r->skipped || !r->self_reference) {
        return SYNC_STATUS_NONE;
    }
    if (r->error.n > 0) {
        s->failed = true;
        return SYNC_STATUS_UNKNOWN;
    }
    if (!r->modified && r->target != NULL && r->live != NULL) {
        return is_permitted(s, r->key) ? SYNC_STATUS_SYNCED : SYNC_STATUS_UNKNOWN;
    }
    bool extraneous =
        r->requires_pruning &&
        kube_annotation_has(r->live, STR(COMPARE_OPTIONS_ANNOTATION), STR("IgnoreExtraneous"));
    s->out_of_sync = s->out_of_sync || !extraneous;
    return is_permitted(s, r->key) ? SYNC_STATUS_OUT_OF_SYNC : SYNC_STATUS_UNKNOWN;
}

static bool asks_confirmation(const struct value *live)
{
    return kube_annotation_has(live, STR(SYNC_OPTIONS_ANNOTATION), STR("Prune=confirm")) ||
           kube_annotation_has(live, STR(SYNC_OPTIONS_ANNOTATION), STR("Delete=confirm"));
}

static void add_pair(struct compare_state *s, const struct value *target, const struct value *live)
{
    const struct compare_input *in = s->in;
    const struct value *obj = live != NULL ? live : target;
    struct hook hook = hook_of(obj);
    struct compare_resource r = {
        .key = kube_key_of(obj),
        .version = kube_gvk_of(target != NULL ? target : live).version,
        .target = target,
        .respected = target,
        .live = live,
        .seen = live,
        .hook = hook.is_hook,
        .skipped = (hook.is_hook && hook.phases == 0) || (target != NULL && hook_of(target).skip),
        .self_reference = tracking_is_self_reference(in->tracking, live, target),
        .wave = target != NULL ? wave_of(target) : wave_of(live),
    };
    r.requires_pruning = target == NULL && r.self_reference;
    r.requires_deletion_confirmation =
        live != NULL && (in->confirm_deletions || asks_confirmation(live));
    r.self = str_eq_c(r.key.group, "argoproj.io") && str_eq_c(r.key.kind, "Application") &&
             str_eq(r.key.name, in->app_name) && str_eq(r.key.namespace, in->app_namespace);
    check_namespace(s, obj);
    diff_pair(s, &r);
    r.status = classify(s, &r);
    vec_push_in(s->arena, &s->resources, r);
}

/* ---- pairing ---- */

/* An instance name as people write it: "namespace/name". */
static struct str instance_text(struct arena *arena, struct str instance)
{
    char *text = arena_bytes(arena, instance.n + 1);
    for (size_t i = 0; i < instance.n; i++) {
        text[i] = instance.p[i] == '_' ? '/' : instance.p[i];
    }
    return str_of(text, instance.n);
}

/* Another application says this object is its own. */
static void warn_shared(struct compare_state *s, const struct value *live)
{
    struct str other = tracking_instance_of(s->in->tracking, live);
    if (other.n == 0 || str_eq(other, s->in->instance)) {
        return;
    }
    compare_add_condition(s, CONDITION_SHARED_RESOURCE_WARNING,
                          arena_printf(s->arena,
                                       STR_FMT "/" STR_FMT " is part of applications " STR_FMT
                                               "/" STR_FMT " and " STR_FMT,
                                       STR_ARG(kube_kind_of(live)), STR_ARG(kube_name(live)),
                                       STR_ARG(s->in->app_namespace), STR_ARG(s->in->app_name),
                                       STR_ARG(instance_text(s->arena, other))));
}

/* The same object under another group (extensions and apps, once): counted where it is in the
 * source. */
static bool is_twin(const struct compare_state *s, const struct value *live)
{
    struct str uid = kube_uid(live);
    return uid.n > 0 && map_has(s->uids, uid);
}

static void remember_uid(struct compare_state *s, const struct value *live)
{
    struct str uid = kube_uid(live);
    if (uid.n > 0) {
        map_set(s->uids, uid, s);
    }
}

static void add_leftover(struct compare_state *s, const struct value *live)
{
    if (!str_eq(tracking_instance_of(s->in->tracking, live), s->in->instance) || is_twin(s, live)) {
        return;
    }
    remember_uid(s, live);
    add_pair(s, NULL, live);
}

static void pair_all(struct compare_state *s)
{
    size_t t = 0;
    size_t l = 0;
    /* Twins are known only after all pairs, so what is left over comes second. */
    while (t < s->targets.n) {
        const struct compare_object *target = &s->targets.items[t++];
        while (l < s->lives.n && kube_key_cmp(s->lives.items[l].key, target->key) < 0) {
            l++;
        }
        const struct value *live = NULL;
        if (l < s->lives.n && kube_key_eq(s->lives.items[l].key, target->key)) {
            live = s->lives.items[l].obj;
            s->lives.items[l].paired = true;
            remember_uid(s, live);
            warn_shared(s, live);
        }
        add_pair(s, target->obj, live);
    }
    for (size_t i = 0; i < s->lives.n; i++) {
        if (!s->lives.items[i].paired) {
            add_leftover(s, s->lives.items[i].obj);
        }
    }
}

static int cmp_resources(const void *a, const void *b)
{
    const struct compare_resource *x = a;
    const struct compare_resource *y = b;
    return kube_key_cmp(x->key, y->key);
}

static enum sync_status overall(const struct compare_state *s)
{
    if (s->failed) {
        return SYNC_STATUS_UNKNOWN;
    }
    return s->out_of_sync || s->in->namespace_meta_changed ? SYNC_STATUS_OUT_OF_SYNC
                                                           : SYNC_STATUS_SYNCED;
}

int compare_app(struct arena *arena,
                const struct compare_input *in,
                struct compare_result *ret,
                struct err *err)
{
    if (in->n_targets > LIMIT_APP_OBJECTS) {
        return err_set(err, ERR_LIMIT, "%zu objects, more than %d", in->n_targets,
                       LIMIT_APP_OBJECTS);
    }
    if (in->ignore_differences != NULL) {
        TRY(ignore_check(in->ignore_differences, err));
    }
    AUTO(map) struct map *uids = map_new(NULL);
    struct compare_state s = {.arena = arena, .in = in, .uids = uids};
    TRY(compare_take_targets(&s, err));
    compare_take_lives(&s);
    pair_all(&s);
    if (s.resources.n > 0) {
        qsort(s.resources.items, s.resources.n, sizeof(*s.resources.items), cmp_resources);
    }
    *ret = (struct compare_result){
        .status = overall(&s),
        .resources = s.resources.items,
        .n_resources = s.resources.n,
        .hooks = s.hooks.items,
        .n_hooks = s.hooks.n,
        .delete_hooks = s.delete_hooks.items,
        .n_delete_hooks = s.delete_hooks.n,
        .has_pre_delete_hooks = s.has_pre_delete_hooks,
        .has_post_delete_hooks = s.has_post_delete_hooks,
        .conditions = {s.conditions.items, s.conditions.n},
    };
    return 0;
}

const struct compare_resource *compare_find(const struct compare_result *result,
                                            struct kube_key key)
{
    const struct compare_resource wanted = {.key = key};
    return result->n_resources == 0 ? NULL
                                    : bsearch(&wanted, result->resources, result->n_resources,
                                              sizeof(wanted), cmp_resources);
}
