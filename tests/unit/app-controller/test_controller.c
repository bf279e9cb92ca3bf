/* Applications coming and going, settings, and the end, through a whole controller. */
#include "tests/lib/controller_apps.h"

#define ONE_MAP "[" CONFIG_MAP("a", "one") "]"

static bool has_held(void *data)
{
    return fake_repo_n_held(((struct controller_fixture *)data)->repo) > 0;
}

static void begin_held(struct controller_fixture *f)
{
    fake_repo_hold(f->repo);
    controller_fixture_app(f, "web", "", "");
    controller_fixture_wait(f, has_held, f);
}

static void gone_body(struct controller_fixture *f)
{
    begin_held(f);
    struct app *app = controller_fixture_of(f, "web");
    assert_non_null(app->pass);
    fake_cluster_remove(f->cluster, "Application", "argocd", "web");
    controller_fixture_until_unknown(f, "web");
    fake_repo_let_go(f->repo);
    controller_fixture_idle(f);
    assert_null(controller_fixture_of(f, "web"));
}

static void an_application_may_vanish_while_it_is_worked_on(void **state UNUSED)
{
    CONTROLLER_TEST(gone_body);
}

struct other {
    struct controller_fixture *f;
    const struct app *old;
};

static bool is_another(void *data)
{
    const struct other *o = data;
    const struct app *now = controller_fixture_of(o->f, "web");
    return now != NULL && now != o->old;
}

static void another_body(struct controller_fixture *f)
{
    begin_held(f);
    struct other other = {f, controller_fixture_of(f, "web")};
    fake_cluster_remove(f->cluster, "Application", "argocd", "web");
    controller_fixture_app(f, "web", "", "");
    controller_fixture_wait(f, is_another, &other);
    assert_null(controller_fixture_of(f, "web")->pass); /* one turn for a name at a time */
    fake_repo_let_go(f->repo);
    UNTIL_SYNC(f, "web", "Synced");
}

static void another_one_of_the_same_name_begins_anew(void **state UNUSED)
{
    CONTROLLER_TEST(another_body);
}

static void shutdown_body(struct controller_fixture *f)
{
    begin_held(f);
}

static void the_end_cancels_what_is_under_way(void **state UNUSED)
{
    CONTROLLER_TEST(shutdown_body);
}

static void shutdown_syncing_body(struct controller_fixture *f)
{
    controller_fixture_begin(f, ONE_MAP, "");
    controller_fixture_sync(f, "web", "");
    UNTIL_PHASE(f, "web", "Running");
}

static void the_end_may_come_in_the_middle_of_a_sync(void **state UNUSED)
{
    CONTROLLER_TEST(shutdown_syncing_body);
}

static void shutdown_fetching_body(struct controller_fixture *f)
{
    controller_fixture_begin(f, ONE_MAP, "");
    fake_repo_hold(f->repo);
    controller_fixture_sync(f, "web", "");
    UNTIL_PHASE(f, "web", "Running"); /* the controller does not know yet that this was written */
}

static void the_end_begins_nothing_new(void **state UNUSED)
{
    CONTROLLER_TEST(shutdown_fetching_body);
}

static void shutdown_waiting_body(struct controller_fixture *f)
{
    controller_fixture_begin(
        f,
        "[{apiVersion: example.org/v1, kind: Widget, metadata: {name: w, annotations: "
        "{argocd.argoproj.io/sync-options: SkipDryRunOnMissingResource=true}}}]",
        "");
    controller_fixture_sync(f, "web", "");
    UNTIL(f, "web", "r1", "status", "operationState", "syncResult", "revision");
}

static void the_end_does_not_wait_for_a_kind_that_may_come(void **state UNUSED)
{
    CONTROLLER_TEST(shutdown_waiting_body);
}

struct taken {
    struct controller_fixture *f;
    uint64_t n;
};

static bool has_taken(void *data)
{
    const struct taken *t = data;
    return queue_stats(t->f->ctl->queue).n_taken > t->n;
}

