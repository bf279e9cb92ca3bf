/* Actions on one object, offline. */
#include <stdio.h>
#include <unistd.h>

#include "cli/cmd_admin_actions.h"
#include "tests/lib/cli_fixture.h"

#define JOB "{apiVersion: batch/v1, kind: Job, metadata: {name: j}, spec: {}}"

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

static void actions_are_listed(void **state)
{
    struct cli_answer answers[] = {{NULL, 0, NULL, false}};
    struct cli_fixture *f = cli_fixture_new(answers);
    *state = f;
    set_input(JOB);
    assert_int_equal(CLI_RUN(f, "admin actions list", "-", NULL), 0);
    ASSERT_STR(buf_str(&f->cli.out),
               "[{\"disabled\":false,\"iconClass\":\"fa fa-fw fa-pause\",\"name\":"
               "\"suspend\"}]\n");
    buf_reset(&f->cli.out);
    set_input("{apiVersion: apps/v1, kind: StatefulSet, spec: {replicas: 2}}");
    assert_int_equal(CLI_RUN(f, "admin actions list", "-", NULL), 0);
    assert_non_null(strstr(f->cli.out.p, "\"params\":[{\"default\":\"2\",\"name\":\"replicas\"}]"));
}

static void an_action_is_run(void **state)
{
    struct cli_answer answers[] = {{NULL, 0, NULL, false}};
    struct cli_fixture *f = cli_fixture_new(answers);
    *state = f;
    set_input(JOB);
    assert_int_equal(CLI_RUN(f, "admin actions run", "suspend", "-", NULL), 0);
    assert_non_null(strstr(f->cli.out.p, "suspend: true\n"));
    set_input("{apiVersion: apps/v1, kind: StatefulSet}");
    assert_int_equal(CLI_RUN(f, "admin actions run", "scale", "-", "--param", "replicas=7", NULL),
                     0);
    assert_non_null(strstr(f->cli.out.p, "replicas: 7\n"));
}

static void actions_of_a_config_map_can_be_tried(void **state)
{
    static const char CONFIG[] =
        "{apiVersion: v1, kind: ConfigMap, data: {resource.customizations.actions.ConfigMap: "
        "\"{discovery.lua: 'return {mark = {}}', definitions: [{name: mark, action.lua: 'obj.by = "
        "actionParams.who; return obj'}]}\"}}";
    struct cli_answer answers[] = {{NULL, 0, NULL, false}};
    struct cli_fixture *f = cli_fixture_new(answers);
    *state = f;
    const char *object = "tests/data/health/config_map.yaml";
    set_input(CONFIG);
    assert_int_equal(CLI_RUN(f, "admin actions list", object, "--config", "-", NULL), 0);
    ASSERT_STR(buf_str(&f->cli.out), "[{\"disabled\":false,\"name\":\"mark\"}]\n");
    set_input(CONFIG);
    assert_int_equal(
        CLI_RUN(f, "admin actions run", "mark", object, "--config", "-", "--param", "who=me", NULL),
        0);
    assert_non_null(strstr(f->cli.out.p, "by: me\n"));
}

static void mistakes_are_refused(void **state)
{
    struct cli_answer answers[] = {{NULL, 0, NULL, false}};
    struct cli_fixture *f = cli_fixture_new(answers);
    *state = f;
    ASSERT_REFUSES(f, ERR_INVALID, "KEY=VALUE", "admin actions run", "scale", "-", "--param", "x",
                   NULL);
    set_input(JOB);
    ASSERT_REFUSES(f, ERR_NOT_FOUND, "'scale' not found", "admin actions run", "scale", "-", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(actions_are_listed, tear_down),
        cmocka_unit_test_teardown(an_action_is_run, tear_down),
        cmocka_unit_test_teardown(actions_of_a_config_map_can_be_tried, tear_down),
        cmocka_unit_test_teardown(mistakes_are_refused, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
