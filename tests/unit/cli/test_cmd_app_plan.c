/* `belay app plan`: what is asked, what is printed, how it exits. */
#include "cli/cmd_app_plan.h"
#include "tests/lib/cli_fixture.h"

#define APP "/api/v1/applications/"

static struct cli_answer ANSWERS[] = {
    {"GET " APP "idle/plan", 0, "{\"tasks\":[],\"counts\":{}}", false},
    {"GET " APP
     "web/plan?revision=v1&strategy=apply&prune=true&force=true&resources=%3AConfigMap%3Aa"
     "&resources=%3AConfigMap%3Ab&syncOptions=Replace%3Dtrue",
     0,
     "{\"tasks\":[{\"phase\":\"Sync\",\"wave\":0,\"action\":\"create\",\"kind\":\"ConfigMap\","
     "\"name\":\"a\"}],\"counts\":{\"create\":1}}",
     false},
    {"GET " APP "web/plan", 400, "{\"message\":\"asked in the wrong way\",\"code\":3}", false},
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

static void the_exit_status_tells_whether_there_is_work(void **state)
{
    struct cli_fixture *f = *state;
    ASSERT_PRINTS(f, "nothing to do\n", "app plan", "idle");
    assert_int_equal(CLI_RUN(f, "app plan", "web", "--revision", "v1", "--strategy", "apply",
                             "--prune", "--force", "--resource", ":ConfigMap:a", "--resource",
                             ":ConfigMap:b", "--sync-option", "Replace=true"),
                     1);
    assert_string_equal(f->cli.out.p, "Sync\n  wave 0\n    + ConfigMap a\n1 to create\n");
    assert_int_equal(CLI_RUN(f, "app plan", "idle", "-o", "json"), 0);
    assert_non_null(strstr(f->cli.out.p, "\"tasks\": []"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_exit_status_tells_whether_there_is_work, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
