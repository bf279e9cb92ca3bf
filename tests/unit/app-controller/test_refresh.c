/* Refreshes, through a whole controller. */
#include "app-controller/live/live_cache.h"
#include "tests/lib/controller_apps.h"

#define ONE_MAP   "[" CONFIG_MAP("a", "one") "]"
#define APP_PATCH "PATCH /apis/argoproj.io"

static void annotation_body(struct controller_fixture *f)
{
    controller_fixture_begin(f, ONE_MAP, "");
    controller_fixture_refresh(f, "web", "normal");
    assert_true(fake_repo_seen(f->repo)->no_revision_cache);
    assert_false(fake_repo_seen(f->repo)->no_cache);
    controller_fixture_idle(f);
    controller_fixture_request(f, "web", REFRESH_LATEST);
    assert_false(fake_repo_seen(f->repo)->no_revision_cache);
}

static void the_annotation_is_answered_and_removed(void **state UNUSED)
{
    CONTROLLER_TEST(annotation_body);
}

static void hard_body(struct controller_fixture *f)
{
    controller_fixture_synced(f, ONE_MAP, "");
    fake_cluster_forget_log(f->cluster);
    controller_fixture_refresh(f, "web", "hard");
    assert_true(fake_repo_seen(f->repo)->no_cache);
    controller_fixture_idle(f);
    UNTIL_SYNC(f, "web", "Synced");
    assert_int_equal(fake_cluster_count(f->cluster, "GET /api/v1/configmaps?", ""), 1);
    assert_int_equal(fake_cluster_count(f->cluster, "GET /apis/apps/v1/deployments?", ""), 1);
}

static void a_hard_refresh_renders_anew_and_lists_once(void **state UNUSED)
{
    CONTROLLER_TEST(hard_body);
}

static size_t n_dry_runs(struct controller_fixture *f)
{
    return fake_cluster_count(f->cluster, "PATCH ", "dryRun=All");
}

static void answers_body(struct controller_fixture *f)
{
    controller_fixture_synced(f, ONE_MAP, "");
    controller_fixture_patch(
        f, "web",
        "metadata: {annotations: {argocd.argoproj.io/compare-options: ServerSideDiff=true}}");
    controller_fixture_refresh(f, "web", "normal");
    controller_fixture_idle(f);
    size_t n = n_dry_runs(f);
    assert_true(n > 0);
    controller_fixture_request(f, "web", REFRESH_LATEST);
    controller_fixture_idle(f);
    assert_int_equal(n_dry_runs(f), n);
    controller_fixture_refresh(f, "web", "normal");
    controller_fixture_idle(f);
    assert_int_equal(n_dry_runs(f), n + 1);
}

static void a_refresh_that_is_asked_for_trusts_no_old_answers(void **state UNUSED)
{
    CONTROLLER_TEST(answers_body);
}

static void quiet_body(struct controller_fixture *f)
{
    controller_fixture_synced(f, ONE_MAP, "");
    size_t n_calls = fake_repo_n_calls(f->repo);
    fake_cluster_forget_log(f->cluster);
    controller_fixture_request(f, "web", REFRESH_LATEST);
    controller_fixture_request(f, "web", REFRESH_RECENT);
    assert_int_equal(fake_repo_n_calls(f->repo), n_calls + 1);
    assert_int_equal(fake_cluster_count(f->cluster, "", ""), 0);
}

static void nothing_is_written_when_nothing_changed(void **state UNUSED)
{
    CONTROLLER_TEST(quiet_body);
}

static void drift_body(struct controller_fixture *f)
{
    controller_fixture_synced(f, ONE_MAP, "");
    size_t n_calls = fake_repo_n_calls(f->repo);
    fake_cluster_patch(f->cluster, "ConfigMap", "ns", "a", "data: {text: changed}");
    UNTIL_SYNC(f, "web", "OutOfSync");
    assert_int_equal(fake_repo_n_calls(f->repo), n_calls); /* compared with what is known */
    fake_cluster_remove(f->cluster, "ConfigMap", "ns", "a");
    UNTIL(f, "web", "Missing", "status", "health", "status");
}

static void drift_is_noticed_without_the_repository(void **state UNUSED)
{
    CONTROLLER_TEST(drift_body);
}

