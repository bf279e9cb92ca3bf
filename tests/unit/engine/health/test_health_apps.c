/* Health of the kinds in health_apps.c, by cases in tests/data/health. */
#include "tests/unit/engine/health/health_cases.h"

static void apps_deployment(void **state UNUSED)
{
    cases_run("health/apps_Deployment", health_case);
}

static void apps_stateful_set(void **state UNUSED)
{
    cases_run("health/apps_StatefulSet", health_case);
}

static void apps_daemon_set(void **state UNUSED)
{
    cases_run("health/apps_DaemonSet", health_case);
}

static void apps_replica_set(void **state UNUSED)
{
    cases_run("health/apps_ReplicaSet", health_case);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(apps_deployment),
        cmocka_unit_test(apps_stateful_set),
        cmocka_unit_test(apps_daemon_set),
        cmocka_unit_test(apps_replica_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
