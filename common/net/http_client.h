/* struct http_client: HTTP/1.1 and HTTP/2 requests of one loop, on libcurl's multi interface.
 *
 * One client per loop keeps the connections; a struct http_target (http_target.h) says how one server
 * is reached, a struct http_call (http_call.h) is one request. Calls to one target share its HTTP/2
 * connection. The process ignores SIGPIPE. Loop thread only. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/net/http_call.h"
#include "common/net/http_target.h"

struct loop;
struct http_client;

struct http_client_opts {
    uint32_t max_connections;      /* at once, idle ones included, of each HTTP version; 0 = 512 */
    uint32_t max_host_connections; /* to one host and port; 0 = 128 */
};

/* opts may be NULL. */
struct http_client *http_client_new(struct loop *loop, const struct http_client_opts *opts);

/* Start one request; target NULL = every option at its default. The result is borrowed until `done`
 * ran; ret may be NULL. ERR_INVALID for a bad URL, method or header; else what the token function
 * returned. */
MUST_CHECK int http_client_start(struct http_client *client,
                                 struct http_target *target,
                                 const struct http_call_opts *opts,
                                 struct http_call **ret,
                                 struct err *err);

/* Calls not done yet. */
size_t http_client_active(const struct http_client *client);

/* Cancel every call (their done runs), then free everything and call closed (may be NULL). Starting a
 * call afterwards is a programming error. */
void http_client_close(struct http_client *client, void (*closed)(void *data), void *data);
