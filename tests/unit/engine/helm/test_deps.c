/* Dependencies: which charts remain of a tree, and what parents import. */
#include "common/base/budget.h"
#include "engine/helm/chart.h"
#include "engine/helm/chart_load.h"
#include "engine/helm/deps.h"
#include "engine/helm/values.h"
#include "tests/lib/mem_tree.h"
#include "tests/lib/tval_yaml.h"

#define CHART(name) "name: " name "\nversion: 1.2.0\napiVersion: v2\n"

static struct chart *load(struct arena *arena, const struct mem_file *files)
{
    struct mem_tree tree = mem_tree_of(files);
    struct budget budget = budget_unlimited();
    struct engine_env env = {.arena = arena, .budget = &budget, .files = &tree.files};
    struct chart *c = NULL;
    struct err err;
    ASSERT_OK(chart_load(&env, env.arena, STR_EMPTY, &c, &err));
    return c;
}

/* "web(db cache(x))" */
static void put_tree(struct buf *out, const struct chart *c)
{
    buf_put(out, c->meta.name);
    buf_put_c(out, c->n_subcharts > 0 ? "(" : "");
    for (size_t i = 0; i < c->n_subcharts; i++) {
        buf_put_c(out, i > 0 ? " " : "");
        put_tree(out, c->subcharts[i]);
        assert_ptr_equal(c->subcharts[i]->parent, c);
    }
    buf_put_c(out, c->n_subcharts > 0 ? ")" : "");
}

static const struct {
    const char *dependencies; /* of the root */
    const char *values;       /* of the root */
    const char *user;
    const char *want;
} CASES[] = {
    {"", "{}", "{}", "web(cache db(leaf))"},
    {"[{name: db, version: 1.x}]", "{}", "{}", "web(cache db(leaf))"},
    {"[{name: db, version: ^1.0, condition: db.use}]", "{db: {use: false}}", "{}", "web(cache)"},
    {"[{name: db, version: ^1.0, condition: db.use}]", "{db: {use: false}}", "{db: {use: true}}",
     "web(cache db(leaf))"},
    {"[{name: db, version: ^1.0, condition: 'db.no,db.use'}]", "{db: {use: false}}", "{}",
     "web(cache)"},
    {"[{name: db, version: ^1.0, condition: 'db.text,db.use'}]", "{db: {use: false, text: x}}",
     "{}", "web(cache)"},
    {"[{name: db, version: ^1.0, tags: [a, b]}]", "{tags: {a: false}}", "{}", "web(cache)"},
    {"[{name: db, version: ^1.0, tags: [a, b]}]", "{tags: {a: false}}", "{tags: {b: true}}",
     "web(cache db(leaf))"},
    {"[{name: db, version: ^1.0, tags: [a], condition: db.use}]", "{tags: {a: false}}",
     "{db: {use: true}}", "web(cache db(leaf))"},
    {"[{name: db, version: ^1.0, tags: [a], condition: db.use}]", "{tags: {a: true}}",
     "{db: {use: false}}", "web(cache)"},
    {"[{name: db, version: 1.x, alias: one}, {name: db, version: 1.x, alias: two}]", "{}", "{}",
     "web(cache one(leaf) two(leaf))"},
    {"[{name: db, version: 1.x, alias: one, condition: one.use}, {name: db, version: 1.x}]",
     "{one: {use: false}}", "{}", "web(cache db(leaf))"},
    /* another version than declared: on, and the declaration is nothing */
    {"[{name: db, version: ^2.0, condition: db.use}]", "{db: {use: false}}", "{}", "web(cache)"},
    {"[{name: db, version: ^2.0, alias: one}]", "{}", "{}", "web(cache db(leaf))"},
    /* a level below, by the values of all above */
    {"[{name: db, version: 1.x}]", "{}", "{db: {leaf: {use: false}}}", "web(cache db)"},
};

