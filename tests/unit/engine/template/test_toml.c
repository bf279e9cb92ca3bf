/* TOML: what is read, what is refused and with which words, and how it is written. */
#include <stdio.h>
#include <string.h>

#include "common/base/budget.h"
#include "common/base/limits.h"
#include "common/value/value_json.h"
#include "engine/template/toml.h"
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

struct reading {
    const char *toml;
    const char *want; /* as JSON, or the error */
};

static struct tval read_toml(const char *text)
{
    struct err err;
    struct tval v = tval_nil();
    ASSERT_OK(toml_parse(arena, &budget, str_from(text), &v, &err));
    return v;
}

static struct str json(struct tval v)
{
    struct err err;
    const struct value *tree = NULL;
    struct str text = STR_EMPTY;
    ASSERT_OK(tval_to_value(arena, v, &tree, &err));
    ASSERT_OK(value_to_json_in(arena, tree, NULL, &text, &err));
    return text;
}

static struct str write_toml(struct tval v)
{
    struct err err;
    AUTO(buf) struct buf out;
    buf_init(&out, LIMIT_MIB);
    ASSERT_OK(toml_format(v, &budget, &out, &err));
    return buf_to_arena(&out, arena);
}

static void check_readings(const struct reading *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        ASSERT_STR(json(read_toml(cases[i].toml)), cases[i].want);
    }
}

static void check_errors(const struct reading *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct err err;
        struct tval v = tval_nil();
        int rc = toml_parse(arena, &budget, str_from(cases[i].toml), &v, &err);
        if (rc != -(int)ERR_INVALID || strcmp(err.message, cases[i].want) != 0) {
            fail_msg("%s\n  is:     %s\n  wanted: %s", cases[i].toml, rc < 0 ? err.message : "read",
                     cases[i].want);
        }
    }
}

static void reads_scalars(void **state UNUSED)
{
    static const struct reading CASES[] = {
        {"", "{}"},
        {"# nothing\n\n", "{}"},
        {"a = 1_000\nb = -7\nc = 0xff\nd = 0o17\ne = 0b101",
         "{\"a\":1000,\"b\":-7,\"c\":255,\"d\":15,\"e\":5}"},
        {"a = 1.5\nb = 2e3\nc = -0.25e-1", "{\"a\":1.5,\"b\":2000,\"c\":-0.025}"},
        {"a = true\nb = false", "{\"a\":true,\"b\":false}"},
        {"a = \"tab\\t \\u00e9 \\x41\"", "{\"a\":\"tab\\t é A\"}"},
        {"a = 'c:\\dir'", "{\"a\":\"c:\\\\dir\"}"},
        {"a = \"\"\"\none \\\n     two\"\"\"", "{\"a\":\"one two\"}"},
        {"a = \"\"\"say \"\"x\"\"\"\"\"", "{\"a\":\"say \\\"\\\"x\\\"\\\"\"}"},
        {"a = '''\nl1\nl2\n'''", "{\"a\":\"l1\\nl2\\n\"}"},
        {"\xef\xbb\xbf"
         "a = 1\r\n",
         "{\"a\":1}"},
        {"a = 2021-03-04T05:06:07.5+01:00", "{\"a\":\"2021-03-04T05:06:07.5+01:00\"}"},
    };
    check_readings(CASES, ARRAY_LEN(CASES));
    assert_int_equal(tmap_get(read_toml("a = 1").map, STR("a")).kind, TVAL_INT64);
    assert_int_equal(tmap_get(read_toml("a = 1.0").map, STR("a")).kind, TVAL_FLOAT64);
}

