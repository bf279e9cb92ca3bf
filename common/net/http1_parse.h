/* HTTP/1.1 request syntax (RFC 9112), strict: what is ambiguous is refused, as intermediaries that read
 * it differently are how requests are smuggled.
 *
 * Pure. err.system_code is the HTTP status to answer with: 400, 414, 431, 501 or 505. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "common/net/http_header.h"

struct arena;
struct buf;

enum http1_framing { HTTP1_NO_BODY, HTTP1_LENGTH, HTTP1_CHUNKED };

struct http1_head {
    struct str method;
    struct str path;  /* as sent; "*" for OPTIONS */
    struct str query; /* as sent; p is NULL without "?" */
    struct str host;
    struct http_headers headers;
    unsigned minor; /* HTTP/1.x */
    enum http1_framing framing;
    uint64_t length; /* with HTTP1_LENGTH */
    bool keep_alive;
    bool expect_continue;
};

/* Bytes of the head at the beginning of `bytes`, blank line included; 0 = not complete yet. `seen` bytes
 * were searched before. ERR_LIMIT when there are too many without an end. */
MUST_CHECK int http1_head_length(struct str bytes, size_t seen, size_t *ret, struct err *err);
/* A complete head; the result refers to a copy in the arena. */
MUST_CHECK int
http1_head_parse(struct arena *arena, struct str bytes, struct http1_head *ret, struct err *err);

/* The decoder of a chunked body; zeroed = at its beginning. */
struct http1_chunks {
    int state;
    uint64_t left;   /* of the current chunk */
    size_t overhead; /* bytes of the current size line, of all trailers */
};
/* Takes bytes from the front of *in and appends decoded ones to dst: 1 = the body is complete, 0 = all
 * of *in is used. What does not fit into dst sets its overflow. */
MUST_CHECK int
http1_chunks_feed(struct http1_chunks *chunks, struct str *in, struct buf *dst, struct err *err);
