/* GenerateManifests for the API. */
#include "api-server/rest/render.h"

#include "api-server/api_server.h"
#include "api-server/rest/call.h"
#include "common/base/arena.h"
#include "common/ipc/ipc_client.h"
#include "common/ipc/ipc_convert.h"
#include "common/model/application.h"
#include "common/settings/settings.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_json.h"
#include "proto/repo.pb-c.h"

struct render {
    struct rest_call *call;
    struct render_request req;
};

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
    value_build_end(&b);
    const struct value *v = value_build_finish(&b);
    value_builder_done(&b);
    return v;
}

static int take_reply(struct render *r,
                      const ProtobufCMessage *message,
                      const struct err *failed,
                      struct err *err)
{
    if (failed == NULL) {
        const struct value *response =
            response_of(r, (const Belay__GenerateManifestsReply *)message);
        return r->req.done(r->call, response, err);
    }
    *err = *failed;
    return r->req.failed != NULL ? r->req.failed(r->call, err) : -(int)err->code;
}

static void on_reply(const ProtobufCMessage *message, const struct err *failed, void *data)
{
    struct render *r = data;
    struct err err;
    if (take_reply(r, message, failed, &err) < 0) {
        rest_reply_err(r->call, &err);
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
    msg->app_name = ipc_string(arena, app->name);
    msg->project = ipc_string(arena, app->spec.project);
    msg->namespace_ = ipc_string(arena, app->spec.destination.namespace);
    msg->chart = ipc_string(arena, source->chart);
    msg->pass_credentials = value_bool(value_dig(source->tree, "helm", "passCredentials"), false);
    settings_fill_remotes(s, arena, source, app->spec.project, msg);
    settings_fill_refs(s, arena,
                       &(struct settings_refs){&app->spec.sources, NULL, app->spec.project}, msg);
    msg->no_cache = r->req.no_cache;
    msg->no_revision_cache = r->req.no_cache;
    return 0;
}

int render_start(struct rest_call *call, const struct render_request *request, struct err *err)
{
    struct render *r = ARENA_NEW(call->arena, struct render);
    Belay__GenerateManifestsRequest msg;
    r->call = call;
    r->req = *request;
    TRY(fill(r, &msg, err));
    struct ipc_call_options options = {
        .method = BELAY__REPO_METHOD__REPO_GENERATE_MANIFESTS,
        .name = "GenerateManifests",
        .request = &msg.base,
        .reply = &belay__generate_manifests_reply__descriptor,
        .timeout_ms = call->server->config->call_timeout_ms,
        .repeat = IPC_REPEATABLE,
        .route_key = request->model->spec.sources.items[request->source].repo_url,
        .principal = arena_str(call->arena, call->who.username).p,
    };
    (void)ipc_client_call(call->server->repo_server, &options, on_reply, r);
    return 0;
}
