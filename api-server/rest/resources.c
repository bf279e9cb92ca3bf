/* Questions about objects are the controller's to answer, those about revisions the repo-server's. */
#include "api-server/rest/resources.h"

#include "api-server/api_server.h"
#include "api-server/rest/applications.h"
#include "api-server/rest/ask.h"
#include "api-server/rest/call.h"
#include "api-server/rest/mask.h"
#include "api-server/rest/render.h"
#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/clock.h"
#include "common/base/limits.h"
#include "common/base/num.h"
#include "common/ipc/ipc_client.h"
#include "common/ipc/ipc_convert.h"
#include "common/kube/kube_client.h"
#include "common/kube/kube_object.h"
#include "common/model/application.h"
#include "common/net/url.h"
#include "common/settings/settings.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "common/value/value_json.h"
#include "proto/controller.pb-c.h"
#include "proto/repo.pb-c.h"

static void fill_app(struct rest_call *call, const struct value *app, Belay__AppRef *ref)
{
    belay__app_ref__init(ref);
    ref->namespace_ = ipc_string(call->arena, kube_namespace(app));
    ref->name = ipc_string(call->arena, kube_name(app));
}

/* ---- lists filtered by the query ---- */

static const char *const FILTERS[] = {"group", "kind", "namespace", "name"};

static bool passes(const struct rest_call *call, const struct value *item)
{
    for (size_t i = 0; i < ARRAY_LEN(FILTERS); i++) {
        struct str want = rest_query(call, FILTERS[i]);
        if (want.n > 0 && !str_eq(want, value_dig_str(item, FILTERS[i]))) {
            return false;
        }
    }
    return true;
}

static const struct value *
filter_list(struct rest_call *call, const struct value *v, const char *field)
{
    struct value_builder b;
    value_builder_init(&b, call->arena, VALUE_DUP_LAST);
    value_build_list(&b);
    VALUE_FOREACH(value_dig(v, field), item) {
        if (passes(call, item)) {
            value_build_value(&b, item);
        }
    }
    value_build_end(&b);
    const struct value *list = value_build_finish(&b);
    value_builder_done(&b);
    return value_map_set(call->arena, v, str_from(field), list);
}

static void on_tree(struct rest_call *call, const struct value *tree, const struct err *err)
{
    if (err != NULL) {
        rest_reply_err(call, err);
        return;
    }
    rest_reply(call, filter_list(call, tree, "nodes"));
}

void resources_tree(struct rest_call *call)
{
    struct doc *doc = NULL;
    struct err err;
    if (applications_find(call, &doc, &err) < 0) {
        rest_reply_err(call, &err);
        return;
    }
    Belay__GetResourceTreeRequest msg;
    Belay__AppRef ref;
    belay__get_resource_tree_request__init(&msg);
    fill_app(call, doc_root(doc), &ref);
    msg.app = &ref;
    ask_controller(call, BELAY__CONTROLLER_METHOD__CONTROLLER_GET_RESOURCE_TREE, "GetResourceTree",
                   &msg.base, ASK_READ, on_tree);
}

static void on_managed(struct rest_call *call, const struct value *list, const struct err *err)
{
    if (err != NULL) {
        rest_reply_err(call, err);
        return;
    }
    rest_reply(call, filter_list(call, list, "items"));
}

void resources_managed(struct rest_call *call)
{
    struct doc *doc = NULL;
    struct err err;
    if (applications_find(call, &doc, &err) < 0) {
        rest_reply_err(call, &err);
        return;
    }
    Belay__GetManagedResourcesRequest msg;
    Belay__AppRef ref;
    belay__get_managed_resources_request__init(&msg);
    fill_app(call, doc_root(doc), &ref);
    msg.app = &ref;
    ask_controller(call, BELAY__CONTROLLER_METHOD__CONTROLLER_GET_MANAGED_RESOURCES,
                   "GetManagedResources", &msg.base, ASK_READ, on_managed);
}

/* ---- manifests ---- */

static void
on_manifests(struct rest_call *call, const struct value *response, const struct err *err)
{
    if (err != NULL) {
        rest_reply_err(call, err);
        return;
    }
    rest_reply(call, mask_manifests(call->arena, response));
}

void resources_manifests(struct rest_call *call)
{
    struct doc *doc = NULL;
    struct application *model = ARENA_NEW(call->arena, struct application);
    struct err err;
    if (applications_find(call, &doc, &err) < 0) {
        rest_reply_err(call, &err);
        return;
    }
    arena_hold(call->arena, doc);
    if (application_decode(call->arena, doc_root(doc), model, &err) < 0) {
        rest_reply_err(call, &err);
        return;
    }
    if (model->spec.sources.n == 0) {
        rest_reply_error(call, ERR_INVALID, "the application has no source");
        return;
    }
    struct render_request request = {
        .model = model,
        .revision = rest_query(call, "revision"),
        .no_cache = rest_query_bool(call, "noCache", false),
        .done = on_manifests,
    };
    render_start(call, &request);
}

