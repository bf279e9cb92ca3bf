/* Listeners, connection limits, and stopping in order. */
#include "common/net/http_server.h"
#include "common/net/http_server_internal.h"
#include "tests/lib/check.h"
#include "tests/lib/http_fixture.h"

static int set_up(void **state)
{
    static const struct http_server_opts opts = {.max_connections = 3};
    *state = http_fixture_new(&opts);
    return 0;
}

static int tear_down(void **state)
{
    http_fixture_free(*state);
    return 0;
}

static void set_flag(void *data)
{
    *(bool *)data = true;
}

static bool is_set(void *data)
{
    return *(bool *)data;
}

static void listening_fails_with_a_reason(void **state)
{
    struct http_fixture *f = *state;
    struct err err;
    uint16_t port;
    const struct http_listen_opts taken = {.host = "127.0.0.1", .port = f->port};
    ASSERT_ERR(http_server_listen(f->server, &taken, &port, &err), ERR_UNAVAILABLE,
               "127.0.0.1 port");
    const struct http_listen_opts name = {.host = "localhost"};
    ASSERT_ERR(http_server_listen(f->server, &name, &port, &err), ERR_INVALID, "IP address");
    const struct http_listen_opts foreign = {.host = "192.0.2.1"};
    ASSERT_ERR(http_server_listen(f->server, &foreign, &port, &err), ERR_INVALID, "192.0.2.1");
}

static void listens_on_every_address(void **state)
{
    struct http_fixture *f = *state;
    struct err err;
    uint16_t port;
    char url[64];
    ASSERT_OK(http_server_listen(f->server, &(struct http_listen_opts){.port = 0}, &port, &err));
    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/x", port);
    struct http_result result = {0};
    struct http_call_opts opts = {.url = str_from(url)};
    http_fixture_call(f, HTTP_FIXTURE_PLAIN, "", &opts, &result);
    ASSERT_STR(buf_str(&result.body), "GET /x 0\n");
    http_result_free(&result);
}

static void connections_over_the_limit_are_closed(void **state)
{
    struct http_fixture *f = *state;
    struct http_server_stats stats;
    struct http_raw raws[4];
    for (size_t i = 0; i < ARRAY_LEN(raws); i++) {
        http_raw_open(f, f->port, &raws[i]);
        http_fixture_run(f, 20);
    }
    http_raw_wait_eof(&raws[3]);
    http_raw_send(&raws[2], STR("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
    http_raw_wait(&raws[2], "GET / 0\n");
    http_server_stats(f->server, &stats);
    assert_int_equal(stats.connections, 3);
    assert_int_equal(stats.refused_total, 1);
    for (size_t i = 0; i < ARRAY_LEN(raws); i++) {
        http_raw_close(&raws[i]);
    }
}

static void a_date_is_as_http_writes_it(void **state)
{
    struct http_fixture *f = *state;
    const char *date = http_server_date(f->server); /* Sun, 06 Nov 1994 08:49:37 GMT */
    assert_int_equal(strlen(date), 29);
    static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    bool known = false;
    for (size_t i = 0; i < ARRAY_LEN(days); i++) {
        known = known || strncmp(date, days[i], 3) == 0;
    }
    assert_true(known);
    assert_int_equal(date[3], ',');
    assert_string_equal(date + 25, " GMT");
}

static void stop(struct http_fixture *f, int64_t drain_ms, bool *stopped)
{
    http_server_stop(f->server, drain_ms, set_flag, stopped);
    f->server = NULL;
    f->server_stopped = true;
    assert_false(*stopped);
}

static void stopping_finishes_what_runs(void **state)
{
    struct http_fixture *f = *state;
    bool stopped = false;
    struct http_result results[2] = {0};
    struct http_request *requests[2];
    struct http_raw idle;
    f->handler = http_fixture_hold;
    http_raw_open(f, f->port, &idle);
    for (size_t i = 0; i < 2; i++) {
        http_fixture_start(f, i == 0 ? HTTP_FIXTURE_PLAIN : HTTP_FIXTURE_TLS, "/", NULL,
                           &results[i]);
        requests[i] = http_fixture_held(f);
    }
    stop(f, 10 * 1000, &stopped);
    http_raw_wait_eof(&idle);
    http_fixture_run(f, 50);
    assert_false(stopped);
    for (size_t i = 0; i < 2; i++) {
        http_fixture_reply(requests[i], 200, STR("finished"));
        http_fixture_wait(f, http_result_is_done, &results[i]);
        assert_true(results[i].ok);
        ASSERT_STR(buf_str(&results[i].body), "finished");
        http_result_free(&results[i]);
    }
    http_fixture_wait(f, is_set, &stopped);
    http_raw_close(&idle);
}

struct stream {
    struct http_request *req;
    bool ended;
};

static void end_stream(void *data)
{
    struct stream *stream = data;
    stream->ended = true;
    http_request_end(stream->req);
}

static void stopping_tells_streams_to_end(void **state)
{
    struct http_fixture *f = *state;
    bool stopped = false;
    struct http_result results[2] = {0};
    struct stream streams[2] = {0};
    f->handler = http_fixture_hold;
    for (size_t i = 0; i < 2; i++) {
        struct err err;
        struct http_call_opts opts = {.on_data = http_result_data};
        struct http_stream_opts stream = {.status = 200};
        http_fixture_start(f, i == 0 ? HTTP_FIXTURE_PLAIN : HTTP_FIXTURE_TLS, "/", &opts,
                           &results[i]);
        streams[i].req = http_fixture_held(f);
        http_request_on_gone(streams[i].req, end_stream, &streams[i]);
        http_request_stream(streams[i].req, &stream);
        ASSERT_OK(http_request_write(streams[i].req, STR("last words"), &err));
    }
    stop(f, 10 * 1000, &stopped);
    http_fixture_wait(f, is_set, &stopped);
    for (size_t i = 0; i < 2; i++) {
        http_fixture_wait(f, http_result_is_done, &results[i]);
        assert_true(streams[i].ended);
        assert_true(results[i].ok);
        ASSERT_STR(buf_str(&results[i].body), "last words");
        http_result_free(&results[i]);
    }
}

static void what_does_not_finish_is_cut_but_waited_for(void **state)
{
    struct http_fixture *f = *state;
    bool stopped = false;
    bool gone = false;
    struct http_result result = {0};
    f->handler = http_fixture_hold;
    http_fixture_start(f, HTTP_FIXTURE_TLS, "/", NULL, &result);
    struct http_request *req = http_fixture_held(f);
    http_request_on_gone(req, set_flag, &gone);
    stop(f, 100, &stopped);
    http_fixture_wait(f, http_result_is_done, &result);
    assert_false(result.ok);
    http_fixture_wait(f, is_set, &gone);
    http_fixture_run(f, 50);
    assert_false(stopped); /* the handler still holds a request */
    http_fixture_reply(req, 200, STR("x"));
    http_fixture_wait(f, is_set, &stopped);
    http_result_free(&result);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(listening_fails_with_a_reason),
        CASE(listens_on_every_address),
        CASE(connections_over_the_limit_are_closed),
        CASE(a_date_is_as_http_writes_it),
        CASE(stopping_finishes_what_runs),
        CASE(stopping_tells_streams_to_end),
        CASE(what_does_not_finish_is_cut_but_waited_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
