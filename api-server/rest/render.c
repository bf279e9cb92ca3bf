/* GenerateManifests for the API: the controller says what the cluster can do, then the repo-server renders. */
#include "api-server/rest/render.h"

#include "api-server/api_server.h"
#include "api-server/rest/call.h"
#include "api-server/rest/integrity.h"
#include "common/base/arena.h"
#include "common/ipc/ipc_client.h"
#include "common/ipc/ipc_convert.h"
#include "common/model/application.h"
#include "common/model/cluster.h"
#include "common/settings/settings.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "common/value/value_json.h"
#include "proto/controller.pb-c.h"
#include "proto/repo.pb-c.h"

struct render {
    struct rest_call *call;
    struct render_request req;
    const struct value *api; /* of the cluster, as the controller answers; NULL = unknown */
};

static void fail(struct render *r, const struct err *why)
{
    struct err err = *why;
    int rc = r->req.failed != NULL ? r->req.failed(r->call, &err) : -(int)err.code;
    if (rc < 0) {
        rest_reply_err(r->call, &err);
    }
}

/* ---- the answer ---- */

static const struct value *response_of(struct render *r, const Belay__GenerateManifestsReply *reply)
{
    const struct app_destination *d = &r->req.model->spec.destination;
    struct value_builder b;
    value_builder_init(&b, r->call->arena, VALUE_DUP_LAST);
    value_build_map(&b);
    value_build_field_list(&b, "manifests");
    for (size_t i = 0; i < reply->n_manifests; i++) {
        value_build_str(&b, ipc_bytes(reply->manifests[i]->json));
    }
    value_build_end(&b);
    value_build_field_str(&b, "namespace", d->namespace);
    value_build_field_str(&b, "server", d->server);
    value_build_field_str(&b, "revision", arena_str(r->call->arena, str_from(reply->revision)));
    value_build_field_str(&b, "sourceType",
                          arena_str(r->call->arena, str_from(reply->source_type)));
    integrity_build(&b, "verifyResult", reply->integrity);
    value_build_end(&b);
    const struct value *v = value_build_finish(&b);
    value_builder_done(&b);
    return v;
}

static int description_of(struct render *r,
                          const Belay__GenerateManifestsReply *reply,
                          const struct value **ret,
                          struct err *err)
{
    struct arena *arena = r->call->arena;
    const struct value *described = &VALUE_EMPTY_MAP; /* of a source for others to refer to */
    if (reply->n_manifests > 0) {
        TRY(value_from_json(arena, ipc_bytes(reply->manifests[0]->json), NULL, &described, err));
    }
    *ret = value_with(arena, described, value_new_str(arena, str_from(reply->source_type)), "type");
    return 0;
}

static int take_reply(struct render *r, const ProtobufCMessage *message, struct err *err)
{
    const Belay__GenerateManifestsReply *reply = (const Belay__GenerateManifestsReply *)message;
    const struct value *answer;
    if (r->req.describe) {
        TRY(description_of(r, reply, &answer, err));
    } else {
        answer = response_of(r, reply);
    }
    return r->req.done(r->call, answer, err);
}

static void on_reply(const ProtobufCMessage *message, const struct err *failed, void *data)
{
    struct render *r = data;
    struct err err;
    if (failed != NULL) {
        fail(r, failed);
    } else if (take_reply(r, message, &err) < 0) {
        rest_reply_err(r->call, &err);
    }
}

/* ---- the question ---- */

static void fill_cluster(const struct render *r, Belay__GenerateManifestsRequest *msg)
{
    struct arena *arena = r->call->arena;
    const struct value *names = value_dig(r->api, "apiVersions");
    msg->kube_version = ipc_string(arena, value_dig_str(r->api, "kubeVersion"));
    msg->api_versions = arena_calloc(arena, value_len(names) + 1, sizeof(char *));
    VALUE_FOREACH(names, name) {
        msg->api_versions[msg->n_api_versions++] = ipc_string(arena, value_str(name));
    }
}

