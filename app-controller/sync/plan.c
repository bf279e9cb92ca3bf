/* From a comparison to tasks: which resources and hooks a sync touches, with what options, and what
 * has become of them so far. */
#include "app-controller/sync/plan.h"

#include "app-controller/compare/tracking.h"
#include "app-controller/sync/plan_internal.h"
#include "app-controller/sync/waves.h"
#include "common/base/arena.h"
#include "common/base/macro.h"
#include "common/base/vec.h"
#include "common/kube/kube_object.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "engine/sync/hooks.h"

struct builder {
    struct arena *arena;
    const struct plan_input *in;
    VEC(struct plan_task) tasks;
};

static bool is_selected(const struct plan_input *in, struct kube_key key)
{
    for (size_t i = 0; i < in->selected.n; i++) {
        const struct app_sync_resource *s = &in->selected.items[i];
        if (str_eq(s->kind, key.kind) && str_eq(s->group, key.group) && str_eq(s->name, key.name) &&
            (s->namespace.n == 0 || str_eq(s->namespace, key.namespace))) {
            return true;
        }
    }
    return in->selected.n == 0;
}

static struct sync_options
options_of(const struct builder *b, const struct value *target, const struct value *live)
{
    struct sync_options options = sync_options_of(&b->in->options, target, live);
    options.force = options.force || b->in->force;
    return options;
}

/* With RespectIgnoreDifferences=true ignored fields stay as they are in the cluster. A status is never applied. */
static const struct value *target_of(struct builder *b, const struct compare_resource *r)
{
    const struct plan_input *in = b->in;
    if (!in->options.respect_ignore_differences || r->respected == r->target) {
        return r->target;
    }
    const struct value *status = value_dig(r->target, "status");
    return status != NULL ? value_with(b->arena, r->respected, status, "status")
                          : value_without(b->arena, r->respected, "status");
}

static void add_resources(struct builder *b)
{
    const struct compare_result *compare = b->in->compare;
    for (size_t i = 0; i < compare->n_resources; i++) {
        const struct compare_resource *r = &compare->resources[i];
        bool foreign = r->target == NULL && !r->requires_pruning;
        if (r->hook || r->skipped || foreign || !is_selected(b->in, r->key)) {
            continue;
        }
        struct plan_task task = {
            .key = r->key,
            .version = r->version,
            .phase = SYNC_PHASE_SYNC,
            .wave = r->wave,
            .target = target_of(b, r),
            .live = r->live,
            .resource = r,
            .in_sync = !r->modified && r->target != NULL && r->live != NULL,
            .options = options_of(b, r->target, r->live),
        };
        vec_push_in(b->arena, &b->tasks, task);
    }
}

static const struct value *find_hook_live(const struct plan_input *in, struct kube_key key)
{
    for (size_t i = 0; i < in->n_hook_lives; i++) {
        if (kube_key_eq(kube_key_of(in->hook_lives[i]), key)) {
            return in->hook_lives[i];
        }
    }
    return NULL;
}

static const struct value *
mark_hook(struct builder *b, const struct value *hook, enum sync_phase phase)
{
    if (b->in->attempt.n == 0) {
        return hook;
    }
    struct str mark =
        arena_printf(b->arena, STR_FMT ".%s", STR_ARG(b->in->attempt), status_phase_name(phase));
    return kube_with_annotation(b->arena, hook, STR(HOOK_SYNC_ANNOTATION), mark);
}

static void add_hook(struct builder *b, const struct value *obj, enum sync_phase phase)
{
    const struct value *target =
        hook_instance(b->arena, obj, phase, b->in->revision, b->in->started_at_ms);
    if (kube_name(obj).n == 0 && b->in->tracking != NULL) {
        /* the id it was rendered with names nothing: its object would not be found again */
        target = tracking_apply(b->arena, b->in->tracking, b->in->instance,
                                b->in->destination_namespace, target);
    }
    target = mark_hook(b, target, phase);
    struct kube_key key = kube_key_of(target);
    const struct value *live = find_hook_live(b->in, key);
    struct plan_task task = {
        .key = key,
        .version = kube_gvk_of(target).version,
        .phase = phase,
        .wave = wave_of(target),
        .target = target,
        .live = live,
        .hook = true,
        .delete_policies = hook_delete_policies(target),
        .options = options_of(b, target, live),
    };
    vec_push_in(b->arena, &b->tasks, task);
}

