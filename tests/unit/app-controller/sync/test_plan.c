/* Plans: order, prune waves, dependencies, options, selection, results. */
#include "app-controller/sync/step.h"
#include "common/kube/kube_object.h"
#include "engine/sync/hooks.h"
#include "tests/unit/app-controller/sync/plan_fixture.h"

#define WAVE(n) "annotations: {argocd.argoproj.io/sync-wave: '" #n "'}"
#define CM(name, meta) \
    "- {apiVersion: v1, kind: ConfigMap, metadata: {name: " name ", namespace: ns, " meta "}}\n"
#define JOB(name, hook)                                                                           \
    "- {apiVersion: batch/v1, kind: Job, metadata: {name: " name ", namespace: ns, annotations: " \
    "{argocd.argoproj.io/hook: '" hook "'}}}\n"

static void phases_waves_kinds_and_names(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct plan_fixture f;
    plan_fixture_init(&f, arena,
                      CM("z", "") CM("a", "") CM("late", WAVE(5)) CM("early", WAVE(-1))
                          JOB("hook", "PostSync,PreSync") JOB("failed", "SyncFail")
                              JOB("del", "PreDelete") "- {apiVersion: apps/v1, kind: Deployment, "
                                                      "metadata: {name: web, namespace: ns}}\n"
                                                      "- {apiVersion: v1, kind: Secret, metadata: "
                                                      "{name: s, namespace: ns}}\n",
                      "[]");
    assert_string_equal(plan_fixture_order(&f),
                        "PreSync/0/Job/hook Sync/-1/ConfigMap/early Sync/0/Secret/s "
                        "Sync/0/ConfigMap/a Sync/0/ConfigMap/z Sync/0/Deployment/web "
                        "Sync/5/ConfigMap/late PostSync/0/Job/hook SyncFail/0/Job/failed");
    assert_true(f.plan.multi_step);
    assert_false(f.plan.started);
    assert_true(kube_has_finalizer(f.plan.tasks[0].target, STR(HOOK_FINALIZER)));
}

static void prune_waves_are_mirrored(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct plan_fixture f;
    plan_fixture_init(&f, arena, CM("keep", WAVE(2)),
                      CM("p1", WAVE(1)) CM("p3", WAVE(3)) CM("p7", WAVE(7)));
    assert_string_equal(plan_fixture_order(&f), "-Sync/1/ConfigMap/p7 Sync/2/ConfigMap/keep "
                                                "-Sync/3/ConfigMap/p3 -Sync/7/ConfigMap/p1");
}

static void prune_last_comes_behind_everything(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct plan_fixture f;
    plan_fixture_init(&f, arena, CM("keep", WAVE(2)),
                      CM("old", "annotations: {argocd.argoproj.io/sync-options: PruneLast=true}"));
    assert_string_equal(plan_fixture_order(&f), "Sync/2/ConfigMap/keep -Sync/3/ConfigMap/old");
}

static void namespaces_and_crds_come_before_their_users(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct plan_fixture f;
    plan_fixture_init(
        &f, arena,
        "- {apiVersion: v1, kind: Namespace, metadata: {name: ns, " WAVE(
            3) "}}\n"
               "- {apiVersion: x.example.com/v1, kind: Thing, metadata: {name: t, namespace: "
               "ns, " WAVE(
                   -2) "}}\n"
                       "- {apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, "
                       "metadata: {name: c, " WAVE(
                           9) "}, spec: {group: x.example.com, names: {kind: Thing}}}\n" CM("a",
                                                                                            ""),
        "[]");
    assert_string_equal(plan_fixture_order(&f),
                        "Sync/-2/Namespace/ns Sync/-2/CustomResourceDefinition/c "
                        "Sync/-2/Thing/t Sync/0/ConfigMap/a");
    assert_true(plan_fixture_task(&f, "t")->skip_dry_run);
    assert_false(plan_fixture_task(&f, "a")->skip_dry_run);
}

