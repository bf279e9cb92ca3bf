/* Trees, differences and single objects for the API server. Secrets are masked here: what leaves this
 * file can be shown to anybody who may see the application. */
#include "app-controller/handlers.h"

#include "app-controller/actions.h"
#include "app-controller/app.h"
#include "app-controller/controller.h"
#include "app-controller/evaluate.h"
#include "app-controller/live/live_cache.h"
#include "app-controller/live/live_refused.h"
#include "app-controller/planning.h"
#include "app-controller/tree.h"
#include "common/base/arena.h"
#include "common/base/map.h"
#include "common/ipc/ipc_convert.h"
#include "common/ipc/ipc_server.h"
#include "common/kube/kube_client.h"
#include "common/kube/kube_discovery.h"
#include "common/kube/kube_object.h"
#include "common/model/cluster.h"
#include "common/rt/daemon.h"
#include "common/settings/settings.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "common/value/value_json.h"
#include "engine/compare/field_changes.h"
#include "engine/compare/mask.h"
#include "engine/compare/rules.h"
#include "proto/controller.pb-c.h"

void handlers_reply_json(struct ipc_call *call, const struct value *v)
{
    struct str json;
    struct err err;
    if (value_to_json_in(ipc_call_arena(call), v, NULL, &json, &err) < 0) {
        ipc_reply_err(call, &err);
        return;
    }
    Belay__JsonReply reply;
    belay__json_reply__init(&reply);
    reply.json = ipc_bytes_of(json);
    ipc_reply(call, &reply.base);
}

int handlers_find_app(struct ipc_call *call,
                      const Belay__AppRef *ref,
                      struct app **ret,
                      struct err *err)
{
    struct controller *ctl = ipc_call_data(call);
    if (ref == NULL) {
        return err_set(err, ERR_INVALID, "the call names no application");
    }
    struct app *app = controller_app(ctl, str_from(ref->namespace_), str_from(ref->name));
    if (app == NULL) {
        return err_set(err, ERR_NOT_FOUND, "application '%s/%s' not found", ref->namespace_,
                       ref->name);
    }
    if (app->cache == NULL) {
        return err_set(err, ERR_UNAVAILABLE, "application '%s/%s' has not been compared yet",
                       ref->namespace_, ref->name);
    }
    *ret = app;
    return 0;
}

/* ---- the tree ---- */

/* An application that is ruled out has nothing: what it may not use it may not show either. True: it has been told so. */
static bool has_nothing(struct ipc_call *call, const Belay__AppRef *ref, const char *field)
{
    struct arena *arena = ipc_call_arena(call);
    struct controller *ctl = ipc_call_data(call);
    struct app *app =
        ref != NULL ? controller_app(ctl, str_from(ref->namespace_), str_from(ref->name)) : NULL;
    if (app == NULL || !app->ruled_out) {
        return false;
    }
    handlers_reply_json(call, value_with(arena, NULL, &VALUE_EMPTY_LIST, field));
    return true;
}

static void get_resource_tree(struct ipc_call *call, const ProtobufCMessage *message)
{
    const Belay__GetResourceTreeRequest *req = (const Belay__GetResourceTreeRequest *)message;
    struct app *app = NULL;
    struct err err;
    if (has_nothing(call, req->app, "nodes")) {
        return;
    }
    if (handlers_find_app(call, req->app, &app, &err) < 0) {
        ipc_reply_err(call, &err);
        return;
    }
    struct app_tree tree;
    tree_of_app(app, &tree);
    handlers_reply_json(call, live_tree_of(ipc_call_arena(call), &tree.tree));
}

/* ---- managed resources ---- */

/* A state as JSON text, "null" for none; without managedFields, which nobody reads. */
static void
put_state(struct arena *arena, struct value_builder *b, const char *key, const struct value *obj)
{
    struct str json = STR("null");
    struct err err;
    if (obj != NULL) {
        obj = kube_without_fields(arena, obj, KUBE_MANAGED_FIELDS);
        if (value_to_json_in(arena, obj, NULL, &json, &err) < 0) {
            json = STR("null"); /* only sizes beyond any object's can fail */
        }
    }
    value_build_field_str(b, key, json);
}

