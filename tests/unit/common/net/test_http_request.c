/* Requests as handlers see them, and their answers: accessors, compression, headers, backlog, order of
 * ends. */
#include "common/base/arena.h"
#include "common/net/http_request.h"
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

static void look_closely(struct http_request *req, void *data UNUSED)
{
    ASSERT_STR(http_request_method(req), "POST");
    ASSERT_STR(http_request_path(req), "/a%2Fb");
    ASSERT_STR(http_request_query(req), "c=%20d");
    ASSERT_STR(http_request_peer(req), "127.0.0.1");
    ASSERT_STR(http_request_header(req, STR("x-HUB-signature-256")), "sha256=00");
    assert_null(http_request_header(req, STR("x-other")).p);
    ASSERT_STR(http_request_cookie(req, STR("argocd.token")), "abc.def==");
    ASSERT_STR(http_request_cookie(req, STR("b")), "");
    assert_null(http_request_cookie(req, STR("argocd")).p);
    ASSERT_STR(http_request_body(req), "body");
    assert_true(http_request_headers(req).n >= 3);
    assert_int_equal(http_request_is_tls(req), http_request_is_http2(req));
    assert_true(str_starts_with(http_request_host(req), STR("127.0.0.1:")));
    http_fixture_reply(req, 201, STR("seen"));
}

static const enum http_fixture_way ways[] = {HTTP_FIXTURE_PLAIN, HTTP_FIXTURE_TLS};

static void shows_all_of_a_request(void **state)
{
    struct http_fixture *f = *state;
    f->handler = look_closely;
    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        struct http_result result = {0};
        struct http_call_opts opts = {
            .method = "POST",
            .body = STR("body"),
            .headers = HTTP_HEADERS({STR("X-Hub-Signature-256"), STR("sha256=00")},
                                    {STR("Cookie"), STR("a=1;  argocd.token=abc.def==; b=; c")}),
        };
        http_fixture_call(f, ways[i], "/a%2Fb?c=%20d", &opts, &result);
        assert_int_equal(result.status, 201);
        http_result_free(&result);
    }
}

struct coding {
    const char *content_type;
    const char *encoding; /* set by the handler */
    size_t n;
    bool want_gzip;
};

static void reply_coded(struct http_request *req, void *data)
{
    struct http_fixture *f = data;
    const struct coding *coding = f->data;
    char *p = arena_bytes(http_request_arena(req), coding->n + 1);
    memset(p, 'x', coding->n);
    struct http_headers none = {NULL, 0};
    struct http_reply reply = {
        .status = 200, .content_type = coding->content_type, .body = str_of(p, coding->n)};
    reply.headers = coding->encoding != NULL
                        ? HTTP_HEADERS({STR("Content-Encoding"), str_from(coding->encoding)})
                        : none;
    http_request_reply(req, &reply);
}

static void compresses_what_pays(void **state)
{
    static const struct coding rows[] = {
        {"application/json", NULL, 1024, true},         {"application/json", NULL, 1023, false},
        {"text/html; charset=utf-8", NULL, 2000, true}, {"image/png", NULL, 2000, false},
        {"text/event-stream", NULL, 2000, false},       {NULL, NULL, 2000, false},
        {"text/plain", "identity", 2000, false},
    };
    struct http_fixture *f = *state;
    f->handler = reply_coded;
    for (size_t w = 0; w < ARRAY_LEN(ways); w++) {
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
            struct http_result result = {.want_header = "vary"};
            struct coding coding = rows[i];
            f->data = &coding;
            http_fixture_call(f, ways[w], "/", NULL, &result);
            assert_true(result.ok);
            assert_int_equal(result.body.n, rows[i].n);
            assert_string_equal(result.header, rows[i].want_gzip ? "Accept-Encoding" : "");
            http_result_free(&result);
        }
    }
}

