/* One call, its JSON answer parsed. */
#include "api-server/rest/ask.h"

#include "api-server/api_server.h"
#include "api-server/rest/call.h"
#include "common/base/arena.h"
#include "common/ipc/ipc_client.h"
#include "common/ipc/ipc_convert.h"
#include "common/kube/kube_object.h"
#include "common/value/value_json.h"
#include "proto/controller.pb-c.h"

struct ask {
    struct rest_call *call;
    struct ask_request request;
};

static int read_reply(struct arena *arena,
                      const ProtobufCMessage *message,
                      const struct err *failed,
                      const struct value **ret,
                      struct err *err)
{
    if (failed != NULL) {
        *err = *failed;
        return -(int)err->code;
    }
    const Belay__JsonReply *reply = (const Belay__JsonReply *)message;
    return value_from_json(arena, ipc_bytes(reply->json), NULL, ret, err);
}

static void on_reply(const ProtobufCMessage *message, const struct err *failed, void *data)
{
    const struct ask *ask = data;
    struct rest_call *call = ask->call;
    const struct value *json = NULL;
    struct err err;
    int rc = read_reply(call->arena, message, failed, &json, &err);
    if (rc == 0) {
        rc = ask->request.done(call, json, &err);
    } else if (ask->request.failed != NULL) {
        rc = ask->request.failed(call, &err);
    }
    if (rc < 0) {
        rest_reply_err(call, &err);
    }
}

void ask_controller(struct rest_call *call, const struct ask_request *request)
{
    struct ask *ask = ARENA_NEW(call->arena, struct ask);
    ask->call = call;
    ask->request = *request;
    struct ipc_call_options options = {
        .method = request->method,
        .name = request->name,
        .request = request->message,
        .reply = &belay__json_reply__descriptor,
        .timeout_ms = call->server->config->call_timeout_ms,
        .repeat = request->kind == ASK_READ ? IPC_REPEATABLE : IPC_ONCE,
        .principal = arena_str(call->arena, call->who.username).p,
    };
    (void)ipc_client_call(call->server->controller, &options, on_reply, ask);
}

void ask_app_ref(struct rest_call *call, const struct value *app, Belay__AppRef *ret)
{
    belay__app_ref__init(ret);
    ret->namespace_ = ipc_string(call->arena, kube_namespace(app));
    ret->name = ipc_string(call->arena, kube_name(app));
}

void ask_tree(struct rest_call *call,
              const struct value *app,
              int (*done)(struct rest_call *call, const struct value *tree, struct err *err),
              int (*failed)(struct rest_call *call, struct err *err))
{
    Belay__GetResourceTreeRequest msg;
    Belay__AppRef ref;
    belay__get_resource_tree_request__init(&msg);
    ask_app_ref(call, app, &ref);
    msg.app = &ref;
    const struct ask_request request = {
        .method = BELAY__CONTROLLER_METHOD__CONTROLLER_GET_RESOURCE_TREE,
        .name = "GetResourceTree",
        .message = &msg.base,
        .kind = ASK_READ,
        .done = done,
        .failed = failed,
    };
    ask_controller(call, &request);
}
