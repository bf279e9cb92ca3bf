/* Health of one object, offline. */
#include <stdio.h>
#include <unistd.h>

#include "cli/cmd_admin_health.h"
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

static void the_health_is_json(void **state)
{
    struct cli_answer answers[] = {{NULL, 0, NULL, false}};
    struct cli_fixture *f = cli_fixture_new(answers);
    *state = f;
    set_input("{apiVersion: apps/v1, kind: Deployment, spec: {paused: true}}");
    assert_int_equal(CLI_RUN(f, "admin health", "-", NULL), 0);
    ASSERT_STR(buf_str(&f->cli.out),
               "{\"message\":\"Deployment is paused\",\"status\":\"Suspended\"}\n");
    buf_reset(&f->cli.out);
    set_input("{apiVersion: v1, kind: ConfigMap}");
    assert_int_equal(CLI_RUN(f, "admin health", "-", NULL), 0);
    ASSERT_STR(buf_str(&f->cli.out), "{\"message\":\"\",\"status\":null}\n");
    buf_reset(&f->cli.out);
    set_input("{apiVersion: v1, kind: ConfigMap, data: {resource.customizations.health.ConfigMap: "
              "\"return {status = 'Healthy', message = obj.kind}\"}}");
    assert_int_equal(
        CLI_RUN(f, "admin health", "tests/data/health/config_map.yaml", "--config", "-", NULL), 0);
    ASSERT_STR(buf_str(&f->cli.out), "{\"message\":\"ConfigMap\",\"status\":\"Healthy\"}\n");
}

static void what_is_no_object_is_refused(void **state)
{
    struct cli_answer answers[] = {{NULL, 0, NULL, false}};
    struct cli_fixture *f = cli_fixture_new(answers);
    *state = f;
    set_input("[1]");
    ASSERT_REFUSES(f, ERR_INVALID, "no object", "admin health", "-", NULL);
    ASSERT_REFUSES(f, ERR_NOT_FOUND, "absent", "admin health", "/absent", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(the_health_is_json, tear_down),
        cmocka_unit_test_teardown(what_is_no_object_is_refused, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
