/* Schedules: what they accept, and when they come next. */
#include "common/base/clock.h"
#include "common/base/cron.h"
#include "tests/lib/check.h"

static const struct {
    const char *schedule;
    const char *from;
    const char *next; /* NULL = never */
} CASES[] = {
    {"* * * * *", "2026-11-23T10:00:00Z", "2026-11-23T10:01:00Z"},
    {"* * * * *", "2026-11-23T10:00:59Z", "2026-11-23T10:01:00Z"},
    {"0 22 * * *", "2026-11-23T10:00:00Z", "2026-11-23T22:00:00Z"},
    {"0 22 * * *", "2026-11-23T22:00:00Z", "2026-11-24T22:00:00Z"},
    {"*/15 8-10 * * *", "2026-11-23T10:45:00Z", "2026-11-24T08:00:00Z"},
    {"*/90 * * * *", "2026-11-23T11:00:00Z", "2026-11-23T12:00:00Z"},
    {"30/99999999999 9/24 * * *", "2026-11-24T09:30:00Z", "2026-11-25T09:30:00Z"},
    {"50/5 * * * *", "2026-11-23T10:50:00Z", "2026-11-23T10:55:00Z"},
    {"0 0 1 jan ?", "2026-11-23T10:00:00Z", "2027-01-01T00:00:00Z"},
    {"30 9 * * Mon-FRI", "2026-11-27T09:30:00Z", "2026-11-30T09:30:00Z"},
    {"0 0 * * 0,6", "2026-11-23T00:00:00Z", "2026-11-28T00:00:00Z"},
    {"0 12 29 2 *", "2026-11-23T00:00:00Z", "2028-02-29T12:00:00Z"},
    /* one of the two days is enough, unless one is any */
    {"0 0 13 * 5", "2026-11-23T00:00:00Z", "2026-11-27T00:00:00Z"},
    {"0 0 */2 * 5", "2026-11-23T00:00:00Z", "2026-11-25T00:00:00Z"},
    {"0 0 * * 5", "2026-11-23T00:00:00Z", "2026-11-27T00:00:00Z"},
    {"59 23 31 12 *", "2026-12-31T23:59:00Z", "2027-12-31T23:59:00Z"},
    {"0 0 31 4 *", "2026-11-23T00:00:00Z", NULL},
    {"0\t0  1,15 * *", "2026-11-23T00:00:00Z", "2026-12-01T00:00:00Z"},
};

static void finds_the_next_moment(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct cron cron;
        struct err err;
        int64_t from_ms = 0;
        char text[CLOCK_RFC3339_BYTES] = "";
        ASSERT_OK(cron_parse(str_from(CASES[i].schedule), &cron, &err));
        ASSERT_OK(clock_parse_rfc3339(str_from(CASES[i].from), &from_ms, &err));
        int64_t next = cron_next(&cron, from_ms / 1000);
        assert_int_equal(next == CRON_NEVER, CASES[i].next == NULL);
        if (CASES[i].next != NULL) {
            clock_rfc3339(next * 1000, text);
            assert_string_equal(text, CASES[i].next);
        }
    }
}

static void names_the_field_that_is_wrong(void **state UNUSED)
{
    static const struct {
        const char *schedule;
        const char *message;
    } WRONG[] = {
        {"", "has 0 fields"},
        {"* * * *", "has 4 fields"},
        {"* * * * * *", "more than five fields"},
        {"60 * * * *", "'60' is no minute (0 to 59)"},
        {"* 24 * * *", "is no hour"},
        {"* * 0 * *", "is no day of the month"},
        {"* * * 13 *", "is no month"},
        {"* * * * 7", "is no day of the week"},
        {"* * * * mo", "is no day of the week"},
        {"5-1 * * * *", "is no minute"},
        {"*/0 * * * *", "is no minute"},
        {"1, * * * *", "is no minute"},
        {"@daily", "is no minute"},
        {"-1 * * * *", "is no minute"},
        {"1-2-3 * * * *", "is no minute"},
    };
    for (size_t i = 0; i < ARRAY_LEN(WRONG); i++) {
        struct cron cron;
        struct err err;
        ASSERT_ERR(cron_parse(str_from(WRONG[i].schedule), &cron, &err), ERR_INVALID,
                   WRONG[i].message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_next_moment),
        cmocka_unit_test(names_the_field_that_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
