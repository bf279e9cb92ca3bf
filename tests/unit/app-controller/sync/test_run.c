/* Running operations, through a whole controller. */
#include <limits.h>

#include "app-controller/live/live_cache.h"
#include "tests/lib/controller_apps.h"

#define HOOK(name, annotations)                                                               \
    "{apiVersion: batch/v1, kind: Job, metadata: {name: " name ", annotations: {" annotations \
    "}}, spec: {template: {spec: {containers: [{name: c, image: i}]}}}}"
#define PRE_SYNC "argocd.argoproj.io/hook: PreSync"
#define JOB_DONE "status: {conditions: [{type: Complete, status: 'True'}]}"

static const struct value *job(struct controller_fixture *f)
{
    return fake_cluster_get(f->cluster, "Job", "ns", "pre");
}

static void finish_job(struct controller_fixture *f)
{
    controller_fixture_until_there(f, "Job", "pre");
    fake_cluster_patch(f->cluster, "Job", "ns", "pre", JOB_DONE);
}

static void creates_body(struct controller_fixture *f)
{
    controller_fixture_begin(f, "[" CONFIG_MAP("a", "one") "," CONFIG_MAP("b", "two") "]", "");
    controller_fixture_sync_until(f, "", "Succeeded");
    UNTIL_SYNC(f, "web", "Synced");
    assert_non_null(fake_cluster_get(f->cluster, "ConfigMap", "ns", "a"));
    assert_non_null(fake_cluster_get(f->cluster, "ConfigMap", "ns", "b"));
    const struct value *app = controller_fixture_get(f, "web");
    const struct value *history = value_at(value_dig(app, "status", "history"), 0);
    ASSERT_STR(value_dig_str(history, "revision"), "r1");
    const struct value *result = value_dig(app, "status", "operationState", "syncResult");
    assert_int_equal(value_len(value_dig(result, "resources")), 2);
}

static void objects_are_created_and_history_is_kept(void **state UNUSED)
{
    CONTROLLER_TEST(creates_body);
}

/* What an operation writes to its Application, and whether it asks the repository once more for the status after it. */
static void writes_body(struct controller_fixture *f)
{
    static const struct {
        const char *sync;
        const char *objects; /* the repository has from the operation on */
        size_t n_patches;
        size_t n_calls;
        const char *revision; /* in the status after it */
    } CASES[] = {
        {"", CONFIG_MAP("a", "one"), 2, 1, "r1"},
        {"", CONFIG_MAP("a", "two"), 2, 1, "r2"},
        {"revision: r2", CONFIG_MAP("a", "two"), 2, 1, "r2"},
        {"revision: r3", CONFIG_MAP("a", "two"), 3, 2, "r3"},
        {"dryRun: true", CONFIG_MAP("a", "two"), 2, 1, "r3"},
        {"resources: [{kind: ConfigMap, name: a}]", CONFIG_MAP("a", "two"), 2, 2, "r3"},
    };
    controller_fixture_begin(f, "[" CONFIG_MAP("a", "one") "]", "");
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        controller_fixture_idle(f);
        fake_repo_set(f->repo, CASES[i].revision,
                      arena_printf(f->arena, "[%s]", CASES[i].objects).p);
        size_t n_calls = fake_repo_n_calls(f->repo);
        fake_cluster_forget_log(f->cluster);
        controller_fixture_sync_until(f, CASES[i].sync, "Succeeded");
        controller_fixture_idle(f);
        UNTIL(f, "web", CASES[i].revision, "status", "sync", "revision");
        size_t n = fake_cluster_count(f->cluster, "PATCH /apis/argoproj.io", "/web");
        if (n != CASES[i].n_patches || fake_repo_n_calls(f->repo) - n_calls != CASES[i].n_calls) {
            fail_msg("sync: {%s}: %zu patches, %zu calls of the repo-server\n%s", CASES[i].sync, n,
                     fake_repo_n_calls(f->repo) - n_calls, fake_cluster_log(f->cluster));
        }
    }
}

static void a_sync_is_two_writes(void **state UNUSED)
{
    CONTROLLER_TEST(writes_body);
}

