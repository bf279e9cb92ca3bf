/* Zones: files of one or two changes made here, and rules for what comes after them. */
#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/civil.h"
#include "common/base/tzif.h"
#include "tests/lib/check.h"

struct zone_change {
    int64_t at;
    uint8_t type;
};

static void put_be(struct buf *out, uint64_t v, int bytes)
{
    for (int i = bytes - 1; i >= 0; i--) {
        buf_put_char(out, (char)(v >> (8 * i)));
    }
}

static void put_header(struct buf *out, uint64_t n_changes, uint64_t n_types, uint64_t n_chars)
{
    buf_put_c(out, "TZif2");
    buf_put_fill(out, '\0', 15);
    put_be(out, 0, 4);
    put_be(out, 0, 4);
    put_be(out, 0, 4);
    put_be(out, n_changes, 4);
    put_be(out, n_types, 4);
    put_be(out, n_chars, 4);
}

/* Type 0 is LMT +0:53:28, 1 is CET +1, 2 is CEST +2 and summer time. */
static struct str
zone(struct arena *arena, const struct zone_change *changes, size_t n, const char *rule)
{
    static const struct {
        int32_t offset_s;
        uint8_t is_dst;
        uint8_t name;
    } TYPES[] = {{3208, 0, 0}, {3600, 0, 4}, {7200, 1, 8}};
    AUTO(buf) struct buf out;
    buf_init(&out, 4096);
    put_header(&out, 0, 1, 4);
    buf_put_fill(&out, '\0', 6 + 4);
    put_header(&out, n, ARRAY_LEN(TYPES), 13);
    for (size_t i = 0; i < n; i++) {
        put_be(&out, (uint64_t)changes[i].at, 8);
    }
    for (size_t i = 0; i < n; i++) {
        put_be(&out, changes[i].type, 1);
    }
    for (size_t i = 0; i < ARRAY_LEN(TYPES); i++) {
        put_be(&out, (uint32_t)TYPES[i].offset_s, 4);
        put_be(&out, TYPES[i].is_dst, 1);
        put_be(&out, TYPES[i].name, 1);
    }
    buf_put(&out, str_of("LMT\0CET\0CEST\0", 13));
    buf_printf(&out, "\n%s\n", rule);
    return buf_to_arena(&out, arena);
}

static void check(struct str data, int64_t s, const char *want)
{
    AUTO(buf) struct buf out;
    struct tzif_period p;
    struct err err;
    buf_init(&out, 4096);
    ASSERT_OK(tzif_at(data, s, &p, &err));
    struct civil c = civil_from_seconds(s + p.offset_s);
    buf_printf(&out, "%lld-%02d-%02d %02d:%02d:%02d " STR_FMT, (long long)c.year, c.month, c.day,
               c.hour, c.minute, c.second, STR_ARG(p.name));
    ASSERT_STR(buf_str(&out), want);
}

static const struct zone_change CHANGES[] = {{-1000, 1}, {1000, 2}, {2000, 1}};

static void changes_are_looked_up(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct str data = zone(arena, CHANGES, ARRAY_LEN(CHANGES), "");
    check(data, -1001, "1970-01-01 00:36:47 LMT");
    check(data, -1000, "1970-01-01 00:43:20 CET");
    check(data, 999, "1970-01-01 01:16:39 CET");
    check(data, 1000, "1970-01-01 02:16:40 CEST");
    check(data, 2000, "1970-01-01 01:33:20 CET");
    check(data, INT64_C(9999999999), "2286-11-20 18:46:39 CET");
}

/* When type 0 is in use, what was before is the first zone that is no summer time. */
static void before_all_changes_it_is_standard_time(void **state UNUSED)
{
    static const struct zone_change USED[] = {{0, 2}, {10, 0}};
    AUTO(arena) struct arena *arena = arena_new();
    check(zone(arena, USED, ARRAY_LEN(USED), ""), -1, "1970-01-01 00:59:59 CET");
    check(zone(arena, NULL, 0, ""), 0, "1970-01-01 00:53:28 LMT");
}

static void rules_go_on_after_the_last_change(void **state UNUSED)
{
    static const struct {
        const char *rule;
        int64_t s;
        const char *want;
    } CASES[] = {
        {"CET-1CEST,M3.5.0,M10.5.0/3", 1711846799, "2024-03-31 01:59:59 CET"},
        {"CET-1CEST,M3.5.0,M10.5.0/3", 1711846800, "2024-03-31 03:00:00 CEST"},
        {"CET-1CEST,M3.5.0,M10.5.0/3", 1729990799, "2024-10-27 02:59:59 CEST"},
        {"CET-1CEST,M3.5.0,M10.5.0/3", 1729990800, "2024-10-27 02:00:00 CET"},
        {"EST5EDT", 1720000000, "2024-07-03 05:46:40 EDT"},
        {"EST5EDT", 1704500000, "2024-01-05 19:13:20 EST"},
        {"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", 1720000000, "2024-07-03 20:16:40 +1030"},
        {"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", 1704500000, "2024-01-06 11:13:20 +11"},
        {"<-03>3", 1720000000, "2024-07-03 06:46:40 -03"},
        {"IST-1GMT0,M10.5.0,M3.5.0/1", 1704500000, "2024-01-06 00:13:20 GMT"},
        {"AAA0BBB,J60/0,J61/0", 1709164800, "2024-02-29 00:00:00 AAA"},
        {"AAA0BBB,J60/0,J61/0", 1709251200, "2024-03-01 01:00:00 BBB"},
        {"AAA0BBB,59/0,60/0", 1709164800, "2024-02-29 01:00:00 BBB"},
        {"AAA0BBB,59/-24,60/0", 1709078400, "2024-02-28 01:00:00 BBB"},
        /* what is no rule is not followed */
        {"CET", 1720000000, "2024-07-03 10:46:40 CET"},
        {"CET-1CEST,M13.5.0,M10.5.0/3", 1720000000, "2024-07-03 10:46:40 CET"},
        {"CET-1CEST,M3.5.0", 1720000000, "2024-07-03 10:46:40 CET"},
        {"<CET", 1720000000, "2024-07-03 10:46:40 CET"},
        {"X-1", 1720000000, "2024-07-03 10:46:40 CET"},
    };
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        check(zone(arena, CHANGES, ARRAY_LEN(CHANGES), CASES[i].rule), CASES[i].s, CASES[i].want);
    }
}

static void damaged_data_is_refused(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct str data = zone(arena, CHANGES, ARRAY_LEN(CHANGES), "");
    struct tzif_period p;
    struct err err;
    for (size_t n = 0; n < data.n; n++) { /* the last byte ends the rule */
        ASSERT_ERR(tzif_at(str_sub(data, 0, n), 0, &p, &err), ERR_INVALID, "damaged");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changes_are_looked_up),
        cmocka_unit_test(before_all_changes_it_is_standard_time),
        cmocka_unit_test(rules_go_on_after_the_last_change),
        cmocka_unit_test(damaged_data_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
