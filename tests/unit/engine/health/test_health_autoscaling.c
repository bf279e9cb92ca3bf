/* Health of the kinds in health_autoscaling.c, by cases in tests/data/health. */
#include "tests/unit/engine/health/health_cases.h"

static void autoscaling_horizontal_pod_autoscaler(void **state UNUSED)
{
    cases_run("health/autoscaling_HorizontalPodAutoscaler", health_case);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(autoscaling_horizontal_pod_autoscaler),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
