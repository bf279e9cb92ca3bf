/* The decisions of a running sync.
 *
 * Everything follows from the tasks: what is running waits for the health of its live object, what
 * failed ends the sync (after its SyncFail hooks), and what is pending runs phase by phase and wave by
 * wave. */
#include "app-controller/sync/step.h"

#include "app-controller/sync/plan_internal.h"
#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/vec.h"
#include "common/kube/kube_object.h"
#include "engine/health/health_override.h"
#include "engine/sync/hooks.h"

enum {
    MESSAGE_MAX_BYTES = 16 * 1024,
};

struct tasks {
    struct plan_task **items;
    size_t n;
};

typedef bool (*task_fn)(const struct plan *plan, const struct plan_task *task);

static struct tasks select_tasks(struct arena *arena, struct plan *plan, task_fn fn)
{
    VEC(struct plan_task *) found = {0};
    for (size_t i = 0; i < plan->n_tasks; i++) {
        if (fn(plan, &plan->tasks[i])) {
            vec_push_in(arena, &found, &plan->tasks[i]);
        }
    }
    return (struct tasks){found.items, found.n};
}

/* ---- what a task is ---- */

static bool is_running(const struct plan_task *t)
{
    return t->operation == OPERATION_PHASE_RUNNING;
}

static bool is_completed(const struct plan_task *t)
{
    return status_operation_completed(t->operation);
}

static bool is_failed(const struct plan_task *t)
{
    return t->status == SYNC_RESULT_SYNC_FAILED ||
           (is_completed(t) && t->operation != OPERATION_PHASE_SUCCEEDED);
}

static bool is_sync_fail(const struct plan *plan, const struct plan_task *t)
{
    (void)plan;
    return t->phase == SYNC_PHASE_SYNC_FAIL;
}

/* SyncFail hooks run only after a failure. */
static bool is_pending(const struct plan *plan, const struct plan_task *t)
{
    bool skipped = plan->options.apply_out_of_sync_only && t->in_sync && !t->hook;
    return t->operation == OPERATION_PHASE_NONE && t->phase != SYNC_PHASE_SYNC_FAIL && !skipped &&
           !t->lost;
}

static bool has_failed(const struct plan *plan, const struct plan_task *t)
{
    return is_failed(t) && !is_sync_fail(plan, t);
}

/* With several phases or waves everything has to be ready before the next begins; a single one only
 * waits for its hooks. */
static bool is_waited_for(const struct plan *plan, const struct plan_task *t)
{
    return is_running(t) && !t->lost && (plan->multi_step || t->hook);
}

static bool is_being_pruned(const struct plan *plan, const struct plan_task *t)
{
    (void)plan;
    if (t->lost) {
        return is_running(t);
    }
    return t->status == SYNC_RESULT_PRUNED && t->live != NULL && kube_is_deleting(t->live);
}

static bool is_held_hook(const struct plan *plan, const struct plan_task *t)
{
    (void)plan;
    return t->hook && is_completed(t) && kube_has_finalizer(t->live, STR(HOOK_FINALIZER));
}

static bool is_done_hook(const struct plan_task *t, enum hook_delete_policy policy)
{
    return t->hook && t->live != NULL && !kube_is_deleting(t->live) && is_completed(t) &&
           (t->delete_policies & policy) != 0;
}

static bool goes_after_success(const struct plan *plan, const struct plan_task *t)
{
    (void)plan;
    return is_done_hook(t, HOOK_DELETE_SUCCEEDED);
}

static bool goes_after_failure(const struct plan *plan, const struct plan_task *t)
{
    (void)plan;
    return is_done_hook(t, HOOK_DELETE_FAILED);
}

/* ---- following what runs ---- */

/* Health often has nothing to say: then what was said about applying it stays. */
static void say(struct plan_task *t, struct str message)
{
    t->message = message.n > 0 ? message : t->message;
}

