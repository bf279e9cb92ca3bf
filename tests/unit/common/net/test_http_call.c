/* One HTTP call against a real server: what is sent, what comes back, streaming, pause, cancel,
 * deadlines, limits, and the errors callers get. */

#include <curl/curl.h>

#include "common/base/arena.h"
#include "common/net/http_call.h"
#include "tests/lib/check.h"
#include "tests/lib/http_fixture.h"

static int set_up(void **state)
{
    *state = http_fixture_new(NULL);
    return 0;
}

static int tear_down(void **state)
{
    http_fixture_free(*state);
    return 0;
}

static const enum http_fixture_way ways[] = {HTTP_FIXTURE_PLAIN, HTTP_FIXTURE_TLS};

/* --- sending --------------------------------------------------------------------------------- */

static void sends_every_method_with_its_body(void **state)
{
    static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
    char want[128];
    for (size_t w = 0; w < ARRAY_LEN(ways); w++) {
        for (size_t i = 0; i < ARRAY_LEN(methods); i++) {
            struct http_result result = {0};
            bool body = i > 0;
            struct http_call_opts opts = {.method = methods[i],
                                          .body = body ? STR("12345") : str_of(NULL, 0)};
            http_fixture_call(*state, ways[w], "/a%2Fb/../c?x=%20", &opts, &result);
            assert_true(result.ok);
            assert_int_equal(result.http2, ways[w] == HTTP_FIXTURE_TLS);
            (void)snprintf(want, sizeof(want), "%s /a%%2Fb/../c?x=%%20 %d\n", methods[i],
                           body ? 5 : 0);
            ASSERT_STR(buf_str(&result.body), want);
            http_result_free(&result);
        }
    }
}

static void list_headers(struct http_request *req, void *data UNUSED)
{
    struct arena *arena = http_request_arena(req);
    struct str text = STR_EMPTY;
    static const char *const names[] = {"authorization", "content-type", "x-custom",
                                        "x-empty",       "user-agent",   "host"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct str value = http_request_header(req, str_from(names[i]));
        if (value.p != NULL) {
            text = arena_printf(arena, STR_FMT "%s=" STR_FMT "\n", STR_ARG(text), names[i],
                                STR_ARG(value));
        }
    }
    http_fixture_reply(req, 200, text);
}

static void sends_headers_and_no_content_type_of_its_own(void **state)
{
    struct http_fixture *f = *state;
    f->handler = list_headers;
    struct http_result result = {0};
    struct http_call_opts opts = {
        .method = "POST",
        .body = STR("x"),
        .headers = HTTP_HEADERS({STR("X-Custom"), STR("a: b; c")}, {STR("X-Empty"), STR("")}),
    };
    http_fixture_call(f, HTTP_FIXTURE_PLAIN, "/", &opts, &result);
    char want[256];
    (void)snprintf(want, sizeof(want), "x-custom=a: b; c\nx-empty=\nuser-agent=belay/");
    assert_true(str_starts_with(buf_str(&result.body), str_from(want)));
    http_result_free(&result);
}

static void refuses_headers_that_would_inject_others(void **state)
{
    struct http_fixture *f = *state;
    struct err err;
    struct http_result result = {0};
    static const struct http_header bad[] = {
        {{"X", 1}, {"a\r\nY: b", 7}}, {{"X Y", 3}, {"a", 1}}, {{"", 0}, {"a", 1}}};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct http_call_opts opts = {.url = STR("http://127.0.0.1/"),
                                      .headers = {&bad[i], 1},
                                      .done = http_result_done,
                                      .data = &result};
        ASSERT_ERR(http_client_start(f->client, NULL, &opts, NULL, &err), ERR_INVALID,
                   "invalid HTTP header");
    }
    struct http_call_opts method = {
        .url = STR("http://h/"), .method = "GET /x", .done = http_result_done, .data = &result};
    ASSERT_ERR(http_client_start(f->client, NULL, &method, NULL, &err), ERR_INVALID, "method");
    struct http_call_opts scheme = {
        .url = STR("file:///etc/passwd"), .done = http_result_done, .data = &result};
    ASSERT_ERR(http_client_start(f->client, NULL, &scheme, NULL, &err), ERR_INVALID, "file");
    assert_int_equal(result.n_done, 0);
    assert_int_equal(http_client_active(f->client), 0);
}

