/* Counting what a plan deletes. */
#include "app-controller/sync/budget.h"

#include "app-controller/sync/plan_internal.h"
#include "app-controller/sync/step.h"
#include "common/base/arena.h"
#include "common/base/glob.h"
#include "common/base/num.h"
#include "common/value/value.h"

/* Deleted, or about to be. */
static bool is_deletion(const struct plan *plan, const struct plan_task *task)
{
    struct str why;
    if (!plan_is_prune(task)) {
        return false;
    }
    if (task->operation != OPERATION_PHASE_NONE) {
        return task->status == SYNC_RESULT_PRUNED;
    }
    return step_prune_action(plan, task, &why) != STEP_PRUNE_SKIP;
}

/* "apps/StatefulSet", "StatefulSet" of any group, patterns. */
static bool is_protected(struct str kinds, const struct plan_task *task)
{
    struct str part;
    while (str_next(&kinds, ',', &part)) {
        struct str group = STR("*");
        struct str kind;
        struct str word = str_trim(part);
        if (!str_cut(word, '/', &group, &kind)) {
            group = STR("*");
            kind = word;
        }
        if (glob_match(group, task->key.group, GLOB_NO_SEPARATOR) &&
            glob_match(kind, task->key.kind, GLOB_NO_SEPARATOR)) {
            return true;
        }
    }
    return false;
}

static struct str protected_text(struct arena *arena, struct str kinds, struct plan *plan)
{
    size_t n = 0;
    const struct plan_task *first = NULL;
    for (size_t i = 0; i < plan->n_tasks; i++) {
        struct plan_task *t = &plan->tasks[i];
        if (is_deletion(plan, t) && t->operation == OPERATION_PHASE_NONE &&
            is_protected(kinds, t)) {
            t->over_budget = true;
            first = n++ == 0 ? t : first;
        }
    }
    if (n == 0) {
        return STR_EMPTY;
    }
    return arena_printf(arena, STR_FMT " is of a protected kind%s",
                        STR_ARG(plan_task_name(arena, first)), n > 1 ? ", and others are" : "");
}

/* How many deletes one word of a limit allows; false when it says nothing sensible. */
static bool allowance(struct str word, size_t n_objects, int64_t *ret)
{
    struct err err;
    bool share = str_ends_with(word, STR("%"));
    int64_t n = 0;
    if (num_parse_int(str_sub(word, 0, word.n - (share ? 1 : 0)), &n, &err) < 0 || n < 0) {
        return false;
    }
    *ret = share ? (int64_t)n_objects * MIN(n, (int64_t)100) / 100 : n;
    return true;
}

static struct str
count_text(struct arena *arena, struct str limit, size_t n_objects, struct plan *plan)
{
    size_t n = 0;
    for (size_t i = 0; i < plan->n_tasks; i++) {
        n += is_deletion(plan, &plan->tasks[i]);
    }
    struct str rest = limit;
    struct str part;
    bool over = false;
    const char *wrong = "";
    while (n > 0 && str_next(&rest, ',', &part)) {
        int64_t allowed = 0;
        if (!allowance(str_trim(part), n_objects, &allowed)) {
            wrong = ", which cannot be read";
        }
        over |= (int64_t)n > allowed;
    }
    if (!over) {
        return STR_EMPTY;
    }
    for (size_t i = 0; i < plan->n_tasks; i++) {
        struct plan_task *t = &plan->tasks[i];
        t->over_budget |= is_deletion(plan, t) && t->operation == OPERATION_PHASE_NONE;
    }
    return arena_printf(arena, "%zu of %zu objects would be deleted, the budget is " STR_FMT "%s",
                        n, n_objects, STR_ARG(limit), wrong);
}

static bool is_none(struct str text)
{
    return text.n == 0 || str_eq_c(text, "none");
}

void budget_check(struct arena *arena,
                  const struct budget *budget,
                  size_t n_objects,
                  struct plan *plan)
{
    struct str limit = str_trim(budget->limit);
    struct str kinds = str_trim(budget->protected);
    struct str counted = is_none(limit) ? STR_EMPTY : count_text(arena, limit, n_objects, plan);
    struct str held = is_none(kinds) ? STR_EMPTY : protected_text(arena, kinds, plan);
    plan->over_budget = arena_printf(arena, STR_FMT "%s" STR_FMT, STR_ARG(counted),
                                     counted.n > 0 && held.n > 0 ? "; " : "", STR_ARG(held));
}
