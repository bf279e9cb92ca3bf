/* How operations end, and how what they do is written. */
#include "app-controller/app.h"
#include "app-controller/events.h"
#include "app-controller/live/live_cache.h"
#include "app-controller/refresh.h"
#include "app-controller/status_write.h"
#include "app-controller/sync/retry.h"
#include "app-controller/sync/run.h"
#include "app-controller/sync/run_internal.h"
#include "app-controller/targets.h"
#include "common/base/arena.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/rt/loop.h"
#include "common/rt/metrics.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "common/value/value_patch.h"

enum {
    RECHECK_MS = 30000,    /* a running operation is looked at again after this, whatever happens */
    LATEST_FOR_MS = 30000, /* what the sources said is taken for what they say */
};

/* The pass goes on with what comes after the operation; conditions found on the way were the operation's. */
void run_leave(struct pass *pass)
{
    struct run *run = run_of(pass);
    pass->conditions.n = run->n_conditions;
    pass->not_ready = false;
    run->next(pass);
}

int64_t run_wall_ms(struct str rfc3339)
{
    int64_t ms = 0;
    struct err err;
    return clock_parse_rfc3339(rfc3339, &ms, &err) == 0 ? ms : 0;
}

/* How long the operation may still take; a lot when there is no limit. */
int64_t run_time_left_ms(struct pass *pass)
{
    int64_t limit_ms = pass->ctl->config->sync_timeout_ms;
    int64_t took_ms = clock_wall_ms(clock_system()) - run_wall_ms(run_state(pass)->started_at);
    return limit_ms > 0 ? limit_ms - took_ms : INT64_MAX;
}

void run_leave_and_recheck(struct pass *pass)
{
    int64_t delay_ms = MAX(MIN(run_time_left_ms(pass), (int64_t)RECHECK_MS), (int64_t)1);
    controller_request_after(pass->ctl, pass->app, REFRESH_TREE, delay_ms);
    run_leave(pass);
}

/* ---- writing ---- */

const struct value *run_state_patch(struct pass *pass,
                                    const struct app_operation_state *state,
                                    struct app_histories history)
{
    struct app_status status = pass->model.status;
    const struct condition blocked = {
        .type = CONDITION_SYNC_BLOCKED,
        .message = blocked_message(pass->arena, &run_of(pass)->blocked),
    };
    struct conditions found = {&blocked, blocked.message.n > 0 ? 1 : 0};
    status.conditions =
        conditions_merge(pass->arena, status.conditions, found,
                         CONDITION_BIT(CONDITION_SYNC_BLOCKED), str_from(pass->now));
    status.operation_state = *state;
    status.history = history;
    const struct value *old = value_dig(doc_root(pass->object), "status");
    const struct value *fresh = app_status_to_value(pass->arena, &status, old);
    const struct value *delta =
        value_merge_patch_between(pass->arena, old != NULL ? old : &VALUE_EMPTY_MAP, fresh);
    return value_len(delta) > 0 ? value_with(pass->arena, NULL, delta, "status") : NULL;
}

void run_write_state(struct pass *pass, const struct app_operation_state *state, pass_step_fn next)
{
    const struct value *patch = run_state_patch(pass, state, pass->model.status.history);
    if (patch == NULL) {
        next(pass, NULL);
        return;
    }
    pass_patch(pass, patch, next);
}

void run_written_wait(struct pass *pass, const struct err *err)
{
    if (err != NULL) {
        pass_retry_later(pass, err);
        return;
    }
    run_leave_and_recheck(pass);
}

