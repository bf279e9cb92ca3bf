/* HTTP/1.1 heads and chunked bodies: what is understood, and what is refused with which status. */
#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/net/http1_parse.h"
#include "tests/lib/check.h"

static int set_up(void **state)
{
    *state = arena_new();
    return 0;
}

static int tear_down(void **state)
{
    arena_free(*state);
    return 0;
}

static void parses_a_request(void **state)
{
    struct err err;
    struct http1_head head;
    ASSERT_OK(http1_head_parse(*state,
                               STR("PATCH /api/v1/clusters/https%3A%2F%2Fk8s?x=%2F&y HTTP/1.1\r\n"
                                   "Host: h:80\r\nX-Event:  push \r\nEmpty:\r\n"
                                   "Content-Length: 12\r\nExpect: 100-continue\r\n\r\n"),
                               &head, &err));
    ASSERT_STR(head.method, "PATCH");
    ASSERT_STR(head.path, "/api/v1/clusters/https%3A%2F%2Fk8s");
    ASSERT_STR(head.query, "x=%2F&y");
    ASSERT_STR(head.host, "h:80");
    ASSERT_STR(http_header_find(head.headers, STR("x-event")), "push");
    ASSERT_STR(http_header_find(head.headers, STR("empty")), "");
    assert_int_equal(head.framing, HTTP1_LENGTH);
    assert_int_equal(head.length, 12);
    assert_true(head.keep_alive);
    assert_true(head.expect_continue);
}

static void takes_all_target_forms(void **state)
{
    static const struct {
        const char *line;
        const char *path;
        const char *query;
    } rows[] = {
        {"GET / HTTP/1.1", "/", NULL},
        {"GET /? HTTP/1.1", "/", ""},
        {"GET /a?b?c HTTP/1.1", "/a", "b?c"},
        {"GET //a/../b HTTP/1.1", "//a/../b", NULL},
        {"GET http://h/x?y HTTP/1.1", "/x", "y"},
        {"GET http://h HTTP/1.1", "/", NULL},
        {"OPTIONS * HTTP/1.1", "*", NULL},
    };
    struct err err;
    struct http1_head head;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct str text = arena_printf(*state, "%s\r\nHost: h\r\n\r\n", rows[i].line);
        ASSERT_OK(http1_head_parse(*state, text, &head, &err));
        ASSERT_STR(head.path, rows[i].path);
        assert_int_equal(head.query.p != NULL, rows[i].query != NULL);
        ASSERT_STR(head.query, rows[i].query != NULL ? rows[i].query : "");
    }
}

static void keep_alive_follows_version_and_header(void **state)
{
    static const struct {
        const char *text;
        bool want;
    } rows[] = {
        {"GET / HTTP/1.1\r\nHost: h\r\n\r\n", true},
        {"GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, Close\r\n\r\n", false},
        {"GET / HTTP/1.0\r\n\r\n", false},
        {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true},
    };
    struct err err;
    struct http1_head head;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        ASSERT_OK(http1_head_parse(*state, str_from(rows[i].text), &head, &err));
        assert_int_equal(head.keep_alive, rows[i].want);
    }
}

