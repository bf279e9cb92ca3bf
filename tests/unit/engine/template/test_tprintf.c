/* Go's fmt for values of templates. */
#include <stdio.h>

#include "common/base/limits.h"
#include "engine/template/tprintf.h"
#include "tests/lib/check.h"
#include "tests/lib/parse.h"

/* args: a YAML list; numbers are int64. */
struct row {
    const char *format;
    const char *args;
    const char *want;
};

static void check_rows(const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        AUTO(arena) struct arena *arena = arena_new();
        AUTO(buf) struct buf out;
        buf_init(&out, LIMIT_MIB);
        struct tval args = tval_from_value(arena, parse_yaml(arena, rows[i].args), true);
        tprintf_format(&out, str_from(rows[i].format), args.list->items, args.list->n);
        if (!str_eq_c(buf_str(&out), rows[i].want)) {
            fail_msg("%s of %s\n  is:     '%s'\n  wanted: '%s'", rows[i].format, rows[i].args,
                     out.p, rows[i].want);
        }
    }
}

static void integers_take_flags(void **state UNUSED)
{
    static const struct row ROWS[] = {
        {"%d|%5d|%-5d|%05d|%+d|% d", "[1, 2, 3, 4, 5, 6]", "1|    2|3    |00004|+5| 6"},
        {"%x %X %#x %o %#o %O %b %#b", "[255, 255, 255, 8, 8, 8, 5, 5]",
         "ff FF 0xff 10 010 0o10 101 0b101"},
        {"%.4d|%8.4d|%+06d|%.0d|", "[7, 7, 7, 0]", "0007|    0007|+00007||"},
        {"%c%c %U %#U %q", "[65, 233, 8364, 8364, 10]",
         "A\xc3\xa9 U+20AC U+20AC '\xe2\x82\xac' '\\n'"},
        {"%d %x", "[-9223372036854775808, -255]", "-9223372036854775808 -ff"},
        {"%03d|%-03d|%+v|%T", "[-5, 7, 3, 1]", "-05|7  |3|int64"},
        {"%*d|%-*d|%.*f", "[4, 1, 4, 2, 1, 2.25]", "   1|2   |2.2"},
    };
    check_rows(ROWS, ARRAY_LEN(ROWS));
}

static void floats_take_flags(void **state UNUSED)
{
    static const struct row ROWS[] = {
        {"%v %g %f %e %E", "[1000000.5, 0.00001, 1.5, 1.5, 1.5]",
         "1.0000005e+06 1e-05 1.500000 1.500000e+00 1.500000E+00"},
        {"%6.2f|%-8.1f|%08.3f|%+.1f|% .0f", "[3.14159, 2.55, -1.5, 1.25, 2.5]",
         "  3.14|2.5     |-001.500|+1.2| 2"},
        {"%.3g %G %#g %#.0f %x %b", "[1234.5, 1.0e-9, 1.5, 2.5, 1.5, 1.5]",
         "1.23e+03 1E-09 1.50000 2. 0x1.8p+00 6755399441055744p-52"},
        {"%d %s", "[1.5, 2.5]", "%!d(float64=1.5) %!s(float64=2.5)"},
        {"%5v|%-6v|%06v", "[1.5, 2.5, -3.5]", "  1.5|2.5   |-003.5"},
    };
    check_rows(ROWS, ARRAY_LEN(ROWS));
    AUTO(buf) struct buf out;
    buf_init(&out, LIMIT_KIB);
    const struct tval args[] = {tval_float(1.0 / 0.0), tval_float(-1.0 / 0.0),
                                tval_float(0.0 / 0.0)};
    tprintf_format(&out, STR("%v %08f %+f"), args, 3);
    ASSERT_STR(buf_str(&out), "+Inf     -Inf +NaN");
}

