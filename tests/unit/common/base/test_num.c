/* Numbers: parsing with limits, Go's float formatting. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/num.h"
#include "common/base/rand.h"
#include "tests/lib/check.h"

static void parses_integers_in_range(void **state UNUSED)
{
    static const struct {
        const char *text;
        int64_t want;
    } CASES[] = {
        {"0", 0},
        {"-1", -1},
        {"+7", 7},
        {"007", 7},
        {"9223372036854775807", INT64_MAX},
        {"-9223372036854775808", INT64_MIN},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct err err;
        int64_t v = 99;
        ASSERT_OK(num_parse_int(str_from(CASES[i].text), &v, &err));
        assert_true(v == CASES[i].want);
    }
}

static void nearest_integers_never_fail(void **state UNUSED)
{
    static const struct {
        const char *text;
        int64_t want;
    } CASES[] = {
        {"-12", -12},
        {"+12", 12},
        {"9223372036854775808", INT64_MAX},
        {"-99999999999999999999", INT64_MIN},
        {"12x", 0},
        {"99999999999999999999x", 0},
        {"", 0},
        {"-", 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        assert_true(num_nearest_int(str_from(CASES[i].text)) == CASES[i].want);
    }
}

static void refuses_other_integers(void **state UNUSED)
{
    static const char *const CASES[] = {
        "",
        "-",
        "+",
        "1 ",
        " 1",
        "1a",
        "0x1",
        "1_0",
        "--1",
        "9223372036854775808",
        "-9223372036854775809",
        "99999999999999999999999",
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct err err;
        int64_t v = 99;
        ASSERT_ERR(num_parse_int(str_from(CASES[i]), &v, &err), ERR_INVALID, CASES[i]);
        assert_int_equal(v, 99);
    }
    struct err err;
    int64_t v = 0;
    uint64_t u = 0;
    ASSERT_OK(num_parse_int_range(STR("10"), 1, 10, &v, &err));
    ASSERT_ERR(num_parse_int_range(STR("11"), 1, 10, &v, &err), ERR_INVALID, "between 1 and 10");
    ASSERT_OK(num_parse_uint(STR("18446744073709551615"), &u, &err));
    assert_true(u == UINT64_MAX);
    ASSERT_ERR(num_parse_uint(STR("18446744073709551616"), &u, &err), ERR_INVALID, "range");
    ASSERT_ERR(num_parse_uint(STR("-1"), &u, &err), ERR_INVALID, "-1");
}

static void reads_digits_of_a_base(void **state UNUSED)
{
    uint64_t v = 0;
    assert_true(num_digits(STR("fF"), 16, &v));
    assert_int_equal(v, 255);
    assert_true(num_digits(STR("101"), 2, &v));
    assert_int_equal(v, 5);
    assert_false(num_digits(STR("102"), 2, &v));
    assert_false(num_digits(STR("8"), 8, &v));
    assert_false(num_digits(STR("@"), 16, &v));
    assert_false(num_digits(STR("/"), 10, &v));
    assert_false(num_digits(STR(":"), 16, &v));
    assert_false(num_digits(STR("10000000000000000"), 16, &v));
    assert_false(num_digits(STR(""), 10, &v));
}

static void parses_floats(void **state UNUSED)
{
    static const struct {
        const char *text;
        double want;
    } CASES[] = {
        {"1", 1},
        {"-1.5", -1.5},
        {".5", 0.5},
        {"5.", 5},
        {"1e3", 1000},
        {"1E-3", 0.001},
        {"+2.5e+2", 250},
        {"0.1", 0.1},
        {"123456789012345678901234567890", 123456789012345678901234567890.0},
        {"1e400", (double)INFINITY},
        {"1e-400", 0},
        {"1e99999999999999999999", (double)INFINITY},
        {"9007199254740993", 9007199254740992.0},
        {"0.000000000000000000000000000000000000000000000000000000000000000000000000001e75", 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        double f = 0;
        assert_true(num_parse_float(str_from(CASES[i].text), &f));
        assert_true(f == CASES[i].want);
    }
    static const char *const BAD[] = {"",      ".",   "-",   "e1",  "1e", "1e+",
                                      "1.2.3", "0x1", "inf", "nan", "1 ", "1_0"};
    for (size_t i = 0; i < ARRAY_LEN(BAD); i++) {
        double f = 0;
        assert_false(num_parse_float(str_from(BAD[i]), &f));
    }
}

static void formats_as_go(void **state UNUSED)
{
    static const struct {
        double f;
        const char *g;
        const char *json;
        const char *plain;
        const char *e;
    } CASES[] = {
        {0, "0", "0", "0", "0e+00"},
        {-0.0, "-0", "-0", "-0", "-0e+00"},
        {1, "1", "1", "1", "1e+00"},
        {-1.5, "-1.5", "-1.5", "-1.5", "-1.5e+00"},
        {0.1, "0.1", "0.1", "0.1", "1e-01"},
        {100000, "100000", "100000", "100000", "1e+05"},
        {1000000, "1e+06", "1000000", "1000000", "1e+06"},
        {1234567.5, "1.2345675e+06", "1234567.5", "1234567.5", "1.2345675e+06"},
        {0.0001, "0.0001", "0.0001", "0.0001", "1e-04"},
        {0.00001, "1e-05", "0.00001", "0.00001", "1e-05"},
        {1e-7, "1e-07", "1e-7", "0.0000001", "1e-07"},
        {1e20, "1e+20", "100000000000000000000", "100000000000000000000", "1e+20"},
        {1e21, "1e+21", "1e+21", "1000000000000000000000", "1e+21"},
        {5e-324, "5e-324", "5e-324", NULL, "5e-324"},
        {2.2250738585072014e-308, "2.2250738585072014e-308", "2.2250738585072014e-308", NULL,
         "2.2250738585072014e-308"},
        {1.7976931348623157e308, "1.7976931348623157e+308", "1.7976931348623157e+308", NULL,
         "1.7976931348623157e+308"},
        {6.189700196426902e+26, "6.189700196426902e+26", "6.189700196426902e+26", NULL,
         "6.189700196426902e+26"}, /* a power of two: the nearest 16 digits do not read back */
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        char text[NUM_FLOAT_BYTES];
        assert_int_equal(num_format_g(CASES[i].f, text), strlen(CASES[i].g));
        assert_string_equal(text, CASES[i].g);
        (void)num_format_json(CASES[i].f, text);
        assert_string_equal(text, CASES[i].json);
        (void)num_format_e(CASES[i].f, text);
        assert_string_equal(text, CASES[i].e);
        size_t n = num_format_f(CASES[i].f, text);
        assert_int_equal(n, strlen(text));
        if (CASES[i].plain != NULL) {
            assert_string_equal(text, CASES[i].plain);
        }
    }
}

