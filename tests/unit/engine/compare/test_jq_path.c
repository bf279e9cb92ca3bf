/* Plain paths of jq: which they are, and what deleting them leaves. */
#include "common/base/buf.h"
#include "engine/compare/jq_path.h"
#include "tests/lib/parse.h"

static const struct {
    const char *expression;
    const char *v;
    const char *want; /* NULL = the same tree */
} CASES[] = {
    {".a", "{a: 1, b: 2}", "{b: 2}"},
    {".a.b", "{a: {b: 1, c: 2}}", "{a: {c: 2}}"},
    {" .a ", "{a: 1}", "{}"},
    {".\"a b\".c", "{a b: {c: 1}}", "{a b: {}}"},
    {".a[\"x/y\"]", "{a: {x/y: 1}}", "{a: {}}"},
    {".[\"a\"]", "{a: 1}", "{}"},
    {".a[]", "{a: [1, 2]}", "{a: []}"},
    {".a[]", "{a: {b: 1}}", "{a: {}}"},
    {".a[].b", "{a: [{b: 1, c: 2}, {c: 3}]}", "{a: [{c: 2}, {c: 3}]}"},
    {".a[].b", "{a: {x: {b: 1}, y: {c: 1}}}", "{a: {x: {}, y: {c: 1}}}"},
    {".a[0]", "{a: [1, 2]}", "{a: [2]}"},
    {".a[-1]", "{a: [1, 2]}", "{a: [1]}"},
    {".a[1].b?", "{a: [{b: 1}, {b: 2}]}", "{a: [{b: 1}, {}]}"},
    {".a.[0]", "{a: [1]}", "{a: []}"},
    {".a.b", "{a: text}", NULL},
    {".a[7]", "{a: [1]}", NULL},
    {".a[0]", "{a: {b: 1}}", NULL},
    {".a[]?", "{a: 7}", NULL},
    {".gone[].x", "{a: 7}", NULL},
    {".a[].b", "{a: [{b: 1}, text]}", NULL},
    {".a[].b?", "{a: [{b: 1}, text]}", "{a: [{}, text]}"},
    {".a[].b[0]", "{a: [{b: [1]}, {b: {c: 1}}, {}]}", NULL},
    {".a[][]", "{a: [[1], null]}", NULL},
    {".a[][]?", "{a: [[1], null, 7]}", "{a: [[], null, 7]}"},
    {".a[].b.c", "{a: [{}, {b: null}, {b: {c: 1}}]}", "{a: [{}, {b: null}, {b: {}}]}"},
};

static void deleting_leaves_the_rest(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        struct jq_path path;
        const struct value *v = parse_yaml(arena, CASES[i].v);
        if (!jq_path_parse(arena, str_from(CASES[i].expression), &path)) {
            fail_msg("'%s' is no plain path", CASES[i].expression);
        }
        const struct value *rest = jq_path_delete(arena, &path, v);
        if (CASES[i].want == NULL) {
            assert_ptr_equal(rest, v);
        } else {
            assert_yaml(arena, rest, CASES[i].want);
        }
    }
}

static void more_than_a_path_is_for_jq(void **state UNUSED)
{
    static const char *const OTHERS[] = {
        "",        ".",    "a",       ".a | .b",     ".a, .b", ".a[] | select(.x == 1)",
        ".a[1:2]", "..",   ".a..b",   ".\"a\\(1)\"", ".a[",    ".a[\"b\"",
        ".a[x]",   ".a b", "del(.a)", ".a[-]",       ".\"a",   ".1a",
    };
    AUTO(arena) struct arena *arena = arena_new();
    struct jq_path path;
    for (size_t i = 0; i < ARRAY_LEN(OTHERS); i++) {
        if (jq_path_parse(arena, str_from(OTHERS[i]), &path)) {
            fail_msg("'%s' was taken for a plain path", OTHERS[i]);
        }
    }
    AUTO(buf) struct buf text;
    buf_init(&text, 1000);
    for (int i = 0; i < JQ_STEPS_MAX; i++) {
        buf_put_c(&text, ".a");
    }
    assert_true(jq_path_parse(arena, buf_str(&text), &path));
    buf_put_c(&text, ".a");
    assert_false(jq_path_parse(arena, buf_str(&text), &path));
}

static void lists_of_paths_are_deleted_from_the_end(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *paths = parse_json(
        arena, "[[\"l\",0],[\"l\",2,\"x\"],[\"l\",1],[],[\"a\",\"b\"],[\"a\"],7,[true]]");
    assert_yaml(
        arena,
        jq_paths_delete(arena, paths, parse_yaml(arena, "{l: [1, 2, {x: 1, y: 2}], a: {b: 1}}")),
        "{l: [{y: 2}]}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deleting_leaves_the_rest),
        cmocka_unit_test(more_than_a_path_is_for_jq),
        cmocka_unit_test(lists_of_paths_are_deleted_from_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
