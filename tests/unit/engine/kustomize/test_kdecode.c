/* Fields as Go decodes them. */
#include <stdbool.h>

#include "engine/kustomize/kdecode.h"
#include "tests/lib/parse.h"

struct inner {
    struct str text;
    bool flag;
};

struct outer {
    struct str name;
    int64_t count;
    struct value_strs list;
    struct value_str_pairs map;
    struct inner one;
    struct value_slice many;
    const struct value *tree;
    const struct value *checked;
    bool has_one;
};

static const struct kfield INNER_FIELDS[] = {
    {"text", KFIELD_STR, offsetof(struct inner, text), NULL, "Base.", "types.Text"},
    {"flag", KFIELD_BOOL, offsetof(struct inner, flag), NULL, NULL, NULL},
};
static const struct ktable INNER = KTABLE("Inner", struct inner, INNER_FIELDS);
static const struct kfield OUTER_FIELDS[] = {
    {"name", KFIELD_STR, offsetof(struct outer, name), NULL, NULL, NULL},
    {"count", KFIELD_INT, offsetof(struct outer, count), NULL, NULL, NULL},
    {"list", KFIELD_STR_LIST, offsetof(struct outer, list), NULL, NULL, NULL},
    {"map", KFIELD_STR_MAP, offsetof(struct outer, map), NULL, NULL, NULL},
    {"one", KFIELD_STRUCT, offsetof(struct outer, one), &INNER, NULL, NULL},
    {"one", KFIELD_SET, offsetof(struct outer, has_one), NULL, NULL, NULL},
    {"many", KFIELD_LIST, offsetof(struct outer, many), &INNER, NULL, NULL},
    {"tree", KFIELD_TREE_MAP, offsetof(struct outer, tree), NULL, NULL, NULL},
    {"checked", KFIELD_CHECKED_LIST, offsetof(struct outer, checked), &INNER, NULL, NULL},
};
static const struct ktable OUTER = KTABLE("Outer", struct outer, OUTER_FIELDS);

static void fills_the_struct(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    struct outer o = {0};
    const struct value *v = parse_yaml(
        arena, "{NAME: a, name: b, count: 3, list: [x, null], map: {k: v}, one: {Text: t},"
               " many: [{flag: true}, null], tree: {a: 1}, checked: [{text: c}]}");
    ASSERT_OK(kdecode_map(arena, v, &OUTER, KDECODE_STRICT, &o, &err));
    ASSERT_STR(o.name, "b");
    assert_int_equal(o.count, 3);
    assert_int_equal(o.list.n, 2);
    ASSERT_STR(o.map.items[0].value, "v");
    ASSERT_STR(o.one.text, "t");
    assert_true(o.has_one);
    assert_int_equal(o.many.n, 2);
    assert_true(((const struct inner *)o.many.items)[0].flag);
    assert_ptr_equal(o.checked, value_find(v, STR("checked")));
    ASSERT_OK(
        kdecode_map(arena, parse_yaml(arena, "{name: null}"), &OUTER, KDECODE_STRICT, &o, &err));
    ASSERT_STR(o.name, "b");
    ASSERT_OK(kdecode_map(arena, parse_yaml(arena, "{what: 1}"), &OUTER, KDECODE_LAX, &o, &err));
}

static void fails_in_go_words(void **state UNUSED)
{
    static const struct {
        const char *yaml;
        const char *part;
    } CASES[] = {
        {"[a]", "json: cannot unmarshal array into Go value of type types.Outer"},
        {"{zzz: 1, what: 1}", "json: unknown field \"what\""},
        {"{one: {what: 1}}", "json: unknown field \"what\""},
        {"{name: true}", "cannot unmarshal bool into Go struct field Outer.name of type string"},
        {"{count: 1.5}",
         "cannot unmarshal number 1.5 into Go struct field Outer.count of type int64"},
        {"{list: {a: b}}",
         "cannot unmarshal object into Go struct field Outer.list of type []string"},
        {"{list: [1]}", "cannot unmarshal number into Go struct field Outer.list of type string"},
        {"{map: [1]}",
         "cannot unmarshal array into Go struct field Outer.map of type map[string]string"},
        {"{map: {a: 1}}", "cannot unmarshal number into Go struct field Outer.map of type string"},
        {"{one: 1}", "cannot unmarshal number into Go struct field Outer.one of type types.Inner"},
        {"{one: {text: 1}}", "number into Go struct field Inner.one.Base.text of type types.Text"},
        {"{one: {flag: x}}", "string into Go struct field Inner.one.flag of type bool"},
        {"{many: 1}", "number into Go struct field Outer.many of type []types.Inner"},
        {"{many: [x]}", "string into Go struct field Outer.many of type types.Inner"},
        {"{checked: [{flag: 1}]}", "number into Go struct field Inner.checked.flag of type bool"},
        {"{tree: x}", "string into Go struct field Outer.tree of type map[string]interface {}"},
    };
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct err err;
        struct outer o = {0};
        ASSERT_ERR(
            kdecode_map(arena, parse_yaml(arena, CASES[i].yaml), &OUTER, KDECODE_STRICT, &o, &err),
            ERR_INVALID, CASES[i].part);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_the_struct),
        cmocka_unit_test(fails_in_go_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
