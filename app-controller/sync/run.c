/* The running operation of an Application: one step of its sync per turn.
 *
 * All that matters is in status.operationState, so any process can be killed at any point: the next turn
 * compares anew, builds the plan anew, and goes on with what is not done. The phases of an operation are
 * Argo CD's. */
#include "app-controller/sync/run.h"

#include <assert.h>

#include "app-controller/app.h"
#include "app-controller/impersonate.h"
#include "app-controller/live/live_cache.h"
#include "app-controller/pass.h"
#include "app-controller/sync/plan_app.h"
#include "app-controller/sync/run_internal.h"
#include "app-controller/targets.h"
#include "app-controller/windows.h"
#include "common/base/arena.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/vec.h"
#include "common/kube/kube_object.h"
#include "common/rt/loop.h"
#include "common/settings/settings.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"

enum {
    SECOND_MS = 1000,
};

/* ---- what a step says ---- */

static void act(struct pass *pass);

/* What the step waits for, or which tasks made it end at once. */
static struct blocked blocked_by(struct pass *pass, const struct step *step)
{
    static const enum blocked_reason REASONS[] = {
        [STEP_WAITS_NOT] = BLOCKED_NOT,
        [STEP_WAITS_HEALTH] = BLOCKED_HEALTH,
        [STEP_WAITS_HOOK] = BLOCKED_HOOK,
        [STEP_WAITS_DELETION] = BLOCKED_DELETION,
        [STEP_WAITS_CONFIRMATION] = BLOCKED_CONFIRMATION,
        [STEP_WAITS_BUDGET] = BLOCKED_BUDGET,
    };
    struct run *run = run_of(pass);
    struct blocked b = {
        .reason = REASONS[step->wait],
        .text = step->message,
        .tasks = step->waits_for,
        .n_tasks = step->n_waits_for,
        .plan = &run->plan,
    };
    VEC(struct plan_task *) refused = {0};
    for (size_t i = 0; step->kind == STEP_FINISH && i < run->plan.n_tasks; i++) {
        struct plan_task *t = &run->plan.tasks[i];
        if (t->refused.n > 0) {
            b.reason = t->unknown_kind ? BLOCKED_KIND : BLOCKED_PROJECT;
            vec_push_in(pass->arena, &refused, t);
        }
    }
    if (refused.n > 0) {
        b.tasks = refused.items;
        b.n_tasks = refused.n;
    }
    return b;
}

static struct app_operation_state state_with_results(struct pass *pass)
{
    struct run *run = run_of(pass);
    struct app_operation_state state = *run_state(pass);
    state.result.resources = plan_results(pass->arena, &run->plan, state.result.resources);
    state.message = run->step.message.n > 0 ? run->step.message : state.message;
    return state;
}

static void after_delete_hooks(struct pass *pass)
{
    struct run *run = run_of(pass);
    struct app_operation_state state = state_with_results(pass);
    run->blocked = blocked_by(pass, &run->step);
    if (run->step.kind == STEP_FINISH) {
        run_end(pass, &state, run->step.phase, run->step.message);
        return;
    }
    run_write_state(pass, &state, run_written_wait);
}

static void after_release(struct pass *pass)
{
    struct run *run = run_of(pass);
    run_tasks(pass, run->step.delete_hooks, run->step.n_delete_hooks, apply_delete,
              after_delete_hooks);
}

static void after_run(struct pass *pass)
{
    struct run *run = run_of(pass);
    struct step ran = run->step;
    step_after_run(pass->arena, &run->plan, &ran, &run->step);
    if (run->step.kind == STEP_FINISH) {
        act(pass);
        return;
    }
    if (ran.kind == STEP_DRY_RUN) {
        act(pass);
        return;
    }
    struct app_operation_state state = state_with_results(pass);
    bool pause = !ran.last_wave;
    pass->app->op_pause_until_ms =
        pause ? loop_now_ms(pass->ctl->loop) + pass->ctl->config->wave_delay_ms : 0;
    run_write_state(pass, &state, run_written_more);
}

static void after_hooks_made_room(struct pass *pass)
{
    struct run *run = run_of(pass);
    run->validate_only = run->step.kind == STEP_DRY_RUN;
    run_tasks(pass, run->step.run, run->step.n_run, apply_start, after_run);
}

