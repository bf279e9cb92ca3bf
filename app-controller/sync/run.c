/* The running operation of an Application: one step of its sync per turn.
 *
 * All that matters is in status.operationState, so any process can be killed at any point: the next turn
 * compares anew, builds the plan anew, and goes on with what is not done. The phases of an operation are
 * Argo CD's. */
#include "app-controller/sync/run.h"

#include <assert.h>

#include "app-controller/app.h"
#include "app-controller/live/live_cache.h"
#include "app-controller/pass.h"
#include "app-controller/status_write.h"
#include "app-controller/sync/apply.h"
#include "app-controller/sync/plan.h"
#include "app-controller/sync/retry.h"
#include "app-controller/sync/step.h"
#include "app-controller/targets.h"
#include "app-controller/windows.h"
#include "common/base/arena.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/kube/kube_object.h"
#include "common/rt/loop.h"
#include "common/rt/metrics.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "common/value/value_patch.h"

enum {
    RECHECK_MS = 30000, /* a running operation is looked at again after this, whatever happens */
};

struct run {
    pass_fn next;        /* what the pass goes on with */
    size_t n_conditions; /* of the pass before the operation looked at anything */
    struct plan plan;
    struct step step;
    size_t group_from; /* tasks of step.run before this are done */
    size_t n_open;     /* tasks under way */
    size_t next_task;  /* of the list being worked on */
    struct plan_task **list;
    size_t n_list;
    void (*each)(const struct apply_request *request);
    bool validate_only;
    bool terminating; /* asked for, or out of time: not tried again */
    pass_fn after_list;
};

static struct run *run_of(struct pass *pass)
{
    return pass->step;
}

static struct app_operation_state *state_of(struct pass *pass)
{
    return &pass->model.status.operation_state;
}

/* The pass goes on with what comes after the operation; conditions found on the way were the operation's. */
static void leave(struct pass *pass)
{
    struct run *run = run_of(pass);
    pass->conditions.n = run->n_conditions;
    pass->not_ready = false;
    run->next(pass);
}

static int64_t wall_of(struct str rfc3339)
{
    int64_t ms = 0;
    struct err err;
    return clock_parse_rfc3339(rfc3339, &ms, &err) == 0 ? ms : 0;
}

/* How long the operation may still take; a lot when there is no limit. */
static int64_t time_left_ms(struct pass *pass)
{
    int64_t limit_ms = pass->ctl->config->sync_timeout_ms;
    int64_t took_ms = clock_wall_ms(clock_system()) - wall_of(state_of(pass)->started_at);
    return limit_ms > 0 ? limit_ms - took_ms : INT64_MAX;
}

static void leave_and_recheck(struct pass *pass)
{
    int64_t delay_ms = MAX(MIN(time_left_ms(pass), (int64_t)RECHECK_MS), (int64_t)1);
    controller_request_after(pass->ctl, pass->app, REFRESH_TREE, delay_ms);
    leave(pass);
}

/* ---- writing ---- */

/* The patch from the stored status to one with this operationState and history. */
static const struct value *state_patch(struct pass *pass,
                                       const struct app_operation_state *state,
                                       struct app_histories history)
{
    struct app_status status = pass->model.status;
    status.operation_state = *state;
    status.history = history;
    const struct value *old = value_dig(doc_root(pass->object), "status");
    const struct value *fresh = app_status_to_value(pass->arena, &status, old);
    const struct value *delta =
        value_merge_patch_between(pass->arena, old != NULL ? old : &VALUE_EMPTY_MAP, fresh);
    return value_len(delta) > 0 ? value_with(pass->arena, NULL, delta, "status") : NULL;
}

static void
write_state(struct pass *pass, const struct app_operation_state *state, pass_step_fn next)
{
    const struct value *patch = state_patch(pass, state, pass->model.status.history);
    if (patch == NULL) {
        next(pass, NULL);
        return;
    }
    pass_patch(pass, patch, next);
}

static void on_state_written(struct pass *pass, const struct err *err)
{
    if (err != NULL) {
        pass_retry_later(pass, err);
        return;
    }
    leave_and_recheck(pass);
}

