/* Matching, and the checks that hold for every route. */
#include "tests/lib/api_fixture.h"

static void unknown_paths(struct api_fixture *f)
{
    static const char *const PATHS[] = {"/api",
                                        "/api/v1/applications/",
                                        "/api/v1/applications/a/b/c",
                                        "/api/v1/applications//sync",
                                        "/nothing",
                                        "/healthz/x"};
    api_fixture_login(f);
    for (size_t i = 0; i < ARRAY_LEN(PATHS); i++) {
        API_REFUSED(f, "GET", PATHS[i], NULL, 404, 5, "Not Found");
    }
    API_REFUSED(f, "GET", "/api/v1/applications/a%2Fb?project=default", NULL, 404, 5, "a/b");
    API_REFUSED(f, "GET", "/api/v1/applications/%zz", NULL, 400, 3, "");
    API_REFUSED(f, "GET", "/api/v1/applications/%2e%2e", NULL, 400, 3, "");
    API_REFUSED(f, "GET", "/api/v1/applications?a=%zz", NULL, 400, 3, "");
    API_REFUSED(f, "PUT", "/api/v1/applications", "{}", 405, 12, "method PUT is not allowed here");
}

static void finds_routes(void **state UNUSED)
{
    API_TEST(unknown_paths);
}

static void rights_first(struct api_fixture *f)
{
    API_REFUSED(f, "GET", "/api/v1/applications", NULL, 401, 16, "no session information");
    /* nobody's body is read */
    API_REFUSED(f, "POST", "/api/v1/applications", "{", 401, 16, "no session information");
    api_fixture_login(f);
    API_REFUSED(f, "POST", "/api/v1/applications", "{", 400, 3, "request body");
    API_REFUSED(f, "POST", "/api/v1/applications", "", 400, 3, "metadata.name");
}

static void asks_who_it_is_first(void **state UNUSED)
{
    API_TEST(rights_first);
}

static void content_types(struct api_fixture *f)
{
    static const struct {
        const char *method, *type;
        int status;
    } ROWS[] = {
        {"POST", "application/json", 401},
        {"POST", "APPLICATION/JSON", 401},
        {"POST", "application/json; charset=utf-8", 415},
        {"POST", "text/plain", 415},
        {"DELETE", "", 415},
        {"GET", "text/plain", 404},
    };
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        struct http_call_opts opts = {
            .method = ROWS[i].method,
            .headers = HTTP_HEADERS({STR("content-type"), str_from(ROWS[i].type)}),
        };
        const char *path =
            ROWS[i].status == 404 ? "/api/v1/nothing" : "/api/v1/applications/a/operation";
        path = strcmp(ROWS[i].method, "POST") == 0 ? "/api/v1/session" : path;
        struct api_answer a = api_fixture_send(f, opts, path, NULL);
        assert_int_equal(a.status, ROWS[i].status);
        if (a.status == 415) {
            ASSERT_STR(value_dig_str(a.json, "message"), "Invalid content type");
        }
    }
}

static void takes_json_only(void **state UNUSED)
{
    API_TEST(content_types);
}

static void below_belay(struct api_fixture *f)
{
    static const char *const OUTSIDE[] = {"/api/version", "/belayapi/version",
                                          "/belay2/api/version", "/", "/belay/healthz/x"};
    assert_int_equal(api_fixture_call(f, "GET", "/belay/api/version", NULL).status, 200);
    assert_int_equal(api_fixture_call(f, "GET", "/belay", NULL).status, 200);
    assert_int_equal(api_fixture_call(f, "GET", "/healthz", NULL).status, 200);
    assert_int_equal(api_fixture_call(f, "GET", "/belay/healthz", NULL).status, 200);
    for (size_t i = 0; i < ARRAY_LEN(OUTSIDE); i++) {
        API_REFUSED(f, "GET", OUTSIDE[i], NULL, 404, 5, "Not Found");
    }
}

static void lives_below_a_root_path(void **state UNUSED)
{
    static const char *const PLAIN[] = {"--rootpath=/belay", NULL};
    static const char *const SLASH[] = {"--rootpath=/belay//", NULL};
    assert_int_equal(api_fixture_run(below_belay, PLAIN), 0);
    assert_int_equal(api_fixture_run(below_belay, SLASH), 0);
}

static void head(struct api_fixture *f)
{
    api_fixture_login(f);
    struct http_call_opts opts = {.method = "HEAD", .headers = api_fixture_headers(f, "GET")};
    struct api_answer a = api_fixture_send(f, opts, "/api/v1/applications", "content-length");
    assert_int_equal(a.status, 200);
    assert_int_equal(a.text.n, 0);
    assert_string_not_equal(a.header, "");
    assert_int_equal(api_fixture_send(f, opts, "/api/v1/stream/applications", NULL).status, 200);
}

static void answers_head(void **state UNUSED)
{
    API_TEST(head);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_routes),    cmocka_unit_test(asks_who_it_is_first),
        cmocka_unit_test(takes_json_only), cmocka_unit_test(lives_below_a_root_path),
        cmocka_unit_test(answers_head),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