static void refuses_what_is_malformed_or_ambiguous(void **state)
{
    static const struct {
        const char *text;
        int status;
    } rows[] = {
        {"GET /\r\nHost: h\r\n\r\n", 400},
        {"GET  / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"G(T / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {" GET / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"GET / HTTP/1.1 \r\nHost: h\r\n\r\n", 400},
        {"GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505},
        {"GET / HTTP/1.2\r\nHost: h\r\n\r\n", 505},
        {"GET / http/1.1\r\nHost: h\r\n\r\n", 400},
        {"GET x HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"GET * HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"GET /#a HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"GET /\x01 HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"CONNECT h:80 HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost : h\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: h\r\nno colon\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n folded\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: h\r\nA: b\nB: c\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: h\r\nA: b\rc\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: h\r\n: x\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: +1\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: h\r\nContent-Length:\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
         400},
        {"GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501},
        {"GET / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    };
    struct err err;
    struct http1_head head;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (http1_head_parse(*state, str_from(rows[i].text), &head, &err) >= 0) {
            fail_msg("accepted: %s", rows[i].text);
        }
        assert_int_equal(err.system_code, rows[i].status);
    }
}

static void limits_the_number_of_headers(void **state)
{
    struct err err;
    struct http1_head head;
    AUTO(buf) struct buf text;
    buf_init(&text, LIMIT_HTTP_HEADER_BYTES);
    buf_put_c(&text, "GET / HTTP/1.1\r\nHost: h\r\n");
    for (int i = 0; i < 255; i++) {
        buf_put_c(&text, "a: b\r\n");
    }
    size_t n = text.n;
    buf_put_c(&text, "\r\n");
    ASSERT_OK(http1_head_parse(*state, buf_str(&text), &head, &err));
    assert_int_equal(head.headers.n, 256);
    buf_truncate(&text, n);
    buf_put_c(&text, "a: b\r\n\r\n");
    ASSERT_ERR(http1_head_parse(*state, buf_str(&text), &head, &err), ERR_LIMIT, "256");
    assert_int_equal(err.system_code, 431);
}

static void limits_the_url(void **state)
{
    struct err err;
    struct http1_head head;
    char *path = arena_bytes(*state, LIMIT_HTTP_URL_BYTES + 2);
    memset(path, 'a', LIMIT_HTTP_URL_BYTES + 1);
    path[0] = '/';
    for (size_t more = 0; more < 2; more++) {
        struct str text = arena_printf(*state, "GET " STR_FMT " HTTP/1.1\r\nHost: h\r\n\r\n",
                                       STR_ARG(str_of(path, LIMIT_HTTP_URL_BYTES + more)));
        int rc = http1_head_parse(*state, text, &head, &err);
        assert_int_equal(rc, more == 0 ? 0 : -ERR_LIMIT);
    }
    assert_int_equal(err.system_code, 414);
}

static void finds_the_end_of_a_head_wherever_it_is_cut(void **state UNUSED)
{
    static const char text[] = "GET / HTTP/1.1\r\nHost: h\r\n\r\nbody";
    struct err err;
    size_t n;
    size_t seen = 0;
    for (size_t i = 0; i < sizeof(text) - 5; i++) {
        ASSERT_OK(http1_head_length(str_of(text, i), seen, &n, &err));
        assert_int_equal(n, 0);
        seen = i;
    }
    ASSERT_OK(http1_head_length(str_of(text, sizeof(text) - 1), seen, &n, &err));
    assert_int_equal(n, sizeof(text) - 5);
}

static void limits_the_head(void **state)
{
    struct err err;
    size_t n;
    size_t max = LIMIT_HTTP_HEADER_BYTES;
    char *text = arena_bytes(*state, max + 1);
    memset(text, 'a', max + 1);
    ASSERT_OK(http1_head_length(str_of(text, max), 0, &n, &err));
    assert_int_equal(n, 0);
    ASSERT_ERR(http1_head_length(str_of(text, max + 1), 0, &n, &err), ERR_LIMIT, "head");
    assert_int_equal(err.system_code, 414);
    memcpy(text + 20, "\r\n", 2);
    ASSERT_ERR(http1_head_length(str_of(text, max + 1), 0, &n, &err), ERR_LIMIT, "head");
    assert_int_equal(err.system_code, 431);
}

/* The body decoded in pieces of n_piece bytes; -status when it is refused. */
static int decode(struct str in, size_t n_piece, struct buf *dst, size_t *ret_left)
{
    struct err err;
    struct http1_chunks chunks = {0};
    for (size_t at = 0; at < in.n;) {
        struct str piece = str_sub(in, at, at + n_piece);
        size_t n = piece.n;
        int rc = http1_chunks_feed(&chunks, &piece, dst, &err);
        if (rc < 0) {
            return -err.system_code;
        }
        at += n - piece.n;
        if (rc == 1) {
            *ret_left = in.n - at;
            return 1;
        }
        assert_int_equal(piece.n, 0);
    }
    return 0;
}

static void decodes_chunks_however_they_are_cut(void **state UNUSED)
{
    static const char text[] =
        "4\r\nWiki\r\nA;x=\"y\"\r\npedia in c\r\n00\r\nTrailer: a\r\n\r\nNEXT";
    for (size_t n_piece = 1; n_piece < sizeof(text); n_piece++) {
        size_t left = 0;
        AUTO(buf) struct buf body;
        buf_init(&body, 100);
        assert_int_equal(decode(str_of(text, sizeof(text) - 1), n_piece, &body, &left), 1);
        ASSERT_STR(buf_str(&body), "Wikipedia in c");
        assert_int_equal(left, 4);
    }
}

static void refuses_broken_chunks(void **state UNUSED)
{
    static const char *const rows[] = {
        "\r\n",        "g\r\n",        "-1\r\n",   "4\nWiki",
        "4\r\nWikix",  "4\r\nWiki\rx", "0\r\n\rx", "11111111111111111\r\n",
        "0x4\r\nWiki",
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        size_t left = 0;
        AUTO(buf) struct buf body;
        buf_init(&body, 100);
        assert_int_equal(decode(str_from(rows[i]), 100, &body, &left), -400);
    }
}

static void limits_chunk_extensions_and_trailers(void **state)
{
    struct str extension = arena_printf(*state, "1;%02000d\r\n", 0);
    struct str trailer = arena_printf(*state, "0\r\nA: %020000d\r\n\r\n", 0);
    size_t left = 0;
    AUTO(buf) struct buf body;
    buf_init(&body, 100);
    assert_int_equal(decode(extension, 100, &body, &left), -431);
    assert_int_equal(decode(trailer, 100, &body, &left), -431);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parses_a_request),
        cmocka_unit_test(takes_all_target_forms),
        cmocka_unit_test(keep_alive_follows_version_and_header),
        cmocka_unit_test(refuses_what_is_malformed_or_ambiguous),
        cmocka_unit_test(limits_the_number_of_headers),
        cmocka_unit_test(limits_the_url),
        cmocka_unit_test(finds_the_end_of_a_head_wherever_it_is_cut),
        cmocka_unit_test(limits_the_head),
        cmocka_unit_test(decodes_chunks_however_they_are_cut),
        cmocka_unit_test(refuses_broken_chunks),
        cmocka_unit_test(limits_chunk_extensions_and_trailers),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
