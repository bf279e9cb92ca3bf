/* struct http_server: HTTP/1.1 and HTTP/2 listeners on the loop, with and without TLS.
 *
 * One handler gets every request once headers and body are there (http_request.h); routes are not
 * its business. Limits of limits.h are answered here: 400, 408, 413, 414, 431, 503. Loop thread only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/net/http_request.h"

struct loop;
struct http_server;
struct tls_server;

typedef void (*http_request_fn)(struct http_request *req, void *data);

struct http_server_opts {
    http_request_fn on_request;
    void *data;
    uint32_t max_connections;  /* 0 = 4096; more are closed at once */
    uint32_t max_streams;      /* HTTP/2 requests at once on a connection; 0 = 128 */
    size_t max_body_bytes;     /* 0 = LIMIT_HTTP_BODY_BYTES */
    int64_t header_timeout_ms; /* TLS handshake and complete headers; 0 = 10 s */
    int64_t body_timeout_ms;   /* without progress of the body; 0 = 30 s */
    int64_t write_timeout_ms;  /* without the client taking a byte; 0 = 60 s */
    int64_t idle_timeout_ms;   /* between requests; 0 = 120 s */
};

struct http_server *http_server_new(struct loop *loop, const struct http_server_opts *opts);

struct http_listen_opts {
    const char *host;       /* numeric address; NULL = every address, IPv6 and IPv4 */
    uint16_t port;          /* 0 = a free one */
    struct tls_server *tls; /* a reference is taken; NULL = plain. Files are reloaded on change */
    bool plain_too;         /* with tls: also serve clients that speak without; see
                               http_request_is_tls() */
};
/* Any number of times. ERR_UNAVAILABLE (port taken), ERR_DENIED, ERR_INVALID. */
MUST_CHECK int http_server_listen(struct http_server *server,
                                  const struct http_listen_opts *opts,
                                  uint16_t *ret_port,
                                  struct err *err);

/* Stop: accept no more, finish what is running, tell streams (on_gone) to end; after drain_ms the
 * rest is cut. Then everything is freed and stopped (may be NULL) is called, but not before handlers
 * have answered every request they hold. */
void http_server_stop(struct http_server *server,
                      int64_t drain_ms,
                      void (*stopped)(void *data),
                      void *data);

struct http_server_stats {
    uint32_t connections;
    uint32_t requests; /* being answered now */
    uint64_t requests_total;
    uint64_t refused_total; /* connections over the limit */
};
void http_server_stats(const struct http_server *server, struct http_server_stats *ret);
