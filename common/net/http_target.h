/* struct http_target: how one HTTP server is reached: TLS trust and identity, proxy, credentials.
 *
 * Immutable, reference counted; shared by all calls to that server, so that they also share its
 * connections. Loop thread only. */
#pragma once

#include "common/base/buf.h"
#include "common/base/cleanup.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct http_target;

enum http_verify { HTTP_VERIFY_ON, HTTP_VERIFY_OFF };
enum http_version { HTTP_VERSION_ANY, HTTP_VERSION_1 };

/* Appends a bearer token to dst, whose memory is erased afterwards. Called once per request, at its
 * start; must not block. */
typedef int (*http_token_fn)(void *data, struct buf *dst, struct err *err);

struct http_target_opts {
    struct str ca_pem;   /* roots trusted instead of the system's; empty = the system's */
    struct str cert_pem; /* client certificate and key; both or none */
    struct str key_pem;
    enum http_verify verify;
    enum http_version version;
    const char *server_name; /* TLS name to ask for and to check instead of the URL's host */
    const char *proxy;       /* URL; NULL = from the environment as curl does; "" = none */
    const char *no_proxy;    /* with proxy: hosts reached without, comma-separated; NULL = none */
    struct str bearer;       /* fixed token */
    http_token_fn token;     /* or one asked for each request */
    void *token_data;
    struct str user; /* basic authentication */
    struct str password;
};

/* Copies everything. ERR_INVALID for certificates that do not parse or contradicting options. */
MUST_CHECK int
http_target_new(const struct http_target_opts *opts, struct http_target **ret, struct err *err);
struct http_target *http_target_ref(struct http_target *target);
void http_target_unref(
    struct http_target *target); /* NULL is fine; calls hold their own reference */
DEFINE_CLEANUP(http_target, struct http_target, http_target_unref);

/* What was given, for http_call.c: strings are NUL-terminated, valid while the target is. */
const struct http_target_opts *http_target_get(const struct http_target *target);
