/* Addresses of the sockets between Belay's processes.
 *
 *   ipc:///run/belay/repo.sock   one machine; the file is made with mode 0600, a stale one removed
 *   tcp://127.0.0.1:8081         tests, loopback addresses only: anything else is refused
 *   tls+tcp://host:port          between machines; both sides show a certificate signed by the CA,
 *                                and the client checks the server's name
 */
#pragma once

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

/* PEM files, needed for tls+tcp only; read when a socket is opened. */
struct ipc_tls {
    const char *ca_file;
    const char *cert_file;
    const char *key_file;
    const char
        *server_name; /* what the server's certificate must be for; NULL = host of the address */
};

enum ipc_scheme { IPC_SCHEME_IPC, IPC_SCHEME_TCP, IPC_SCHEME_TLS };

struct ipc_endpoint {
    enum ipc_scheme scheme;
    struct str path; /* of ipc:// */
    struct str host; /* of the others, without brackets */
    struct str port;
};

/* Slices of url. ERR_INVALID with the reason. Any thread. */
MUST_CHECK int ipc_endpoint_parse(struct str url, struct ipc_endpoint *ret, struct err *err);
