/* The calendar. */
#include "common/base/civil.h"
#include "tests/lib/check.h"

static const struct {
    int64_t s;
    struct civil c;
} CASES[] = {
    {0, {1970, 1, 1, 1, 4, 0, 0, 0}},
    {-1, {1969, 12, 31, 365, 3, 23, 59, 59}},
    {951782400, {2000, 2, 29, 60, 2, 0, 0, 0}},
    {4107542399, {2100, 2, 28, 59, 0, 23, 59, 59}},
    {1795392000, {2026, 11, 23, 327, 1, 0, 0, 0}},
    {-62135596800, {1, 1, 1, 1, 1, 0, 0, 0}},
    {253402300799, {9999, 12, 31, 365, 5, 23, 59, 59}},
};

static void goes_both_ways(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct civil c = civil_from_seconds(CASES[i].s);
        assert_memory_equal(&c, &CASES[i].c, sizeof(c));
        assert_int_equal(civil_seconds(&c), CASES[i].s);
    }
}

static void takes_what_is_out_of_range(void **state UNUSED)
{
    struct civil c = {.year = 2026, .month = 11, .day = 31, .hour = 24, .minute = -30};
    assert_int_equal(civil_from_seconds(civil_seconds(&c)).month, 12);
    assert_int_equal(civil_from_seconds(civil_seconds(&c)).day, 1);
    assert_int_equal(civil_from_seconds(civil_seconds(&c)).hour, 23);
}

static void knows_the_lengths_of_months(void **state UNUSED)
{
    assert_int_equal(civil_days_in_month(2024, 2), 29);
    assert_int_equal(civil_days_in_month(2100, 2), 28);
    assert_int_equal(civil_days_in_month(2000, 2), 29);
    assert_int_equal(civil_days_in_month(2026, 11), 30);
    assert_int_equal(civil_days_in_month(2026, 12), 31);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_both_ways),
        cmocka_unit_test(takes_what_is_out_of_range),
        cmocka_unit_test(knows_the_lengths_of_months),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
