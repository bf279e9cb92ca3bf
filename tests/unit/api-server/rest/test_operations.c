/* Operations over REST: what is written for the controller, and what is refused. */
#include "tests/lib/api_fixture.h"

#define A "/api/v1/applications/a"

static const struct value *operation(struct api_fixture *f)
{
    return value_dig(fake_cluster_get(f->cluster, "Application", "argocd", "a"), "operation");
}

static void syncs(struct api_fixture *f)
{
    api_fixture_login(f);
    api_fixture_app(f, "a", "  syncPolicy: {syncOptions: [A=b], retry: {limit: 2}}\n");
    struct api_answer a = api_fixture_call(f, "POST", A "/sync", "{}");
    assert_int_equal(a.status, 200);
    assert_yaml(f->arena, operation(f),
                "{sync: {syncStrategy: {hook: {}}, syncOptions: [A=b]}, retry: {limit: 2},"
                " initiatedBy: {username: admin}}");
    API_REFUSED(f, "POST", A "/sync", "{}", 400, 3, "another operation is already in progress");
}

static void starts_syncs(void **state UNUSED)
{
    API_TEST(syncs);
}

static void all_fields(struct api_fixture *f)
{
    api_fixture_login(f);
    api_fixture_app(f, "a", "");
    assert_int_equal(
        api_fixture_call(
            f, "POST", A "/sync",
            "{\"revision\":\"r\",\"dryRun\":true,\"prune\":true,\"manifests\":"
            "[\"{\\\"apiVersion\\\":\\\"v1\\\",\\\"kind\\\":\\\"K\\\",\\\"metadata\\\":{"
            "\\\"name\\\":\\\"m\\\"}}\"],"
            "\"strategy\":{\"apply\":{\"force\":"
            "true}},"
            "\"resources\":[{\"kind\":\"K\",\"name\":\"m\"}],\"infos\":[{\"name\":\"i\",\"value\":"
            "\"v\"}],"
            "\"syncOptions\":{\"items\":[\"C=d\"]},\"retryStrategy\":{\"limit\":1},\"unknown\":1}")
            .status,
        200);
    assert_yaml(
        f->arena, operation(f),
        "{sync: {revision: r, dryRun: true, manifests: "
        "['{\"apiVersion\":\"v1\",\"kind\":\"K\",\"metadata\":{\"name\":\"m\"}}'], prune: true, "
        "syncStrategy: {apply: "
        "{force: true}},"
        " resources: [{kind: K, name: m}], syncOptions: [C=d]}, info: [{name: i, value: v}],"
        " retry: {limit: 1}, initiatedBy: {username: admin}}");
}

static void no_objects(struct api_fixture *f)
{
    api_fixture_login(f);
    api_fixture_app(f, "a", "");
    API_REFUSED(f, "POST", A "/sync", "{\"manifests\":[\"{}\"]}", 400, 3, "manifest 1");
    API_REFUSED(f, "POST", A "/sync", "{\"manifests\":[\"{\"]}", 400, 3, "manifest 1");
    API_REFUSED(f, "POST", A "/sync", "{\"manifests\":[7]}", 400, 3, "manifest 1");
}

static void local_manifests_are_objects(void **state UNUSED)
{
    API_TEST(no_objects);
}

static void passes_on_what_was_asked_for(void **state UNUSED)
{
    API_TEST(all_fields);
}

static void automated(struct api_fixture *f)
{
    api_fixture_login(f);
    api_fixture_app(f, "a", "  syncPolicy: {automated: {}}\nstatus: {history: [{id: 0}]}\n");
    API_REFUSED(f, "POST", A "/sync", "{\"manifests\":[\"{}\"]}", 400, 3,
                "cannot use local sync when Automatic Sync Policy is enabled");
    API_REFUSED(f, "POST", A "/sync", "{\"revision\":\"r\"}", 400, 3,
                "Cannot sync to r: auto-sync currently set to HEAD");
    API_REFUSED(f, "POST", A "/rollback", "{\"id\":0}", 400, 3, "auto-sync is enabled");
    assert_int_equal(api_fixture_call(f, "POST", A "/sync", "{\"revision\":\"HEAD\"}").status, 200);
}

static void automated_sync_has_its_own_revision(void **state UNUSED)
{
    API_TEST(automated);
}

#define HISTORY                                                         \
    "status: {history: [{id: 0, revision: r0, source: {repoURL: u0}}, " \
    "{id: 1, revision: r1, source: {repoURL: u1}}, {id: 2, revision: r2}]}\n"

static void rolls_back(struct api_fixture *f)
{
    api_fixture_login(f);
    api_fixture_app(f, "a", HISTORY);
    API_REFUSED(f, "POST", A "/rollback", "{\"id\":7}", 400, 3, "deployment with id 7");
    API_REFUSED(f, "POST", A "/rollback", "{\"id\":\"x\"}", 400, 3, "deployment with id");
    assert_int_equal(
        api_fixture_call(f, "POST", A "/rollback", "{\"id\":0,\"prune\":true,\"dryRun\":true}")
            .status,
        200);
    assert_yaml(f->arena, operation(f),
                "{sync: {revision: r0, source: {repoURL: u0}, prune: true, dryRun: true,"
                " syncStrategy: {apply: {}}}, initiatedBy: {username: admin}}");
}

static void rolls_back_one(struct api_fixture *f)
{
    api_fixture_login(f);
    api_fixture_app(f, "a", HISTORY);
    assert_int_equal(api_fixture_call(f, "POST", A "/rollback", "{}").status, 200);
    ASSERT_STR(value_dig_str(operation(f), "sync", "revision"), "r1");
}

static void goes_back_to_what_is_named(void **state UNUSED)
{
    API_TEST(rolls_back);
    API_TEST(rolls_back_one);
}

static void terminates(struct api_fixture *f)
{
    api_fixture_login(f);
    api_fixture_app(f, "a", "");
    API_REFUSED(f, "DELETE", A "/operation", NULL, 400, 3, "No operation is in progress");
    api_fixture_app(f, "b", "operation: {sync: {}}\nstatus: {operationState: {phase: Running}}\n");
    ASSERT_STR(api_fixture_call(f, "DELETE", "/api/v1/applications/b/operation", NULL).text, "{}");
    ASSERT_STR(value_dig_str(fake_cluster_get(f->cluster, "Application", "argocd", "b"), "status",
                             "operationState", "phase"),
               "Terminating");
}

static void terminates_what_runs(void **state UNUSED)
{
    API_TEST(terminates);
}

static void deleting(struct api_fixture *f)
{
    api_fixture_login(f);
    api_fixture_app(f, "a", "");
    fake_cluster_patch(f->cluster, "Application", "argocd", "a",
                       "{metadata: {finalizers: [x], deletionTimestamp: '2026-01-01T00:00:00Z'}}");
    /* noticed at the latest when the patch is refused as out of date */
    API_REFUSED(f, "POST", A "/sync", "{}", 400, 3, "application is deleting");
}

static void not_while_deleting(void **state UNUSED)
{
    API_TEST(deleting);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starts_syncs),
        cmocka_unit_test(passes_on_what_was_asked_for),
        cmocka_unit_test(local_manifests_are_objects),
        cmocka_unit_test(automated_sync_has_its_own_revision),
        cmocka_unit_test(goes_back_to_what_is_named),
        cmocka_unit_test(terminates_what_runs),
        cmocka_unit_test(not_while_deleting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
