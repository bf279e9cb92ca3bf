/* Steps: a sync is played through, with the cluster's part done by hand. */
#include "app-controller/sync/step.h"
#include "engine/sync/hooks.h"
#include "tests/unit/app-controller/sync/plan_fixture.h"

#define CM(name, meta) \
    "- {apiVersion: v1, kind: ConfigMap, metadata: {name: " name ", namespace: ns, " meta "}}\n"
#define WAVE(n) "annotations: {argocd.argoproj.io/sync-wave: '" #n "'}"
#define DEPLOYMENT(name, meta)                                                                  \
    "- {apiVersion: apps/v1, kind: Deployment, metadata: {name: " name ", namespace: ns, " meta \
    "}, spec: {replicas: 1}}\n"
#define JOB(name, hook, more)                                                                      \
    "- {apiVersion: batch/v1, kind: Job, metadata: {name: " name ", namespace: ns, annotations: {" \
    "argocd.argoproj.io/hook: '" hook "', argocd.argoproj.io/hook-delete-policy: '" more "'}}}\n"

struct play {
    struct plan_fixture f;
    struct step step;
};

static void begin(struct play *p, struct arena *arena, const char *targets, const char *lives)
{
    plan_fixture_init(&p->f, arena, targets, lives);
    (void)plan_fixture_order(&p->f);
    step_next(arena, &p->f.plan, &p->step);
    assert_int_equal(p->step.kind, STEP_DRY_RUN);
}

/* What the caller does: every task of the step is applied, or pruned, successfully. */
static void apply(struct play *p)
{
    for (size_t i = 0; i < p->step.n_run; i++) {
        struct plan_task *t = p->step.run[i];
        bool prune = t->target == NULL;
        t->status = prune ? SYNC_RESULT_PRUNED : SYNC_RESULT_SYNCED;
        t->operation = prune ? OPERATION_PHASE_SUCCEEDED : OPERATION_PHASE_RUNNING;
        t->live = prune ? NULL : t->target;
    }
}

static void after(struct play *p)
{
    struct step ran = p->step;
    step_after_run(p->f.arena, &p->f.plan, &ran, &p->step);
}

static void next(struct play *p)
{
    p->f.plan.started = true;
    step_next(p->f.arena, &p->f.plan, &p->step);
}

static void set_live(struct play *p, const char *name, const char *yaml)
{
    plan_fixture_task(&p->f, name)->live = parse_yaml(p->f.arena, yaml);
}

static void expect(const struct play *p, enum step_kind kind, const char *message)
{
    ASSERT_STR(p->step.message, message);
    assert_int_equal(p->step.kind, kind);
}

static void nothing_to_do_succeeds(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct play p;
    begin(&p, arena, "[]", "[]");
    after(&p);
    expect(&p, STEP_FINISH, "successfully synced (no more tasks)");
    assert_int_equal(p.step.phase, OPERATION_PHASE_SUCCEEDED);
}

static void one_wave_succeeds_without_waiting_for_health(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct play p;
    begin(&p, arena, DEPLOYMENT("a", "") CM("b", ""), "[]");
    assert_int_equal(p.step.n_run, 2);
    after(&p);
    assert_int_equal(p.step.kind, STEP_RUN);
    assert_true(p.step.last_wave);
    assert_int_equal(step_group(&p.step, 0), 1);
    apply(&p);
    after(&p);
    expect(&p, STEP_FINISH, "successfully synced (all tasks run)");
}

static void dry_run_failures_end_it(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct play p;
    begin(&p, arena, CM("a", "") CM("b", ""), "[]");
    p.step.run[1]->status = SYNC_RESULT_SYNC_FAILED;
    p.step.run[1]->message = STR("no such field");
    after(&p);
    expect(&p, STEP_FINISH, "one or more objects failed to apply (dry run), reason: no such field");
    assert_int_equal(p.step.phase, OPERATION_PHASE_FAILED);
}

