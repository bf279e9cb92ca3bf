/* Calls to the controller on behalf of a request. */
#pragma once

#include <stdint.h>

#include "common/base/err.h"

struct rest_call;
struct value;
typedef struct ProtobufCMessage ProtobufCMessage;

/* json: what the controller answered, in the call's arena; NULL with err set. */
typedef void (*ask_done_fn)(struct rest_call *call,
                            const struct value *json,
                            const struct err *err);

enum ask_kind { ASK_READ, ASK_CHANGE };

/* done runs exactly once, never before this returned. */
void ask_controller(struct rest_call *call,
                    uint32_t method,
                    const char *name,
                    const ProtobufCMessage *request,
                    enum ask_kind kind,
                    ask_done_fn done);
