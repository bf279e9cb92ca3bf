/* Health of the kinds in health_networking.c, by cases in tests/data/health. */
#include "tests/unit/engine/health/health_cases.h"

static void networking_k8s_io_ingress(void **state UNUSED)
{
    cases_run("health/networking.k8s.io_Ingress", health_case);
}

static void extensions_ingress(void **state UNUSED)
{
    cases_run("health/extensions_Ingress", health_case);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(networking_k8s_io_ingress),
        cmocka_unit_test(extensions_ingress),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
