/* struct http_request: a request as a handler of http_server.h sees it, and the ways to answer it.
 *
 * The request belongs to the handler from on_request until it has answered: exactly one
 * http_request_reply(), or http_request_stream() and later one http_request_end(), from on_request
 * itself or any time after. A client that goes away only causes on_gone: the handler must still answer
 * (the answer is dropped), so that it alone decides when its state goes. Strings are valid as long as
 * the request. Loop thread only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "common/net/http_header.h"

struct arena;
struct http_request;

struct str http_request_method(const struct http_request *req); /* upper case as sent: "GET" */
struct str http_request_path(const struct http_request *req);   /* as sent, still escaped */
struct str http_request_query(const struct http_request *req);  /* as sent; p is NULL without "?" */
struct str http_request_host(const struct http_request *req);   /* Host or :authority */
struct http_headers http_request_headers(const struct http_request *req);
/* The first value; p is NULL when there is none. */
struct str http_request_header(const struct http_request *req, struct str name);
struct str http_request_cookie(const struct http_request *req, struct str name);
struct str http_request_body(const struct http_request *req);
/* "192.0.2.1" or "2001:db8::1" of the TCP peer. */
struct str http_request_peer(const struct http_request *req);
bool http_request_is_tls(const struct http_request *req);
bool http_request_is_http2(const struct http_request *req);
/* Freed when the request is answered. */
struct arena *http_request_arena(struct http_request *req);

/* Told once when the client vanished before the answer was complete, or when the server is stopping
 * and a stream should end. Never called from within another http_request_* function. */
void http_request_on_gone(struct http_request *req, void (*on_gone)(void *data), void *data);

struct http_reply {
    int status;
    const char *content_type;    /* NULL = none */
    struct http_headers headers; /* besides content-type, content-length, date */
    struct str body;             /* borrowed until the call returns */
};

/* The whole answer at once; compressed when the client accepts gzip and it pays. The request is gone
 * when this returns. */
void http_request_reply(struct http_request *req, const struct http_reply *reply);

struct http_stream_opts {
    int status;
    const char *content_type;
    struct http_headers headers;
    size_t
        max_backlog_bytes; /* written, not yet taken by the socket; 0 = LIMIT_SSE_BACKLOG_BYTES */
    void (*on_drain)(void *data); /* the backlog became empty; may be NULL */
    void *data;
};

/* Begin an answer of unknown length: status and headers are sent now. */
void http_request_stream(struct http_request *req, const struct http_stream_opts *opts);
/* Queue bytes. ERR_CANCELED when the client is gone; ERR_LIMIT when the backlog is full: nothing of
 * the bytes was queued. For HEAD requests they are dropped. */
MUST_CHECK int http_request_write(struct http_request *req, struct str bytes, struct err *err);
/* Bytes queued and not taken yet. */
size_t http_request_backlog(const struct http_request *req);
/* The stream is complete; the request is gone when this returns. */
void http_request_end(struct http_request *req);
/* As http_request_end(), but the client sees that the stream is broken off. */
void http_request_abort(struct http_request *req);