static void follow_hook(struct arena *arena, struct plan_task *t, struct health health)
{
    say(t, health.message);
    switch (health.status) {
    case HEALTH_STATUS_NONE:
        t->operation = OPERATION_PHASE_SUCCEEDED;
        say(t, arena_printf(arena, STR_FMT " created", STR_ARG(t->key.name)));
        return;
    case HEALTH_STATUS_HEALTHY:
        t->operation = OPERATION_PHASE_SUCCEEDED;
        return;
    case HEALTH_STATUS_DEGRADED:
    case HEALTH_STATUS_UNKNOWN:
        t->operation = OPERATION_PHASE_FAILED;
        return;
    case HEALTH_STATUS_PROGRESSING:
    case HEALTH_STATUS_SUSPENDED:
    case HEALTH_STATUS_MISSING:
    case HEALTH_STATUS_COUNT:
        return;
    }
}

static void follow_resource(struct plan_task *t, struct health health)
{
    if (health.status == HEALTH_STATUS_NONE) {
        t->operation = OPERATION_PHASE_SUCCEEDED;
    } else if (health.status == HEALTH_STATUS_HEALTHY) {
        t->operation = OPERATION_PHASE_SUCCEEDED;
        say(t, health.message);
    } else if (health.status == HEALTH_STATUS_DEGRADED) {
        t->operation = OPERATION_PHASE_FAILED;
        say(t, health.message);
    }
}

static void follow_missing(struct arena *arena, struct plan_task *t)
{
    struct str name = plan_task_name(arena, t);
    t->status = SYNC_RESULT_SYNC_FAILED;
    t->operation = OPERATION_PHASE_ERROR;
    t->message = arena_printf(arena, "Resource " STR_FMT " is missing, it might have been deleted",
                              STR_ARG(name));
}

/* When there is such an object, it is another's now. */
static void follow_lost(struct plan_task *t)
{
    if (t->gone) {
        t->operation = OPERATION_PHASE_SUCCEEDED;
        t->message = STR("pruned");
    } else if (t->live != NULL) {
        t->status = SYNC_RESULT_NONE;
        t->operation = OPERATION_PHASE_NONE;
    }
}

/* Pruned objects are not followed: they are gone, or is_being_pruned(). */
static void follow_tasks(struct arena *arena, struct plan *plan)
{
    for (size_t i = 0; i < plan->n_tasks; i++) {
        struct plan_task *t = &plan->tasks[i];
        if (!is_running(t)) {
            continue;
        }
        if (t->lost) {
            follow_lost(t);
        } else if (t->live == NULL && t->gone && is_waited_for(plan, t)) {
            follow_missing(arena, t);
        } else if (t->live != NULL && t->hook) {
            follow_hook(arena, t, health_by_verdicts(arena, &plan->verdicts, t->live));
        } else if (t->live != NULL) {
            follow_resource(t, health_by_verdicts(arena, &plan->verdicts, t->live));
        }
    }
}

/* ---- messages ---- */

static struct str
waiting_message(struct arena *arena, const char *what, struct tasks tasks, const char *others)
{
    struct str first = plan_task_name(arena, tasks.items[0]);
    if (tasks.n == 1) {
        return arena_printf(arena, "waiting for %s " STR_FMT, what, STR_ARG(first));
    }
    return arena_printf(arena, "waiting for %s " STR_FMT " and %zu more %s", what, STR_ARG(first),
                        tasks.n - 1, others);
}

/* Hooks first: it is they who are told. */
static struct tasks hooks_first(struct arena *arena, struct tasks tasks, size_t *ret_n_hooks)
{
    struct tasks sorted = {arena_calloc(arena, tasks.n, sizeof(*tasks.items)), 0};
    for (int hook = 1; hook >= 0; hook--) {
        for (size_t i = 0; i < tasks.n; i++) {
            if (tasks.items[i]->hook == (hook == 1)) {
                sorted.items[sorted.n++] = tasks.items[i];
            }
        }
        *ret_n_hooks = hook == 1 ? sorted.n : *ret_n_hooks;
    }
    return sorted;
}

