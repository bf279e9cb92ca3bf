/* Reading values and putting inputs together. */
#include "engine/helm/values.h"
#include "tests/lib/tval_yaml.h"

/* ---- reading and overlaying ---- */

static void documents_are_overlaid(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct tmap *map;
    struct err err;
    ASSERT_OK(values_from_yaml(
        arena, arena,
        STR("a: {b: 1, c: [1, 2]}\nd: {e: 1}\n---\n# none\n---\na: {c: [3]}\nd: null\n"), &map,
        &err));
    assert_tval(arena, tval_map(map), "{a: {b: 1, c: [3]}, d: null}");
    ASSERT_OK(values_from_yaml(arena, arena, STR(""), &map, &err));
    assert_int_equal(tmap_len(map), 0);
    ASSERT_ERR(values_from_yaml(arena, arena, STR("- a"), &map, &err), ERR_INVALID, "not a map");
}

static void numbers_are_floats(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct tmap *map;
    struct err err;
    ASSERT_OK(values_from_yaml(arena, arena, STR("a: 1"), &map, &err));
    assert_int_equal(tmap_get(map, STR("a")).kind, TVAL_FLOAT64);
}

/* ---- paths ---- */

static void paths_lead_to_values(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct tmap *map = tmap_from_yaml(arena, "{a: {b: {c: 1}}, d: 2}");
    assert_non_null(values_find(map, STR("a.b.c")));
    assert_non_null(values_table(map, STR("a.b")));
    assert_null(values_table(map, STR("a.b.c")));
    assert_null(values_find(map, STR("a.x.c")));
    assert_null(values_find(map, STR("d.c")));
    assert_null(values_find(map, STR("")));
    assert_null(values_find(NULL, STR("a")));
}

/* ---- inputs ---- */

static void inputs_have_their_own_order(void **state UNUSED)
{
    static const struct values_input INPUTS[] = {
        {VALUES_SET_LITERAL, {"", 0}, {"a=literal", 9}},
        {VALUES_SET, {"", 0}, {"a=set,b=set,c=set", 17}},
        {VALUES_SET_STRING, {"", 0}, {"a=1,b=1", 7}},
        {VALUES_SET_JSON, {"", 0}, {" {\"a\": 2, \"m\": {\"x\": 1}}", 24}},
        {VALUES_SET_JSON, {"", 0}, {"m.w=[1]", 7}},
        {VALUES_FILE, {"", 0}, {"{a: f, f: 1, m: {z: 1}}", 23}},
        {VALUES_FILE, {"", 0}, {"{f: 2}", 6}},
    };
    AUTO(arena) struct arena *arena = arena_new();
    struct tmap *out;
    struct err err;
    ASSERT_OK(values_from_inputs(arena, INPUTS, ARRAY_LEN(INPUTS), NULL, &out, &err));
    assert_tval(arena, tval_map(out),
                "{a: literal, b: '1', c: set, f: 2, m: {x: 1, w: [1], z: 1}}");
}

static void errors_name_the_input(void **state UNUSED)
{
    static const struct {
        struct values_input input;
        const char *part;
    } WRONG[] = {
        {{VALUES_FILE, {"my.yaml", 7}, {"a: {", 4}}, "my.yaml:2"},
        {{VALUES_FILE, {"my.yaml", 7}, {"[a]", 3}}, "my.yaml"},
        {{VALUES_SET, {"", 0}, {"a", 1}}, "failed parsing --set data"},
        {{VALUES_SET_JSON, {"", 0}, {"{", 1}}, "failed parsing --set-json data"},
        {{VALUES_SET_FILE, {"", 0}, {"a=b", 3}}, "failed parsing --set-file data"},
    };
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(WRONG); i++) {
        struct tmap *out;
        struct err err;
        if (values_from_inputs(arena, &WRONG[i].input, 1, NULL, &out, &err) == 0) {
            fail_msg("input %zu is no error", i);
        }
        check_contains(&err, WRONG[i].part);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents_are_overlaid), cmocka_unit_test(numbers_are_floats),
        cmocka_unit_test(paths_lead_to_values),   cmocka_unit_test(inputs_have_their_own_order),
        cmocka_unit_test(errors_name_the_input),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
