/* struct planning goes: targets of the revision - the live objects they are about are known - compare (pool) - plan -
 * answer. It lives in the call's arena and ends with its answer. */
#include "app-controller/planning.h"

#include "app-controller/app.h"
#include "app-controller/controller.h"
#include "app-controller/evaluate.h"
#include "app-controller/handlers.h"
#include "app-controller/live/live_cache.h"
#include "app-controller/sync/plan_app.h"
#include "app-controller/sync/step.h"
#include "app-controller/targets.h"
#include "common/base/arena.h"
#include "common/base/clock.h"
#include "common/ipc/ipc_convert.h"
#include "common/ipc/ipc_server.h"
#include "common/model/application.h"
#include "common/rt/loop.h"
#include "common/rt/timer.h"
#include "common/settings/settings.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "common/value/value_json.h"
#include "proto/controller.pb-c.h"

enum {
    LOOK_MS = 100, /* between looks whether the objects are known */
    LOOKS_MAX = 100,
};

struct planning {
    struct controller *ctl;
    struct ipc_call *call;
    struct arena *arena;
    struct str namespace; /* of the Application; it may go meanwhile */
    struct str name;
    struct doc *object; /* a reference */
    struct application model;
    struct app_operation_state state; /* as if it began now */
    char now[CLOCK_RFC3339_BYTES];
    struct live_cache *cache; /* held */
    struct targets *targets;  /* a reference, or NULL */
    struct targets_fetch *fetch;
    struct timer timer;
    int n_looks;
};

/* NULL: it was deleted meanwhile. */
static struct app *app_of(const struct planning *p)
{
    return controller_app(p->ctl, p->namespace, p->name);
}

static void let_go(struct planning *p)
{
    struct app *app = app_of(p);
    timer_stop(&p->timer);
    if (app != NULL && app->n_plans > 0 && --app->n_plans == 0) {
        app_interests_clear(&app->plan_interests);
    }
    targets_unref(p->targets);
    live_cache_release(p->cache);
    doc_unref(p->object);
}

static void fail(struct planning *p, const struct err *err)
{
    struct ipc_call *call = p->call;
    let_go(p);
    ipc_reply_err(call, err);
}

/* ---- the answer ---- */

static const struct value *with_revisions(struct planning *p, const struct value *v)
{
    const struct value *list = &VALUE_EMPTY_LIST;
    for (size_t i = 0; i < p->targets->n_sources; i++) {
        list = value_list_append(p->arena, list, value_new_str(p->arena, p->targets->revisions[i]));
    }
    return value_with(p->arena, v, list, "revisions");
}

/* What the sync would end with at once, if it would. */
static const struct value *
with_refusal(struct planning *p, struct plan *plan, const struct value *v)
{
    struct step step;
    step_next(p->arena, plan, &step);
    return step.kind == STEP_FINISH
               ? value_with(p->arena, v, value_new_str(p->arena, step.message), "refused")
               : v;
}

static void on_evaluated(struct evaluation *ev, const struct err *err)
{
    struct planning *p = ev->data;
    struct plan plan;
    if (err != NULL) {
        fail(p, err);
        evaluation_free(ev);
        return;
    }
    plan_app_build(p->arena, ev, &p->state, p->ctl->settings, &plan);
    const struct value *v = plan_to_value(p->arena, &plan);
    v = with_refusal(p, &plan, with_revisions(p, v));
    struct ipc_call *call = p->call;
    let_go(p);
    handlers_reply_json(call, v);
    evaluation_free(ev); /* the answer borrowed from it */
}

static int evaluate(struct planning *p, const struct app *app, struct err *err)
{
    struct evaluation_input in = {
        .object = p->object,
        .targets = p->targets,
        .cache = p->cache,
        .project = settings_project_doc(p->ctl->settings, p->model.spec.project),
        .instance = str_from(app->instance),
        .tracking = p->ctl->tracking,
        .scripts = p->ctl->scripts,
        .rules = p->ctl->rules,
        .answers = app->answers,
        .impersonation = impersonation_of(p->ctl->settings),
        .server_side = p->ctl->config->server_side_diff,
    };
    AUTO(evaluation) struct evaluation *ev = NULL;
    TRY(evaluation_new(&in, &ev, err));
    TRY(evaluation_start(ev, p->ctl->work, on_evaluated, p, err));
    (void)TAKE(ev); /* on_evaluated() frees it */
    return 0;
}

/* ---- knowing the live objects ---- */

static int check(struct planning *p, struct app **ret, struct err *err)
{
    *ret = app_of(p);
    if (*ret == NULL) {
        return err_set(err, ERR_NOT_FOUND, "application '" STR_FMT "' was deleted",
                       STR_ARG(p->name));
    }
    if (p->ctl->stopping) {
        return err_set(err, ERR_UNAVAILABLE, "the controller is stopping");
    }
    const struct err *why = live_cache_error(p->cache);
    if (why != NULL) {
        *err = *why;
        return err_wrap(err, "cluster " STR_FMT, STR_ARG(live_cache_server(p->cache)));
    }
    return 0;
}