/* ---- one object ---- */

static int fill_resource(struct rest_call *call, Belay__ResourceRef *ref, struct err *err)
{
    struct str name = rest_query(call, "resourceName");
    struct str kind = rest_query(call, "kind");
    belay__resource_ref__init(ref);
    if (name.n == 0 || kind.n == 0) {
        return err_set(err, ERR_INVALID, "the query must have resourceName and kind");
    }
    ref->group = ipc_string(call->arena, rest_query(call, "group"));
    ref->version = ipc_string(call->arena, rest_query(call, "version"));
    ref->kind = ipc_string(call->arena, kind);
    ref->namespace_ = ipc_string(call->arena, rest_query(call, "namespace"));
    ref->name = ipc_string(call->arena, name);
    return 0;
}

/* {"manifest": "<JSON text>"} */
static void on_object(struct rest_call *call, const struct value *obj, const struct err *err)
{
    struct str json;
    struct err failed;
    if (err != NULL) {
        rest_reply_err(call, err);
        return;
    }
    if (value_to_json_in(call->arena, obj, NULL, &json, &failed) < 0) {
        rest_reply_err(call, &failed);
        return;
    }
    rest_reply(call, value_with(call->arena, NULL, value_new_str(call->arena, json), "manifest"));
}

static void on_done(struct rest_call *call, const struct value *obj UNUSED, const struct err *err)
{
    if (err != NULL) {
        rest_reply_err(call, err);
        return;
    }
    rest_reply_empty(call);
}

void resources_get(struct rest_call *call)
{
    struct doc *doc = NULL;
    Belay__ResourceRef res;
    Belay__AppRef ref;
    struct err err;
    if (applications_find(call, &doc, &err) < 0 || fill_resource(call, &res, &err) < 0) {
        rest_reply_err(call, &err);
        return;
    }
    Belay__GetResourceRequest msg;
    belay__get_resource_request__init(&msg);
    fill_app(call, doc_root(doc), &ref);
    msg.app = &ref;
    msg.resource = &res;
    ask_controller(call, BELAY__CONTROLLER_METHOD__CONTROLLER_GET_RESOURCE, "GetResource",
                   &msg.base, ASK_READ, on_object);
}

/* The API server answers 500 to what is no JSON. */
static int check_patch(struct rest_call *call, struct err *err)
{
    const struct value *patch = NULL;
    if (!value_is(call->body, VALUE_STRING)) {
        return err_set(err, ERR_INVALID, "the body must be the patch as a JSON string");
    }
    TRY_IN(value_from_json(call->arena, value_str(call->body), NULL, &patch, err), err, "patch");
    return 0;
}

void resources_patch(struct rest_call *call)
{
    struct doc *doc = NULL;
    Belay__ResourceRef res;
    Belay__AppRef ref;
    struct err err;
    if (applications_find(call, &doc, &err) < 0 || fill_resource(call, &res, &err) < 0) {
        rest_reply_err(call, &err);
        return;
    }
    if (check_patch(call, &err) < 0) {
        rest_reply_err(call, &err);
        return;
    }
    Belay__PatchResourceRequest msg;
    belay__patch_resource_request__init(&msg);
    fill_app(call, doc_root(doc), &ref);
    msg.app = &ref;
    msg.resource = &res;
    msg.patch_type = ipc_string(call->arena, rest_query(call, "patchType"));
    msg.patch = ipc_bytes_of(value_str(call->body));
    ask_controller(call, BELAY__CONTROLLER_METHOD__CONTROLLER_PATCH_RESOURCE, "PatchResource",
                   &msg.base, ASK_CHANGE, on_object);
}

void resources_delete(struct rest_call *call)
{
    struct doc *doc = NULL;
    Belay__ResourceRef res;
    Belay__AppRef ref;
    struct err err;
    if (applications_find(call, &doc, &err) < 0 || fill_resource(call, &res, &err) < 0) {
        rest_reply_err(call, &err);
        return;
    }
    Belay__DeleteResourceRequest msg;
    belay__delete_resource_request__init(&msg);
    fill_app(call, doc_root(doc), &ref);
    msg.app = &ref;
    msg.resource = &res;
    msg.force = rest_query_bool(call, "force", false);
    msg.orphan = rest_query_bool(call, "orphan", false);
    ask_controller(call, BELAY__CONTROLLER_METHOD__CONTROLLER_DELETE_RESOURCE, "DeleteResource",
                   &msg.base, ASK_CHANGE, on_done);
}