static void levels_body(struct controller_fixture *f)
{
    controller_fixture_synced(f, ONE_MAP, "");
    struct app *app = controller_fixture_of(f, "web");
    size_t n_calls = fake_repo_n_calls(f->repo);
    struct taken taken = {f, queue_stats(f->ctl->queue).n_taken};
    assert_true(app->due_ms[REFRESH_LATEST] > loop_now_ms(f->loop)); /* the periodic one */
    controller_request_after(f->ctl, app, REFRESH_TREE, 20);
    controller_fixture_wait(f, has_taken, &taken);
    controller_fixture_idle(f);
    assert_int_equal(fake_repo_n_calls(f->repo), n_calls);
    assert_int_equal(app->due_ms[REFRESH_TREE], 0);
    assert_true(app->due_ms[REFRESH_LATEST] > loop_now_ms(f->loop));
    assert_true(queue_stats(f->ctl->queue).n_waiting > 0);
}

static void a_small_request_does_not_pull_a_large_one_forward(void **state UNUSED)
{
    CONTROLLER_TEST(levels_body);
}

static bool has_more_calls(void *data)
{
    return fake_repo_n_calls(((struct controller_fixture *)data)->repo) >= 4;
}

static void periodic_body(struct controller_fixture *f)
{
    fake_repo_set(f->repo, "r1", "[]");
    controller_fixture_app(f, "web", "", "");
    controller_fixture_wait(f, has_more_calls, f);
    fake_repo_set(f->repo, "r2", ONE_MAP);
    UNTIL(f, "web", "r2", "status", "sync", "revision");
}

static void the_revision_is_asked_for_now_and_then(void **state UNUSED)
{
    const char *const more[] = {"--app-resync=1s", "--app-resync-jitter=0s", NULL};
    assert_int_equal(controller_fixture_run(periodic_body, more), 0);
}

static void project_body(struct controller_fixture *f)
{
    fake_repo_set(f->repo, "r1", ONE_MAP);
    controller_fixture_app(f, "web", "", "project: team");
    controller_fixture_until_condition(f, "web", "InvalidSpecError", "team which does not exist");
    fake_cluster_put(f->cluster,
                     "{apiVersion: argoproj.io/v1alpha1, kind: AppProject, metadata: {name: team, "
                     "namespace: argocd}, spec: {sourceRepos: ['*'], destinations: [{server: '*', "
                     "namespace: '*'}]}}");
    UNTIL_SYNC(f, "web", "OutOfSync");
    controller_fixture_until_condition(f, "web", "InvalidSpecError", "");
    fake_cluster_patch(f->cluster, "AppProject", "argocd", "team",
                       "spec: {sourceRepos: ['https://other.test/*']}");
    controller_fixture_until_condition(f, "web", "InvalidSpecError", "not permitted");
}

static void projects_apply_as_they_change(void **state UNUSED)
{
    CONTROLLER_TEST(project_body);
}

static void tracking_body(struct controller_fixture *f)
{
    controller_fixture_synced(f, ONE_MAP, "");
    fake_cluster_put(f->cluster, "{apiVersion: v1, kind: ConfigMap, metadata: {name: argocd-cm, "
                                 "namespace: argocd}, data: {application.resourceTrackingMethod: "
                                 "label, application.instanceLabelKey: example.org/app}}");
    UNTIL_SYNC(f, "web", "OutOfSync"); /* the object does not have the label yet */
    controller_fixture_sync_until(f, "", "Succeeded");
    UNTIL_SYNC(f, "web", "Synced");
    const struct value *map = fake_cluster_get(f->cluster, "ConfigMap", "ns", "a");
    ASSERT_STR(kube_label(map, STR("example.org/app")), "web");
    fake_cluster_remove(f->cluster, "ConfigMap", "argocd", "argocd-cm");
    controller_fixture_refresh(f, "web", "normal");
    ASSERT_STR(f->ctl->tracking.label_key, TRACKING_LABEL_KEY);
}

static void tracking_applies_as_it_changes(void **state UNUSED)
{
    CONTROLLER_TEST(tracking_body);
}

