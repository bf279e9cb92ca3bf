/* Time as text: RFC 3339 and Go durations, both ways. */
#include <string.h>

#include "common/base/clock.h"
#include "tests/lib/check.h"

static void system_clocks_run(void **state UNUSED)
{
    const struct clock *clk = clock_system();
    int64_t now = clock_now_ms(clk);
    assert_true(now > 0);
    assert_true(clock_now_ms(clk) >= now);
    assert_true(clock_wall_ms(clk) > INT64_C(1500000000000));
}

static void times_are_written_in_utc(void **state UNUSED)
{
    static const struct {
        int64_t ms;
        const char *want;
    } CASES[] = {
        {0, "1970-01-01T00:00:00Z"},
        {INT64_C(951782399999), "2000-02-28T23:59:59Z"},
        {INT64_C(951782400000), "2000-02-29T00:00:00Z"},
        {INT64_C(-1), "1969-12-31T23:59:59Z"},
        {INT64_C(4102444800000), "2100-01-01T00:00:00Z"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        char text[CLOCK_RFC3339_BYTES];
        clock_rfc3339(CASES[i].ms, text);
        assert_string_equal(text, CASES[i].want);
    }
    char text[CLOCK_RFC3339_BYTES];
    clock_rfc3339_ms(-1, text);
    assert_string_equal(text, "1969-12-31T23:59:59.999Z");
}

static void times_are_read_with_offset_and_fraction(void **state UNUSED)
{
    static const struct {
        const char *text;
        int64_t want;
    } CASES[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"2006-01-02T15:04:05Z", INT64_C(1136214245000)},
        {"2006-01-02t15:04:05z", INT64_C(1136214245000)},
        {"2006-01-02T15:04:05.1Z", INT64_C(1136214245100)},
        {"2006-01-02T15:04:05.123456789Z", INT64_C(1136214245123)},
        {"2006-01-02T17:34:05+02:30", INT64_C(1136214245000)},
        {"2006-01-01T23:04:05-16:00", INT64_C(1136214245000)},
        {"2024-02-29T00:00:00Z", INT64_C(1709164800000)},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct err err;
        int64_t ms = 0;
        ASSERT_OK(clock_parse_rfc3339(str_from(CASES[i].text), &ms, &err));
        assert_int_equal(ms, CASES[i].want);
    }
}

static void wrong_times_are_refused(void **state UNUSED)
{
    static const char *const CASES[] = {
        "",
        "2006-01-02",
        "2006-01-02T15:04:05",
        "2006-13-02T15:04:05Z",
        "2006-00-02T15:04:05Z",
        "2006-01-32T15:04:05Z",
        "2023-02-29T00:00:00Z",
        "2100-02-29T00:00:00Z",
        "2006-01-02T24:04:05Z",
        "2006-01-02T15:60:05Z",
        "2006-01-02T15:04:60Z",
        "2006-01-02 15:04:05Z",
        "2006-01-02T15:04:05.Z",
        "2006-01-02T15:04:05+0100",
        "2006-01-02T15:04:05+24:00",
        "2006-01-02T15:04:05Zx",
        "+006-01-02T15:04:05Z",
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct err err;
        int64_t ms = 7;
        ASSERT_ERR(clock_parse_rfc3339(str_from(CASES[i]), &ms, &err), ERR_INVALID, "RFC 3339");
        assert_int_equal(ms, 7);
    }
}

static void durations_are_read_as_go_does(void **state UNUSED)
{
    static const struct {
        const char *text;
        int64_t want;
    } CASES[] = {
        {"0", 0},
        {"90s", 90000},
        {"1h30m", 5400000},
        {"1.5s", 1500},
        {"300ms", 300},
        {"-2m", -120000},
        {"+1s", 1000},
        {".5s", 500},
        {"120", 120000},
        {"1500us", 2},
        {"1500\xc2\xb5s", 2},
        {"999999ns", 1},
        {"1m2s3ms", 62003},
        {"2540400h", INT64_C(9145440000000)},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct err err;
        int64_t ms = -7;
        ASSERT_OK(clock_parse_duration(str_from(CASES[i].text), &ms, &err));
        assert_int_equal(ms, CASES[i].want);
    }
}

static void wrong_durations_are_refused(void **state UNUSED)
{
    static const char *const CASES[] = {"",     "-",     "s",   "1x",
                                        "1h30", "1..5s", "1 s", "99999999999999h"};
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct err err;
        int64_t ms = 0;
        ASSERT_ERR(clock_parse_duration(str_from(CASES[i]), &ms, &err), ERR_INVALID, "90s");
    }
}

static void durations_are_written_as_go_does(void **state UNUSED)
{
    static const struct {
        int64_t ms;
        const char *want;
    } CASES[] = {
        {0, "0s"},           {300, "300ms"},     {1500, "1.5s"},           {90000, "1m30s"},
        {3600000, "1h0m0s"}, {-120000, "-2m0s"}, {5400001, "1h30m0.001s"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        char text[CLOCK_DURATION_BYTES];
        clock_format_duration(CASES[i].ms, text);
        assert_string_equal(text, CASES[i].want);
    }
    char text[CLOCK_DURATION_BYTES];
    clock_format_duration(INT64_MIN, text); /* the longest one fits */
    assert_true(strlen(text) < sizeof(text) - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(system_clocks_run),
        cmocka_unit_test(times_are_written_in_utc),
        cmocka_unit_test(times_are_read_with_offset_and_fraction),
        cmocka_unit_test(wrong_times_are_refused),
        cmocka_unit_test(durations_are_read_as_go_does),
        cmocka_unit_test(wrong_durations_are_refused),
        cmocka_unit_test(durations_are_written_as_go_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
