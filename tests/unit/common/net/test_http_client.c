/* The client as a whole: many calls at once, sharing of connections, limits, closing. */
#include "common/base/mem.h"
#include "common/net/http_client.h"
#include "tests/lib/check.h"
#include "tests/lib/http_fixture.h"

enum { LONG_MS = 120 * 1000 }; /* handshakes take a while when everything is busy */

static int set_up(void **state)
{
    static const struct http_server_opts opts = {.header_timeout_ms = LONG_MS};
    *state = http_fixture_new(&opts);
    return 0;
}

static int tear_down(void **state)
{
    http_fixture_free(*state);
    return 0;
}

enum { MANY = 300 };

struct many {
    struct http_result results[MANY];
};

static bool all_done(void *data)
{
    const struct many *many = data;
    for (size_t i = 0; i < MANY; i++) {
        if (many->results[i].n_done == 0) {
            return false;
        }
    }
    return true;
}

static void start_many(struct http_fixture *f, enum http_fixture_way way, struct many *many)
{
    char path[32];
    const struct http_call_opts opts = {.connect_timeout_ms = LONG_MS};
    for (size_t i = 0; i < MANY; i++) {
        (void)snprintf(path, sizeof(path), "/%zu", i);
        http_fixture_start(f, way, path, &opts, &many->results[i]);
    }
    assert_int_equal(http_client_active(f->client), MANY);
}

static void free_many(struct many *many)
{
    for (size_t i = 0; i < MANY; i++) {
        assert_int_equal(many->results[i].n_done, 1);
        http_result_free(&many->results[i]);
    }
    mem_free(many);
}

static void hundreds_of_calls_share_few_connections(void **state)
{
    struct http_fixture *f = *state;
    struct http_server_stats stats;
    char want[32];
    for (enum http_fixture_way way = HTTP_FIXTURE_PLAIN; way <= HTTP_FIXTURE_TLS; way++) {
        struct many *many = MEM_NEW(struct many);
        start_many(f, way, many);
        http_fixture_wait(f, all_done, many);
        for (size_t i = 0; i < MANY; i++) {
            http_result_ok(&many->results[i]);
            (void)snprintf(want, sizeof(want), "GET /%zu 0\n", i);
            ASSERT_STR(buf_str(&many->results[i].body), want);
        }
        free_many(many);
    }
    http_server_stats(f->server, &stats);
    assert_int_equal(stats.requests_total, 2 * MANY);
    assert_true(stats.connections <= 2 * 128); /* to each of the two ports */
}

static bool some_done(void *data)
{
    const struct many *many = data;
    size_t n = 0;
    for (size_t i = 0; i < MANY; i++) {
        n += many->results[i].n_done;
    }
    return n == 100;
}

static void calls_at_once_are_streams_of_one_connection(void **state)
{
    struct http_fixture *f = *state;
    struct http_server_stats stats;
    struct many *many = MEM_NEW(struct many);
    for (size_t i = 0; i < 100; i++) {
        http_fixture_start(f, HTTP_FIXTURE_TLS, "/", NULL, &many->results[i]);
    }
    http_fixture_wait(f, some_done, many);
    http_server_stats(f->server, &stats);
    assert_int_equal(stats.connections, 1);
    for (size_t i = 0; i < 100; i++) {
        http_result_free(&many->results[i]);
    }
    mem_free(many);
}

static void http2_calls_reuse_one_connection(void **state)
{
    struct http_fixture *f = *state;
    struct http_server_stats stats;
    for (int i = 0; i < 20; i++) {
        struct http_result result = {0};
        http_fixture_call(f, HTTP_FIXTURE_TLS, "/", NULL, &result);
        assert_true(result.http2);
        http_result_free(&result);
    }
    http_server_stats(f->server, &stats);
    assert_int_equal(stats.connections, 1);
}

static void limits_connections_to_a_host(void **state)
{
    struct http_fixture *f = *state;
    struct http_client *own = f->client;
    struct http_client_opts opts = {.max_host_connections = 3};
    struct http_server_stats stats;
    bool closed = false;
    f->client = http_client_new(f->loop, &opts);
    struct many *many = MEM_NEW(struct many);
    start_many(f, HTTP_FIXTURE_PLAIN, many);
    http_fixture_wait(f, all_done, many);
    http_server_stats(f->server, &stats);
    assert_int_equal(stats.connections, 3);
    free_many(many);
    http_client_close(f->client, NULL, &closed);
    f->client = own;
}