static void automated_body(struct controller_fixture *f)
{
    controller_fixture_begin(f, ONE_MAP, "syncPolicy: {automated: {prune: true, selfHeal: true}}");
    UNTIL_SYNC(f, "web", "Synced");
    UNTIL_PHASE(f, "web", "Succeeded");
    fake_cluster_patch(f->cluster, "ConfigMap", "ns", "a", "data: {text: changed}");
    UNTIL_SYNC(f, "web", "OutOfSync");
    UNTIL_SYNC(f, "web", "Synced");
    const struct value *map = fake_cluster_get(f->cluster, "ConfigMap", "ns", "a");
    ASSERT_STR(value_dig_str(map, "data", "text"), "one");
    controller_fixture_move(f, "[" CONFIG_MAP("b", "two") "]");
    controller_fixture_until_gone(f, "ConfigMap", "a");
    controller_fixture_until_there(f, "ConfigMap", "b");
    UNTIL_SYNC(f, "web", "Synced");
}

static void automated_syncs_heal_and_prune(void **state UNUSED)
{
    CONTROLLER_TEST(automated_body);
}

static void spec_body(struct controller_fixture *f)
{
    controller_fixture_synced(f, ONE_MAP, "");
    controller_fixture_request(f, "web", REFRESH_LATEST);
    assert_false(fake_repo_seen(f->repo)->no_revision_cache);
    controller_fixture_patch(f, "web", "spec: {source: {targetRevision: other}}");
    UNTIL(f, "web", "other", "status", "sync", "comparedTo", "source", "targetRevision");
    assert_string_equal(fake_repo_seen(f->repo)->revision, "other");
    assert_true(fake_repo_seen(f->repo)->no_revision_cache);
}

static void a_changed_spec_is_compared_at_once(void **state UNUSED)
{
    CONTROLLER_TEST(spec_body);
}

static void not_ready_body(struct controller_fixture *f)
{
    fake_cluster_fail(f->cluster, "GET /api/v1/configmaps?", 1000, 503, "ServiceUnavailable");
    fake_repo_set(f->repo, "r1", ONE_MAP);
    controller_fixture_app(f, "web", "", "");
    controller_fixture_until_condition(f, "web", "ComparisonError", "ServiceUnavailable");
    ASSERT_STR(value_dig_str(controller_fixture_get(f, "web"), "status", "sync", "status"),
               "Unknown");
    fake_cluster_fail(f->cluster, "GET ", 0, 0, "");
    UNTIL_SYNC(f, "web", "OutOfSync");
    controller_fixture_until_condition(f, "web", "ComparisonError", "");
}

static void a_cluster_in_trouble_is_told_and_waited_for(void **state UNUSED)
{
    CONTROLLER_TEST(not_ready_body);
}

static bool is_failing(void *data)
{
    struct controller_fixture *f = data;
    return live_cache_error(controller_fixture_of(f, "web")->cache) != NULL;
}

/* The answer was an error, and with it the request is gone from the object: it is owed all the same. */
static void owed_body(struct controller_fixture *f)
{
    controller_fixture_synced(f, ONE_MAP, "");
    fake_cluster_fail(f->cluster, "GET /api/v1/", 1000, 401, "Unauthorized");
    fake_cluster_break_watches(f->cluster);
    controller_fixture_wait(f, is_failing, f);
    fake_repo_set(f->repo, "r2", ONE_MAP);
    controller_fixture_refresh(f, "web", "normal");
    controller_fixture_until_condition(f, "web", "ComparisonError",
                                       "cluster https://kubernetes.default.svc");
    fake_cluster_fail(f->cluster, "GET ", 0, 0, "");
    UNTIL(f, "web", "r2", "status", "sync", "revision");
    controller_fixture_until_condition(f, "web", "ComparisonError", "");
}

static void a_refresh_during_an_outage_is_made_up_for(void **state UNUSED)
{
    CONTROLLER_TEST(owed_body);
}

static void tolerated_body(struct controller_fixture *f)
{
    controller_fixture_synced(f, ONE_MAP, "");
    fake_cluster_forget_log(f->cluster);
    fake_repo_fail(f->repo, ERR_UNAVAILABLE);
    controller_fixture_request(f, "web", REFRESH_LATEST);
    assert_int_equal(fake_cluster_count(f->cluster, APP_PATCH, ""), 0);
    controller_fixture_refresh(f, "web", "normal"); /* now somebody wants to know */
    controller_fixture_until_condition(f, "web", "ComparisonError", "Failed to load target state");
    UNTIL_SYNC(f, "web", "Unknown");
    fake_repo_fail(f->repo, ERR_OK);
    UNTIL_SYNC(f, "web", "Synced");
    controller_fixture_until_condition(f, "web", "ComparisonError", "");
}

static void trouble_with_a_repository_is_tolerated_for_a_while(void **state UNUSED)
{
    CONTROLLER_TEST(tolerated_body);
}

static void no_grace_body(struct controller_fixture *f)
{
    controller_fixture_synced(f, ONE_MAP, "");
    fake_repo_fail(f->repo, ERR_UNAVAILABLE);
    controller_fixture_request(f, "web", REFRESH_LATEST);
    controller_fixture_until_condition(f, "web", "ComparisonError", "Failed to load target state");
}

