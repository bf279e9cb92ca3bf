/* UTF-8: every code point there and back, and every way of being wrong. */
#include "common/base/utf8.h"
#include "tests/lib/check.h"

static void every_code_point_comes_back(void **state UNUSED)
{
    for (uint32_t rune = 0; rune <= UTF8_MAX_RUNE; rune++) {
        bool surrogate = rune >= 0xd800 && rune <= 0xdfff;
        char bytes[UTF8_MAX_BYTES];
        size_t n = utf8_encode(rune, bytes);
        size_t at = 0;
        uint32_t back = utf8_next(str_of(bytes, n), &at);
        if (back != (surrogate ? UTF8_REPLACEMENT : rune) || at != n || utf8_len(bytes, n) != n) {
            fail_msg("U+%04X came back as U+%04X", rune, back);
        }
    }
    char bytes[UTF8_MAX_BYTES];
    assert_int_equal(utf8_encode(UTF8_MAX_RUNE + 1, bytes), 3);
    assert_memory_equal(bytes, "\xef\xbf\xbd", 3);
}

static void wrong_bytes_count_one_by_one(void **state UNUSED)
{
    static const struct {
        struct str text;
        size_t n_runes;
        const char *repaired;
    } CASES[] = {
        {STR(""), 0, ""},
        {STR("\x80"), 1, "\xef\xbf\xbd"},
        {STR("a\xc0\xaf"), 3, "a\xef\xbf\xbd\xef\xbf\xbd"},               /* overlong '/' */
        {STR("\xc3"), 1, "\xef\xbf\xbd"},                                 /* cut short */
        {STR("\xe2\x82x"), 3, "\xef\xbf\xbd\xef\xbf\xbdx"},               /* third byte missing */
        {STR("\xe0\x9f\xbf"), 3, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"}, /* overlong */
        {STR("\xed\xa0\x80"), 3, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"}, /* surrogate */
        {STR("\xf5z"), 2, "\xef\xbf\xbdz"},                               /* above U+10FFFF */
        {STR("\xffok\xfe"), 4, "\xef\xbf\xbdok\xef\xbf\xbd"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        AUTO(buf) struct buf b;
        buf_init(&b, 1000);
        utf8_put_valid(&b, CASES[i].text);
        assert_string_equal(b.p, CASES[i].repaired);
        assert_int_equal(utf8_count(CASES[i].text), CASES[i].n_runes);
        assert_int_equal(utf8_valid(CASES[i].text), CASES[i].text.n == 0);
        assert_true(utf8_valid(buf_str(&b)));
    }
}

static void the_ends_of_each_form(void **state UNUSED)
{
    static const struct {
        struct str text;
        size_t len;
    } CASES[] = {
        {STR("\x7f"), 1},
        {STR("\xc2\x80"), 2},
        {STR("\xdf\xbf"), 2},
        {STR("\xe0\xa0\x80"), 3},
        {STR("\xed\x9f\xbf"), 3},
        {STR("\xee\x80\x80"), 3},
        {STR("\xef\xbf\xbf"), 3},
        {STR("\xf0\x90\x80\x80"), 4},
        {STR("\xf4\x8f\xbf\xbf"), 4},
        {STR("\xf0\x8f\xbf\xbf"), 0},
        {STR("\xf4\x90\x80\x80"), 0},
        {STR("\xc1\xbf"), 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct str s = CASES[i].text;
        assert_int_equal(utf8_len(s.p, s.n), CASES[i].len);
        if (CASES[i].len > 1) { /* one byte fewer is not enough */
            assert_int_equal(utf8_len(s.p, s.n - 1), 0);
        }
    }
    assert_int_equal(utf8_len("", 0), 0);
}

static void valid_text_passes_unchanged(void **state UNUSED)
{
    AUTO(buf) struct buf b;
    buf_init(&b, 1000);
    struct str text = STR("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80");
    utf8_put_valid(&b, text);
    utf8_put(&b, 0x20ac);
    assert_string_equal(b.p, "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80\xe2\x82\xac");
    assert_true(utf8_valid(text));
    assert_int_equal(utf8_count(text), 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_point_comes_back),
        cmocka_unit_test(wrong_bytes_count_one_by_one),
        cmocka_unit_test(the_ends_of_each_form),
        cmocka_unit_test(valid_text_passes_unchanged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
