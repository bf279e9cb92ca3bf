/* Health of the kinds in health_argo.c, by cases in tests/data/health. */
#include "tests/unit/engine/health/health_cases.h"

static void argoproj_io_workflow(void **state UNUSED)
{
    cases_run("health/argoproj.io_Workflow", health_case);
}

static void argoproj_io_application(void **state UNUSED)
{
    cases_run("health/argoproj.io_Application", health_case);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(argoproj_io_workflow),
        cmocka_unit_test(argoproj_io_application),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