static void slow_body(struct controller_fixture *f)
{
    controller_fixture_begin(f, "[" CONFIG_MAP("a", "one") "]", "");
    controller_fixture_idle(f);
    fake_repo_hold(f->repo);
    fake_cluster_forget_log(f->cluster);
    controller_fixture_sync(f, "web", "");
    UNTIL_PHASE(f, "web", "Running");
    controller_fixture_says(f, "waiting to start");
    assert_null(fake_cluster_get(f->cluster, "ConfigMap", "ns", "a"));
    fake_repo_let_go(f->repo);
    UNTIL(f, "web", NULL, "operation");
    UNTIL_PHASE(f, "web", "Succeeded");
    assert_int_equal(fake_cluster_count(f->cluster, "PATCH /apis/argoproj.io", "/web"), 3);
}

static void a_slow_repository_is_told(void **state UNUSED)
{
    CONTROLLER_TEST(slow_body);
}

static void prune_body(struct controller_fixture *f)
{
    controller_fixture_begin(f, "[" CONFIG_MAP("a", "one") "," CONFIG_MAP("b", "two") "]", "");
    controller_fixture_sync_until(f, "", "Succeeded");
    controller_fixture_move(f, "[" CONFIG_MAP("a", "one") "]");
    UNTIL_SYNC(f, "web", "OutOfSync");
    controller_fixture_sync_until(f, "", "Succeeded");
    assert_non_null(fake_cluster_get(f->cluster, "ConfigMap", "ns", "b"));
    controller_fixture_sync_until(f, "prune: true", "Succeeded");
    assert_null(fake_cluster_get(f->cluster, "ConfigMap", "ns", "b"));
    assert_non_null(fake_cluster_get(f->cluster, "ConfigMap", "ns", "a"));
    UNTIL_SYNC(f, "web", "Synced");
}

static void only_prune_removes(void **state UNUSED)
{
    CONTROLLER_TEST(prune_body);
}

static void dry_run_body(struct controller_fixture *f)
{
    controller_fixture_begin(f, "[" CONFIG_MAP("a", "one") "," HOOK("pre", PRE_SYNC) "]", "");
    controller_fixture_sync(f, "web", "");
    finish_job(f);
    UNTIL_PHASE(f, "web", "Succeeded");
    assert_non_null(job(f)); /* stays until the next sync: its policy is BeforeHookCreation */
    controller_fixture_move(f, "[" CONFIG_MAP("a", "two") "," HOOK("pre", PRE_SYNC) "]");
    fake_cluster_forget_log(f->cluster);
    controller_fixture_sync_until(f, "dryRun: true", "Succeeded");
    assert_non_null(job(f));
    assert_int_equal(fake_cluster_count(f->cluster, "DELETE ", ""), 0);
    assert_int_equal(fake_cluster_count(f->cluster, "PATCH /api/v1/namespaces/ns", ""),
                     fake_cluster_count(f->cluster, "PATCH /api/v1/namespaces/ns", "dryRun=All"));
    UNTIL_SYNC(f, "web", "OutOfSync");
    assert_int_equal(value_len(value_dig(controller_fixture_get(f, "web"), "status", "history")),
                     1);
}

static void a_dry_run_changes_nothing_and_ends(void **state UNUSED)
{
    CONTROLLER_TEST(dry_run_body);
}

static void hooks_body(struct controller_fixture *f)
{
    const char *objects = "[" CONFIG_MAP("a", "one") "," HOOK(
        "pre", PRE_SYNC ", argocd.argoproj.io/hook-delete-policy: HookSucceeded") "]";
    controller_fixture_begin(f, objects, "");
    controller_fixture_sync(f, "web", "");
    controller_fixture_until_there(f, "Job", "pre");
    UNTIL_PHASE(f, "web", "Running");
    UNTIL(f, "web", "waiting for completion of hook batch/Job/pre", "status", "operationState",
          "message");
    assert_null(fake_cluster_get(f->cluster, "ConfigMap", "ns", "a"));
    finish_job(f);
    UNTIL_PHASE(f, "web", "Succeeded");
    assert_non_null(fake_cluster_get(f->cluster, "ConfigMap", "ns", "a"));
    assert_null(job(f));
}

static void a_hook_is_waited_for_and_goes_when_it_succeeded(void **state UNUSED)
{
    CONTROLLER_TEST(hooks_body);
}

