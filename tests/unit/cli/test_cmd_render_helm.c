/* Flags of rendering a chart. What is rendered is tested in tests/unit/engine. */
#include <string.h>

#include "cli/cmd_render_helm.h"
#include "tests/lib/cli_fixture.h"

static struct cli_answer ANSWERS[] = {{NULL, 0, NULL, false}};

#define DIR   "tests/data/helm/everything/in"
#define CHART DIR "/chart"

static void charts_are_rendered(void **state UNUSED)
{
    struct cli_fixture *f = cli_fixture_new(ANSWERS);
    assert_int_equal(CLI_RUN(f, "render helm", CHART, "--name", "rel", "-f", DIR "/prod.yaml",
                             "--set", "list={a,b},secret=1", "--set-string", "asked=7",
                             "--set-file", "text=" DIR "/extra.txt"),
                     0);
    assert_non_null(strstr(f->cli.out.p, "greeting: \"From A File\"\n"));
    assert_non_null(strstr(f->cli.out.p, "secret: 1\n"));
    assert_non_null(strstr(f->cli.out.p, "asked: \"7\"\n"));
    assert_non_null(strstr(f->cli.out.p, "extra: \"text of a file\"\n"));
    assert_int_equal(f->asked.n, 0);
    cli_fixture_free(f);
}

static void failures_are_told(void **state UNUSED)
{
    struct cli_fixture *f = cli_fixture_new(ANSWERS);
    ASSERT_REFUSES(f, ERR_NOT_FOUND, "/nonexistent", "render helm", "/nonexistent");
    ASSERT_REFUSES(f, ERR_NOT_FOUND, "none.yaml", "render helm", CHART, "-f", "none.yaml");
    ASSERT_REFUSES(f, ERR_INVALID, "has no value", "render helm", CHART, "--set", "a");
    cli_fixture_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(charts_are_rendered),
        cmocka_unit_test(failures_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
