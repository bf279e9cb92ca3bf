/* Health of the kinds in health_batch.c, by cases in tests/data/health. */
#include "tests/unit/engine/health/health_cases.h"

static void batch_job(void **state UNUSED)
{
    cases_run("health/batch_Job", health_case);
}

static void batch_cron_job(void **state UNUSED)
{
    cases_run("health/batch_CronJob", health_case);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batch_job),
        cmocka_unit_test(batch_cron_job),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