/* Which fields differ, and who set them last: as masked, so that nothing secret is told. */
static void put_changes(struct arena *arena,
                        struct value_builder *b,
                        const struct compare_resource *r,
                        const struct mask_set *shown)
{
    if (!r->modified || r->live == NULL || r->target == NULL) {
        return;
    }
    const struct field_changes changes =
        field_changes_of(arena, shown->normalized_live, shown->predicted_live, r->live);
    if (changes.n > 0) {
        value_build_field(b, "changes", field_changes_value(arena, &changes));
    }
}

static void put_resource(struct arena *arena,
                         struct value_builder *b,
                         const struct compare_resource *r,
                         struct app_strs masked)
{
    struct mask_set shown = {
        .target = r->target,
        .live = r->live,
        .normalized_live = r->normalized_live,
        .predicted_live = r->predicted_live,
    };
    shown = mask_secret(arena, shown, masked.items, masked.n);
    value_build_map(b);
    value_build_field_str_opt(b, "group", r->key.group);
    value_build_field_str(b, "kind", r->key.kind);
    value_build_field_str_opt(b, "namespace", r->key.namespace);
    value_build_field_str(b, "name", r->key.name);
    put_state(arena, b, "targetState", shown.target);
    put_state(arena, b, "liveState", shown.live);
    put_state(arena, b, "normalizedLiveState", shown.normalized_live);
    put_state(arena, b, "predictedLiveState", shown.predicted_live);
    value_build_field_str_opt(b, "resourceVersion", kube_resource_version(r->live));
    if (r->hook) {
        value_build_field_bool(b, "hook", true);
    }
    if (r->modified) {
        value_build_field_bool(b, "modified", true);
    }
    put_changes(arena, b, r, &shown);
    value_build_end(b);
}

static void on_evaluated(struct evaluation *ev, const struct err *err)
{
    struct ipc_call *call = ev->data;
    if (err != NULL) {
        ipc_reply_err(call, err);
        evaluation_free(ev);
        return;
    }
    struct value_builder b;
    value_builder_init(&b, ev->arena, VALUE_DUP_LAST);
    value_build_map(&b);
    value_build_field_list(&b, "items");
    for (size_t i = 0; i < ev->compare.n_resources; i++) {
        put_resource(ev->arena, &b, &ev->compare.resources[i], compare_rules_masked(ev->rules));
    }
    value_build_end(&b);
    value_build_end(&b);
    handlers_reply_json(call, value_build_finish(&b));
    value_builder_done(&b);
    evaluation_free(ev);
}

static int start_evaluation(struct ipc_call *call, struct app *app, struct err *err)
{
    struct controller *ctl = ipc_call_data(call);
    if (app->targets == NULL) {
        return err_set(err, ERR_UNAVAILABLE, "application '" STR_FMT "' has not been compared yet",
                       STR_ARG(app->key));
    }
    struct str project = value_dig_str(doc_root(app->object), "spec", "project");
    struct evaluation_input in = {
        .object = app->object,
        .targets = app->targets,
        .cache = app->cache,
        .project =
            settings_project_doc(ctl->settings, project.n > 0 ? project : STR(APP_DEFAULT_PROJECT)),
        .instance = str_from(app->instance),
        .tracking = ctl->tracking,
        .scripts = ctl->scripts,
        .rules = ctl->rules,
        .answers = app->answers,
        .impersonation = impersonation_of(ctl->settings),
        .server_side = ctl->config->server_side_diff,
        .jq = ctl->jq,
    };
    AUTO(evaluation) struct evaluation *ev = NULL;
    TRY(evaluation_new(&in, &ev, err));
    TRY(evaluation_start(ev, ctl->work, on_evaluated, call, err));
    (void)TAKE(ev); /* on_evaluated() frees it */
    return 0;
}

