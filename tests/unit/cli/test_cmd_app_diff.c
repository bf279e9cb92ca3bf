/* Differences of managed objects, and the exit statuses they give. */
#include "cli/cmd_app_diff.h"
#include "tests/lib/cli_fixture.h"

#define ITEM(name, live, predicted, target)                                       \
    "{\"kind\":\"ConfigMap\",\"namespace\":\"ns\",\"name\":\"" name               \
    "\",\"normalizedLiveState\":\"" live "\",\"predictedLiveState\":\"" predicted \
    "\",\"targetState\":\"" target "\",\"liveState\":\"" live "\"}"
#define OBJECT(v) "{\\\"data\\\":" v "}"
#define ITEMS(app, items)                                                                         \
    {                                                                                             \
        "GET /api/v1/applications/" app "/managed-resources", 0, "{\"items\":[" items "]}", false \
    }

static struct cli_answer ANSWERS[] = {
    ITEMS("same", ITEM("a", OBJECT("1"), OBJECT("1"), OBJECT("1"))),
    ITEMS("changed", ITEM("a", OBJECT("1"), OBJECT("2"), OBJECT("2"))),
    ITEMS("missing", ITEM("a", "null", "null", OBJECT("2"))),
    ITEMS("extra", ITEM("a", OBJECT("1"), OBJECT("1"), "null")),
    ITEMS("hook", "{\"kind\":\"Job\",\"hook\":true,\"targetState\":\"{}\"}"),
    ITEMS("broken", ITEM("a", "{", "null", "null")),
    {"GET /api/v1/applications/changed?refresh=hard", 0, "{}", false},
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

static void nothing_is_printed_without_a_difference(void **state)
{
    struct cli_fixture *f = *state;
    ASSERT_PRINTS(f, "", "app diff", "same");
    ASSERT_PRINTS(f, "", "app diff", "hook");
}

static void differences_are_unified(void **state)
{
    struct cli_fixture *f = *state;
    assert_int_equal(CLI_RUN(f, "app diff", "changed", "--hard-refresh"), 1);
    assert_string_equal(f->cli.out.p, "===== /ConfigMap ns/a =====\n--- live\n+++ target\n"
                                      "@@ -1 +1 @@\n-data: 1\n+data: 2\n");
    assert_non_null(strstr(f->asked.p, "refresh=hard"));
    assert_int_equal(CLI_RUN(f, "app diff", "missing"), 1);
    assert_non_null(strstr(f->cli.out.p, "@@ -0,0 +1 @@\n+data: 2\n"));
    assert_int_equal(CLI_RUN(f, "app diff", "extra"), 1);
    assert_non_null(strstr(f->cli.out.p, "@@ -1 +0,0 @@\n-data: 1\n"));
}

static void the_exit_status_may_be_chosen(void **state)
{
    struct cli_fixture *f = *state;
    assert_int_equal(CLI_RUN(f, "app diff", "changed", "--exit-code=false"), 0);
    assert_int_equal(CLI_RUN(f, "app diff", "changed", "--diff-exit-code", "20"), 20);
    ASSERT_REFUSES(f, ERR_INVALID, "--diff-exit-code", "app diff", "changed", "--diff-exit-code",
                   "256");
    ASSERT_REFUSES(f, ERR_INVALID, "--context", "app diff", "changed", "-U", "-1");
}

static void failures_are_told(void **state)
{
    struct cli_fixture *f = *state;
    assert_int_equal(command_find(STR("app diff"))->exit_on_error, 2);
    ASSERT_REFUSES(f, ERR_INVALID, "ConfigMap 'a': normalizedLiveState", "app diff", "broken");
    ASSERT_REFUSES(f, ERR_NOT_FOUND, "nothing here", "app diff", "other");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_is_printed_without_a_difference, set_up, tear_down),
        cmocka_unit_test_setup_teardown(differences_are_unified, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_exit_status_may_be_chosen, set_up, tear_down),
        cmocka_unit_test_setup_teardown(failures_are_told, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