/* --- credentials and TLS --------------------------------------------------------------------- */

/* A call with another target than the fixture's. */
static void call_with(struct http_fixture *f,
                      const struct http_target_opts *opts,
                      enum http_fixture_way way,
                      struct http_result *result)
{
    struct err err;
    struct http_target *own = f->target;
    ASSERT_OK(http_target_new(opts, &f->target, &err));
    http_fixture_call(f, way, "/", NULL, result);
    http_target_unref(f->target);
    f->target = own;
}

static int counting_token(void *data, struct buf *dst, struct err *err)
{
    int *n = data;
    if (*n == 2) {
        return err_set(err, ERR_UNAVAILABLE, "no token");
    }
    buf_printf(dst, "token-%d", ++*n);
    return 0;
}

static void sends_credentials(void **state)
{
    struct http_fixture *f = *state;
    f->handler = list_headers;
    int n_tokens = 0;
    const struct {
        struct http_target_opts opts;
        const char *want;
    } rows[] = {
        {{.bearer = STR("abc"), .proxy = ""}, "authorization=Bearer abc\n"},
        {{.user = STR("me"), .password = STR("pw"), .proxy = ""}, "authorization=Basic bWU6cHc=\n"},
        {{.token = counting_token, .token_data = &n_tokens, .proxy = ""},
         "authorization=Bearer token-1\n"},
        {{.token = counting_token, .token_data = &n_tokens, .proxy = ""},
         "authorization=Bearer token-2\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct http_result result = {0};
        call_with(f, &rows[i].opts, HTTP_FIXTURE_PLAIN, &result);
        assert_true(str_starts_with(buf_str(&result.body), str_from(rows[i].want)));
        http_result_free(&result);
    }
    struct err err;
    struct http_target *target;
    struct http_result result = {0};
    ASSERT_OK(http_target_new(&rows[3].opts, &target, &err));
    struct http_call_opts opts = {
        .url = STR("http://h/"), .done = http_result_done, .data = &result};
    ASSERT_ERR(http_client_start(f->client, target, &opts, NULL, &err), ERR_UNAVAILABLE,
               "no token");
    http_target_unref(target);
}

static void trusts_only_the_given_ca(void **state)
{
    struct http_fixture *f = *state;
    struct err err;
    AUTO(tls_pem) struct tls_pem other = {0};
    struct tls_self_signed_opts self_signed = {.common_name = "other"};
    ASSERT_OK(tls_self_signed(&self_signed, &other, &err));
    const struct http_target_opts bad[] = {
        {.proxy = ""},
        {.proxy = "", .ca_pem = buf_str(&other.cert)},
        {.proxy = "", .ca_pem = buf_str(&f->pem.cert), .server_name = "wrong.test"},
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct http_result result = {0};
        call_with(f, &bad[i], HTTP_FIXTURE_TLS, &result);
        assert_false(result.ok);
        assert_int_equal(result.err.code, ERR_DENIED);
        assert_non_null(strstr(result.err.message, "give the CA that signed it"));
        http_result_free(&result);
    }
    const struct http_target_opts good[] = {
        {.proxy = "", .verify = HTTP_VERIFY_OFF},
        {.proxy = "http://127.0.0.1:1", .no_proxy = "127.0.0.1", .verify = HTTP_VERIFY_OFF},
        {.proxy = "", .ca_pem = buf_str(&f->pem.cert), .server_name = "belay.test"},
        {.proxy = "", .ca_pem = buf_str(&f->pem.cert), .version = HTTP_VERSION_1},
    };
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        struct http_result result = {0};
        call_with(f, &good[i], HTTP_FIXTURE_TLS, &result);
        assert_true(result.ok);
        assert_int_equal(result.http2, good[i].version == HTTP_VERSION_ANY);
        http_result_free(&result);
    }
}

static void say_host(struct http_request *req, void *data UNUSED)
{
    http_fixture_reply(req, 200, http_request_host(req));
}