static void the_destination_namespace_is_made_first(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct plan_fixture f;
    plan_fixture_init(&f, arena, CM("a", ""), "[]");
    f.in.options.create_namespace = true;
    assert_string_equal(plan_fixture_order(&f), "PreSync/0/Namespace/ns Sync/0/ConfigMap/a");
    assert_yaml(arena, f.plan.tasks[0].target,
                "{apiVersion: v1, kind: Namespace, metadata: {name: ns}}");
    f.in.namespace_live = parse_yaml(arena, "{kind: Namespace, metadata: {name: ns}}");
    assert_string_equal(plan_fixture_order(&f), "Sync/0/ConfigMap/a");
    f.in.managed_namespace_metadata = parse_yaml(arena, "{labels: {team: a}, annotations: {}}");
    assert_string_equal(plan_fixture_order(&f), "PreSync/0/Namespace/ns Sync/0/ConfigMap/a");
    assert_yaml(arena, f.plan.tasks[0].target,
                "{apiVersion: v1, kind: Namespace, metadata: {name: ns, labels: {team: a}, "
                "annotations: {argocd.argoproj.io/sync-options: ServerSideApply=true}}}");
    assert_true(f.plan.tasks[0].options.server_side_apply);
}

static void a_namespace_in_the_source_is_not_made_twice(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct plan_fixture f;
    plan_fixture_init(&f, arena, "- {apiVersion: v1, kind: Namespace, metadata: {name: ns}}\n",
                      "[]");
    f.in.options.create_namespace = true;
    /* without knowledge of the cluster the Namespace got a namespace; its identity is what counts */
    f.compare.resources[0].key.namespace = STR_EMPTY;
    assert_string_equal(plan_fixture_order(&f), "Sync/0/Namespace/ns");
}

static void selected_resources_run_without_hooks(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct plan_fixture f;
    plan_fixture_init(&f, arena, CM("a", "") CM("b", "") JOB("h", "PreSync"), "[]");
    const struct app_sync_resource selected[] = {
        {.kind = STR("ConfigMap"), .name = STR("b")},
        {.kind = STR("ConfigMap"), .name = STR("a"), .namespace = STR("other")},
    };
    f.in.selected = (struct app_sync_resources){selected, 2};
    assert_string_equal(plan_fixture_order(&f), "Sync/0/ConfigMap/b");
    f.in.selected.n = 0;
    f.in.apply_only = true;
    assert_string_equal(plan_fixture_order(&f), "Sync/0/ConfigMap/a Sync/0/ConfigMap/b");
}

static void options_reach_tasks(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct plan_fixture f;
    plan_fixture_init(
        &f, arena,
        CM("a", "annotations: {argocd.argoproj.io/sync-options: Replace=true}") CM("b", ""), "[]");
    f.in.force = true;
    (void)plan_fixture_order(&f);
    assert_true(plan_fixture_task(&f, "a")->options.replace);
    assert_false(plan_fixture_task(&f, "b")->options.replace);
    assert_true(plan_fixture_task(&f, "b")->options.force);
}

#define MADE(mark, more)                                                                   \
    "- {apiVersion: batch/v1, kind: Job, metadata: {name: h, namespace: ns, annotations: " \
    "{argocd.argoproj.io/hook: PreSync, belay.dev/sync-of: '" mark "'}" more "}}\n"

static const struct {
    const char *live;
    const char *attempt;
    enum operation_phase operation;
} ADOPTIONS[] = {
    {MADE("u.1.0.PreSync", ""), "u.1.0", OPERATION_PHASE_RUNNING},
    {MADE("u.1.0.PreSync", ", deletionTimestamp: '2026-01-01T00:00:00Z'"), "u.1.0",
     OPERATION_PHASE_NONE},
    {MADE("u.1.0.PreSync", ""), "u.1.1", OPERATION_PHASE_NONE},  /* the try before */
    {MADE("u.1.0.PostSync", ""), "u.1.0", OPERATION_PHASE_NONE}, /* of another phase */
    {MADE("", ""), "", OPERATION_PHASE_NONE},
};

