/* Flags of rendering. What is rendered is tested in tests/unit/engine. */
#include "cli/cmd_render.h"
#include "tests/lib/cli_fixture.h"

static struct cli_answer ANSWERS[] = {{NULL, 0, NULL, false}};

#define DIR "tests/data/plain/many_documents/in"

static void directories_are_rendered(void **state UNUSED)
{
    struct cli_fixture *f = cli_fixture_new(ANSWERS);
    ASSERT_PRINTS(f, "configmap/a\nconfigmap/b\n", "render", DIR, "-o", "name");
    ASSERT_PRINTS(f, "", "render", DIR, "-o", "name", "--exclude", "*", "--recurse");
    assert_int_equal(CLI_RUN(f, "render", DIR, "-o", "json", "--include", "*"), 0);
    assert_int_equal(f->cli.out.p[0], '[');
    assert_int_equal(f->asked.n, 0);
    cli_fixture_free(f);
}

static void failures_are_told(void **state UNUSED)
{
    struct cli_fixture *f = cli_fixture_new(ANSWERS);
    assert_int_equal(command_find(STR("render"))->exit_on_error, 1);
    ASSERT_REFUSES(f, ERR_NOT_FOUND, "/nonexistent", "render", "/nonexistent");
    ASSERT_REFUSES(f, ERR_NOT_FOUND, "path", "render", DIR, "--path", "none");
    cli_fixture_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(directories_are_rendered),
        cmocka_unit_test(failures_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