static void reads_tables_and_arrays(void **state UNUSED)
{
    static const struct reading CASES[] = {
        {"[a]\nx = 1\n[a.b]\ny = 2\n[c]", "{\"a\":{\"b\":{\"y\":2},\"x\":1},\"c\":{}}"},
        {"[[a]]\nx = 1\n[[a]]\n[a.b]\ny = 2", "{\"a\":[{\"x\":1},{\"b\":{\"y\":2}}]}"},
        {"a.b.c = 1\na.d = 2\n'e f'.\"g\" = 3",
         "{\"a\":{\"b\":{\"c\":1},\"d\":2},\"e f\":{\"g\":3}}"},
        {"[a.b]\nx = 1\n[a]\ny = 2", "{\"a\":{\"b\":{\"x\":1},\"y\":2}}"},
        {"a = [1, [\"x\"], # why\n {b = {c = 2}, d.e = 3},\n]",
         "{\"a\":[1,[\"x\"],{\"b\":{\"c\":2},\"d\":{\"e\":3}}]}"},
        {"a = [{x = 1}, {x = 2}]", "{\"a\":[{\"x\":1},{\"x\":2}]}"},
    };
    check_readings(CASES, ARRAY_LEN(CASES));
    struct tval tables = tmap_get(read_toml("[[a]]\n[[a]]\n[[a]]\n[[a]]\n[[a]]").map, STR("a"));
    assert_int_equal(tval_len(tables), 5);
    ASSERT_STR(tval_type_name(arena, tables), "[]map[string]interface {}");
}

static void refuses_keys_written_twice(void **state UNUSED)
{
    static const struct reading CASES[] = {
        {"a = 1\na = 2", "toml: line 2 (last key \"a\"): Key 'a' has already been defined."},
        {"[a]\n[a]", "toml: line 2: Key 'a' has already been defined."},
        {"a = [1]\n[[a]]",
         "toml: line 2: Key 'a' was already created and cannot be used as an array."},
    };
    check_errors(CASES, ARRAY_LEN(CASES));
    struct err err;
    struct tval v = tval_nil();
    assert_true(toml_parse(arena, &budget, STR("a = {x = 1, x = 2}"), &v, &err) < 0);
    assert_true(toml_parse(arena, &budget, STR("a.b = 1\na.b.c = 2"), &v, &err) < 0);
    assert_true(toml_parse(arena, &budget, STR("[[a]]\n[a]"), &v, &err) < 0);
}

static void names_what_is_wrong(void **state UNUSED)
{
    static const struct reading CASES[] = {
        {"a", "toml: line 1: unexpected EOF; expected key separator '='"},
        {"a b = 1", "toml: line 1: expected '.' or '=', but got 'b' instead"},
        {"\na\n= 1", "toml: line 2: expected '.' or '=', but got '\\n' instead"},
        {"= 1", "toml: line 1: unexpected '=': key name appears blank"},
        {"a = x", "toml: line 1 (last key \"a\"): expected value but found \"x\" instead"},
        {"a = 1 2", "toml: line 1: expected a top-level item to end with a newline, comment, or "
                    "EOF, but got '2' instead"},
        {"a = [1 2]", "toml: line 1 (last key \"a\"): expected a comma (',') or array terminator "
                      "(']'), but got '2'"},
        {"a = {b = 1", "toml: line 1 (last key \"a.b\"): expected a comma or an inline table "
                       "terminator '}', but got end of file instead"},
        {"a = 01", "toml: line 1 (last key \"a\"): Invalid integer \"01\": cannot have leading "
                   "zeroes"},
        {"a = 5.", "toml: line 1 (last key \"a\"): Invalid float \"5.\": '.' must be followed by "
                   "one or more digits"},
        {"a = 9223372036854775808",
         "toml: line 1 (last key \"a\"): 9223372036854775808 is out of range for int64"},
        {"a = 2021-02-30", "toml: line 1 (last key \"a\"): invalid datetime: \"2021-02-30\""},
        {"a = \"x\ny\"", "toml: line 1 (last key \"a\"): strings cannot contain newlines"},
        {"a = \"\\q\"", "toml: line 1 (last key \"a\"): invalid escape in string '\\q'"},
        {"a = \"\x01\"", "toml: line 1 (last key \"a\"): TOML files cannot contain control "
                         "characters: '0x01'"},
        {"a = \"\"\"x \\\n \r y\"\"\"", "toml: line 2 (last key \"a\"): TOML files cannot contain "
                                        "control characters: '0x0d'"},
        {"[t]\na = \"\xff\"", "toml: line 2 (last key \"t.a\"): invalid UTF-8 byte: 0xff"},
        {"[]", "toml: line 1: unexpected end of table name (table names cannot be empty)"},
        {"[[a]", "toml: line 1: expected end of table array name delimiter ']', but got '\\x00' "
                 "instead"},
    };
    check_errors(CASES, ARRAY_LEN(CASES));
}