static void server_name_leaves_the_host_header(void **state)
{
    struct http_fixture *f = *state;
    f->handler = say_host;
    struct http_target_opts opts = {
        .proxy = "", .ca_pem = buf_str(&f->pem.cert), .server_name = "belay.test"};
    char want[64];
    (void)snprintf(want, sizeof(want), "127.0.0.1:%u", f->tls_port);
    static const enum http_version versions[] = {HTTP_VERSION_ANY, HTTP_VERSION_1};
    for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
        struct http_result result = {0};
        opts.version = versions[i];
        call_with(f, &opts, HTTP_FIXTURE_TLS, &result);
        ASSERT_STR(buf_str(&result.body), want);
        http_result_free(&result);
    }
}

/* --- answers --------------------------------------------------------------------------------- */

static void redirect(struct http_request *req, void *data UNUSED)
{
    if (str_eq_c(http_request_path(req), "/to")) {
        list_headers(req, NULL);
        return;
    }
    struct http_reply reply = {.status = 302,
                               .headers = HTTP_HEADERS({STR("Location"), STR("/to")}),
                               .body = STR("moved")};
    http_request_reply(req, &reply);
}

static void follows_redirects_only_when_asked(void **state)
{
    struct http_fixture *f = *state;
    f->handler = redirect;
    struct http_result plain = {.want_header = "location"};
    http_fixture_call(f, HTTP_FIXTURE_PLAIN, "/", NULL, &plain);
    assert_int_equal(plain.status, 302);
    assert_string_equal(plain.header, "/to");
    ASSERT_STR(buf_str(&plain.body), "moved");
    http_result_free(&plain);
    struct http_result followed = {.want_header = "location"};
    struct http_call_opts opts = {.max_redirects = 3, .on_head = http_result_head};
    http_fixture_call(f, HTTP_FIXTURE_PLAIN, "/", &opts, &followed);
    assert_int_equal(followed.status, 200);
    assert_int_equal(followed.n_heads, 1);
    assert_string_equal(followed.header, "");
    http_result_free(&followed);
}

static void endless_redirect(struct http_request *req, void *data UNUSED)
{
    struct http_reply reply = {.status = 301,
                               .headers = HTTP_HEADERS({STR("Location"), STR("/x")})};
    http_request_reply(req, &reply);
}

static void gives_up_on_endless_redirects(void **state)
{
    struct http_fixture *f = *state;
    f->handler = endless_redirect;
    struct http_result result = {0};
    struct http_call_opts opts = {.max_redirects = 3};
    http_fixture_call(f, HTTP_FIXTURE_PLAIN, "/", &opts, &result);
    assert_int_equal(result.err.code, ERR_INVALID);
    assert_int_equal(f->n_requests, 4);
    http_result_free(&result);
}

enum { BIG_BYTES = 3 * 1000 * 1000 };

static void big(struct http_request *req, void *data UNUSED)
{
    char *p = arena_bytes(http_request_arena(req), BIG_BYTES);
    for (size_t i = 0; i < BIG_BYTES; i++) {
        p[i] = (char)('a' + (i * 7 + i / 1000) % 26);
    }
    int status = str_eq_c(http_request_path(req), "/error") ? 500 : 200;
    http_fixture_reply(req, status, str_of(p, BIG_BYTES));
}

static void check_big(const struct buf *body)
{
    assert_int_equal(body->n, BIG_BYTES);
    for (size_t i = 0; i < BIG_BYTES; i++) {
        if (body->p[i] != (char)('a' + (i * 7 + i / 1000) % 26)) {
            fail_msg("byte %zu is wrong", i);
        }
    }
}

static void takes_big_bodies_whole_and_streamed(void **state)
{
    struct http_fixture *f = *state;
    f->handler = big;
    for (size_t w = 0; w < ARRAY_LEN(ways); w++) {
        struct http_result whole = {.want_header = "content-encoding"};
        http_fixture_call(f, ways[w], "/", NULL, &whole);
        assert_string_equal(whole.header, "gzip");
        check_big(&whole.body);
        http_result_free(&whole);
        struct http_result streamed = {0};
        struct http_call_opts opts = {.on_data = http_result_data, .on_head = http_result_head};
        http_fixture_call(f, ways[w], "/", &opts, &streamed);
        assert_true(streamed.ok);
        assert_int_equal(streamed.n_heads, 1);
        check_big(&streamed.body);
        http_result_free(&streamed);
    }
}

