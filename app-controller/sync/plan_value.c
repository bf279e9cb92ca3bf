/* Plans and their outcomes as data for the API and for status.operationState. */
#include "app-controller/sync/plan_internal.h"
#include "app-controller/sync/step.h"
#include "common/base/arena.h"
#include "common/base/macro.h"
#include "common/base/vec.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "engine/compare/field_changes.h"
#include "engine/compare/mask.h"

static const char *action_of(const struct plan *plan, const struct plan_task *task)
{
    static const char *const PRUNE_ACTIONS[] = {
        [STEP_PRUNE_DELETE] = "prune",
        [STEP_PRUNE_SKIP] = "skip-prune",
        [STEP_PRUNE_CONFIRM] = "confirm-prune",
    };
    struct str why;
    if (plan_is_prune(task)) {
        return PRUNE_ACTIONS[step_prune_action(plan, task, &why)];
    }
    if (task->hook || task->live == NULL) {
        return "create";
    }
    if (task->in_sync) {
        return plan->options.apply_out_of_sync_only ? "none" : "unchanged";
    }
    return task->options.replace ? "replace" : "update";
}

/* The fields of what is there that become others; secrets are masked. */
static void put_changes(struct arena *arena, struct value_builder *b, const struct plan_task *task)
{
    const struct compare_resource *r = task->resource;
    if (r == NULL || r->target == NULL || r->live == NULL || !r->modified) {
        return;
    }
    struct mask_set shown = {
        .live = r->live,
        .normalized_live = r->normalized_live,
        .predicted_live = r->predicted_live,
    };
    shown = mask_secret(arena, shown, NULL, 0);
    struct field_changes changes =
        field_changes_of(arena, shown.normalized_live, shown.predicted_live, shown.live);
    value_build_field(b, "changes", field_changes_value(arena, &changes));
    if (changes.cut) {
        value_build_field_bool(b, "changesCut", true);
    }
}

static void put_task(struct arena *arena,
                     struct value_builder *b,
                     const struct plan *plan,
                     const struct plan_task *task)
{
    value_build_map(b);
    value_build_field_str(b, "phase", str_from(status_phase_name(task->phase)));
    value_build_field_int(b, "wave", task->wave);
    value_build_field_str(b, "action", str_from(action_of(plan, task)));
    value_build_field_str_opt(b, "group", task->key.group);
    value_build_field_str(b, "version", task->version);
    value_build_field_str(b, "kind", task->key.kind);
    value_build_field_str_opt(b, "namespace", task->key.namespace);
    value_build_field_str(b, "name", task->key.name);
    if (task->hook) {
        value_build_field_bool(b, "hook", true);
    }
    value_build_field_str_opt(b, "status", str_from(status_result_name(task->status)));
    value_build_field_str_opt(b, "hookPhase", str_from(status_operation_name(task->operation)));
    value_build_field_str_opt(b, "message", task->message);
    value_build_field_str_opt(b, "refused", task->refused);
    if (task->over_budget) {
        value_build_field_bool(b, "overBudget", true);
    }
    put_changes(arena, b, task);
    value_build_end(b);
}

/* Kinds of actions with how many tasks have them. */
static void put_counts(struct value_builder *b, const struct plan *plan)
{
    static const char *const ACTIONS[] = {"create",    "update",     "replace",       "prune",
                                          "unchanged", "skip-prune", "confirm-prune", "none"};
    value_build_field_map(b, "counts");
    for (size_t a = 0; a < ARRAY_LEN(ACTIONS); a++) {
        int64_t n = 0;
        for (size_t i = 0; i < plan->n_tasks; i++) {
            n += strcmp(action_of(plan, &plan->tasks[i]), ACTIONS[a]) == 0;
        }
        if (n > 0) {
            value_build_field_int(b, ACTIONS[a], n);
        }
    }
    value_build_end(b);
}