static void old_hook_body(struct controller_fixture *f)
{
    controller_fixture_begin(f, "[" CONFIG_MAP("a", "one") "," HOOK("pre", PRE_SYNC) "]", "");
    controller_fixture_sync(f, "web", "");
    finish_job(f);
    UNTIL_PHASE(f, "web", "Succeeded");
    struct str uid = arena_str(f->arena, kube_uid(job(f)));
    controller_fixture_move(f, "[" CONFIG_MAP("a", "two") "," HOOK("pre", PRE_SYNC) "]");
    controller_fixture_sync(f, "web", "");
    controller_fixture_until_gone(f, "Job", "pre");
    finish_job(f);
    UNTIL(f, "web", NULL, "operation");
    UNTIL_PHASE(f, "web", "Succeeded");
    assert_false(str_eq(uid, kube_uid(job(f))));
}

static void an_old_hook_makes_room_for_the_new_one(void **state UNUSED)
{
    CONTROLLER_TEST(old_hook_body);
}

#define DEPLOYMENT                                                                            \
    "{apiVersion: apps/v1, kind: Deployment, metadata: {name: d, annotations: "               \
    "{argocd.argoproj.io/sync-wave: '-1'}}, spec: {replicas: 1, selector: {matchLabels: {a: " \
    "b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}}}"

static void waves_body(struct controller_fixture *f)
{
    controller_fixture_begin(f, "[" CONFIG_MAP("a", "one") "," DEPLOYMENT "]", "");
    controller_fixture_sync(f, "web", "");
    UNTIL(f, "web", "waiting for healthy state of apps/Deployment/d", "status", "operationState",
          "message");
    assert_null(fake_cluster_get(f->cluster, "ConfigMap", "ns", "a"));
    fake_cluster_patch(f->cluster, "Deployment", "ns", "d",
                       "status: {replicas: 1, updatedReplicas: 1, availableReplicas: 1, "
                       "readyReplicas: 1}");
    UNTIL_PHASE(f, "web", "Succeeded");
    assert_non_null(fake_cluster_get(f->cluster, "ConfigMap", "ns", "a"));
}

static void a_wave_waits_for_the_health_of_the_one_before(void **state UNUSED)
{
    CONTROLLER_TEST(waves_body);
}

static void retry_body(struct controller_fixture *f)
{
    controller_fixture_begin(f, "[" CONFIG_MAP("a", "one") "]", "");
    fake_cluster_fail(f->cluster, "POST /api/v1/namespaces/ns/configmaps", 1, 403, "Forbidden");
    controller_fixture_patch(
        f, "web", "operation: {sync: {}, retry: {limit: 3, backoff: {duration: 1s, factor: 2}}}");
    UNTIL_PHASE(f, "web", "Running");
    UNTIL_PHASE(f, "web", "Succeeded");
    const struct value *state =
        value_dig(controller_fixture_get(f, "web"), "status", "operationState");
    assert_int_equal(value_int(value_dig(state, "retryCount"), 0), 1);
    controller_fixture_says(f, "(retried 1 times)");
    assert_int_equal(
        fake_cluster_count(f->cluster, "PATCH /apis/argoproj.io", "Retrying attempt #1"), 1);
}

static void a_failed_operation_is_tried_again(void **state UNUSED)
{
    CONTROLLER_TEST(retry_body);
}

/* The revision automation pinned is not that of the next attempt. */
static void refreshed_retry_body(struct controller_fixture *f)
{
    controller_fixture_begin(f, "[" CONFIG_MAP("a", "one") "]", "");
    fake_cluster_fail(f->cluster, "POST /api/v1/namespaces/ns/configmaps", 1, 403, "Forbidden");
    controller_fixture_patch(f, "web",
                             "operation: {sync: {revision: r1}, retry: {limit: 3, refresh: true, "
                             "backoff: {duration: 1s}}}");
    UNTIL_PHASE(f, "web", "Running");
    fake_repo_set(f->repo, "r2", "[" CONFIG_MAP("a", "two") "]");
    UNTIL_PHASE(f, "web", "Succeeded");
    const struct value *state =
        value_dig(controller_fixture_get(f, "web"), "status", "operationState");
    assert_null(value_dig(state, "operation", "sync", "revision"));
    ASSERT_STR(value_dig_str(state, "syncResult", "revision"), "r2");
}

