/* What server, client and events share about nng sockets: options, listening, dialling, TLS.
 *
 * Debian's libnng is built with its mbed TLS engine, so tls+tcp:// is nng's own. Only for
 * common/ipc. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>

#include <nng/nng.h>
#include <nng/supplemental/tls/tls.h>
#include <protobuf-c/protobuf-c.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/ipc/ipc_endpoint.h"
#include "common/rt/mailbox.h"
#include "common/rt/timer.h"

struct loop;

/* Conversion of an nng failure. */
#define err_from_nng(err, nng_code, ...) ipc_socket_err((err), (nng_code), ERR_ORIGIN, __VA_ARGS__)
PRINTF(4, 5)
int ipc_socket_err(struct err *err, int nng_code, const char *origin, const char *fmt, ...);

/* Options all sockets have; before listening or dialling. */
MUST_CHECK int ipc_socket_setup(nng_socket socket, struct err *err);

/* *ret_url: the address clients use, with the port that was chosen; to be freed with mem_free(). */
MUST_CHECK int ipc_socket_listen(
    nng_socket socket, const char *url, const struct ipc_tls *tls, char **ret_url, struct err *err);
/* Close a socket: true when it is closed and nng calls nobody for it any more.
 *
 * nng 1.5.2 can hang in nng_close() when a connection is being made or lost at that moment (its reaper waits for an
 * operation that is never completed). So it gets IPC_CLOSE_MS; after that false, and whatever nng may still call must
 * stay allocated. A socket is closed at the end of a process, where that costs nothing. */
enum { IPC_CLOSE_MS = 3000 };
bool ipc_socket_close(nng_socket socket);

/* A new message with the packed bytes. */
nng_msg *ipc_socket_pack(const ProtobufCMessage *message);

/* Counts the connections of a socket and tells the loop thread of changes, several at once when
 * they come fast. */
struct ipc_pipes {
    struct mail mail;
    struct mailbox *mailbox;
    atomic_int n_pipes;
    atomic_bool posted;
    void (*on_change)(struct ipc_pipes *pipes); /* loop thread */
};

MUST_CHECK int ipc_pipes_watch(struct ipc_pipes *pipes,
                               nng_socket socket,
                               struct mailbox *mailbox,
                               void (*on_change)(struct ipc_pipes *pipes),
                               struct err *err);
int ipc_pipes_count(struct ipc_pipes *pipes);

/* The connection of a client's socket: made, and made again, in the background.
 *
 * nng does that by itself, but its dialer gives up for good when the peer dies between accepting and the first
 * byte (1.5.2: EPIPE becomes NNG_ECLOSED, after which it does not try again). So a dialer without a connection
 * is replaced every IPC_REDIAL_MS. Loop thread only. */
enum { IPC_REDIAL_MS = 3000 };

struct ipc_dialer {
    struct loop *loop; /* these are set by the owner */
    struct mailbox *mailbox;
    nng_socket socket;
    void (*on_change)(struct ipc_dialer *dialer); /* of connected; may be NULL */
    bool connected;
    bool stopped; /* private from here on */
    struct timer timer;
    struct ipc_pipes pipes;
    nng_dialer dialer;
    nng_tls_config *tls; /* NULL = none */
    char *url;
};

/* tls is borrowed during the call. Needs ipc_dialer_done() also when it fails. */
MUST_CHECK int ipc_dialer_start(struct ipc_dialer *dialer,
                                const char *url,
                                const struct ipc_tls *tls,
                                struct err *err);
/* Before the socket is closed: nothing is dialled any more. */
void ipc_dialer_stop(struct ipc_dialer *dialer);
/* After its mailbox was freed; a zeroed one is fine. */
void ipc_dialer_done(struct ipc_dialer *dialer);
