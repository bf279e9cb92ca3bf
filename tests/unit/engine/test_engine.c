/* Choosing the engine, overrides, discovery: the cases of tests/data/engine. */
#include "cli/local_tree.h"
#include "engine/engine.h"
#include "tests/lib/render_cases.h"

static void renders_the_cases(void **state UNUSED)
{
    render_cases_run("tests/data/engine");
}

static void discovers_sources(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(local_tree) struct local_tree *tree = NULL;
    struct err err;
    struct budget budget = budget_unlimited();
    struct engine_found_list found;
    ASSERT_OK(local_tree_open("tests/data/engine", &tree, &err));
    struct engine_env env = {.arena = arena, .budget = &budget, .files = local_tree_files(tree)};
    ASSERT_OK(engine_discover(&env, &found, &err));
    assert_int_equal(found.n, 4);
    ASSERT_STR(found.items[0].path, "chart_is_the_root/in");
    ASSERT_STR(found.items[1].path, "explicit_block_wins/in");
    assert_string_equal(engine_type_name(found.items[1].type), "Kustomize");
    ASSERT_STR(found.items[2].path, "helm_is_rendered/in/chart");
    assert_int_equal(found.items[2].type, ENGINE_HELM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(renders_the_cases),
        cmocka_unit_test(discovers_sources),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