static void after_the_grace_period_it_is_told(void **state UNUSED)
{
    const char *const more[] = {"--repo-error-grace-period=0s", NULL};
    assert_int_equal(controller_fixture_run(no_grace_body, more), 0);
}

static void wrong_body(struct controller_fixture *f)
{
    controller_fixture_synced(f, ONE_MAP, "");
    fake_repo_fail(f->repo, ERR_NOT_FOUND);
    controller_fixture_request(f, "web", REFRESH_LATEST);
    controller_fixture_until_condition(f, "web", "ComparisonError", "told to fail");
    const struct value *app = controller_fixture_get(f, "web");
    const struct value *resources = value_dig(app, "status", "resources");
    assert_int_equal(value_len(resources), 1); /* as it was */
    ASSERT_STR(value_dig_str(value_at(resources, 0), "status"), "Unknown");
    ASSERT_STR(value_dig_str(app, "status", "health", "status"), "Healthy");
}

static void what_waiting_does_not_mend_is_told_at_once(void **state UNUSED)
{
    CONTROLLER_TEST(wrong_body);
}

static struct controller_config *config_of(struct controller_fixture *f)
{
    return (struct controller_config *)(uintptr_t)f->ctl->config;
}

static void expired_body(struct controller_fixture *f)
{
    controller_fixture_begin(f, ONE_MAP, "");
    controller_fixture_idle(f);
    size_t n_calls = fake_repo_n_calls(f->repo);
    config_of(f)->resync_ms = 0; /* never by itself */
    controller_fixture_of(f, "web")->last_latest_ms = 1;
    controller_fixture_request(f, "web", REFRESH_RECENT);
    assert_int_equal(fake_repo_n_calls(f->repo), n_calls);
    config_of(f)->hard_resync_ms = 1;
    controller_fixture_request(f, "web", REFRESH_RECENT);
    config_of(f)->hard_resync_ms = 0;
    assert_true(fake_repo_n_calls(f->repo) > n_calls);
    assert_true(fake_repo_seen(f->repo)->no_cache);
    assert_false(fake_repo_seen(f->repo)->no_revision_cache);
}

static void it_is_rendered_anew_now_and_then(void **state UNUSED)
{
    CONTROLLER_TEST(expired_body);
}

struct more_calls {
    struct controller_fixture *f;
    size_t than;
};

static bool are_more_calls(void *data)
{
    const struct more_calls *more = data;
    return fake_repo_n_calls(more->f->repo) > more->than;
}

/* What the revision of a refresh is asked with after a change of the spec. */
static bool forces(struct controller_fixture *f, const char *patch)
{
    struct more_calls more = {f, fake_repo_n_calls(f->repo)};
    controller_fixture_patch(f, "web", patch);
    controller_fixture_wait(f, are_more_calls, &more);
    controller_fixture_idle(f);
    return fake_repo_seen(f->repo)->no_revision_cache;
}

static void parts_body(struct controller_fixture *f)
{
    controller_fixture_begin(f, ONE_MAP, "");
    controller_fixture_idle(f);
    assert_true(forces(f, "spec: {source: {path: other}}"));
    assert_false(forces(f, "spec: {destination: {namespace: other}}"));
    assert_false(forces(f, "spec: {ignoreDifferences: [{group: '', kind: ConfigMap, jsonPointers: "
                           "[/data]}]}"));
}

static void only_sources_make_it_ask_the_remote(void **state UNUSED)
{
    CONTROLLER_TEST(parts_body);
}

static void namespace_body(struct controller_fixture *f)
{
    controller_fixture_synced(f, ONE_MAP,
                              "syncPolicy: {syncOptions: [CreateNamespace=true], "
                              "managedNamespaceMetadata: {labels: {a: b}}}");
    controller_fixture_patch(f, "web",
                             "spec: {syncPolicy: {managedNamespaceMetadata: {labels: {a: c}}}}");
    UNTIL_SYNC(f, "web", "OutOfSync");
    controller_fixture_sync_until(f, "", "Succeeded");
    UNTIL_SYNC(f, "web", "Synced");
}

static void metadata_of_the_namespace_counts(void **state UNUSED)
{
    CONTROLLER_TEST(namespace_body);
}