static struct str waiting_for_tasks(struct arena *arena, struct tasks tasks)
{
    size_t n_hooks = 0;
    struct tasks sorted = hooks_first(arena, tasks, &n_hooks);
    const char *others = n_hooks == tasks.n ? "hooks" : "resources";
    return waiting_message(arena, n_hooks > 0 ? "completion of hook" : "healthy state of", sorted,
                           others);
}

/* "<message>, reason: <messages of the tasks that could not be applied>" */
static struct str failure_message(struct arena *arena, struct tasks failed, const char *message)
{
    AUTO(buf) struct buf text;
    buf_init(&text, MESSAGE_MAX_BYTES);
    buf_put_c(&text, message);
    size_t n = 0;
    for (size_t i = 0; i < failed.n; i++) {
        if (failed.items[i]->status == SYNC_RESULT_SYNC_FAILED) {
            buf_put_c(&text, n++ == 0 ? ", reason: " : ",");
            buf_put(&text, failed.items[i]->message);
        }
    }
    return buf_to_arena(&text, arena);
}

/* "one or more synchronization tasks are not valid: <why>, <why>" */
static struct str refusal_message(struct arena *arena, struct tasks refused)
{
    AUTO(buf) struct buf text;
    buf_init(&text, MESSAGE_MAX_BYTES);
    buf_put_c(&text, "one or more synchronization tasks are not valid");
    for (size_t i = 0; i < refused.n; i++) {
        buf_put_c(&text, i == 0 ? ": " : ", ");
        buf_put(&text, refused.items[i]->refused);
    }
    return buf_to_arena(&text, arena);
}

/* ---- outcomes ---- */

static void
set_wait(struct step *step, enum step_wait wait, struct tasks waits_for, struct str message)
{
    step->wait = wait;
    step->waits_for = waits_for.items;
    step->n_waits_for = waits_for.n;
    step->kind = STEP_WAIT;
    step->phase = OPERATION_PHASE_RUNNING;
    step->message = message;
}

static enum step_wait wait_of(struct tasks tasks)
{
    for (size_t i = 0; i < tasks.n; i++) {
        if (tasks.items[i]->hook) {
            return STEP_WAITS_HOOK;
        }
    }
    return STEP_WAITS_HEALTH;
}

static void wait_for_tasks(struct arena *arena, struct tasks tasks, struct step *step)
{
    set_wait(step, wait_of(tasks), tasks, waiting_for_tasks(arena, tasks));
}

static void delete_these(struct step *step, struct tasks hooks)
{
    step->delete_hooks = hooks.items;
    step->n_delete_hooks = hooks.n;
}

static void release_done_hooks(struct arena *arena, struct plan *plan, struct step *step)
{
    struct tasks held = select_tasks(arena, plan, is_held_hook);
    step->release = held.items;
    step->n_release = held.n;
}

static void set_finish(struct step *step, enum operation_phase phase, struct str message)
{
    step->kind = STEP_FINISH;
    step->phase = phase;
    step->message = message;
}

static void succeed(struct arena *arena, struct plan *plan, const char *message, struct step *step)
{
    delete_these(step, select_tasks(arena, plan, goes_after_success));
    set_finish(step, OPERATION_PHASE_SUCCEEDED, str_from(message));
}

static void refuse(struct arena *arena, struct tasks refused, struct step *step)
{
    for (size_t i = 0; i < refused.n; i++) {
        refused.items[i]->status = SYNC_RESULT_SYNC_FAILED;
        refused.items[i]->message = refused.items[i]->refused;
    }
    set_finish(step, OPERATION_PHASE_FAILED, refusal_message(arena, refused));
}

/* ---- the next tasks ---- */

/* Those of the first one's phase and wave. */
static struct tasks first_wave(struct arena *arena, struct tasks pending)
{
    VEC(struct plan_task *) found = {0};
    for (size_t i = 0; i < pending.n; i++) {
        if (pending.items[i]->phase == pending.items[0]->phase &&
            pending.items[i]->wave == pending.items[0]->wave) {
            vec_push_in(arena, &found, pending.items[i]);
        }
    }
    return (struct tasks){found.items, found.n};
}

