/* Calls and streams of the REST client against a real server: what is sent, and how failures are told. */
#include "cli/client.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "tests/lib/cli_fixture.h"

static struct cli_answer ANSWERS[] = {
    {"GET /api/one", 0, "{\"a\":1}", false},
    {"POST /api/one", 0, "{}", false},
    {"GET /api/text", 0, "hello", false},
    {"GET /api/denied", 403, "{\"error\":\"e\",\"code\":7,\"message\":\"permission denied\"}",
     false},
    {"GET /api/proxy", 502, "<html>bad gateway</html>", false},
    {"GET /api/stream", 0,
     ":\n\ndata: {\"result\":{\"n\":1}} \n\n\ndata: {\"result\":{\"n\":2}} \n\n\n"
     "data: {\"result\":{\"n\":3}} \n\n\n",
     false},
    {"GET /api/broken", 0,
     "data: {\"result\":{\"n\":1}}\n\ndata: "
     "{\"error\":{\"http_code\":404,\"message\":\"gone\"}}\n\n",
     false},
    {NULL, 0, NULL, false},
};

static int set_up(void **state)
{
    *state = cli_fixture_new(ANSWERS);
    return 0;
}

static int tear_down(void **state)
{
    cli_fixture_free(*state);
    return 0;
}

static int call(struct cli_fixture *f, const char *path, const struct value **ret, struct err *err)
{
    struct client_request request = {.path = str_from(path)};
    return client_call(f->cli.client, f->arena, &request, ret, err);
}

static void answers_are_parsed(void **state)
{
    struct cli_fixture *f = *state;
    const struct value *v = NULL;
    struct err err;
    ASSERT_OK(call(f, "/api/one", &v, &err));
    assert_int_equal(value_int(value_dig(v, "a"), 0), 1);
    ASSERT_ERR(call(f, "/api/text", &v, &err), ERR_INVALID, "answer of http://127.0.0.1:");
}

static void bodies_are_json(void **state)
{
    struct cli_fixture *f = *state;
    struct client_request request = {
        .method = "POST", .path = STR("/api/one?x=1"), .body = &VALUE_EMPTY_LIST};
    struct err err;
    ASSERT_OK(client_call(f->cli.client, f->arena, &request, NULL, &err));
    assert_string_equal(f->asked.p, "POST /api/one?x=1 []\n");
}

static void failures_carry_the_servers_message(void **state)
{
    struct cli_fixture *f = *state;
    const struct value *v = NULL;
    struct err err;
    ASSERT_ERR(call(f, "/api/denied", &v, &err), ERR_DENIED, "permission denied");
    assert_int_equal(err.system_code, 403);
    ASSERT_ERR(call(f, "/api/proxy", &v, &err), ERR_UNAVAILABLE, "bad gateway");
    ASSERT_ERR(call(f, "/api/none", &v, &err), ERR_NOT_FOUND, "nothing here");
}

struct seen {
    int64_t last;
    int64_t stop_at;
};

static int on_event(void *data, const struct value *result, struct err *err)
{
    struct seen *s = data;
    s->last = value_int(value_dig(result, "n"), -1);
    if (s->stop_at < 0 && s->last == -s->stop_at) {
        return err_set(err, ERR_CONFLICT, "enough");
    }
    return s->last == s->stop_at;
}

static void streams_end_as_wanted(void **state)
{
    struct cli_fixture *f = *state;
    struct seen seen = {0};
    struct client_stream stream = {.path = STR("/api/stream"), .on_event = on_event, .data = &seen};
    struct err err;
    assert_int_equal(client_stream(f->cli.client, &stream, &err), 0);
    assert_int_equal(seen.last, 3);
    seen.stop_at = 2;
    assert_int_equal(client_stream(f->cli.client, &stream, &err), 1);
    assert_int_equal(seen.last, 2);
    seen.stop_at = -1;
    ASSERT_ERR(client_stream(f->cli.client, &stream, &err), ERR_CONFLICT, "enough");
    stream.path = STR("/api/broken");
    seen.stop_at = 0;
    ASSERT_ERR(client_stream(f->cli.client, &stream, &err), ERR_NOT_FOUND, "gone");
    stream.path = STR("/api/denied");
    ASSERT_ERR(client_stream(f->cli.client, &stream, &err), ERR_DENIED, "permission denied");
}

static void servers_are_checked(void **state UNUSED)
{
    static const struct {
        const char *server;
        const char *part;
    } CASES[] = {
        {"ftp://host", "scheme 'ftp'"},
        {"https://user@host", "only host, port and path"},
        {"host?x=1", "only host, port and path"},
        {"", "server"},
    };
    struct client *client = NULL;
    struct err err;
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct client_opts opts = {.server = CASES[i].server};
        ASSERT_ERR(client_new(&opts, &client, &err), ERR_INVALID, CASES[i].part);
    }
    struct client_opts opts = {.server = "host", .server_crt = "/nonexistent.pem"};
    ASSERT_ERR(client_new(&opts, &client, &err), ERR_NOT_FOUND, "/nonexistent.pem");
}

static void urls_follow_the_options(void **state UNUSED)
{
    static const struct {
        struct client_opts opts;
        const char *url;
    } CASES[] = {
        {{.server = "host:8080"}, "https://host:8080"},
        {{.server = "host/root/", .plain_text = true}, "http://host/root"},
        {{.server = "https://host", .plain_text = true}, "https://host"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        AUTO(client) struct client *client = NULL;
        struct err err;
        ASSERT_OK(client_new(&CASES[i].opts, &client, &err));
        ASSERT_STR(client_url(client), CASES[i].url);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(answers_are_parsed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bodies_are_json, set_up, tear_down),
        cmocka_unit_test_setup_teardown(failures_carry_the_servers_message, set_up, tear_down),
        cmocka_unit_test_setup_teardown(streams_end_as_wanted, set_up, tear_down),
        cmocka_unit_test(servers_are_checked),
        cmocka_unit_test(urls_follow_the_options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
