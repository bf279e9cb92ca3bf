/* Events from one process to others: nng pub0 and sub0 with sequence numbers.
 *
 * Events may be lost (slow reader, lost connection), but never unnoticed: each carries the
 * publisher's epoch (random at its start) and a sequence number, and a heartbeat is published
 * when nothing else is. Whenever the subscriber may have missed something, on_resync() tells it
 * to fetch the state again.
 *
 * Loop thread only. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "common/ipc/ipc_endpoint.h"

struct ipc_pub;
struct ipc_sub;
struct loop;
struct rand;

enum { IPC_HEARTBEAT_MS = 2000 };

struct ipc_pub_options {
    const char *url;
    const struct ipc_tls *tls; /* borrowed during ipc_pub_new(); tls+tcp only */
    struct rand *rand;         /* borrowed during ipc_pub_new(); for the epoch */
    uint32_t heartbeat_type;   /* EventType of heartbeats */
    int64_t heartbeat_ms;      /* 0 = IPC_HEARTBEAT_MS */
};

MUST_CHECK int ipc_pub_new(struct loop *loop,
                           const struct ipc_pub_options *options,
                           struct ipc_pub **ret,
                           struct err *err);
const char *ipc_pub_url(const struct ipc_pub *pub);
/* payload may be NULL; it is packed at once. Cannot fail: what cannot be sent is lost, and
 * noticed. */
void ipc_pub_send(struct ipc_pub *pub, uint32_t type, const ProtobufCMessage *payload);
void ipc_pub_free(struct ipc_pub *pub);

enum ipc_resync {
    IPC_RESYNC_FIRST,   /* first contact */
    IPC_RESYNC_RESTART, /* another epoch: the publisher is a new process */
    IPC_RESYNC_GAP,     /* sequence numbers are missing */
};

struct ipc_sub_callbacks {
    /* Heartbeats are not passed on. payload lives until this returns. */
    void (*on_event)(uint32_t type, struct str payload, void *data);
    /* Called before the event that showed it. */
    void (*on_resync)(enum ipc_resync why, void *data);
    /* Nothing was heard for three heartbeats, or it is heard again. May be NULL. */
    void (*on_state)(bool up, void *data);
};

struct ipc_sub_options {
    const char *url;
    const struct ipc_tls *tls; /* borrowed during ipc_sub_new(); tls+tcp only */
    uint32_t heartbeat_type;
    int64_t heartbeat_ms; /* of the publisher; 0 = IPC_HEARTBEAT_MS */
};

MUST_CHECK int ipc_sub_new(struct loop *loop,
                           const struct ipc_sub_options *options,
                           const struct ipc_sub_callbacks *callbacks,
                           void *data,
                           struct ipc_sub **ret,
                           struct err *err);
void ipc_sub_free(struct ipc_sub *sub);
