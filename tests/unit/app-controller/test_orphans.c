/* Orphaned resources, through a whole controller. */
#include "app-controller/orphans.h"
#include "tests/lib/controller_apps.h"

#define OBJECT(kind, name, more) \
    "{apiVersion: v1, kind: " kind ", metadata: {name: " name ", namespace: ns" more "}}"

static void put_project(struct controller_fixture *f, const char *orphaned)
{
    fake_cluster_put(f->cluster,
                     arena_printf(f->arena,
                                  "{apiVersion: argoproj.io/v1alpha1, kind: AppProject, metadata: "
                                  "{name: default, namespace: argocd}, spec: {sourceRepos: ['*'], "
                                  "destinations: [{server: '*', namespace: '*'}], "
                                  "namespaceResourceBlacklist: [{group: '', kind: Secret}]%s}}",
                                  orphaned)
                         .p);
}

static void until_told(struct controller_fixture *f, const char *part)
{
    controller_fixture_until_condition(f, "web", "OrphanedResourceWarning", part);
}

static size_t count(struct controller_fixture *f)
{
    return controller_fixture_of(f, "web")->n_orphans;
}

static void told_body(struct controller_fixture *f)
{
    put_project(f, ", orphanedResources: {}");
    fake_cluster_put(f->cluster, OBJECT("ConfigMap", "loose", ""));
    controller_fixture_synced(f, "[" CONFIG_MAP("a", "one") "]", "");
    until_told(f, "Application has 1 orphaned resources");
    size_t n_calls = fake_repo_n_calls(f->repo);
    fake_cluster_put(f->cluster, OBJECT("Service", "other", ""));
    until_told(f, "has 2");
    fake_cluster_put(f->cluster, OBJECT("ConfigMap", "gone",
                                        ", annotations: {argocd.argoproj.io/tracking-id: "
                                        "'nobody:/ConfigMap:ns/gone'}"));
    until_told(f, "has 3"); /* tracked as an application's that is not there */
    fake_cluster_remove(f->cluster, "Service", "ns", "other");
    fake_cluster_remove(f->cluster, "ConfigMap", "ns", "loose");
    until_told(f, "has 1");
    fake_cluster_remove(f->cluster, "ConfigMap", "ns", "gone");
    until_told(f, "");
    assert_int_equal(fake_repo_n_calls(f->repo), n_calls); /* nothing was compared for it */
    ASSERT_STR(value_dig_str(controller_fixture_get(f, "web"), "status", "sync", "status"),
               "Synced");
}

static void they_are_told_as_they_come_and_go(void **state UNUSED)
{
    CONTROLLER_TEST(told_body);
}

static void ignored_body(struct controller_fixture *f)
{
    put_project(f, ", orphanedResources: {ignore: [{group: '', kind: Service}, {kind: ConfigMap, "
                   "name: 'tmp-*'}, {group: apps}]}");
    fake_cluster_put(f->cluster, OBJECT("ConfigMap", "kube-root-ca.crt", ""));
    fake_cluster_put(f->cluster, OBJECT("ConfigMap", "tmp-1", ""));
    fake_cluster_put(f->cluster, OBJECT("Service", "s", ""));
    fake_cluster_put(f->cluster, OBJECT("Endpoints", "s", ""));
    fake_cluster_put(f->cluster, OBJECT("Secret", "forbidden", "")); /* by the project */
    fake_cluster_put(f->cluster, "{apiVersion: apps/v1, kind: Deployment, metadata: {name: d, "
                                 "namespace: ns}}");
    fake_cluster_put(f->cluster, OBJECT("Pod", "owned",
                                        ", ownerReferences: [{uid: "
                                        "00000000-0000-0000-0000-0000000000ff}]"));
    controller_fixture_synced(f, "[" CONFIG_MAP("a", "one") "]", "");
    controller_fixture_request(f, "web", REFRESH_RECENT);
    assert_int_equal(count(f), 0);
    assert_string_equal(controller_fixture_condition(f, "web", "OrphanedResourceWarning"), "");
    fake_cluster_put(f->cluster, OBJECT("ConfigMap", "counts", ""));
    until_told(f, "has 1");
}

static void some_never_count(void **state UNUSED)
{
    CONTROLLER_TEST(ignored_body);
}

static bool has_one(void *data)
{
    return count(data) == 1;
}

static bool is_unwatched(void *data)
{
    const struct controller_fixture *f = data;
    return map_len(f->ctl->orphan_watches) == 0;
}

static void quiet_body(struct controller_fixture *f)
{
    fake_cluster_put(f->cluster, OBJECT("ConfigMap", "loose", ""));
    controller_fixture_synced(f, "[" CONFIG_MAP("a", "one") "]", "");
    assert_int_equal(count(f), 0); /* nobody asked */
    assert_true(is_unwatched(f));
    put_project(f, ", orphanedResources: {warn: false}");
    controller_fixture_wait(f, has_one, f);
    assert_string_equal(controller_fixture_condition(f, "web", "OrphanedResourceWarning"), "");
    assert_false(is_unwatched(f));
    put_project(f, "");
    controller_fixture_wait(f, is_unwatched, f);
    put_project(f, ", orphanedResources: {}");
    until_told(f, "has 1");
    fake_cluster_remove(f->cluster, "Application", "argocd", "web");
    controller_fixture_wait(f, is_unwatched, f);
}

static void only_who_asks_is_told(void **state UNUSED)
{
    CONTROLLER_TEST(quiet_body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_are_told_as_they_come_and_go),
        cmocka_unit_test(some_never_count),
        cmocka_unit_test(only_who_asks_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