/* Hooks of the wave whose object is left from an earlier sync: a new one cannot be made yet. */
static struct tasks in_the_way(struct arena *arena, struct tasks wave)
{
    VEC(struct plan_task *) found = {0};
    for (size_t i = 0; i < wave.n; i++) {
        struct plan_task *t = wave.items[i];
        if (t->hook && t->live != NULL && (t->delete_policies & HOOK_DELETE_BEFORE_CREATION) != 0) {
            vec_push_in(arena, &found, t);
        }
    }
    return (struct tasks){found.items, found.n};
}

static struct tasks unconfirmed(struct arena *arena, const struct plan *plan, struct tasks wave)
{
    VEC(struct plan_task *) found = {0};
    struct str why;
    for (size_t i = 0; i < wave.n; i++) {
        if (plan_is_prune(wave.items[i]) &&
            step_prune_action(plan, wave.items[i], &why) == STEP_PRUNE_CONFIRM) {
            vec_push_in(arena, &found, wave.items[i]);
        }
    }
    return (struct tasks){found.items, found.n};
}

static bool has_held_object(const struct plan *plan, const struct plan_task *t)
{
    return is_held_hook(plan, t) || (t->hook && t->operation == OPERATION_PHASE_NONE &&
                                     kube_has_finalizer(t->live, STR(HOOK_FINALIZER)));
}

/* Old hooks are deleted first; true when there are some. */
static bool
wait_for_room(struct arena *arena, struct plan *plan, struct tasks wave, struct step *step)
{
    struct tasks old = in_the_way(arena, wave);
    if (old.n == 0 || plan->dry_run) { /* a dry run deletes nothing to wait for */
        return false;
    }
    struct tasks held = select_tasks(arena, plan, has_held_object);
    step->release = held.items;
    step->n_release = held.n;
    delete_these(step, old);
    set_wait(step, STEP_WAITS_DELETION, old,
             waiting_message(arena, "deletion of hook", old, "hooks"));
    return true;
}

static bool is_waiting_sync_fail(const struct plan *plan, const struct plan_task *t)
{
    return is_sync_fail(plan, t) && t->operation == OPERATION_PHASE_NONE;
}

static bool is_failed_sync_fail(const struct plan *plan, const struct plan_task *t)
{
    return is_sync_fail(plan, t) && is_failed(t);
}

/* What the SyncFail hooks have to add. */
static struct str with_hooks_failed(struct arena *arena, struct plan *plan, struct str text)
{
    struct tasks failed = select_tasks(arena, plan, is_failed_sync_fail);
    if (failed.n == 0) {
        return text;
    }
    struct str more = failure_message(arena, failed, "one or more SyncFail hooks failed");
    return arena_printf(arena, STR_FMT "\n" STR_FMT, STR_ARG(text), STR_ARG(more));
}

/* The sync has failed: its SyncFail hooks run, then it ends. */
static void fail(struct arena *arena, struct plan *plan, const char *message, struct step *step)
{
    struct tasks failed = select_tasks(arena, plan, has_failed);
    struct str text = failure_message(arena, failed, message);
    struct tasks waiting = select_tasks(arena, plan, is_waiting_sync_fail);
    delete_these(step, select_tasks(arena, plan, goes_after_failure));
    if (waiting.n == 0) {
        set_finish(step, OPERATION_PHASE_FAILED, with_hooks_failed(arena, plan, text));
        return;
    }
    if (wait_for_room(arena, plan, waiting, step)) {
        return;
    }
    step->kind = STEP_RUN;
    step->phase = OPERATION_PHASE_RUNNING;
    step->message = text;
    step->run = waiting.items;
    step->n_run = waiting.n;
    step->sync_fail = true;
    step->last_wave = true;
}

