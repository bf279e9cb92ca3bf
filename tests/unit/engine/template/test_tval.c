/* Values of templates: maps, types, truth, equality, text, conversions. */
#include <math.h>
#include <stdio.h>

#include "common/base/limits.h"
#include "engine/template/tval.h"
#include "tests/lib/check.h"
#include "tests/lib/parse.h"

static struct tval text(const char *s)
{
    return tval_str(str_from(s));
}

static struct tval of_yaml(struct arena *arena, const char *yaml)
{
    return tval_from_value(arena, parse_yaml(arena, yaml), false);
}

static void maps_find_what_was_set(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct tmap *map = tmap_new(arena, TVAL_OF_ANY, NULL, NULL);
    char key[16];
    for (int i = 0; i < 1000; i++) {
        (void)snprintf(key, sizeof(key), "key%d", i);
        tmap_set(map, str_from(key), tval_int(i));
    }
    tmap_set(map, STR("key7"), tval_int(-7));
    assert_int_equal(tmap_len(map), 1000);
    for (int i = 0; i < 1000; i++) {
        (void)snprintf(key, sizeof(key), "key%d", i);
        assert_int_equal(tmap_get(map, str_from(key)).i, i == 7 ? -7 : i);
    }
    for (int i = 0; i < 1000; i += 2) {
        (void)snprintf(key, sizeof(key), "key%d", i);
        assert_true(tmap_remove(map, str_from(key)));
        assert_false(tmap_remove(map, str_from(key)));
    }
    assert_int_equal(tmap_len(map), 500);
    assert_null(tmap_find(map, STR("key8")));
    assert_int_equal(tmap_get(map, STR("key9")).i, 9);
    size_t n = 0;
    const struct str *keys = tmap_keys(map, arena, &n);
    assert_int_equal(n, 500);
    for (size_t i = 1; i < n; i++) {
        assert_true(str_cmp(keys[i - 1], keys[i]) < 0);
    }
}

static void a_key_that_comes_and_goes_takes_no_room(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct tmap *map = tmap_new(arena, TVAL_OF_ANY, NULL, NULL);
    for (int i = 0; i < 10; i++) {
        struct str key = arena_printf(arena, "k%d", i);
        tmap_set(map, key, tval_int(i));
    }
    for (int i = 0; i < 100; i++) {
        tmap_set_borrowed(map, STR("x"), tval_int(i));
        assert_true(tmap_remove(map, STR("x")));
    }
    size_t used = arena_used(arena);
    for (int i = 0; i < 1000; i++) {
        tmap_set_borrowed(map, STR("x"), tval_int(i));
        assert_true(tmap_remove(map, STR("x")));
    }
    assert_int_equal(arena_used(arena), used);
    assert_int_equal(tmap_len(map), 10);
    assert_int_equal(tmap_get(map, STR("k9")).i, 9);
}

static void missing_keys_give_the_zero_of_the_type(void **state UNUSED)
{
    static const struct {
        enum tval_elem elem;
        const char *type;
        const char *zero;
    } CASES[] = {
        {TVAL_OF_ANY, "map[string]interface {}", "<nil>"},
        {TVAL_OF_STRING, "map[string]string", ""},
        {TVAL_OF_INT, "map[string]int", "0"},
        {TVAL_OF_BYTES, "map[string][]uint8", "[]"},
        {TVAL_OF_MAP, "map[string]map[string]interface {}", "map[]"},
    };
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct tmap *map = tmap_new(arena, CASES[i].elem, NULL, NULL);
        AUTO(buf) struct buf out;
        buf_init(&out, LIMIT_KIB);
        tval_print(&out, tmap_get(map, STR("none")));
        ASSERT_STR(buf_str(&out), CASES[i].zero);
        ASSERT_STR(tval_type_name(arena, tval_map(map)), CASES[i].type);
    }
}

