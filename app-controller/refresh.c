/* Refresh of one application: decide how far, fetch targets, compare, decide on automated sync, write.
 *
 * The order of decisions is Argo CD's. */
#include "app-controller/refresh.h"

#include <assert.h>

#include "app-controller/answers.h"
#include "app-controller/app.h"
#include "app-controller/events.h"
#include "app-controller/live/live_cache.h"
#include "app-controller/orphans.h"
#include "app-controller/pass.h"
#include "app-controller/status_write.h"
#include "app-controller/sync/auto_sync.h"
#include "app-controller/sync/run.h"
#include "app-controller/targets.h"
#include "app-controller/windows.h"
#include "common/base/arena.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/rand.h"
#include "common/kube/kube_object.h"
#include "common/rt/loop.h"
#include "common/rt/metrics.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"

/* ---- how far ---- */

/* What the status was compared with is no longer what the spec says. */

static bool has_other_sources(const struct pass *pass)
{
    const struct app_spec *spec = &pass->model.spec;
    const struct app_sync *then = &pass->model.status.sync;
    if (spec->sources.n != then->compared_sources.n ||
        spec->multi_source != then->compared_multi_source) {
        return true;
    }
    for (size_t i = 0; i < spec->sources.n; i++) {
        if (!value_equal(spec->sources.items[i].tree, then->compared_sources.items[i].tree)) {
            return true;
        }
    }
    return false;
}

static bool has_other_destination(const struct pass *pass)
{
    const struct app_destination *now = &pass->model.spec.destination;
    const struct app_destination *then = &pass->model.status.sync.compared_destination;
    return !str_eq(now->server, then->server) || !str_eq(now->name, then->name) ||
           !str_eq(now->namespace, then->namespace);
}

static bool has_other_rules(const struct pass *pass)
{
    const struct value *then = pass->model.status.sync.compared_ignore_differences;
    const struct value *now = value_dig(doc_root(pass->object), "spec", "ignoreDifferences");
    return value_len(then) + value_len(now) > 0 && !value_equal(then, now);
}

static bool is_expired(const struct pass *pass)
{
    int64_t resync_ms = pass->ctl->config->resync_ms;
    int64_t last_ms = pass->app->last_latest_ms;
    return last_ms == 0 || (resync_ms > 0 && pass->started_ms - last_ms >= resync_ms);
}

static bool is_hard_expired(const struct pass *pass)
{
    int64_t resync_ms = pass->ctl->config->hard_resync_ms;
    int64_t last_ms = pass->app->last_hard_ms;
    return resync_ms > 0 && last_ms > 0 && pass->started_ms - last_ms >= resync_ms;
}

static bool is_asked_for(const struct pass *pass)
{
    return kube_annotation(doc_root(pass->object), STR(APP_ANNOTATION_REFRESH)).n > 0;
}

enum refresh_level refresh_wanted(struct pass *pass)
{
    struct str refresh = kube_annotation(doc_root(pass->object), STR(APP_ANNOTATION_REFRESH));
    if (refresh.n > 0) {
        pass->asked = true;
        pass->hard = str_eq(refresh, STR("hard"));
        return REFRESH_LATEST_FORCED;
    }
    if (has_other_sources(pass)) {
        return REFRESH_LATEST_FORCED;
    }
    pass->hard = is_hard_expired(pass);
    if (pass->hard || !pass->app->was_compared || is_expired(pass) || has_other_destination(pass) ||
        application_namespace_changed(&pass->model) || has_other_rules(pass)) {
        return pass->level > REFRESH_LATEST ? pass->level : REFRESH_LATEST;
    }
    return pass->level;
}

/* ---- the end ---- */

static void schedule_next(struct pass *pass)
{
    const struct controller_config *config = pass->ctl->config;
    int64_t jitter = 0;
    if (config->resync_jitter_ms > 0) {
        jitter = (int64_t)rand_below(pass->ctl->rand, (uint64_t)config->resync_jitter_ms);
    }
    if (config->resync_ms > 0) {
        controller_request_after(pass->ctl, pass->app, REFRESH_LATEST, config->resync_ms + jitter);
    }
    if (config->hard_resync_ms > 0) {
        controller_request_after(pass->ctl, pass->app, REFRESH_LATEST,
                                 config->hard_resync_ms + jitter);
    }
}

static void observe(const struct pass *pass)
{
    static const char *const LEVELS[REFRESH_LEVELS] = {"tree", "recent", "latest", "forced"};
    int64_t took_ms = loop_now_ms(pass->ctl->loop) - pass->started_ms;
    metric_observe(pass->ctl->metrics, CONTROLLER_METRIC_RECONCILE, (double)took_ms / 1000,
                   METRIC_LABELS(pass->app->namespace, pass->model.spec.destination.server));
    log_debug("application compared", LF_STR("app", pass->app->key),
              LF_CSTR("refresh", LEVELS[pass->level]), LF_MS("took", took_ms));
}

