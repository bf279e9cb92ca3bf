/* Actions on objects of an application: which objects are meant, and what the server is asked. */
#include "cli/cmd_app_actions.h"
#include "tests/lib/cli_fixture.h"

#define ITEM(group, kind, name, version)                                                   \
    "{\"group\":\"" group "\",\"kind\":\"" kind "\",\"namespace\":\"ns\",\"name\":\"" name \
    "\",\"liveState\":\"{\\\"apiVersion\\\":\\\"" version "\\\"}\"}"
#define MISSING "{\"kind\":\"Pod\",\"name\":\"p\",\"liveState\":\"null\"}"
#define APP     "/api/v1/applications/web"

static struct cli_answer ANSWERS[] = {
    {"GET " APP "/managed-resources", 0,
     "{\"items\":[" ITEM("apps", "Deployment", "a", "apps/v1") "," ITEM(
         "apps", "Deployment", "b", "apps/v1") "," ITEM("",
                                                        "ConfigMap",
                                                        "c",
                                                        "v1") "," ITEM("x.io",
                                                                       "ConfigMap",
                                                                       "c",
                                                                       "x.io/v2") "," MISSING "]}",
     false},
    {"GET " APP "/resource/actions?namespace=ns&resourceName=a&version=v1&group=apps&kind="
     "Deployment",
     0, "{\"actions\":[{\"name\":\"pause\",\"disabled\":true},{\"name\":\"restart\"}]}", false},
    {"GET " APP "/resource/actions?namespace=ns&resourceName=c&version=v2&group=x.io", 0,
     "{\"actions\":[{\"name\":\"mark\"}]}", false},
    {"GET " APP "/resource/actions", 0, "{\"actions\":[]}", false},
    {"POST " APP "/resource/actions/v2", 0, "{}", false},
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

static void actions_are_listed(void **state)
{
    struct cli_fixture *f = *state;
    ASSERT_PRINTS(f,
                  "GROUP  KIND        NAME  ACTION   DISABLED\n"
                  "apps   Deployment  a     pause    true\n"
                  "apps   Deployment  a     restart  false\n"
                  "x.io   ConfigMap   c     mark     false\n",
                  "app actions list", "web");
    assert_int_equal(CLI_RUN(f, "app actions list", "web", "--group", "x.io", "-o", "json"), 0);
    assert_non_null(strstr(f->cli.out.p, "\"Action\": \"mark\""));
    assert_non_null(strstr(f->cli.out.p, "\"Disabled\": false"));
    assert_null(strstr(f->cli.out.p, "Deployment"));
}

static void an_action_is_run(void **state)
{
    struct cli_fixture *f = *state;
    buf_reset(&f->asked);
    ASSERT_PRINTS(f, "", "app actions run", "web", "scale", "--kind", "Deployment",
                  "--resource-name", "b", "--param", "replicas=3", "-N", "elsewhere");
    assert_non_null(strstr(
        f->asked.p, "\"resourceActionParameters\":[{\"name\":\"replicas\",\"value\":\"3\"}]"));
    assert_non_null(strstr(f->asked.p, "\"appNamespace\":\"elsewhere\""));
    assert_non_null(strstr(f->asked.p, "\"resourceName\":\"b\""));
    buf_reset(&f->asked);
    ASSERT_PRINTS(f, "", "app actions run", "web", "restart", "--kind", "Deployment", "--all");
    assert_non_null(strstr(f->asked.p, "\"resourceName\":\"a\""));
    assert_non_null(strstr(f->asked.p, "\"resourceName\":\"b\""));
    ASSERT_PRINTS(f, "", "app actions run", "web", "x", "--kind", "ConfigMap", "--group", "");
}

static void mistakes_are_refused(void **state)
{
    struct cli_fixture *f = *state;
    ASSERT_REFUSES(f, ERR_INVALID, "--kind is required", "app actions run", "web", "restart");
    ASSERT_REFUSES(f, ERR_INVALID, "Multiple resources match", "app actions run", "web", "restart",
                   "--kind", "Deployment");
    ASSERT_REFUSES(f, ERR_INVALID, "Ambiguous resource group", "app actions run", "web", "x",
                   "--kind", "ConfigMap", "--all");
    ASSERT_REFUSES(f, ERR_NOT_FOUND, "No matching resource found", "app actions run", "web", "x",
                   "--kind", "Pod");
    ASSERT_REFUSES(f, ERR_INVALID, "not KEY=VALUE", "app actions run", "web", "x", "--kind", "Pod",
                   "--param", "x");
    ASSERT_REFUSES(f, ERR_NOT_FOUND, "application 'other'", "app actions list", "other");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(actions_are_listed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_action_is_run, set_up, tear_down),
        cmocka_unit_test_setup_teardown(mistakes_are_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