static void
run_wave(struct arena *arena, struct plan *plan, struct tasks pending, struct step *step)
{
    struct tasks wave = first_wave(arena, pending);
    struct tasks ask = unconfirmed(arena, plan, wave);
    if (ask.n > 0) {
        set_wait(step, STEP_WAITS_CONFIRMATION, ask,
                 waiting_message(arena, "pruning confirmation of", ask, "resources"));
        return;
    }
    if (wait_for_room(arena, plan, wave, step)) {
        return;
    }
    step->kind = STEP_RUN;
    step->phase = OPERATION_PHASE_RUNNING;
    step->message = STR("one or more tasks are running");
    step->run = wave.items;
    step->n_run = wave.n;
    step->last_wave = wave.n == pending.n;
}

static bool is_over(const struct plan *plan, const struct plan_task *t)
{
    return t->over_budget && is_pending(plan, t);
}

/* True: the sync deletes more than it may without being asked; nothing is begun before somebody confirms. */
static bool is_over_budget(struct arena *arena, struct plan *plan, struct step *step)
{
    struct tasks over = select_tasks(arena, plan, is_over);
    if (plan->prune_confirmed || plan->dry_run || over.n == 0) {
        return false;
    }
    set_wait(step, STEP_WAITS_BUDGET, over,
             arena_printf(arena, "waiting for confirmation: " STR_FMT, STR_ARG(plan->over_budget)));
    return true;
}

/* What comes after everything that was started is done. */
static void decide(struct arena *arena, struct plan *plan, struct step *step)
{
    if (select_tasks(arena, plan, has_failed).n > 0) {
        fail(arena, plan, "one or more synchronization tasks completed unsuccessfully", step);
        return;
    }
    struct tasks pending = select_tasks(arena, plan, is_pending);
    if (pending.n == 0) {
        succeed(arena, plan, "successfully synced (no more tasks)", step);
        return;
    }
    if (is_over_budget(arena, plan, step)) {
        return;
    }
    run_wave(arena, plan, pending, step);
}

static bool needs_dry_run(const struct plan *plan, const struct plan_task *t)
{
    return !(plan->options.apply_out_of_sync_only && t->in_sync && !t->hook);
}

static bool may_not_run(const struct plan *plan, const struct plan_task *t)
{
    (void)plan;
    return t->refused.n > 0;
}

void step_next(struct arena *arena, struct plan *plan, struct step *ret)
{
    *ret = (struct step){.phase = OPERATION_PHASE_RUNNING};
    struct tasks refused = select_tasks(arena, plan, may_not_run);
    if (refused.n > 0) {
        refuse(arena, refused, ret);
        return;
    }
    if (!plan->started) {
        struct tasks all = select_tasks(arena, plan, needs_dry_run);
        ret->kind = STEP_DRY_RUN;
        ret->run = all.items;
        ret->n_run = all.n;
        ret->message = STR("one or more tasks are validated");
        return;
    }
    follow_tasks(arena, plan);
    release_done_hooks(arena, plan, ret);
    struct tasks running = select_tasks(arena, plan, is_waited_for);
    if (running.n > 0) {
        wait_for_tasks(arena, running, ret);
        return;
    }
    struct tasks going = select_tasks(arena, plan, is_being_pruned);
    if (going.n > 0) {
        set_wait(ret, STEP_WAITS_DELETION, going,
                 waiting_message(arena, "deletion of", going, "resources"));
        return;
    }
    decide(arena, plan, ret);
}

size_t step_note_prunes(const struct plan *plan, struct step *step)
{
    size_t n = 0;
    struct str why;
    for (size_t i = 0; step->kind == STEP_RUN && !plan->dry_run && i < step->n_run; i++) {
        struct plan_task *t = step->run[i];
        if (plan_is_prune(t) && step_prune_action(plan, t, &why) == STEP_PRUNE_DELETE) {
            t->status = SYNC_RESULT_PRUNED;
            t->operation = OPERATION_PHASE_RUNNING;
            t->message = STR("pruning");
            n++;
        }
    }
    return n;
}

