/* Server side of the calls between processes: nng rep0, one context per call in work.
 *
 * A component lists its methods in a table; the handler gets the decoded request and answers on
 * the loop thread, at once or later, exactly once, with ipc_reply() or ipc_reply_err().  More
 * calls than contexts wait in the clients' connections.  A client that has gone away is noticed
 * only by nng: its reply is dropped.
 *
 * Loop thread only. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "common/ipc/ipc_endpoint.h"

struct arena;
struct ipc_call;
struct ipc_server;
struct loop;
struct metrics;

/* request lives in the call's arena, until the reply. */
typedef void (*ipc_handler_fn)(struct ipc_call *call, const ProtobufCMessage *request);

struct ipc_method {
    uint32_t method;  /* RepoMethod or ControllerMethod */
    const char *name; /* "GenerateManifests": logs and metrics */
    const ProtobufCMessageDescriptor *request;
    const ProtobufCMessageDescriptor *reply;
    ipc_handler_fn fn;
    size_t max_bytes; /* of the request's payload; 0 = LIMIT_IPC_MESSAGE_BYTES */
};

struct ipc_server_options {
    const char *url;
    const struct ipc_tls *tls;        /* borrowed during ipc_server_new(); tls+tcp only */
    const struct ipc_method *methods; /* borrowed until ipc_server_free() */
    size_t n_methods;
    size_t n_contexts;       /* calls in work at once; 0 = 64 */
    void *data;              /* for ipc_call_data() */
    struct metrics *metrics; /* borrowed; may be NULL */
};

/* Listens. Errors: ERR_INVALID (address, certificate files), ERR_CONFLICT (address in use), ... */
MUST_CHECK int ipc_server_new(struct loop *loop,
                              const struct ipc_server_options *options,
                              struct ipc_server **ret,
                              struct err *err);
/* The address clients use; with port 0 in the options the one that was chosen. */
const char *ipc_server_url(const struct ipc_server *server);
/* New calls are answered with ERR_UNAVAILABLE, those in work go on. */
void ipc_server_stop(struct ipc_server *server);
/* Calls the handlers have not answered yet. */
size_t ipc_server_n_calls(const struct ipc_server *server);
/* Stops; calls without an answer may still be answered, which then does nothing but free them.
 * NULL is fine. */
void ipc_server_free(struct ipc_server *server);

/* Freed with the call. The reply message may live in it. */
struct arena *ipc_call_arena(struct ipc_call *call);
void *ipc_call_data(const struct ipc_call *call);
/* loop_now_ms() when the client gives up. */
int64_t ipc_call_deadline_ms(const struct ipc_call *call);
uint64_t ipc_call_request_id(const struct ipc_call *call);
const char *ipc_call_trace_id(const struct ipc_call *call);
const char *ipc_call_principal(const struct ipc_call *call);

/* Answer with a message of the method's reply type, which is packed at once and stays the
 * caller's.  The call is gone afterwards. */
void ipc_reply(struct ipc_call *call, const ProtobufCMessage *reply);
void ipc_reply_err(struct ipc_call *call, const struct err *err);
