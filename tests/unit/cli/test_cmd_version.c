/* Versions of both sides. */
#include "cli/cmd_version.h"
#include "tests/lib/cli_fixture.h"
#include "version.h"

static int tear_down(void **state)
{
    cli_fixture_free(*state);
    return 0;
}

static void versions_are_printed(void **state)
{
    struct cli_answer answers[] = {
        {"GET /api/version", 0, "{\"Version\":\"v9\",\"GitCommit\":\"0123456789\"}", false},
        {NULL, 0, NULL, false},
    };
    struct cli_fixture *f = cli_fixture_new(answers);
    *state = f;
    ASSERT_PRINTS(f, "belay: v" BELAY_VERSION "\nbelay-api-server: v9\n", "version", "--short");
    ASSERT_PRINTS(f, "belay: v" BELAY_VERSION "\n", "version", "--short", "--client");
    assert_int_equal(f->asked.n, 0);
    assert_int_equal(CLI_RUN(f, "version", NULL), 0);
    assert_non_null(strstr(f->cli.out.p, "belay-api-server: v9+0123456\n"));
    ASSERT_PRINTS(f, "client:\n  Version: v" BELAY_VERSION "\nserver:\n  Version: v9\n", "version",
                  "--short", "-o", "yaml");
}

static void the_own_version_is_printed_in_any_case(void **state)
{
    struct cli_answer answers[] = {{NULL, 0, NULL, false}};
    struct cli_fixture *f = cli_fixture_new(answers);
    *state = f;
    ASSERT_REFUSES(f, ERR_NOT_FOUND, "the server's version: nothing here", "version", "--short");
    assert_string_equal(f->cli.out.p, "belay: v" BELAY_VERSION "\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(versions_are_printed, tear_down),
        cmocka_unit_test_teardown(the_own_version_is_printed_in_any_case, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
