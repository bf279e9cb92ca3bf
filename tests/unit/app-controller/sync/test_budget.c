/* How many deletes are too many. */
#include "app-controller/sync/budget.h"
#include "tests/unit/app-controller/sync/plan_fixture.h"

#define CM(name, meta) \
    "- {apiVersion: v1, kind: ConfigMap, metadata: {name: " name ", namespace: ns, " meta "}}\n"
#define SET(name) \
    "- {apiVersion: apps/v1, kind: StatefulSet, metadata: {name: " name ", namespace: ns}}\n"
#define KEEP "annotations: {argocd.argoproj.io/sync-options: Prune=false}"
#define LIVE CM("a", "") CM("b", "") CM("c", "") CM("kept", KEEP) SET("db")

static const struct {
    const char *limit;
    const char *protected;
    const char *want; /* "" = within */
} CASES[] = {
    /* of eight objects four are deleted: a, b, c, db */
    {"", "", ""},
    {"none", "none", ""},
    {"4", "", ""},
    {"50%", "", ""},
    {"100 %", "", "4 of 8 objects would be deleted, the budget is 100 %, which cannot be read"},
    {"3", "", "4 of 8 objects would be deleted, the budget is 3"},
    {"0", "", "4 of 8 objects would be deleted, the budget is 0"},
    {"49%", "", "4 of 8 objects would be deleted, the budget is 49%"},
    {"10, 25%", "", "4 of 8 objects would be deleted, the budget is 10, 25%"},
    {"few", "", "4 of 8 objects would be deleted, the budget is few, which cannot be read"},
    {"-1", "", "4 of 8 objects would be deleted, the budget is -1, which cannot be read"},
    {"", "StatefulSet", "apps/StatefulSet/db is of a protected kind"},
    {"", "PersistentVolumeClaim, apps/StatefulSet", "apps/StatefulSet/db is of a protected kind"},
    {"", "batch/*", ""},
    {"", "/ConfigMap", "/ConfigMap/a is of a protected kind, and others are"},
    {"1", "apps/*",
     "4 of 8 objects would be deleted, the budget is 1; apps/StatefulSet/db is of a protected "
     "kind"},
};

static void limits(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        struct plan_fixture f;
        plan_fixture_init(&f, arena, "[]", LIVE);
        (void)plan_fixture_order(&f);
        budget_check(arena,
                     &(struct budget){str_from(CASES[i].limit), str_from(CASES[i].protected)}, 8,
                     &f.plan);
        print_message("'%s' '%s'\n", CASES[i].limit, CASES[i].protected);
        ASSERT_STR(f.plan.over_budget, CASES[i].want);
        assert_false(plan_fixture_task(&f, "kept")->over_budget);
    }
}

static void what_is_deleted_already_counts(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct plan_fixture f;
    plan_fixture_init(&f, arena, "[]", LIVE);
    (void)plan_fixture_order(&f);
    plan_fixture_task(&f, "a")->status = SYNC_RESULT_PRUNED;
    plan_fixture_task(&f, "a")->operation = OPERATION_PHASE_SUCCEEDED;
    budget_check(arena, &(struct budget){.limit = STR("3")}, 8, &f.plan);
    ASSERT_STR(f.plan.over_budget, "4 of 8 objects would be deleted, the budget is 3");
    assert_false(plan_fixture_task(&f, "a")->over_budget);
    assert_true(plan_fixture_task(&f, "b")->over_budget);
}

static void without_prune_nothing_is_deleted(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct plan_fixture f;
    plan_fixture_init(&f, arena, "[]", LIVE);
    f.in.prune = false;
    (void)plan_fixture_order(&f);
    budget_check(arena, &(struct budget){STR("0"), STR("*")}, 8, &f.plan);
    ASSERT_STR(f.plan.over_budget, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits),
        cmocka_unit_test(what_is_deleted_already_counts),
        cmocka_unit_test(without_prune_nothing_is_deleted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