static void the_tree_is_what_is_enabled(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        AUTO(buf) struct buf is;
        struct err err;
        struct str meta =
            arena_printf(arena, CHART("web") "dependencies: %s\n", CASES[i].dependencies);
        const struct mem_file files[] = {
            {"Chart.yaml", meta.p},
            {"values.yaml", CASES[i].values},
            {"charts/cache/Chart.yaml", CHART("cache")},
            {"charts/db/Chart.yaml",
             CHART("db") "dependencies: [{name: leaf, version: '*', condition: leaf.use}]\n"},
            {"charts/db/charts/leaf/Chart.yaml", CHART("leaf")},
            {NULL, NULL},
        };
        struct chart *c = load(arena, files);
        ASSERT_OK(deps_process(arena, arena, c, tmap_from_yaml(arena, CASES[i].user), NULL, &err));
        buf_init(&is, 1000);
        put_tree(&is, c);
        ASSERT_STR(buf_str(&is), CASES[i].want);
    }
}

static void missing_ones_are_named(void **state UNUSED)
{
    static const struct mem_file FILES[] = {
        {"Chart.yaml", CHART("web") "dependencies: [{name: db}, {name: b}, {name: c, alias: d}]\n"},
        {"charts/db/Chart.yaml", CHART("db")},
        {NULL, NULL},
    };
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    ASSERT_ERR(deps_check_present(load(arena, FILES), &err), ERR_NOT_FOUND,
               "missing in charts/ directory: b, c");
}

static void parents_import_tables(void **state UNUSED)
{
    static const struct mem_file FILES[] = {
        {"Chart.yaml", CHART("web") "dependencies:\n- name: db\n  version: '*'\n  import-values:\n"
                                    "  - data\n  - {child: net, parent: deep.net}\n"
                                    "  - {child: port, parent: none}\n  - gone\n  - 5\n"},
        {"values.yaml", "{host: web, deep: {net: {a: web}}}"},
        {"charts/db/Chart.yaml",
         CHART("db") "dependencies: [{name: leaf, version: '*', import-values: "
                     "[{child: ., parent: x}, {child: own, parent: net}]}]\n"},
        {"charts/db/values.yaml",
         "{exports: {data: {host: db, size: 1}}, net: {a: db, b: 2}, port: 1}"},
        {"charts/db/charts/leaf/Chart.yaml", CHART("leaf")},
        {"charts/db/charts/leaf/values.yaml", "{own: {c: 3, b: leaf}}"},
        {NULL, NULL},
    };
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    struct chart *c = load(arena, FILES);
    ASSERT_OK(deps_process(arena, arena, c, NULL, NULL, &err));
    assert_tval(arena, *values_find(c->values, STR("deep")), "{net: {a: web, b: 2, c: 3}}");
    assert_tval(arena, *values_find(c->values, STR("host")), "web");
    assert_tval(arena, *values_find(c->values, STR("size")), "1");
    assert_null(values_find(c->values, STR("none")));
    assert_tval(arena, *values_find(c->subcharts[0]->values, STR("net")), "{a: db, b: 2, c: 3}");
}

static void import_paths_are_bounded(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    char path[200];
    for (size_t i = 0; i < sizeof(path) - 1; i++) {
        path[i] = i % 2 == 0 ? 'a' : '.';
    }
    path[sizeof(path) - 1] = '\0';
    struct str meta = arena_printf(arena,
                                   CHART("web") "dependencies: [{name: db, version: 1.x, "
                                                "import-values: [{child: t, parent: %s}]}]",
                                   path);
    const struct mem_file files[] = {{"Chart.yaml", meta.p},
                                     {"charts/db/Chart.yaml", CHART("db")},
                                     {"charts/db/values.yaml", "t: {a: 1}"},
                                     {NULL, NULL}};
    struct err err;
    ASSERT_ERR(deps_process(arena, arena, load(arena, files), NULL, NULL, &err), ERR_LIMIT,
               "import-values");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tree_is_what_is_enabled),
        cmocka_unit_test(missing_ones_are_named),
        cmocka_unit_test(parents_import_tables),
        cmocka_unit_test(import_paths_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
