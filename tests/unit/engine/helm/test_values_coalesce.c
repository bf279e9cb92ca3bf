/* Values of charts and subcharts: globals, nulls, conflicts. */
#include "engine/helm/chart.h"
#include "engine/helm/values_coalesce.h"
#include "tests/lib/tval_yaml.h"

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
        const struct values_merge merge = {arena, TABLES[i].mode, NULL, VALUES_SRC_USED_UP};
        values_merge_tables(&merge, dst, tmap_from_yaml(arena, TABLES[i].src));
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
        const struct values_merge merge = {arena, CHARTS[i].mode, NULL, VALUES_SRC_USED_UP};
        int rc = values_coalesce(&merge, &root, tmap_from_yaml(arena, CHARTS[i].user), &out, &err);
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

/* ---- warnings ---- */

static const struct {
    const char *root;
    const char *sub;
    const char *user;
    const char *want;
} WARNINGS[] = {
    {"{a: 1}", "{}", "{a: {b: 1}}", "warning: skipped value for r.a: Not a table.\n"},
    {"{a: null}", "{}", "{a: {b: 1}}", ""},
    {"{a: {b: {c: 1}}}", "{}", "{a: {b: x}}",
     "warning: cannot overwrite table with non table for r.a.b (map[c:1])\n"},
    {"{a: {b: x}}", "{}", "{a: {b: {c: 1}}}",
     "warning: destination for r.a.b is a table. Ignoring non-table value (x)\n"},
    {"{}", "{a: {b: {c: 1}}}", "{s: {a: {b: x}}}",
     "warning: cannot overwrite table with non table for r.s.a.b (map[c:1])\n"},
    {"{global: x}", "{}", "{}",
     "warning: skipping globals because source global is not a table.\n"},
    {"{s: {global: x}}", "{}", "{}",
     "warning: skipping globals because destination global is not a table.\n"},
    {"{global: {m: {a: 1}}, s: {global: {m: x}}}", "{}", "{}",
     "Conflict: cannot merge map onto non-map for \"m\". Skipping.\n"},
    {"{global: {m: x}, s: {global: {m: {a: 1}}}}", "{}", "{}", "key m is table. Skipping\n"},
};

static void conflicts_are_told_once(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(WARNINGS); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        AUTO(buf) struct buf warnings;
        struct chart root = {.meta = {.name = STR("r")}};
        struct chart sub = {.meta = {.name = STR("s")}, .parent = &root};
        struct chart *below[] = {&sub};
        struct tmap *out;
        struct err err;
        buf_init(&warnings, 4096);
        root.subcharts = below;
        root.n_subcharts = 1;
        root.values = tmap_from_yaml(arena, WARNINGS[i].root);
        sub.values = tmap_from_yaml(arena, WARNINGS[i].sub);
        const struct values_merge merge = {arena, VALUES_COALESCE, &warnings, VALUES_SRC_KEPT};
        for (int k = 0; k < 2; k++) {
            ASSERT_OK(values_coalesce(&merge, &root, tmap_from_yaml(arena, WARNINGS[i].user), &out,
                                      &err));
        }
        ASSERT_STR(buf_str(&warnings), WARNINGS[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_are_merged),
        cmocka_unit_test(charts_are_coalesced),
        cmocka_unit_test(conflicts_are_told_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