static bool is_refused(const struct plan *plan, const struct plan_task *t)
{
    (void)plan;
    return t->status == SYNC_RESULT_SYNC_FAILED;
}

/* Validation leaves no traces in the tasks unless it failed. */
static void after_dry_run(struct arena *arena, struct plan *plan, struct step *ret)
{
    struct tasks refused = select_tasks(arena, plan, may_not_run);
    if (refused.n > 0) {
        refuse(arena, refused, ret);
        return;
    }
    if (select_tasks(arena, plan, is_refused).n > 0) {
        set_finish(ret, OPERATION_PHASE_FAILED,
                   failure_message(arena, select_tasks(arena, plan, is_refused),
                                   "one or more objects failed to apply (dry run)"));
        return;
    }
    for (size_t i = 0; i < plan->n_tasks; i++) {
        plan->tasks[i].status = SYNC_RESULT_NONE;
        plan->tasks[i].operation = OPERATION_PHASE_NONE;
        plan->tasks[i].message = STR_EMPTY;
    }
    plan->started = true;
    decide(arena, plan, ret);
}

/* Something is left to do, or a hook has to be waited for. */
static bool is_remaining(const struct plan *plan, const struct plan_task *t)
{
    return is_pending(plan, t) || (t->hook && is_running(t));
}

static bool is_running_hook(const struct plan *plan, const struct plan_task *t)
{
    (void)plan;
    return t->hook && is_running(t);
}

/* Hooks that run already are seen to their end. */
static void after_failure(struct arena *arena, struct plan *plan, struct step *step)
{
    struct tasks hooks = select_tasks(arena, plan, is_running_hook);
    if (hooks.n > 0) {
        wait_for_tasks(arena, hooks, step);
        return;
    }
    fail(arena, plan, "one or more objects failed to apply", step);
}

void step_after_run(struct arena *arena,
                    struct plan *plan,
                    const struct step *ran,
                    struct step *ret)
{
    struct step step = {.phase = OPERATION_PHASE_RUNNING};
    if (ran->kind == STEP_DRY_RUN) {
        after_dry_run(arena, plan, &step);
    } else if (ran->sync_fail) {
        set_wait(&step, STEP_WAITS_NOT, (struct tasks){0}, ran->message);
    } else if (select_tasks(arena, plan, has_failed).n > 0) {
        after_failure(arena, plan, &step);
    } else {
        struct tasks left = select_tasks(arena, plan, is_remaining);
        if (left.n == 0) {
            succeed(arena, plan, "successfully synced (all tasks run)", &step);
        } else {
            struct tasks wave = {ran->run, ran->n_run};
            struct tasks running = select_tasks(arena, plan, is_waited_for);
            set_wait(&step, running.n > 0 ? wait_of(running) : STEP_WAITS_NOT, running,
                     waiting_for_tasks(arena, wave));
        }
    }
    if (step.kind == STEP_FINISH) { /* no step comes after it to let them go */
        release_done_hooks(arena, plan, &step);
    }
    *ret = step;
}

size_t step_group(const struct step *step, size_t from)
{
    size_t n = from;
    while (n < step->n_run && plan_is_prune(step->run[n]) == plan_is_prune(step->run[from]) &&
           (plan_is_prune(step->run[from]) ||
            str_eq(step->run[n]->key.kind, step->run[from]->key.kind))) {
        n++;
    }
    return n - from;
}

enum step_prune
step_prune_action(const struct plan *plan, const struct plan_task *task, struct str *ret_message)
{
    if (!plan->prune) {
        *ret_message = STR("ignored (requires pruning)");
        return STEP_PRUNE_SKIP;
    }
    if (task->options.prune == SYNC_CONSENT_REFUSED) {
        *ret_message = STR("ignored (no prune)");
        return STEP_PRUNE_SKIP;
    }
    bool asks = task->options.prune == SYNC_CONSENT_ASK && !plan->prune_confirmed;
    return asks && !plan->dry_run ? STEP_PRUNE_CONFIRM : STEP_PRUNE_DELETE;
}
