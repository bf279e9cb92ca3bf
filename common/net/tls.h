/* TLS identities: PEM from files or memory, self-signed certificates, the server side's context.
 *
 * struct tls_pem is plain PEM text for whoever takes text (curl, nng). struct tls_server is an
 * OpenSSL server context that can be reloaded while connections live on. Loop thread only, besides
 * tls_self_signed() and tls_pem_*, which any thread may call. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/buf.h"
#include "common/base/cleanup.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct ssl_st;

/* A certificate chain (leaf first) and its private key; the key is erased on tls_pem_done(). */
struct tls_pem {
    struct buf cert;
    struct buf key;
};
/* A zeroed struct is fine. */
void tls_pem_done(struct tls_pem *pem);
static inline void auto_cleanup_tls_pem(struct tls_pem *pem)
{
    tls_pem_done(pem);
}

/* Reads both files and checks that they parse and belong together. ret zeroed or done before.
 * ERR_NOT_FOUND, ERR_DENIED, ERR_INVALID naming the file. */
MUST_CHECK int
tls_pem_load(const char *cert_path, const char *key_path, struct tls_pem *ret, struct err *err);
/* The same check for PEM in memory: `what` names it in messages. ERR_INVALID. */
MUST_CHECK int tls_pem_check(struct str cert, struct str key, const char *what, struct err *err);
/* At least one certificate and nothing broken in a CA bundle. ERR_INVALID. */
MUST_CHECK int tls_ca_check(struct str bundle, const char *what, struct err *err);

struct tls_self_signed_opts {
    const char *common_name;  /* also the organisation */
    const char *const *names; /* subject alternative names: DNS names and IP addresses */
    size_t n_names;
    int days; /* validity; 0 = 365 */
};
/* An ECDSA P-256 key and a certificate signed by itself, for server and client use.
 * ERR_INVALID for names that are neither. */
MUST_CHECK int
tls_self_signed(const struct tls_self_signed_opts *opts, struct tls_pem *ret, struct err *err);

struct tls_server;

/* From PEM in memory; TLS 1.2 or newer, ALPN h2 and http/1.1. ERR_INVALID. */
MUST_CHECK int
tls_server_from_pem(const struct tls_pem *pem, struct tls_server **ret, struct err *err);
/* From files that tls_server_reload() reads again. ERR_* as tls_pem_load(). */
MUST_CHECK int tls_server_from_files(const char *cert_path,
                                     const char *key_path,
                                     struct tls_server **ret,
                                     struct err *err);
struct tls_server *tls_server_ref(struct tls_server *tls);
void tls_server_unref(struct tls_server *tls); /* NULL is fine */
DEFINE_CLEANUP(tls_server, struct tls_server, tls_server_unref);

/* Look at the files and take a changed certificate for new connections: 1 = taken, 0 = unchanged or
 * not from files. On failure the old one stays in use, and the same files are not tried again. */
MUST_CHECK int tls_server_reload(struct tls_server *tls, struct err *err);

/* A new server-side connection object; the caller frees it with SSL_free(). */
MUST_CHECK int tls_server_accept(struct tls_server *tls, struct ssl_st **ret, struct err *err);

/* The oldest messages of this thread's OpenSSL error queue as one line, and the queue is emptied. */
void tls_error_text(char *dst, size_t dst_size);
