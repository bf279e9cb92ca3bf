/* Calls of the API server to the controller of a fixture. */
#pragma once

#include "common/ipc/ipc_client.h"
#include "common/ipc/ipc_convert.h"
#include "common/value/value_json.h"
#include "proto/controller.pb-c.h"
#include "tests/lib/controller_apps.h"

struct controller_call {
    struct ipc_client *client;
    bool done;
    enum err_code code; /* ERR_OK = success */
    char message[512];
    const struct value *json; /* in the fixture's arena */
    struct arena *arena;
};

static inline void
controller_call_on_reply(const ProtobufCMessage *message, const struct err *err, void *data)
{
    struct controller_call *c = data;
    c->done = true;
    if (err != NULL) {
        c->code = err->code;
        err_format(err, c->message, sizeof(c->message));
        return;
    }
    struct err failed;
    const Belay__JsonReply *reply = (const Belay__JsonReply *)message;
    if (value_from_json(c->arena, ipc_bytes(reply->json), NULL, &c->json, &failed) < 0) {
        c->code = failed.code;
    }
}

static inline bool controller_call_is_done(void *data)
{
    return ((struct controller_call *)data)->done;
}

static inline struct controller_call controller_call(struct controller_fixture *f,
                                                     Belay__ControllerMethod method,
                                                     const ProtobufCMessage *request)
{
    struct controller_call c = {.arena = f->arena};
    const char *url = f->ctl->config->listen;
    const struct ipc_client_options client = {.urls = &url, .n_urls = 1};
    const struct ipc_call_options options = {.method = (uint32_t)method,
                                             .name = "call",
                                             .request = request,
                                             .reply = &belay__json_reply__descriptor,
                                             .timeout_ms = 20000,
                                             .repeat = IPC_REPEATABLE};
    struct err err;
    ASSERT_OK(ipc_client_new(f->loop, &client, &c.client, &err));
    (void)ipc_client_call(c.client, &options, controller_call_on_reply, &c); /* nothing to cancel */
    controller_fixture_wait(f, controller_call_is_done, &c);
    ipc_client_free(c.client);
    return c;
}

/* An Application of the controller's namespace. */
static inline Belay__AppRef controller_call_app(char *name)
{
    static char namespace[] = "argocd";
    Belay__AppRef ref;
    belay__app_ref__init(&ref);
    ref.namespace_ = namespace;
    ref.name = name;
    return ref;
}

/* An object of the destination namespace. */
static inline Belay__ResourceRef controller_call_resource(char *kind, char *name)
{
    static char namespace[] = "ns";
    Belay__ResourceRef ref;
    belay__resource_ref__init(&ref);
    ref.kind = kind;
    ref.namespace_ = namespace;
    ref.name = name;
    return ref;
}