static void policy_body(struct controller_fixture *f)
{
    controller_fixture_begin(f, ONE_MAP, "");
    controller_fixture_idle(f);
    controller_fixture_patch(f, "web", "spec: {syncPolicy: {automated: {}}}");
    UNTIL_SYNC(f, "web", "Synced"); /* not only with the next periodic refresh */
    controller_fixture_idle(f);
    controller_fixture_patch(f, "web", "spec: {project: nope}");
    controller_fixture_until_condition(f, "web", "InvalidSpecError", "nope");
    controller_fixture_idle(f);
    controller_fixture_patch(f, "web", "spec: {project: default}");
    UNTIL_SYNC(f, "web", "Synced");
}

static void every_part_of_the_spec_counts_at_once(void **state UNUSED)
{
    CONTROLLER_TEST(policy_body);
}

static void names_body(struct controller_fixture *f)
{
    controller_fixture_begin(f, ONE_MAP, "");
    struct app *app = controller_fixture_of(f, "web");
    assert_ptr_equal(controller_app_by_instance(f->ctl, STR("web")), app);
    assert_ptr_equal(controller_app_by_instance(f->ctl, STR("argocd_web")), app);
    assert_null(controller_app_by_instance(f->ctl, STR("other")));
    assert_null(controller_app_by_instance(f->ctl, STR("other_web")));
}

static void applications_are_found_by_their_instance_name(void **state UNUSED)
{
    CONTROLLER_TEST(names_body);
}

static void put_params(struct controller_fixture *f, const char *map, const char *data)
{
    fake_cluster_put(f->cluster,
                     arena_printf(f->arena,
                                  "{apiVersion: v1, kind: ConfigMap, metadata: {name: %s, "
                                  "namespace: argocd}, data: {%s}}",
                                  map, data)
                         .p);
}

static bool is_ten_seconds(void *data)
{
    const struct controller_fixture *f = data;
    return f->ctl->config->resync_ms == 10000;
}

static bool is_default_resync(void *data)
{
    const struct controller_fixture *f = data;
    return f->ctl->config->resync_ms == 120000;
}

static bool is_patient(void *data)
{
    const struct controller_fixture *f = data;
    return f->ctl->config->repo_grace_ms == 1000;
}

static void params_body(struct controller_fixture *f)
{
    put_params(f, "argocd-cm", "timeout.reconciliation: 10s");
    put_params(
        f, "argocd-cmd-params-cm",
        "controller.repo.error.grace.period.seconds: '1', controller.status.processors: '7'");
    controller_fixture_wait(f, is_patient, f);
    controller_fixture_wait(f, is_ten_seconds, f);
    assert_int_equal(f->ctl->config->processors, 20); /* with the next start */
    put_params(f, "argocd-cm", "url: x");
    controller_fixture_wait(f, is_default_resync, f);
    put_params(f, "argocd-cmd-params-cm", "timeout.reconciliation: never");
    controller_fixture_idle(f);
    assert_true(is_default_resync(f));
}

static void parameters_apply_as_they_change(void **state UNUSED)
{
    CONTROLLER_TEST(params_body);
}

#define ELSEWHERE(ns, project)                                                                   \
    "{apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: {name: web, namespace: " ns \
    "}, spec: {project: " project ", source: {repoURL: 'https://git.test/repo', path: app, "     \
    "targetRevision: main}, destination: {server: 'https://kubernetes.default.svc', namespace: " \
    "ns}, syncPolicy: {automated: {}}}}"

static const char *sync_status(struct controller_fixture *f, const char *ns)
{
    const struct value *app = fake_cluster_get(f->cluster, "Application", ns, "web");
    return arena_str(f->arena, value_dig_str(app, "status", "sync", "status")).p;
}

static bool is_synced_elsewhere(void *data)
{
    return strcmp(sync_status(data, "team-a"), "Synced") == 0;
}

static bool is_told_elsewhere(void *data)
{
    return strcmp(sync_status(data, "team-b"), "Unknown") == 0;
}