static void texts_count_code_points(void **state UNUSED)
{
    static const struct row ROWS[] = {
        {"%s|%5s|%-5s|%.2s|%5.1s", "[a, \xc3\xa9, b, \xc3\xa9\xc3\xa8\xc3\xa0, xyz]",
         "a|    \xc3\xa9|b    |\xc3\xa9\xc3\xa8|    x"},
        {"%q %+q %#q %x %X % x %# x %.1x", "[\"a\\n\", \xc3\xa9, b, hi, hi, hi, hi, hi]",
         "\"a\\n\" \"\\u00e9\" `b` 6869 6869 68 69 0x68 0x69 68"},
        {"%v %#v %d %t", "[a, b, c, d]", "a \"b\" %!d(string=c) %!t(string=d)"},
        {"%t %v %5t %d", "[true, false, true, true]", "true false  true %!d(bool=true)"},
        {"%v %s %5v|%d", "[null, null, null, null]", "<nil> %!s(<nil>) <nil>|%!d(<nil>)"},
    };
    check_rows(ROWS, ARRAY_LEN(ROWS));
}

static void containers_print_their_parts(void **state UNUSED)
{
    static const struct row ROWS[] = {
        {"%v %s %d", "[[1, x, null], [a, 1], [1, a]]",
         "[1 x <nil>] [a %!s(int64=1)] [1 %!d(string=a)]"},
        {"%v %q %03d", "[{b: 1, a: [true]}, {k: v}, [1, 2]]",
         "map[a:[true] b:1] map[\"k\":\"v\"] [001 002]"},
        {"%#v", "[{a: [1, null, b]}]",
         "map[string]interface {}{\"a\":[]interface {}{1, interface {}(nil), \"b\"}}"},
        {"%T %T %T", "[[1], {a: 1}, null]", "[]interface {} map[string]interface {} <nil>"},
    };
    check_rows(ROWS, ARRAY_LEN(ROWS));
}

static void mistakes_show(void **state UNUSED)
{
    static const struct row ROWS[] = {
        {"%d", "[]", "%!d(MISSING)"},
        {"x", "[1, a, null]", "x%!(EXTRA int64=1, string=a, <nil>)"},
        {"%z %!", "[1]", "%!z(int64=1) %!!(MISSING)"},
        {"50%", "[]", "50%!(NOVERB)"},
        {"%%|%5%", "[]", "%|%"},
        {"%[2]d %[1]d", "[1, 2]", "2 1"},
        {"%[3]d|%[x]d|%[2", "[1, 2]", "%!d(BADINDEX)|%!d(BADINDEX)|%!(NOVERB)"},
        {"%*d", "[a, 1]", "%!(BADWIDTH)1"},
        {"%.*d", "[a, 1]", "%!(BADPREC)1"},
        {"%100000001d|", "[1]", "%!(NOVERB)%!(EXTRA int64=1)"},
    };
    check_rows(ROWS, ARRAY_LEN(ROWS));
}

static void types_with_a_string_method_print_by_it(void **state UNUSED)
{
    AUTO(buf) struct buf out;
    buf_init(&out, LIMIT_KIB);
    const struct tval minute = {.kind = TVAL_DURATION, .i = 60000000000};
    const struct tval bytes = {.kind = TVAL_BYTES, .s = STR("hi")};
    const struct tval args[] = {minute, minute, minute, bytes, bytes, bytes};
    tprintf_format(&out, STR("%s %q %d %v %s %x"), args, 6);
    ASSERT_STR(buf_str(&out), "1m0s \"1m0s\" 60000000000 [104 105] hi 6869");
}

static void print_puts_blanks(void **state UNUSED)
{
    AUTO(buf) struct buf out;
    buf_init(&out, LIMIT_KIB);
    const struct tval args[] = {tval_int(1),        tval_int(2), tval_str(STR("a")),
                                tval_str(STR("b")), tval_int(3), tval_nil()};
    tprintf_print(&out, args, 6);
    tprintf_println(&out, args, 3);
    ASSERT_STR(buf_str(&out), "1 2ab3 <nil>1 2 a\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_take_flags),
        cmocka_unit_test(floats_take_flags),
        cmocka_unit_test(texts_count_code_points),
        cmocka_unit_test(containers_print_their_parts),
        cmocka_unit_test(mistakes_show),
        cmocka_unit_test(types_with_a_string_method_print_by_it),
        cmocka_unit_test(print_puts_blanks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
