/* HTTP/1.1 requests: what is accepted is unambiguous, and the same however the bytes are cut. */
#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/net/http1_parse.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_BYTES = 64 * 1024 };

static void check_head(const struct http1_head *head)
{
    FUZZ_CHECK(http_header_is_token(head->method));
    FUZZ_CHECK(head->path.n > 0 && (head->path.p[0] == '/' || str_eq_c(head->path, "*")));
    FUZZ_CHECK(str_find_char(head->path, '?') == STR_NONE);
    for (size_t i = 0; i < head->path.n; i++) {
        FUZZ_CHECK((unsigned char)head->path.p[i] > ' ');
    }
    for (size_t i = 0; i < head->headers.n; i++) {
        FUZZ_CHECK(http_header_is_token(head->headers.items[i].name));
        FUZZ_CHECK(http_header_is_value(head->headers.items[i].value));
    }
    struct str coding = http_header_find(head->headers, STR("transfer-encoding"));
    struct str length = http_header_find(head->headers, STR("content-length"));
    FUZZ_CHECK(coding.p == NULL || length.p == NULL);
    FUZZ_CHECK((head->framing == HTTP1_CHUNKED) == (coding.p != NULL));
}

/* The decoded body in pieces of n bytes: bytes used when complete, -1 = not yet, -2 = refused. */
static long decode(struct str in, size_t n, struct buf *dst)
{
    struct err err;
    struct http1_chunks chunks = {0};
    for (size_t at = 0; at < in.n;) {
        struct str piece = str_sub(in, at, at + n);
        size_t whole = piece.n;
        int rc = http1_chunks_feed(&chunks, &piece, dst, &err);
        if (rc < 0) {
            FUZZ_CHECK(err.system_code >= 400 && err.system_code < 600);
            return -2;
        }
        at += whole - piece.n;
        if (rc == 1) {
            return (long)at;
        }
        FUZZ_CHECK(piece.n == 0);
    }
    return -1;
}

static void check_chunks(struct str in)
{
    AUTO(buf) struct buf whole;
    AUTO(buf) struct buf cut;
    buf_init(&whole, MAX_BYTES);
    buf_init(&cut, MAX_BYTES);
    long used = decode(in, MAX_BYTES, &whole);
    FUZZ_CHECK(decode(in, 1, &cut) == used);
    FUZZ_CHECK(str_eq(buf_str(&whole), buf_str(&cut)));
    FUZZ_CHECK(whole.n <= in.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > MAX_BYTES) {
        return 0;
    }
    struct err err;
    struct http1_head head;
    size_t n = 0;
    AUTO(arena) struct arena *arena = arena_new();
    struct str in = str_of((const char *)data, size);
    check_chunks(in);
    if (http1_head_length(in, 0, &n, &err) < 0 || n == 0) {
        return 0;
    }
    FUZZ_CHECK(n <= size && n <= LIMIT_HTTP_HEADER_BYTES);
    if (http1_head_parse(arena, str_sub(in, 0, n), &head, &err) == 0) {
        check_head(&head);
        check_chunks(str_sub(in, n, in.n));
    } else {
        FUZZ_CHECK(err.system_code >= 400 && err.system_code < 600);
    }
    return 0;
}