static void answers_over_the_cap_are_errors(void **state)
{
    struct http_fixture *f = *state;
    f->handler = big;
    struct http_call_opts opts = {.max_body_bytes = BIG_BYTES};
    for (size_t less = 0; less < 2; less++) {
        struct http_result result = {0};
        opts.max_body_bytes = BIG_BYTES - less;
        http_fixture_call(f, HTTP_FIXTURE_PLAIN, "/", &opts, &result);
        assert_int_equal(result.ok, less == 0);
        assert_int_equal(result.err.code, less == 0 ? ERR_OK : ERR_LIMIT);
        http_result_free(&result);
    }
}

static void error_answers_to_streams_are_collected_and_cut(void **state)
{
    struct http_fixture *f = *state;
    f->handler = big;
    struct http_result result = {0};
    struct http_call_opts opts = {.on_data = http_result_data};
    http_fixture_call(f, HTTP_FIXTURE_PLAIN, "/error", &opts, &result);
    assert_true(result.ok);
    assert_int_equal(result.status, 500);
    assert_int_equal(result.n_data, 0);
    assert_int_equal(result.body.n, 64 * 1024);
    http_result_free(&result);
}

static void head_has_no_body(void **state)
{
    struct http_fixture *f = *state;
    for (size_t w = 0; w < ARRAY_LEN(ways); w++) {
        struct http_result result = {.want_header = "content-length"};
        struct http_call_opts opts = {.method = "HEAD"};
        http_fixture_call(f, ways[w], "/x", &opts, &result);
        assert_true(result.ok);
        assert_string_equal(result.header, "10");
        assert_int_equal(result.body.n, 0);
        http_result_free(&result);
    }
}

/* --- streams --------------------------------------------------------------------------------- */

static void begin_stream(struct http_request *req, void *data)
{
    struct http_fixture *f = data;
    struct http_stream_opts opts = {.status = 200, .content_type = "application/json"};
    http_request_stream(req, &opts);
    f->held = req;
}

static bool has_head(void *data)
{
    const struct http_result *result = data;
    return result->n_heads > 0;
}

/* Until its head is there, before there is a body. */
static void start_stream(struct http_fixture *f,
                         enum http_fixture_way way,
                         const char *path,
                         void (*on_data)(struct str bytes, void *data),
                         struct http_result *result)
{
    const struct http_call_opts opts = {.on_head = http_result_head, .on_data = on_data};
    http_fixture_start(f, way, path, &opts, result);
    http_fixture_wait(f, has_head, result);
}

static bool has_data(void *data)
{
    const struct http_result *result = data;
    return result->body.n > 0;
}

static void streams_arrive_as_they_are_written(void **state)
{
    struct http_fixture *f = *state;
    struct err err;
    f->handler = begin_stream;
    for (size_t w = 0; w < ARRAY_LEN(ways); w++) {
        struct http_result result = {0};
        start_stream(f, ways[w], "/watch", http_result_data, &result);
        ASSERT_OK(http_request_write(f->held, STR("one\n"), &err));
        http_fixture_wait(f, has_data, &result);
        ASSERT_STR(buf_str(&result.body), "one\n");
        ASSERT_OK(http_request_write(f->held, STR("two\n"), &err));
        http_request_end(f->held);
        http_fixture_wait(f, http_result_is_done, &result);
        assert_true(result.ok);
        ASSERT_STR(buf_str(&result.body), "one\ntwo\n");
        http_result_free(&result);
    }
}

static void broken_streams_are_unavailable(void **state)
{
    struct http_fixture *f = *state;
    struct err err;
    f->handler = begin_stream;
    for (size_t w = 0; w < ARRAY_LEN(ways); w++) {
        struct http_result result = {0};
        start_stream(f, ways[w], "/watch", http_result_data, &result);
        ASSERT_OK(http_request_write(f->held, STR("one\n"), &err));
        http_fixture_wait(f, has_data, &result);
        http_request_abort(f->held);
        http_fixture_wait(f, http_result_is_done, &result);
        assert_int_equal(result.err.code, ERR_UNAVAILABLE);
        ASSERT_STR(buf_str(&result.body), "one\n");
        http_result_free(&result);
    }
}

