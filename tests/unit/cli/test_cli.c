/* Whole command lines, without a server: flags before and after the words, the environment, exit statuses. What
 * they print goes to the test's own output. */
#include <stdlib.h>

#include "cli/cli.h"
#include "tests/lib/check.h"

static int run(char **words)
{
    int n = 0;
    while (words[n] != NULL) {
        n++;
    }
    return cli_main(n, words);
}

#define RUN(...) run((char *[]){(char[]){"belay"}, __VA_ARGS__, NULL})
/* string literals are not writable, argv is */
#define W(word) \
    (char[])    \
    {           \
        word    \
    }

static void commands_are_run(void **state UNUSED)
{
    assert_int_equal(RUN(W("version"), W("--client")), CLI_EXIT_OK);
    assert_int_equal(RUN(W("--insecure"), W("version"), W("--client")), CLI_EXIT_OK);
    assert_int_equal(RUN(W("completion"), W("bash")), CLI_EXIT_OK);
    assert_int_equal(RUN(W("completion"), W("csh")), CLI_EXIT_ERROR);
    assert_int_equal(RUN(W("render"), W("/nonexistent")), CLI_EXIT_NO);
}

static void help_is_no_error(void **state UNUSED)
{
    assert_int_equal(RUN(W("--help")), CLI_EXIT_OK);
    assert_int_equal(RUN(W("app"), W("-h")), CLI_EXIT_OK);
    assert_int_equal(RUN(W("app"), W("sync"), W("--help")), CLI_EXIT_OK);
}

static void wrong_usage_is(void **state UNUSED)
{
    assert_int_equal(run((char *[]){W("belay"), NULL}), CLI_EXIT_USAGE);
    assert_int_equal(RUN(W("app")), CLI_EXIT_USAGE);
    assert_int_equal(RUN(W("app"), W("snyc")), CLI_EXIT_USAGE);
    assert_int_equal(RUN(W("app"), W("sync")), CLI_EXIT_USAGE);
    assert_int_equal(RUN(W("app"), W("sync"), W("a"), W("--prnue")), CLI_EXIT_USAGE);
    assert_int_equal(RUN(W("--client"), W("version")), CLI_EXIT_USAGE);
}

static void the_environment_has_flags_too(void **state UNUSED)
{
    assert_int_equal(setenv("BELAY_OPTS", "--client --output 'json'", 1), 0);
    assert_int_equal(RUN(W("version")), CLI_EXIT_OK);
    assert_int_equal(setenv("BELAY_OPTS", "--nonsense", 1), 0);
    assert_int_equal(RUN(W("version"), W("--client")), CLI_EXIT_USAGE);
    assert_int_equal(setenv("BELAY_OPTS", "word", 1), 0);
    assert_int_equal(RUN(W("version"), W("--client")), CLI_EXIT_USAGE);
    assert_int_equal(unsetenv("BELAY_OPTS"), 0);
}

static void servers_that_are_not_there(void **state UNUSED)
{
    assert_int_equal(setenv("XDG_CONFIG_HOME", "/nonexistent", 1), 0);
    assert_int_equal(RUN(W("app"), W("list")), CLI_EXIT_ERROR);
    assert_int_equal(RUN(W("app"), W("list"), W("--server"), W("http://127.0.0.1:1")),
                     CLI_EXIT_ERROR);
    assert_int_equal(RUN(W("app"), W("diff"), W("a"), W("--server"), W("http://127.0.0.1:1")),
                     CLI_EXIT_USAGE);
    assert_int_equal(setenv("ARGOCD_SERVER", "ftp://x", 1), 0);
    assert_int_equal(RUN(W("app"), W("list")), CLI_EXIT_ERROR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_are_run),
        cmocka_unit_test(help_is_no_error),
        cmocka_unit_test(wrong_usage_is),
        cmocka_unit_test(the_environment_has_flags_too),
        cmocka_unit_test(servers_that_are_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
