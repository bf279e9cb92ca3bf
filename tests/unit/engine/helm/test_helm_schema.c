/* The schema of a chart over its values. */
#include "common/base/arena.h"
#include "engine/engine_env.h"
#include "engine/helm/chart.h"
#include "engine/helm/helm_schema.h"
#include "tests/lib/tval_yaml.h"

static int check(struct arena *arena, const char *schema, double replicas, struct err *err)
{
    struct budget budget = budget_unlimited();
    budget.depth = 100;
    struct engine_env env = {.arena = arena, .budget = &budget};
    struct chart chart = {.meta = {.name = STR("web")}, .schema = str_from(schema)};
    struct tmap *values = tmap_new(arena, TVAL_OF_ANY, NULL, NULL);
    tmap_set(values, STR("replicas"), tval_float(replicas));
    return helm_schema_check(&env, &chart, values, err);
}

static void values_are_held_against_the_schema(void **state UNUSED)
{
    static const char SCHEMA[] = "{\"properties\": {\"replicas\": {\"minimum\": 1}}}";
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    ASSERT_OK(check(arena, SCHEMA, 2, &err));
    ASSERT_ERR(check(arena, SCHEMA, 0, &err), ERR_INVALID,
               "in the following chart(s):\nweb:\n- at '/replicas': minimum: got 0, want 1");
}

/* All charts of the tree, in one text; one without values is left out. */
static void subcharts_are_checked_too(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct budget budget = budget_unlimited();
    budget.depth = 100;
    struct engine_env env = {.arena = arena, .budget = &budget};
    struct str schema = STR("{\"properties\": {\"k\": {\"type\": \"string\"}}}");
    struct chart a = {.meta = {.name = STR("a")}, .schema = schema};
    struct chart b = {.meta = {.name = STR("b")}, .schema = schema};
    struct chart c = {.meta = {.name = STR("c")}, .schema = schema};
    struct chart *below[] = {&a, &b, &c};
    struct chart root = {
        .meta = {.name = STR("root")}, .schema = schema, .subcharts = below, .n_subcharts = 3};
    struct err err;
    ASSERT_ERR(helm_schema_check(&env, &root,
                                 tmap_from_yaml(arena, "{k: 1, a: {k: x}, b: {k: true}, c: null}"),
                                 &err),
               ERR_INVALID,
               "chart(s):\nroot:\n- at '/k': got number, want string\nb:\n- at '/k': got boolean, "
               "want string");
    ASSERT_ERR(helm_schema_check(&env, &root, tmap_from_yaml(arena, "{a: 1}"), &err), ERR_INVALID,
               "chart(s):\na:\ninvalid type for values: expected object (map), got float64");
}

static void a_schema_that_is_none_is_told(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    ASSERT_ERR(check(arena, "{\"properties\": ", 1, &err), ERR_INVALID, "");
    ASSERT_ERR(check(arena, "{\"$ref\": \"https://example.org/s.json\"}", 1, &err), ERR_INVALID,
               "https://example.org/s.json");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_held_against_the_schema),
        cmocka_unit_test(subcharts_are_checked_too),
        cmocka_unit_test(a_schema_that_is_none_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