static void hooks_made_but_not_noted_are_running(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(ADOPTIONS); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        struct plan_fixture f;
        plan_fixture_init(&f, arena, CM("a", "") JOB("h", "PreSync"), ADOPTIONS[i].live);
        f.in.attempt = str_from(ADOPTIONS[i].attempt);
        (void)plan_fixture_order(&f);
        const struct plan_task *task = plan_fixture_task(&f, "h");
        assert_int_equal(task->operation, ADOPTIONS[i].operation);
        assert_int_equal(f.plan.started, ADOPTIONS[i].operation == OPERATION_PHASE_RUNNING);
        assert_int_equal(kube_has_annotation(task->target, STR(HOOK_SYNC_ANNOTATION)),
                         ADOPTIONS[i].attempt[0] != '\0');
    }
}

static void results_come_back(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct plan_fixture f;
    plan_fixture_init(&f, arena, CM("a", "") CM("b", "") JOB("h", "PreSync,PostSync"), "[]");
    const struct app_resource_result before[] = {
        {.group = STR("batch"),
         .kind = STR("Job"),
         .namespace = STR("ns"),
         .name = STR("h"),
         .sync_phase = SYNC_PHASE_PRE_SYNC,
         .hook_phase = OPERATION_PHASE_SUCCEEDED,
         .message = STR("done")},
        {.kind = STR("ConfigMap"),
         .namespace = STR("ns"),
         .name = STR("gone"),
         .sync_phase = SYNC_PHASE_SYNC,
         .status = SYNC_RESULT_PRUNED},
    };
    f.in.results = (struct app_resource_results){before, 2};
    (void)plan_fixture_order(&f);
    assert_true(f.plan.started);
    assert_int_equal(f.plan.tasks[0].operation, OPERATION_PHASE_SUCCEEDED);
    ASSERT_STR(f.plan.tasks[0].message, "done");
    assert_int_equal(f.plan.tasks[3].operation, OPERATION_PHASE_NONE);
    plan_fixture_task(&f, "b")->status = SYNC_RESULT_SYNCED;
    struct app_resource_results after = plan_results(arena, &f.plan, f.in.results);
    assert_int_equal(after.n, 3);
    ASSERT_STR(after.items[0].hook_type, "PreSync");
    ASSERT_STR(after.items[1].name, "gone");
    ASSERT_STR(after.items[2].name, "b");
    assert_int_equal(after.items[2].status, SYNC_RESULT_SYNCED);
}

/* A process was killed between noting that it prunes "old" and noting what became of it. */
static const struct {
    const char *live; /* objects of the application */
    bool gone;        /* what looking for it says */
    const char *found;
    size_t n_tasks;
    enum step_kind step;
    size_t n_results;
    enum operation_phase operation;
} BEGUN[] = {
    {"[]", true, NULL, 1, STEP_FINISH, 1, OPERATION_PHASE_SUCCEEDED},
    {"[]", false, "{metadata: {name: old}}", 1, STEP_FINISH, 0, OPERATION_PHASE_NONE},
    {"[]", false, NULL, 1, STEP_WAIT, 1, OPERATION_PHASE_RUNNING}, /* nobody knows */
    {CM("old", ""), false, NULL, 1, STEP_RUN, 0, OPERATION_PHASE_NONE},
};

static void prunings_that_were_begun_are_ended(void **state UNUSED)
{
    static const struct app_resource_result before = {.kind = STR("ConfigMap"),
                                                      .version = STR("v1"),
                                                      .namespace = STR("ns"),
                                                      .name = STR("old"),
                                                      .sync_phase = SYNC_PHASE_SYNC,
                                                      .status = SYNC_RESULT_PRUNED,
                                                      .hook_phase = OPERATION_PHASE_RUNNING,
                                                      .message = STR("pruning")};
    for (size_t i = 0; i < ARRAY_LEN(BEGUN); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        struct plan_fixture f;
        struct step step;
        plan_fixture_init(&f, arena, "[]", BEGUN[i].live);
        f.in.results = (struct app_resource_results){&before, 1};
        (void)plan_fixture_order(&f);
        assert_int_equal(f.plan.n_tasks, BEGUN[i].n_tasks);
        struct plan_task *task = plan_fixture_task(&f, "old");
        task->gone = BEGUN[i].gone;
        task->live = BEGUN[i].found != NULL ? parse_yaml(arena, BEGUN[i].found) : task->live;
        step_next(arena, &f.plan, &step);
        assert_int_equal(step.kind, BEGUN[i].step);
        struct app_resource_results after = plan_results(arena, &f.plan, f.in.results);
        assert_int_equal(after.n, BEGUN[i].n_results);
        assert_int_equal(after.n > 0 ? after.items[0].hook_phase : OPERATION_PHASE_NONE,
                         BEGUN[i].operation);
    }
}