static int fill(struct render *r, Belay__GenerateManifestsRequest *msg, struct err *err)
{
    struct arena *arena = r->call->arena;
    const struct application *app = r->req.model;
    const struct app_source *source = &app->spec.sources.items[r->req.source];
    struct settings *s = r->call->server->settings;
    struct str json;
    TRY(value_to_json_in(arena, source->tree, NULL, &json, err));
    belay__generate_manifests_request__init(msg);
    msg->repo = ARENA_NEW(arena, Belay__Repository);
    settings_repository(s, arena, source->repo_url, app->spec.project, msg->repo);
    msg->source = ipc_bytes_of(json);
    msg->revision =
        ipc_string(arena, r->req.revision.n > 0 ? r->req.revision : source->target_revision);
    struct str own = str_from(r->call->server->config->ns);
    msg->app_name =
        ipc_string(arena, application_instance_name(arena, app->namespace, app->name, own));
    msg->project = ipc_string(arena, app->spec.project);
    msg->namespace_ = ipc_string(arena, app->spec.destination.namespace);
    fill_cluster(r, msg);
    msg->chart = ipc_string(arena, source->chart);
    msg->tag_prefix = ipc_string(arena, source->tag_prefix);
    msg->pass_credentials = value_bool(value_dig(source->tree, "helm", "passCredentials"), false);
    settings_fill_remotes(s, arena, source, app->spec.project, msg);
    struct settings_refs refs = {&app->spec.sources, NULL, app->spec.project};
    settings_fill_refs(s, arena, &refs, msg);
    settings_fill_integrity(s, arena, &refs, source, msg);
    msg->describe = r->req.describe;
    msg->no_cache = r->req.no_cache;
    msg->no_revision_cache = r->req.no_cache;
    return 0;
}

static int ask_repo_server(struct render *r, struct err *err)
{
    struct rest_call *call = r->call;
    Belay__GenerateManifestsRequest msg;
    TRY(fill(r, &msg, err));
    struct ipc_call_options options = {
        .method = BELAY__REPO_METHOD__REPO_GENERATE_MANIFESTS,
        .name = "GenerateManifests",
        .request = &msg.base,
        .reply = &belay__generate_manifests_reply__descriptor,
        .timeout_ms = call->server->config->call_timeout_ms,
        .repeat = IPC_REPEATABLE,
        .route_key = r->req.model->spec.sources.items[r->req.source].repo_url,
        .principal = arena_str(call->arena, call->who.username).p,
    };
    (void)ipc_client_call(call->server->repo_server, &options, on_reply, r);
    return 0;
}

/* ---- the cluster ---- */

static int read_api(struct render *r, const ProtobufCMessage *message, struct err *err)
{
    const Belay__JsonReply *reply = (const Belay__JsonReply *)message;
    return value_from_json(r->call->arena, ipc_bytes(reply->json), NULL, &r->api, err);
}

/* A cluster without applications is unknown to the controller, and the controller may be away: then nobody knows what it can
 * do, and manifests are those for any cluster, as an answer is better than none. */
static bool is_unknown(const struct err *err)
{
    return err->code == ERR_NOT_FOUND || err_code_retryable(err->code);
}

static void on_api(const ProtobufCMessage *message, const struct err *failed, void *data)
{
    struct render *r = data;
    struct err err;
    int rc = 0;
    if (failed == NULL) {
        rc = read_api(r, message, &err);
    } else if (!is_unknown(failed)) {
        err = *failed;
        rc = -(int)err.code;
    }
    if (rc == 0) {
        rc = ask_repo_server(r, &err);
    }
    if (rc < 0) {
        fail(r, &err);
    }
}

static void ask_cluster(struct render *r, const struct cluster *cluster)
{
    struct rest_call *call = r->call;
    Belay__GetClusterApiRequest msg;
    belay__get_cluster_api_request__init(&msg);
    msg.server = ipc_string(call->arena, cluster->server);
    struct ipc_call_options options = {
        .method = BELAY__CONTROLLER_METHOD__CONTROLLER_GET_CLUSTER_API,
        .name = "GetClusterApi",
        .request = &msg.base,
        .reply = &belay__json_reply__descriptor,
        .timeout_ms = call->server->config->call_timeout_ms,
        .repeat = IPC_REPEATABLE,
        .principal = arena_str(call->arena, call->who.username).p,
    };
    (void)ipc_client_call(call->server->controller, &options, on_api, r);
}

int render_start(struct rest_call *call, const struct render_request *request, struct err *err)
{
    struct render *r = ARENA_NEW(call->arena, struct render);
    struct clusters clusters = settings_clusters(call->server->settings);
    const struct cluster *cluster;
    r->call = call;
    r->req = *request;
    if (cluster_find(&clusters, &request->model->spec.destination, &cluster, err) < 0) {
        return ask_repo_server(r, err); /* the comparison says what is wrong with the destination */
    }
    ask_cluster(r, cluster);
    return 0;
}
