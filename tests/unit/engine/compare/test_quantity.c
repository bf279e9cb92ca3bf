/* Quantities: canonical forms, limits, refusals. */
#include "common/base/arena.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "engine/compare/quantity.h"
#include "tests/lib/check.h"

static void canonical_forms(void **state UNUSED)
{
    static const char *const CASES[][2] = {
        {"0", "0"},
        {"0Mi", "0"},
        {"-0.0", "0"},
        {"1", "1"},
        {"0.1", "100m"},
        {"100m", "100m"},
        {"1000m", "1"},
        {"1500m", "1500m"},
        {"1.5", "1500m"},
        {".5", "500m"},
        {"+5", "5"},
        {"-1.5", "-1500m"},
        {"1000", "1k"},
        {"1001", "1001"},
        {"10k", "10k"},
        {"1000k", "1M"},
        {"1024", "1024"},
        {"1024Mi", "1Gi"},
        {"0.5Gi", "512Mi"},
        {"1000Ki", "1000Ki"},
        {"0.5Ki", "512"},
        {"1.1Ki", "1126400m"},
        {"1Ei", "1Ei"},
        {"1e3", "1e3"},
        {"1E3", "1e3"},
        {"12E+6", "12e6"},
        {"1.5e3", "1500"},
        {"1e-3", "1e-3"},
        {"5n", "5n"},
        {"0.1n", "1n"},
        {"0.0000000001", "1n"},
        {"1u", "1u"},
        {"3.123456789", "3123456789n"},
        {"0.30000000000000000001", "300000001n"},
        {"9223372036854775807", "9223372036854775807"},
        {"16Ei", "9223372036854775807"},
        {"1e40", "9223372036854775807"},
        {"99999999999999999999999", "9223372036854775807"},
        {"-99999999999E", "-9223372036854775807"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct err err;
        struct quantity q;
        char text[QUANTITY_BYTES];
        ASSERT_OK(quantity_parse(str_from(CASES[i][0]), &q, &err));
        struct str is = quantity_format(q, text);
        if (!str_eq_c(is, CASES[i][1])) {
            fail_msg("%s is " STR_FMT ", wanted %s", CASES[i][0], STR_ARG(is), CASES[i][1]);
        }
    }
}

static void refuses_what_is_none(void **state UNUSED)
{
    static const char *const CASES[] = {"",    "abc", "1.2.3", "1 Gi", "1KI", "1m5", "e3",
                                        "--1", "-",   ".",     "1e",   "1e+", "1i",  "0x10"};
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct err err;
        struct quantity q;
        ASSERT_ERR(quantity_parse(str_from(CASES[i]), &q, &err), ERR_INVALID, "is not a quantity");
    }
}

static struct quantity parsed(const char *text)
{
    struct err err;
    struct quantity q = {0};
    ASSERT_OK(quantity_parse(str_from(text), &q, &err));
    return q;
}

static void compares_amounts(void **state UNUSED)
{
    assert_int_equal(quantity_cmp(parsed("1000m"), parsed("1")), 0);
    assert_int_equal(quantity_cmp(parsed("1Gi"), parsed("1024Mi")), 0);
    assert_int_equal(quantity_cmp(parsed("1G"), parsed("1Gi")), -1);
    assert_int_equal(quantity_cmp(parsed("1"), parsed("-1")), 1);
}

static void values_of_manifests(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *same = value_new_str(arena, STR("100m"));
    assert_ptr_equal(quantity_canonical(arena, same), same);
    ASSERT_STR(value_str(quantity_canonical(arena, value_new_int(arena, 2))), "2");
    ASSERT_STR(value_str(quantity_canonical(arena, value_new_float(arena, 0.5))), "500m");
    const struct value *none = value_new_str(arena, STR("a lot"));
    assert_ptr_equal(quantity_canonical(arena, none), none);
    assert_ptr_equal(quantity_canonical(arena, &VALUE_EMPTY_MAP), &VALUE_EMPTY_MAP);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(canonical_forms),
        cmocka_unit_test(refuses_what_is_none),
        cmocka_unit_test(compares_amounts),
        cmocka_unit_test(values_of_manifests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