static void an_attempt_may_take_the_newest_revision(void **state UNUSED)
{
    CONTROLLER_TEST(refreshed_retry_body);
}

static void no_retry_body(struct controller_fixture *f)
{
    controller_fixture_begin(f, "[" CONFIG_MAP("a", "one") "]", "");
    fake_cluster_fail(f->cluster, "POST /api/v1/namespaces/ns/configmaps", 1, 403, "Forbidden");
    controller_fixture_sync_until(f, "", "Failed");
    controller_fixture_says(f, "the fake cluster says Forbidden");
    assert_null(fake_cluster_get(f->cluster, "ConfigMap", "ns", "a"));
}

static void without_retry_it_fails_with_the_reason(void **state UNUSED)
{
    CONTROLLER_TEST(no_retry_body);
}

static void terminate_body(struct controller_fixture *f)
{
    controller_fixture_begin(f, "[" CONFIG_MAP("a", "one") "," HOOK("pre", PRE_SYNC) "]", "");
    controller_fixture_patch(f, "web", "operation: {sync: {}, retry: {limit: 3}}");
    controller_fixture_until_there(f, "Job", "pre");
    UNTIL(f, "web", "waiting for completion of hook batch/Job/pre", "status", "operationState",
          "message");
    controller_fixture_patch(f, "web", "status: {operationState: {phase: Terminating}}");
    UNTIL_PHASE(f, "web", "Failed");
    controller_fixture_says(f, "Operation terminated");
    assert_null(job(f));
    assert_null(value_dig(controller_fixture_get(f, "web"), "operation"));
    assert_null(fake_cluster_get(f->cluster, "ConfigMap", "ns", "a"));
}

static void terminating_deletes_running_hooks_and_is_final(void **state UNUSED)
{
    CONTROLLER_TEST(terminate_body);
}

static void overdue_body(struct controller_fixture *f)
{
    controller_fixture_begin(f, "[" HOOK("pre", PRE_SYNC) "]", "");
    controller_fixture_patch(f, "web", "operation: {sync: {}, retry: {limit: 3}}");
    UNTIL_PHASE(f, "web", "Running");
    UNTIL_PHASE(f, "web", "Failed");
    controller_fixture_says(f, "Operation terminated, triggered by controller sync timeout");
}

static void an_overdue_operation_is_terminated_for_good(void **state UNUSED)
{
    const char *const more[] = {"--sync-timeout=2s", NULL};
    assert_int_equal(controller_fixture_run(overdue_body, more), 0);
}

static void restart_body(struct controller_fixture *f)
{
    fake_repo_set(f->repo, "r0", "[" CONFIG_MAP("a", "one") "," CONFIG_MAP("b", "two") "]");
    fake_cluster_put(
        f->cluster,
        "{apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: {name: web, namespace: "
        "argocd}, spec: {project: default, source: {repoURL: 'https://git.test/repo', path: app, "
        "targetRevision: main}, destination: {server: 'https://kubernetes.default.svc', namespace: "
        "ns}}, operation: {sync: {}}, status: {operationState: {operation: {sync: {}}, phase: "
        "Running, startedAt: '2026-01-01T00:00:00Z', syncResult: {revision: r0, source: {repoURL: "
        "'https://git.test/repo', path: app}, resources: [{group: '', version: v1, kind: "
        "ConfigMap, namespace: ns, name: a, status: Synced, hookPhase: Succeeded, syncPhase: "
        "Sync}]}}}}");
    UNTIL_PHASE(f, "web", "Succeeded");
    assert_non_null(fake_cluster_get(f->cluster, "ConfigMap", "ns", "b"));
    assert_null(fake_cluster_get(f->cluster, "ConfigMap", "ns", "a")); /* was done already */
    ASSERT_STR(value_dig_str(controller_fixture_get(f, "web"), "status", "operationState",
                             "syncResult", "revision"),
               "r0");
}

static void a_restart_goes_on_with_what_is_not_done(void **state UNUSED)
{
    CONTROLLER_TEST(restart_body);
}