struct paused {
    struct http_result result;
    struct http_fixture *f;
    size_t n_left; /* to be written by the server */
};

static void write_more(void *data)
{
    struct paused *p = data;
    static const char block[64 * 1024];
    struct err err;
    while (p->n_left > 0 && http_request_backlog(p->f->held) < sizeof(block)) {
        size_t n = MIN(p->n_left, sizeof(block));
        ASSERT_OK(http_request_write(p->f->held, str_of(block, n), &err));
        p->n_left -= n;
    }
    if (p->n_left == 0 && p->f->held != NULL) {
        http_request_end(p->f->held);
        p->f->held = NULL;
    }
}

static void begin_long_stream(struct http_request *req, void *data)
{
    struct http_fixture *f = data;
    struct http_stream_opts opts = {.status = 200, .on_drain = write_more, .data = f->data};
    http_request_stream(req, &opts);
    f->held = req;
    write_more(f->data);
}

static void pause_at_once(const struct http_response *response, void *data)
{
    struct http_result *result = data;
    http_result_head(response, data);
    http_call_pause(result->call);
}

static void pausing_holds_the_sender_back(void **state)
{
    enum { TOTAL = 64 * 1024 * 1024 };
    struct http_fixture *f = *state;
    f->handler = begin_long_stream;
    for (size_t w = 0; w < ARRAY_LEN(ways); w++) {
        struct paused p = {.f = f, .n_left = TOTAL};
        f->data = &p;
        struct http_call_opts opts = {.on_head = pause_at_once,
                                      .on_data = http_result_data,
                                      .pausable = true,
                                      .idle_timeout_ms = 1000};
        http_fixture_start(f, ways[w], "/", &opts, &p.result);
        http_fixture_wait(f, has_head, &p.result);
        http_fixture_run(f, 1500); /* idle time stands still meanwhile */
        assert_int_equal(p.result.body.n, 0);
        assert_int_equal(p.result.n_done, 0);
        assert_true(p.n_left > 0);
        http_call_resume(p.result.call);
        http_fixture_wait(f, http_result_is_done, &p.result);
        assert_true(p.result.ok);
        assert_false(p.result.http2);
        assert_int_equal(p.result.body.n, TOTAL);
        http_result_free(&p.result);
    }
}

static void paused_or_short(struct http_request *req, void *data)
{
    if (str_eq_c(http_request_path(req), "/long")) {
        begin_long_stream(req, data);
    } else {
        http_fixture_describe(req, data);
    }
}

static void a_paused_stream_lets_others_pass(void **state)
{
    struct http_fixture *f = *state;
    f->handler = paused_or_short;
    struct paused p = {.f = f, .n_left = 64 * 1024 * 1024};
    f->data = &p;
    struct http_call_opts opts = {
        .on_head = pause_at_once, .on_data = http_result_data, .pausable = true};
    http_fixture_start(f, HTTP_FIXTURE_TLS, "/long", &opts, &p.result);
    http_fixture_wait(f, has_head, &p.result);
    http_fixture_run(f, 300);
    for (int i = 0; i < 5; i++) {
        struct http_result other = {0};
        http_fixture_call(f, HTTP_FIXTURE_TLS, "/short", NULL, &other);
        http_result_ok(&other);
        http_result_free(&other);
    }
    http_call_cancel(p.result.call);
    http_fixture_wait(f, http_result_is_done, &p.result);
    p.n_left = 0;
    http_request_end(f->held);
    http_result_free(&p.result);
}

/* --- ends ------------------------------------------------------------------------------------ */

static void canceled_calls_are_done_once_and_later(void **state)
{
    struct http_fixture *f = *state;
    f->handler = http_fixture_hold;
    struct http_result result = {0};
    http_fixture_start(f, HTTP_FIXTURE_PLAIN, "/", NULL, &result);
    http_call_cancel(result.call);
    http_call_cancel(result.call);
    assert_int_equal(result.n_done, 0);
    http_fixture_wait(f, http_result_is_done, &result);
    assert_int_equal(result.err.code, ERR_CANCELED);
    http_fixture_run(f, 20);
    assert_int_equal(result.n_done, 1);
    http_result_free(&result);
}

