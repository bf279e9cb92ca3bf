/* Retries: limits and growing waits. */
#include "app-controller/sync/retry.h"
#include "tests/lib/check.h"

static void waits_grow_up_to_the_maximum(void **state UNUSED)
{
    const struct app_retry policy = {
        .set = true, .limit = 3, .backoff_ms = 5000, .factor = 2, .backoff_max_ms = 12000};
    static const int64_t WAITS[] = {5000, 10000, 12000};
    for (int64_t i = 0; i < 3; i++) {
        int64_t at_ms = 0;
        assert_true(retry_next(&policy, i, 1000, &at_ms));
        assert_int_equal(at_ms, 1000 + WAITS[i]);
    }
    int64_t at_ms = 7;
    assert_false(retry_next(&policy, 3, 1000, &at_ms));
    assert_int_equal(at_ms, 7);
}

static void negative_limit_is_none(void **state UNUSED)
{
    const struct app_retry policy = {
        .set = true, .limit = -1, .backoff_ms = 1000, .factor = 2, .backoff_max_ms = 180000};
    int64_t at_ms = 0;
    assert_true(retry_next(&policy, 1000000, 0, &at_ms));
    assert_int_equal(at_ms, 180000);
}

static void zero_limit_never_retries(void **state UNUSED)
{
    const struct app_retry policy = {0};
    int64_t at_ms = 0;
    assert_false(retry_next(&policy, 0, 0, &at_ms));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_grow_up_to_the_maximum),
        cmocka_unit_test(negative_limit_is_none),
        cmocka_unit_test(zero_limit_never_retries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