/* ---- events ---- */

static void on_events(void *data, const struct kube_reply *reply)
{
    struct rest_call *call = data;
    if (reply->err != NULL) {
        rest_reply_err(call, reply->err);
        return;
    }
    rest_reply(call, doc_root(reply->doc));
}

/* Events of the Application itself; those of its objects stand in their own clusters. */
void resources_events(struct rest_call *call)
{
    struct doc *doc = NULL;
    struct err err;
    if (applications_find(call, &doc, &err) < 0) {
        rest_reply_err(call, &err);
        return;
    }
    const struct value *app = doc_root(doc);
    struct buf path;
    buf_init(&path, LIMIT_HTTP_URL_BYTES);
    buf_put_c(&path, "/api/v1/namespaces/");
    url_escape(&path, kube_namespace(app));
    buf_put_c(&path, "/events?");
    url_query_put(&path, STR("fieldSelector"),
                  arena_printf(call->arena,
                               "involvedObject.name=" STR_FMT ",involvedObject.uid=" STR_FMT,
                               STR_ARG(kube_name(app)), STR_ARG(kube_uid(app))));
    struct kube_request request = {
        .verb = KUBE_GET,
        .raw_path = buf_str(&path),
        .timeout_ms = call->server->config->call_timeout_ms,
        .done = on_events,
        .data = call,
    };
    (void)kube_start(call->server->client, &request);
    buf_done(&path);
}

/* ---- revisions ---- */

static void on_revision(const ProtobufCMessage *message, const struct err *err, void *data)
{
    struct rest_call *call = data;
    if (err != NULL) {
        rest_reply_err(call, err);
        return;
    }
    const Belay__GetRevisionMetadataReply *reply = (const Belay__GetRevisionMetadataReply *)message;
    char date[CLOCK_RFC3339_BYTES];
    clock_rfc3339(reply->date_ms, date);
    struct value_builder b;
    value_builder_init(&b, call->arena, VALUE_DUP_LAST);
    value_build_map(&b);
    value_build_key(&b, STR("author"));
    value_build_str(&b, str_from(reply->author));
    value_build_key(&b, STR("date"));
    value_build_str(&b, str_from(date));
    if (reply->n_tags > 0) {
        value_build_field_list(&b, "tags");
        for (size_t i = 0; i < reply->n_tags; i++) {
            value_build_str(&b, str_from(reply->tags[i]));
        }
        value_build_end(&b);
    }
    value_build_key(&b, STR("message"));
    value_build_str(&b, str_from(reply->message));
    value_build_end(&b);
    rest_reply(call, value_build_finish(&b));
    value_builder_done(&b);
}

/* The repository of the source the query names by sourceIndex. */
static int
source_url(struct rest_call *call, const struct value *app, struct str *ret, struct err *err)
{
    struct str wanted = rest_query(call, "sourceIndex");
    const struct value *sources = value_dig(app, "spec", "sources");
    int64_t index = 0;
    if (wanted.n > 0) {
        TRY_IN(num_parse_int_range(wanted, 0, INT32_MAX, &index, err), err, "sourceIndex");
    }
    const struct value *source = value_len(sources) > 0 ? value_at(sources, (size_t)index)
                                 : index == 0           ? value_dig(app, "spec", "source")
                                                        : NULL;
    *ret = value_dig_str(source, "repoURL");
    if (ret->n == 0) {
        return err_set(err, ERR_INVALID, "the application has no source with this index");
    }
    return 0;
}

void resources_revision(struct rest_call *call)
{
    struct doc *doc = NULL;
    struct err err;
    if (applications_find(call, &doc, &err) < 0) {
        rest_reply_err(call, &err);
        return;
    }
    const struct value *app = doc_root(doc);
    struct str url = STR_EMPTY;
    if (source_url(call, app, &url, &err) < 0) {
        rest_reply_err(call, &err);
        return;
    }
    Belay__GetRevisionMetadataRequest msg;
    Belay__Repository repo;
    belay__get_revision_metadata_request__init(&msg);
    settings_repository(call->server->settings, call->arena, url, application_project(app), &repo);
    msg.repo = &repo;
    msg.revision = ipc_string(call->arena, rest_param(call, 1));
    struct ipc_call_options options = {
        .method = BELAY__REPO_METHOD__REPO_GET_REVISION_METADATA,
        .name = "GetRevisionMetadata",
        .request = &msg.base,
        .reply = &belay__get_revision_metadata_reply__descriptor,
        .timeout_ms = call->server->config->call_timeout_ms,
        .repeat = IPC_REPEATABLE,
        .route_key = url,
    };
    (void)ipc_client_call(call->server->repo_server, &options, on_revision, call);
}