static void cancel_here(struct str bytes, void *data)
{
    struct http_result *result = data;
    http_result_data(bytes, data);
    http_call_cancel(result->call);
}

static bool on_gone_seen;

static void see_gone(void *data UNUSED)
{
    on_gone_seen = true;
}

static bool gone_was_seen(void *data UNUSED)
{
    return on_gone_seen;
}

static void canceling_from_a_callback_reaches_the_server(void **state)
{
    struct http_fixture *f = *state;
    struct err err;
    f->handler = begin_stream;
    for (size_t w = 0; w < ARRAY_LEN(ways); w++) {
        struct http_result result = {0};
        start_stream(f, ways[w], "/", cancel_here, &result);
        on_gone_seen = false;
        http_request_on_gone(f->held, see_gone, NULL);
        ASSERT_OK(http_request_write(f->held, STR("x"), &err));
        http_fixture_wait(f, http_result_is_done, &result);
        assert_int_equal(result.n_data, 1);
        assert_int_equal(result.err.code, ERR_CANCELED);
        http_fixture_wait(f, gone_was_seen, NULL);
        ASSERT_ERR(http_request_write(f->held, STR("x"), &err), ERR_CANCELED, "gone");
        http_request_end(f->held);
        http_result_free(&result);
    }
}

/* With other streams on the connection the server hears of it at the next frame. */
static void canceling_one_stream_leaves_the_others(void **state)
{
    struct http_fixture *f = *state;
    struct http_server_stats stats;
    struct http_result first = {0};
    struct http_result second = {0};
    struct http_result third = {0};
    f->handler = begin_stream;
    start_stream(f, HTTP_FIXTURE_TLS, "/1", http_result_data, &first);
    struct http_request *first_request = f->held;
    on_gone_seen = false;
    http_request_on_gone(first_request, see_gone, NULL);
    start_stream(f, HTTP_FIXTURE_TLS, "/2", http_result_data, &second);
    http_call_cancel(first.call);
    http_fixture_wait(f, http_result_is_done, &first);
    f->handler = http_fixture_describe;
    http_fixture_call(f, HTTP_FIXTURE_TLS, "/3", NULL, &third);
    assert_true(third.ok);
    http_fixture_wait(f, gone_was_seen, NULL);
    http_request_end(first_request);
    http_server_stats(f->server, &stats);
    assert_int_equal(stats.connections, 1);
    assert_int_equal(second.n_done, 0);
    http_request_end(f->held);
    http_fixture_wait(f, http_result_is_done, &second);
    assert_true(second.ok);
    http_result_free(&first);
    http_result_free(&second);
    http_result_free(&third);
}

static void deadlines_end_calls(void **state)
{
    struct http_fixture *f = *state;
    f->handler = http_fixture_hold;
    struct http_result result = {0};
    struct http_call_opts opts = {.timeout_ms = 100};
    int64_t began = loop_now_ms(f->loop);
    http_fixture_call(f, HTTP_FIXTURE_PLAIN, "/", &opts, &result);
    assert_int_equal(result.err.code, ERR_TIMEOUT);
    assert_true(result.done_ms - began >= 100);
    assert_non_null(strstr(result.err.frames[0], "http://127.0.0.1"));
    http_fixture_reply(f->held, 200, STR("late"));
    http_result_free(&result);
}

static void silent_streams_time_out(void **state)
{
    struct http_fixture *f = *state;
    struct err err;
    f->handler = begin_stream;
    struct http_result result = {0};
    struct http_call_opts opts = {
        .idle_timeout_ms = 400, .on_head = http_result_head, .on_data = http_result_data};
    http_fixture_start(f, HTTP_FIXTURE_PLAIN, "/", &opts, &result);
    http_fixture_wait(f, has_head, &result);
    int64_t wrote = 0;
    for (int i = 0; i < 4; i++) {
        http_fixture_run(f, 150);
        ASSERT_OK(http_request_write(f->held, STR("x"), &err));
        wrote = loop_now_ms(f->loop);
        assert_int_equal(result.n_done, 0);
    }
    http_fixture_wait(f, http_result_is_done, &result);
    assert_int_equal(result.err.code, ERR_TIMEOUT);
    assert_true(result.done_ms - wrote >= 390);
    ASSERT_STR(buf_str(&result.body), "xxxx");
    http_request_end(f->held);
    http_result_free(&result);
}

