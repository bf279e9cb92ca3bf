/* Constants in templates: the types numbers can have, escapes in strings and characters. */
#include "engine/template/literal.h"
#include "tests/lib/check.h"

static void integers_of_every_base(void **state UNUSED)
{
    static const struct {
        const char *text;
        int64_t want;
    } CASES[] = {
        {"0", 0},
        {"-0", 0},
        {"+7", 7},
        {"017", 15},
        {"0o17", 15},
        {"0b101", 5},
        {"0xFe", 254},
        {"1_000", 1000},
        {"0x_ff", 255},
        {"0_7", 7},
        {"9223372036854775807", INT64_MAX},
        {"-9223372036854775808", INT64_MIN},
    };
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct err err;
        struct tterm term = {0};
        ASSERT_OK(literal_number(arena, str_from(CASES[i].text), &term, &err));
        assert_true(term.is_number && term.is_int && term.is_float && !term.is_char);
        assert_int_equal(term.literal.kind, TVAL_INT);
        assert_int_equal(term.literal.i, CASES[i].want);
        assert_int_equal(term.int_value, CASES[i].want);
        assert_true(term.float_value == (double)CASES[i].want);
    }
}

static void floats_that_may_stand_for_integers(void **state UNUSED)
{
    static const struct {
        const char *text;
        double want;
        bool is_int;
    } CASES[] = {
        {"1.0", 1, true},          {"1e3", 1000, true},     {"-2.5", -2.5, false},
        {"1_0.2_5", 10.25, false}, {"0x1p-2", 0.25, false}, {"-0x1.8p1", -3, true},
        {"-0xe", -14, true},       {"1e19", 1e19, false},   {"08.5", 8.5, false},
    };
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct err err;
        struct tterm term = {0};
        ASSERT_OK(literal_number(arena, str_from(CASES[i].text), &term, &err));
        assert_int_equal(term.literal.kind, TVAL_FLOAT64);
        assert_true(term.literal.f == CASES[i].want && term.float_value == CASES[i].want);
        assert_int_equal(term.is_int, CASES[i].is_int);
    }
}

static void too_large_for_int_is_found_when_used(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    struct tterm term = {0};
    ASSERT_OK(literal_number(arena, STR("18446744073709551615"), &term, &err));
    assert_int_equal(term.literal.kind, TVAL_UINT64);
    assert_false(term.is_int);
    assert_true(term.is_float && term.float_value == 0x1p64);
}

static void wrong_numbers(void **state UNUSED)
{
    static const struct {
        const char *text;
        const char *want;
    } CASES[] = {
        {"08", "integer overflow: \"08\""},
        {"18446744073709551616", "integer overflow: \"18446744073709551616\""},
        {"0x", "illegal number syntax: \"0x\""},
        {"0x1.8", "illegal number syntax: \"0x1.8\""},
        {"1__0", "illegal number syntax: \"1__0\""},
        {"1_", "illegal number syntax: \"1_\""},
        {".", "illegal number syntax: \".\""},
        {"1e999", "illegal number syntax: \"1e999\""},
        {"0b12", "illegal number syntax: \"0b12\""},
    };
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct err err;
        struct tterm term = {0};
        ASSERT_ERR(literal_number(arena, str_from(CASES[i].text), &term, &err), ERR_INVALID,
                   CASES[i].want);
    }
}

static void complex_numbers_print(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    struct tterm term = {0};
    ASSERT_OK(literal_number(arena, STR("2.5i"), &term, &err));
    ASSERT_STR(tval_text(arena, term.literal), "(0+2.5i)");
    ASSERT_STR(tval_type_name(arena, term.literal), "complex128");
    assert_false(term.is_int || term.is_float);
    ASSERT_OK(literal_complex(arena, STR("1e+2-3i"), &term, &err));
    ASSERT_STR(tval_text(arena, term.literal), "(100-3i)");
    ASSERT_OK(literal_complex(arena, STR("4+0i"), &term, &err));
    assert_true(term.is_int && term.int_value == 4);
    ASSERT_ERR(literal_complex(arena, STR("+-1i"), &term, &err), ERR_INVALID,
               "strconv.ParseFloat: parsing \"+\": invalid syntax");
    ASSERT_ERR(literal_complex(arena, STR("1+0x1i"), &term, &err), ERR_INVALID,
               "strconv.ParseFloat: parsing \"+0x1\": invalid syntax");
    ASSERT_ERR(literal_complex(arena, STR("1+i"), &term, &err), ERR_INVALID, "syntax error");
}

static void characters(void **state UNUSED)
{
    static const struct {
        const char *text;
        int64_t want;
    } CASES[] = {
        {"'a'", 'a'},
        {"'\\n'", '\n'},
        {"'\\''", '\''},
        {"'\"'", '"'},
        {"'\\xff'", 255},
        {"'\\377'", 255},
        {"'\xe2\x82\xac'", 0x20ac},
        {"'\\u20ac'", 0x20ac},
        {"'\\\\'", '\\'},
        {"'\\U0001F600'", 0x1f600},
    };
    struct err err;
    struct tterm term = {0};
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        ASSERT_OK(literal_rune(str_from(CASES[i].text), &term, &err));
        assert_int_equal(term.literal.kind, TVAL_INT);
        assert_int_equal(term.literal.i, CASES[i].want);
    }
    ASSERT_ERR(literal_rune(STR("''"), &term, &err), ERR_INVALID, "invalid syntax");
    ASSERT_ERR(literal_rune(STR("'\\q'"), &term, &err), ERR_INVALID, "invalid syntax");
    ASSERT_ERR(literal_rune(STR("'\\ud800'"), &term, &err), ERR_INVALID, "invalid syntax");
    ASSERT_ERR(literal_rune(STR("'ab'"), &term, &err), ERR_INVALID,
               "malformed character constant: 'ab'");
}

static void strings_lose_their_quotes(void **state UNUSED)
{
    static const struct {
        const char *text;
        const char *want; /* NULL: wrong */
    } CASES[] = {
        {"\"\"", ""},
        {"\"plain\"", "plain"},
        {"\"\\a\\b\\f\\n\\r\\t\\v\\\\\\\"\"", "\a\b\f\n\r\t\v\\\""},
        {"\"\\x41\\101\\u00e9\\U0001F600\"", "AA\xc3\xa9\xf0\x9f\x98\x80"},
        {"\"\\xff\"", "\xff"},
        {"\"\xff\"", "\xef\xbf\xbd"}, /* Go reads code points */
        {"``", ""},
        {"`a\\n\r\n\xff`", "a\\n\n\xff"},
        {"\"\\'\"", NULL},
        {"\"\\x4\"", NULL},
        {"\"\\400\"", NULL},
        {"\"\\18\"", NULL},
        {"\"\\U00110000\"", NULL},
    };
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct err err;
        struct str text = STR_EMPTY;
        int rc = literal_unquote(arena, str_from(CASES[i].text), &text, &err);
        if (CASES[i].want == NULL) {
            ASSERT_ERR(rc, ERR_INVALID, "invalid syntax");
        } else {
            ASSERT_OK(rc);
            ASSERT_STR(text, CASES[i].want);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_of_every_base),
        cmocka_unit_test(floats_that_may_stand_for_integers),
        cmocka_unit_test(too_large_for_int_is_found_when_used),
        cmocka_unit_test(wrong_numbers),
        cmocka_unit_test(complex_numbers_print),
        cmocka_unit_test(characters),
        cmocka_unit_test(strings_lose_their_quotes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
