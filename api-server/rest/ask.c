/* One call, its JSON answer parsed. */
#include "api-server/rest/ask.h"

#include "api-server/api_server.h"
#include "api-server/rest/call.h"
#include "common/base/arena.h"
#include "common/ipc/ipc_client.h"
#include "common/ipc/ipc_convert.h"
#include "common/value/value_json.h"
#include "proto/controller.pb-c.h"

struct ask {
    struct rest_call *call;
    ask_done_fn done;
};

static void on_reply(const ProtobufCMessage *message, const struct err *err, void *data)
{
    struct ask *ask = data;
    const struct value *json = NULL;
    struct err failed;
    if (err != NULL) {
        ask->done(ask->call, NULL, err);
        return;
    }
    const Belay__JsonReply *reply = (const Belay__JsonReply *)message;
    if (value_from_json(ask->call->arena, ipc_bytes(reply->json), NULL, &json, &failed) < 0) {
        ask->done(ask->call, NULL, &failed);
        return;
    }
    ask->done(ask->call, json, NULL);
}

void ask_controller(struct rest_call *call,
                    uint32_t method,
                    const char *name,
                    const ProtobufCMessage *request,
                    enum ask_kind kind,
                    ask_done_fn done)
{
    struct ask *ask = ARENA_NEW(call->arena, struct ask);
    ask->call = call;
    ask->done = done;
    struct ipc_call_options options = {
        .method = method,
        .name = name,
        .request = request,
        .reply = &belay__json_reply__descriptor,
        .timeout_ms = call->server->config->call_timeout_ms,
        .repeat = kind == ASK_READ ? IPC_REPEATABLE : IPC_ONCE,
        .principal = arena_str(call->arena, call->who.username).p,
    };
    (void)ipc_client_call(call->server->controller, &options, on_reply, ask);
}