static void waves_wait_for_health(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct play p;
    begin(&p, arena, DEPLOYMENT("a", WAVE(-1)) CM("b", ""), "[]");
    after(&p);
    assert_int_equal(p.step.n_run, 1);
    assert_false(p.step.last_wave);
    apply(&p);
    after(&p);
    expect(&p, STEP_WAIT, "waiting for healthy state of apps/Deployment/a");
    next(&p);
    expect(&p, STEP_WAIT, "waiting for healthy state of apps/Deployment/a");
    set_live(&p, "a",
             "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {replicas: 1}, "
             "status: {updatedReplicas: 1, replicas: 1, availableReplicas: 1}}");
    next(&p);
    assert_int_equal(p.step.kind, STEP_RUN);
    ASSERT_STR(p.step.run[0]->key.name, "b");
    apply(&p);
    after(&p);
    expect(&p, STEP_FINISH, "successfully synced (all tasks run)");
}

static void degraded_resources_fail_it(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct play p;
    begin(&p, arena, DEPLOYMENT("a", WAVE(-1)) CM("b", ""), "[]");
    after(&p);
    apply(&p);
    set_live(&p, "a",
             "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, status: {conditions: "
             "[{type: Progressing, reason: ProgressDeadlineExceeded}]}}");
    next(&p);
    expect(&p, STEP_FINISH, "one or more synchronization tasks completed unsuccessfully");
    assert_int_equal(p.step.phase, OPERATION_PHASE_FAILED);
}

static void objects_that_vanish_are_errors(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct play p;
    begin(&p, arena, DEPLOYMENT("a", WAVE(-1)) CM("b", ""), "[]");
    after(&p);
    apply(&p);
    plan_fixture_task(&p.f, "a")->live = NULL;
    next(&p);
    assert_int_equal(p.step.kind, STEP_WAIT); /* perhaps it is only not seen yet */
    plan_fixture_task(&p.f, "a")->gone = true;
    next(&p);
    expect(&p, STEP_FINISH,
           "one or more synchronization tasks completed unsuccessfully, reason: Resource "
           "apps/Deployment/a is missing, it might have been deleted");
    assert_int_equal(plan_fixture_task(&p.f, "a")->operation, OPERATION_PHASE_ERROR);
    assert_int_equal(plan_fixture_task(&p.f, "a")->status, SYNC_RESULT_SYNC_FAILED);
}

/* In one wave only hooks are waited for: another object may be gone when its hook has run. */
static void what_nobody_waits_for_may_vanish(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct play p;
    begin(&p, arena, JOB("h", "Sync", "") DEPLOYMENT("a", ""), "[]");
    after(&p);
    apply(&p);
    plan_fixture_task(&p.f, "a")->live = NULL;
    plan_fixture_task(&p.f, "a")->gone = true;
    next(&p);
    expect(&p, STEP_WAIT, "waiting for completion of hook batch/Job/h");
    set_live(&p, "h",
             "{apiVersion: batch/v1, kind: Job, metadata: {name: h}, status: {conditions: [{type: "
             "Complete, status: 'True'}]}}");
    next(&p);
    expect(&p, STEP_FINISH, "successfully synced (no more tasks)");
}

static void hooks_are_named_before_resources(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct play p;
    begin(&p, arena, JOB("h", "Sync", "") DEPLOYMENT("a", "") CM("b", WAVE(1)), "[]");
    after(&p);
    apply(&p);
    next(&p);
    expect(&p, STEP_WAIT, "waiting for completion of hook batch/Job/h and 1 more resources");
    assert_int_equal(p.step.wait, STEP_WAITS_HOOK);
}

