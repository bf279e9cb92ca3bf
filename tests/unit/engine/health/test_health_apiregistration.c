/* Health of the kinds in health_apiregistration.c, by cases in tests/data/health. */
#include "tests/unit/engine/health/health_cases.h"

static void apiregistration_k8s_io_apiservice(void **state UNUSED)
{
    cases_run("health/apiregistration.k8s.io_APIService", health_case);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(apiregistration_k8s_io_apiservice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