const struct value *plan_to_value(struct arena *arena, const struct plan *plan)
{
    AUTO(value_builder) struct value_builder b;
    value_builder_init(&b, arena, VALUE_DUP_LAST);
    value_build_map(&b);
    value_build_field_list(&b, "tasks");
    for (size_t i = 0; i < plan->n_tasks; i++) {
        put_task(arena, &b, plan, &plan->tasks[i]);
    }
    value_build_end(&b);
    put_counts(&b, plan);
    value_build_field_str_opt(&b, "deletionBudget", plan->over_budget);
    value_build_end(&b);
    return value_build_finish(&b);
}

/* ---- outcomes ---- */

/* Where pods are described in the kinds that have them. */
static const char *const POD_SPECS[][6] = {
    {"spec", NULL},
    {"spec", "template", "spec", NULL},
    {"spec", "jobTemplate", "spec", "template", "spec", NULL},
};

static struct app_strs images_of(struct arena *arena, const struct value *obj)
{
    static const char *const LISTS[] = {"initContainers", "containers"};
    VEC(struct str) images = {0};
    for (size_t p = 0; p < ARRAY_LEN(POD_SPECS); p++) {
        const struct value *spec = value_dig_path(obj, POD_SPECS[p]);
        for (size_t l = 0; l < ARRAY_LEN(LISTS); l++) {
            VALUE_FOREACH(value_find(spec, str_from(LISTS[l])), container) {
                struct str image = value_dig_str(container, "image");
                if (image.n > 0) {
                    vec_push_in(arena, &images, arena_str(arena, image));
                }
            }
        }
    }
    return (struct app_strs){images.items, images.n};
}

/* All copied: it may be written after the next evaluation took the place of the one it is from. */
static struct app_resource_result result_of(struct arena *arena, const struct plan_task *task)
{
    return (struct app_resource_result){
        .group = arena_str(arena, task->key.group),
        .version = arena_str(arena, task->version),
        .kind = arena_str(arena, task->key.kind),
        .namespace = arena_str(arena, task->key.namespace),
        .name = arena_str(arena, task->key.name),
        .status = task->status,
        .message = arena_str(arena, task->message),
        .hook_type = task->hook ? str_from(status_phase_name(task->phase)) : STR_EMPTY,
        .hook_phase = task->operation,
        .sync_phase = task->phase,
        .images = images_of(arena, task->target != NULL ? task->target : task->live),
    };
}

static bool same_task(const struct app_resource_result *a, const struct app_resource_result *b)
{
    return a->sync_phase == b->sync_phase && str_eq(a->name, b->name) && str_eq(a->kind, b->kind) &&
           str_eq(a->namespace, b->namespace) && str_eq(a->group, b->group);
}

/* A pruning that was begun, but of an object that is there, ours or another's: nothing has become of it. */
static bool is_forgotten(const struct plan *plan, const struct app_resource_result *r)
{
    for (size_t i = 0; plan_is_begun_prune(r) && i < plan->n_tasks; i++) {
        const struct plan_task *task = &plan->tasks[i];
        struct app_resource_result of = {
            .group = task->key.group,
            .kind = task->key.kind,
            .namespace = task->key.namespace,
            .name = task->key.name,
            .sync_phase = task->phase,
        };
        if (task->operation == OPERATION_PHASE_NONE && same_task(r, &of)) {
            return true;
        }
    }
    return false;
}

struct app_resource_results
plan_results(struct arena *arena, const struct plan *plan, struct app_resource_results results)
{
    VEC(struct app_resource_result) all = {0};
    for (size_t i = 0; i < results.n; i++) {
        if (!is_forgotten(plan, &results.items[i])) {
            vec_push_in(arena, &all, results.items[i]);
        }
    }
    for (size_t i = 0; i < plan->n_tasks; i++) {
        const struct plan_task *task = &plan->tasks[i];
        if (task->status == SYNC_RESULT_NONE && task->operation == OPERATION_PHASE_NONE) {
            continue;
        }
        struct app_resource_result result = result_of(arena, task);
        size_t at = 0;
        while (at < all.n && !same_task(&all.items[at], &result)) {
            at++;
        }
        if (at < all.n) {
            all.items[at] = result;
        } else {
            vec_push_in(arena, &all, result);
        }
    }
    return (struct app_resource_results){all.items, all.n};
}