static void what_was_said_stays_when_health_says_nothing(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct play p;
    begin(&p, arena,
          "- {apiVersion: v1, kind: Service, metadata: {name: s, namespace: ns, " WAVE(
              -1) "}}\n" CM("b", ""),
          "[]");
    after(&p);
    apply(&p);
    p.step.run[0]->message = STR("service/s created");
    next(&p);
    assert_int_equal(plan_fixture_task(&p.f, "s")->operation, OPERATION_PHASE_SUCCEEDED);
    ASSERT_STR(plan_fixture_task(&p.f, "s")->message, "service/s created");
}

static void a_dry_run_asks_nobody(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct play p;
    plan_fixture_init(&p.f, arena, "[]",
                      CM("old", "annotations: {argocd.argoproj.io/sync-options: Prune=confirm}"));
    p.f.in.dry_run = true;
    (void)plan_fixture_order(&p.f);
    next(&p);
    assert_int_equal(p.step.kind, STEP_RUN);
    struct str why = STR_EMPTY;
    assert_int_equal(step_prune_action(&p.f.plan, p.step.run[0], &why), STEP_PRUNE_DELETE);
}

static void hooks_run_around_and_are_deleted(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct play p;
    begin(&p, arena, JOB("h", "PreSync", "HookSucceeded") CM("b", ""), "[]");
    after(&p);
    apply(&p);
    after(&p);
    assert_int_equal(p.step.kind, STEP_WAIT);
    next(&p);
    expect(&p, STEP_WAIT, "waiting for completion of hook batch/Job/h");
    set_live(&p, "h",
             "{apiVersion: batch/v1, kind: Job, metadata: {name: h, finalizers: [" HOOK_FINALIZER
             "]}, status: {conditions: [{type: Complete, status: 'True'}]}}");
    next(&p);
    assert_int_equal(p.step.kind, STEP_RUN);
    apply(&p);
    after(&p);
    expect(&p, STEP_FINISH, "successfully synced (all tasks run)");
    next(&p);
    expect(&p, STEP_FINISH, "successfully synced (no more tasks)");
    assert_int_equal(p.step.n_release, 1);
    assert_int_equal(p.step.n_delete_hooks, 1);
}

static void old_hooks_make_room_first(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct play p;
    begin(&p, arena, JOB("h", "Sync", "") CM("b", ""), JOB("h", "Sync", ""));
    after(&p);
    expect(&p, STEP_WAIT, "waiting for deletion of hook batch/Job/h");
    assert_int_equal(p.step.n_delete_hooks, 1);
    plan_fixture_task(&p.f, "h")->live = NULL;
    next(&p);
    assert_int_equal(p.step.kind, STEP_RUN);
    assert_int_equal(p.step.n_run, 2);
}

static void failures_run_sync_fail_hooks(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct play p;
    begin(&p, arena, JOB("f", "SyncFail", "HookFailed") CM("b", ""), "[]");
    after(&p);
    assert_int_equal(p.step.n_run, 1);
    p.step.run[0]->status = SYNC_RESULT_SYNC_FAILED;
    p.step.run[0]->operation = OPERATION_PHASE_FAILED;
    p.step.run[0]->message = STR("forbidden");
    after(&p);
    expect(&p, STEP_RUN, "one or more objects failed to apply, reason: forbidden");
    assert_true(p.step.sync_fail);
    ASSERT_STR(p.step.run[0]->key.name, "f");
    apply(&p);
    after(&p);
    assert_int_equal(p.step.kind, STEP_WAIT);
    set_live(&p, "f",
             "{apiVersion: batch/v1, kind: Job, metadata: {name: f}, status: {conditions: [{type: "
             "Complete, status: 'True'}]}}");
    next(&p);
    expect(&p, STEP_FINISH,
           "one or more synchronization tasks completed unsuccessfully, reason: forbidden");
    assert_int_equal(p.step.n_delete_hooks, 1);
}

static void success_does_not_run_sync_fail_hooks(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct play p;
    begin(&p, arena, JOB("f", "SyncFail", "") CM("b", ""), "[]");
    after(&p);
    apply(&p);
    after(&p);
    expect(&p, STEP_FINISH, "successfully synced (all tasks run)");
}