/* Hooks run only with a whole sync. */
static void add_hooks(struct builder *b)
{
    static const enum sync_phase PHASES[] = {SYNC_PHASE_PRE_SYNC, SYNC_PHASE_SYNC,
                                             SYNC_PHASE_POST_SYNC, SYNC_PHASE_SYNC_FAIL};
    const struct compare_result *compare = b->in->compare;
    if (b->in->apply_only || b->in->selected.n > 0) {
        return;
    }
    for (size_t i = 0; i < compare->n_hooks; i++) {
        struct hook hook = hook_of(compare->hooks[i]);
        for (size_t p = 0; p < ARRAY_LEN(PHASES); p++) {
            if (hook_has_phase(hook, PHASES[p])) {
                add_hook(b, compare->hooks[i], PHASES[p]);
            }
        }
    }
}

static struct kube_key namespace_key(const struct plan_input *in)
{
    return (struct kube_key){STR_EMPTY, STR("Namespace"), STR_EMPTY, in->destination_namespace};
}

static bool has_result(const struct plan_input *in, struct kube_key key, enum sync_phase phase)
{
    for (size_t i = 0; i < in->results.n; i++) {
        const struct app_resource_result *r = &in->results.items[i];
        struct kube_key of = {r->group, r->kind, r->namespace, r->name};
        if (r->sync_phase == phase && kube_key_eq(of, key)) {
            return true;
        }
    }
    return false;
}

/* The destination namespace, unless it is in the source itself. It is made when it is missing, and
 * kept up to date when its metadata is managed. */
static void add_namespace(struct builder *b)
{
    const struct plan_input *in = b->in;
    struct kube_key key = namespace_key(in);
    const struct compare_resource *own = compare_find(in->compare, key);
    if (!in->options.create_namespace || key.name.n == 0 || (own != NULL && own->target != NULL)) {
        return;
    }
    const struct value *metadata = in->managed_namespace_metadata;
    bool managed = value_is(metadata, VALUE_MAP);
    if (in->namespace_live != NULL && !managed && !has_result(in, key, SYNC_PHASE_PRE_SYNC)) {
        return;
    }
    const struct value *target =
        value_with(b->arena, NULL, value_new_str(b->arena, STR("v1")), "apiVersion");
    target = value_with(b->arena, target, value_new_str(b->arena, key.kind), "kind");
    target = value_with(b->arena, target, value_new_str(b->arena, key.name), "metadata", "name");
    static const char *const FIELDS[] = {"labels", "annotations"};
    for (size_t i = 0; managed && i < ARRAY_LEN(FIELDS); i++) {
        const struct value *map = value_find(metadata, str_from(FIELDS[i]));
        if (value_len(map) > 0) {
            target = value_with_path(b->arena, target, map,
                                     (const char *const[]){"metadata", FIELDS[i], NULL});
        }
    }
    struct plan_task task = {
        .key = key,
        .version = STR("v1"),
        .phase = SYNC_PHASE_PRE_SYNC,
        .target = target,
        .live = in->namespace_live,
        .namespace_creation = true,
        .options = in->options,
    };
    if (managed) { /* as Argo CD marks it, so that others' labels stay */
        task.target = kube_with_annotation(b->arena, target, STR(SYNC_OPTIONS_ANNOTATION),
                                           STR("ServerSideApply=true"));
    }
    task.options.server_side_apply |= managed;
    vec_push_in(b->arena, &b->tasks, task);
}

/* The kind comes with a CustomResourceDefinition of this sync. */
static bool brings_kind(const struct plan *plan, const struct plan_task *task)
{
    for (size_t i = 0; i < plan->n_tasks; i++) {
        const struct value *target = plan->tasks[i].target;
        if (target != NULL && str_eq_c(plan->tasks[i].key.kind, "CustomResourceDefinition") &&
            str_eq(value_dig_str(target, "spec", "group"), task->key.group) &&
            str_eq(value_dig_str(target, "spec", "names", "kind"), task->key.kind)) {
            return true;
        }
    }
    return false;
}

static void mark_dry_runs(struct plan *plan)
{
    for (size_t i = 0; i < plan->n_tasks; i++) {
        struct plan_task *task = &plan->tasks[i];
        task->skip_dry_run = task->options.skip_dry_run_on_missing || brings_kind(plan, task);
    }
}

