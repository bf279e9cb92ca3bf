/* Names of states: both ways for every value, and the orders the rules rely on. */
#include "common/model/status.h"
#include "tests/lib/check.h"

static void every_name_parses_back(void **state UNUSED)
{
    for (int i = 0; i < SYNC_STATUS_COUNT; i++) {
        assert_int_equal(status_sync_parse(str_from(status_sync_name((enum sync_status)i))), i);
    }
    for (int i = 0; i < HEALTH_STATUS_COUNT; i++) {
        assert_int_equal(status_health_parse(str_from(status_health_name((enum health_status)i))),
                         i);
    }
    for (int i = 0; i < OPERATION_PHASE_COUNT; i++) {
        struct str name = str_from(status_operation_name((enum operation_phase)i));
        assert_int_equal(status_operation_parse(name), i);
    }
    for (int i = 0; i < SYNC_RESULT_COUNT; i++) {
        assert_int_equal(status_result_parse(str_from(status_result_name((enum sync_result)i))), i);
    }
    for (int i = 0; i < SYNC_PHASE_COUNT; i++) {
        assert_int_equal(status_phase_parse(str_from(status_phase_name((enum sync_phase)i))), i);
    }
}

static void unknown_words_are_none(void **state UNUSED)
{
    assert_int_equal(status_sync_parse(STR("synced")), SYNC_STATUS_NONE);
    assert_int_equal(status_health_parse(STR("Fine")), HEALTH_STATUS_NONE);
    assert_int_equal(status_operation_parse(STR("")), OPERATION_PHASE_NONE);
    assert_int_equal(status_result_parse(STR("Sync")), SYNC_RESULT_NONE);
    assert_int_equal(status_phase_parse(STR("presync")), SYNC_PHASE_COUNT);
}

static void worse_health_wins(void **state UNUSED)
{
    assert_int_equal(status_health_worse(HEALTH_STATUS_HEALTHY, HEALTH_STATUS_PROGRESSING),
                     HEALTH_STATUS_PROGRESSING);
    assert_int_equal(status_health_worse(HEALTH_STATUS_DEGRADED, HEALTH_STATUS_MISSING),
                     HEALTH_STATUS_DEGRADED);
    assert_int_equal(status_health_worse(HEALTH_STATUS_UNKNOWN, HEALTH_STATUS_DEGRADED),
                     HEALTH_STATUS_UNKNOWN);
}

static void only_final_phases_are_completed(void **state UNUSED)
{
    assert_false(status_operation_completed(OPERATION_PHASE_NONE));
    assert_false(status_operation_completed(OPERATION_PHASE_RUNNING));
    assert_false(status_operation_completed(OPERATION_PHASE_TERMINATING));
    assert_true(status_operation_completed(OPERATION_PHASE_ERROR));
    assert_true(status_operation_completed(OPERATION_PHASE_SUCCEEDED));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_name_parses_back),
        cmocka_unit_test(unknown_words_are_none),
        cmocka_unit_test(worse_health_wins),
        cmocka_unit_test(only_final_phases_are_completed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