static void pruning_waits_for_confirmation_and_deletion(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct play p;
    begin(&p, arena, CM("new", WAVE(1)),
          CM("old", "annotations: {argocd.argoproj.io/sync-options: Prune=confirm}"));
    after(&p);
    expect(&p, STEP_WAIT, "waiting for pruning confirmation of /ConfigMap/old");
    p.f.plan.prune_confirmed = true;
    next(&p);
    assert_int_equal(p.step.kind, STEP_RUN);
    apply(&p);
    set_live(&p, "old", "{kind: ConfigMap, metadata: {deletionTimestamp: '2026-01-01T00:00:00Z'}}");
    next(&p);
    expect(&p, STEP_WAIT, "waiting for deletion of /ConfigMap/old");
    plan_fixture_task(&p.f, "old")->live = NULL;
    next(&p);
    ASSERT_STR(p.step.run[0]->key.name, "new");
}

static void prunings_are_noted_before_they_begin(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct play p;
    begin(&p, arena, CM("new", ""),
          CM("old", "") CM("kept", "annotations: {argocd.argoproj.io/sync-options: Prune=false}"));
    after(&p);
    assert_int_equal(step_note_prunes(&p.f.plan, &p.step), 1);
    struct app_resource_results r =
        plan_results(arena, &p.f.plan, (struct app_resource_results){0});
    assert_int_equal(r.n, 1);
    ASSERT_STR(r.items[0].name, "old");
    p.f.plan.dry_run = true;
    assert_int_equal(step_note_prunes(&p.f.plan, &p.step), 0);
}

static void prune_actions(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct play p;
    struct str why = STR_EMPTY;
    begin(&p, arena, "[]", CM("a", "annotations: {argocd.argoproj.io/sync-options: Prune=false}"));
    assert_int_equal(step_prune_action(&p.f.plan, &p.f.plan.tasks[0], &why), STEP_PRUNE_SKIP);
    ASSERT_STR(why, "ignored (no prune)");
    p.f.plan.prune = false;
    assert_int_equal(step_prune_action(&p.f.plan, &p.f.plan.tasks[0], &why), STEP_PRUNE_SKIP);
    ASSERT_STR(why, "ignored (requires pruning)");
    p.f.plan.prune = true;
    p.f.plan.tasks[0].options.prune = SYNC_CONSENT_GIVEN;
    assert_int_equal(step_prune_action(&p.f.plan, &p.f.plan.tasks[0], &why), STEP_PRUNE_DELETE);
}

static void only_what_is_out_of_sync(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct play p;
    plan_fixture_init(&p.f, arena, CM("same", "") CM("new", ""), CM("same", ""));
    p.f.in.options.apply_out_of_sync_only = true;
    (void)plan_fixture_order(&p.f);
    step_next(arena, &p.f.plan, &p.step);
    assert_int_equal(p.step.n_run, 1);
    after(&p);
    assert_int_equal(p.step.n_run, 1);
    ASSERT_STR(p.step.run[0]->key.name, "new");
    apply(&p);
    after(&p);
    assert_int_equal(p.step.kind, STEP_FINISH);
}

static void tasks_that_may_not_run_end_it(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct play p;
    plan_fixture_init(&p.f, arena, CM("a", "") CM("b", "") CM("c", ""), "[]");
    (void)plan_fixture_order(&p.f);
    plan_fixture_task(&p.f, "a")->refused = STR("resource :ConfigMap is not permitted");
    plan_fixture_task(&p.f, "c")->refused = STR("namespace ns is not permitted");
    step_next(arena, &p.f.plan, &p.step);
    expect(&p, STEP_FINISH,
           "one or more synchronization tasks are not valid: resource :ConfigMap is not "
           "permitted, namespace ns is not permitted");
    assert_int_equal(p.step.phase, OPERATION_PHASE_FAILED);
    assert_int_equal(plan_fixture_task(&p.f, "a")->status, SYNC_RESULT_SYNC_FAILED);
    assert_int_equal(plan_fixture_task(&p.f, "b")->status, SYNC_RESULT_NONE);
}