static void plain_for_clients_that_do_not_accept_gzip(void **state)
{
    struct http_fixture *f = *state;
    struct coding coding = {.content_type = "text/plain", .n = 5000};
    struct http_raw raw;
    f->handler = reply_coded;
    f->data = &coding;
    http_raw_open(f, f->port, &raw);
    http_raw_send(&raw, STR("GET / HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip;q=0\r\n\r\n"));
    http_raw_wait(&raw, "xxxx");
    assert_non_null(strstr(raw.got.p, "Content-Length: 5000\r\n"));
    assert_null(strstr(raw.got.p, "gzip"));
    http_raw_close(&raw);
}

static void reply_with_odd_headers(struct http_request *req, void *data UNUSED)
{
    struct http_reply reply = {
        .status = 200,
        .headers = HTTP_HEADERS(
            {STR("X-User"), STR("a\r\nSet-Cookie: evil=1")}, {STR("Connection"), STR("upgrade")},
            {STR("Content-Length"), STR("7")}, {STR("Transfer-Encoding"), STR("gzip")}),
        .body = STR("ok")};
    http_request_reply(req, &reply);
}

static void headers_cannot_be_smuggled_into_answers(void **state)
{
    struct http_fixture *f = *state;
    f->handler = reply_with_odd_headers;
    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        struct http_result user = {.want_header = "x-user"};
        http_fixture_call(f, ways[i], "/", NULL, &user);
        assert_string_equal(user.header, "a  Set-Cookie: evil=1");
        ASSERT_STR(buf_str(&user.body), "ok");
        http_result_free(&user);
        struct http_result cookie = {.want_header = "set-cookie"};
        http_fixture_call(f, ways[i], "/", NULL, &cookie);
        assert_string_equal(cookie.header, "");
        http_result_free(&cookie);
    }
}

static void reply_no_content(struct http_request *req, void *data UNUSED)
{
    http_fixture_reply(req, 204, STR("not allowed to have any"));
}

static void no_content_has_no_body(void **state)
{
    struct http_fixture *f = *state;
    f->handler = reply_no_content;
    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        struct http_result result = {.want_header = "content-length"};
        http_fixture_call(f, ways[i], "/", NULL, &result);
        assert_int_equal(result.status, 204);
        assert_string_equal(result.header, "");
        assert_int_equal(result.body.n, 0);
        http_result_free(&result);
    }
}

static void answers_may_come_later_and_in_any_order(void **state)
{
    struct http_fixture *f = *state;
    f->handler = http_fixture_hold;
    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        struct http_result first = {0};
        struct http_result second = {0};
        http_fixture_start(f, ways[i], "/1", NULL, &first);
        struct http_request *first_request = http_fixture_held(f);
        http_fixture_start(f, ways[i], "/2", NULL, &second);
        struct http_request *req = http_fixture_held(f);
        http_fixture_reply(req, 200, STR("second"));
        http_fixture_wait(f, http_result_is_done, &second);
        assert_int_equal(first.n_done, 0);
        http_fixture_reply(first_request, 200, STR("first"));
        http_fixture_wait(f, http_result_is_done, &first);
        ASSERT_STR(buf_str(&first.body), "first");
        http_result_free(&first);
        http_result_free(&second);
    }
}

static void set_flag(void *data)
{
    *(bool *)data = true;
}

static bool is_set(void *data)
{
    return *(bool *)data;
}

static bool has_head(void *data)
{
    const struct http_result *result = data;
    return result->n_heads > 0;
}

static void pause_at_head(const struct http_response *response, void *data)
{
    struct http_result *result = data;
    http_result_head(response, data);
    http_call_pause(result->call);
}

