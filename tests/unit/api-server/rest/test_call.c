/* Parameters of requests and the form of answers. */
#include "tests/lib/api_fixture.h"

static void errors(struct api_fixture *f)
{
    api_fixture_login(f);
    struct api_answer a =
        api_fixture_call(f, "GET", "/api/v1/applications/%22%ff%0a?project=default", NULL);
    assert_int_equal(a.status, 404);
    ASSERT_STR(a.text,
               "{\"code\":5,\"error\":\"applications.argoproj.io \\\"\\\"\xef\xbf\xbd\\n\\\" "
               "not found\",\"message\":\"applications.argoproj.io \\\"\\\"\xef\xbf\xbd\\n\\\" "
               "not found\"}");
}

static void errors_have_one_form(void **state UNUSED)
{
    API_TEST(errors);
}

static void fields(struct api_fixture *f)
{
    api_fixture_login(f);
    api_fixture_app(f, "a", "");
    assert_yaml(f->arena, api_fixture_get(f, "/api/v1/applications/a?fields=metadata.name"),
                "{metadata: {name: a}}");
    assert_yaml(f->arena,
                api_fixture_get(f, "/api/v1/applications/a?fields=-metadata,spec,kind,apiVersion"),
                "{}");
    struct buf path;
    buf_init(&path, 4096);
    buf_put_c(&path, "/api/v1/applications?fields=");
    for (int i = 0; i < 201; i++) {
        buf_put_c(&path, "a,");
    }
    API_REFUSED(f, "GET", path.p, NULL, 429, 8, "fields");
    buf_done(&path);
}

static void answers_are_reduced(void **state UNUSED)
{
    API_TEST(fields);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_have_one_form),
        cmocka_unit_test(answers_are_reduced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
