/* What server, client and events share about nng sockets: options, listening, dialling, TLS.
 *
 * Debian's libnng is built with its mbed TLS engine, so tls+tcp:// is nng's own. Only for
 * common/ipc. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>

#include <nng/nng.h>
#include <protobuf-c/protobuf-c.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/ipc/ipc_endpoint.h"
#include "common/rt/mailbox.h"

/* Conversion of an nng failure. */
#define err_from_nng(err, nng_code, ...) ipc_socket_err((err), (nng_code), ERR_ORIGIN, __VA_ARGS__)
PRINTF(4, 5)
int ipc_socket_err(struct err *err, int nng_code, const char *origin, const char *fmt, ...);

/* Options all sockets have; before listening or dialling. */
MUST_CHECK int ipc_socket_setup(nng_socket socket, struct err *err);

/* *ret_url: the address clients use, with the port that was chosen; to be freed with mem_free(). */
MUST_CHECK int ipc_socket_listen(
    nng_socket socket, const char *url, const struct ipc_tls *tls, char **ret_url, struct err *err);
/* Connects, and connects again, in the background. */
MUST_CHECK int
ipc_socket_dial(nng_socket socket, const char *url, const struct ipc_tls *tls, struct err *err);

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
