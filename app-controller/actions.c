/* struct acting goes: read the object - run the scripts (pool) - check - try creations - write, one change after
 * the other. It lives in the call's arena and ends with its answer. */
#include "app-controller/actions.h"

#include "app-controller/app.h"
#include "app-controller/controller.h"
#include "app-controller/handlers.h"
#include "app-controller/impersonate.h"
#include "app-controller/live/live_cache.h"
#include "common/base/arena.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/ipc/ipc_server.h"
#include "common/kube/kube_client.h"
#include "common/kube/kube_discovery.h"
#include "common/kube/kube_object.h"
#include "common/model/application.h"
#include "common/model/project.h"
#include "common/rt/work.h"
#include "common/settings/settings.h"
#include "common/value/value.h"
#include "common/value/value_edit.h"
#include "common/value/value_patch.h"
#include "engine/actions/action_script.h"
#include "engine/lua/customize.h"
#include "proto/controller.pb-c.h"

/* One change on its way to the cluster. */
struct write {
    enum action_op op;
    const struct value *object;
    const struct value *patch; /* of ACTION_PATCH: from the live object */
    struct kube_target target;
};

struct acting {
    struct job job;
    struct controller *ctl;
    struct ipc_call *call;
    struct arena *arena;
    struct str app;             /* its key, for the log */
    struct live_cache *cache;   /* held; NULL = the object is the Application itself */
    struct kube_client *client; /* of the object's cluster */
    struct kube_target target;
    struct project project;
    struct str as_user;             /* who writes; "" = ourselves */
    struct doc *live;               /* a reference */
    struct customizations *scripts; /* a reference */
    struct action_run run;          /* name "" = list them */
    struct action_list list;
    struct write *writes;
    size_t n_writes;
    size_t at; /* the write under way */
};

/* ---- the end ---- */

static void let_go(struct acting *a)
{
    doc_unref(a->live);
    customizations_unref(a->scripts);
    if (a->cache != NULL) {
        live_cache_release(a->cache);
    }
}

static void fail(struct acting *a, const struct err *err)
{
    struct ipc_call *call = a->call;
    let_go(a);
    ipc_reply_err(call, err);
}

static void succeed(struct acting *a, const struct value *answer)
{
    struct ipc_call *call = a->call;
    let_go(a);
    handlers_reply_json(call, answer);
}

/* ---- writing ---- */

static void write_next(struct acting *a);

static void on_written(void *data, const struct kube_reply *reply)
{
    struct acting *a = data;
    if (reply->err != NULL) {
        fail(a, reply->err);
        return;
    }
    if (a->cache != NULL) {
        live_cache_put(a->cache, doc_root(reply->doc));
    } else {
        controller_app_written(a->ctl, reply->doc);
    }
    a->at++;
    write_next(a);
}

static void
send_patch(struct acting *a, const struct value *patch, struct str part, kube_done_fn done)
{
    struct kube_request request = {
        .verb = KUBE_PATCH,
        .target = a->writes[a->at].target,
        .patch = KUBE_PATCH_MERGE,
        .body = patch,
        .as_user = a->as_user,
        .done = done,
        .data = a,
    };
    request.target.subresource = part;
    (void)kube_start(a->client, &request);
}

static void on_status_written(void *data, const struct kube_reply *reply)
{
    struct acting *a = data;
    const struct value *patch = a->writes[a->at].patch;
    const struct value *rest = value_without(a->arena, patch, "status");
    if (reply->err != NULL && reply->err->code == ERR_NOT_FOUND) {
        send_patch(a, patch, STR_EMPTY, on_written); /* the kind has its status among the rest */
    } else if (reply->err == NULL && value_len(rest) > 0) {
        send_patch(a, rest, STR_EMPTY, on_written);
    } else {
        on_written(a, reply);
    }
}