static void take_result(struct plan_task *task, const struct app_resource_result *r)
{
    struct kube_key key = {r->group, r->kind, r->namespace, r->name};
    if (r->sync_phase == task->phase && kube_key_eq(key, task->key) && !plan_is_begun_prune(r)) {
        task->status = r->status;
        task->operation = r->hook_phase;
        task->message = r->message;
    }
}

static void take_results(struct plan *plan, struct app_resource_results results)
{
    for (size_t i = 0; results.n > 0 && i < plan->n_tasks; i++) {
        for (size_t r = 0; r < results.n; r++) {
            take_result(&plan->tasks[i], &results.items[r]);
        }
    }
    plan->started = results.n > 0;
}

static bool has_task(const struct plan *plan, struct kube_key key, enum sync_phase phase)
{
    for (size_t i = 0; i < plan->n_tasks; i++) {
        if (plan->tasks[i].phase == phase && kube_key_eq(plan->tasks[i].key, key)) {
            return true;
        }
    }
    return false;
}

/* What a predecessor was deleting when it was killed, and is not there any more. */
static void add_lost(struct builder *b, struct plan *plan)
{
    const struct app_resource_results results = b->in->results;
    for (size_t i = 0; i < results.n; i++) {
        const struct app_resource_result *r = &results.items[i];
        struct kube_key key = {r->group, r->kind, r->namespace, r->name};
        if (!plan_is_begun_prune(r) || has_task(plan, key, r->sync_phase)) {
            continue;
        }
        struct plan_task task = {
            .key = key,
            .version = r->version,
            .phase = r->sync_phase,
            .lost = true,
            .status = r->status,
            .operation = r->hook_phase,
            .message = r->message,
            .options = b->in->options,
        };
        vec_push_in(b->arena, &b->tasks, task);
    }
    plan->tasks = b->tasks.items;
    plan->n_tasks = b->tasks.n;
}

/* Hooks that were made but not noted: by a process that was killed in between. */
static void adopt_hooks(struct arena *arena, struct plan *plan)
{
    for (size_t i = 0; i < plan->n_tasks; i++) {
        struct plan_task *task = &plan->tasks[i];
        if (task->hook && task->operation == OPERATION_PHASE_NONE && plan_made(task, task->live)) {
            task->status = SYNC_RESULT_SYNCED;
            task->operation = OPERATION_PHASE_RUNNING;
            task->message = arena_printf(arena, STR_FMT " created", STR_ARG(task->key.name));
            plan->started = true;
        }
    }
}

static void refuse_tasks(struct arena *arena, const struct plan_input *in, struct plan *plan)
{
    for (size_t i = 0; in->refusal != NULL && i < plan->n_tasks; i++) {
        plan->tasks[i].refused = in->refusal(in->refusal_data, arena, &plan->tasks[i]);
    }
}

static bool is_multi_step(const struct plan *plan)
{
    for (size_t i = 1; i < plan->n_tasks; i++) {
        if (plan->tasks[i].phase != plan->tasks[0].phase ||
            plan->tasks[i].wave != plan->tasks[0].wave) {
            return true;
        }
    }
    return false;
}

void plan_build(struct arena *arena, const struct plan_input *in, struct plan *ret)
{
    struct builder b = {.arena = arena, .in = in};
    add_resources(&b);
    add_hooks(&b);
    add_namespace(&b);
    *ret = (struct plan){
        .tasks = b.tasks.items,
        .n_tasks = b.tasks.n,
        .dry_run = in->dry_run,
        .prune = in->prune,
        .prune_confirmed = in->prune_confirmed,
        .options = in->options,
        .verdicts = in->verdicts,
        .migration_manager = in->migration_manager,
    };
    mark_dry_runs(ret);
    plan_order(ret);
    refuse_tasks(arena, in, ret);
    take_results(ret, in->results);
    adopt_hooks(arena, ret);
    ret->multi_step = is_multi_step(ret);
    add_lost(&b, ret);
}

bool plan_made(const struct plan_task *task, const struct value *live)
{
    struct str mark = kube_annotation(task->target, STR(HOOK_SYNC_ANNOTATION));
    return live != NULL && mark.n > 0 && !kube_is_deleting(live) &&
           str_eq(kube_annotation(live, STR(HOOK_SYNC_ANNOTATION)), mark);
}

struct str plan_task_name(struct arena *arena, const struct plan_task *task)
{
    return arena_printf(arena, STR_FMT "/" STR_FMT "/" STR_FMT, STR_ARG(task->key.group),
                        STR_ARG(task->key.kind), STR_ARG(task->key.name));
}
