/* Calls to the controller on behalf of a request. */
#pragma once

#include <stdint.h>

struct err;
struct rest_call;
struct value;
typedef struct Belay__AppRef Belay__AppRef;
typedef struct ProtobufCMessage ProtobufCMessage;

enum ask_kind {
    ASK_CHANGE, /* is not sent twice */
    ASK_READ,
};

struct ask_request {
    uint32_t method;
    const char *name;                /* of the method, for messages */
    const ProtobufCMessage *message; /* copied */
    enum ask_kind kind;
    /* json: what the controller answered, in the call's arena. Goes on as a handler does (rest/call.h). */
    int (*done)(struct rest_call *call, const struct value *json, struct err *err);
    /* Instead of done when there is no answer; err says why, and may be changed or answered differently.
     * NULL = err is answered. */
    int (*failed)(struct rest_call *call, struct err *err);
};

/* One of the two functions runs, exactly once, never before this returned. */
void ask_controller(struct rest_call *call, const struct ask_request *request);

/* The resource tree of an Application, from its own tree of values; done and failed as above. */
void ask_tree(struct rest_call *call,
              const struct value *app,
              int (*done)(struct rest_call *call, const struct value *tree, struct err *err),
              int (*failed)(struct rest_call *call, struct err *err));

/* How a question names an Application, from its tree; strings in the call's arena. */
void ask_app_ref(struct rest_call *call, const struct value *app, Belay__AppRef *ret);
