/* Start, what is served from the beginning, and the end. */
#include "tests/lib/api_fixture.h"

static void serves(struct api_fixture *f)
{
    ASSERT_STR(api_fixture_call(f, "GET", "/healthz", NULL).text, "ok");
    api_fixture_login(f);
    assert_yaml(f->arena, value_dig(api_fixture_get(f, "/api/v1/applications"), "items"), "[]");
}

static void starts_serves_and_ends(void **state UNUSED)
{
    API_TEST(serves);
}

static bool is_held(void *data)
{
    return ((struct api_fixture *)data)->n_held > 0;
}

static struct http_result hanging;

static void hangs(struct api_fixture *f)
{
    api_fixture_login(f);
    api_fixture_app(f, "a", "");
    f->hold = true;
    hanging = (struct http_result){0};
    struct http_call_opts opts = {.headers = api_fixture_headers(f, "GET")};
    api_fixture_begin(f, opts, "/api/v1/applications/a/resource-tree", &hanging);
    api_fixture_wait(f, is_held, f);
}

/* The client of the fixture goes first: what is tested is that nobody waits for the controller. */
static void ends_while_the_controller_hangs(void **state UNUSED)
{
    API_TEST(hangs);
    assert_int_equal(hanging.n_done, 1);
    http_result_free(&hanging);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starts_serves_and_ends),
        cmocka_unit_test(ends_while_the_controller_hangs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