/* What is written when the hook was made does not arrive, as when the process is killed: it is not made again. */
static void unnoted_body(struct controller_fixture *f)
{
    controller_fixture_begin(f, "[" CONFIG_MAP("a", "one") "," HOOK("pre", PRE_SYNC) "]", "");
    fake_cluster_forget_log(f->cluster);
    fake_cluster_fail(f->cluster, "\"hookPhase\":\"Running\"", 1, 409, "Conflict");
    controller_fixture_sync(f, "web", "");
    finish_job(f);
    UNTIL_PHASE(f, "web", "Succeeded");
    assert_int_equal(fake_cluster_count(f->cluster, "POST ", "/jobs"), 1);
    assert_int_equal(fake_cluster_count(f->cluster, "DELETE ", ""), 0);
}

static void a_hook_that_was_made_but_not_noted_is_not_made_again(void **state UNUSED)
{
    CONTROLLER_TEST(unnoted_body);
}

/* The end of the operation cannot be written when the hook has been deleted: what it was stands in the status. */
static void noted_body(struct controller_fixture *f)
{
    const char *objects =
        "[" HOOK("pre", PRE_SYNC ", argocd.argoproj.io/hook-delete-policy: HookSucceeded") "]";
    controller_fixture_begin(f, objects, "");
    fake_cluster_forget_log(f->cluster);
    fake_cluster_fail(f->cluster, "\"phase\":\"Succeeded\"", 1, 409, "Conflict");
    controller_fixture_sync(f, "web", "");
    finish_job(f);
    UNTIL_PHASE(f, "web", "Succeeded");
    assert_null(job(f));
    assert_int_equal(fake_cluster_count(f->cluster, "POST ", "/jobs"), 1);
}

static void what_became_of_a_hook_is_noted_before_it_goes(void **state UNUSED)
{
    CONTROLLER_TEST(noted_body);
}

static void vanished_hook_body(struct controller_fixture *f)
{
    controller_fixture_begin(f, "[" HOOK("pre", PRE_SYNC) "]", "");
    controller_fixture_sync(f, "web", "");
    controller_fixture_until_there(f, "Job", "pre");
    UNTIL(f, "web", "waiting for completion of hook batch/Job/pre", "status", "operationState",
          "message");
    fake_cluster_remove(f->cluster, "Job", "ns", "pre");
    UNTIL_PHASE(f, "web", "Failed");
    assert_int_equal(fake_cluster_count(f->cluster, "GET ", "/jobs/pre"), 1);
}

static void a_hook_that_vanished_ends_the_operation(void **state UNUSED)
{
    CONTROLLER_TEST(vanished_hook_body);
}

static bool has_generated(void *data)
{
    const struct controller_fixture *f = data;
    return fake_cluster_count(f->cluster, "POST ", "-presync-") > 0;
}

static void generated_body(struct controller_fixture *f)
{
    controller_fixture_begin(
        f,
        "[{apiVersion: v1, kind: ConfigMap, metadata: {generateName: gen-, annotations: "
        "{" PRE_SYNC "}}}, " CONFIG_MAP("a", "one") "]",
        "");
    controller_fixture_sync(f, "web", "");
    UNTIL_PHASE(f, "web", "Running");
    controller_fixture_wait(f, has_generated, f);
    UNTIL_PHASE(f, "web", "Succeeded");
    assert_non_null(fake_cluster_get(f->cluster, "ConfigMap", "ns", "a"));
}

static void a_hook_with_a_generated_name_is_followed(void **state UNUSED)
{
    CONTROLLER_TEST(generated_body);
}

static void unwritable_body(struct controller_fixture *f)
{
    controller_fixture_begin(f, "[" CONFIG_MAP("a", "one") "]", "");
    fake_cluster_fail(f->cluster, "PATCH /apis/argoproj.io", 1, 409, "Conflict");
    controller_fixture_sync_until(f, "", "Succeeded");
    assert_non_null(fake_cluster_get(f->cluster, "ConfigMap", "ns", "a"));
}

static void a_write_that_conflicts_is_made_again(void **state UNUSED)
{
    CONTROLLER_TEST(unwritable_body);
}

static void project_body(struct controller_fixture *f)
{
    controller_fixture_begin(f, "[" CONFIG_MAP("a", "one") "]", "");
    controller_fixture_patch(f, "web", "{spec: {project: nope}, operation: {sync: {}}}");
    UNTIL_PHASE(f, "web", "Error");
    controller_fixture_says(f, "project nope which does not exist");
}