static void tell(struct pass *pass, const char *reason, struct str text)
{
    events_tell(pass->ctl->kube_events, doc_root(pass->object), reason, false, text);
}

static struct str revisions_text(struct pass *pass)
{
    struct str text = STR_EMPTY;
    for (size_t i = 0; i < pass->targets->n_sources; i++) {
        text = arena_printf(pass->arena, STR_FMT "%s" STR_FMT, STR_ARG(text), i > 0 ? " " : "",
                            STR_ARG(pass->targets->revisions[i]));
    }
    return text;
}

static void tell_changes(struct pass *pass)
{
    const struct app_status *now = &pass->model.status;
    if (now->sync.status != pass->before.sync) {
        tell(pass, EVENT_RESOURCE_UPDATED,
             arena_printf(pass->arena, "Updated sync status: %s -> %s",
                          status_sync_name(pass->before.sync), status_sync_name(now->sync.status)));
    }
    if (now->health.status != pass->before.health) {
        tell(pass, EVENT_RESOURCE_UPDATED,
             arena_printf(pass->arena, "Updated health status: %s -> %s",
                          status_health_name(pass->before.health),
                          status_health_name(now->health.status)));
    }
    if (pass->before.starts_sync) {
        tell(pass, EVENT_OPERATION_STARTED,
             arena_printf(pass->arena, "Initiated automated sync to [" STR_FMT "]",
                          STR_ARG(revisions_text(pass))));
    }
}

static void on_written(struct pass *pass, const struct err *err)
{
    if (err != NULL) {
        pass_retry_later(pass, err);
        return;
    }
    if (pass->op_ended) {
        run_ended(pass);
    }
    tell_changes(pass);
    observe(pass);
    pass_end(pass);
}

static void write_status(struct pass *pass, struct status_change *change)
{
    const struct value *patch = status_write_patch(pass, change);
    pass->before.sync = pass->model.status.sync.status;
    pass->before.health = pass->model.status.health.status;
    pass->before.starts_sync = change->operation != NULL;
    if (patch == NULL) {
        on_written(pass, NULL);
        return;
    }
    pass_patch(pass, patch, on_written);
}

/* Nothing was found; how an operation ended is told all the same. */
static void leave(struct pass *pass)
{
    if (!pass->op_ended) {
        pass_end(pass);
        return;
    }
    struct status_change change = status_write_unchanged(pass);
    change.evaluated = CONDITION_BIT(CONDITION_SYNC_BLOCKED);
    write_status(pass, &change);
}

/* The spec or the project does not permit what the application is. */
static void finish_ruled_out(struct pass *pass)
{
    struct status_change change = status_write_unchanged(pass);
    change.evaluated =
        CONDITION_BIT(CONDITION_INVALID_SPEC_ERROR) | CONDITION_BIT(CONDITION_UNKNOWN_ERROR);
    change.status.sync.status = SYNC_STATUS_UNKNOWN;
    status_write_health(pass, &change, HEALTH_STATUS_UNKNOWN, STR_EMPTY);
    app_rule_out(pass->app);
    controller_publish_tree(pass->ctl, pass->app);
    write_status(pass, &change);
}

/* The comparison could not be made: everything the last one found stays, but for the verdicts. */
static void finish_unknown(struct pass *pass)
{
    struct status_change change = status_write_unchanged(pass);
    change.status.sync.status = SYNC_STATUS_UNKNOWN;
    change.status.resources = status_write_unknown(pass->arena, &pass->model.status.resources);
    if (change.status.health.status == HEALTH_STATUS_NONE) {
        status_write_health(pass, &change, HEALTH_STATUS_UNKNOWN, STR_EMPTY);
    }
    status_write_compared_to(pass, &change);
    write_status(pass, &change);
}

/* ---- automated sync ---- */

static struct app_strs revisions_of(const struct targets *targets)
{
    return (struct app_strs){targets->revisions, targets->n_sources};
}

/* Why no sync is started. */
static void tell_blocked(struct pass *pass, struct blocked blocked)
{
    if (!pass->model.has_operation) {
        pass_condition(pass, CONDITION_SYNC_BLOCKED, blocked_message(pass->arena, &blocked));
    }
}

/* While an operation runs it says itself what it waits for. What ended one at once is still true as long as the
 * application is not synced. */
static bool judges_blocked(struct pass *pass)
{
    const struct condition *old =
        conditions_find(pass->model.status.conditions, CONDITION_SYNC_BLOCKED);
    if (pass->model.has_operation) {
        return false;
    }
    if (old == NULL || pass_has_condition(pass, CONDITION_SYNC_BLOCKED)) {
        return true;
    }
    enum blocked_reason reason = blocked_reason_of(pass->arena, old->message);
    return (reason != BLOCKED_PROJECT && reason != BLOCKED_KIND) ||
           pass->evaluation->compare.status == SYNC_STATUS_SYNCED;
}