/* The same at once again: there is more to do. */
static void on_progress_written(struct pass *pass, const struct err *err)
{
    if (err != NULL) {
        pass_retry_later(pass, err);
        return;
    }
    int64_t pause_ms = pass->app->op_pause_until_ms - loop_now_ms(pass->ctl->loop);
    controller_request_after(pass->ctl, pass->app, REFRESH_TREE, MAX(pause_ms, (int64_t)0));
    leave(pass);
}

/* ---- the end of an operation ---- */

static bool is_whole_sync(const struct app_operation *op)
{
    return op->has_sync && !op->dry_run && op->resources.n == 0;
}

static struct app_histories with_history(struct pass *pass, const struct app_operation_state *state)
{
    struct app_histories old = pass->model.status.history;
    const struct app_operation *op = &state->operation;
    size_t limit = (size_t)MAX(pass->model.spec.revision_history_limit, (int64_t)0);
    struct app_history *items = arena_calloc(pass->arena, old.n + 1, sizeof(*items));
    for (size_t i = 0; i < old.n; i++) {
        items[i] = old.items[i];
    }
    items[old.n] = (struct app_history){
        .id = old.n > 0 ? old.items[old.n - 1].id + 1 : 0,
        .revision = state->result.revision,
        .revisions = state->result.revisions,
        .sources = state->result.sources,
        .multi_source = state->result.multi_source,
        .deploy_started_at = state->started_at,
        .deployed_at = str_from(pass->now),
        .initiated_by = op->username,
        .initiated_automated = op->automated,
    };
    size_t n = old.n + 1;
    size_t drop = n > limit ? n - limit : 0;
    return (struct app_histories){items + drop, n - drop};
}

static void count_sync(struct pass *pass, const struct app_operation_state *state)
{
    struct str server = live_cache_server(pass->cache);
    struct str dry_run = state->operation.dry_run ? STR("true") : STR("false");
    const struct app *app = pass->app;
    metric_add(pass->ctl->metrics, CONTROLLER_METRIC_APP_SYNC_TOTAL, 1,
               METRIC_LABELS(app->namespace, app->name, pass->model.spec.project, server,
                             str_from(status_operation_name(state->phase)), dry_run));
    int64_t started_ms = 0;
    struct err err;
    if (clock_parse_rfc3339(state->started_at, &started_ms, &err) == 0) {
        double seconds = (double)(clock_wall_ms(clock_system()) - started_ms) / 1000;
        metric_add(pass->ctl->metrics, CONTROLLER_METRIC_APP_SYNC_SECONDS, MAX(seconds, 0.0),
                   METRIC_LABELS(app->namespace, app->name, pass->model.spec.project, server));
    }
}

static void on_finished(struct pass *pass, const struct err *err)
{
    if (err != NULL) {
        pass_retry_later(pass, err);
        return;
    }
    const struct app_operation_state *state = state_of(pass);
    log_info("operation ended", LF_STR("app", pass->app->key),
             LF_CSTR("phase", status_operation_name(state->phase)),
             LF_STR("message", state->message));
    if (pass->cache != NULL) {
        count_sync(pass, state);
    }
    app_op_reset(pass->app);
    if (!state->operation.dry_run) {
        enum refresh_level level =
            state->operation.automated ? REFRESH_LATEST : REFRESH_LATEST_FORCED;
        pass->level = pass->level > level ? pass->level : level;
    }
    leave(pass);
}

static void complete(struct pass *pass, struct app_operation_state *state)
{
    state->finished_at = str_from(pass->now);
    bool keep = state->phase == OPERATION_PHASE_SUCCEEDED && is_whole_sync(&state->operation);
    struct app_histories history = pass->model.status.history;
    const struct value *patch =
        state_patch(pass, state, keep ? with_history(pass, state) : history);
    patch = value_with(pass->arena, patch, &VALUE_NULL_VALUE, "operation");
    pass_patch(pass, patch, on_finished);
}

