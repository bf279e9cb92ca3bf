/* Chart.yaml: leniency, what is required, the tree. */
#include "common/value/value.h"
#include "engine/helm/chart.h"
#include "tests/lib/check.h"

static void reads_all_fields(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct chart_meta m;
    struct err err;
    ASSERT_OK(
        chart_meta_parse(arena,
                         STR("apiVersion: v2\nname: web\nversion: 1.2.3\nkubeVersion: '>=1.20'\n"
                             "type: application\ndeprecated: true\nsources: [a, b]\n"
                             "keywords: [1]\nunknown: {a: 1}\n"
                             "maintainers: [{name: n, email: e, url: u}]\n"
                             "annotations: {a: true, b: 1.50}\n"
                             "dependencies:\n- {name: db, version: 1, alias: store, tags: [t],"
                             " condition: 'db.on', repository: r, import-values: [x]}\n"),
                         &m, &err));
    ASSERT_OK(chart_meta_check(&m, &err));
    ASSERT_STR(m.name, "web");
    ASSERT_STR(m.kube_version, ">=1.20");
    assert_true(m.deprecated);
    assert_int_equal(m.sources.n, 2);
    ASSERT_STR(m.keywords.items[0], "1");
    ASSERT_STR(m.maintainers[0].url, "u");
    ASSERT_STR(value_dig_str(m.annotations, "a"), "true");
    ASSERT_STR(value_dig_str(m.annotations, "b"), "1.5");
    assert_int_equal(m.n_dependencies, 1);
    ASSERT_STR(m.dependencies[0].alias, "store");
    ASSERT_STR(m.dependencies[0].version, "1");
    ASSERT_STR(m.dependencies[0].tags.items[0], "t");
    assert_int_equal(value_len(m.dependencies[0].import_values), 1);
}

static void scalars_become_text(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct chart_meta m;
    struct err err;
    ASSERT_OK(chart_meta_parse(
        arena,
        STR("name: 5\nversion: 1.10\nappVersion: true\ndescription: \"a\\tb\\x01\\u200bc\"\n"), &m,
        &err));
    ASSERT_STR(m.name, "5");
    ASSERT_STR(m.version, "1.1");
    ASSERT_STR(m.app_version, "true");
    ASSERT_STR(m.description, "a bc");
    ASSERT_STR(m.api_version, "v1");
}

static void refuses_other_shapes(void **state UNUSED)
{
    static const struct {
        const char *text;
        const char *part;
    } WRONG[] = {
        {"[a]", "is a list"},
        {"name: [a]", "field 'name'"},
        {"name: {", "Chart.yaml"},
        {"sources: a", "field 'sources'"},
        {"annotations: [a]", "field 'annotations'"},
        {"annotations: {a: [b]}", "field 'annotations'"},
        {"maintainers: [null]", "maintainers"},
        {"dependencies: {a: b}", "field 'dependencies'"},
        {"dependencies: [a]", "dependencies must not"},
        {"dependencies: [{import-values: a}]", "import-values"},
    };
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(WRONG); i++) {
        struct chart_meta m;
        struct err err;
        ASSERT_ERR(chart_meta_parse(arena, str_from(WRONG[i].text), &m, &err), ERR_INVALID,
                   WRONG[i].part);
    }
}

static void checks_what_must_be_there(void **state UNUSED)
{
    static const struct {
        const char *text;
        const char *part;
    } WRONG[] = {
        {"version: 1", "name is required"},
        {"name: a/b\nversion: 1", "name \"a/b\" is invalid"},
        {"name: ..\nversion: 1", "is invalid"},
        {"name: a", "version is required"},
        {"name: a\nversion: one", "version"},
        {"name: a\nversion: 1\ntype: plugin", "type"},
        {"name: a\nversion: 1\ndependencies: [{name: d, alias: 'a b'}]", "alias"},
        {"name: a\nversion: 1\ndependencies: [{name: d}, {name: e, alias: d}]", "more than one"},
    };
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(WRONG); i++) {
        struct chart_meta m;
        struct err err;
        ASSERT_OK(chart_meta_parse(arena, str_from(WRONG[i].text), &m, &err));
        ASSERT_ERR(chart_meta_check(&m, &err), ERR_INVALID, WRONG[i].part);
    }
}

static void copies_are_apart(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct chart_dependency dependency = {.name = STR("x")};
    struct chart grandchild = {.meta = {.name = STR("leaf")}};
    struct chart *below[] = {&grandchild};
    struct chart child = {
        .meta = {.name = STR("sub"), .type = STR("Library")}, .subcharts = below, .n_subcharts = 1};
    struct chart root = {.meta = {.name = STR("root")}};
    child.meta.dependencies = &dependency;
    child.meta.n_dependencies = 1;
    struct chart *copy = chart_copy(arena, &child, &root);
    copy->meta.dependencies[0].name = STR("y");
    copy->subcharts[0]->meta.name = STR("other");
    ASSERT_STR(dependency.name, "x");
    ASSERT_STR(grandchild.meta.name, "leaf");
    ASSERT_STR(chart_path(arena, copy->subcharts[0]), "root/charts/sub/charts/other");
    assert_true(chart_is_library(copy));
    assert_false(chart_is_library(&root));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_all_fields),     cmocka_unit_test(scalars_become_text),
        cmocka_unit_test(refuses_other_shapes), cmocka_unit_test(checks_what_must_be_there),
        cmocka_unit_test(copies_are_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
