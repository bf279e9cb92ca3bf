/* Calendar, layouts, parsing; most cases are in test_funcs_date.c. */
#include <stdio.h>

#include "engine/template/gotime.h"
#include "engine/template/gotime_internal.h"
#include "engine/template/tval.h"
#include "tests/lib/check.h"

static void calendar_is_gregorian(void **state UNUSED)
{
    static const struct {
        int64_t s;
        struct civil want;
    } CASES[] = {
        {0, {1970, 1, 1, 1, 4, 0, 0, 0}},
        {-1, {1969, 12, 31, 365, 3, 23, 59, 59}},
        {951782400, {2000, 2, 29, 60, 2, 0, 0, 0}},
        {951868800, {2000, 3, 1, 61, 3, 0, 0, 0}},
        {4107542400, {2100, 3, 1, 60, 1, 0, 0, 0}},
        {1735689599, {2024, 12, 31, 366, 2, 23, 59, 59}},
        {-62135596800, {1, 1, 1, 1, 1, 0, 0, 0}},
        {-62135596801, {0, 12, 31, 366, 0, 23, 59, 59}},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct tval_time t = gotime_utc(CASES[i].s, 0);
        struct civil is = gotime_civil(&t);
        const struct civil *want = &CASES[i].want;
        assert_int_equal(is.year, want->year);
        assert_int_equal(is.month, want->month);
        assert_int_equal(is.day, want->day);
        assert_int_equal(is.day_of_year, want->day_of_year);
        assert_int_equal(is.weekday, want->weekday);
        assert_int_equal(is.hour, want->hour);
        assert_int_equal(is.minute, want->minute);
        assert_int_equal(is.second, want->second);
        assert_true(civil_seconds(&is) == CASES[i].s);
    }
}

/* Four centuries, day by day: the calendar repeats after them. */
static void days_follow_each_other(void **state UNUSED)
{
    struct tval_time t = gotime_utc(0, 0);
    struct civil before = gotime_civil(&t);
    for (int64_t day = 1; day < 146097 + 10; day++) {
        t.s = day * 86400;
        struct civil c = gotime_civil(&t);
        bool year = c.year != before.year;
        assert_true(civil_seconds(&c) == t.s);
        assert_int_equal(c.weekday, (before.weekday + 1) % 7);
        assert_int_equal(c.day_of_year, year ? 1 : before.day_of_year + 1);
        assert_true(c.day == before.day + 1 || c.day == 1);
        before = c;
    }
}

static void any_second_has_a_date(void **state UNUSED)
{
    static const int64_t CASES[] = {INT64_MIN, INT64_MAX, INT64_MIN + 1, INT64_MAX - 1};
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct tval_time t = {.s = CASES[i], .offset_s = i % 2 == 0 ? -86400 : 86400};
        struct civil c = gotime_civil(&t);
        assert_in_range(c.month, 1, 12);
        assert_in_range(c.day, 1, 31);
        assert_in_range(c.weekday, 0, 6);
    }
}

static void zones_are_written_in_all_forms(void **state UNUSED)
{
    static const struct {
        int32_t offset_s;
        const char *zone;
        const char *layout;
        const char *want;
    } CASES[] = {
        {3600, "CET", "15:04 MST -0700 Z07:00", "01:00 CET +0100 +01:00"},
        {-12600, "", "15:04 MST -07", "20:30 -0330 -03"},
        {5, "", "-07:00:00 -070000 -0700", "+00:00:05 +000005 +0000"},
        {-5, "", "-07:00:00", "+00:00:-05"},
        {-3605, "", "Z07:00:00 Z070000", "-01:00:05 -010005"},
        {0, "", "Z07:00 MST", "Z +0000"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct tval_time t = {.offset_s = CASES[i].offset_s};
        (void)snprintf(t.zone, sizeof(t.zone), "%s", CASES[i].zone);
        AUTO(buf) struct buf out;
        buf_init(&out, 100);
        gotime_format(&out, &t, str_from(CASES[i].layout));
        ASSERT_STR(buf_str(&out), CASES[i].want);
    }
}

static void layouts_are_split(void **state UNUSED)
{
    static const struct {
        const char *layout;
        size_t start;
        size_t end;
        enum gotime_field field;
    } CASES[] = {
        {"Month Monday", 6, 12, GOTIME_WEEKDAY},
        {"Month Mon", 6, 9, GOTIME_WEEKDAY},
        {"_2006", 1, 5, GOTIME_YEAR},
        {"_200", 0, 2, GOTIME_DAY},
        {"a002", 1, 4, GOTIME_DAY_OF_YEAR},
        {"a.0001", 4, 6, GOTIME_MONTH},
        {"a.000", 1, 5, GOTIME_FRACTION},
        {"a,99", 1, 4, GOTIME_SHORT_FRACTION},
        {"plain", 5, 5, GOTIME_NONE},
        {"", 0, 0, GOTIME_NONE},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct gotime_chunk chunk = gotime_next_chunk(str_from(CASES[i].layout), 0);
        assert_int_equal(chunk.field, CASES[i].field);
        assert_int_equal(chunk.start, CASES[i].start);
        assert_int_equal(chunk.end, CASES[i].end);
    }
}

static void differences_stay_in_range(void **state UNUSED)
{
    struct tval_time early = gotime_utc(INT64_MIN, 0);
    struct tval_time late = gotime_utc(INT64_MAX, 999999999);
    assert_true(gotime_between(&early, &late) == INT64_MAX);
    assert_true(gotime_between(&late, &early) == INT64_MIN);
    struct tval_time t = gotime_add(gotime_utc(10, 500000000), -1600000000);
    assert_int_equal(t.s, 8);
    assert_int_equal(t.ns, 900000000);
    t = gotime_add(gotime_utc(-1, 900000000), 200000000);
    assert_int_equal(t.s, 0);
    assert_int_equal(t.ns, 100000000);
    assert_true(gotime_round_duration(INT64_MAX, 3600 * GOTIME_NS_PER_S) == INT64_MAX);
    assert_true(gotime_round_duration(INT64_MIN, 3600 * GOTIME_NS_PER_S) == INT64_MIN);
    assert_true(gotime_round_duration(7, 0) == 7);
}

static void long_names_of_zones_are_cut(void **state UNUSED)
{
    struct err err;
    struct tval_time t;
    ASSERT_OK(gotime_parse(STR("15 MST"), STR("12 GMT+00000000000000000003"), &t, &err));
    assert_int_equal(t.offset_s, 3 * 3600);
    assert_int_equal(strlen(t.zone), sizeof(t.zone) - 1);
    ASSERT_ERR(gotime_parse(STR("MST"), STR("GMT+24"), &t, &err), ERR_INVALID,
               "extra text: \"+24\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calendar_is_gregorian),
        cmocka_unit_test(days_follow_each_other),
        cmocka_unit_test(any_second_has_a_date),
        cmocka_unit_test(zones_are_written_in_all_forms),
        cmocka_unit_test(layouts_are_split),
        cmocka_unit_test(differences_stay_in_range),
        cmocka_unit_test(long_names_of_zones_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
