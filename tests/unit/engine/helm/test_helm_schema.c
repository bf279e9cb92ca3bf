/* The schema of a chart over its values. */
#include "common/base/arena.h"
#include "engine/engine_env.h"
#include "engine/helm/chart.h"
#include "engine/helm/helm_schema.h"
#include "tests/lib/check.h"

static int check(struct arena *arena, const char *schema, double replicas, struct err *err)
{
    struct budget budget = budget_unlimited();
    budget.depth = 100;
    struct engine_env env = {.arena = arena, .budget = &budget};
    struct chart chart = {.meta = {.name = STR("web")}, .schema = str_from(schema)};
    struct tmap *values = tmap_new(arena, TVAL_OF_ANY, NULL, NULL);
    tmap_set(values, STR("replicas"), tval_float(replicas));
    return helm_schema_check(&env, &chart, tval_map(values), err);
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
        cmocka_unit_test(a_schema_that_is_none_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
