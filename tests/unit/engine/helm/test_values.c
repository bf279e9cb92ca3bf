/* Putting values together: files, charts and subcharts, globals, nulls. */
#include "engine/helm/chart.h"
#include "engine/helm/values.h"
#include "tests/lib/tval_yaml.h"

/* ---- reading and overlaying ---- */

static void documents_are_overlaid(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct tmap *map;
    struct err err;
    ASSERT_OK(values_from_yaml(
        arena, STR("a: {b: 1, c: [1, 2]}\nd: {e: 1}\n---\n# none\n---\na: {c: [3]}\nd: null\n"),
        &map, &err));
    assert_tval(arena, tval_map(map), "{a: {b: 1, c: [3]}, d: null}");
    ASSERT_OK(values_from_yaml(arena, STR(""), &map, &err));
    assert_int_equal(tmap_len(map), 0);
    ASSERT_ERR(values_from_yaml(arena, STR("- a"), &map, &err), ERR_INVALID, "not a map");
}

static void numbers_are_floats(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct tmap *map;
    struct err err;
    ASSERT_OK(values_from_yaml(arena, STR("a: 1"), &map, &err));
    assert_int_equal(tmap_get(map, STR("a")).kind, TVAL_FLOAT64);
}

/* ---- two tables ---- */

static const struct {
    enum values_mode mode;
    const char *dst;
    const char *src;
    const char *want;
} TABLES[] = {
    {VALUES_MERGE, "{a: 1}", "{a: 2, b: 3}", "{a: 1, b: 3}"},
    {VALUES_MERGE, "{a: {b: 1}}", "{a: {b: 2, c: 3}}", "{a: {b: 1, c: 3}}"},
    {VALUES_MERGE, "{a: {b: 1}}", "{a: x}", "{a: {b: 1}}"},
    {VALUES_MERGE, "{a: x}", "{a: {b: 1}}", "{a: x}"},
    {VALUES_MERGE, "{a: [1]}", "{a: [1, 2]}", "{a: [1]}"},
    {VALUES_MERGE, "{a: null}", "{a: 1}", "{a: null}"},
    {VALUES_COALESCE, "{a: null}", "{a: 1}", "{}"},
    {VALUES_COALESCE, "{a: null}", "{a: null}", "{a: null}"},
    {VALUES_COALESCE, "{a: null}", "{}", "{a: null}"},
    {VALUES_COALESCE, "{a: {b: null, c: {d: null}}}", "{a: {b: {x: 1}, c: {d: 1, e: 2}}}",
     "{a: {c: {e: 2}}}"},
};

static void tables_are_merged(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(TABLES); i++) {
        struct tmap *dst = tmap_from_yaml(arena, TABLES[i].dst);
        values_merge_tables(arena, dst, tmap_from_yaml(arena, TABLES[i].src), TABLES[i].mode);
        assert_tval(arena, tval_map(dst), TABLES[i].want);
    }
}

/* ---- charts: a root "r" with a subchart "s" ---- */

