/* Functions that turn values into text and back, called as the executor calls them. */
#include <stdio.h>
#include <string.h>

#include "engine/template/func.h"
#include "tests/lib/check.h"
#include "tests/lib/parse.h"

static struct arena *arena;
static struct budget budget;

static int setup(void **state UNUSED)
{
    arena = arena_new();
    budget = budget_unlimited();
    return 0;
}

static int teardown(void **state UNUSED)
{
    arena_free(arena);
    return 0;
}

static int call(const char *name, struct tval arg, struct tval *ret, struct err *err)
{
    const struct tfunc *f = tfunc_find(str_from(name));
    assert_non_null(f);
    assert_int_equal(strlen(f->params), 1);
    struct tcall c = {.arena = arena, .budget = &budget, .name = f->name};
    return f->fn(&c, &arg, 1, ret, err);
}

static struct tval text(const char *s)
{
    return tval_str(str_from(s));
}

/* Values as charts have them. */
static struct tval data(const char *yaml)
{
    return tval_from_value(arena, parse_yaml(arena, yaml), false);
}

static struct str result(const char *name, struct tval arg)
{
    struct err err;
    struct tval ret = tval_nil();
    ASSERT_OK(call(name, arg, &ret, &err));
    return tval_text(arena, ret);
}

struct conversion {
    const char *yaml;
    const char *want;
};

static void check_all(const char *name, const struct conversion *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        ASSERT_STR(result(name, data(cases[i].yaml)), cases[i].want);
    }
}

static void to_yaml_is_go_yaml_2(void **state UNUSED)
{
    static const struct conversion CASES[] = {
        {"null", "null"},
        {"''", "\"\""},
        {"[]", "[]"},
        {"{}", "{}"},
        {"ports: [80, {name: web}]", "ports:\n- 80\n- name: web"},
        {"[[1, 2]]", "- - 1\n  - 2"},
        {"[1000000, 1.5, 1e20, 0.00000015]", "- 1000000\n- 1.5\n- 1e+20\n- 1.5e-07"},
        {"['yes', 'n', 'oN', '1.0', '0o17', 'a: b', '- x', '-x']",
         "- \"yes\"\n- \"n\"\n- oN\n- \"1.0\"\n- \"0o17\"\n- 'a: b'\n- '- x'\n- -x"},
        {"\"tab\\there\"", "\"tab\\there\""},
        {"\"\\U0001F680\"", "\"\\U0001F680\""},
        {"\"one\\ntwo\\n\"", "|\n  one\n  two"},
        {"\"one\\ntwo\"", "|-\n  one\n  two"},
        {"\"one\\n\\n\"", "|+\n  one\n"},
        {"\"  one\\ntwo\"", "|2-\n    one\n  two"},
        {"\"trail \\nx\"", "\"trail \\nx\""},
        {"{v10: 1, v9: 1, V: 1, _: 1, 'on': 1}", "_: 1\nV: 1\n\"on\": 1\nv9: 1\nv10: 1"},
    };
    check_all("toYaml", CASES, ARRAY_LEN(CASES));
    check_all("mustToYaml", CASES, ARRAY_LEN(CASES));
}

static void to_yaml_folds_behind_column_80(void **state UNUSED)
{
    struct tval words = data("k: aaaaaaaaa bbbbbbbbb ccccccccc ddddddddd eeeeeeeee fffffffff "
                             "ggggggggg hhhhhhhhhhhhhhh iii jjj");
    ASSERT_STR(result("toYaml", words),
               "k: aaaaaaaaa bbbbbbbbb ccccccccc ddddddddd eeeeeeeee fffffffff ggggggggg "
               "hhhhhhhhhhhhhhh\n  iii jjj");
    ASSERT_STR(result("toYamlPretty", words),
               "k: aaaaaaaaa bbbbbbbbb ccccccccc ddddddddd eeeeeeeee fffffffff ggggggggg "
               "hhhhhhhhhhhhhhh iii jjj");
}

/* Its JSON is read by go-yaml on the way, which takes neither some characters nor long keys. */
static void to_yaml_gives_nothing_for_what_go_yaml_cannot_read(void **state UNUSED)
{
    char key[1100];
    memset(key, 'k', sizeof(key));
    struct tmap *long_key = tmap_new(arena, TVAL_OF_ANY, NULL, NULL);
    struct tmap *good_key = tmap_new(arena, TVAL_OF_ANY, NULL, NULL);
    tmap_set(long_key, str_of(key, 1023), tval_int(1));
    tmap_set(good_key, str_of(key, 1022), tval_int(1));
    struct err err;
    struct tval ret = tval_nil();
    ASSERT_STR(result("toYaml", text("a\x7f")), "");
    ASSERT_STR(result("toYaml", text("\xef\xbf\xbf")), "");
    ASSERT_STR(result("toYaml", tval_map(long_key)), "");
    assert_int_equal(result("toYaml", tval_map(good_key)).n, 1022 + 6); /* "? " and "\n: 1" */
    ASSERT_ERR(call("mustToYaml", text("a\x7f"), &ret, &err), ERR_INVALID,
               "yaml: control characters are not allowed");
    ASSERT_ERR(call("mustToYaml", tval_map(long_key), &ret, &err), ERR_INVALID,
               "yaml: did not find expected");
}