/* False: the windows do not let it be synced by itself now; then it is asked for again when they may. */
static bool windows_allow(struct pass *pass)
{
    struct window_verdict verdict;
    struct err err;
    if (!pass->model.spec.sync_policy.automated) {
        return true;
    }
    if (windows_decide(pass, false, 0, &verdict, &err) < 0) {
        pass_condition_err(pass, CONDITION_SYNC_ERROR, &err);
        return false;
    }
    if (!verdict.allowed) {
        tell_blocked(pass, windows_blocked(pass->arena, &verdict));
        controller_request_after(pass->ctl, pass->app, REFRESH_RECENT, windows_wait_ms(&verdict));
    }
    return verdict.allowed;
}

static struct str heal_text(struct pass *pass, int64_t at_ms)
{
    char when[CLOCK_RFC3339_BYTES];
    clock_rfc3339(at_ms, when);
    return arena_printf(pass->arena, "self-heal was tried already, the next time is %s", when);
}

static struct auto_sync_heal heal_of(const struct controller_config *config)
{
    return (struct auto_sync_heal){
        .fixed_ms = config->heal_timeout_ms,
        .timeout_ms = config->heal_backoff_ms,
        .factor = config->heal_backoff_factor,
        .cap_ms = config->heal_backoff_cap_ms,
    };
}

/* What became of the last attempt is judged only when the next one could begin. */
static const struct value *decide_sync(struct pass *pass, struct status_change *change)
{
    if (!windows_allow(pass)) {
        if (!pass_has_condition(pass, CONDITION_SYNC_ERROR)) {
            change->evaluated &= ~CONDITION_BIT(CONDITION_SYNC_ERROR);
        }
        return NULL;
    }
    int64_t now_ms = clock_wall_ms(clock_system());
    struct auto_sync_input in = {
        .spec = &pass->model.spec,
        .last = &pass->model.status.operation_state,
        .operation_pending = pass->model.has_operation,
        .compare = &pass->evaluation->compare,
        .revisions = revisions_of(pass->targets),
        .revision_may_change = true,
        .heal = heal_of(pass->ctl->config),
        .now_ms = now_ms,
    };
    struct auto_sync_decision decision;
    auto_sync_decide(pass->arena, &in, &decision);
    if (decision.condition.n > 0) {
        pass_condition(pass, CONDITION_SYNC_ERROR, decision.condition);
    }
    if (decision.action == AUTO_SYNC_LATER) {
        tell_blocked(pass, (struct blocked){.reason = BLOCKED_SELF_HEAL,
                                            .text = heal_text(pass, decision.retry_at_ms),
                                            .until_ms = decision.retry_at_ms});
        controller_request_after(pass->ctl, pass->app, REFRESH_LATEST,
                                 decision.retry_at_ms - now_ms);
    }
    return decision.action == AUTO_SYNC_START ? decision.operation : NULL;
}

/* ---- compared ---- */

static bool has_error_conditions(const struct pass *pass)
{
    for (size_t i = 0; i < pass->conditions.n; i++) {
        if (condition_type_is_error(pass->conditions.items[i].type)) {
            return true;
        }
    }
    return false;
}

static void take_compare_conditions(struct pass *pass)
{
    const struct compare_result *r = &pass->evaluation->compare;
    for (size_t i = 0; i < r->conditions.n; i++) {
        pass_condition(pass, r->conditions.items[i].type, r->conditions.items[i].message);
    }
}

/* The status says something that was true, and nobody waits for an answer. */
static bool is_quiet(const struct pass *pass)
{
    return pass->level < REFRESH_LATEST_FORCED && pass->app->was_compared;
}

static void on_compared(struct pass *pass, const struct err *err)
{
    struct app *app = pass->app;
    if (app->cache != pass->cache) { /* the cluster went meanwhile, or is another one now */
        controller_request(pass->ctl, app, pass->level);
        leave(pass);
        return;
    }
    if (err != NULL && pass->not_ready &&
        (live_cache_error(pass->cache) == NULL || is_quiet(pass))) {
        leave(pass); /* asked for again when the cluster's objects are known */
        return;
    }
    if (err != NULL) {
        pass_condition_err(pass, CONDITION_COMPARISON_ERROR, err);
        finish_unknown(pass);
        return;
    }
    app->was_compared = true;
    app->relisted = false;
    take_compare_conditions(pass);
    orphans_judge(pass);
    struct status_change change = status_write_evaluated(pass);
    if (!has_error_conditions(pass)) {
        change.operation = decide_sync(pass, &change);
    }
    if (change.operation != NULL && pass->op_ended) { /* one operation after the other */
        change.operation = NULL;
        controller_request(pass->ctl, app, REFRESH_RECENT);
    }
    if (pass->op_ended || judges_blocked(pass)) {
        change.evaluated |= CONDITION_BIT(CONDITION_SYNC_BLOCKED);
    }
    controller_publish_tree(pass->ctl, app);
    write_status(pass, &change);
}

