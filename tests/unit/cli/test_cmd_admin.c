/* The engines by themselves. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cmd_admin.h"
#include "tests/lib/cli_fixture.h"

static int tear_down(void **state)
{
    cli_fixture_free(*state);
    return 0;
}

/* Standard input for the rest of the test program. */
static void set_input(const char *text)
{
    FILE *file = tmpfile();
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fflush(file), 0);
    assert_int_equal(fseek(file, 0, SEEK_SET), 0);
    assert_true(dup2(fileno(file), STDIN_FILENO) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void templates_are_run_line_by_line(void **state)
{
    struct cli_answer answers[] = {{NULL, 0, NULL, false}};
    struct cli_fixture *f = cli_fixture_new(answers);
    *state = f;
    set_input(
        "{\"template\": \"{{.a}} {{kindOf .a}}\", \"data\": {\"a\": 1}}\n\n"
        "{\"template\": \"{{kindOf (index .a 0)}}\", \"data\": {\"a\": [1]}, \"ints\": true}\n"
        "{\"template\": \"{{.a.b}}\", \"data\": {\"a\": 1}}\n"
        "{\"template\": \"{{\"}\n");
    assert_int_equal(CLI_RUN(f, "admin template", NULL), 0);
    assert_non_null(
        strstr(f->cli.out.p, "{\"output\":\"1 float64\"}\n{\"output\":\"int\"}\n{\"error\":"));
    assert_non_null(strstr(f->cli.out.p, "can't evaluate field b"));
}

static void what_is_no_json_is_refused(void **state)
{
    struct cli_answer answers[] = {{NULL, 0, NULL, false}};
    struct cli_fixture *f = cli_fixture_new(answers);
    *state = f;
    set_input("{\"template\": \"\"}\n{\n");
    ASSERT_REFUSES(f, ERR_INVALID, "line 2", "admin template", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(templates_are_run_line_by_line, tear_down),
        cmocka_unit_test_teardown(what_is_no_json_is_refused, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
