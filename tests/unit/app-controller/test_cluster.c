/* Destination clusters of a controller. */
#include "app-controller/cluster.h"
#include "common/base/b64.h"
#include "common/kube/kube_config.h"
#include "tests/lib/controller_apps.h"

#define ONE_MAP "[" CONFIG_MAP("a", "one") "]"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cluster_comes_and_goes_with_its_secret),
        cmocka_unit_test(nothing_is_held_of_a_cluster_that_went),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