static void a_spec_that_is_wrong_ends_the_operation(void **state UNUSED)
{
    CONTROLLER_TEST(project_body);
}

static void repository_body(struct controller_fixture *f)
{
    controller_fixture_begin(f, "[" CONFIG_MAP("a", "one") "]", "");
    fake_repo_fail(f->repo, ERR_NOT_FOUND);
    controller_fixture_sync_until(f, "", "Error");
    controller_fixture_says(f, "Failed to load target state");
}

static void a_repository_that_fails_ends_the_operation(void **state UNUSED)
{
    CONTROLLER_TEST(repository_body);
}

static bool has_cluster_error(void *data)
{
    const struct app *app = controller_fixture_of(data, "web");
    return app->cache != NULL && live_cache_error(app->cache) != NULL;
}

static bool waits_for_cluster(void *data)
{
    return controller_fixture_of(data, "web")->waiting;
}

/* The annotation was seen, and nothing is left to do about it. */
static bool has_looked_again(void *data)
{
    const struct controller_fixture *f = data;
    const struct app *app = controller_fixture_of(data, "web");
    return kube_has_annotation(doc_root(app->object), STR("looked")) && app->pass == NULL &&
           queue_stats(f->ctl->queue).n_due == 0;
}

/* The operation waits for the cluster, which lets nobody read ConfigMaps: not 500, which is trouble of one kind and keeps an
 * operation waiting only while the other watches are on their way back. What follows it in the pass of the annotation
 * waits for nothing, and must not make it sleep until its next regular look, minutes away. */
static void unreadable_body(struct controller_fixture *f)
{
    controller_fixture_begin(f, "[" CONFIG_MAP("a", "one") "," HOOK("pre", PRE_SYNC) "]", "");
    controller_fixture_sync(f, "web", "");
    UNTIL(f, "web", "waiting for completion of hook batch/Job/pre", "status", "operationState",
          "message");
    fake_cluster_fail(f->cluster, "/configmaps", UINT_MAX, 401, "Unauthorized");
    fake_cluster_break_watches(f->cluster);
    controller_fixture_wait(f, has_cluster_error, f);
    finish_job(f);
    controller_fixture_wait(f, waits_for_cluster, f);
    controller_fixture_patch(f, "web", "metadata: {annotations: {looked: again}}");
    controller_fixture_wait(f, has_looked_again, f);
    fake_cluster_fail(f->cluster, "", 0, 0, "");
    UNTIL_PHASE(f, "web", "Succeeded");
}

static void an_operation_goes_on_when_the_cluster_is_read_again(void **state UNUSED)
{
    CONTROLLER_TEST(unreadable_body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_are_created_and_history_is_kept),
        cmocka_unit_test(a_sync_is_two_writes),
        cmocka_unit_test(a_slow_repository_is_told),
        cmocka_unit_test(only_prune_removes),
        cmocka_unit_test(a_dry_run_changes_nothing_and_ends),
        cmocka_unit_test(a_hook_is_waited_for_and_goes_when_it_succeeded),
        cmocka_unit_test(an_old_hook_makes_room_for_the_new_one),
        cmocka_unit_test(a_wave_waits_for_the_health_of_the_one_before),
        cmocka_unit_test(a_failed_operation_is_tried_again),
        cmocka_unit_test(an_attempt_may_take_the_newest_revision),
        cmocka_unit_test(without_retry_it_fails_with_the_reason),
        cmocka_unit_test(terminating_deletes_running_hooks_and_is_final),
        cmocka_unit_test(an_overdue_operation_is_terminated_for_good),
        cmocka_unit_test(a_restart_goes_on_with_what_is_not_done),
        cmocka_unit_test(a_hook_that_was_made_but_not_noted_is_not_made_again),
        cmocka_unit_test(what_became_of_a_hook_is_noted_before_it_goes),
        cmocka_unit_test(a_hook_that_vanished_ends_the_operation),
        cmocka_unit_test(a_hook_with_a_generated_name_is_followed),
        cmocka_unit_test(a_write_that_conflicts_is_made_again),
        cmocka_unit_test(a_spec_that_is_wrong_ends_the_operation),
        cmocka_unit_test(a_repository_that_fails_ends_the_operation),
        cmocka_unit_test(an_operation_goes_on_when_the_cluster_is_read_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