static void ruled_out_body(struct controller_fixture *f)
{
    controller_fixture_synced(f, ONE_MAP, "");
    UNTIL(f, "web", "Healthy", "status", "health", "status");
    controller_fixture_patch(f, "web", "spec: {project: nope}");
    UNTIL_SYNC(f, "web", "Unknown");
    UNTIL(f, "web", "Unknown", "status", "health", "status");
    controller_fixture_until_condition(f, "web", "InvalidSpecError", "nope");
    controller_fixture_idle(f);
    assert_null(controller_fixture_of(f, "web")->cache);
    assert_null(controller_fixture_of(f, "web")->targets);
    controller_fixture_patch(f, "web", "spec: {project: default}");
    UNTIL_SYNC(f, "web", "Synced");
    UNTIL(f, "web", "Healthy", "status", "health", "status");
    assert_false(controller_fixture_of(f, "web")->ruled_out);
}

static void what_may_not_be_is_unknown_and_forgotten(void **state UNUSED)
{
    CONTROLLER_TEST(ruled_out_body);
}

/* The time is that of the last comparison with the latest revision. */
static void reconciled_body(struct controller_fixture *f)
{
    controller_fixture_synced(f, ONE_MAP, "");
    controller_fixture_patch(f, "web", "status: {reconciledAt: '2020-01-01T00:00:00Z'}");
    controller_fixture_idle(f);
    fake_cluster_patch(f->cluster, "ConfigMap", "ns", "a", "data: {text: drifted}");
    UNTIL_SYNC(f, "web", "OutOfSync");
    UNTIL(f, "web", "2020-01-01T00:00:00Z", "status", "reconciledAt");
    controller_fixture_refresh(f, "web", "normal");
    assert_false(str_starts_with(
        value_dig_str(controller_fixture_get(f, "web"), "status", "reconciledAt"), STR("2020")));
}

static void only_the_latest_revision_counts_as_reconciled(void **state UNUSED)
{
    CONTROLLER_TEST(reconciled_body);
}

/* Empty fields of a destination are as good as none. */
static void destination_body(struct controller_fixture *f)
{
    controller_fixture_synced(f, ONE_MAP, "");
    controller_fixture_patch(f, "web", "spec: {destination: {name: ''}}");
    controller_fixture_refresh(f, "web", "normal");
    controller_fixture_idle(f);
    size_t n_calls = fake_repo_n_calls(f->repo);
    controller_fixture_request(f, "web", REFRESH_RECENT);
    assert_int_equal(fake_repo_n_calls(f->repo), n_calls);
}

static void an_empty_field_is_no_other_destination(void **state UNUSED)
{
    CONTROLLER_TEST(destination_body);
}

static void health_body(struct controller_fixture *f)
{
    controller_fixture_synced(f, ONE_MAP, "");
    const struct value *status = value_dig(controller_fixture_get(f, "web"), "status");
    assert_null(value_dig(status, "resourceHealthSource"));
    assert_null(value_dig(value_at(value_dig(status, "resources"), 0), "health"));
    fake_cluster_remove(f->cluster, "ConfigMap", "ns", "a");
    UNTIL(f, "web", "Missing", "status", "health", "status");
    const struct value *resources =
        value_dig(controller_fixture_get(f, "web"), "status", "resources");
    ASSERT_STR(value_dig_str(value_at(resources, 0), "health", "status"), "Missing");
}

static void health_of_objects_is_kept_when_asked_for(void **state UNUSED)
{
    const char *const more[] = {"--persist-resource-health", NULL};
    assert_int_equal(controller_fixture_run(health_body, more), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_may_not_be_is_unknown_and_forgotten),
        cmocka_unit_test(only_the_latest_revision_counts_as_reconciled),
        cmocka_unit_test(an_empty_field_is_no_other_destination),
        cmocka_unit_test(health_of_objects_is_kept_when_asked_for),
        cmocka_unit_test(the_annotation_is_answered_and_removed),
        cmocka_unit_test(a_hard_refresh_renders_anew_and_lists_once),
        cmocka_unit_test(a_refresh_that_is_asked_for_trusts_no_old_answers),
        cmocka_unit_test(nothing_is_written_when_nothing_changed),
        cmocka_unit_test(drift_is_noticed_without_the_repository),
        cmocka_unit_test(automated_syncs_heal_and_prune),
        cmocka_unit_test(a_changed_spec_is_compared_at_once),
        cmocka_unit_test(a_cluster_in_trouble_is_told_and_waited_for),
        cmocka_unit_test(a_refresh_during_an_outage_is_made_up_for),
        cmocka_unit_test(trouble_with_a_repository_is_tolerated_for_a_while),
        cmocka_unit_test(after_the_grace_period_it_is_told),
        cmocka_unit_test(what_waiting_does_not_mend_is_told_at_once),
        cmocka_unit_test(it_is_rendered_anew_now_and_then),
        cmocka_unit_test(only_sources_make_it_ask_the_remote),
        cmocka_unit_test(metadata_of_the_namespace_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