static void writes_tables_behind_plain_values(void **state UNUSED)
{
    static const struct reading CASES[] = {
        {"{b: {d: {e: 1}, c: x}, a: true}", "a = true\n\n[b]\n  c = \"x\"\n  [b.d]\n    e = 1.0\n"},
        {"a: [{b: 1}, {c: [{d: 2}]}]", "[[a]]\n  b = 1.0\n\n[[a]]\n\n  [[a.c]]\n    d = 2.0\n"},
        {"a: [1, {b: x, n: null}, []]", "a = [1.0, {b = \"x\", }, []]\n"},
        {"{'k k': 1000000, n: null, '': -0.5}", "\"\" = -0.5\n\"k k\" = 1e+06\n"},
        {"a: \"q\\\"\\\\\\n\\x07\"", "a = \"q\\\"\\\\\\n\\u0007\"\n"},
        {"{}", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct tval v = tval_from_value(arena, parse_yaml(arena, CASES[i].toml), false);
        ASSERT_STR(write_toml(v), CASES[i].want);
    }
}

static void dates_are_written_as_they_were_read(void **state UNUSED)
{
    static const char *const TEXTS[] = {
        "a = 1979-05-27\n",
        "a = 07:32:00.5\n",
        "a = 1979-05-27T07:32:00\n",
        "a = 1979-05-27T07:32:00Z\n",
        "a = 1979-05-27T07:32:00.000001-07:30\n",
    };
    for (size_t i = 0; i < ARRAY_LEN(TEXTS); i++) {
        ASSERT_STR(write_toml(read_toml(TEXTS[i])), TEXTS[i]);
    }
}

static void nesting_and_long_keys_are_bounded(void **state UNUSED)
{
    char text[2 * (LIMIT_DOC_DEPTH + 8)];
    struct err err;
    struct tval v = tval_nil();
    for (size_t depth = LIMIT_DOC_DEPTH; depth <= LIMIT_DOC_DEPTH + 1; depth++) {
        int n = snprintf(text, sizeof(text), "a=");
        memset(text + n, '[', depth);
        memset(text + n + depth, ']', depth);
        int rc = toml_parse(arena, &budget, str_of(text, (size_t)n + 2 * depth), &v, &err);
        assert_int_equal(rc, depth <= LIMIT_DOC_DEPTH ? 0 : -(int)ERR_LIMIT);
    }
    for (size_t i = 0; i <= LIMIT_DOC_DEPTH; i++) {
        memcpy(text + 2 * i, "a.", 2);
    }
    ASSERT_ERR(toml_parse(arena, &budget, str_of(text, 2 * LIMIT_DOC_DEPTH + 2), &v, &err),
               ERR_LIMIT, "a TOML key has more than");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_scalars, setup, teardown),
        cmocka_unit_test_setup_teardown(reads_tables_and_arrays, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_keys_written_twice, setup, teardown),
        cmocka_unit_test_setup_teardown(names_what_is_wrong, setup, teardown),
        cmocka_unit_test_setup_teardown(writes_tables_behind_plain_values, setup, teardown),
        cmocka_unit_test_setup_teardown(dates_are_written_as_they_were_read, setup, teardown),
        cmocka_unit_test_setup_teardown(nesting_and_long_keys_are_bounded, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
