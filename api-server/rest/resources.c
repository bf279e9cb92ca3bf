/* Questions about objects are the controller's to answer, those about revisions the repo-server's. */
#include "api-server/rest/resources.h"

#include "api-server/api_server.h"
#include "api-server/rest/applications.h"
#include "api-server/rest/ask.h"
#include "api-server/rest/call.h"
#include "api-server/rest/integrity.h"
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

/* ---- what the request is about ---- */

static int find_app(struct rest_call *call, Belay__AppRef *ret, struct err *err)
{
    struct doc *doc = NULL;
    TRY(applications_find(call, &doc, err));
    ask_app_ref(call, doc_root(doc), ret);
    return 0;
}

/* One of the Application's objects, which the query names. */
static int find_resource(struct rest_call *call,
                         Belay__AppRef *ret_app,
                         Belay__ResourceRef *ret,
                         struct err *err)
{
    struct str name = rest_query(call, "resourceName");
    struct str kind = rest_query(call, "kind");
    TRY(find_app(call, ret_app, err));
    if (name.n == 0 || kind.n == 0) {
        return err_set(err, ERR_INVALID, "the query must have resourceName and kind");
    }
    belay__resource_ref__init(ret);
    ret->group = ipc_string(call->arena, rest_query(call, "group"));
    ret->version = ipc_string(call->arena, rest_query(call, "version"));
    ret->kind = ipc_string(call->arena, kind);
    ret->namespace_ = ipc_string(call->arena, rest_query(call, "namespace"));
    ret->name = ipc_string(call->arena, name);
    return 0;
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

static int on_tree(struct rest_call *call, const struct value *tree, struct err *err UNUSED)
{
    rest_reply(call, filter_list(call, tree, "nodes"));
    return 0;
}

int resources_tree(struct rest_call *call, struct err *err)
{
    struct doc *doc = NULL;
    TRY(applications_find(call, &doc, err));
    ask_tree(call, doc_root(doc), on_tree, NULL);
    return 0;
}

static int on_managed(struct rest_call *call, const struct value *list, struct err *err UNUSED)
{
    rest_reply(call, filter_list(call, list, "items"));
    return 0;
}

int resources_managed(struct rest_call *call, struct err *err)
{
    Belay__GetManagedResourcesRequest msg;
    Belay__AppRef app;
    TRY(find_app(call, &app, err));
    belay__get_managed_resources_request__init(&msg);
    msg.app = &app;
    const struct ask_request request = {
        .method = BELAY__CONTROLLER_METHOD__CONTROLLER_GET_MANAGED_RESOURCES,
        .name = "GetManagedResources",
        .message = &msg.base,
        .kind = ASK_READ,
        .done = on_managed,
    };
    ask_controller(call, &request);
    return 0;
}

/* ---- manifests ---- */

/* Sources are rendered one after the other; the answer grows. */
struct manifests {
    struct application model;
    struct str *revisions; /* of the sources; "" = targetRevision */
    size_t at;             /* the source under way */
    const struct value *answer;
};

static int start_source(struct rest_call *call, struct err *err);

/* The answers of all sources so far: their manifests in order, all else as the last one says it. */
static const struct value *
joined(struct arena *arena, const struct value *before, const struct value *now)
{
    if (before == NULL) {
        return now;
    }
    const struct value *const parts[] = {before, now};
    struct value_builder b;
    value_builder_init(&b, arena, VALUE_DUP_LAST);
    value_build_list(&b);
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        VALUE_FOREACH(value_dig(parts[i], "manifests"), manifest) {
            value_build_value(&b, manifest);
        }
    }
    value_build_end(&b);
    const struct value *all = value_build_finish(&b);
    value_builder_done(&b);
    return value_with(arena, now, all, "manifests");
}

static int on_manifests(struct rest_call *call, const struct value *response, struct err *err)
{
    struct manifests *m = call->state;
    m->answer = joined(call->arena, m->answer, response);
    if (++m->at < m->model.spec.sources.n) {
        return start_source(call, err);
    }
    struct str annotations =
        settings_value(call->server->settings, STR("resource.sensitive.mask.annotations"));
    rest_reply(call, mask_manifests(call->arena, annotations, m->answer));
    return 0;
}

static int start_source(struct rest_call *call, struct err *err)
{
    struct manifests *m = call->state;
    struct render_request request = {
        .model = &m->model,
        .source = m->at,
        .revision = m->revisions[m->at],
        .no_cache = rest_query_bool(call, "noCache", false),
        .done = on_manifests,
    };
    return render_start(call, &request, err);
}

/* "revisions" are those of the sources at "sourcePositions", which begin at 1; "revision" is the first one's. */
static int read_revisions(struct rest_call *call, struct manifests *m, struct err *err)
{
    struct url_segments positions = rest_query_all(call, "sourcePositions");
    struct url_segments revisions = rest_query_all(call, "revisions");
    int64_t n_sources = (int64_t)m->model.spec.sources.n;
    m->revisions = arena_calloc(call->arena, m->model.spec.sources.n, sizeof(*m->revisions));
    m->revisions[0] = rest_query(call, "revision");
    if (positions.n != revisions.n) {
        return err_set(err, ERR_INVALID,
                       "as many sourcePositions as revisions are needed: there are %zu and %zu",
                       positions.n, revisions.n);
    }
    for (size_t i = 0; i < positions.n; i++) {
        int64_t position;
        TRY_IN(num_parse_int_range(positions.items[i], 1, n_sources, &position, err), err,
               "sourcePositions");
        m->revisions[position - 1] = revisions.items[i];
    }
    return 0;
}