static void send_create(struct acting *a, bool dry_run, kube_done_fn done)
{
    const struct write *w = &a->writes[a->at];
    const struct kube_request request = {
        .verb = KUBE_CREATE,
        .target = w->target,
        .body = w->object,
        .dry_run = dry_run,
        .as_user = a->as_user,
        .done = done,
        .data = a,
    };
    (void)kube_start(a->client, &request);
}

static void write_next(struct acting *a)
{
    while (a->at < a->n_writes && a->writes[a->at].op == ACTION_PATCH &&
           value_len(a->writes[a->at].patch) == 0) {
        a->at++; /* nothing has changed */
    }
    if (a->at == a->n_writes) {
        log_info("action ran", LF_STR("app", a->app), LF_STR("action", a->run.name),
                 LF_STR("kind", a->target.kind));
        succeed(a, &VALUE_EMPTY_MAP);
        return;
    }
    const struct write *w = &a->writes[a->at];
    if (w->op == ACTION_CREATE) {
        send_create(a, false, on_written);
    } else if (value_find(w->patch, STR("status")) != NULL) {
        send_patch(a, w->patch, STR("status"), on_status_written);
    } else {
        send_patch(a, w->patch, STR_EMPTY, on_written);
    }
}

/* ---- trying ---- */

static void try_next(struct acting *a);

static void on_tried(void *data, const struct kube_reply *reply)
{
    struct acting *a = data;
    if (reply->err != NULL) {
        fail(a, reply->err);
        return;
    }
    a->at++;
    try_next(a);
}

static void try_next(struct acting *a)
{
    while (a->at < a->n_writes && a->writes[a->at].op != ACTION_CREATE) {
        a->at++;
    }
    if (a->at < a->n_writes) {
        send_create(a, true, on_tried);
        return;
    }
    a->at = 0;
    write_next(a);
}

/* ---- checking ---- */

static int
check_project(const struct acting *a, const struct write *w, bool namespaced, struct err *err)
{
    const struct kube_target *t = &w->target;
    const struct project_cluster cluster = {
        .server = live_cache_server(a->cache),
        .name = live_cache_name(a->cache),
    };
    struct str name = kube_name(w->object);
    if (project_permits_kind(&a->project, t->group, t->kind, name, namespaced) &&
        (!namespaced || project_permits_destination(&a->project, &cluster, t->namespace))) {
        return 0;
    }
    return err_set(err, ERR_DENIED,
                   "application is not permitted to manage " STR_FMT "/" STR_FMT "/" STR_FMT
                   " in " STR_FMT,
                   STR_ARG(t->group), STR_ARG(t->kind), STR_ARG(name), STR_ARG(t->namespace));
}

/* Where the change goes to, and whether it may. */
static int aim(struct acting *a, struct write *w, struct err *err)
{
    struct kube_gvk gvk = kube_gvk_of(w->object);
    const struct kube_api *api = live_cache_api(a->cache);
    const struct kube_resource *r =
        api != NULL ? kube_api_find_kind(api, gvk.group, gvk.version, gvk.kind) : NULL;
    if (r == NULL) {
        return err_set(err, ERR_INVALID,
                       "the cluster does not have " STR_FMT "/" STR_FMT " " STR_FMT,
                       STR_ARG(gvk.group), STR_ARG(gvk.version), STR_ARG(gvk.kind));
    }
    struct str namespace = kube_namespace(w->object);
    if (r->namespaced && namespace.n == 0) {
        namespace = a->target.namespace;
    }
    w->target = (struct kube_target){
        .group = arena_str(a->arena, r->group),
        .version = arena_str(a->arena, r->version),
        .resource = arena_str(a->arena, r->resource),
        .kind = gvk.kind,
        .namespace = r->namespaced ? namespace : STR_EMPTY,
        .name = w->op == ACTION_CREATE ? STR_EMPTY : kube_name(w->object),
    };
    return check_project(a, w, r->namespaced, err);
}