static void on_known_written(struct pass *pass, const struct err *err)
{
    struct run *run = run_of(pass);
    if (err != NULL) {
        pass_retry_later(pass, err);
        return;
    }
    run_tasks(pass, run->step.release, run->step.n_release, apply_release, after_release);
}

static void on_prunes_noted(struct pass *pass, const struct err *err)
{
    if (err != NULL) {
        pass_retry_later(pass, err);
        return;
    }
    after_hooks_made_room(pass);
}

static void begin_run(struct pass *pass)
{
    struct run *run = run_of(pass);
    if (run->step.kind == STEP_DRY_RUN) {
        run_check_fields(pass, after_hooks_made_room);
        return;
    }
    if (step_note_prunes(&run->plan, &run->step) == 0) {
        after_hooks_made_room(pass);
        return;
    }
    struct app_operation_state state = state_with_results(pass);
    run_write_state(pass, &state, on_prunes_noted);
}

/* What has become of hooks is noted before they may go: a process that takes over here could not tell a hook that was
 * done from one that vanished. */
static void let_hooks_go(struct pass *pass)
{
    struct run *run = run_of(pass);
    if (run->step.n_release + run->step.n_delete_hooks == 0) {
        after_delete_hooks(pass);
        return;
    }
    struct app_operation_state state = state_with_results(pass);
    state.message = run_state(pass)->message;
    run_write_state(pass, &state, on_known_written);
}

static void act(struct pass *pass)
{
    struct run *run = run_of(pass);
    switch (run->step.kind) {
    case STEP_DRY_RUN:
    case STEP_RUN:
        begin_run(pass);
        return;
    case STEP_WAIT:
    case STEP_FINISH:
        let_hooks_go(pass);
        return;
    }
}

/* ---- planning ---- */

static void plan_operation(struct pass *pass)
{
    struct run *run = run_of(pass);
    plan_app_build(pass->arena, pass->evaluation, run_state(pass), pass->ctl->settings, &run->plan);
}

static bool is_missed(const struct plan_task *t)
{
    return t->operation == OPERATION_PHASE_RUNNING && (t->target != NULL || t->lost) &&
           t->live == NULL;
}

/* What should be there and is not known to the cache is looked for: it has gone, or only its news are late. */
static void look_for_missed(struct pass *pass, pass_fn next)
{
    struct run *run = run_of(pass);
    struct plan_task **missed = arena_calloc(pass->arena, run->plan.n_tasks, sizeof(*missed));
    size_t n = 0;
    for (size_t i = 0; i < run->plan.n_tasks; i++) {
        if (is_missed(&run->plan.tasks[i])) {
            missed[n++] = &run->plan.tasks[i];
        }
    }
    run_tasks(pass, missed, n, apply_look, next);
}

static void take_step(struct pass *pass)
{
    struct run *run = run_of(pass);
    step_next(pass->arena, &run->plan, &run->step);
    act(pass);
}

/* The messages of the comparison's conditions of this type, with "; " between them; "" = none. */
static struct str compare_conditions(struct pass *pass, enum condition_type type)
{
    const struct compare_result *r = &pass->evaluation->compare;
    struct str text = STR_EMPTY;
    for (size_t i = 0; i < r->conditions.n; i++) {
        const struct condition *c = &r->conditions.items[i];
        if (c->type == type) {
            text = arena_printf(pass->arena, STR_FMT "%s" STR_FMT, STR_ARG(text),
                                text.n > 0 ? "; " : "", STR_ARG(c->message));
        }
    }
    return text;
}

/* The comparison says that nothing may be done. */
static bool is_ruled_out(struct pass *pass)
{
    struct app_operation_state state = *run_state(pass);
    struct str shared = compare_conditions(pass, CONDITION_SHARED_RESOURCE_WARNING);
    if (run_of(pass)->plan.options.fail_on_shared_resource && shared.n > 0) {
        run_end(pass, &state, OPERATION_PHASE_FAILED,
                arena_printf(pass->arena, "Shared resource found: " STR_FMT, STR_ARG(shared)));
        return true;
    }
    static const enum condition_type WRONG[] = {CONDITION_COMPARISON_ERROR,
                                                CONDITION_INVALID_SPEC_ERROR};
    for (size_t i = 0; i < ARRAY_LEN(WRONG); i++) {
        struct str wrong = compare_conditions(pass, WRONG[i]);
        if (wrong.n > 0) {
            run_end(pass, &state, OPERATION_PHASE_ERROR,
                    arena_printf(pass->arena, "%s: " STR_FMT, condition_type_name(WRONG[i]),
                                 STR_ARG(wrong)));
            return true;
        }
    }
    return false;
}

