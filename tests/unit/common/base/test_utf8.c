/* UTF-8 with Go's rules; letters and digits. */
#include <string.h>

#include "common/base/utf8.h"
#include "tests/lib/check.h"

static void lengths_of_valid_and_invalid_sequences(void **state UNUSED)
{
    static const struct {
        const char *bytes;
        size_t want;
    } CASES[] = {
        {"", 0},
        {"a", 1},
        {"\x7f", 1},
        {"\x80", 0},
        {"\xbf", 0},
        {"\xc1\x80", 0}, /* overlong */
        {"\xc2\x80", 2},
        {"\xdf\xbf", 2},
        {"\xc2", 0},
        {"\xc2x", 0},
        {"\xe0\x9f\xbf", 0}, /* overlong */
        {"\xe0\xa0\x80", 3},
        {"\xed\x9f\xbf", 3},
        {"\xed\xa0\x80", 0}, /* surrogate */
        {"\xef\xbf\xbf", 3},
        {"\xe2\x82", 0},
        {"\xe2\x82x", 0},
        {"\xf0\x8f\xbf\xbf", 0}, /* overlong */
        {"\xf0\x90\x80\x80", 4},
        {"\xf4\x8f\xbf\xbf", 4},
        {"\xf4\x90\x80\x80", 0}, /* above U+10FFFF */
        {"\xf0\x9f\x98", 0},
        {"\xf5\x80\x80\x80", 0},
        {"\xff", 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        assert_int_equal(utf8_len(CASES[i].bytes, strlen(CASES[i].bytes)), CASES[i].want);
    }
}

static void every_code_point_round_trips(void **state UNUSED)
{
    for (uint32_t rune = 0; rune <= UTF8_MAX_RUNE + 1; rune++) {
        char bytes[UTF8_MAX_BYTES];
        size_t n = utf8_encode(rune, bytes);
        size_t at = 0;
        bool valid = rune <= UTF8_MAX_RUNE && (rune < 0xd800 || rune > 0xdfff);
        assert_int_equal(utf8_len(bytes, n), n);
        assert_int_equal(utf8_next(str_of(bytes, n), &at), valid ? rune : UTF8_REPLACEMENT);
        assert_int_equal(at, n);
    }
}

static void each_invalid_byte_counts_as_one(void **state UNUSED)
{
    struct str s = STR("a\xe2\x82"
                       "b\xff\xe2\x82\xac");
    size_t at = 1;
    assert_int_equal(utf8_next(s, &at), UTF8_REPLACEMENT);
    assert_int_equal(at, 2);
    assert_int_equal(utf8_count(s), 6);
    assert_false(utf8_valid(s));
    assert_true(utf8_valid(STR("\xe2\x82\xac")));
    AUTO(buf) struct buf b;
    buf_init(&b, 100);
    utf8_put_valid(&b, s);
    assert_string_equal(b.p, "a\xef\xbf\xbd\xef\xbf\xbd"
                             "b\xef\xbf\xbd\xe2\x82\xac");
    buf_reset(&b);
    utf8_put(&b, 0x20ac);
    assert_string_equal(b.p, "\xe2\x82\xac");
}

static void knows_letters_and_digits(void **state UNUSED)
{
    static const uint32_t LETTERS[] = {'a',    'Z',    0xaa,    0xe9,   0x3b1,
                                       0x65e5, 0xac00, 0x20000, 0x323af};
    static const uint32_t DIGITS[] = {'0', '9', 0x663, 0x966, 0xff15, 0x1d7ce, 0x1fbf9};
    static const uint32_t OTHERS[] = {0,      '@',     '[',     '`',     '{',      '-',
                                      0x80,   0xd7,    0x2028,  0x20ac,  0x1f600,  0xfffd,
                                      0x2160, 0x323b0, 0xe0001, 0xe0100, 0x10ffff, 0x110000};
    for (size_t i = 0; i < ARRAY_LEN(LETTERS); i++) {
        assert_true(utf8_is_letter(LETTERS[i]) && !utf8_is_digit(LETTERS[i]));
    }
    for (size_t i = 0; i < ARRAY_LEN(DIGITS); i++) {
        assert_true(utf8_is_digit(DIGITS[i]) && !utf8_is_letter(DIGITS[i]));
    }
    for (size_t i = 0; i < ARRAY_LEN(OTHERS); i++) {
        assert_false(utf8_is_digit(OTHERS[i]) || utf8_is_letter(OTHERS[i]));
    }
}

static void maps_case(void **state UNUSED)
{
    static const struct {
        uint32_t rune;
        uint32_t upper;
        uint32_t lower;
        uint32_t title;
    } CASES[] = {
        {'a', 'A', 'a', 'A'},
        {'Z', 'Z', 'z', 'Z'},
        {'1', '1', '1', '1'},
        {0xb5, 0x39c, 0xb5, 0x39c},
        {0xe9, 0xc9, 0xe9, 0xc9},
        {0xff, 0x178, 0xff, 0x178},
        {0x101, 0x100, 0x101, 0x100},
        {0x100, 0x100, 0x101, 0x100},
        {0x1c5, 0x1c4, 0x1c6, 0x1c5},
        {0x1c4, 0x1c4, 0x1c6, 0x1c5},
        {0xdf, 0xdf, 0xdf, 0xdf},
        {0x10428, 0x10400, 0x10428, 0x10400},
        {0x65e5, 0x65e5, 0x65e5, 0x65e5},
        {0x10ffff, 0x10ffff, 0x10ffff, 0x10ffff},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        assert_int_equal(utf8_to_upper(CASES[i].rune), CASES[i].upper);
        assert_int_equal(utf8_to_lower(CASES[i].rune), CASES[i].lower);
        assert_int_equal(utf8_to_title(CASES[i].rune), CASES[i].title);
    }
}

static void knows_the_other_classes(void **state UNUSED)
{
    assert_true(utf8_is_upper('A') && utf8_is_upper(0xc9) && utf8_is_upper(0x10400));
    assert_true(utf8_is_lower('z') && utf8_is_lower(0xdf) && utf8_is_lower(0x10428));
    assert_true(utf8_is_title(0x1c5) && !utf8_is_title('A') && !utf8_is_upper(0x1c5));
    assert_true(utf8_is_punct('!') && utf8_is_punct(0x2014) && !utf8_is_punct('+'));
    assert_false(utf8_is_punct(0));
    assert_true(utf8_is_number('7') && utf8_is_number(0xbd) && !utf8_is_number('x'));
    assert_true(utf8_is_space(' ') && utf8_is_space(0x85) && utf8_is_space(0x3000));
    assert_false(utf8_is_space(0x200b) || utf8_is_space('x') || utf8_is_space(0x110000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lengths_of_valid_and_invalid_sequences),
        cmocka_unit_test(every_code_point_round_trips),
        cmocka_unit_test(each_invalid_byte_counts_as_one),
        cmocka_unit_test(knows_letters_and_digits),
        cmocka_unit_test(maps_case),
        cmocka_unit_test(knows_the_other_classes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
