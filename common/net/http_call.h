/* struct http_call: one HTTP request of a http_client and what becomes of it.
 *
 * Contract: `done` runs exactly once, from the loop, never before http_client_start() returned, also
 * after a cancel (ERR_CANCELED); the call is freed after `done` returned. Callbacks may start and
 * cancel calls. The answer is collected in memory or streamed with back-pressure.
 *
 *     struct http_call_opts opts = {.url = url, .done = on_done, .data = job, .timeout_ms = 30000};
 *     TRY(http_client_start(client, target, &opts, &job->call, err));
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "common/net/http_header.h"

struct http_call;

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
    /* http_call_pause() will be used. Such a call has a HTTP/1.1 connection of its own: pausing one
     * HTTP/2 stream in curl can hold back all others of the connection. */
    bool pausable;
    bool no_compression;    /* of the answer, even where it would be asked for */
    unsigned max_redirects; /* 0 = redirects are answers; credentials stay with the first host */

    /* With on_data the body is streamed, but only that of a 2xx answer: the body of any other is
     * collected (cut at 64 KiB) so that `done` can explain it. */
    http_head_fn on_head; /* may be NULL */
    http_data_fn on_data;
    http_done_fn done;
    void *data;
};

/* done follows with ERR_CANCELED; no other callback runs any more. Nothing happens within done. */
void http_call_cancel(struct http_call *call);
/* Pausable calls only. No on_data until resumed; the peer is held back by the full connection. Idle time stands still. */
void http_call_pause(struct http_call *call);
void http_call_resume(struct http_call *call);

/* The error for a CURLcode; detail is curl's own text, may be NULL. Connection trouble is
 * ERR_UNAVAILABLE, a passed deadline ERR_TIMEOUT, an untrusted certificate ERR_DENIED. */
int err_from_curl(struct err *err, int curl_code, struct str url, const char *detail);
/* For a response that is not 2xx: the code follows the status, the message quotes the body. */
int http_response_check(const struct http_response *response, struct err *err);
