/* .Chart, .Files, .Release and .Template as templates see them. */
#include "common/base/budget.h"
#include "common/base/mem.h"
#include "engine/helm/chart.h"
#include "engine/helm/objects.h"
#include "engine/template/func.h"
#include "tests/lib/tval_yaml.h"

static void the_chart_is_a_map_with_gos_names(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct chart c = {.parent = NULL};
    struct err err;
    ASSERT_OK(chart_meta_parse(
        arena,
        STR("name: web\nversion: 1.0.0\nappVersion: '2'\nkeywords: [k]\nannotations: {a: b}\n"
            "maintainers: [{name: me}]\ndependencies: [{name: d, version: '1', import-values: "
            "[x]}]"),
        &c.meta, &err));
    struct tval chart = objects_chart(arena, &c);
    assert_tval(arena, chart,
                "{Name: web, Home: '', Sources: [], Version: 1.0.0, Description: '', Keywords: [k],"
                " Maintainers: [{Name: me, Email: '', URL: ''}], Icon: '', APIVersion: v1,"
                " Condition: '', Tags: '', AppVersion: '2', Deprecated: false, Annotations: {a: b},"
                " KubeVersion: '', Type: '', IsRoot: true, Dependencies: [{Name: d, Version: '1',"
                " Repository: '', Condition: '', Tags: [], Enabled: false, ImportValues: [x],"
                " Alias: ''}]}");
    assert_int_equal(tmap_elem(tmap_get(chart.map, STR("Annotations")).map), TVAL_OF_STRING);
}

struct files_world {
    struct arena *arena;
    struct budget budget;
    struct tcall call;
    struct tmap *map;
};

static struct chart_file FILES[] = {
    {{"a.txt", 5}, {"one\n\ntwo\n", 9}},
    {{"conf/b.ini", 10}, {"x=1", 3}},
    {{"conf/deep/c.ini", 15}, {"", 0}},
};

static int set_up(void **state)
{
    struct chart_files files = {FILES, ARRAY_LEN(FILES)};
    struct files_world *w = MEM_NEW(struct files_world);
    w->arena = arena_new();
    w->budget = budget_unlimited();
    w->call = (struct tcall){.arena = w->arena, .budget = &w->budget};
    w->map = objects_files(w->arena, &files).map;
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct files_world *w = *state;
    arena_free(w->arena);
    mem_free(w);
    return 0;
}

static struct tval ask(struct files_world *w, struct tmap *map, const char *name, const char *arg)
{
    const struct tmethod *method = tmethod_find(tmap_class(map), str_from(name));
    struct tval a = tval_str(str_from(arg));
    struct tval ret = tval_nil();
    struct err err;
    assert_non_null(method);
    assert_string_equal(method->params, arg[0] != '\0' ? "s" : "");
    ASSERT_OK(method->fn(&w->call, tmap_data(map), &a, 1, &ret, &err));
    return ret;
}

static struct str field(struct files_world *w, struct tmap *map, const char *name)
{
    return ask(w, map, name, "").s;
}

static void files_are_read_by_name(void **state)
{
    struct files_world *w = *state;
    ASSERT_STR(ask(w, w->map, "Get", "conf/b.ini").s, "x=1");
    ASSERT_STR(ask(w, w->map, "Get", "none").s, "");
    assert_int_equal(ask(w, w->map, "Get", "none").kind, TVAL_STRING);
    assert_int_equal(ask(w, w->map, "GetBytes", "conf/b.ini").kind, TVAL_BYTES);
    assert_int_equal(tmap_get(w->map, STR("conf/b.ini")).kind, TVAL_BYTES);
}

static void lines_have_no_last_empty_one(void **state)
{
    struct files_world *w = *state;
    assert_tval(w->arena, ask(w, w->map, "Lines", "a.txt"), "[one, '', two]");
    assert_tval(w->arena, ask(w, w->map, "Lines", "conf/deep/c.ini"), "[]");
    assert_tval(w->arena, ask(w, w->map, "Lines", "none"), "[]");
}

static void globs_give_files_again(void **state)
{
    struct files_world *w = *state;
    struct tmap *conf = ask(w, w->map, "Glob", "conf/*").map;
    assert_int_equal(tmap_len(conf), 1);
    assert_int_equal(tmap_len(ask(w, w->map, "Glob", "conf/**").map), 2);
    assert_int_equal(tmap_len(ask(w, w->map, "Glob", "{a,").map), 3);
    assert_int_equal(tmap_len(ask(w, w->map, "Glob", "x").map), 0);
    ASSERT_STR(ask(w, conf, "Get", "conf/b.ini").s, "x=1");
    ASSERT_STR(field(w, conf, "AsConfig"), "b.ini: x=1");
    ASSERT_STR(field(w, conf, "AsSecrets"), "b.ini: eD0x");
}

static void configs_are_yaml_of_base_names(void **state)
{
    struct files_world *w = *state;
    ASSERT_STR(field(w, w->map, "AsConfig"), "a.txt: |\n  one\n\n  two\nb.ini: x=1\nc.ini: \"\"");
    ASSERT_STR(field(w, ask(w, w->map, "Glob", "x").map, "AsConfig"), "{}");
}

static void the_release_and_the_template(void **state)
{
    struct files_world *w = *state;
    struct objects_release r = {STR("rel"), STR("ns"), false};
    assert_tval(w->arena, objects_release(w->arena, &r),
                "{Name: rel, Namespace: ns, IsUpgrade: false, IsInstall: true, Revision: 1,"
                " Service: Helm}");
    assert_tval(w->arena, objects_template(w->arena, STR("c/templates/a"), STR("c/templates")),
                "{Name: c/templates/a, BasePath: c/templates}");
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_chart_is_a_map_with_gos_names),
        TEST(files_are_read_by_name),
        TEST(lines_have_no_last_empty_one),
        TEST(globs_give_files_again),
        TEST(configs_are_yaml_of_base_names),
        TEST(the_release_and_the_template),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
