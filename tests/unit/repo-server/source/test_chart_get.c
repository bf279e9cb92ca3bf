/* Downloads: redirects, and who gets to see credentials. */
#include "repo-server/source/chart_get.h"
#include "tests/lib/chart_fixture.h"

struct outcome {
    bool done;
    int status;
    bool trusted;
    struct str body;
    struct err err;
    struct arena *arena;
};

static void on_done(const struct chart_answer *answer, const struct err *err, void *data)
{
    struct outcome *o = data;
    assert_false(o->done);
    assert_true((answer == NULL) != (err == NULL));
    o->done = true;
    if (err != NULL) {
        o->err = *err;
        return;
    }
    o->status = answer->status;
    o->trusted = answer->trusted;
    o->body = arena_str(o->arena, buf_str(answer->body));
}

struct request {
    const char *path;
    enum chart_get_coding coding;
    size_t max_bytes;
    bool cancel;
};

static struct outcome get(struct chart_fixture *f, const struct request *r)
{
    struct outcome o = {.arena = f->arena};
    struct url url;
    struct err err;
    Belay__Repository repo = chart_fixture_repo(f->url.p, NULL, NULL);
    AUTO(chart_remote) struct chart_remote *remote = chart_fixture_remote(&repo);
    struct str text = arena_printf(f->arena, STR_FMT "%s", STR_ARG(f->url), r->path);
    ASSERT_OK(url_parse(f->arena, text, &url, &err));
    struct chart_get_options options = {
        .loop = f->http->loop,
        .client = f->http->client,
        .remote = remote,
        .url = &url,
        .trusted = &url,
        .authorization = STR("Basic c2VjcmV0"),
        .headers = HTTP_HEADERS({STR("Accept"), STR("x/y")}),
        .coding = r->coding,
        .max_bytes = r->max_bytes > 0 ? r->max_bytes : LIMIT_MIB,
        .timeout_ms = HTTP_FIXTURE_WAIT_MS,
    };
    struct chart_get *g = chart_get_start(&options, on_done, &o);
    assert_false(o.done);
    if (r->cancel) {
        chart_get_cancel(g);
    }
    chart_fixture_wait(f, &o.done);
    http_fixture_run(f->http, 1);
    return o;
}

static int setup(void **state)
{
    *state = chart_fixture_new();
    return 0;
}

static int teardown(void **state)
{
    chart_fixture_free(*state);
    return 0;
}

static void redirect(struct chart_fixture *f, const char *from, struct str to)
{
    struct chart_page page = {.path = from, .status = 302, .header = {STR("Location"), to}};
    chart_fixture_page(f, &page);
}

static void gives_answers_of_any_status(void **state)
{
    struct chart_fixture *f = *state;
    chart_fixture_page(f, &(struct chart_page){.path = "/a", .body = STR("text")});
    struct outcome o = get(f, &(struct request){.path = "/a"});
    assert_int_equal(o.status, 200);
    ASSERT_STR(o.body, "text");
    assert_true(o.trusted);
    assert_string_equal(chart_fixture_log(f), "/a Basic c2VjcmV0\n");
    o = get(f, &(struct request){.path = "/a", .coding = CHART_GET_RAW});
    ASSERT_STR(o.body, "text");
    o = get(f, &(struct request){.path = "/none", .coding = CHART_GET_RAW});
    assert_int_equal(o.status, 404);
    ASSERT_STR(o.body, "nothing here");
}

static void sends_credentials_to_their_server_alone(void **state)
{
    struct chart_fixture *f = *state;
    chart_fixture_page(f, &(struct chart_page){.path = "/b?sig=1", .body = STR("blob")});
    redirect(f, "/here", STR("/b?sig=1"));
    redirect(f, "/there", arena_printf(f->arena, STR_FMT "/b?sig=1", STR_ARG(f->other_url)));
    struct outcome o = get(f, &(struct request){.path = "/here"});
    ASSERT_STR(o.body, "blob");
    assert_string_equal(chart_fixture_log(f), "/here Basic c2VjcmV0\n/b?sig=1 Basic c2VjcmV0\n");
    o = get(f, &(struct request){.path = "/there", .coding = CHART_GET_RAW});
    ASSERT_STR(o.body, "blob");
    assert_false(o.trusted);
    assert_string_equal(chart_fixture_log(f), "/there Basic c2VjcmV0\n:/b?sig=1\n");
}

static void refuses_bad_redirects(void **state)
{
    struct chart_fixture *f = *state;
    redirect(f, "/loop", STR("/loop"));
    redirect(f, "/file", STR("file:///etc/passwd"));
    redirect(f, "/dead", STR("http://127.0.0.1:1/x?signature=abc"));
    struct outcome o = get(f, &(struct request){.path = "/loop"});
    check_contains(&o.err, "more than 5 redirects");
    o = get(f, &(struct request){.path = "/file"});
    assert_int_equal(o.err.code, ERR_DENIED);
    o = get(f, &(struct request){.path = "/dead"});
    check_contains(&o.err, "downloading from 127.0.0.1 failed");
    assert_null(strstr(o.err.message, "signature"));
}

static void keeps_limits_and_can_be_cancelled(void **state)
{
    struct chart_fixture *f = *state;
    chart_fixture_page(f, &(struct chart_page){.path = "/a", .body = STR("12345")});
    struct outcome o = get(f, &(struct request){.path = "/a", .max_bytes = 5});
    assert_int_equal(o.status, 200);
    o = get(f, &(struct request){.path = "/a", .max_bytes = 4});
    assert_int_equal(o.err.code, ERR_LIMIT);
    o = get(f, &(struct request){.path = "/a", .max_bytes = 4, .coding = CHART_GET_RAW});
    assert_int_equal(o.err.code, ERR_LIMIT);
    o = get(f, &(struct request){.path = "/a", .max_bytes = 5, .coding = CHART_GET_RAW});
    assert_int_equal(o.status, 200);
    o = get(f, &(struct request){.path = "/a", .cancel = true});
    assert_int_equal(o.err.code, ERR_CANCELED);
}

static void explains_statuses(void **state)
{
    struct chart_fixture *f = *state;
    static const struct {
        int status;
        bool login;
        enum err_code code;
        const char *text;
    } CASES[] = {
        {401, false, ERR_UNAUTHENTICATED, "has no user name and password"},
        {401, true, ERR_UNAUTHENTICATED, "authentication failed"},
        {403, true, ERR_DENIED, "403 from h"},
        {404, true, ERR_NOT_FOUND, "Not Found"},
        {429, true, ERR_UNAVAILABLE, "429"},
        {500, true, ERR_UNAVAILABLE, "500"},
        {304, true, ERR_INVALID, "304"},
    };
    struct url url = {.host = STR("h")};
    assert_non_null(f);
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct chart_answer answer = {.status = CASES[i].status, .url = &url};
        struct err err;
        ASSERT_ERR(chart_answer_check(&answer, CASES[i].login, &err), CASES[i].code, CASES[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(gives_answers_of_any_status, setup, teardown),
        cmocka_unit_test_setup_teardown(sends_credentials_to_their_server_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_bad_redirects, setup, teardown),
        cmocka_unit_test_setup_teardown(keeps_limits_and_can_be_cancelled, setup, teardown),
        cmocka_unit_test_setup_teardown(explains_statuses, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