static void not_a_number_is_nothing_or_an_error(void **state UNUSED)
{
    static const char *const SILENT[] = {"toYaml", "toYamlPretty", "toJson", "toPrettyJson"};
    static const char *const LOUD[] = {"mustToYaml", "mustToJson", "mustToPrettyJson", "toRawJson",
                                       "mustToRawJson"};
    struct tval nan = tval_float(__builtin_nan(""));
    struct tval ret = tval_nil();
    struct err err;
    for (size_t i = 0; i < ARRAY_LEN(SILENT); i++) {
        ASSERT_STR(result(SILENT[i], nan), "");
    }
    for (size_t i = 0; i < ARRAY_LEN(LOUD); i++) {
        ASSERT_ERR(call(LOUD[i], nan, &ret, &err), ERR_INVALID, "json: unsupported value: NaN");
    }
}

static void to_yaml_pretty_is_go_yaml_3(void **state UNUSED)
{
    static const struct conversion CASES[] = {
        {"a: [1, [2], {b: c}]", "a:\n  - 1\n  - - 2\n  - b: c"},
        {"[1000000, 7]", "- 1e+06\n- 7"},
        {"\"x\\ty\\n\"", "|\n  x\ty"},
    };
    check_all("toYamlPretty", CASES, ARRAY_LEN(CASES));
}

static void json_forms_differ_in_escapes_and_space(void **state UNUSED)
{
    struct tval v = data("{b: [1, 1.5, 1e21], a: '<x & y>', c: {}, d: \"\\u2028\\x07\"}");
    ASSERT_STR(result("toJson", v), "{\"a\":\"\\u003cx \\u0026 y\\u003e\",\"b\":[1,1.5,1e+21],"
                                    "\"c\":{},\"d\":\"\\u2028\\u0007\"}");
    ASSERT_STR(result("mustToJson", v), "{\"a\":\"\\u003cx \\u0026 y\\u003e\",\"b\":[1,1.5,1e+21],"
                                        "\"c\":{},\"d\":\"\\u2028\\u0007\"}");
    ASSERT_STR(result("toRawJson", v),
               "{\"a\":\"<x & y>\",\"b\":[1,1.5,1e+21],\"c\":{},\"d\":\"\\u2028\\u0007\"}");
    ASSERT_STR(result("toPrettyJson", data("{a: [1], b: []}")),
               "{\n  \"a\": [\n    1\n  ],\n  \"b\": []\n}");
    ASSERT_STR(result("mustToPrettyJson", data("'<'")), "\"\\u003c\"");
    ASSERT_STR(result("mustToRawJson", tval_nil()), "null");
}

struct reading {
    const char *text;
    const char *want; /* as JSON */
};

static void check_readings(const char *name, const struct reading *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct err err;
        struct tval ret = tval_nil();
        ASSERT_OK(call(name, text(cases[i].text), &ret, &err));
        ASSERT_STR(result("mustToRawJson", ret), cases[i].want);
    }
}

static void from_yaml_gives_a_map_or_the_error(void **state UNUSED)
{
    static const struct reading CASES[] = {
        {"a: 0x10\nb: yes\nc: 012\nd: ~", "{\"a\":16,\"b\":true,\"c\":10,\"d\":null}"},
        {"a: 1\na: 2\n---\nb: 3", "{\"a\":2}"},
        {"", "{}"},
        {"- 1", "{\"Error\":\"error unmarshaling JSON: while decoding JSON: json: cannot unmarshal "
                "array into Go value of type map[string]interface {}\"}"},
        {"x", "{\"Error\":\"error unmarshaling JSON: while decoding JSON: json: cannot unmarshal "
              "string into Go value of type map[string]interface {}\"}"},
        {"k: [", "{\"Error\":\"error converting YAML to JSON: yaml: line 1: did not find expected "
                 "node content\"}"},
        {"k: v: w", "{\"Error\":\"error converting YAML to JSON: yaml: mapping values are not "
                    "allowed in this context\"}"},
        {"k: 1\nl: v: w", "{\"Error\":\"error converting YAML to JSON: yaml: line 2: mapping "
                          "values are not allowed in this context\"}"},
        {"k: .inf", "{\"Error\":\"error converting YAML to JSON: json: unsupported value: +Inf\"}"},
    };
    static const struct reading LISTS[] = {
        {"- 1\n- a", "[1,\"a\"]"},
        {"", "[]"},
        {"null", "[]"},
        {"a: 1", "[\"error unmarshaling JSON: while decoding JSON: json: cannot unmarshal object "
                 "into Go value of type []interface {}\"]"},
    };
    check_readings("fromYaml", CASES, ARRAY_LEN(CASES));
    check_readings("fromYamlArray", LISTS, ARRAY_LEN(LISTS));
}