static void elsewhere_body(struct controller_fixture *f)
{
    fake_cluster_put(f->cluster, "{apiVersion: argoproj.io/v1alpha1, kind: AppProject, metadata: "
                                 "{name: team, namespace: argocd}, spec: {sourceRepos: ['*'], "
                                 "destinations: [{server: '*', namespace: '*'}], "
                                 "sourceNamespaces: [team-a]}}");
    fake_repo_set(f->repo, "r1", "[" CONFIG_MAP("a", "x") "]");
    fake_cluster_put(f->cluster, ELSEWHERE("other", "team")); /* nobody's */
    fake_cluster_put(f->cluster, ELSEWHERE("team-b", "team"));
    controller_fixture_wait(f, is_told_elsewhere, f);
    fake_cluster_put(f->cluster, ELSEWHERE("team-a", "team"));
    controller_fixture_wait(f, is_synced_elsewhere, f);
    assert_string_equal(fake_repo_seen(f->repo)->app_name, "team-a_web");
    const struct value *a = fake_cluster_get(f->cluster, "ConfigMap", "ns", "a");
    ASSERT_STR(kube_annotation(a, STR("argocd.argoproj.io/tracking-id")),
               "team-a_web:/ConfigMap:ns/a");
    const struct value *app = fake_cluster_get(f->cluster, "Application", "team-a", "web");
    ASSERT_STR(value_dig_str(app, "status", "controllerNamespace"), "argocd");
    const struct value *b = fake_cluster_get(f->cluster, "Application", "team-b", "web");
    ASSERT_STR(value_dig_str(value_at(value_dig(b, "status", "conditions"), 0), "message"),
               "application 'web' in namespace 'team-b' is not permitted to use project 'team'");
    assert_string_equal(sync_status(f, "other"), "");
}

static void named_body(struct controller_fixture *f)
{
    fake_repo_set(f->repo, "r1", "[]");
    controller_fixture_app(f, "web", "", "");
    UNTIL_SYNC(f, "web", "Synced");
    assert_int_equal(fake_cluster_count(f->cluster, "/namespaces/argocd/applications?", "watch"),
                     1);
    assert_int_equal(fake_cluster_count(f->cluster, "/namespaces/team-b/applications?", "watch"),
                     1);
    fake_cluster_put(f->cluster, ELSEWHERE("team-b", "default"));
    controller_fixture_wait(f, is_told_elsewhere, f);
    fake_cluster_remove(f->cluster, "Application", "team-b", "web");
    fake_cluster_break_watches(f->cluster); /* what one namespace lists says nothing of the other */
    controller_fixture_refresh(f, "web", "normal");
    assert_non_null(controller_fixture_of(f, "web"));
}

static void named_namespaces_are_watched_one_by_one(void **state UNUSED)
{
    static const char *const MORE[] = {"--application-namespaces=team-a,team-b", NULL};
    assert_int_equal(controller_fixture_run(named_body, MORE), 0);
}

static void applications_may_be_in_other_namespaces(void **state UNUSED)
{
    static const char *const MORE[] = {"--application-namespaces=team-*", NULL};
    assert_int_equal(controller_fixture_run(elsewhere_body, MORE), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_application_may_vanish_while_it_is_worked_on),
        cmocka_unit_test(another_one_of_the_same_name_begins_anew),
        cmocka_unit_test(the_end_cancels_what_is_under_way),
        cmocka_unit_test(the_end_may_come_in_the_middle_of_a_sync),
        cmocka_unit_test(the_end_begins_nothing_new),
        cmocka_unit_test(the_end_does_not_wait_for_a_kind_that_may_come),
        cmocka_unit_test(a_small_request_does_not_pull_a_large_one_forward),
        cmocka_unit_test(the_revision_is_asked_for_now_and_then),
        cmocka_unit_test(projects_apply_as_they_change),
        cmocka_unit_test(tracking_applies_as_it_changes),
        cmocka_unit_test(every_part_of_the_spec_counts_at_once),
        cmocka_unit_test(applications_are_found_by_their_instance_name),
        cmocka_unit_test(parameters_apply_as_they_change),
        cmocka_unit_test(applications_may_be_in_other_namespaces),
        cmocka_unit_test(named_namespaces_are_watched_one_by_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
