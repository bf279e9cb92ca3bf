/* Token bucket: burst, rate, reservation, time going backwards. */
#include "common/rt/ratelimit.h"
#include "tests/lib/check.h"

static void gives_the_burst_then_the_rate(void **state UNUSED)
{
    struct ratelimit limit;
    ratelimit_init(&limit, 10, 3, 1000);
    for (int i = 0; i < 3; i++) {
        assert_true(ratelimit_take(&limit, 1000));
    }
    assert_false(ratelimit_take(&limit, 1000));
    assert_false(ratelimit_take(&limit, 1099));
    assert_true(ratelimit_take(&limit, 1101));
    assert_false(ratelimit_take(&limit, 1101));
}

static void never_holds_more_than_the_burst(void **state UNUSED)
{
    struct ratelimit limit;
    ratelimit_init(&limit, 100, 2, 0);
    assert_true(ratelimit_take(&limit, 1000000));
    assert_true(ratelimit_take(&limit, 1000000));
    assert_false(ratelimit_take(&limit, 1000000));
}

static void reservations_queue_up(void **state UNUSED)
{
    struct ratelimit limit;
    ratelimit_init(&limit, 10, 1, 0);
    assert_int_equal(ratelimit_reserve_ms(&limit, 0), 0);
    assert_int_equal(ratelimit_reserve_ms(&limit, 0), 100);
    assert_int_equal(ratelimit_reserve_ms(&limit, 0), 200);
    assert_int_equal(ratelimit_reserve_ms(&limit, 250), 50);
}

static void time_going_backwards_gives_nothing(void **state UNUSED)
{
    struct ratelimit limit;
    ratelimit_init(&limit, 1, 1, 5000);
    assert_true(ratelimit_take(&limit, 5000));
    assert_false(ratelimit_take(&limit, 1));
    assert_false(ratelimit_take(&limit, 5500));
    assert_true(ratelimit_take(&limit, 6000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_burst_then_the_rate),
        cmocka_unit_test(never_holds_more_than_the_burst),
        cmocka_unit_test(reservations_queue_up),
        cmocka_unit_test(time_going_backwards_gives_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