static void from_json_gives_a_map_or_the_error(void **state UNUSED)
{
    static const struct reading CASES[] = {
        {"{\"a\": 1.0}", "{\"a\":1}"},
        {"null", "null"}, /* a nil map */
        {"", "{\"Error\":\"unexpected end of JSON input\"}"},
        {"{]", "{\"Error\":\"invalid character ']' looking for beginning of object key string\"}"},
        {"true", "{\"Error\":\"json: cannot unmarshal bool into Go value of type "
                 "map[string]interface {}\"}"},
    };
    static const struct reading LISTS[] = {
        {"[1, {}]", "[1,{}]"},
        {"2", "[\"json: cannot unmarshal number into Go value of type []interface {}\"]"},
    };
    static const struct reading ANY[] = {{"5", "5"}, {"\"x\"", "\"x\""}, {"[]", "[]"}};
    struct err err;
    struct tval ret = tval_nil();
    check_readings("fromJson", CASES, ARRAY_LEN(CASES));
    check_readings("fromJsonArray", LISTS, ARRAY_LEN(LISTS));
    check_readings("mustFromJson", ANY, ARRAY_LEN(ANY));
    ASSERT_ERR(call("mustFromJson", text("{"), &ret, &err), ERR_INVALID,
               "unexpected end of JSON input");
    assert_int_equal(err.pos.line, 0);
    ASSERT_OK(call("mustFromJson", text("5"), &ret, &err));
    assert_int_equal(ret.kind, TVAL_FLOAT64);
}

static void toml_functions_give_errors_as_values(void **state UNUSED)
{
    struct err err;
    struct tval ret = tval_nil();
    ASSERT_STR(result("toToml", data("{a: 1, b: x}")), "a = 1.0\nb = \"x\"\n");
    ASSERT_STR(result("toToml", data("[{a: 1}]")),
               "toml: top-level values must be Go maps or structs");
    ASSERT_ERR(call("toToml", tval_nil(), &ret, &err), ERR_INVALID, "reflect.Value.Type");
    ASSERT_ERR(call("mustToToml", data("a: [null]"), &ret, &err), ERR_INVALID,
               "toml: cannot encode array with nil element");
    ASSERT_STR(result("mustToToml", tval_int(3)), "3");
    static const struct reading CASES[] = {
        {"a = 3", "{\"a\":3}"},
        {"a = ", "{\"Error\":\"toml: line 1 (last key \\\"a\\\"): unexpected EOF; expected "
                 "value\"}"},
    };
    check_readings("fromToml", CASES, ARRAY_LEN(CASES));
}

struct hash {
    const char *name;
    const char *text;
    const char *want;
};

static void base_64_and_32_and_digests(void **state UNUSED)
{
    static const struct hash CASES[] = {
        {"b64enc", "belay", "YmVsYXk="},
        {"b64dec", "YmVs\nYXk=", "belay"},
        {"b64dec", "YmV!", "illegal base64 data at input byte 3"},
        {"b32enc", "belay", "MJSWYYLZ"},
        {"b32dec", "MJSWYYLZ", "belay"},
        {"b32dec", "MJSWY===", "bel"},
        {"b32dec", "mj", "illegal base32 data at input byte 0"},
        {"sha1sum", "", "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
        {"sha256sum", "belay", "7f72937a338ece153c4ad8c39b1b81ed80eb0f709804bda546046396a975329a"},
        {"adler32sum", "belay", "100794894"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        ASSERT_STR(result(CASES[i].name, text(CASES[i].text)), CASES[i].want);
    }
    assert_int_equal(result("sha512sum", text("belay")).n, 128);
}

static void a_used_up_budget_is_no_empty_result(void **state UNUSED)
{
    static const char *const NAMES[] = {"toYaml",        "toJson", "fromYaml",
                                        "fromJsonArray", "toToml", "b64dec"};
    for (size_t i = 0; i < ARRAY_LEN(NAMES); i++) {
        struct err err;
        struct tval ret = tval_nil();
        budget.steps = 0;
        assert_int_equal(call(NAMES[i], text("x"), &ret, &err), -(int)ERR_LIMIT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(to_yaml_is_go_yaml_2, setup, teardown),
        cmocka_unit_test_setup_teardown(to_yaml_folds_behind_column_80, setup, teardown),
        cmocka_unit_test_setup_teardown(to_yaml_gives_nothing_for_what_go_yaml_cannot_read, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(not_a_number_is_nothing_or_an_error, setup, teardown),
        cmocka_unit_test_setup_teardown(to_yaml_pretty_is_go_yaml_3, setup, teardown),
        cmocka_unit_test_setup_teardown(json_forms_differ_in_escapes_and_space, setup, teardown),
        cmocka_unit_test_setup_teardown(from_yaml_gives_a_map_or_the_error, setup, teardown),
        cmocka_unit_test_setup_teardown(from_json_gives_a_map_or_the_error, setup, teardown),
        cmocka_unit_test_setup_teardown(toml_functions_give_errors_as_values, setup, teardown),
        cmocka_unit_test_setup_teardown(base_64_and_32_and_digests, setup, teardown),
        cmocka_unit_test_setup_teardown(a_used_up_budget_is_no_empty_result, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