static void kinds_the_dry_run_does_not_find_are_not_valid(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct play p;
    begin(&p, arena, CM("a", "") CM("b", ""), "[]");
    p.step.run[1]->status = SYNC_RESULT_SYNC_FAILED;
    p.step.run[1]->refused = STR("no such kind");
    after(&p);
    expect(&p, STEP_FINISH, "one or more synchronization tasks are not valid: no such kind");
}

static void running_hooks_are_seen_to_their_end_after_a_failure(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct play p;
    begin(&p, arena, JOB("h", "Sync", "HookFailed") CM("b", ""), "[]");
    after(&p);
    apply(&p);
    struct plan_task *b = plan_fixture_task(&p.f, "b");
    b->status = SYNC_RESULT_SYNC_FAILED;
    b->operation = OPERATION_PHASE_FAILED;
    b->message = STR("forbidden");
    after(&p);
    expect(&p, STEP_WAIT, "waiting for completion of hook batch/Job/h");
    set_live(&p, "h",
             "{apiVersion: batch/v1, kind: Job, metadata: {name: h}, status: {conditions: [{type: "
             "Complete, status: 'True'}]}}");
    next(&p);
    expect(&p, STEP_FINISH,
           "one or more synchronization tasks completed unsuccessfully, reason: forbidden");
    assert_int_equal(p.step.n_delete_hooks, 1);
}

static void failed_sync_fail_hooks_are_told(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct play p;
    begin(&p, arena, JOB("f", "SyncFail", "") CM("b", ""), "[]");
    after(&p);
    p.step.run[0]->status = SYNC_RESULT_SYNC_FAILED;
    p.step.run[0]->operation = OPERATION_PHASE_FAILED;
    p.step.run[0]->message = STR("forbidden");
    after(&p);
    assert_true(p.step.sync_fail);
    p.step.run[0]->status = SYNC_RESULT_SYNC_FAILED;
    p.step.run[0]->operation = OPERATION_PHASE_FAILED;
    p.step.run[0]->message = STR("no room");
    after(&p);
    next(&p);
    expect(&p, STEP_FINISH,
           "one or more synchronization tasks completed unsuccessfully, reason: forbidden\none or "
           "more SyncFail hooks failed, reason: no room");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_to_do_succeeds),
        cmocka_unit_test(one_wave_succeeds_without_waiting_for_health),
        cmocka_unit_test(dry_run_failures_end_it),
        cmocka_unit_test(waves_wait_for_health),
        cmocka_unit_test(degraded_resources_fail_it),
        cmocka_unit_test(objects_that_vanish_are_errors),
        cmocka_unit_test(what_nobody_waits_for_may_vanish),
        cmocka_unit_test(hooks_are_named_before_resources),
        cmocka_unit_test(what_was_said_stays_when_health_says_nothing),
        cmocka_unit_test(a_dry_run_asks_nobody),
        cmocka_unit_test(hooks_run_around_and_are_deleted),
        cmocka_unit_test(old_hooks_make_room_first),
        cmocka_unit_test(failures_run_sync_fail_hooks),
        cmocka_unit_test(success_does_not_run_sync_fail_hooks),
        cmocka_unit_test(pruning_waits_for_confirmation_and_deletion),
        cmocka_unit_test(prunings_are_noted_before_they_begin),
        cmocka_unit_test(prune_actions),
        cmocka_unit_test(only_what_is_out_of_sync),
        cmocka_unit_test(tasks_that_may_not_run_end_it),
        cmocka_unit_test(kinds_the_dry_run_does_not_find_are_not_valid),
        cmocka_unit_test(running_hooks_are_seen_to_their_end_after_a_failure),
        cmocka_unit_test(failed_sync_fail_hooks_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
