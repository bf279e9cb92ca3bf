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

static void set_flag(void *data)
{
    *(bool *)data = true;
}

static void pause_at_head(const struct http_response *response, void *data)
{
    struct http_result *result = data;
    http_result_head(response, data);
    http_call_pause(result->call);
}

/* The window of a stream that is not read closes; others go on, it is given up in the end. */
static void a_stream_nobody_reads_is_given_up(void **state)
{
    enum { PIECE = 512 * 1024 };
    struct http_fixture *f = *state;
    bool gone = false;
    struct err err;
    struct http_result result = {0};
    struct http_call_opts opts = {.on_head = pause_at_head, .on_data = http_result_data};
    struct http_stream_opts stream = {.status = 200};
    char *bytes = mem_zalloc(PIECE);
    f->handler = http_fixture_hold;
    http_fixture_start(f, HTTP_FIXTURE_TLS, "/", &opts, &result);
    struct http_request *req = http_fixture_held(f);
    http_request_on_gone(req, set_flag, &gone);
    http_request_stream(req, &stream);
    f->handler = http_fixture_describe;
    while (!gone) {
        int rc = http_request_write(req, str_of(bytes, PIECE), &err);
        assert_true(rc == 0 || rc == -ERR_LIMIT || rc == -ERR_CANCELED);
        http_fixture_run(f, 5);
    }
    http_request_end(req);
    struct http_result other = {0};
    call(f, NULL, &other);
    assert_true(other.ok);
    http_result_free(&other);
    http_call_cancel(result.call);
    http_fixture_wait(f, http_result_is_done, &result);
    http_result_free(&result);
    mem_free(bytes);
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
