/* Numbers as text: reading with limits, and Go's shortest forms of floating point. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "common/base/num.h"
#include "common/base/rand.h"
#include "tests/lib/check.h"

static void integers_are_read_up_to_their_limits(void **state UNUSED)
{
    struct err err;
    int64_t i = 0;
    uint64_t u = 0;
    ASSERT_OK(num_parse_int(STR("-9223372036854775808"), &i, &err));
    assert_true(i == INT64_MIN);
    ASSERT_OK(num_parse_int(STR("+9223372036854775807"), &i, &err));
    assert_true(i == INT64_MAX);
    ASSERT_OK(num_parse_int(STR("007"), &i, &err));
    assert_int_equal(i, 7);
    ASSERT_OK(num_parse_uint(STR("18446744073709551615"), &u, &err));
    assert_true(u == UINT64_MAX);
    ASSERT_OK(num_parse_int_range(STR("10"), 1, 10, &i, &err));
    ASSERT_ERR(num_parse_int_range(STR("11"), 1, 10, &i, &err), ERR_INVALID, "11");
    ASSERT_ERR(num_parse_int_range(STR("0"), 1, 10, &i, &err), ERR_INVALID, "0");
}

static void other_text_is_no_integer(void **state UNUSED)
{
    static const char *const CASES[] = {
        "",
        "-",
        "+",
        " 1",
        "1 ",
        "1x",
        "0x10",
        "1.0",
        "1e3",
        "--1",
        "9223372036854775808",
        "-9223372036854775809",
        "99999999999999999999999",
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct err err;
        int64_t v = 7;
        ASSERT_ERR(num_parse_int(str_from(CASES[i]), &v, &err), ERR_INVALID, CASES[i]);
        assert_int_equal(v, 7);
    }
    struct err err;
    uint64_t u = 7;
    ASSERT_ERR(num_parse_uint(STR("18446744073709551616"), &u, &err), ERR_INVALID, "");
    ASSERT_ERR(num_parse_uint(STR("-1"), &u, &err), ERR_INVALID, "-1");
    assert_int_equal(u, 7);
}

static void digits_of_other_bases(void **state UNUSED)
{
    uint64_t v = 0;
    assert_true(num_digits(STR("ffffFFFFffffFFFF"), 16, &v) && v == UINT64_MAX);
    assert_true(num_digits(STR("755"), 8, &v) && v == 0755);
    assert_true(num_digits(STR("101"), 2, &v) && v == 5);
    assert_false(num_digits(STR("10000000000000000"), 16, &v));
    assert_false(num_digits(STR("8"), 8, &v));
    assert_false(num_digits(STR("2"), 2, &v));
    assert_false(num_digits(STR("-1"), 10, &v));
    assert_false(num_digits(STR(""), 10, &v));
}

static void floats_are_read_strictly(void **state UNUSED)
{
    static const char *const BAD[] = {"",      ".",   "-",   "e5",  "1e", "1e+",
                                      "0x1p3", "nan", "inf", "1_0", " 1", "1,5"};
    for (size_t i = 0; i < ARRAY_LEN(BAD); i++) {
        double f = 0;
        if (num_parse_float(str_from(BAD[i]), &f)) {
            fail_msg("'%s' was taken for %g", BAD[i], f);
        }
    }
    double f = 0;
    assert_true(num_parse_float(STR("1."), &f) && f == 1);
    assert_true(num_parse_float(STR("-.5e1"), &f) && f == -5);
    assert_true(num_parse_float(STR("1e400"), &f) && isinf(f));
    assert_true(num_parse_float(STR("9007199254740993"), &f) && f == 9007199254740992.0);
}

static void shortest_forms_are_gos(void **state UNUSED)
{
    static const struct {
        double f;
        const char *g;
        const char *json;
        const char *fixed;
    } CASES[] = {
        {0, "0", "0", "0"},
        {-0.0, "-0", "-0", "-0"},
        {1, "1", "1", "1"},
        {0.1, "0.1", "0.1", "0.1"},
        {1.5, "1.5", "1.5", "1.5"},
        {123456, "123456", "123456", "123456"},
        {1234567, "1.234567e+06", "1234567", "1234567"},
        {1e6, "1e+06", "1000000", "1000000"},
        {1e20, "1e+20", "100000000000000000000", "100000000000000000000"},
        {1e21, "1e+21", "1e+21", "1000000000000000000000"},
        {0.0001, "0.0001", "0.0001", "0.0001"},
        {0.00001, "1e-05", "0.00001", "0.00001"},
        {1e-7, "1e-07", "1e-7", "0.0000001"},
        {DBL_MAX, "1.7976931348623157e+308", "1.7976931348623157e+308", NULL},
        {5e-324, "5e-324", "5e-324", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        char text[NUM_FLOAT_BYTES];
        size_t n = num_format_g(CASES[i].f, text);
        assert_int_equal(n, strlen(text));
        assert_string_equal(text, CASES[i].g);
        (void)num_format_json(CASES[i].f, text);
        assert_string_equal(text, CASES[i].json);
        if (CASES[i].fixed != NULL) {
            (void)num_format_f(CASES[i].f, text);
            assert_string_equal(text, CASES[i].fixed);
        }
    }
    char text[NUM_FLOAT_BYTES];
    (void)num_format_g(NAN, text);
    assert_string_equal(text, "NaN");
    (void)num_format_g(-INFINITY, text);
    assert_string_equal(text, "-Inf");
    (void)num_format_g32(0.1F, text);
    assert_string_equal(text, "0.1");
    (void)num_format_e(1234.5, text);
    assert_string_equal(text, "1.2345e+03");
    assert_true(num_format_f(-DBL_MAX, text) < sizeof(text));
    assert_true(num_format_f(5e-324, text) < NUM_FLOAT_BYTES);
}

static void every_float_reads_back(void **state UNUSED)
{
    struct rand_seeded seeded;
    rand_seeded_init(&seeded, 20);
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = rand_u64(&seeded.rand);
        double f;
        memcpy(&f, &bits, sizeof(f));
        if (!isfinite(f)) {
            continue;
        }
        char text[NUM_FLOAT_BYTES];
        double back = 0;
        (void)num_format_g(f, text);
        if (!num_parse_float(str_from(text), &back) || memcmp(&back, &f, sizeof(f)) != 0) {
            fail_msg("%a came back as %a from %s", f, back, text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_are_read_up_to_their_limits),
        cmocka_unit_test(other_text_is_no_integer),
        cmocka_unit_test(digits_of_other_bases),
        cmocka_unit_test(floats_are_read_strictly),
        cmocka_unit_test(shortest_forms_are_gos),
        cmocka_unit_test(every_float_reads_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
