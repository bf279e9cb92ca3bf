/* Turns of the queue for one application: what every turn does, whatever it is for. */
#include "app-controller/pass.h"
#include "tests/lib/controller_apps.h"

#define ONE_MAP "[" CONFIG_MAP("a", "one") "]"

static void unreadable_body(struct controller_fixture *f)
{
    fake_cluster_put(f->cluster, "{apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: "
                                 "{name: bad, namespace: argocd}, spec: {source: [1]}}");
    controller_fixture_begin(f, ONE_MAP, ""); /* the others go on */
    controller_fixture_idle(f);
    assert_non_null(controller_fixture_of(f, "bad"));
    assert_null(controller_fixture_of(f, "bad")->pass);
    assert_null(value_dig(controller_fixture_get(f, "bad"), "status"));
}

static void what_cannot_be_read_is_left_alone(void **state UNUSED)
{
    CONTROLLER_TEST(unreadable_body);
}

static void problems_body(struct controller_fixture *f)
{
    controller_fixture_app(f, "web", "", "destination: {namespace: ns}");
    controller_fixture_until_condition(f, "web", "InvalidSpecError", "server");
    UNTIL_SYNC(f, "web", "Unknown");
    controller_fixture_patch(f, "web",
                             "spec: {destination: {server: 'https://kubernetes.default.svc'}}");
    UNTIL_SYNC(f, "web", "Synced");
    controller_fixture_until_condition(f, "web", "InvalidSpecError", "");
}

static void a_wrong_spec_is_told_and_may_be_mended(void **state UNUSED)
{
    CONTROLLER_TEST(problems_body);
}

static void forbidden_body(struct controller_fixture *f)
{
    fake_cluster_put(f->cluster,
                     "{apiVersion: argoproj.io/v1alpha1, kind: AppProject, metadata: {name: team, "
                     "namespace: argocd}, spec: {sourceRepos: ['*'], destinations: [{server: '*', "
                     "namespace: other}]}}");
    fake_repo_set(f->repo, "r1", ONE_MAP);
    controller_fixture_app(f, "web", "", "project: team");
    controller_fixture_until_condition(f, "web", "InvalidSpecError", "ns");
    assert_int_equal(fake_repo_n_calls(f->repo), 0);
}

static void a_project_that_does_not_permit_it_stops_everything(void **state UNUSED)
{
    CONTROLLER_TEST(forbidden_body);
}

static void retry_body(struct controller_fixture *f)
{
    fake_cluster_fail(f->cluster, "PATCH /apis/argoproj.io", 1, 403, "Forbidden");
    controller_fixture_begin(f, ONE_MAP, "");
    UNTIL_SYNC(f, "web", "OutOfSync");
    assert_int_equal(fake_cluster_count(f->cluster, "PATCH /apis/argoproj.io", ""), 2);
}

static void a_write_that_failed_is_made_again(void **state UNUSED)
{
    CONTROLLER_TEST(retry_body);
}

static bool has_written(void *data)
{
    const struct controller_fixture *f = data;
    return fake_cluster_count(f->cluster, "PATCH /apis/argoproj.io", "") > 0;
}

static void gone_body(struct controller_fixture *f)
{
    fake_cluster_fail(f->cluster, "PATCH /apis/argoproj.io", 1, 404, "NotFound");
    controller_fixture_app(f, "web", "", "");
    controller_fixture_wait(f, has_written, f);
    controller_fixture_idle(f);
    assert_null(controller_fixture_of(f, "web")->pass);
    assert_int_equal(fake_cluster_count(f->cluster, "PATCH /apis/argoproj.io", ""), 1);
}

static void what_is_gone_is_not_written_again(void **state UNUSED)
{
    CONTROLLER_TEST(gone_body);
}

static void many_body(struct controller_fixture *f)
{
    fake_repo_set(f->repo, "r1", "[]");
    for (int i = 0; i < 30; i++) {
        controller_fixture_app(f, arena_printf(f->arena, "app-%d", i).p, "", "");
    }
    for (int i = 0; i < 30; i++) {
        UNTIL_SYNC(f, arena_printf(f->arena, "app-%d", i).p, "Synced");
    }
    assert_true(queue_stats(f->ctl->queue).n_running <= 2);
}

static void turns_are_taken_by_a_few_at_a_time(void **state UNUSED)
{
    const char *const more[] = {"--status-processors=2", NULL};
    assert_int_equal(controller_fixture_run(many_body, more), 0);
}

#define SKIP "argocd.argoproj.io/skip-reconcile"

static void skipped_body(struct controller_fixture *f)
{
    fake_repo_set(f->repo, "r1", "[" CONFIG_MAP("a", "one") "]");
    controller_fixture_app(f, "web",
                           "annotations: {" SKIP ": 'true'}, finalizers: "
                           "[resources-finalizer.argocd.argoproj.io]",
                           "syncPolicy: {automated: {}}");
    controller_fixture_app(f, "other", "", "");
    UNTIL_SYNC(f, "other", "OutOfSync");
    controller_fixture_idle(f);
    assert_null(value_dig(controller_fixture_get(f, "web"), "status"));
    controller_fixture_patch(f, "web", "metadata: {annotations: {" SKIP ": null}}");
    UNTIL_PHASE(f, "web", "Succeeded");
    UNTIL_SYNC(f, "web", "Synced");
    controller_fixture_patch(f, "web",
                             "metadata: {deletionTimestamp: '2026-01-02T00:00:00Z', annotations: "
                             "{" SKIP ": 'true'}}");
    controller_fixture_idle(f);
    assert_non_null(fake_cluster_get(f->cluster, "ConfigMap", "ns", "a"));
    controller_fixture_patch(f, "web", "metadata: {annotations: {" SKIP ": 'false'}}");
    controller_fixture_until_gone(f, "ConfigMap", "a");
}

static void an_application_may_be_passed_over(void **state UNUSED)
{
    CONTROLLER_TEST(skipped_body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_cannot_be_read_is_left_alone),
        cmocka_unit_test(a_wrong_spec_is_told_and_may_be_mended),
        cmocka_unit_test(a_project_that_does_not_permit_it_stops_everything),
        cmocka_unit_test(a_write_that_failed_is_made_again),
        cmocka_unit_test(what_is_gone_is_not_written_again),
        cmocka_unit_test(turns_are_taken_by_a_few_at_a_time),
        cmocka_unit_test(an_application_may_be_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