static void get_managed_resources(struct ipc_call *call, const ProtobufCMessage *message)
{
    const Belay__GetManagedResourcesRequest *req =
        (const Belay__GetManagedResourcesRequest *)message;
    struct app *app = NULL;
    struct err err;
    if (has_nothing(call, req->app, "items")) {
        return;
    }
    if (handlers_find_app(call, req->app, &app, &err) < 0 ||
        start_evaluation(call, app, &err) < 0) {
        ipc_reply_err(call, &err);
    }
}

/* ---- one object ---- */

int handlers_object_request(struct ipc_call *call,
                            const Belay__AppRef *ref,
                            const Belay__ResourceRef *res,
                            struct app **ret_app,
                            struct kube_request *ret,
                            struct err *err)
{
    struct app *app = NULL;
    TRY(handlers_find_app(call, ref, &app, err));
    if (res == NULL) {
        return err_set(err, ERR_INVALID, "the call names no resource");
    }
    struct app_tree tree;
    tree_of_app(app, &tree);
    struct live_obj *obj = live_tree_find(&tree.tree, str_from(res->group), str_from(res->kind),
                                          str_from(res->namespace_), str_from(res->name));
    if (obj == NULL) {
        return err_set(err, ERR_NOT_FOUND, "%s '%s/%s' is not part of application '" STR_FMT "'",
                       res->kind, res->namespace_, res->name, STR_ARG(app->key));
    }
    struct str version =
        res->version[0] != '\0' ? str_from(res->version) : str_from(obj->kind->version);
    *ret = (struct kube_request){
        .target = {.group = str_from(obj->kind->group),
                   .version = version,
                   .resource = str_from(obj->kind->resource),
                   .kind = str_from(obj->kind->kind),
                   .namespace = live_obj_namespace(obj),
                   .name = live_obj_name(obj)},
        .data = call,
    };
    *ret_app = app;
    return 0;
}

static void on_object(void *data, const struct kube_reply *reply)
{
    struct ipc_call *call = data;
    if (reply->err != NULL) {
        ipc_reply_err(call, reply->err);
        return;
    }
    struct controller *ctl = ipc_call_data(call);
    struct app_strs masked = compare_rules_masked(ctl->rules);
    handlers_reply_json(
        call, mask_object(ipc_call_arena(call), doc_root(reply->doc), masked.items, masked.n));
}

static void on_deleted(void *data, const struct kube_reply *reply)
{
    struct ipc_call *call = data;
    if (reply->err != NULL) {
        ipc_reply_err(call, reply->err);
        return;
    }
    handlers_reply_json(call, &VALUE_EMPTY_MAP);
}

static void get_resource(struct ipc_call *call, const ProtobufCMessage *message)
{
    const Belay__GetResourceRequest *req = (const Belay__GetResourceRequest *)message;
    struct app *app = NULL;
    struct kube_request request;
    struct err err;
    if (handlers_object_request(call, req->app, req->resource, &app, &request, &err) < 0) {
        ipc_reply_err(call, &err);
        return;
    }
    request.verb = KUBE_GET;
    request.done = on_object;
    (void)kube_start(live_cache_client(app->cache), &request);
}

static const struct {
    struct str mime;
    enum kube_patch_type type;
} PATCH_TYPES[] = {
    {STR("application/merge-patch+json"), KUBE_PATCH_MERGE},
    {STR("application/json-patch+json"), KUBE_PATCH_JSON},
    {STR("application/strategic-merge-patch+json"), KUBE_PATCH_STRATEGIC},
};

static int patch_type(const char *mime, enum kube_patch_type *ret, struct err *err)
{
    for (size_t i = 0; i < ARRAY_LEN(PATCH_TYPES); i++) {
        if (str_eq_c(PATCH_TYPES[i].mime, mime)) {
            *ret = PATCH_TYPES[i].type;
            return 0;
        }
    }
    return err_set(err, ERR_INVALID,
                   "patch type '%s' is unknown; use application/merge-patch+json, "
                   "application/json-patch+json or application/strategic-merge-patch+json",
                   mime);
}

