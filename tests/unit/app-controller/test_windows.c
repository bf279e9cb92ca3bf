/* Sync windows hold back operations and automation, and let them go. */
#include "app-controller/windows.h"
#include "common/base/clock.h"
#include "tests/lib/controller_apps.h"

#define ONE_MAP "[" CONFIG_MAP("a", "one") "]"

static void set_windows(struct controller_fixture *f, const char *windows)
{
    struct str project =
        arena_printf(f->arena,
                     "{apiVersion: argoproj.io/v1alpha1, kind: AppProject,"
                     " metadata: {name: team, namespace: argocd},"
                     " spec: {sourceRepos: ['*'], destinations: [{server: '*', namespace: '*'}],"
                     " syncWindows: [%s]}}",
                     windows);
    fake_cluster_put(f->cluster, project.p);
}

static void operation_body(struct controller_fixture *f)
{
    set_windows(f, "{kind: deny, schedule: '* * * * *', duration: 1h, applications: ['*']}");
    controller_fixture_begin(f, ONE_MAP, "project: team");
    controller_fixture_sync(f, "web", "");
    UNTIL(f, "web",
          "Sync operation blocked by sync window: deny window '* * * * *' (1h), until further "
          "notice",
          "status", "operationState", "message");
    controller_fixture_idle(f);
    set_windows(f, "");
    UNTIL(f, "web", "Succeeded", "status", "operationState", "phase");
}

static void an_operation_waits(void **state UNUSED)
{
    CONTROLLER_TEST(operation_body);
}

static void automated_body(struct controller_fixture *f)
{
    set_windows(f, "{kind: deny, schedule: '* * * * *', duration: 1h, applications: ['*']}");
    controller_fixture_begin(f, ONE_MAP, "project: team, syncPolicy: {automated: {}}");
    UNTIL_SYNC(f, "web", "OutOfSync");
    controller_fixture_idle(f);
    assert_null(value_dig(controller_fixture_get(f, "web"), "operation"));
    assert_null(value_dig(controller_fixture_get(f, "web"), "status", "operationState"));
    set_windows(f, "");
    UNTIL(f, "web", "Succeeded", "status", "operationState", "phase");
}

static void automation_waits(void **state UNUSED)
{
    CONTROLLER_TEST(automated_body);
}

/* What is not judged stays as it was told. */
static void told_body(struct controller_fixture *f)
{
    set_windows(f, "");
    fake_cluster_fail(f->cluster, "POST /api/v1/namespaces/ns/configmaps", 1, 403, "Forbidden");
    controller_fixture_begin(f, ONE_MAP,
                             "project: team, syncPolicy: {automated: {}, retry: {limit: 0}}");
    controller_fixture_until_condition(f, "web", "SyncError", "Failed last sync attempt to [r1]");
    set_windows(f, "{kind: deny, schedule: '* * * * *', duration: 1h, applications: ['*']}");
    controller_fixture_until_condition(f, "web", "SyncBlocked", "blocked by sync window");
    controller_fixture_until_condition(f, "web", "SyncError", "Failed last sync attempt to [r1]");
}

static void a_closed_window_does_not_hide_what_failed(void **state UNUSED)
{
    CONTROLLER_TEST(told_body);
}

static void wrong_body(struct controller_fixture *f)
{
    set_windows(f, "{kind: deny, schedule: x, duration: 1h, applications: ['*']}");
    controller_fixture_begin(f, ONE_MAP, "project: team, syncPolicy: {automated: {}}");
    controller_fixture_until_condition(f, "web", "SyncError", "cannot parse schedule");
    controller_fixture_sync(f, "web", "");
    UNTIL(f, "web", "Error", "status", "operationState", "phase");
}

static void a_wrong_window_is_told(void **state UNUSED)
{
    CONTROLLER_TEST(wrong_body);
}

static void waits_a_second_to_a_day(void **state UNUSED)
{
    int64_t now_ms = clock_wall_ms(clock_system());
    struct window_verdict verdict = {.next_ms = WINDOW_NEVER};
    assert_int_equal(windows_wait_ms(&verdict), 24 * 3600 * 1000);
    verdict.next_ms = now_ms - 5;
    assert_int_equal(windows_wait_ms(&verdict), 1000);
    verdict.next_ms = now_ms + 3600 * 1000;
    assert_in_range(windows_wait_ms(&verdict), 3500 * 1000, 3600 * 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_operation_waits),
        cmocka_unit_test(automation_waits),
        cmocka_unit_test(a_wrong_window_is_told),
        cmocka_unit_test(a_closed_window_does_not_hide_what_failed),
        cmocka_unit_test(waits_a_second_to_a_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
