/* HTTP/2: streams beside each other, flow control, limits, refusals, going away. */
#include "common/base/mem.h"
#include "common/net/http_server_internal.h"
#include "tests/lib/check.h"
#include "tests/lib/http_fixture.h"

enum { MAX_BODY = 3 * 1024 * 1024, MAX_STREAMS = 10 };

static int set_up(void **state)
{
    static const struct http_server_opts opts = {
        .max_body_bytes = MAX_BODY,
        .max_streams = MAX_STREAMS,
        .write_timeout_ms = 400,
        .idle_timeout_ms = 400,
    };
    *state = http_fixture_new(&opts);
    return 0;
}

static int tear_down(void **state)
{
    http_fixture_free(*state);
    return 0;
}

static void
call(struct http_fixture *f, const struct http_call_opts *opts, struct http_result *result)
{
    http_fixture_call(f, HTTP_FIXTURE_TLS, "/", opts, result);
}

static void bodies_come_back_whole(void **state)
{
    struct http_fixture *f = *state;
    f->handler = http_fixture_echo;
    char *bytes = mem_alloc(MAX_BODY);
    for (size_t i = 0; i < MAX_BODY; i++) {
        bytes[i] = (char)(i * 31 + i / 777);
    }
    static const size_t sizes[] = {1, 16384, 16385, 65536, MAX_BODY};
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        struct http_result result = {0};
        struct http_call_opts opts = {.method = "PUT", .body = str_of(bytes, sizes[i])};
        call(f, &opts, &result);
        assert_true(result.ok && result.http2);
        assert_true(str_eq(buf_str(&result.body), opts.body));
        http_result_free(&result);
    }
    mem_free(bytes);
}

static void bodies_over_the_limit_are_refused(void **state)
{
    struct http_fixture *f = *state;
    char *bytes = mem_zalloc(MAX_BODY + 1);
    struct http_result result = {0};
    struct http_call_opts opts = {.method = "PUT", .body = str_of(bytes, MAX_BODY + 1)};
    call(f, &opts, &result);
    assert_true(result.ok);
    assert_int_equal(result.status, 413);
    assert_int_equal(f->n_requests, 0);
    http_result_free(&result);
    mem_free(bytes);
}

static void heads_over_the_limit_are_refused(void **state)
{
    struct http_fixture *f = *state;
    static char value[20 * 1024];
    memset(value, 'x', sizeof(value));
    struct http_header header = {STR("X-Long"), str_of(value, sizeof(value))};
    const struct http_header headers[] = {header, header};
    struct http_result result = {0};
    struct http_call_opts opts = {.headers = {headers, 1}};
    call(f, &opts, &result);
    assert_int_equal(result.status, 200);
    http_result_free(&result);
    opts.headers.n = 2;
    call(f, &opts, &result);
    assert_true(!result.ok || result.status == 431);
    assert_int_equal(f->n_requests, 1);
    http_result_free(&result);
}

enum { N_CALLS = 40 };

static bool all_done(void *data)
{
    const struct http_result *results = data;
    for (size_t i = 0; i < N_CALLS; i++) {
        if (results[i].n_done == 0) {
            return false;
        }
    }
    return true;
}

static void more_calls_than_streams_all_get_through(void **state)
{
    struct http_fixture *f = *state;
    struct http_result results[N_CALLS] = {0};
    for (size_t i = 0; i < N_CALLS; i++) {
        http_fixture_start(f, HTTP_FIXTURE_TLS, "/", NULL, &results[i]);
    }
    http_fixture_wait(f, all_done, results);
    for (size_t i = 0; i < N_CALLS; i++) {
        assert_true(results[i].ok);
        http_result_free(&results[i]);
    }
    assert_int_equal(f->n_requests, N_CALLS);
}

/* Frames by hand: a SETTINGS frame that opens stream windows of 5 bytes, and a GET of "/". */
static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
                              "\x00\x00\x06\x04\x00\x00\x00\x00\x00"
                              "\x00\x04\x00\x00\x00\x05";
