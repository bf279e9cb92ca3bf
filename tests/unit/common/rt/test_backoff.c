/* Back-off: growth, cap, jitter, no overflow. */
#include "common/base/rand.h"
#include "common/rt/backoff.h"
#include "tests/lib/check.h"

static void grows_to_the_cap_and_starts_again(void **state UNUSED)
{
    const struct backoff_policy policy = {.base_ms = 100, .factor = 2, .cap_ms = 1000};
    struct backoff backoff = {.policy = &policy};
    static const int64_t WANT[] = {100, 200, 400, 800, 1000, 1000};
    for (size_t i = 0; i < ARRAY_LEN(WANT); i++) {
        assert_int_equal(backoff_next_ms(&backoff, NULL), WANT[i]);
    }
    backoff_reset(&backoff);
    assert_int_equal(backoff_next_ms(&backoff, NULL), 100);
    assert_int_equal(backoff_delay_ms(&policy, 0, NULL), 0);
}

static void very_many_failures_stay_at_the_cap(void **state UNUSED)
{
    const struct backoff_policy policy = {.base_ms = 5, .factor = 10, .cap_ms = 60000};
    struct backoff backoff = {.policy = &policy, .n_failures = UINT32_MAX};
    assert_int_equal(backoff_next_ms(&backoff, NULL), 60000);
    assert_int_equal(backoff_next_ms(&backoff, NULL), 60000);
}

static void jitter_spreads_around_the_delay(void **state UNUSED)
{
    const struct backoff_policy policy = {
        .base_ms = 1000, .factor = 2, .cap_ms = 9000, .jitter = 0.2};
    struct rand_seeded seeded;
    rand_seeded_init(&seeded, 11);
    int64_t least = INT64_MAX;
    int64_t most = 0;
    for (int i = 0; i < 1000; i++) {
        int64_t delay_ms = backoff_delay_ms(&policy, 1, &seeded.rand);
        least = MIN(least, delay_ms);
        most = MAX(most, delay_ms);
    }
    assert_in_range(least, 800, 820);
    assert_in_range(most, 1180, 1200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows_to_the_cap_and_starts_again),
        cmocka_unit_test(very_many_failures_stay_at_the_cap),
        cmocka_unit_test(jitter_spreads_around_the_delay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