static void results_name_images(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct plan_fixture f;
    plan_fixture_init(
        &f, arena,
        "- {apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: ns}, "
        "spec: {template: {spec: {initContainers: [{image: 'i:1'}], containers: "
        "[{image: 'c:1'}, {}]}}}}\n",
        "[]");
    (void)plan_fixture_order(&f);
    f.plan.tasks[0].status = SYNC_RESULT_SYNCED;
    struct app_resource_results r = plan_results(arena, &f.plan, (struct app_resource_results){0});
    assert_int_equal(r.items[0].images.n, 2);
    ASSERT_STR(r.items[0].images.items[1], "c:1");
}

/* They are written when the comparison they are from may be gone. */
static void results_outlive_the_plan(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct arena *of_plan = arena_new();
    struct plan_fixture f;
    plan_fixture_init(&f, of_plan, "[]",
                      "- {apiVersion: v1, kind: Pod, metadata: {name: old, namespace: ns}, spec: "
                      "{containers: [{image: 'c:1'}]}}\n");
    (void)plan_fixture_order(&f);
    f.plan.tasks[0].status = SYNC_RESULT_PRUNED;
    f.plan.tasks[0].message = arena_str(of_plan, STR("pruned"));
    struct app_resource_results r = plan_results(arena, &f.plan, (struct app_resource_results){0});
    const struct app_resource_result *copy = &r.items[0];
    const struct plan_task *task = &f.plan.tasks[0];
    assert_ptr_not_equal(copy->name.p, task->key.name.p);
    assert_ptr_not_equal(copy->message.p, task->message.p);
    arena_free(of_plan);
    ASSERT_STR(copy->name, "old");
    ASSERT_STR(copy->kind, "Pod");
    ASSERT_STR(copy->namespace, "ns");
    ASSERT_STR(copy->version, "v1");
    ASSERT_STR(copy->message, "pruned");
    ASSERT_STR(copy->images.items[0], "c:1");
}

static void plans_as_data(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct plan_fixture f;
    plan_fixture_init(
        &f, arena, CM("a", "") CM("b", "") JOB("h", "PostSync"),
        CM("b", "") CM("old", "annotations: {argocd.argoproj.io/sync-options: Prune=confirm}"));
    (void)plan_fixture_order(&f);
    assert_yaml(
        arena, plan_to_value(arena, &f.plan),
        "tasks:\n"
        "- {phase: Sync, wave: 0, action: create, version: v1, kind: ConfigMap, namespace: "
        "ns, name: a}\n"
        "- {phase: Sync, wave: 0, action: unchanged, version: v1, kind: ConfigMap, namespace: "
        "ns, name: b}\n"
        "- {phase: Sync, wave: 0, action: confirm-prune, version: v1, kind: ConfigMap, "
        "namespace: ns, "
        "name: old}\n"
        "- {phase: PostSync, wave: 0, action: create, group: batch, version: v1, kind: "
        "Job, namespace: "
        "ns, name: h, hook: true}\n"
        "counts: {create: 2, unchanged: 1, confirm-prune: 1}\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(phases_waves_kinds_and_names),
        cmocka_unit_test(prune_waves_are_mirrored),
        cmocka_unit_test(prune_last_comes_behind_everything),
        cmocka_unit_test(namespaces_and_crds_come_before_their_users),
        cmocka_unit_test(the_destination_namespace_is_made_first),
        cmocka_unit_test(a_namespace_in_the_source_is_not_made_twice),
        cmocka_unit_test(selected_resources_run_without_hooks),
        cmocka_unit_test(options_reach_tasks),
        cmocka_unit_test(hooks_made_but_not_noted_are_running),
        cmocka_unit_test(results_come_back),
        cmocka_unit_test(prunings_that_were_begun_are_ended),
        cmocka_unit_test(results_name_images),
        cmocka_unit_test(results_outlive_the_plan),
        cmocka_unit_test(plans_as_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