/* The Application itself is nothing its project rules over. */
static int aim_at_app(const struct acting *a, struct write *w, struct err *err)
{
    if (w->op != ACTION_PATCH || !kube_key_eq(kube_key_of(w->object), kube_key_of(a->run.live))) {
        return err_set(err, ERR_DENIED, "actions on an Application may only patch itself");
    }
    w->target = a->target;
    return 0;
}

static int aim_all(struct acting *a, struct err *err)
{
    for (size_t i = 0; i < a->n_writes; i++) {
        if (a->cache != NULL) {
            TRY(aim(a, &a->writes[i], err));
        } else {
            TRY(aim_at_app(a, &a->writes[i], err));
        }
    }
    return 0;
}

/* ---- on the pool ---- */

static int run_action(struct acting *a, struct err *err)
{
    struct action_changes changes;
    TRY(action_script_run(a->arena, a->scripts, clock_system(), &a->run, &changes, err));
    a->writes = arena_calloc(a->arena, changes.n, sizeof(*a->writes));
    a->n_writes = changes.n;
    for (size_t i = 0; i < changes.n; i++) {
        struct write *w = &a->writes[i];
        w->op = changes.items[i].op;
        w->object = changes.items[i].object;
        if (w->op == ACTION_PATCH) {
            w->patch = value_merge_patch_between(a->arena, a->run.live, w->object);
        }
    }
    return 0;
}

static int run_job(struct job *job, struct err *err)
{
    struct acting *a = CONTAINER_OF(job, struct acting, job);
    if (a->run.name.n > 0) {
        return run_action(a, err);
    }
    return action_script_discover(a->arena, a->scripts, clock_system(), a->run.live, &a->list, err);
}

static void on_job_done(struct job *job, const struct err *err)
{
    struct acting *a = CONTAINER_OF(job, struct acting, job);
    struct err why;
    if (err != NULL) {
        fail(a, err);
        return;
    }
    if (a->run.name.n == 0) {
        succeed(a, value_with(a->arena, NULL, action_list_to_value(a->arena, &a->list), "actions"));
        return;
    }
    if (aim_all(a, &why) < 0) {
        fail(a, &why);
        return;
    }
    try_next(a);
}

/* ---- the object ---- */

static void look_at(struct acting *a, struct doc *live)
{
    struct err err;
    a->live = doc_ref(live);
    a->run.live = doc_root(live);
    a->run.now_ms = clock_wall_ms(clock_system());
    a->job.run = run_job;
    a->job.done = on_job_done;
    if (work_submit(a->ctl->work, WORK_DIFF, &a->job, &err) < 0) {
        fail(a, &err);
    }
}

static void on_live(void *data, const struct kube_reply *reply)
{
    struct acting *a = data;
    if (reply->err != NULL) {
        fail(a, reply->err);
        return;
    }
    look_at(a, reply->doc);
}

static struct kube_target copy_target(struct arena *arena, const struct kube_target *t)
{
    return (struct kube_target){
        .group = arena_str(arena, t->group),
        .version = arena_str(arena, t->version),
        .resource = arena_str(arena, t->resource),
        .kind = arena_str(arena, t->kind),
        .namespace = arena_str(arena, t->namespace),
        .name = arena_str(arena, t->name),
    };
}

static int read_project(struct acting *a, const struct app *app, struct err *err)
{
    struct doc *doc = settings_project_doc(a->ctl->settings, app_project(app));
    a->project = PROJECT_DEFAULT;
    if (doc == NULL && !str_eq_c(app_project(app), APP_DEFAULT_PROJECT)) {
        return err_set(err, ERR_NOT_FOUND, "project '" STR_FMT "' does not exist",
                       STR_ARG(app_project(app)));
    }
    if (doc == NULL) {
        return 0;
    }
    arena_hold(a->arena, doc);
    return project_decode(a->arena, doc_root(doc), &a->project, err);
}

/* As the sync of the application does it. */
static int find_user(struct acting *a, const struct app *app, struct err *err)
{
    const struct impersonate_input in = {
        .rules = impersonation_of(a->ctl->settings),
        .project = &a->project,
        .server = live_cache_server(app->cache),
        .namespace = value_dig_str(doc_root(app->object), "spec", "destination", "namespace"),
        .app_namespace = app->namespace,
    };
    return a->run.name.n > 0 ? impersonate_user(a->arena, &in, &a->as_user, err) : 0;
}

