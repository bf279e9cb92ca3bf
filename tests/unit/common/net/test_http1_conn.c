/* HTTP/1.1 by hand: keep-alive, pipelining, bodies, limits, slow and vanishing clients. */
#include "common/base/limits.h"
#include "common/net/http_server_internal.h"
#include "tests/lib/check.h"
#include "tests/lib/http_fixture.h"

static int set_up(void **state)
{
    static const struct http_server_opts opts = {
        .header_timeout_ms = 200,
        .body_timeout_ms = 200,
        .idle_timeout_ms = 200,
        .max_body_bytes = 1000,
    };
    *state = http_fixture_new(&opts);
    return 0;
}

static int tear_down(void **state)
{
    http_fixture_free(*state);
    return 0;
}

/* Send, receive until the server closes, and compare parts of the answer. */
static void exchange(struct http_fixture *f, struct str request, const char *const *parts)
{
    struct http_raw raw;
    http_raw_open(f, f->port, &raw);
    http_raw_send(&raw, request);
    http_raw_wait_eof(&raw);
    for (; *parts != NULL; parts++) {
        if (strstr(raw.got.p, *parts) == NULL) {
            fail_msg("'%s' is not in the answer: '%s'", *parts, raw.got.p);
        }
    }
    http_raw_close(&raw);
}

#define PARTS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void answers_and_closes_as_asked(void **state)
{
    exchange(*state, STR("GET /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"),
             PARTS("HTTP/1.1 200 OK\r\nDate: ", "Content-Length: 9\r\n", "Connection: close\r\n",
                   "\r\n\r\nGET /x 0\n"));
    exchange(*state, STR("GET /x HTTP/1.0\r\n\r\n"),
             PARTS("HTTP/1.1 200 OK\r\n", "Connection: close\r\n", "GET /x 0\n"));
}

static void keeps_connections_alive_until_they_idle(void **state)
{
    struct http_fixture *f = *state;
    struct http_raw raw;
    http_raw_open(f, f->port, &raw);
    for (int i = 0; i < 3; i++) {
        http_raw_send(&raw, STR("\r\nPUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"));
        http_raw_wait(&raw, "PUT /a 3\n");
        assert_null(strstr(raw.got.p, "Connection: close"));
        buf_reset(&raw.got);
    }
    int64_t began = loop_now_ms(f->loop);
    http_raw_wait_eof(&raw);
    assert_true(loop_now_ms(f->loop) - began >= 190);
    assert_int_equal(raw.got.n, 0);
    http_raw_close(&raw);
}