/* One look; *ret_again: not everything is known yet. */
static int look(struct planning *p, bool *ret_again, struct err *err)
{
    struct app *app = NULL;
    bool waits = !live_cache_synced(p->cache);
    TRY(check(p, &app, err));
    if (!waits) {
        TRY(app_interests_update(&app->plan_interests, app, p->cache, p->targets,
                                 p->model.spec.destination.namespace, &waits, err));
    }
    if (waits && ++p->n_looks >= LOOKS_MAX) {
        return err_set(err, ERR_UNAVAILABLE, "the objects of cluster " STR_FMT " are being read",
                       STR_ARG(live_cache_server(p->cache)));
    }
    *ret_again = waits;
    return waits ? 0 : evaluate(p, app, err);
}

static void on_look(void *data)
{
    struct planning *p = data;
    bool again = false;
    struct err err;
    if (look(p, &again, &err) < 0) {
        fail(p, &err);
    } else if (again) {
        timer_start(&p->timer, LOOK_MS);
    }
}

/* ---- targets ---- */

static void on_fetched(void *data, struct targets *targets, const struct err *err)
{
    struct planning *p = data;
    p->fetch = NULL;
    if (err != NULL) {
        fail(p, err);
        return;
    }
    p->targets = targets;
    on_look(p);
}

static const struct app_sources *sources_of(const struct planning *p)
{
    const struct app_operation *op = &p->state.operation;
    return op->sources.n > 0 ? &op->sources : &p->model.spec.sources;
}

/* NULL: as the sources say. */
static const struct str *revisions_of(const struct planning *p, size_t n_sources)
{
    const struct app_operation *op = &p->state.operation;
    if (op->revisions.n == n_sources && n_sources > 0) {
        return op->revisions.items;
    }
    return op->revision.n > 0 && n_sources == 1 ? &op->revision : NULL;
}

static int fetch(struct planning *p, const struct app *app, struct err *err)
{
    const struct app_sources *sources = sources_of(p);
    const struct targets_request request = {
        .repo_server = p->ctl->repo_server,
        .sources = sources,
        .revisions = revisions_of(p, sources->n),
        .instance = str_from(app->instance),
        .project = p->model.spec.project,
        .namespace = p->model.spec.destination.namespace,
        .settings = p->ctl->settings,
        .api = live_cache_api(p->cache),
        .timeout_ms = p->ctl->config->repo_timeout_ms,
        .known = app->targets,
    };
    if (request.api == NULL) {
        return err_set(err, ERR_UNAVAILABLE, "it is not known yet what cluster " STR_FMT " can do",
                       STR_ARG(live_cache_server(p->cache)));
    }
    return targets_fetch(&request, on_fetched, p, &p->fetch, err);
}

/* Those that were compared last will do when nothing else is asked for. */
static int find_targets(struct planning *p, const struct app *app, struct err *err)
{
    const struct app_operation *op = &p->state.operation;
    if (op->manifests.n > 0) {
        size_t n = sources_of(p)->n;
        TRY(targets_from_manifests(op->manifests, revisions_of(p, n), n, &p->targets, err));
    } else if (op->sources.n > 0 || op->revision.n > 0 || op->revisions.n > 0 ||
               app->targets == NULL) {
        return fetch(p, app, err);
    } else {
        p->targets = targets_ref(app->targets);
    }
    timer_start(&p->timer, 0);
    return 0;
}

/* ---- the call ---- */

static int read_request(struct planning *p, const Belay__GetPlanRequest *req, struct err *err)
{
    const struct value *op = NULL;
    TRY_IN(value_from_json(p->arena, ipc_bytes(req->operation), NULL, &op, err), err, "operation");
    TRY(app_operation_decode(p->arena, op, &p->state.operation, err));
    TRY(application_decode(p->arena, doc_root(p->object), &p->model, err));
    if (sources_of(p)->n == 0) {
        return err_set(err, ERR_INVALID, "the application has no source");
    }
    return 0;
}

void planning_get(struct ipc_call *call, const ProtobufCMessage *message)
{
    const Belay__GetPlanRequest *req = (const Belay__GetPlanRequest *)message;
    struct app *app = NULL;
    struct err err;
    if (handlers_find_app(call, req->app, &app, &err) < 0) {
        ipc_reply_err(call, &err);
        return;
    }
    struct planning *p = ARENA_NEW(ipc_call_arena(call), struct planning);
    p->ctl = ipc_call_data(call);
    p->call = call;
    p->arena = ipc_call_arena(call);
    p->namespace = arena_str(p->arena, app->namespace);
    p->name = arena_str(p->arena, app->name);
    p->object = doc_ref(app->object);
    p->cache = app->cache;
    live_cache_use(p->cache);
    timer_init(&p->timer, p->ctl->loop, on_look, p);
    clock_rfc3339(clock_wall_ms(clock_system()), p->now);
    p->state.started_at = str_from(p->now);
    app->n_plans++;
    if (read_request(p, req, &err) < 0 || find_targets(p, app, &err) < 0) {
        fail(p, &err);
    }
}
