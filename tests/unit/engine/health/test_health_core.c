/* Health of the kinds in health_core.c, by cases in tests/data/health. */
#include "tests/unit/engine/health/health_cases.h"

static void core_pod(void **state UNUSED)
{
    cases_run("health/core_Pod", health_case);
}

static void core_service(void **state UNUSED)
{
    cases_run("health/core_Service", health_case);
}

static void core_persistent_volume_claim(void **state UNUSED)
{
    cases_run("health/core_PersistentVolumeClaim", health_case);
}

static void core_config_map(void **state UNUSED)
{
    cases_run("health/core_ConfigMap", health_case);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(core_pod),
        cmocka_unit_test(core_service),
        cmocka_unit_test(core_persistent_volume_claim),
        cmocka_unit_test(core_config_map),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
