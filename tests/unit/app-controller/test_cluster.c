/* Destination clusters of a controller. */
#include "app-controller/cluster.h"
#include "common/base/b64.h"
#include "common/kube/kube_config.h"
#include "tests/lib/controller_apps.h"

#define ONE_MAP "[" CONFIG_MAP("a", "one") "]"

/* A secret for the cluster the controller runs in; more: further keys in base64. */
static void put_own(struct controller_fixture *f, const char *annotations, const char *more)
{
    fake_cluster_put(
        f->cluster,
        arena_printf(
            f->arena,
            "{apiVersion: v1, kind: Secret, metadata: {name: own, namespace: argocd, labels: "
            "{argocd.argoproj.io/secret-type: cluster}, annotations: {%s}}, "
            "data: {server: aHR0cHM6Ly9rdWJlcm5ldGVzLmRlZmF1bHQuc3Zj, name: b3du%s}}",
            annotations, more)
            .p);
}

static void put_secret(struct controller_fixture *f, const char *name, const char *server)
{
    struct str b64 = b64_encode_in(f->arena, str_from(server), B64_STANDARD);
    fake_cluster_put(f->cluster,
                     arena_printf(f->arena,
                                  "{apiVersion: v1, kind: Secret, metadata: {name: %s, namespace: "
                                  "argocd, labels: {argocd.argoproj.io/secret-type: cluster}}, "
                                  "data: {server: '" STR_FMT "', name: " STR_FMT "}}",
                                  name, STR_ARG(b64),
                                  STR_ARG(b64_encode_in(f->arena, str_from(name), B64_STANDARD)))
                         .p);
}

static void to_cluster(struct controller_fixture *f, const char *server)
{
    controller_fixture_app(
        f, "web", "",
        arena_printf(f->arena, "destination: {server: '%s', namespace: ns}", server).p);
}

static void other_body(struct controller_fixture *f)
{
    struct fake_cluster *other = fake_cluster_new(f->loop);
    fake_cluster_put(other, "{apiVersion: v1, kind: Namespace, metadata: {name: ns}}");
    put_secret(f, "east", fake_cluster_url(other));
    fake_repo_set(f->repo, "r1", ONE_MAP);
    to_cluster(f, fake_cluster_url(other));
    UNTIL_SYNC(f, "web", "OutOfSync");
    controller_fixture_sync_until(f, "", "Succeeded");
    assert_non_null(fake_cluster_get(other, "ConfigMap", "ns", "a"));
    assert_null(fake_cluster_get(f->cluster, "ConfigMap", "ns", "a"));
    fake_cluster_remove(f->cluster, "Secret", "argocd", "east");
    controller_fixture_until_condition(f, "web", "InvalidSpecError", "127.0.0.1");
    assert_null(controller_fixture_of(f, "web")->cache);
    put_secret(f, "east", fake_cluster_url(other));
    UNTIL_SYNC(f, "web", "Synced");
    controller_fixture_idle(f);
    fake_cluster_remove(f->cluster, "Secret", "argocd", "east");
    controller_fixture_until_condition(f, "web", "InvalidSpecError", "127.0.0.1");
    fake_cluster_free(other);
}

static void a_cluster_comes_and_goes_with_its_secret(void **state UNUSED)
{
    CONTROLLER_TEST(other_body);
}

static bool has_moved(void *data)
{
    struct app *app = controller_fixture_of(data, "web");
    return app->waiting && app->cache != NULL && app->interests.cache != app->cache;
}

static bool has_one_cluster_less(void *data)
{
    return map_len(((struct controller_fixture *)data)->ctl->clusters) == 1;
}

/* The application still holds records of the first cluster while it waits for the second. */
static void moved_body(struct controller_fixture *f)
{
    struct fake_cluster *east = fake_cluster_new(f->loop);
    struct fake_cluster *west = fake_cluster_new(f->loop);
    fake_cluster_fail(west, "GET ", 100000, 503, "ServiceUnavailable");
    put_secret(f, "east", fake_cluster_url(east));
    put_secret(f, "west", fake_cluster_url(west));
    fake_repo_set(f->repo, "r1", ONE_MAP);
    to_cluster(f, fake_cluster_url(east));
    UNTIL_SYNC(f, "web", "OutOfSync");
    controller_fixture_idle(f);
    controller_fixture_patch(
        f, "web",
        arena_printf(f->arena, "spec: {destination: {server: '%s'}}", fake_cluster_url(west)).p);
    controller_fixture_wait(f, has_moved, f);
    fake_cluster_remove(f->cluster, "Secret", "argocd", "east");
    controller_fixture_wait(f, has_one_cluster_less, f);
    assert_int_equal(controller_fixture_of(f, "web")->interests.n, 0);
    fake_cluster_fail(west, "GET ", 0, 0, "");
    UNTIL_SYNC(f, "web", "OutOfSync");
    fake_cluster_remove(f->cluster, "Secret", "argocd", "west");
    controller_fixture_until_condition(f, "web", "InvalidSpecError", "127.0.0.1");
    fake_cluster_free(east);
    fake_cluster_free(west);
}

static void nothing_is_held_of_a_cluster_that_went(void **state UNUSED)
{
    CONTROLLER_TEST(moved_body);
}

static void begin_own(struct controller_fixture *f, const char *more, const char *objects)
{
    put_own(f, "", more);
    fake_repo_set(f->repo, "r1", objects);
    controller_fixture_app(f, "web", "", "");
}