static bool
will_retry(struct pass *pass, const struct app_operation_state *state, int64_t *ret_at_ms)
{
    if (state->phase != OPERATION_PHASE_FAILED && state->phase != OPERATION_PHASE_ERROR) {
        return false;
    }
    return !run_of(pass)->terminating && retry_next(&state->operation.retry, state->retry_count,
                                                    clock_wall_ms(clock_system()), ret_at_ms);
}

/* Ends the operation with phase and message, or puts it off to the next attempt: then it is Running with
 * a time of finishing. */
static void end_operation(struct pass *pass,
                          struct app_operation_state *state,
                          enum operation_phase phase,
                          struct str message)
{
    int64_t at_ms = 0;
    state->phase = phase;
    state->message = message;
    if (!will_retry(pass, state, &at_ms)) {
        if (state->retry_count > 0) {
            state->message = arena_printf(pass->arena, STR_FMT " (retried %lld times).",
                                          STR_ARG(message), (long long)state->retry_count);
        }
        complete(pass, state);
        return;
    }
    char when[CLOCK_RFC3339_BYTES];
    clock_rfc3339(at_ms, when);
    state->phase = OPERATION_PHASE_RUNNING;
    state->finished_at = str_from(pass->now);
    state->retry_count++;
    state->message = arena_printf(pass->arena, STR_FMT ". Retrying attempt #%lld at %s.",
                                  STR_ARG(message), (long long)state->retry_count, when);
    pass->app->op_pause_until_ms =
        loop_now_ms(pass->ctl->loop) + at_ms - clock_wall_ms(clock_system());
    app_interests_clear(&pass->app->op_interests);
    write_state(pass, state, on_progress_written);
}

static void fail_operation(struct pass *pass, enum operation_phase phase, const struct err *err)
{
    char text[2048];
    struct app_operation_state state = *state_of(pass);
    err_format(err, text, sizeof(text));
    end_operation(pass, &state, phase, arena_str(pass->arena, str_from(text)));
}

/* ---- running tasks ---- */

static void run_more(struct pass *pass);

static void on_task_done(void *data)
{
    struct pass *pass = data;
    struct run *run = run_of(pass);
    run->n_open--;
    run_more(pass);
}

static void start_task(struct pass *pass, struct plan_task *task)
{
    struct run *run = run_of(pass);
    struct apply_request request = {
        .loop = pass->ctl->loop,
        .arena = pass->arena,
        .cache = pass->cache,
        .plan = &run->plan,
        .task = task,
        .validate_only = run->validate_only,
        .stopping = &pass->ctl->stopping,
        .done = on_task_done,
        .data = pass,
    };
    run->n_open++;
    run->each(&request);
}

/* Start what may start: the current group, up to the limit; groups one after another. */
static void run_more(struct pass *pass)
{
    struct run *run = run_of(pass);
    size_t limit = (size_t)pass->ctl->config->apply_parallelism;
    if (run->n_open == 0 && run->next_task == run->group_from) {
        if (run->group_from == run->n_list) {
            run->after_list(pass);
            return;
        }
        size_t n = run->list == run->step.run ? step_group(&run->step, run->group_from)
                                              : run->n_list - run->group_from;
        run->group_from += n;
    }
    while (run->next_task < run->group_from && run->n_open < limit) {
        start_task(pass, run->list[run->next_task++]);
    }
}

static void run_list(struct pass *pass,
                     struct plan_task **list,
                     size_t n,
                     void (*each)(const struct apply_request *request),
                     pass_fn after)
{
    struct run *run = run_of(pass);
    run->list = list;
    run->n_list = n;
    run->each = each;
    run->after_list = after;
    run->group_from = run->next_task = run->n_open = 0;
    run_more(pass);
}

/* ---- what a step says ---- */

static void act(struct pass *pass);

static struct app_operation_state state_with_results(struct pass *pass)
{
    struct run *run = run_of(pass);
    struct app_operation_state state = *state_of(pass);
    state.result.resources = plan_results(pass->arena, &run->plan, state.result.resources);
    state.message = run->step.message.n > 0 ? run->step.message : state.message;
    return state;
}