static void patch_resource(struct ipc_call *call, const ProtobufCMessage *message)
{
    const Belay__PatchResourceRequest *req = (const Belay__PatchResourceRequest *)message;
    struct app *app = NULL;
    struct kube_request request;
    struct err err;
    if (handlers_object_request(call, req->app, req->resource, &app, &request, &err) < 0 ||
        patch_type(req->patch_type, &request.patch, &err) < 0) {
        ipc_reply_err(call, &err);
        return;
    }
    request.verb = KUBE_PATCH;
    request.body_json = ipc_bytes(req->patch);
    request.done = on_object;
    (void)kube_start(live_cache_client(app->cache), &request);
}

static void delete_resource(struct ipc_call *call, const ProtobufCMessage *message)
{
    const Belay__DeleteResourceRequest *req = (const Belay__DeleteResourceRequest *)message;
    struct app *app = NULL;
    struct kube_request request;
    struct err err;
    if (handlers_object_request(call, req->app, req->resource, &app, &request, &err) < 0) {
        ipc_reply_err(call, &err);
        return;
    }
    request.verb = KUBE_DELETE;
    request.propagation = req->orphan ? KUBE_PROPAGATION_ORPHAN : KUBE_PROPAGATION_FOREGROUND;
    request.has_grace_period = req->force;
    request.grace_period_s = 0;
    request.done = on_deleted;
    (void)kube_start(live_cache_client(app->cache), &request);
}

/* ---- clusters ---- */

enum { REFUSED_MAX = 100 }; /* kinds that are listed */

/* Kinds that may not be listed; text: what is wrong about that, when it is not meant so. */
static void
put_refused(struct value_builder *b, const struct live_cache *cache, char *text, size_t text_bytes)
{
    struct live_refused r;
    size_t at = 0;
    size_t n_wrong = 0;
    value_build_field_list(b, "refusedKinds");
    for (size_t n = 0; live_refused_next(cache, &at, &r) && n < REFUSED_MAX; n++) {
        char why[512];
        err_format(r.err, why, sizeof(why));
        value_build_map(b);
        value_build_field_str_opt(b, "group", str_from(r.kind->group));
        value_build_field_str(b, "kind", str_from(r.kind->kind));
        value_build_field_bool(b, "leftOut", r.left_out);
        value_build_field_str(b, "message", str_from(why));
        value_build_end(b);
        n_wrong += !r.left_out;
        if (!r.left_out) {
            (void)snprintf(text, text_bytes, "%zu kinds may not be listed, among them %s: %s",
                           n_wrong, r.kind->kind, why);
        }
    }
    value_build_end(b);
}

static void put_cluster(struct value_builder *b, struct live_cache *cache)
{
    struct kube_api *api = live_cache_api(cache);
    const struct err *why = live_cache_error(cache);
    char text[1024] = "";
    bool up = why == NULL && api != NULL;
    value_build_map(b);
    value_build_field_str(b, "server", live_cache_server(cache));
    value_build_field_str(b, "name", live_cache_name(cache));
    put_refused(b, cache, text, sizeof(text));
    if (why != NULL) {
        err_format(why, text, sizeof(text));
    }
    value_build_field_str(b, "status",
                          why != NULL ? STR("Failed") : (up ? STR("Successful") : STR("Unknown")));
    value_build_field_str(b, "message", str_from(text));
    value_build_field_str(b, "serverVersion",
                          api != NULL ? kube_api_server_version(api) : STR_EMPTY);
    value_build_field_int(b, "resourcesCount",
                          (int64_t)live_store_n_objects(live_cache_store(cache)));
    value_build_field_int(b, "apisCount", (int64_t)live_store_n_kinds(live_cache_store(cache)));
    value_build_end(b);
}

static void get_clusters(struct ipc_call *call, const ProtobufCMessage *message UNUSED)
{
    struct controller *ctl = ipc_call_data(call);
    struct value_builder b;
    value_builder_init(&b, ipc_call_arena(call), VALUE_DUP_LAST);
    value_build_map(&b);
    value_build_field_list(&b, "items");
    MAP_FOREACH(ctl->clusters, it) {
        put_cluster(&b, controller_cluster_cache(it.value));
    }
    value_build_end(&b);
    value_build_end(&b);
    handlers_reply_json(call, value_build_finish(&b));
    value_builder_done(&b);
}