static void formats_what_is_not_finite(void **state UNUSED)
{
    char text[NUM_FLOAT_BYTES];
    (void)num_format_g((double)NAN, text);
    assert_string_equal(text, "NaN");
    (void)num_format_f((double)INFINITY, text);
    assert_string_equal(text, "+Inf");
    (void)num_format_e(-(double)INFINITY, text);
    assert_string_equal(text, "-Inf");
}

static void formats_single_precision(void **state UNUSED)
{
    char text[NUM_FLOAT_BYTES];
    (void)num_format_g32(1.123456789F, text);
    assert_string_equal(text, "1.1234568");
    (void)num_format_g32(0.1F, text);
    assert_string_equal(text, "0.1");
    (void)num_format_g32(-0.0F, text);
    assert_string_equal(text, "-0");
    (void)num_format_g32(16777216.0F, text);
    assert_string_equal(text, "1.6777216e+07");
    (void)num_format_g32(1e-45F, text);
    assert_string_equal(text, "1e-45");
    (void)num_format_g32(INFINITY, text);
    assert_string_equal(text, "+Inf");
}

static void every_bit_pattern_reads_back(void **state UNUSED)
{
    struct rand_seeded seeded;
    rand_seeded_init(&seeded, 1);
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = rand_u64(&seeded.rand);
        double f = 0;
        double back = 0;
        char text[NUM_FLOAT_BYTES];
        memcpy(&f, &bits, sizeof(f));
        if (!isfinite(f)) {
            continue;
        }
        assert_true(num_parse_float(str_of(text, num_format_json(f, text)), &back));
        assert_true(back == f);
        assert_true(num_parse_float(str_of(text, num_format_f(f, text)), &back));
        assert_true(back == f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parses_integers_in_range),
        cmocka_unit_test(nearest_integers_never_fail),
        cmocka_unit_test(refuses_other_integers),
        cmocka_unit_test(reads_digits_of_a_base),
        cmocka_unit_test(parses_floats),
        cmocka_unit_test(formats_as_go),
        cmocka_unit_test(formats_what_is_not_finite),
        cmocka_unit_test(formats_single_precision),
        cmocka_unit_test(every_bit_pattern_reads_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
