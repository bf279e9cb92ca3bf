/* Client side of the calls between processes: nng req0, one context per call.
 *
 * With several servers a call goes to the first reachable one in the order that rendezvous
 * hashing of its route key gives: the same key finds the same server (and its caches), and only
 * the keys of a server that goes away move.  Connections are kept up in the background.
 *
 * A call whose server goes away while it runs is sent again, to the next server, only when it is
 * IPC_REPEATABLE; else it fails with ERR_UNAVAILABLE and may or may not have happened.
 *
 * Loop thread only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "common/ipc/ipc_endpoint.h"

struct ipc_client;
struct ipc_request;
struct loop;
struct metrics;

struct ipc_client_options {
    const char *const *urls;
    size_t n_urls;
    const struct ipc_tls *tls; /* borrowed during ipc_client_new(); tls+tcp only */
    size_t max_calls;          /* at once; 0 = 1024. More fail with ERR_LIMIT */
    int64_t connect_wait_ms;   /* how long a call waits for a server to be reachable; 0 = 2000 */
    struct metrics *metrics;   /* borrowed; may be NULL */
};

/* Errors: ERR_INVALID (addresses, certificate files). Servers need not be there yet. */
MUST_CHECK int ipc_client_new(struct loop *loop,
                              const struct ipc_client_options *options,
                              struct ipc_client **ret,
                              struct err *err);
/* Cancels all calls and waits, in the loop, until each done() has run; not from a callback.  NULL
 * is fine. */
void ipc_client_free(struct ipc_client *client);
/* done of each call under way gets ERR_CANCELED, in a later iteration: for the end of a process. */
void ipc_client_cancel_all(struct ipc_client *client);
/* True when at least one server is connected: for readiness. */
bool ipc_client_connected(const struct ipc_client *client);

enum ipc_repeat {
    IPC_ONCE,       /* changes something: never sent twice */
    IPC_REPEATABLE, /* reading: may be sent again when a server goes away */
};

struct ipc_call_options {
    uint32_t method;
    const char *name;                /* static, for messages: "GenerateManifests" */
    const ProtobufCMessage *request; /* packed at once */
    const ProtobufCMessageDescriptor *reply;
    int64_t timeout_ms; /* > 0 */
    enum ipc_repeat repeat;
    struct str route_key;  /* "" = any server */
    const char *trace_id;  /* NULL = "" */
    const char *principal; /* NULL = "" */
};

/* reply lives until this returns; err is NULL on success.  Exactly once, never before
 * ipc_client_call() returned.  Errors: those of the server; ERR_UNAVAILABLE (not reachable, with
 * the address), ERR_TIMEOUT, ERR_CANCELED, ERR_LIMIT, ERR_INTERNAL (reply does not parse). */
typedef void (*ipc_done_fn)(const ProtobufCMessage *reply, const struct err *err, void *data);

/* Valid until done is called. */
struct ipc_request *ipc_client_call(struct ipc_client *client,
                                    const struct ipc_call_options *options,
                                    ipc_done_fn done,
                                    void *data);
/* done gets ERR_CANCELED, in a later iteration. */
void ipc_request_cancel(struct ipc_request *request);