static const char get_1[] = "\x00\x00\x06\x01\x05\x00\x00\x00\x01\x82\x86\x84\x41\x01h";
static const char get_3[] = "\x00\x00\x06\x01\x05\x00\x00\x00\x03\x82\x86\x84\x41\x01h";

enum frame_type { FRAME_DATA = 0, FRAME_HEADERS = 1, FRAME_RST_STREAM = 3 };

struct awaited {
    struct http_raw *raw;
    enum frame_type type;
    unsigned char stream_id;
};

static bool frame_came(void *data)
{
    struct awaited *awaited = data;
    http_raw_poll(awaited->raw);
    struct str rest = buf_str(&awaited->raw->got);
    while (rest.n >= 9) {
        const unsigned char *p = (const unsigned char *)rest.p;
        if (p[3] == awaited->type && p[8] == awaited->stream_id) {
            return true;
        }
        size_t n = (size_t)p[0] << 16 | (size_t)p[1] << 8 | p[2];
        rest = str_sub(rest, 9 + n, rest.n);
    }
    return false;
}

static void await_frame(struct http_raw *raw, enum frame_type type, unsigned char stream_id)
{
    struct awaited awaited = {raw, type, stream_id};
    http_fixture_wait(raw->f, frame_came, &awaited);
}

/* The peer does not open the window of its stream: others go on, it is given up in the end. */
static void a_stream_nobody_reads_is_given_up(void **state)
{
    struct http_fixture *f = *state;
    struct http_server_stats stats;
    struct http_raw raw;
    http_raw_open(f, f->port, &raw);
    http_raw_send(&raw, str_of(preface, sizeof(preface) - 1));
    http_raw_send(&raw, str_of(get_1, sizeof(get_1) - 1));
    await_frame(&raw, FRAME_DATA, 1);
    http_raw_send(&raw, str_of(get_3, sizeof(get_3) - 1));
    await_frame(&raw, FRAME_DATA, 3);
    await_frame(&raw, FRAME_RST_STREAM, 1);
    await_frame(&raw, FRAME_RST_STREAM, 3);
    http_server_stats(f->server, &stats);
    assert_int_equal(stats.connections, 1);
    assert_int_equal(stats.requests, 0);
    http_raw_close(&raw);
}

static void idle_connections_say_goodbye(void **state)
{
    struct http_fixture *f = *state;
    struct http_server_stats stats;
    struct http_result result = {0};
    call(f, NULL, &result);
    http_result_free(&result);
    int64_t began = loop_now_ms(f->loop);
    do {
        http_fixture_run(f, 20);
        http_server_stats(f->server, &stats);
    } while (stats.connections > 0);
    assert_true(loop_now_ms(f->loop) - began >= 380);
    call(f, NULL, &result); /* over a new one */
    assert_true(result.ok);
    http_result_free(&result);
}

static void running_requests_keep_a_connection(void **state)
{
    struct http_fixture *f = *state;
    struct http_result result = {0};
    f->handler = http_fixture_hold;
    http_fixture_start(f, HTTP_FIXTURE_TLS, "/", NULL, &result);
    struct http_request *req = http_fixture_held(f);
    http_fixture_run(f, 600);
    assert_int_equal(result.n_done, 0);
    http_fixture_reply(req, 200, STR("slow"));
    http_fixture_wait(f, http_result_is_done, &result);
    ASSERT_STR(buf_str(&result.body), "slow");
    http_result_free(&result);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(bodies_come_back_whole),
        CASE(bodies_over_the_limit_are_refused),
        CASE(heads_over_the_limit_are_refused),
        CASE(more_calls_than_streams_all_get_through),
        CASE(a_stream_nobody_reads_is_given_up),
        CASE(idle_connections_say_goodbye),
        CASE(running_requests_keep_a_connection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