static const struct {
    enum values_mode mode;
    const char *root;
    const char *sub;
    const char *user;
    const char *want; /* NULL: an error */
} CHARTS[] = {
    {VALUES_COALESCE, "{}", "{}", "{}", "{s: {global: {}}}"},
    {VALUES_COALESCE, "{a: 1, b: 2}", "{c: 3}", "{b: x, d: 4}",
     "{a: 1, b: x, d: 4, s: {c: 3, global: {}}}"},
    {VALUES_COALESCE, "{s: {c: root}}", "{c: sub, d: 1}", "{}", "{s: {c: root, d: 1, global: {}}}"},
    {VALUES_COALESCE, "{s: {c: root}}", "{c: sub}", "{s: {c: user}}", "{s: {c: user, global: {}}}"},
    /* a null of the user takes away, one of a chart does nothing */
    {VALUES_COALESCE, "{a: 1}", "{}", "{a: null, b: null}", "{b: null, s: {global: {}}}"},
    {VALUES_COALESCE, "{a: null, m: {x: null, y: 1}}", "{n: null}", "{}",
     "{m: {y: 1}, s: {global: {}}}"},
    {VALUES_COALESCE, "{}", "{a: 1, m: {b: 1, c: 2}}", "{s: {a: null, m: {b: null}}}",
     "{s: {m: {c: 2}, global: {}}}"},
    {VALUES_COALESCE, "{s: {a: null}}", "{a: 1}", "{}", "{s: {a: 1, global: {}}}"},
    {VALUES_COALESCE, "{s: {a: null}}", "{a: 1}", "{s: {z: 1}}", "{s: {z: 1, global: {}}}"},
    {VALUES_MERGE, "{a: 1, n: null}", "{k: null}", "{a: null}",
     "{a: null, n: null, s: {k: null, global: {}}}"},
    /* kinds that differ */
    {VALUES_COALESCE, "{a: {b: 1}, c: 1}", "{}", "{a: x, c: {d: 1}}",
     "{a: x, c: {d: 1}, s: {global: {}}}"},
    {VALUES_COALESCE, "{}", "{}", "{s: text}", NULL},
    {VALUES_COALESCE, "{s: [1]}", "{}", "{}", NULL},
    /* globals go down and win */
    {VALUES_COALESCE, "{global: {a: 1}}", "{global: {a: sub, b: 2}}", "{global: {c: 3}}",
     "{global: {a: 1, c: 3}, s: {global: {a: 1, b: 2, c: 3}}}"},
    {VALUES_COALESCE, "{global: {m: {x: 1}}}", "{global: {m: {x: 9, y: 2}, n: 1}}", "{}",
     "{global: {m: {x: 1}}, s: {global: {m: {x: 1, y: 2}, n: 1}}}"},
    {VALUES_COALESCE, "{global: {m: {x: 1}}, s: {global: {m: text}}}", "{}", "{}",
     "{global: {m: {x: 1}}, s: {global: {m: text}}}"},
    {VALUES_COALESCE, "{global: {m: text}, s: {global: {m: {x: 1}}}}", "{}", "{}",
     "{global: {m: text}, s: {global: {m: {x: 1}}}}"},
    {VALUES_COALESCE, "{global: text}", "{a: 1}", "{}", "{global: text, s: {a: 1}}"},
    {VALUES_COALESCE, "{s: {global: text}}", "{a: 1}", "{}", "{s: {a: 1, global: text}}"},
};

static void charts_are_coalesced(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(CHARTS); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        struct chart root = {.meta = {.name = STR("r")}};
        struct chart sub = {.meta = {.name = STR("s")}, .parent = &root};
        struct chart *below[] = {&sub};
        struct tmap *out;
        struct err err;
        root.subcharts = below;
        root.n_subcharts = 1;
        root.values = tmap_from_yaml(arena, CHARTS[i].root);
        sub.values = tmap_from_yaml(arena, CHARTS[i].sub);
        int rc = values_coalesce(arena, &root, tmap_from_yaml(arena, CHARTS[i].user),
                                 CHARTS[i].mode, &out, &err);
        if (CHARTS[i].want == NULL) {
            ASSERT_ERR(rc, ERR_INVALID, "type mismatch on s");
            continue;
        }
        ASSERT_OK(rc);
        assert_tval(arena, tval_map(out), CHARTS[i].want);
        assert_tval(arena, tval_map(root.values), CHARTS[i].root); /* is not changed */
        assert_tval(arena, tval_map(sub.values), CHARTS[i].sub);
    }
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
        cmocka_unit_test(tables_are_merged),      cmocka_unit_test(charts_are_coalesced),
        cmocka_unit_test(paths_lead_to_values),   cmocka_unit_test(inputs_have_their_own_order),
        cmocka_unit_test(errors_name_the_input),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