static void after_delete_hooks(struct pass *pass)
{
    struct run *run = run_of(pass);
    struct app_operation_state state = state_with_results(pass);
    if (run->step.kind == STEP_FINISH) {
        end_operation(pass, &state, run->step.phase, run->step.message);
        return;
    }
    write_state(pass, &state, on_state_written);
}

static void after_release(struct pass *pass)
{
    struct run *run = run_of(pass);
    run_list(pass, run->step.delete_hooks, run->step.n_delete_hooks, apply_delete,
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
    write_state(pass, &state, on_progress_written);
}

static void after_hooks_made_room(struct pass *pass)
{
    struct run *run = run_of(pass);
    run->validate_only = run->step.kind == STEP_DRY_RUN;
    run_list(pass, run->step.run, run->step.n_run, apply_start, after_run);
}

static void act(struct pass *pass)
{
    struct run *run = run_of(pass);
    switch (run->step.kind) {
    case STEP_DRY_RUN:
    case STEP_RUN:
        after_hooks_made_room(pass);
        return;
    case STEP_WAIT:
    case STEP_FINISH:
        run_list(pass, run->step.release, run->step.n_release, apply_release, after_release);
        return;
    }
}

/* ---- planning ---- */

static bool is_prune_confirmed(const struct pass *pass, const struct app_operation_state *state)
{
    struct str approved =
        kube_annotation(doc_root(pass->object), STR(SYNC_DELETE_APPROVED_ANNOTATION));
    return approved.n > 0 && wall_of(approved) >= wall_of(state->started_at);
}

static void plan_operation(struct pass *pass)
{
    struct run *run = run_of(pass);
    const struct app_operation_state *state = state_of(pass);
    const struct app_operation *op = &state->operation;
    const struct evaluation *ev = pass->evaluation;
    struct plan_input in = {
        .compare = &ev->compare,
        .options = sync_options_default(),
        .selected = op->resources,
        .prune = op->prune,
        .prune_confirmed = is_prune_confirmed(pass, state),
        .dry_run = op->dry_run,
        .apply_only = op->apply_only,
        .force = op->force,
        .revision = pass->targets->revisions[0],
        .started_at_ms = wall_of(state->started_at),
        .destination_namespace = pass->model.spec.destination.namespace,
        .namespace_live = ev->namespace_live,
        .managed_namespace_metadata = pass->model.spec.sync_policy.managed_namespace_metadata,
        .hook_lives = ev->live_objects,
        .n_hook_lives = ev->n_lives,
        .verdicts = ev->verdicts,
        .results = state->result.resources,
    };
    sync_options_add(&in.options, pass->model.spec.sync_policy.sync_options);
    sync_options_add(&in.options, op->sync_options);
    plan_build(pass->arena, &in, &run->plan);
    step_next(pass->arena, &run->plan, &run->step);
}

static bool has_shared_resources(const struct pass *pass)
{
    const struct compare_result *r = &pass->evaluation->compare;
    for (size_t i = 0; i < r->conditions.n; i++) {
        if (r->conditions.items[i].type == CONDITION_SHARED_RESOURCE_WARNING) {
            return true;
        }
    }
    return false;
}

static void on_compared(struct pass *pass, const struct err *err)
{
    struct run *run = run_of(pass);
    if (err != NULL && pass->not_ready) {
        leave_and_recheck(pass);
        return;
    }
    if (err != NULL) {
        fail_operation(pass, OPERATION_PHASE_ERROR, err);
        return;
    }
    plan_operation(pass);
    if (run->plan.options.fail_on_shared_resource && has_shared_resources(pass)) {
        struct app_operation_state state = *state_of(pass);
        end_operation(pass, &state, OPERATION_PHASE_FAILED,
                      STR("Shared resource found, and FailOnSharedResource is set"));
        return;
    }
    act(pass);
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
    const struct app_operation *op = &state_of(pass)->operation;
    return op->sources.n > 0 ? &op->sources : &pass->model.spec.sources;
}

/* What is deployed stands in the result from the beginning: a restart goes on with the same revision. */
static void begin_result(struct pass *pass, const struct targets *t)
{
    struct app_operation_state state = *state_of(pass);
    const struct app_operation *op = &state.operation;
    bool multi = op->sources.n > 0 ? op->multi_source : pass->model.spec.multi_source;
    state.has_result = true;
    state.result.revision = multi ? STR_EMPTY : t->revisions[0];
    state.result.revisions =
        multi ? (struct app_strs){t->revisions, t->n_sources} : (struct app_strs){0};
    state.result.sources = *operation_sources(pass);
    state.result.multi_source = multi;
    state.result.managed_namespace_metadata =
        pass->model.spec.sync_policy.managed_namespace_metadata;
    write_state(pass, &state, on_result_begun);
}

static void on_fetched(void *data, struct targets *targets, const struct err *err)
{
    struct pass *pass = data;
    pass->fetch = NULL;
    if (err != NULL && err->code == ERR_CANCELED) {
        pass_end(pass);
        return;
    }
    if (err != NULL) {
        struct err wrapped = *err;
        (void)err_wrap(&wrapped, "Failed to load target state");
        fail_operation(pass, OPERATION_PHASE_ERROR, &wrapped);
        return;
    }
    targets_unref(pass->app->op_targets);
    pass->app->op_targets = targets;
    begin_result(pass, targets);
}

/* Revisions as they were resolved when the operation began, else as it asks for. */
static const struct str *operation_revisions(struct pass *pass, size_t n_sources)
{
    const struct app_operation_state *state = state_of(pass);
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

static void fetch_operation(struct pass *pass)
{
    if (pass->ctl->stopping) { /* the next process fetches */
        pass_end(pass);
        return;
    }
    struct err err;
    if (pass_wait_discovered(pass, &err) < 0) {
        leave_and_recheck(pass);
        return;
    }
    const struct app_sources *sources = operation_sources(pass);
    struct targets_request request = {
        .repo_server = pass->ctl->repo_server,
        .sources = sources,
        .revisions = operation_revisions(pass, sources->n),
        .instance = str_from(pass->app->instance),
        .project = pass->model.spec.project,
        .namespace = pass->model.spec.destination.namespace,
        .settings = pass->ctl->settings,
        .api = live_cache_api(pass->cache),
        .no_revision_cache = true,
        .timeout_ms = pass->ctl->config->repo_timeout_ms,
        .known = pass->app->targets,
    };
    if (targets_fetch(&request, on_fetched, pass, &pass->fetch, &err) < 0) {
        fail_operation(pass, OPERATION_PHASE_ERROR, &err);
    }
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
    leave(pass);
}

/* True: the operation waits for the windows, or has ended as they are wrong. */
static bool is_blocked(struct pass *pass)
{
    struct app_operation_state state = *state_of(pass);
    struct window_verdict verdict;
    struct err err;
    bool manual = !state.operation.automated;
    if (windows_decide(pass, manual, wall_of(state.started_at), &verdict, &err) < 0) {
        fail_operation(pass, OPERATION_PHASE_ERROR, &err);
        return true;
    }
    if (verdict.allowed) {
        return false;
    }
    state.message = arena_printf(pass->arena, "Sync operation blocked by sync window: " STR_FMT,
                                 STR_ARG(window_reason(pass->arena, &verdict)));
    controller_request_after(pass->ctl, pass->app, REFRESH_TREE, windows_wait_ms(&verdict));
    write_state(pass, &state, on_block_written);
    return true;
}

static void go_on(struct pass *pass)
{
    bool ok = false;
    struct app_operation_state state = *state_of(pass);
    if (state.operation.manifests.n > 0) {
        end_operation(pass, &state, OPERATION_PHASE_ERROR,
                      STR("syncing local manifests is not supported"));
        return;
    }
    pass_resolve(pass, &ok);
    if (!ok) {
        end_operation(pass, &state, OPERATION_PHASE_ERROR, joined_conditions(pass));
        return;
    }
    if (is_blocked(pass)) {
        return;
    }
    if (pass->app->op_targets == NULL) {
        fetch_operation(pass);
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

static void begin_operation(struct pass *pass)
{
    struct app_operation_state state = {
        .operation = pass->model.operation,
        .phase = OPERATION_PHASE_RUNNING,
        .message = STR("waiting to start"),
        .started_at = str_from(pass->now),
    };
    app_op_reset(pass->app);
    log_info("operation started", LF_STR("app", pass->app->key),
             LF_STR("user", pass->model.operation.username));
    write_state(pass, &state, on_begun);
}

static void retry_operation(struct pass *pass)
{
    struct app_operation_state state = *state_of(pass);
    struct app_sync_result result = state.result;
    state.finished_at = STR_EMPTY;
    state.result = (struct app_sync_result){0};
    if (state.operation.retry.refresh) {
        state.has_result = false;
        targets_unref(TAKE(pass->app->op_targets));
    } else { /* the same revision again */
        state.result.revision = result.revision;
        state.result.revisions = result.revisions;
        state.result.sources = result.sources;
        state.result.multi_source = result.multi_source;
    }
    write_state(pass, &state, on_begun);
}

/* An attempt failed, and the time of the next one is not there yet. */
static bool is_waiting_for_retry(struct pass *pass, int64_t *ret_wait_ms)
{
    const struct app_operation_state *state = state_of(pass);
    int64_t at_ms = wall_of(state->finished_at) +
                    app_retry_wait_ms(&state->operation.retry, state->retry_count - 1);
    *ret_wait_ms = at_ms - clock_wall_ms(clock_system());
    return *ret_wait_ms > 0;
}

static void after_terminate(struct pass *pass)
{
    struct app_operation_state state = state_with_results(pass);
    end_operation(pass, &state, OPERATION_PHASE_FAILED, STR("Operation terminated"));
}

static void on_compared_to_terminate(struct pass *pass, const struct err *err)
{
    struct run *run = run_of(pass);
    struct app_operation_state state = *state_of(pass);
    if (err != NULL) {
        end_operation(pass, &state, OPERATION_PHASE_FAILED, STR("Operation terminated"));
        return;
    }
    plan_operation(pass);
    struct plan_task **running =
        arena_calloc(pass->arena, run->plan.n_tasks, sizeof(struct plan_task *));
    size_t n = 0;
    for (size_t i = 0; i < run->plan.n_tasks; i++) {
        struct plan_task *t = &run->plan.tasks[i];
        if (t->hook && t->operation == OPERATION_PHASE_RUNNING) {
            running[n++] = t;
        }
    }
    run_list(pass, running, n, apply_delete, after_terminate);
}

static void terminate_operation(struct pass *pass)
{
    bool ok = false;
    run_of(pass)->terminating = true;
    pass_resolve(pass, &ok);
    if (!ok || pass->app->op_targets == NULL) {
        struct app_operation_state state = *state_of(pass);
        end_operation(pass, &state, OPERATION_PHASE_FAILED, STR("Operation terminated"));
        return;
    }
    pass_set_targets(pass, pass->app->op_targets);
    pass_evaluate(pass, pass->targets, &pass->app->op_interests, on_compared_to_terminate);
}

static void continue_operation(struct pass *pass)
{
    const struct app_operation_state *state = state_of(pass);
    int64_t wait_ms = pass->app->op_pause_until_ms - loop_now_ms(pass->ctl->loop);
    if (state->phase == OPERATION_PHASE_TERMINATING || time_left_ms(pass) <= 0) {
        terminate_operation(pass);
        return;
    }
    if (state->finished_at.n > 0) {
        if (is_waiting_for_retry(pass, &wait_ms)) {
            controller_request_after(pass->ctl, pass->app, REFRESH_TREE, wait_ms);
            leave(pass);
        } else {
            retry_operation(pass);
        }
        return;
    }
    if (wait_ms > 0) {
        controller_request_after(pass->ctl, pass->app, REFRESH_TREE, wait_ms);
        leave(pass);
        return;
    }
    go_on(pass);
}

void run_begin(struct pass *pass, pass_fn next)
{
    const struct app_operation_state *state = state_of(pass);
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