/* namespaces: ns,more */
static void limited_body(struct controller_fixture *f)
{
    begin_own(f, ", namespaces: bnMsbW9yZQ==", ONE_MAP);
    UNTIL_SYNC(f, "web", "OutOfSync");
    assert_true(fake_cluster_count(f->cluster, "GET /api/v1/namespaces/ns/configmaps", "") > 0);
    assert_true(fake_cluster_count(f->cluster, "GET /api/v1/namespaces/more/configmaps", "") > 0);
    assert_int_equal(fake_cluster_count(f->cluster, "GET /api/v1/configmaps", ""), 0);
    controller_fixture_sync_until(f, "", "Succeeded");
    UNTIL_SYNC(f, "web", "Synced");
    fake_repo_set(f->repo, "r2",
                  "[{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: else}}]");
    controller_fixture_refresh(f, "web", "normal");
    controller_fixture_until_condition(f, "web", "ComparisonError",
                                       "Namespace \"else\" for ConfigMap \"a\" is not managed");
    fake_repo_set(f->repo, "r3", "[{apiVersion: v1, kind: Namespace, metadata: {name: x}}]");
    controller_fixture_refresh(f, "web", "normal");
    controller_fixture_until_condition(
        f, "web", "ComparisonError",
        "Cluster level Namespace \"x\" can not be managed when in namespaced mode");
    put_own(f, "", ", namespaces: bnMsbW9yZQ==, clusterResources: dHJ1ZQ==");
    UNTIL_SYNC(f, "web", "OutOfSync"); /* without restart */
    controller_fixture_until_condition(f, "web", "ComparisonError", "");
}

static void a_cluster_may_be_limited_to_namespaces(void **state UNUSED)
{
    CONTROLLER_TEST(limited_body);
}

static void put_team(struct controller_fixture *f)
{
    fake_cluster_put(f->cluster, "{apiVersion: argoproj.io/v1alpha1, kind: AppProject, metadata: "
                                 "{name: team, namespace: argocd}, spec: {sourceRepos: ['*'], "
                                 "destinations: [{server: '*', namespace: '*'}], "
                                 "permitOnlyProjectScopedClusters: true}}");
}

/* project: team */
static void scoped_body(struct controller_fixture *f)
{
    put_team(f);
    begin_own(f, "", ONE_MAP);
    controller_fixture_patch(f, "web", "spec: {project: team}");
    controller_fixture_until_condition(f, "web", "InvalidSpecError",
                                       "do not match any of the allowed destinations");
    put_own(f, "", ", project: dGVhbQ==");
    UNTIL_SYNC(f, "web", "OutOfSync");
    assert_string_equal(controller_fixture_condition(f, "web", "InvalidSpecError"), "");
    controller_fixture_sync_until(f, "", "Succeeded");
    UNTIL_SYNC(f, "web", "Synced");
}

static void a_project_may_be_bound_to_its_own_clusters(void **state UNUSED)
{
    CONTROLLER_TEST(scoped_body);
}

#define SKIP "argocd.argoproj.io/skip-reconcile: 'true'"

static void skipped_body(struct controller_fixture *f)
{
    begin_own(f, "", ONE_MAP);
    UNTIL_SYNC(f, "web", "OutOfSync");
    controller_fixture_idle(f);
    put_own(f, SKIP, "");
    controller_fixture_idle(f);
    controller_fixture_sync(f, "web", "");
    controller_fixture_idle(f);
    assert_null(fake_cluster_get(f->cluster, "ConfigMap", "ns", "a"));
    assert_non_null(value_dig(controller_fixture_get(f, "web"), "operation"));
    put_own(f, "", "");
    UNTIL_PHASE(f, "web", "Succeeded");
    assert_non_null(fake_cluster_get(f->cluster, "ConfigMap", "ns", "a"));
}

static void a_cluster_may_be_passed_over(void **state UNUSED)
{
    CONTROLLER_TEST(skipped_body);
}

static void disabled_body(struct controller_fixture *f)
{
    fake_repo_set(f->repo, "r1", ONE_MAP);
    controller_fixture_app(f, "web", "", "");
    UNTIL_SYNC(f, "web", "OutOfSync");
    fake_cluster_put(f->cluster, "{apiVersion: v1, kind: ConfigMap, metadata: {name: argocd-cm, "
                                 "namespace: argocd}, data: {cluster.inClusterEnabled: 'false'}}");
    controller_fixture_until_condition(f, "web", "InvalidSpecError",
                                       "is disabled by cluster.inClusterEnabled");
    fake_cluster_patch(f->cluster, "ConfigMap", "argocd", "argocd-cm",
                       "data: {cluster.inClusterEnabled: 'true'}");
    UNTIL_SYNC(f, "web", "OutOfSync");
}

static void the_own_cluster_comes_and_goes_with_its_setting(void **state UNUSED)
{
    CONTROLLER_TEST(disabled_body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cluster_comes_and_goes_with_its_secret),
        cmocka_unit_test(nothing_is_held_of_a_cluster_that_went),
        cmocka_unit_test(a_cluster_may_be_limited_to_namespaces),
        cmocka_unit_test(a_project_may_be_bound_to_its_own_clusters),
        cmocka_unit_test(a_cluster_may_be_passed_over),
        cmocka_unit_test(the_own_cluster_comes_and_goes_with_its_setting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