static struct live_cache *find_cache(struct controller *ctl, struct str server)
{
    MAP_FOREACH(ctl->clusters, it) {
        struct live_cache *cache = controller_cluster_cache(it.value);
        if (cluster_server_same(live_cache_server(cache), server)) {
            return cache;
        }
    }
    return NULL;
}

static const struct value *api_of(struct arena *arena, const struct kube_api *api)
{
    size_t n;
    const struct str *names = kube_api_names(api, &n);
    struct value_builder b;
    value_builder_init(&b, arena, VALUE_DUP_LAST);
    value_build_map(&b);
    value_build_field_str(&b, "kubeVersion", kube_api_server_version(api));
    value_build_field_list(&b, "apiVersions");
    for (size_t i = 0; i < n; i++) {
        value_build_str(&b, names[i]);
    }
    value_build_end(&b);
    value_build_end(&b);
    const struct value *v = value_build_finish(&b);
    value_builder_done(&b);
    return v;
}

static void get_cluster_api(struct ipc_call *call, const ProtobufCMessage *message)
{
    const Belay__GetClusterApiRequest *req = (const Belay__GetClusterApiRequest *)message;
    struct live_cache *cache = find_cache(ipc_call_data(call), str_from(req->server));
    const struct kube_api *api = cache != NULL ? live_cache_api(cache) : NULL;
    struct err err;
    if (cache == NULL) {
        (void)err_set(&err, ERR_NOT_FOUND, "no application is on cluster '%s'", req->server);
        ipc_reply_err(call, &err);
    } else if (api == NULL) {
        (void)err_set(&err, ERR_UNAVAILABLE, "it is not known yet what cluster '%s' can do",
                      req->server);
        ipc_reply_err(call, live_cache_error(cache) != NULL ? live_cache_error(cache) : &err);
    } else {
        handlers_reply_json(call, api_of(ipc_call_arena(call), api));
    }
}

/* ---- the table ---- */

#define METHOD(id, name, request, fn)                                                     \
    {                                                                                     \
        BELAY__CONTROLLER_METHOD__CONTROLLER_##id, name, &belay__##request##__descriptor, \
            &belay__json_reply__descriptor, fn, 0                                         \
    }

static const struct ipc_method METHODS[] = {
    METHOD(GET_RESOURCE_TREE, "GetResourceTree", get_resource_tree_request, get_resource_tree),
    METHOD(GET_MANAGED_RESOURCES,
           "GetManagedResources",
           get_managed_resources_request,
           get_managed_resources),
    METHOD(GET_RESOURCE, "GetResource", get_resource_request, get_resource),
    METHOD(PATCH_RESOURCE, "PatchResource", patch_resource_request, patch_resource),
    METHOD(DELETE_RESOURCE, "DeleteResource", delete_resource_request, delete_resource),
    METHOD(GET_CLUSTERS, "GetClusters", empty, get_clusters),
    METHOD(LIST_ACTIONS, "ListActions", list_actions_request, actions_list),
    METHOD(RUN_ACTION, "RunAction", run_action_request, actions_run),
    METHOD(GET_PLAN, "GetPlan", get_plan_request, planning_get),
    METHOD(GET_CLUSTER_API, "GetClusterApi", get_cluster_api_request, get_cluster_api),
};

int handlers_start(struct controller *ctl,
                   const char *url,
                   const struct ipc_tls *tls,
                   struct ipc_server **ret,
                   struct err *err)
{
    struct ipc_server_options options = {
        .url = url,
        .tls = tls,
        .methods = METHODS,
        .n_methods = ARRAY_LEN(METHODS),
        .data = ctl,
        .metrics = daemon_metrics(ctl->daemon),
    };
    return ipc_server_new(ctl->loop, &options, ret, err);
}