/* A cluster that is only being read is not worth telling. */
static void wait_for_cluster(struct pass *pass, const struct err *err)
{
    char text[1024];
    struct app_operation_state state = *run_state(pass);
    if (live_cache_error(pass->cache) == NULL) {
        run_leave_and_recheck(pass);
        return;
    }
    err_format(err, text, sizeof(text));
    run_of(pass)->blocked = (struct blocked){
        .reason = BLOCKED_CLUSTER,
        .text = arena_printf(pass->arena, "waiting for the cluster: %s", text),
    };
    run_write_state(pass, &state, run_written_wait);
}

static void on_compared(struct pass *pass, const struct err *err)
{
    if (err != NULL && pass->not_ready) {
        wait_for_cluster(pass, err);
        return;
    }
    if (err != NULL) {
        run_fail(pass, OPERATION_PHASE_ERROR, err);
        return;
    }
    plan_operation(pass);
    if (is_ruled_out(pass)) {
        return;
    }
    look_for_missed(pass, take_step);
}

/* ---- targets ---- */

static void compare_operation(struct pass *pass)
{
    pass_set_targets(pass, pass->app->op_targets);
    pass_evaluate(pass, pass->targets, &pass->app->op_interests, on_compared);
}

static void on_result_begun(struct pass *pass, const struct err *err)
{
    if (err != NULL) {
        pass_retry_later(pass, err);
        return;
    }
    compare_operation(pass);
}

static const struct app_sources *operation_sources(struct pass *pass)
{
    const struct app_operation *op = &run_state(pass)->operation;
    return op->sources.n > 0 ? &op->sources : &pass->model.spec.sources;
}

/* What is to be deployed. */
static void
set_aim(struct pass *pass, struct app_operation_state *state, const struct str *revisions)
{
    const struct app_operation *op = &state->operation;
    const struct app_sources *sources = operation_sources(pass);
    bool multi = op->sources.n > 0 ? op->multi_source : pass->model.spec.multi_source;
    bool known = revisions != NULL;
    state->has_result = true;
    state->result.revision = known && !multi ? revisions[0] : STR_EMPTY;
    state->result.revisions =
        known && multi ? (struct app_strs){revisions, sources->n} : (struct app_strs){0};
    state->result.sources = *sources;
    state->result.multi_source = multi;
}

/* What is deployed stands in the result from the beginning: a restart goes on with the same revision. */
static void begin_result(struct pass *pass)
{
    struct app_operation_state state = *run_state(pass);
    set_aim(pass, &state, pass->app->op_targets->revisions);
    state.result.managed_namespace_metadata =
        pass->model.spec.sync_policy.managed_namespace_metadata;
    run_write_state(pass, &state, on_result_begun);
}

/* With who did it, when that was nobody. */
static struct str terminated_text(const struct pass *pass, const char *text)
{
    bool asked = pass->model.status.operation_state.phase == OPERATION_PHASE_TERMINATING;
    return arena_printf(pass->arena, "%s%s", text,
                        asked ? "" : ", triggered by controller sync timeout");
}

static void end_terminated(struct pass *pass)
{
    struct app_operation_state state = *run_state(pass);
    run_end(pass, &state, OPERATION_PHASE_FAILED, terminated_text(pass, "Operation terminated"));
}

static const struct str *operation_revisions(struct pass *pass, size_t n_sources);

/* What was wanted is remembered: automation goes on when something else is. */
static void fail_targets(struct pass *pass, const struct err *why)
{
    struct app_operation_state state = *run_state(pass);
    struct err err = *why;
    char text[ERR_MESSAGE_BYTES];
    (void)err_wrap(&err, "Failed to load target state");
    err_format(&err, text, sizeof(text));
    set_aim(pass, &state, operation_revisions(pass, operation_sources(pass)->n));
    run_end(pass, &state, OPERATION_PHASE_ERROR, arena_str(pass->arena, str_from(text)));
}

