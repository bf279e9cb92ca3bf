/* Objects from files, and what is none. */
#include "cli/object_file.h"
#include "common/value/value.h"
#include "tests/lib/cli_fixture.h"

static int tear_down(void **state)
{
    cli_fixture_free(*state);
    return 0;
}

static void an_object_is_read(void **state)
{
    struct cli_answer answers[] = {{NULL, 0, NULL, false}};
    struct cli_fixture *f = cli_fixture_new(answers);
    const struct value *v;
    struct err err;
    *state = f;
    ASSERT_OK(cli_read_object(&f->cli, "tests/data/health/batch_Job/running/in.yaml", &v, &err));
    ASSERT_STR(value_dig_str(v, "kind"), "Job");
    assert_int_equal(cli_read_object(&f->cli, "/absent", &v, &err), -ERR_NOT_FOUND);
    assert_int_equal(cli_read_object(&f->cli, "tests/data/actions/apps.yaml", &v, &err),
                     -ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(an_object_is_read, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