static void values_have_types_kinds_and_truth(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    static const struct tclass CLASS = {.type = "*semver.Version", .kind = "ptr"};
    static struct tval_time time;
    const struct {
        struct tval v;
        const char *type;
        const char *kind;
        bool truth;
        int64_t len;
    } CASES[] = {
        {tval_nil(), "<nil>", "invalid", false, -1},
        {tval_bool(true), "bool", "bool", true, -1},
        {tval_int(0), "int", "int", false, -1},
        {tval_int64(-1), "int64", "int64", true, -1},
        {tval_float(0), "float64", "float64", false, -1},
        {text(""), "string", "string", false, 0},
        {text("\xc3\xa9"), "string", "string", true, 2},
        {tval_list_new(arena, TVAL_OF_ANY, 0), "[]interface {}", "slice", false, 0},
        {tval_list_new(arena, TVAL_OF_STRING, 2), "[]string", "slice", true, 2},
        {{.kind = TVAL_LIST}, "[]interface {}", "slice", false, 0},
        {{.kind = TVAL_BYTES, .s = STR("ab")}, "[]uint8", "slice", true, 2},
        {of_yaml(arena, "{a: 1}"), "map[string]interface {}", "map", true, 1},
        {{.kind = TVAL_TIME, .time = &time}, "time.Time", "struct", true, -1},
        {{.kind = TVAL_DURATION, .i = 1}, "time.Duration", "int64", true, -1},
        {tval_obj(arena, &CLASS, NULL), "*semver.Version", "ptr", true, -1},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        ASSERT_STR(tval_type_name(arena, CASES[i].v), CASES[i].type);
        assert_string_equal(tval_kind_name(CASES[i].v), CASES[i].kind);
        assert_int_equal(tval_true(CASES[i].v), CASES[i].truth);
        assert_int_equal(tval_len(CASES[i].v), CASES[i].len);
        assert_true(tval_equal(CASES[i].v, CASES[i].v));
    }
}

static void equality_minds_types(void **state UNUSED)
{
    static const struct {
        const char *a;
        const char *b;
        bool want;
    } CASES[] = {
        {"1", "1.0", true}, /* both float64 */
        {"1", "'1'", false},
        {"[1, [2]]", "[1, [2]]", true},
        {"[1, [2]]", "[1, [3]]", false},
        {"[1]", "[1, 2]", false},
        {"{a: 1, b: {c: x}}", "{b: {c: x}, a: 1}", true},
        {"{a: 1}", "{b: 1}", false},
        {"{a: null}", "{a: null}", true},
        {"null", "''", false},
    };
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        bool is = tval_equal(of_yaml(arena, CASES[i].a), of_yaml(arena, CASES[i].b));
        if (is != CASES[i].want) {
            fail_msg("%s, %s: %d", CASES[i].a, CASES[i].b, is);
        }
    }
    assert_false(tval_equal(tval_int(1), tval_int64(1)));
    assert_false(tval_equal(tval_float(NAN), tval_float(NAN)));
    assert_false(
        tval_equal(tval_list_new(arena, TVAL_OF_ANY, 0), tval_list_new(arena, TVAL_OF_INT, 0)));
}