int resources_manifests(struct rest_call *call, struct err *err)
{
    struct doc *doc = NULL;
    struct manifests *m = ARENA_NEW(call->arena, struct manifests);
    TRY(applications_find(call, &doc, err));
    arena_hold(call->arena, doc);
    TRY(application_decode(call->arena, doc_root(doc), &m->model, err));
    if (m->model.spec.sources.n == 0) {
        return err_set(err, ERR_INVALID, "the application has no source");
    }
    TRY(read_revisions(call, m, err));
    call->state = m;
    return start_source(call, err);
}

/* ---- one object ---- */

/* {"manifest": "<JSON text>"} */
static int on_object(struct rest_call *call, const struct value *obj, struct err *err)
{
    struct str json;
    TRY(value_to_json_in(call->arena, obj, NULL, &json, err));
    rest_reply(call, value_with(call->arena, NULL, value_new_str(call->arena, json), "manifest"));
    return 0;
}

static int on_done(struct rest_call *call, const struct value *obj UNUSED, struct err *err UNUSED)
{
    rest_reply_empty(call);
    return 0;
}

int resources_get(struct rest_call *call, struct err *err)
{
    Belay__GetResourceRequest msg;
    Belay__ResourceRef resource;
    Belay__AppRef app;
    TRY(find_resource(call, &app, &resource, err));
    belay__get_resource_request__init(&msg);
    msg.app = &app;
    msg.resource = &resource;
    const struct ask_request request = {
        .method = BELAY__CONTROLLER_METHOD__CONTROLLER_GET_RESOURCE,
        .name = "GetResource",
        .message = &msg.base,
        .kind = ASK_READ,
        .done = on_object,
    };
    ask_controller(call, &request);
    return 0;
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

int resources_patch(struct rest_call *call, struct err *err)
{
    Belay__PatchResourceRequest msg;
    Belay__ResourceRef resource;
    Belay__AppRef app;
    TRY(find_resource(call, &app, &resource, err));
    TRY(check_patch(call, err));
    belay__patch_resource_request__init(&msg);
    msg.app = &app;
    msg.resource = &resource;
    msg.patch_type = ipc_string(call->arena, rest_query(call, "patchType"));
    msg.patch = ipc_bytes_of(value_str(call->body));
    const struct ask_request request = {
        .method = BELAY__CONTROLLER_METHOD__CONTROLLER_PATCH_RESOURCE,
        .name = "PatchResource",
        .message = &msg.base,
        .kind = ASK_CHANGE,
        .done = on_object,
    };
    ask_controller(call, &request);
    return 0;
}

int resources_delete(struct rest_call *call, struct err *err)
{
    Belay__DeleteResourceRequest msg;
    Belay__ResourceRef resource;
    Belay__AppRef app;
    TRY(find_resource(call, &app, &resource, err));
    belay__delete_resource_request__init(&msg);
    msg.app = &app;
    msg.resource = &resource;
    msg.force = rest_query_bool(call, "force", false);
    msg.orphan = rest_query_bool(call, "orphan", false);
    const struct ask_request request = {
        .method = BELAY__CONTROLLER_METHOD__CONTROLLER_DELETE_RESOURCE,
        .name = "DeleteResource",
        .message = &msg.base,
        .kind = ASK_CHANGE,
        .done = on_done,
    };
    ask_controller(call, &request);
    return 0;
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
int resources_events(struct rest_call *call, struct err *err)
{
    struct doc *doc = NULL;
    TRY(applications_find(call, &doc, err));
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
    return 0;
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
    integrity_build(&b, "signatureInfo", reply->integrity);
    value_build_end(&b);
    rest_reply(call, value_build_finish(&b));
    value_builder_done(&b);
}

/* The source the query names by sourceIndex. */
static int find_source(struct rest_call *call,
                       const struct value *app,
                       const struct value **ret,
                       struct err *err)
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
    *ret = source;
    if (value_dig_str(source, "repoURL").n == 0) {
        return err_set(err, ERR_INVALID, "the application has no source with this index");
    }
    return 0;
}

int resources_revision(struct rest_call *call, struct err *err)
{
    struct doc *doc = NULL;
    TRY(applications_find(call, &doc, err));
    const struct value *app = doc_root(doc);
    const struct value *source = NULL;
    TRY(find_source(call, app, &source, err));
    struct settings *settings = call->server->settings;
    struct str url = value_dig_str(source, "repoURL");
    Belay__GetRevisionMetadataRequest msg;
    Belay__Repository repo;
    belay__get_revision_metadata_request__init(&msg);
    settings_repository(settings, call->arena, url, application_project(app), &repo);
    msg.repo = &repo;
    msg.integrity = settings_integrity(settings, call->arena, url, application_project(app),
                                       value_dig_str(source, "targetRevision"));
    if (msg.integrity != NULL) {
        msg.keyring = settings_keyring(settings, call->arena, &msg.n_keyring);
    }
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
    return 0;
}