static void compare_targets(struct pass *pass)
{
    pass_evaluate(pass, pass->targets, &pass->app->interests, on_compared);
}

/* ---- fetched ---- */

/* Trouble with reaching a repository is only told when it lasts or somebody asked. */
static bool is_tolerated(struct pass *pass, const struct err *err)
{
    struct app *app = pass->app;
    if (!err_code_retryable(err->code)) {
        return false;
    }
    int64_t delay_ms = backoff_next_ms(&app->repo_retry, pass->ctl->rand);
    controller_request_after(pass->ctl, app, REFRESH_LATEST, delay_ms);
    if (!is_quiet(pass)) {
        return false;
    }
    if (app->repo_failed_ms == 0) {
        app->repo_failed_ms = pass->started_ms;
    }
    return pass->started_ms - app->repo_failed_ms < pass->ctl->config->repo_grace_ms;
}

static void on_fetched(void *data, struct targets *targets, const struct err *err)
{
    struct pass *pass = data;
    struct app *app = pass->app;
    pass->fetch = NULL;
    if (err != NULL && err->code == ERR_CANCELED) {
        pass_end(pass);
        return;
    }
    if (err != NULL && is_tolerated(pass, err)) {
        pass_end(pass);
        return;
    }
    if (err != NULL) {
        struct err wrapped = *err;
        (void)err_wrap(&wrapped, "Failed to load target state");
        pass_condition_err(pass, CONDITION_COMPARISON_ERROR, &wrapped);
        finish_unknown(pass);
        return;
    }
    app->repo_failed_ms = 0;
    backoff_reset(&app->repo_retry);
    app->last_latest_ms = pass->started_ms;
    if (pass->hard || app->last_hard_ms == 0) {
        app->last_hard_ms = pass->started_ms;
    }
    pass_set_targets(pass, targets);
    targets_unref(app->targets);
    app->targets = targets;
    if (pass->asked || pass->hard) { /* what the API server says may have changed, by a webhook */
        answers_unref(TAKE(app->answers));
        app->answers = answers_new();
    }
    compare_targets(pass);
}

static void fetch_targets(struct pass *pass)
{
    struct err err;
    schedule_next(pass);
    if (pass_wait_discovered(pass, &err) < 0) { /* what is rendered depends on it */
        on_compared(pass, &err);
        return;
    }
    struct targets_request request = pass_targets_request(pass, &pass->model.spec.sources);
    request.no_cache = pass->hard;
    request.no_revision_cache = pass->level >= REFRESH_LATEST_FORCED;
    request.revision_max_age_ms = pass->ctl->config->resync_ms;
    request.revision_age_ms = is_asked_for(pass) ? app_revision_age_ms(pass->app) : 0;
    if (targets_fetch(&request, on_fetched, pass, &pass->fetch, &err) < 0) {
        on_fetched(pass, NULL, &err);
    }
}

/* ---- begin ---- */

/* Nothing is compared: the tree is made when somebody asks for it, and the status says what there is of it. */
static void refresh_tree(struct pass *pass)
{
    controller_publish_tree(pass->ctl, pass->app);
    if (pass->app->cache == NULL || !pass->app->was_compared) {
        pass_end(pass);
        return;
    }
    pass->cache = pass->app->cache;
    pass_use_cache(pass);
    struct status_change change = status_write_unchanged(pass);
    change.evaluated = 0;
    if (pass->app->orphans_changed) {
        change.evaluated = CONDITION_BIT(CONDITION_ORPHANED_RESOURCE_WARNING);
        orphans_judge(pass);
    }
    status_write_summary(pass, &change);
    write_status(pass, &change);
}

void refresh_begin(struct pass *pass)
{
    bool ok = false;
    if (pass->ctl->stopping) { /* the next process looks at everything anew */
        pass_end(pass);
        return;
    }
    pass->level = refresh_wanted(pass);
    if (pass->level == REFRESH_TREE) {
        refresh_tree(pass);
        return;
    }
    pass_resolve(pass, &ok);
    if (!ok) {
        schedule_next(pass);
        finish_ruled_out(pass);
        return;
    }
    if (pass->hard && !pass->app->relisted) {
        pass->app->relisted = true; /* once for each hard refresh, however many turns it takes */
        live_cache_relist(pass->cache);
    }
    if (pass->level == REFRESH_RECENT && pass->app->targets != NULL) {
        pass_set_targets(pass, pass->app->targets);
        compare_targets(pass);
        return;
    }
    fetch_targets(pass);
}
