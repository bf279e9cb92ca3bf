/* Actions on objects over REST: what the controller is asked, and what it is not. */
#include "tests/lib/api_fixture.h"

#define A   "/api/v1/applications/a/resource/actions"
#define OBJ "?namespace=ns&resourceName=web&version=v1&group=apps&kind=Deployment"
#define BODY \
    "{\"resourceName\":\"web\",\"kind\":\"Deployment\",\"group\":\"apps\",\"action\":\"scale\""

static void setup(struct api_fixture *f)
{
    api_fixture_login(f);
    api_fixture_app(f, "a", "");
}

static void listing(struct api_fixture *f)
{
    setup(f);
    f->answer = "{actions: [{name: restart, disabled: false}]}";
    assert_yaml(f->arena, api_fixture_get(f, A OBJ), f->answer);
    assert_int_equal(f->asked, BELAY__CONTROLLER_METHOD__CONTROLLER_LIST_ACTIONS);
    assert_string_equal(f->asked_name, "web");
    f->fails = ERR_INVALID;
    API_REFUSED(f, "GET", A OBJ, NULL, 400, 3, "told to fail");
}

static void actions_are_listed(void **state UNUSED)
{
    API_TEST(listing);
}

static void running(struct api_fixture *f)
{
    setup(f);
    f->answer = "{}";
    ASSERT_STR(api_fixture_call(f, "POST", A OBJ, "\"restart\"").text, "{}");
    assert_int_equal(f->asked, BELAY__CONTROLLER_METHOD__CONTROLLER_RUN_ACTION);
    assert_string_equal(f->asked_text, "restart");
    ASSERT_STR(api_fixture_call(f, "POST", A "/v2", BODY "}").text, "{}");
    assert_string_equal(f->asked_text, "scale");
    ASSERT_STR(api_fixture_call(f, "POST", A "/v2",
                                BODY ",\"resourceActionParameters\":[{\"name\":\"replicas\","
                                     "\"value\":\"3\"},{\"name\":\"b\"}]}")
                   .text,
               "{}");
    assert_string_equal(f->asked_text, "scale replicas=3 b=");
    f->fails = ERR_DENIED;
    API_REFUSED(f, "POST", A "/v2", BODY "}", 403, 7, "told to fail");
}

static void actions_are_run(void **state UNUSED)
{
    API_TEST(running);
}

static void mistakes(struct api_fixture *f)
{
    setup(f);
    API_REFUSED(f, "GET", A "?kind=Pod", NULL, 400, 3, "resourceName");
    API_REFUSED(f, "POST", A OBJ, "{}", 400, 3, "JSON string");
    API_REFUSED(f, "POST", A OBJ, "\"\"", 400, 3, "no action");
    API_REFUSED(f, "POST", A "/v2", "{\"action\":\"x\"}", 400, 3, "resourceName");
    API_REFUSED(f, "POST", A "/v2", BODY ",\"resourceActionParameters\":[{\"value\":\"3\"}]}", 400,
                3, "no name");
    API_REFUSED(f, "POST", A "/v2", BODY ",\"project\":\"other\"}", 404, 5, "not found");
    API_REFUSED(f, "POST", "/api/v1/applications/x/resource/actions/v2", BODY "}", 403, 7,
                "permission denied");
    assert_int_equal(f->n_asked, 0);
}

static void nobody_is_asked_for_nonsense(void **state UNUSED)
{
    API_TEST(mistakes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(actions_are_listed),
        cmocka_unit_test(actions_are_run),
        cmocka_unit_test(nobody_is_asked_for_nonsense),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
