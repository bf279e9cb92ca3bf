/* The schema of a chart over its values. */
#include "common/base/arena.h"
#include "engine/engine_env.h"
#include "engine/helm/chart.h"
#include "engine/helm/helm_schema.h"
#include "tests/lib/remote_fixture.h"
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

static const struct remote_item ELSEWHERE[] = {
    {"https://h/min.json", NULL, NULL, "{\"minimum\": 3}"},
    {"https://h/bad.json", NULL, NULL, "{"},
    {NULL, NULL, NULL, NULL},
};

static int check_with(struct remote_fixture *remote, const char *schema, struct err *err)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct budget budget = budget_unlimited();
    budget.depth = 100;
    struct engine_env env = {
        .arena = arena, .budget = &budget, .remote = remote_get, .data = remote};
    struct chart chart = {.meta = {.name = STR("web")}, .schema = str_from(schema)};
    return helm_schema_check(&env, &chart, tmap_from_yaml(arena, "{a: 1}"), err);
}

static void schemas_elsewhere_are_read(void **state UNUSED)
{
    static const struct {
        const char *url;
        enum err_code code;
        const char *want;
    } CASES[] = {
        {"https://h/min.json", ERR_INVALID, "web:\n- at '/a': minimum: got 1, want 3"},
        {"https://h/min.json#/x", ERR_INVALID, "https://h/min.json"},
        {"https://h/bad.json", ERR_INVALID, "failing loading \"https://h/bad.json\": "},
        {"https://h/none.json", ERR_INVALID, "failing loading \"https://h/none.json\": "},
        {"ftp://h/min.json", ERR_INVALID, "only http:// and https:// are read"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        struct remote_fixture remote = {.items = ELSEWHERE};
        struct str schema =
            arena_printf(arena, "{\"properties\": {\"a\": {\"$ref\": \"%s\"}}}", CASES[i].url);
        struct err err;
        ASSERT_ERR(check_with(&remote, schema.p, &err), CASES[i].code, CASES[i].want);
    }
}

static void a_schema_that_is_not_here_yet_is_waited_for(void **state UNUSED)
{
    struct remote_fixture remote = {.items = ELSEWHERE, .awaited = true};
    struct err err;
    ASSERT_ERR(check_with(&remote, "{\"$ref\": \"https://h/min.json\"}", &err), ERR_UNAVAILABLE,
               "");
    assert_int_equal(remote.n_asked, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_held_against_the_schema),
        cmocka_unit_test(subcharts_are_checked_too),
        cmocka_unit_test(a_schema_that_is_none_is_told),
        cmocka_unit_test(schemas_elsewhere_are_read),
        cmocka_unit_test(a_schema_that_is_not_here_yet_is_waited_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