static void on_fetched(void *data, struct targets *targets, const struct err *err)
{
    struct pass *pass = data;
    struct run *run = run_of(pass);
    pass->fetch = NULL;
    if (run_slow_end(pass, targets, err)) {
        return;
    }
    if (err != NULL && err->code == ERR_CANCELED) {
        pass_end(pass);
        return;
    }
    if (err != NULL && run->terminating) {
        end_terminated(pass);
        return;
    }
    if (err != NULL) {
        fail_targets(pass, err);
        return;
    }
    targets_unref(pass->app->op_targets);
    pass->app->op_targets = targets;
    run->fetched(pass);
}

/* Revisions as they were resolved when the operation began, else as it asks for. */
static const struct str *operation_revisions(struct pass *pass, size_t n_sources)
{
    const struct app_operation_state *state = run_state(pass);
    const struct app_strs lists[] = {
        state->has_result ? state->result.revisions : (struct app_strs){0},
        state->has_result ? (struct app_strs){&state->result.revision, 1} : (struct app_strs){0},
        state->operation.revisions,
        {&state->operation.revision, 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        if (lists[i].n == n_sources && lists[i].items[0].n > 0) {
            return lists[i].items;
        }
    }
    return NULL;
}

/* Objects somebody brought along, in place of those of the sources. */
static void take_manifests(struct pass *pass)
{
    const struct app_operation *op = &run_state(pass)->operation;
    const struct app_sources *sources = operation_sources(pass);
    size_t n = sources->n;
    const struct str *revisions = operation_revisions(pass, n);
    struct targets *targets = NULL;
    struct err err;
    if (settings_verifies(pass->ctl->settings, sources, pass->model.spec.project)) {
        (void)err_set(&err, ERR_DENIED,
                      "Cannot use local manifests when source integrity is enforced");
        on_fetched(pass, NULL, &err);
        return;
    }
    if (targets_from_manifests(op->manifests, revisions, n, &targets, &err) < 0) {
        on_fetched(pass, NULL, &err);
        return;
    }
    on_fetched(pass, targets, NULL);
}

static void fetch_operation(struct pass *pass, pass_fn next)
{
    run_of(pass)->fetched = next;
    if (run_state(pass)->operation.manifests.n > 0) {
        take_manifests(pass);
        return;
    }
    if (pass->ctl->stopping) { /* the next process fetches */
        pass_end(pass);
        return;
    }
    struct err err;
    if (pass_wait_discovered(pass, &err) < 0) {
        if (run_of(pass)->terminating && live_cache_error(pass->cache) != NULL) {
            end_terminated(pass);
        } else {
            wait_for_cluster(pass, &err);
        }
        return;
    }
    const struct app_sources *sources = operation_sources(pass);
    /* the news that a first attempt may have answered it are too old for a second one */
    int64_t age_ms = run_state(pass)->retry_count == 0 ? app_revision_age_ms(pass->app) : 0;
    bool resumed = run_state(pass)->has_result;
    pass->app->op_latest_ms = resumed ? 0 : loop_now_ms(pass->ctl->loop) - age_ms;
    struct targets_request request = pass_targets_request(pass, sources);
    request.revisions = operation_revisions(pass, sources->n);
    request.no_revision_cache = true;
    request.revision_age_ms = age_ms;
    if (targets_fetch(&request, on_fetched, pass, &pass->fetch, &err) < 0) {
        run_fail(pass, OPERATION_PHASE_ERROR, &err);
        return;
    }
    run_slow_begin(pass, on_fetched);
}

static struct str joined_conditions(struct pass *pass)
{
    struct str text = STR_EMPTY;
    for (size_t i = run_of(pass)->n_conditions; i < pass->conditions.n; i++) {
        const struct condition *c = &pass->conditions.items[i];
        text =
            arena_printf(pass->arena, STR_FMT "%s%s: " STR_FMT, STR_ARG(text),
                         text.n > 0 ? "; " : "", condition_type_name(c->type), STR_ARG(c->message));
    }
    return text;
}

static void on_block_written(struct pass *pass, const struct err *err)
{
    if (err != NULL) {
        pass_retry_later(pass, err);
        return;
    }
    run_leave(pass);
}

/* True: the operation waits for the windows, or has ended as they are wrong. */
static bool is_blocked(struct pass *pass)
{
    struct app_operation_state state = *run_state(pass);
    struct window_verdict verdict;
    struct err err;
    bool manual = !state.operation.automated;
    if (windows_decide(pass, manual, run_wall_ms(state.started_at), &verdict, &err) < 0) {
        run_fail(pass, OPERATION_PHASE_ERROR, &err);
        return true;
    }
    if (verdict.allowed) {
        return false;
    }
    state.message = arena_printf(pass->arena, "Sync operation blocked by sync window: " STR_FMT,
                                 STR_ARG(window_reason(pass->arena, &verdict)));
    run_of(pass)->blocked = windows_blocked(pass->arena, &verdict);
    controller_request_after(pass->ctl, pass->app, REFRESH_TREE, windows_wait_ms(&verdict));
    run_write_state(pass, &state, on_block_written);
    return true;
}

static void go_on(struct pass *pass)
{
    bool ok = false;
    struct app_operation_state state = *run_state(pass);
    pass_resolve(pass, &ok);
    if (!ok) {
        run_end(pass, &state, OPERATION_PHASE_ERROR, joined_conditions(pass));
        return;
    }
    if (is_blocked(pass)) {
        return;
    }
    struct err err;
    if (impersonate_pass(pass, &run_of(pass)->as_user, &err) < 0) {
        run_fail(pass, OPERATION_PHASE_ERROR, &err);
        return;
    }
    if (pass->app->op_targets == NULL) {
        fetch_operation(pass, begin_result);
    } else {
        compare_operation(pass);
    }
}

/* ---- beginning, retrying, terminating ---- */

static void on_begun(struct pass *pass, const struct err *err)
{
    if (err != NULL) {
        pass_retry_later(pass, err);
        return;
    }
    go_on(pass);
}

/* Later than the start of the operation before: what is named or marked by it must not be taken for that one's. */
static struct str start_time(struct pass *pass)
{
    int64_t before_ms = run_wall_ms(run_state(pass)->started_at);
    char text[CLOCK_RFC3339_BYTES];
    if (before_ms < run_wall_ms(str_from(pass->now))) {
        return str_from(pass->now);
    }
    clock_rfc3339(before_ms + SECOND_MS, text);
    return arena_str(pass->arena, str_from(text));
}

static void begin_operation(struct pass *pass)
{
    struct app_operation_state state = {
        .operation = pass->model.operation,
        .phase = OPERATION_PHASE_RUNNING,
        .message = STR("waiting to start"),
        .started_at = start_time(pass),
    };
    app_op_reset(pass->app);
    log_info("operation started", LF_STR("app", pass->app->key),
             LF_STR("user", pass->model.operation.username));
    pass->model.status.operation_state = state; /* written with the next there is to say */
    go_on(pass);
}

/* What it asks for is looked up anew. */
static struct app_operation without_revision(struct arena *arena,
                                             const struct app_operation *operation)
{
    struct app_operation op = *operation;
    op.revision = STR_EMPTY;
    op.revisions = (struct app_strs){0};
    op.tree = value_without(arena, op.tree, "sync", "revision");
    op.tree = value_without(arena, op.tree, "sync", "revisions");
    return op;
}

static void retry_operation(struct pass *pass)
{
    struct app_operation_state state = *run_state(pass);
    struct app_sync_result result = state.result;
    state.finished_at = STR_EMPTY;
    state.result = (struct app_sync_result){0};
    if (state.operation.retry.refresh) {
        state.has_result = false;
        state.operation = without_revision(pass->arena, &state.operation);
        targets_unref(TAKE(pass->app->op_targets));
    } else { /* the same revision again */
        state.result.revision = result.revision;
        state.result.revisions = result.revisions;
        state.result.sources = result.sources;
        state.result.multi_source = result.multi_source;
    }
    run_write_state(pass, &state, on_begun);
}

/* An attempt failed, and the time of the next one is not there yet. */
static bool is_waiting_for_retry(struct pass *pass, int64_t *ret_wait_ms)
{
    const struct app_operation_state *state = run_state(pass);
    int64_t at_ms = run_wall_ms(state->finished_at) +
                    app_retry_wait_ms(&state->operation.retry, state->retry_count - 1);
    *ret_wait_ms = at_ms - clock_wall_ms(clock_system());
    return *ret_wait_ms > 0;
}

static void after_terminate(struct pass *pass)
{
    struct run *run = run_of(pass);
    bool stuck = false;
    for (size_t i = 0; i < run->n_list; i++) {
        struct plan_task *t = run->list[i];
        t->operation = OPERATION_PHASE_FAILED;
        t->message = t->stuck ? t->message : STR("Terminated");
        stuck |= t->stuck;
    }
    run->step.message = STR_EMPTY;
    struct app_operation_state state = state_with_results(pass);
    run_end(
        pass, &state, stuck ? OPERATION_PHASE_ERROR : OPERATION_PHASE_FAILED,
        terminated_text(pass, stuck ? "Operation termination had errors" : "Operation terminated"));
}

static void delete_running_hooks(struct pass *pass)
{
    struct run *run = run_of(pass);
    struct plan_task **running =
        arena_calloc(pass->arena, run->plan.n_tasks, sizeof(struct plan_task *));
    size_t n = 0;
    for (size_t i = 0; i < run->plan.n_tasks; i++) {
        struct plan_task *t = &run->plan.tasks[i];
        if (t->hook && t->operation == OPERATION_PHASE_RUNNING) {
            running[n++] = t;
        }
    }
    run_tasks(pass, running, n, apply_delete, after_terminate);
}

static void stop_hooks(struct pass *pass)
{
    struct run *run = run_of(pass);
    step_next(pass->arena, &run->plan,
              &run->step); /* what has ended meanwhile counts as it ended */
    run_tasks(pass, run->step.release, run->step.n_release, apply_release, delete_running_hooks);
}

static void on_compared_to_terminate(struct pass *pass, const struct err *err)
{
    if (err != NULL && pass->not_ready && live_cache_error(pass->cache) == NULL) {
        run_leave_and_recheck(pass);
        return;
    }
    if (err != NULL) {
        end_terminated(pass);
        return;
    }
    plan_operation(pass);
    look_for_missed(pass, stop_hooks);
}

static void compare_to_terminate(struct pass *pass)
{
    pass_set_targets(pass, pass->app->op_targets);
    pass_evaluate(pass, pass->targets, &pass->app->op_interests, on_compared_to_terminate);
}

static bool has_begun(const struct app_operation_state *state)
{
    return state->has_result && state->result.resources.n > 0;
}

static void terminate_operation(struct pass *pass)
{
    bool ok = false;
    run_of(pass)->terminating = true;
    pass_resolve(pass, &ok);
    struct err err;
    if (!ok || !has_begun(run_state(pass)) ||
        impersonate_pass(pass, &run_of(pass)->as_user, &err) < 0) {
        end_terminated(pass);
    } else if (pass->app->op_targets == NULL) { /* another process began it */
        fetch_operation(pass, compare_to_terminate);
    } else {
        compare_to_terminate(pass);
    }
}

static void continue_operation(struct pass *pass)
{
    const struct app_operation_state *state = run_state(pass);
    int64_t wait_ms = pass->app->op_pause_until_ms - loop_now_ms(pass->ctl->loop);
    if (state->phase == OPERATION_PHASE_TERMINATING || run_time_left_ms(pass) <= 0) {
        terminate_operation(pass);
        return;
    }
    if (state->finished_at.n > 0) {
        if (is_waiting_for_retry(pass, &wait_ms)) {
            controller_request_after(pass->ctl, pass->app, REFRESH_TREE, wait_ms);
            run_leave(pass);
        } else {
            retry_operation(pass);
        }
        return;
    }
    if (wait_ms > 0) {
        controller_request_after(pass->ctl, pass->app, REFRESH_TREE, wait_ms);
        run_leave(pass);
        return;
    }
    go_on(pass);
}

void run_begin(struct pass *pass, pass_fn next)
{
    const struct app_operation_state *state = run_state(pass);
    if (!pass->model.has_operation) {
        app_op_reset(pass->app);
        next(pass);
        return;
    }
    struct run *run = ARENA_NEW(pass->arena, struct run);
    run->next = next;
    run->n_conditions = pass->conditions.n;
    pass->step = run;
    if (state->phase == OPERATION_PHASE_NONE || status_operation_completed(state->phase)) {
        begin_operation(pass);
    } else {
        continue_operation(pass);
    }
}