/* The same at once again: there is more to do. */
void run_written_more(struct pass *pass, const struct err *err)
{
    if (err != NULL) {
        pass_retry_later(pass, err);
        return;
    }
    int64_t pause_ms = pass->app->op_pause_until_ms - loop_now_ms(pass->ctl->loop);
    controller_request_after(pass->ctl, pass->app, REFRESH_TREE, MAX(pause_ms, (int64_t)0));
    run_leave(pass);
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

static struct str synced_revisions(struct pass *pass, const struct app_sync_result *result)
{
    struct str text = result->revision;
    for (size_t i = 0; i < result->revisions.n; i++) {
        text = arena_printf(pass->arena, STR_FMT "%s" STR_FMT, STR_ARG(text),
                            text.n > 0 ? ", " : "", STR_ARG(result->revisions.items[i]));
    }
    return text;
}

static void tell_end(struct pass *pass, const struct app_operation_state *state)
{
    bool succeeded = state->phase == OPERATION_PHASE_SUCCEEDED;
    struct str revisions = synced_revisions(pass, &state->result);
    struct str text = arena_printf(
        pass->arena, "%s%s" STR_FMT " %s" STR_FMT,
        state->operation.resources.n > 0 ? "Partial sync operation" : "Sync operation",
        revisions.n > 0 ? " to " : "", STR_ARG(revisions),
        succeeded ? "succeeded" : "failed: ", STR_ARG(succeeded ? STR_EMPTY : state->message));
    events_tell(pass->ctl->kube_events, doc_root(pass->object), EVENT_OPERATION_COMPLETED,
                !succeeded, text);
}

void run_ended(struct pass *pass)
{
    const struct app_operation_state *state = run_state(pass);
    log_info("operation ended", LF_STR("app", pass->app->key),
             LF_CSTR("phase", status_operation_name(state->phase)),
             LF_STR("message", state->message));
    tell_end(pass, state);
    if (pass->cache != NULL) {
        count_sync(pass, state);
    }
    app_op_reset(pass->app);
}

static void on_finished(struct pass *pass, const struct err *err)
{
    if (err != NULL) {
        pass_retry_later(pass, err);
        return;
    }
    run_ended(pass);
    const struct app_operation_state *state = run_state(pass);
    if (!state->operation.dry_run) {
        enum refresh_level level =
            state->operation.automated ? REFRESH_LATEST : REFRESH_LATEST_FORCED;
        pass->level = pass->level > level ? pass->level : level;
    }
    run_leave(pass);
}

static bool same_revisions(const struct targets *a, const struct targets *b)
{
    bool same = a != NULL && a->n_sources == b->n_sources;
    for (size_t i = 0; same && i < b->n_sources; i++) {
        same = str_eq(a->revisions[i], b->revisions[i]);
    }
    return same;
}

/* It deployed what the sources say, as of a moment ago: whoever compares with it needs not ask them again. */
static bool deployed_latest(const struct pass *pass, const struct app_operation *op)
{
    const struct app *app = pass->app;
    bool as_written = op->revision.n == 0 && op->revisions.n == 0;
    return app->op_targets != NULL && op->sources.n == 0 && op->manifests.n == 0 &&
           (as_written || same_revisions(app->targets, app->op_targets)) && app->op_latest_ms > 0 &&
           loop_now_ms(pass->ctl->loop) - app->op_latest_ms < LATEST_FOR_MS;
}

/* The comparison that follows takes a moment: then one write tells both. */
static bool is_compared_at_once(struct pass *pass, const struct app_operation_state *state)
{
    return state->phase == OPERATION_PHASE_SUCCEEDED && is_whole_sync(&state->operation) &&
           !pass->ctl->stopping && deployed_latest(pass, &state->operation) &&
           refresh_wanted(pass) <= REFRESH_RECENT;
}

static void compare_at_once(struct pass *pass, const struct app_operation_state *state)
{
    struct app *app = pass->app;
    pass->model.has_operation = false;
    pass->model.status.operation_state = *state;
    pass->op_ended = true;
    pass->level = REFRESH_RECENT;
    targets_unref(app->targets);
    app->targets = targets_ref(app->op_targets);
    run_leave(pass);
}

static void complete(struct pass *pass, struct app_operation_state *state)
{
    state->finished_at = str_from(pass->now);
    struct app_histories history = pass->model.status.history;
    if (state->phase == OPERATION_PHASE_SUCCEEDED && is_whole_sync(&state->operation)) {
        history = with_history(pass, state);
    }
    if (is_compared_at_once(pass, state)) {
        pass->model.status.history = history;
        compare_at_once(pass, state);
        return;
    }
    const struct value *patch = run_state_patch(pass, state, history);
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
void run_end(struct pass *pass,
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
    run_of(pass)->blocked = (struct blocked){
        .reason = BLOCKED_RETRY,
        .text = state->message,
        .until_ms = at_ms,
    };
    pass->app->op_pause_until_ms =
        loop_now_ms(pass->ctl->loop) + at_ms - clock_wall_ms(clock_system());
    app_interests_clear(&pass->app->op_interests);
    run_write_state(pass, state, run_written_more);
}

void run_fail(struct pass *pass, enum operation_phase phase, const struct err *err)
{
    char text[2048];
    struct app_operation_state state = *run_state(pass);
    err_format(err, text, sizeof(text));
    run_end(pass, &state, phase, arena_str(pass->arena, str_from(text)));
}
