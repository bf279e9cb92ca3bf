/* Connections: telling TLS, HTTP/1.1 and HTTP/2 apart, handshakes that fail or stall, slow readers. */
#include "common/base/mem.h"
#include "common/net/http_server_internal.h"
#include "tests/lib/check.h"
#include "tests/lib/http_fixture.h"

enum { WRITE_TIMEOUT_MS = 1500 }; /* a busy machine may stop the test for a while */

static int set_up(void **state)
{
    static const struct http_server_opts opts = {.header_timeout_ms = 300,
                                                 .write_timeout_ms = WRITE_TIMEOUT_MS};
    *state = http_fixture_new(&opts);
    return 0;
}

static int tear_down(void **state)
{
    http_fixture_free(*state);
    return 0;
}

static void say_tls(struct http_request *req, void *data UNUSED)
{
    http_fixture_reply(req, 200, http_request_is_tls(req) ? STR("tls") : STR("plain"));
}

static void plain_clients_are_served_beside_tls(void **state)
{
    struct http_fixture *f = *state;
    struct http_raw raw;
    struct http_result result = {0};
    f->handler = say_tls;
    http_raw_open(f, f->tls_port, &raw);
    http_raw_send(&raw, STR("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
    http_raw_wait(&raw, "plain");
    http_raw_close(&raw);
    http_fixture_call(f, HTTP_FIXTURE_TLS, "/", NULL, &result);
    ASSERT_STR(buf_str(&result.body), "tls");
    http_result_free(&result);
}

static void plain_clients_of_a_tls_only_port_are_closed(void **state)
{
    struct http_fixture *f = *state;
    struct err err;
    uint16_t port;
    struct http_raw raw;
    const struct http_listen_opts opts = {.host = "127.0.0.1", .tls = f->tls};
    ASSERT_OK(http_server_listen(f->server, &opts, &port, &err));
    http_raw_open(f, port, &raw);
    http_raw_send(&raw, STR("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
    http_raw_wait_eof(&raw);
    assert_null(strstr(raw.got.p, "200"));
    http_raw_close(&raw);
    assert_int_equal(f->n_requests, 0);
}

static void garbage_after_a_tls_byte_is_closed(void **state)
{
    struct http_fixture *f = *state;
    struct http_raw raw;
    http_raw_open(f, f->tls_port, &raw);
    http_raw_send(&raw, STR("\x16\x03\x01 this is no handshake at all"));
    http_raw_wait_eof(&raw);
    http_raw_close(&raw);
}

static void stalled_handshakes_are_closed(void **state)
{
    struct http_fixture *f = *state;
    struct http_raw raw;
    int64_t began = loop_now_ms(f->loop);
    http_raw_open(f, f->tls_port, &raw);
    http_raw_send(&raw, STR("\x16\x03\x01\x02\x00\x01"));
    http_raw_wait_eof(&raw);
    assert_true(loop_now_ms(f->loop) - began >= 290);
    http_raw_close(&raw);
}

static bool has_a_frame(void *data)
{
    struct http_raw *raw = data;
    http_raw_poll(raw);
    return raw->got.n >= 9;
}

/* The preface may come in pieces, and looks like a request line until its end. */
static void http2_is_told_by_its_preface(void **state)
{
    static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    static const char settings[] = {0, 0, 0, 4, 0, 0, 0, 0, 0};
    struct http_fixture *f = *state;
    struct http_raw raw;
    http_raw_open(f, f->port, &raw);
    for (size_t i = 0; i + 1 < sizeof(preface); i++) {
        http_raw_send(&raw, str_of(preface + i, 1));
        if (i % 6 == 0) {
            http_fixture_run(f, 2);
        }
    }
    http_raw_send(&raw, str_of(settings, sizeof(settings)));
    http_fixture_wait(f, has_a_frame, &raw);
    assert_int_equal(raw.got.p[3], 4); /* a SETTINGS frame */
    http_raw_close(&raw);
}

static void broken_http2_is_closed(void **state)
{
    struct http_fixture *f = *state;
    struct http_raw raw;
    http_raw_open(f, f->port, &raw);
    http_raw_send(&raw,
                  STR("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nnot a frame, but long enough to be one"));
    http_raw_wait_eof(&raw);
    http_raw_close(&raw);
}

enum { HUGE_BYTES = 32 * 1024 * 1024 };

static void reply_huge(struct http_request *req, void *data)
{
    struct http_fixture *f = data;
    char *p = f->data;
    http_fixture_reply(req, 200, str_of(p, HUGE_BYTES));
}

static void no_reader_no_connection(void **state)
{
    struct http_fixture *f = *state;
    struct http_server_stats stats;
    struct http_raw raw;
    char *bytes = mem_zalloc(HUGE_BYTES);
    f->data = bytes;
    f->handler = reply_huge;
    http_raw_open(f, f->port, &raw);
    http_raw_send(&raw, STR("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
    do {
        http_fixture_run(f, 50);
        http_server_stats(f->server, &stats);
    } while (f->n_requests == 0 || stats.connections > 0);
    http_raw_wait_eof(&raw);
    assert_true(raw.got.n < HUGE_BYTES);
    http_raw_close(&raw);
    mem_free(bytes);
}

/* Whoever takes some now and then gets all of it, though it takes longer than the time limit. */
static void slow_readers_get_everything(void **state)
{
    struct http_fixture *f = *state;
    struct http_raw raw;
    char *bytes = mem_zalloc(HUGE_BYTES);
    f->data = bytes;
    f->handler = reply_huge;
    http_raw_open(f, f->port, &raw);
    http_raw_send(&raw, STR("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
    while (!raw.eof) {
        http_fixture_run(f, WRITE_TIMEOUT_MS / 3);
        http_raw_poll(&raw);
    }
    assert_true(raw.got.n > HUGE_BYTES);
    http_raw_close(&raw);
    mem_free(bytes);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(plain_clients_are_served_beside_tls),
        CASE(plain_clients_of_a_tls_only_port_are_closed),
        CASE(garbage_after_a_tls_byte_is_closed),
        CASE(stalled_handshakes_are_closed),
        CASE(http2_is_told_by_its_preface),
        CASE(broken_http2_is_closed),
        CASE(no_reader_no_connection),
        CASE(slow_readers_get_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