static int begin_object(struct acting *a,
                        const Belay__AppRef *ref,
                        const Belay__ResourceRef *res,
                        struct err *err)
{
    struct app *app = NULL;
    struct kube_request request;
    TRY(handlers_object_request(a->call, ref, res, &app, &request, err));
    TRY(read_project(a, app, err));
    TRY(find_user(a, app, err));
    a->app = arena_str(a->arena, app->key);
    a->target = copy_target(a->arena, &request.target);
    a->cache = app->cache;
    a->client = live_cache_client(a->cache);
    live_cache_use(a->cache);
    request.verb = KUBE_GET;
    request.done = on_live;
    request.data = a;
    (void)kube_start(a->client, &request);
    return 0;
}

static bool is_app_itself(const Belay__AppRef *ref, const Belay__ResourceRef *res)
{
    return ref != NULL && res != NULL && str_eq_c(STR(APP_KIND), res->kind) &&
           str_eq_c(STR(APP_GROUP), res->group) && str_eq_c(str_from(ref->name), res->name) &&
           (res->namespace_[0] == '\0' || str_eq_c(str_from(ref->namespace_), res->namespace_));
}

static int begin_app(struct acting *a, const Belay__AppRef *ref, struct err *err)
{
    struct app *app = controller_app(a->ctl, str_from(ref->namespace_), str_from(ref->name));
    if (app == NULL) {
        return err_set(err, ERR_NOT_FOUND, "application '%s/%s' not found", ref->namespace_,
                       ref->name);
    }
    a->app = arena_str(a->arena, app->key);
    a->client = a->ctl->client;
    a->target = (struct kube_target){
        .group = STR(APP_GROUP),
        .version = STR(APP_VERSION),
        .resource = STR(APP_RESOURCE),
        .kind = STR(APP_KIND),
        .namespace = arena_str(a->arena, app->namespace),
        .name = arena_str(a->arena, app->name),
    };
    look_at(a, app->object);
    return 0;
}

static void begin(struct acting *a, const Belay__AppRef *ref, const Belay__ResourceRef *res)
{
    struct err err;
    int rc = is_app_itself(ref, res) ? begin_app(a, ref, &err) : begin_object(a, ref, res, &err);
    if (rc < 0) {
        fail(a, &err);
    }
}

static struct acting *acting_new(struct ipc_call *call)
{
    struct arena *arena = ipc_call_arena(call);
    struct acting *a = ARENA_NEW(arena, struct acting);
    a->ctl = ipc_call_data(call);
    a->call = call;
    a->arena = arena;
    a->scripts = customizations_ref(a->ctl->scripts);
    return a;
}

void actions_list(struct ipc_call *call, const ProtobufCMessage *message)
{
    const Belay__ListActionsRequest *req = (const Belay__ListActionsRequest *)message;
    begin(acting_new(call), req->app, req->resource);
}

void actions_run(struct ipc_call *call, const ProtobufCMessage *message)
{
    const Belay__RunActionRequest *req = (const Belay__RunActionRequest *)message;
    struct acting *a = acting_new(call);
    struct action_arg *args = arena_calloc(a->arena, req->n_parameters, sizeof(*args));
    struct err err;
    for (size_t i = 0; i < req->n_parameters; i++) {
        args[i] = (struct action_arg){str_from(req->parameters[i]->name),
                                      str_from(req->parameters[i]->value)};
    }
    a->run = (struct action_run){
        .name = str_from(req->action),
        .args = args,
        .n_args = req->n_parameters,
    };
    if (a->run.name.n == 0) {
        (void)err_set(&err, ERR_INVALID, "the call names no action");
        fail(a, &err);
        return;
    }
    begin(a, req->app, req->resource);
}