/* A client that reads nothing: the sockets' buffers fill, then the backlog, then writing fails. */
static void backlog_is_limited_and_drains(void **state)
{
    enum { BACKLOG = 100 * 1000, PIECE = 10 * 1000 };
    static const char piece[PIECE];
    struct http_fixture *f = *state;
    f->handler = http_fixture_hold;
    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        struct err err;
        bool drained = false;
        size_t n_written = 0;
        struct http_result result = {0};
        struct http_call_opts opts = {
            .on_head = pause_at_head, .on_data = http_result_data, .pausable = true};
        http_fixture_start(f, ways[i], "/", &opts, &result);
        struct http_request *req = http_fixture_held(f);
        struct http_stream_opts stream = {
            .status = 200, .max_backlog_bytes = BACKLOG, .on_drain = set_flag, .data = &drained};
        http_request_stream(req, &stream);
        http_fixture_wait(f, has_head, &result);
        int rc = 0;
        for (int idle = 0; idle < 20; idle++) {
            while ((rc = http_request_write(req, str_of(piece, PIECE), &err)) == 0) {
                n_written += PIECE;
                idle = 0;
            }
            http_fixture_run(f, 2);
        }
        assert_int_equal(rc, -ERR_LIMIT);
        assert_true(http_request_backlog(req) > BACKLOG - PIECE);
        assert_true(http_request_backlog(req) <= BACKLOG);
        drained = false;
        http_call_resume(result.call);
        http_fixture_wait(f, is_set, &drained);
        ASSERT_OK(http_request_write(req, STR("end"), &err));
        http_request_end(req);
        http_fixture_wait(f, http_result_is_done, &result);
        assert_true(result.ok);
        assert_int_equal(result.body.n, n_written + 3);
        http_result_free(&result);
    }
}

static void on_gone_set_late_is_still_told(void **state)
{
    struct http_fixture *f = *state;
    bool gone = false;
    struct http_result result = {0};
    f->handler = http_fixture_hold;
    http_fixture_start(f, HTTP_FIXTURE_PLAIN, "/", NULL, &result);
    struct http_request *req = http_fixture_held(f);
    http_call_cancel(result.call);
    http_fixture_wait(f, http_result_is_done, &result);
    http_fixture_run(f, 50);
    http_request_on_gone(req, set_flag, &gone);
    assert_false(gone);
    http_fixture_wait(f, is_set, &gone);
    http_fixture_reply(req, 200, STR("x"));
    http_result_free(&result);
}

static void gone_is_not_told_after_the_answer(void **state)
{
    struct http_fixture *f = *state;
    bool gone = false;
    struct http_result result = {0};
    f->handler = http_fixture_hold;
    http_fixture_start(f, HTTP_FIXTURE_PLAIN, "/", NULL, &result);
    struct http_request *req = http_fixture_held(f);
    http_request_on_gone(req, set_flag, &gone);
    http_fixture_reply(req, 200, STR("x"));
    http_fixture_wait(f, http_result_is_done, &result);
    http_fixture_run(f, 20);
    assert_false(gone);
    http_result_free(&result);
}

static void heads_of_streams_have_no_body(void **state)
{
    struct http_fixture *f = *state;
    f->handler = http_fixture_hold;
    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        struct err err;
        struct http_result result = {.want_header = "content-type"};
        struct http_call_opts opts = {.method = "HEAD"};
        http_fixture_start(f, ways[i], "/", &opts, &result);
        struct http_request *req = http_fixture_held(f);
        struct http_stream_opts stream = {.status = 200, .content_type = "text/event-stream"};
        http_request_stream(req, &stream);
        int rc = http_request_write(req, STR("dropped"), &err);
        assert_true(rc == 0 || rc == -ERR_CANCELED);
        http_request_end(req);
        http_fixture_wait(f, http_result_is_done, &result);
        assert_string_equal(result.header, "text/event-stream");
        assert_int_equal(result.body.n, 0);
        http_result_free(&result);
    }
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(shows_all_of_a_request),
        CASE(compresses_what_pays),
        CASE(plain_for_clients_that_do_not_accept_gzip),
        CASE(headers_cannot_be_smuggled_into_answers),
        CASE(no_content_has_no_body),
        CASE(answers_may_come_later_and_in_any_order),
        CASE(backlog_is_limited_and_drains),
        CASE(on_gone_set_late_is_still_told),
        CASE(gone_is_not_told_after_the_answer),
        CASE(heads_of_streams_have_no_body),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
