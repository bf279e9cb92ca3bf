/* JSON reading and writing: Go's rules, positions, limits, errors. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/value/value_json.h"
#include "tests/unit/common/value/value_fixture.h"

static void round_trips_every_type(void **state UNUSED)
{
    static const char *const TEXTS[] = {
        "null",
        "true",
        "false",
        "0",
        "-5",
        "9223372036854775807",
        "\"\"",
        "\"a\"",
        "[]",
        "{}",
        "1.5",
        "[1,[2,[3]],{\"a\":[]}]",
        "{\"a\":1,\"b\":{\"c\":null}}",
        "18446744073709551616",
        "1e+21",
        "-9223372036854775808",
    };
    for (size_t i = 0; i < ARRAY_LEN(TEXTS); i++) {
        ASSERT_STR(print_json(arena, parse(TEXTS[i]), NULL), TEXTS[i]);
    }
}

static void reads_numbers_as_int_or_float(void **state UNUSED)
{
    static const struct {
        const char *text;
        enum value_type type;
        const char *printed;
    } CASES[] = {
        {"-0", VALUE_INT, "0"},
        {"1.0", VALUE_FLOAT, "1"},
        {"1e3", VALUE_FLOAT, "1000"},
        {"1E-7", VALUE_FLOAT, "1e-7"},
        {"0.000001", VALUE_FLOAT, "0.000001"},
        {"9223372036854775808", VALUE_FLOAT, "9223372036854775808"},
        {"123456789012345678901234567890", VALUE_FLOAT, "123456789012345678901234567890"},
        {"0.1", VALUE_FLOAT, "0.1"},
        {"5e-324", VALUE_FLOAT, "5e-324"},
        {"1.7976931348623157e308", VALUE_FLOAT, "1.7976931348623157e+308"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        const struct value *v = parse(CASES[i].text);
        assert_int_equal(v->type, CASES[i].type);
        assert_int_equal(v->lexeme_n, strlen(CASES[i].text));
        ASSERT_STR(print_json(arena, v, NULL), CASES[i].printed);
    }
}

static void unescapes_strings(void **state UNUSED)
{
    static const struct {
        const char *text;
        const char *want;
    } CASES[] = {
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t"},
        {"\"\\u0041\\u00e9\\u20ac\"", "A\xc3\xa9\xe2\x82\xac"},
        {"\"\\ud83d\\ude00\"", "\xf0\x9f\x98\x80"},
        {"\"\\ud83dx\"", "\xef\xbf\xbdx"},
        {"\"\\ude00\\ud83d\"", "\xef\xbf\xbd\xef\xbf\xbd"},
        {"\"\\ud83d\\u0041\"", "\xef\xbf\xbd"
                               "A"},
        {"\"a long string that is plain, then \xc3\xa9 and \xff!\"",
         "a long string that is plain, then \xc3\xa9 and \xef\xbf\xbd!"},
        {"\"\xed\xa0\x80\"", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        const struct value *v = parse(CASES[i].text);
        ASSERT_STR(value_str(v), CASES[i].want);
        assert_int_equal(v->s[v->n], '\0');
    }
    const struct value *nul = parse("\"a\\u0000b\"");
    assert_int_equal(nul->n, 3);
    ASSERT_STR(print_json(arena, nul, NULL), "\"a\\u0000b\"");
}

static void last_duplicate_wins_in_the_first_place(void **state UNUSED)
{
    const struct value *v = parse("{\"a\":1,\"b\":2,\"a\":3}");
    ASSERT_STR(print_json(arena, v, &(struct value_json_write){.insertion_order = true}),
               "{\"a\":3,\"b\":2}");
}

static void duplicates_can_be_errors(void **state UNUSED)
{
    struct err err;
    const struct value *v = NULL;
    struct value_json_opts opts = {.duplicates = VALUE_DUP_ERROR};
    ASSERT_ERR(value_from_json(arena, STR("{\"a\":1,\n \"a\": 3}"), &opts, &v, &err), ERR_INVALID,
               "line 2:7: duplicate key \"a\"");
    ASSERT_OK(value_from_json(arena, STR("{\"a\":{\"a\":1},\"b\":[{\"a\":1}]}"), &opts, &v, &err));
}

static void errors_name_line_and_column(void **state UNUSED)
{
    static const struct {
        const char *text;
        const char *want;
    } CASES[] = {
        {"", "line 1:1: unexpected end of JSON input"},
        {" \n ", "line 2:2: unexpected end of JSON input"},
        {"{", "line 1:2: unexpected end of JSON input"},
        {"{\"a\"", "unexpected end of JSON input"},
        {"{\"a\":", "unexpected end of JSON input"},
        {"{\"a\":1", "unexpected end of JSON input"},
        {"\"abc", "line 1:5: unexpected end of JSON input"},
        {"\"abc\\", "unexpected end of JSON input"},
        {"\"\\u12", "unexpected end of JSON input"},
        {"tru", "unexpected end of JSON input"},
        {"-", "unexpected end of JSON input"},
        {"1.", "unexpected end of JSON input"},
        {"1e", "unexpected end of JSON input"},
        {"[1,\n 2,\n x]", "line 3:2: invalid character 'x' looking for beginning of value"},
        {"{a:1}", "line 1:2: invalid character 'a' looking for beginning of object key string"},
        {"{\"a\" 1}", "invalid character '1' after object key"},
        {"{\"a\":1 \"b\":2}", "invalid character '\"' after object key:value pair"},
        {"{\"a\":1,}", "invalid character '}' looking for beginning of object key string"},
        {"[1 2]", "invalid character '2' after array element"},
        {"[1,]", "invalid character ']' looking for beginning of value"},
        {"[1}", "invalid character '}' after array element"},
        {"1 2", "invalid character '2' after top-level value"},
        {"01", "invalid character '1' after top-level value"},
        {"-a", "invalid character 'a' in numeric literal"},
        {"1.a", "invalid character 'a' after decimal point in numeric literal"},
        {"1e+a", "invalid character 'a' in exponent of numeric literal"},
        {"nulx", "invalid character 'x' in literal null (expecting 'l')"},
        {"\"a\nb\"", "line 1:3: invalid character '\\n' in string literal"},
        {"\"\\x\"", "invalid character 'x' in string escape code"},
        {"\"\\u00g0\"", "invalid character 'g' in \\u hexadecimal character escape"},
        {"1e999", "line 1:1: number 1e999 is out of range"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct err err;
        const struct value *v = NULL;
        ASSERT_ERR(value_from_json(arena, str_from(CASES[i].text), NULL, &v, &err), ERR_INVALID,
                   CASES[i].want);
        assert_null(v);
    }
}

static void keeps_positions_on_demand(void **state UNUSED)
{
    struct err err;
    const struct value *v = NULL;
    struct value_json_opts opts = {.positions = true};
    ASSERT_OK(value_from_json(arena, STR("{\"a\": [1,\n   {\"b\":\ttrue}]}"), &opts, &v, &err));
    const struct value *inner = value_at(value_dig(v, "a"), 1);
    assert_int_equal(inner->line, 2);
    assert_int_equal(inner->column, 4);
    assert_int_equal(value_dig(inner, "b")->column, 10);
    assert_int_equal(parse("[1]")->line, 0);
}

static void limits_hold_at_n_and_not_above(void **state UNUSED)
{
    struct err err;
    const struct value *v = NULL;
    struct value_json_opts depth = {.max_depth = 3};
    ASSERT_OK(value_from_json(arena, STR("[[[1]]]"), &depth, &v, &err));
    ASSERT_ERR(value_from_json(arena, STR("[[[[1]]]]"), &depth, &v, &err), ERR_LIMIT, "deeper");
    struct value_json_opts nodes = {.max_nodes = 3};
    ASSERT_OK(value_from_json(arena, STR("[1,2]"), &nodes, &v, &err));
    ASSERT_ERR(value_from_json(arena, STR("[1,2,3]"), &nodes, &v, &err), ERR_LIMIT, "too many");
    struct value_json_opts bytes = {.max_bytes = 4};
    ASSERT_OK(value_from_json(arena, STR("[12]"), &bytes, &v, &err));
    ASSERT_ERR(value_from_json(arena, STR("[123]"), &bytes, &v, &err), ERR_LIMIT, "larger");
}

static void writes_as_go_does(void **state UNUSED)
{
    const struct value *v = parse("{\"b\":[1,{}],\"a\":\"<&>\\u2028\\u0001\\b\x7f\",\"c\":[]}");
    ASSERT_STR(print_json(arena, v, NULL),
               "{\"a\":\"<&>\\u2028\\u0001\\b\x7f\",\"b\":[1,{}],\"c\":[]}");
    ASSERT_STR(print_json(arena, v, &(struct value_json_write){.escape_html = true}),
               "{\"a\":\"\\u003c\\u0026\\u003e\\u2028\\u0001\\b\x7f\",\"b\":[1,{}],\"c\":[]}");
    ASSERT_STR(
        print_json(arena, v, &(struct value_json_write){.pretty = true, .insertion_order = true}),
        "{\n  \"b\": [\n    1,\n    {}\n  ],\n  \"a\": \"<&>\\u2028\\u0001\\b\x7f\",\n"
        "  \"c\": []\n}");
    struct str invalid = STR("x\xffy\xc3");
    ASSERT_STR(print_json(arena, value_new_str(arena, invalid), NULL), "\"x\\ufffdy\\ufffd\"");
}

static void masks_sensitive_values_when_asked(void **state UNUSED)
{
    struct value secret = value_of_str(STR("hunter2"));
    secret.flags = VALUE_SENSITIVE;
    const struct value *list = value_new_list(arena, &secret, 1);
    ASSERT_STR(print_json(arena, list, &(struct value_json_write){.mask_sensitive = true}),
               "[\"********\"]");
    ASSERT_STR(print_json(arena, list, NULL), "[\"hunter2\"]");
}

static void refuses_what_json_cannot_hold(void **state UNUSED)
{
    struct err err;
    struct str text;
    ASSERT_ERR(value_to_json_in(arena, value_new_float(arena, (double)NAN), NULL, &text, &err),
               ERR_INVALID, "json: unsupported value: NaN");
    AUTO(buf) struct buf b;
    buf_init(&b, 4);
    ASSERT_ERR(value_to_json(&b, parse("[1,2]"), NULL, &err), ERR_LIMIT, "larger than 4 bytes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(round_trips_every_type, setup, teardown),
        cmocka_unit_test_setup_teardown(reads_numbers_as_int_or_float, setup, teardown),
        cmocka_unit_test_setup_teardown(unescapes_strings, setup, teardown),
        cmocka_unit_test_setup_teardown(last_duplicate_wins_in_the_first_place, setup, teardown),
        cmocka_unit_test_setup_teardown(duplicates_can_be_errors, setup, teardown),
        cmocka_unit_test_setup_teardown(errors_name_line_and_column, setup, teardown),
        cmocka_unit_test_setup_teardown(keeps_positions_on_demand, setup, teardown),
        cmocka_unit_test_setup_teardown(limits_hold_at_n_and_not_above, setup, teardown),
        cmocka_unit_test_setup_teardown(writes_as_go_does, setup, teardown),
        cmocka_unit_test_setup_teardown(masks_sensitive_values_when_asked, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_what_json_cannot_hold, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
