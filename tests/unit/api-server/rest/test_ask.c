/* Calls to the controller for a request. */
#include "tests/lib/api_fixture.h"

#define TREE "/api/v1/applications/a/resource-tree"

static void answers(struct api_fixture *f)
{
    api_fixture_login(f);
    api_fixture_app(f, "a", "");
    f->answer = "{nodes: []}";
    assert_yaml(f->arena, api_fixture_get(f, TREE), "{nodes: []}");
    f->fails = ERR_CONFLICT;
    API_REFUSED(f, "GET", TREE, NULL, 409, 10, "told to fail");
    f->fails = ERR_OK;
    assert_int_equal(api_fixture_call(f, "GET", TREE, NULL).status, 200);
}

static void passes_answers_and_errors_on(void **state UNUSED)
{
    API_TEST(answers);
}

static void silence(struct api_fixture *f)
{
    api_fixture_login(f);
    api_fixture_app(f, "a", "");
    f->hold = true;
    API_REFUSED(f, "GET", TREE, NULL, 504, 4, "");
}

static void waits_no_longer_than_it_may(void **state UNUSED)
{
    static const char *const ARGS[] = {"--call-timeout=1s", NULL};
    assert_int_equal(api_fixture_run(silence, ARGS), 0);
}

static void away(struct api_fixture *f)
{
    api_fixture_login(f);
    api_fixture_app(f, "a", "");
    ipc_server_free(f->controller);
    f->controller = NULL;
    API_REFUSED(f, "GET", TREE, NULL, 503, 14, "");
    API_REFUSED(f, "DELETE", "/api/v1/applications/a/resource?resourceName=x&kind=Pod", NULL, 503,
                14, "");
}

static void says_when_nobody_is_there(void **state UNUSED)
{
    API_TEST(away);
}

static bool is_held(void *data)
{
    return ((struct api_fixture *)data)->n_held > 0;
}

/* The client goes away while its question is with the controller. */
static void impatient(struct api_fixture *f)
{
    struct http_result result = {0};
    api_fixture_login(f);
    api_fixture_app(f, "a", "");
    f->hold = true;
    struct http_call_opts opts = {.headers = api_fixture_headers(f, "GET")};
    api_fixture_begin(f, opts, TREE, &result);
    api_fixture_wait(f, is_held, f);
    http_call_cancel(result.call);
    api_fixture_wait(f, http_result_is_done, &result);
    http_result_free(&result);
    api_fixture_let_go(f);
    assert_int_equal(api_fixture_call(f, "GET", TREE, NULL).status, 200);
}

static void outlives_its_client(void **state UNUSED)
{
    API_TEST(impatient);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passes_answers_and_errors_on),
        cmocka_unit_test(waits_no_longer_than_it_may),
        cmocka_unit_test(says_when_nobody_is_there),
        cmocka_unit_test(outlives_its_client),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