static void unreachable_servers_are_unavailable(void **state)
{
    struct http_fixture *f = *state;
    static const char *const urls[] = {"http://127.0.0.1:1/", "http://no-such-host.invalid/"};
    for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
        struct http_result result = {0};
        struct http_call_opts opts = {.url = str_from(urls[i])};
        http_fixture_call(f, HTTP_FIXTURE_PLAIN, "/", &opts, &result);
        assert_int_equal(result.err.code, ERR_UNAVAILABLE);
        assert_non_null(strstr(result.err.message, urls[i]));
        http_result_free(&result);
    }
}

static void errors_never_show_credentials(void **state)
{
    struct http_fixture *f = *state;
    struct http_result result = {0};
    struct http_call_opts opts = {.url = STR("http://me:secret@127.0.0.1:1/")};
    http_fixture_call(f, HTTP_FIXTURE_PLAIN, "/", &opts, &result);
    char text[1024];
    err_format(&result.err, text, sizeof(text));
    assert_null(strstr(text, "secret"));
    http_result_free(&result);
}

static void maps_curl_codes(void **state UNUSED)
{
    struct err err;
    assert_int_equal(err_from_curl(&err, CURLE_COULDNT_CONNECT, STR("http://h/"), "refused"),
                     -ERR_UNAVAILABLE);
    assert_string_equal(err.message, "http://h/: cannot connect (refused)");
    assert_int_equal(err.system_code, CURLE_COULDNT_CONNECT);
    assert_int_equal(err_from_curl(&err, CURLE_OPERATION_TIMEDOUT, STR("u"), NULL), -ERR_TIMEOUT);
    assert_int_equal(err_from_curl(&err, CURLE_SSL_CERTPROBLEM, STR("u"), ""), -ERR_INVALID);
    assert_int_equal(err_from_curl(&err, CURLE_FTP_PORT_FAILED, STR("u"), ""), -ERR_INTERNAL);
}

static void checks_responses(void **state UNUSED)
{
    struct err err;
    AUTO(buf) struct buf body;
    buf_init(&body, 10000);
    struct http_response response = {.status = 204, .body = &body};
    ASSERT_OK(http_response_check(&response, &err));
    response.status = 409;
    buf_put_c(&body, " it changed \n");
    ASSERT_ERR(http_response_check(&response, &err), ERR_CONFLICT,
               "HTTP status 409 Conflict: it changed");
    assert_int_equal(err.system_code, 409);
    response.status = 301;
    assert_int_equal(http_response_check(&response, &err), -ERR_INVALID);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(sends_every_method_with_its_body),
        CASE(sends_headers_and_no_content_type_of_its_own),
        CASE(refuses_headers_that_would_inject_others),
        CASE(sends_credentials),
        CASE(trusts_only_the_given_ca),
        CASE(server_name_leaves_the_host_header),
        CASE(follows_redirects_only_when_asked),
        CASE(gives_up_on_endless_redirects),
        CASE(takes_big_bodies_whole_and_streamed),
        CASE(answers_over_the_cap_are_errors),
        CASE(error_answers_to_streams_are_collected_and_cut),
        CASE(head_has_no_body),
        CASE(streams_arrive_as_they_are_written),
        CASE(broken_streams_are_unavailable),
        CASE(pausing_holds_the_sender_back),
        CASE(canceled_calls_are_done_once_and_later),
        CASE(canceling_from_a_callback_reaches_the_server),
        CASE(canceling_one_stream_leaves_the_others),
        CASE(a_paused_stream_lets_others_pass),
        CASE(deadlines_end_calls),
        CASE(silent_streams_time_out),
        CASE(unreachable_servers_are_unavailable),
        CASE(errors_never_show_credentials),
        cmocka_unit_test(maps_curl_codes),
        cmocka_unit_test(checks_responses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
