/* What argocd-cm says of kinds: keys of their own, the map of older versions, patterns. */
#include "engine/lua/customize.h"
#include "tests/lib/parse.h"

#define KEY "resource.customizations."

static struct customizations *read_config(struct arena *arena, const char *config)
{
    struct customizations *c = NULL;
    struct err err;
    ASSERT_OK(customizations_new(parse_yaml(arena, config), &c, &err));
    return c;
}

static void health_is_found_by_kind(void **state UNUSED)
{
    static const struct {
        const char *config;
        const char *group;
        const char *kind;
        const char *script; /* NULL = none */
        const char *key;
        bool open_libs;
    } ROWS[] = {
        {"{" KEY "health.ex.io_Db: a}", "ex.io", "Db", "a", KEY "health.ex.io_Db", false},
        {"{" KEY "health.ex.io_Db: a}", "ex.io", "DbX", NULL, NULL, false},
        {"{" KEY "health.Pod: a}", "", "Pod", "a", KEY "health.Pod", false},
        {"{" KEY "health.Pod: a}", "ex.io", "Pod", NULL, NULL, false},
        {"{" KEY "health.ex.io_Db: ''}", "ex.io", "Db", NULL, NULL, false},
        {"{" KEY "health.ex.io_Db: a, " KEY "useOpenLibs.ex.io_Db: 'true'}", "ex.io", "Db", "a",
         KEY "health.ex.io_Db", true},
        {"{" KEY "health.ex.io_Db: a, " KEY "useOpenLibs.ex.io_Db: 'no'}", "ex.io", "Db", "a",
         KEY "health.ex.io_Db", false},
        {"{\"" KEY "health.*.ex.io_*\": a, \"" KEY "health.*_*\": b}", "x.ex.io", "Db", "a",
         KEY "health.*.ex.io_*", false},
        {"{\"" KEY "health.*_*\": b}", "", "Pod", NULL, NULL, false},
        {"{\"" KEY "health.*\": b}", "ex.io", "Db", "b", KEY "health.*", false},
        {"{resource.customizations: \"ex.io/Db: {health.lua: a, health.lua.useOpenLibs: true}\"}",
         "ex.io", "Db", "a", "resource.customizations: ex.io/Db: health.lua", true},
        {"{resource.customizations: \"ex.io/Db: {health.lua: a, health.lua.useOpenLibs: "
         "true}\", " KEY "health.ex.io_Db: b}",
         "ex.io", "Db", "b", KEY "health.ex.io_Db", true},
        {"{resource.customizations: \"Pod: {health.lua: a}\"}", "", "Pod", "a",
         "resource.customizations: Pod: health.lua", false},
        {"{resource.customizations: ''}", "", "Pod", NULL, NULL, false},
        {"{}", "", "Pod", NULL, NULL, false},
        {"null", "", "Pod", NULL, NULL, false},
    };
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        AUTO(customizations) struct customizations *c = read_config(arena, ROWS[i].config);
        const struct customization *found =
            customizations_health(c, str_from(ROWS[i].group), str_from(ROWS[i].kind));
        if ((found != NULL) != (ROWS[i].script != NULL)) {
            fail_msg("%s: %s", ROWS[i].config, found != NULL ? "found" : "not found");
        }
        if (found != NULL) {
            ASSERT_STR(found->health, ROWS[i].script);
            ASSERT_STR(found->health_key, ROWS[i].key);
            assert_int_equal(found->open_libs, ROWS[i].open_libs);
        }
    }
}

static void actions_are_found_by_the_exact_kind(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(customizations)
    struct customizations *c =
        read_config(arena, "{" KEY "actions.ex.io_Db: a, \"" KEY
                           "actions.*_*\": b, resource.customizations: 'Pod: {actions: c}'}");
    ASSERT_STR(customizations_actions(c, STR("ex.io"), STR("Db"))->actions, "a");
    ASSERT_STR(customizations_actions(c, STR(""), STR("Pod"))->actions, "c");
    ASSERT_STR(customizations_actions(c, STR(""), STR("Pod"))->actions_key,
               "resource.customizations: Pod: actions");
    assert_null(customizations_actions(c, STR("ex.io"), STR("Other")));
    assert_null(customizations_actions(NULL, STR(""), STR("Pod")));
}

static void what_cannot_be_read_is_told(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct customizations *c = NULL;
    struct err err;
    ASSERT_ERR(customizations_new(parse_yaml(arena, "{resource.customizations: 'a: ['}"), &c, &err),
               ERR_INVALID, "resource.customizations");
    ASSERT_ERR(customizations_new(parse_yaml(arena, "{resource.customizations: '[]'}"), &c, &err),
               ERR_INVALID, "not a map");
}

static void changes_are_noticed(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(customizations) struct customizations *a = read_config(arena, "{" KEY "health.Pod: a}");
    AUTO(customizations)
    struct customizations *b =
        read_config(arena, "{" KEY "health.Pod: a, " KEY "health.Job: a, other: x}");
    AUTO(customizations)
    struct customizations *c =
        read_config(arena, "{other: y, " KEY "health.Pod: a, " KEY "health.Job: a}");
    assert_false(customizations_same(a, b));
    assert_true(customizations_same(b, c));
    assert_true(customizations_same(NULL, NULL));
    assert_false(customizations_same(NULL, a));
    assert_true(customizations_same_health(a, b, STR(""), STR("Pod")));
    assert_false(customizations_same_health(a, b, STR(""), STR("Job")));
    assert_false(customizations_same_health(NULL, b, STR(""), STR("Job")));
    assert_true(customizations_same_health(NULL, b, STR(""), STR("Node")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(health_is_found_by_kind),
        cmocka_unit_test(actions_are_found_by_the_exact_kind),
        cmocka_unit_test(what_cannot_be_read_is_told),
        cmocka_unit_test(changes_are_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