/* curl does not count time for calls that wait for a free connection. */
static void deadlines_hold_for_waiting_calls(void **state)
{
    struct http_fixture *f = *state;
    struct http_client *own = f->client;
    struct http_client_opts opts = {.max_host_connections = 1};
    struct http_result first = {0};
    struct http_result second = {0};
    struct http_call_opts call = {.timeout_ms = 100};
    f->handler = http_fixture_hold;
    f->client = http_client_new(f->loop, &opts);
    http_fixture_start(f, HTTP_FIXTURE_PLAIN, "/", NULL, &first);
    http_fixture_call(f, HTTP_FIXTURE_PLAIN, "/", &call, &second);
    assert_int_equal(second.err.code, ERR_TIMEOUT);
    http_fixture_reply(f->held, 200, STR("x"));
    http_fixture_wait(f, http_result_is_done, &first);
    assert_true(first.ok);
    http_result_free(&first);
    http_result_free(&second);
    http_client_close(f->client, NULL, NULL);
    f->client = own;
}

static void set_flag(void *data)
{
    *(bool *)data = true;
}

static bool is_set(void *data)
{
    return *(bool *)data;
}

static void closing_cancels_what_runs(void **state)
{
    struct http_fixture *f = *state;
    bool closed = false;
    f->handler = http_fixture_hold;
    struct http_result results[2] = {0};
    http_fixture_start(f, HTTP_FIXTURE_PLAIN, "/", NULL, &results[0]);
    struct http_request *req = http_fixture_held(f);
    http_fixture_start(f, HTTP_FIXTURE_TLS, "/", NULL, &results[1]);
    http_client_close(f->client, set_flag, &closed);
    assert_false(closed);
    assert_int_equal(results[0].n_done + results[1].n_done, 0);
    http_fixture_wait(f, is_set, &closed);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(results[i].n_done, 1);
        assert_int_equal(results[i].err.code, ERR_CANCELED);
        http_result_free(&results[i]);
    }
    f->client = NULL;
    http_fixture_reply(req, 200, STR("too late"));
}

static void closing_an_idle_client_calls_back_later(void **state)
{
    struct http_fixture *f = *state;
    bool closed = false;
    struct http_client *client = http_client_new(f->loop, NULL);
    http_client_close(client, set_flag, &closed);
    assert_false(closed);
    http_fixture_wait(f, is_set, &closed);
}

struct chain {
    struct http_fixture *f;
    int n_left;
};

/* Each call starts the next one from its done(), the last one closes the client. */
static void
on_link_done(const struct http_response *response, const struct err *failure UNUSED, void *data)
{
    struct chain *chain = data;
    struct err err;
    char url[64];
    assert_non_null(response);
    if (--chain->n_left == 0) {
        http_client_close(chain->f->client, set_flag, &chain->f->client_closed);
        chain->f->client = NULL;
        return;
    }
    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/", chain->f->port);
    struct http_call_opts opts = {.url = str_from(url), .done = on_link_done, .data = chain};
    ASSERT_OK(http_client_start(chain->f->client, NULL, &opts, NULL, &err));
}

static bool chain_is_through(void *data)
{
    const struct chain *chain = data;
    return chain->n_left == 0 && chain->f->client_closed;
}

static void callbacks_may_start_calls_and_close_the_client(void **state)
{
    struct http_fixture *f = *state;
    struct err err;
    char url[64];
    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/", f->port);
    struct chain chain = {.f = f, .n_left = 5};
    struct http_call_opts opts = {.url = str_from(url), .done = on_link_done, .data = &chain};
    ASSERT_OK(http_client_start(f->client, NULL, &opts, NULL, &err));
    http_fixture_wait(f, chain_is_through, &chain);
    assert_int_equal(f->n_requests, 5);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(hundreds_of_calls_share_few_connections),
        CASE(calls_at_once_are_streams_of_one_connection),
        CASE(http2_calls_reuse_one_connection),
        CASE(limits_connections_to_a_host),
        CASE(deadlines_hold_for_waiting_calls),
        CASE(closing_cancels_what_runs),
        CASE(closing_an_idle_client_calls_back_later),
        CASE(callbacks_may_start_calls_and_close_the_client),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
