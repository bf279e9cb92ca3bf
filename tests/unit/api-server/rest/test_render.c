/* Rendering for answers: what the repo-server is asked. */
#include "tests/lib/api_fixture.h"

#define A "/api/v1/applications/a/manifests"

static void asks(struct api_fixture *f)
{
    api_fixture_login(f);
    api_fixture_app(f, "a", "");
    (void)api_fixture_get(f, A);
    const struct fake_repo_seen *seen = fake_repo_seen(f->repo);
    assert_string_equal(seen->revision, "");
    assert_string_equal(seen->app_name, "a");
    assert_string_equal(seen->repo_url, "https://example.com/r.git");
    assert_false(seen->no_cache);
    (void)api_fixture_get(f, A "?revision=v1&noCache=true");
    assert_string_equal(seen->revision, "v1");
    assert_true(seen->no_cache && seen->no_revision_cache);
}

static void asks_the_repo_server(void **state UNUSED)
{
    API_TEST(asks);
}

static void asks_for_cluster(struct api_fixture *f)
{
    const struct fake_repo_seen *seen = fake_repo_seen(f->repo);
    api_fixture_login(f);
    api_fixture_app(f, "a", "");
    (void)api_fixture_get(f, A);
    assert_string_equal(seen->cluster, " ");
    f->cluster_api = "{kubeVersion: v1.30.2, apiVersions: [v1, v1/Pod]}";
    (void)api_fixture_get(f, A);
    assert_string_equal(seen->cluster, "v1.30.2 v1 v1/Pod ");
    f->cluster_fails = ERR_UNAVAILABLE;
    (void)api_fixture_get(f, A);
    assert_string_equal(seen->cluster, " ");
    f->cluster_fails = ERR_INTERNAL;
    API_REFUSED(f, "GET", A, NULL, 500, 13, "knows no cluster");
}

static void renders_for_the_cluster(void **state UNUSED)
{
    API_TEST(asks_for_cluster);
}

static void no_source(struct api_fixture *f)
{
    api_fixture_login(f);
    api_fixture_app(f, "a", "");
    fake_cluster_put(f->cluster, "{apiVersion: argoproj.io/v1alpha1, kind: Application,"
                                 " metadata: {name: b, namespace: argocd}, spec: {project: default,"
                                 " destination: {name: in-cluster}}}");
    struct api_known known = {f, "b"};
    api_fixture_wait(f, api_fixture_knows, &known);
    API_REFUSED(f, "GET", "/api/v1/applications/b/manifests", NULL, 400, 3, "no source");
    fake_repo_garble(f->repo, true);
    fake_repo_set(f->repo, "r", "[{kind: ConfigMap}]");
    assert_yaml(f->arena, value_dig(api_fixture_get(f, A), "manifests"), "['{}']");
}

static void copes_with_nonsense(void **state UNUSED)
{
    API_TEST(no_source);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asks_the_repo_server),
        cmocka_unit_test(renders_for_the_cluster),
        cmocka_unit_test(copes_with_nonsense),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