static void keep_alive_of_1_0_is_confirmed(void **state)
{
    struct http_fixture *f = *state;
    struct http_raw raw;
    http_raw_open(f, f->port, &raw);
    http_raw_send(&raw, STR("GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
    http_raw_wait(&raw, "GET /x 0\n");
    assert_non_null(strstr(raw.got.p, "Connection: keep-alive\r\n"));
    http_raw_close(&raw);
}

static void answers_pipelined_requests_in_order(void **state)
{
    struct http_fixture *f = *state;
    enum { N = 100 };
    struct http_raw raw;
    AUTO(buf) struct buf text;
    buf_init(&text, 100000);
    for (int i = 0; i < N; i++) {
        buf_printf(&text, "POST /%d HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n%s\r\nhello", i,
                   i == N - 1 ? "Connection: close\r\n" : "");
    }
    http_raw_open(f, f->port, &raw);
    http_raw_send(&raw, buf_str(&text));
    http_raw_wait_eof(&raw);
    const char *at = raw.got.p;
    for (int i = 0; i < N; i++) {
        char want[32];
        (void)snprintf(want, sizeof(want), "\r\n\r\nPOST /%d 5\n", i);
        at = strstr(at, want);
        assert_non_null(at);
    }
    http_raw_close(&raw);
}

static void a_held_request_holds_pipelined_ones_back(void **state)
{
    struct http_fixture *f = *state;
    struct http_raw raw;
    f->handler = http_fixture_hold;
    http_raw_open(f, f->port, &raw);
    for (int i = 0; i < 3000; i++) {
        http_raw_send(
            &raw, STR("GET /x HTTP/1.1\r\nHost: h\r\nX: aaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n\r\n"));
    }
    struct http_request *req = http_fixture_held(f);
    http_fixture_run(f, 50);
    assert_int_equal(f->n_requests, 1);
    f->handler = http_fixture_describe;
    http_fixture_reply(req, 200, STR("first\n"));
    http_raw_wait(&raw, "first\n");
    http_raw_send(&raw, STR("GET /last HTTP/1.1\r\nHost: h\r\n\r\n"));
    http_raw_wait(&raw, "GET /last 0\n");
    assert_int_equal(f->n_requests, 3001);
    http_raw_close(&raw);
}

static void reads_chunked_bodies(void **state)
{
    struct http_fixture *f = *state;
    f->handler = http_fixture_echo;
    exchange(
        f,
        STR("POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
            "5\r\nhello\r\n6;x\r\n world\r\n0\r\n\r\n"),
        PARTS("Content-Length: 11\r\n", "\r\n\r\nhello world"));
}

static void says_continue_when_expected(void **state)
{
    struct http_fixture *f = *state;
    struct http_raw raw;
    http_raw_open(f, f->port, &raw);
    http_raw_send(&raw, STR("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n"
                            "Expect: 100-continue\r\n\r\n"));
    http_raw_wait(&raw, "HTTP/1.1 100 Continue\r\n\r\n");
    http_raw_send(&raw, STR("abc"));
    http_raw_wait(&raw, "PUT / 3\n");
    http_raw_close(&raw);
}

static void refuses_with_the_right_status(void **state)
{
    static const struct {
        const char *request;
        const char *want;
    } rows[] = {
        {"GET /\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n"},
        {"GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400 "},
        {"GET / HTTP/3.0\r\nHost: h\r\n\r\n", "HTTP/1.1 505 "},
        {"GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n", "HTTP/1.1 501 "},
        {"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n", "HTTP/1.1 413 "},
        {"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 9999999999999999999\r\n\r\n", "HTTP/1.1 4"},
        {"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "HTTP/1.1 400 "},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        exchange(*state, str_from(rows[i].request), PARTS(rows[i].want, "Connection: close\r\n"));
    }
    assert_int_equal(((struct http_fixture *)*state)->n_requests, 0);
}

static void limits_bodies_at_n_and_n_plus_1(void **state)
{
    struct http_fixture *f = *state;
    AUTO(buf) struct buf text;
    buf_init(&text, 100000);
    for (int more = 0; more < 2; more++) {
        buf_reset(&text);
        buf_printf(&text,
                   "PUT / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: %d\r\n\r\n",
                   1000 + more);
        buf_put_fill(&text, 'x', 1000 + (size_t)more);
        exchange(f, buf_str(&text), PARTS(more == 0 ? "PUT / 1000\n" : "HTTP/1.1 413 "));
        buf_reset(&text);
        buf_printf(&text,
                   "PUT / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
                   "Transfer-Encoding: chunked\r\n\r\n%x\r\n",
                   1000 + more);
        buf_put_fill(&text, 'x', 1000 + (size_t)more);
        buf_put_c(&text, "\r\n0\r\n\r\n");
        exchange(f, buf_str(&text), PARTS(more == 0 ? "PUT / 1000\n" : "HTTP/1.1 413 "));
    }
}

static void limits_heads(void **state)
{
    AUTO(buf) struct buf text;
    buf_init(&text, 2 * LIMIT_HTTP_HEADER_BYTES);
    buf_put_c(&text, "GET / HTTP/1.1\r\nHost: h\r\nX: ");
    buf_put_fill(&text, 'x', LIMIT_HTTP_HEADER_BYTES);
    exchange(*state, buf_str(&text), PARTS("HTTP/1.1 431 "));
    buf_reset(&text);
    buf_put_c(&text, "GET /");
    buf_put_fill(&text, 'x', LIMIT_HTTP_HEADER_BYTES);
    exchange(*state, buf_str(&text), PARTS("HTTP/1.1 414 "));
}

/* The answer must arrive although the client is still sending. */
static void an_early_refusal_reaches_a_sending_client(void **state)
{
    struct http_fixture *f = *state;
    struct http_raw raw;
    static const char block[64 * 1024];
    http_raw_open(f, f->port, &raw);
    http_raw_send(&raw, STR("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 9000000\r\n\r\n"));
    for (int i = 0; i < 50; i++) {
        http_raw_send(&raw, str_of(block, sizeof(block)));
    }
    http_raw_wait(&raw, "HTTP/1.1 413 ");
    http_raw_close(&raw);
}

static void slow_senders_are_cut_off(void **state)
{
    static const char *const starts[] = {
        "GET / HTTP/1.1\r\nHos",
        "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nabc",
    };
    struct http_fixture *f = *state;
    for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
        struct http_raw raw;
        http_raw_open(f, f->port, &raw);
        int64_t began = loop_now_ms(f->loop);
        http_raw_send(&raw, str_from(starts[i]));
        for (int n = 0; n < 6; n++) {
            http_fixture_run(f, 40);
            http_raw_send(&raw, STR("x")); /* a byte now and then does not help */
        }
        http_raw_wait(&raw, "HTTP/1.1 408 ");
        assert_true(loop_now_ms(f->loop) - began < 5000);
        http_raw_wait_eof(&raw);
        http_raw_close(&raw);
    }
    assert_int_equal(f->n_requests, 0);
}

static void silent_connections_are_closed(void **state)
{
    struct http_fixture *f = *state;
    struct http_raw raw;
    http_raw_open(f, f->port, &raw);
    http_raw_wait_eof(&raw);
    assert_int_equal(raw.got.n, 0);
    http_raw_close(&raw);
}

static void set_flag(void *data)
{
    *(bool *)data = true;
}

static bool is_set(void *data)
{
    return *(bool *)data;
}

static void a_vanished_client_is_noticed_and_the_answer_dropped(void **state)
{
    struct http_fixture *f = *state;
    struct http_raw raw;
    bool gone = false;
    f->handler = http_fixture_hold;
    http_raw_open(f, f->port, &raw);
    http_raw_send(&raw, STR("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
    struct http_request *req = http_fixture_held(f);
    http_request_on_gone(req, set_flag, &gone);
    http_raw_close(&raw);
    http_fixture_wait(f, is_set, &gone);
    http_fixture_reply(req, 200, STR("nobody listens"));
}

static void streams_are_chunked_or_end_with_the_connection(void **state)
{
    struct http_fixture *f = *state;
    static const struct {
        const char *version;
        const char *want;
    } rows[] = {{"1.1", "\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"}, {"1.0", "\r\n\r\nonetwo"}};
    f->handler = http_fixture_hold;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct err err;
        struct http_raw raw;
        char text[64];
        (void)snprintf(text, sizeof(text), "GET / HTTP/%s\r\nHost: h\r\n\r\n", rows[i].version);
        http_raw_open(f, f->port, &raw);
        http_raw_send(&raw, str_from(text));
        struct http_request *req = http_fixture_held(f);
        struct http_stream_opts opts = {.status = 200, .content_type = "text/event-stream"};
        http_request_stream(req, &opts);
        ASSERT_OK(http_request_write(req, STR("one"), &err));
        http_raw_wait(&raw, "one");
        ASSERT_OK(http_request_write(req, STR("two"), &err));
        http_request_end(req);
        http_raw_wait(&raw, rows[i].want);
        http_raw_close(&raw);
    }
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(answers_and_closes_as_asked),
        CASE(keeps_connections_alive_until_they_idle),
        CASE(keep_alive_of_1_0_is_confirmed),
        CASE(answers_pipelined_requests_in_order),
        CASE(a_held_request_holds_pipelined_ones_back),
        CASE(reads_chunked_bodies),
        CASE(says_continue_when_expected),
        CASE(refuses_with_the_right_status),
        CASE(limits_bodies_at_n_and_n_plus_1),
        CASE(limits_heads),
        CASE(an_early_refusal_reaches_a_sending_client),
        CASE(slow_senders_are_cut_off),
        CASE(silent_connections_are_closed),
        CASE(a_vanished_client_is_noticed_and_the_answer_dropped),
        CASE(streams_are_chunked_or_end_with_the_connection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
