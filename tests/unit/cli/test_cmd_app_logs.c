/* What is asked of the server, and what is printed; the lines themselves go to standard output. */
#include "cli/cmd_app_logs.h"
#include "tests/lib/cli_fixture.h"

#define ENTRY(pod, content) \
    "data: {\"result\":{\"content\":\"" content "\",\"last\":false,\"podName\":\"" pod "\"}}\n\n"
#define LAST "data: {\"result\":{\"content\":\"\",\"last\":true}}\n\n"

static struct cli_answer ANSWERS[] = {
    {"GET /api/v1/applications/web/logs", 0, ENTRY("p", "one") ENTRY("p", "two") LAST, false},
    {"GET /api/v1/applications/cut/logs", 0, ENTRY("p", "one"), false},
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

static void asks_for_what_the_flags_say(void **state)
{
    struct cli_fixture *f = *state;
    assert_int_equal(CLI_RUN(f, "app logs", "web", "--kind", "Job", "--name", "x", "--tail", "5",
                             "-c", "main", "--filter", "!a", "-m", "-p"),
                     0);
    assert_non_null(strstr(f->asked.p, "logs?kind=Job&resourceName=x&container=main&tailLines=5"
                                       "&filter=%21a&matchCase=true&previous=true"));
    assert_int_equal(CLI_RUN(f, "app logs", "web", "--prefix"), 0);
}

static void a_log_that_breaks_off_is_told(void **state)
{
    struct cli_fixture *f = *state;
    ASSERT_REFUSES(f, ERR_UNAVAILABLE, "--since-seconds", "app logs", "cut");
    ASSERT_REFUSES(f, ERR_NOT_FOUND, "nothing here", "app logs", "other");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(asks_for_what_the_flags_say, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_log_that_breaks_off_is_told, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