static void values_print_as_in_go(void **state UNUSED)
{
    static struct tval_time cet = {1514674800, 120000000, 3600, "CET"};
    static struct tval_time zoneless = {-1, 0, -12600, ""};
    AUTO(arena) struct arena *arena = arena_new();
    const struct {
        struct tval v;
        const char *want;
    } CASES[] = {
        {tval_nil(), "<nil>"},
        {tval_bool(false), "false"},
        {tval_int(-5), "-5"},
        {{.kind = TVAL_UINT64, .u = UINT64_MAX}, "18446744073709551615"},
        {tval_float(1000000), "1e+06"},
        {tval_float(100000.5), "100000.5"},
        {tval_float(1e-5), "1e-05"},
        {tval_float(-0.0), "-0"},
        {tval_float(-INFINITY), "-Inf"},
        {of_yaml(arena, "{b: [null, true, 1.5, s], a: {}}"), "map[a:map[] b:[<nil> true 1.5 s]]"},
        {{.kind = TVAL_BYTES, .s = STR("hi")}, "[104 105]"},
        {{.kind = TVAL_LIST}, "[]"},
        {{.kind = TVAL_TIME, .time = &cet}, "2017-12-31 00:00:00.12 +0100 CET"},
        {{.kind = TVAL_TIME, .time = &zoneless}, "1969-12-31 20:29:59 -0330 -0330"},
        {{.kind = TVAL_DURATION, .i = 0}, "0s"},
        {{.kind = TVAL_DURATION, .i = 999}, "999ns"},
        {{.kind = TVAL_DURATION, .i = 1500}, "1.5\xc2\xb5s"},
        {{.kind = TVAL_DURATION, .i = 20000000}, "20ms"},
        {{.kind = TVAL_DURATION, .i = -90500000000}, "-1m30.5s"},
        {{.kind = TVAL_DURATION, .i = INT64_MIN}, "-2562047h47m16.854775808s"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        ASSERT_STR(tval_text(arena, CASES[i].v),
                   CASES[i].v.kind == TVAL_BYTES ? "hi" : CASES[i].want);
        AUTO(buf) struct buf out;
        buf_init(&out, LIMIT_KIB);
        tval_print(&out, CASES[i].v);
        ASSERT_STR(buf_str(&out), CASES[i].want);
    }
}

static void quotes_as_go_does(void **state UNUSED)
{
    static const struct {
        const char *text;
        const char *want;
    } CASES[] = {
        {"", "\"\""},
        {"a\"b\\", "\"a\\\"b\\\\\""},
        {"\a\b\t\n\v\f\r", "\"\\a\\b\\t\\n\\v\\f\\r\""},
        {"\x01\x7f", "\"\\x01\\x7f\""},
        {"\xff\xc3", "\"\\xff\\xc3\""},
        {"\xc3\xa9 \xf0\x9f\x98\x80", "\"\xc3\xa9 \xf0\x9f\x98\x80\""},
        {"\xe2\x80\xa8\xc2\xa0", "\"\\u2028\\u00a0\""},
        {"\xf3\xa0\x80\x81", "\"\\U000e0001\""},
        {"\xef\xbf\xbd", "\"\xef\xbf\xbd\""},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        AUTO(buf) struct buf out;
        buf_init(&out, LIMIT_KIB);
        tval_quote(&out, str_from(CASES[i].text));
        ASSERT_STR(buf_str(&out), CASES[i].want);
    }
}

static void casts_to_integers(void **state UNUSED)
{
    static const struct {
        const char *text;
        int64_t want;
    } CASES[] = {
        {"12", 12},
        {"012", 10},
        {"0x1f", 31},
        {"0b11", 3},
        {"0O17", 15},
        {"1_000", 1000},
        {"0x_f", 15},
        {"+5", 5},
        {"-0", 0},
        {"5.0", 5},
        {"5.", 0},
        {"1.5", 0},
        {"08", 0},
        {" 5", 0},
        {"", 0},
        {"1__0", 0},
        {"_1", 0},
        {"1_", 0},
        {"1e3", 0},
        {"9223372036854775808", 0},
        {"-9223372036854775808", INT64_MIN},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        assert_int_equal(tval_to_int64(text(CASES[i].text)), CASES[i].want);
    }
    assert_int_equal(tval_to_int64(tval_float(-1.9)), -1);
    assert_int_equal(tval_to_int64(tval_float(1e300)), INT64_MIN);
    assert_int_equal(tval_to_int64(tval_float(NAN)), INT64_MIN);
    assert_int_equal(tval_to_int64(tval_bool(true)), 1);
    assert_int_equal(tval_to_int64(tval_nil()), 0);
}

static void casts_to_floats(void **state UNUSED)
{
    static const struct {
        const char *text;
        double want;
    } CASES[] = {
        {"1.5", 1.5},
        {"-3", -3},
        {"1_0.5", 10.5},
        {".5", 0.5},
        {"1e3", 1000},
        {"0x1p4", 16},
        {"-0x.8P-1", -0.25},
        {"0x1p", 0},
        {"0xp1", 0},
        {"0x1.8p1", 3},
        {"0x1", 0},
        {"x", 0},
        {"", 0},
        {"1.5 ", 0},
        {"inf", INFINITY},
        {"1e999", 0},
        {"-Infinity", -INFINITY},
        {"1_.5", 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        if (tval_to_float(text(CASES[i].text)) != CASES[i].want) {
            fail_msg("%s: %g", CASES[i].text, tval_to_float(text(CASES[i].text)));
        }
    }
    assert_true(isnan(tval_to_float(text("NaN"))));
    assert_true(tval_to_float(tval_bool(true)) == 1);
    assert_true(tval_to_float(tval_int64(3)) == 3);
}

static void trees_become_values_and_back(void **state UNUSED)
{
    static const char YAML[] = "{a: [1, 2.5, null, true, x, [], {}], b: {c: d}}";
    struct err err;
    const struct value *back = NULL;
    AUTO(arena) struct arena *arena = arena_new();
    struct tval v = of_yaml(arena, YAML);
    assert_int_equal(tval_at(tmap_get(v.map, STR("a")), 0).kind, TVAL_FLOAT64);
    ASSERT_OK(tval_to_value(arena, v, &back, &err));
    assert_yaml(arena, back, YAML);
    v = tval_from_value(arena, parse_yaml(arena, "5"), true);
    assert_int_equal(v.kind, TVAL_INT64);
}

static void values_become_what_json_has(void **state UNUSED)
{
    static struct tval_time utc = {0, 5000000, 0, "UTC"};
    static struct tval_time cet = {0, 0, 3600, "CET"};
    const struct {
        struct tval v;
        const char *want;
    } CASES[] = {
        {{.kind = TVAL_BYTES, .s = STR("hi")}, "aGk="},
        {{.kind = TVAL_LIST}, "null"},
        {{.kind = TVAL_DURATION, .i = 7}, "7"},
        {{.kind = TVAL_UINT64, .u = 7}, "7"},
        {text("a\xff"), "\"a\xef\xbf\xbd\""},
        {{.kind = TVAL_TIME, .time = &utc}, "'1970-01-01T00:00:00.005Z'"},
        {{.kind = TVAL_TIME, .time = &cet}, "'1970-01-01T01:00:00+01:00'"},
    };
    struct err err;
    const struct value *json = NULL;
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        ASSERT_OK(tval_to_value(arena, CASES[i].v, &json, &err));
        assert_yaml(arena, json, CASES[i].want);
    }
    ASSERT_ERR(tval_to_value(arena, tval_float(NAN), &json, &err), ERR_INVALID,
               "json: unsupported value: NaN");
}

static void values_may_hold_themselves(void **state UNUSED)
{
    struct err err;
    const struct value *json = NULL;
    AUTO(arena) struct arena *arena = arena_new();
    struct tval loop = of_yaml(arena, "{}");
    struct tval other = of_yaml(arena, "{}");
    tmap_set(loop.map, STR("a"), loop);
    tmap_set(loop.map, STR("b"), loop);
    tmap_set(other.map, STR("a"), other);
    tmap_set(other.map, STR("b"), other);
    ASSERT_ERR(tval_to_value(arena, loop, &json, &err), ERR_LIMIT, "cycle via map[string]");
    assert_false(tval_equal(loop, other));
    assert_int_equal(tmap_len(tval_copy(arena, loop).map), 2);
    AUTO(buf) struct buf out;
    buf_init(&out, 64 * LIMIT_KIB);
    tval_print(&out, loop);
    assert_true(out.overflow);
}

static void copies_share_nothing(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct tval v = of_yaml(arena, "{a: {b: [1]}}");
    struct tval copy = tval_copy(arena, v);
    assert_true(tval_equal(v, copy));
    tmap_set(tmap_get(copy.map, STR("a")).map, STR("b"), tval_nil());
    assert_yaml(arena, parse_yaml(arena, "[1]"), "[1]");
    assert_int_equal(tval_len(tmap_get(tmap_get(v.map, STR("a")).map, STR("b"))), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(maps_find_what_was_set),
        cmocka_unit_test(a_key_that_comes_and_goes_takes_no_room),
        cmocka_unit_test(missing_keys_give_the_zero_of_the_type),
        cmocka_unit_test(values_have_types_kinds_and_truth),
        cmocka_unit_test(equality_minds_types),
        cmocka_unit_test(values_print_as_in_go),
        cmocka_unit_test(quotes_as_go_does),
        cmocka_unit_test(casts_to_integers),
        cmocka_unit_test(casts_to_floats),
        cmocka_unit_test(trees_become_values_and_back),
        cmocka_unit_test(values_become_what_json_has),
        cmocka_unit_test(values_may_hold_themselves),
        cmocka_unit_test(copies_share_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
