/* struct http_client: HTTP/1.1 and HTTP/2 requests of one loop, on libcurl's multi interface.
 *
 * One client per loop keeps the connections; a struct http_target says how one server is reached
 * (TLS, proxy, credentials); a struct http_call is one request. Answers are collected in memory or
 * streamed with back-pressure. Requests to one target share its HTTP/2 connection.
 *
 * Contract of a call: `done` runs exactly once, from the loop, never before http_client_start()
 * returned, also after a cancel (ERR_CANCELED); the call is freed after `done` returned. Callbacks may
 * start and cancel calls. Loop thread only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/cleanup.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "common/net/http_header.h"

typedef struct uv_loop_s uv_loop_t;
struct http_client;
struct http_target;
struct http_call;

struct http_client_opts {
    uint32_t max_connections;      /* kept and used at once; 0 = 256 */
    uint32_t max_host_connections; /* to one host and port; 0 = 8; HTTP/2 needs one */
};

/* opts may be NULL. */
struct http_client *http_client_new(uv_loop_t *loop, const struct http_client_opts *opts);
/* Cancels every call (their done runs), then frees; closed may be NULL. Starting calls afterwards is a
 * programming error. */
void http_client_close(struct http_client *client, void (*closed)(void *data), void *data);
/* Calls not done yet. */
size_t http_client_active(const struct http_client *client);

/* --- targets --------------------------------------------------------------------------------- */

enum http_verify { HTTP_VERIFY_ON, HTTP_VERIFY_OFF };
enum http_version { HTTP_VERSION_ANY, HTTP_VERSION_1 };

/* Writes a bearer token into dst (kept secret, erased by the caller). Called once per request, at its
 * start, and must not block. */
typedef int (*http_token_fn)(void *data, struct buf *dst, struct err *err);

struct http_target_opts {
    struct str ca_pem;   /* roots trusted instead of the system's; empty = the system's */
    struct str cert_pem; /* client certificate and key; both or none */
    struct str key_pem;
    enum http_verify verify;
    enum http_version version;
    const char *server_name; /* TLS name to ask for and to check instead of the URL's host */
    const char *proxy;       /* URL; NULL = from the environment as curl does; "" = none */
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

/* --- calls ----------------------------------------------------------------------------------- */

struct http_response {
    int status;
    struct http_headers headers; /* names as sent; of the last response when redirected */
    struct buf *body;            /* decoded; empty when streamed; buf_take() may keep it */
    bool http2;
};

/* Exactly one of response and err is NULL; a status >= 400 is a response. Both are valid until the
 * callback returns. */
typedef void (*http_done_fn)(const struct http_response *response,
                             const struct err *err,
                             void *data);

/* The final status and headers arrived. */
typedef void (*http_head_fn)(const struct http_response *response, void *data);
/* A piece of the decoded body. */
typedef void (*http_data_fn)(struct str bytes, void *data);

struct http_call_opts {
    const char *method; /* NULL = "GET" */
    struct str url;     /* http or https */
    struct http_headers headers;
    struct str body; /* copied; p NULL = none */

    int64_t connect_timeout_ms; /* name, TCP and TLS; 0 = 10 s */
    int64_t timeout_ms;         /* the whole call; 0 = none: for streams */
    int64_t idle_timeout_ms;    /* without a byte received while not paused; 0 = none */
    size_t max_body_bytes;      /* collected answers; 0 = LIMIT_HTTP_RESPONSE_BYTES */
    unsigned max_redirects; /* 0 = redirects are answers; credentials stay with the first host */

    /* With on_data the body is streamed, but only that of a 2xx answer: the body of any other is
     * collected (cut at 64 KiB) so that `done` can explain it. */
    http_head_fn on_head; /* may be NULL */
    http_data_fn on_data;
    http_done_fn done;
    void *data;
};

/* target may be NULL for one with every option at its default. ERR_INVALID for a bad URL, method or
 * header; what the token function returns. */
MUST_CHECK int http_client_start(struct http_client *client,
                                 struct http_target *target,
                                 const struct http_call_opts *opts,
                                 struct http_call **ret,
                                 struct err *err);
/* done follows with ERR_CANCELED; no other callback runs any more. */
void http_call_cancel(struct http_call *call);
/* No on_data until resumed; the peer is held back by the full connection. Idle time stands still. */
void http_call_pause(struct http_call *call);
void http_call_resume(struct http_call *call);

/* The error for a CURLcode; detail is curl's own text, may be NULL. Connection trouble is
 * ERR_UNAVAILABLE, a passed deadline ERR_TIMEOUT, an untrusted certificate ERR_DENIED. */
int err_from_curl(struct err *err, int curl_code, struct str url, const char *detail);
/* For a response that is not 2xx: the code follows the status, the message quotes the body. */
int http_response_check(const struct http_response *response, struct err *err);
