/* Projects, clusters and repositories over REST. */
#include "tests/lib/api_fixture.h"

static void projects(struct api_fixture *f)
{
    api_fixture_login(f);
    const struct value *list = api_fixture_get(f, "/api/v1/projects");
    assert_int_equal(value_len(value_dig(list, "items")), 1);
    ASSERT_STR(value_dig_str(value_at(value_dig(list, "items"), 0), "metadata", "name"), "default");
    list = api_fixture_get(f, "/api/v1/projects?name=other");
    assert_int_equal(value_len(value_dig(list, "items")), 0);
    assert_yaml(f->arena,
                value_dig(api_fixture_get(f, "/api/v1/projects/default"), "spec", "sourceRepos"),
                "['*']");
    API_REFUSED(f, "GET", "/api/v1/projects/other", NULL, 404, 5, "\"other\" not found");
}

static void lists_projects(void **state UNUSED)
{
    API_TEST(projects);
}

static void clusters(struct api_fixture *f)
{
    api_fixture_login(f);
    f->answer = "{items: [{server: 'https://kubernetes.default.svc', status: Successful,"
                " serverVersion: '1.30', message: m}]}";
    const struct value *list = api_fixture_get(f, "/api/v1/clusters");
    assert_yaml(f->arena, value_dig(list, "items"),
                "[{server: 'https://kubernetes.default.svc', name: in-cluster,"
                " config: {tlsClientConfig: {insecure: false}}, serverVersion: '1.30',"
                " connectionState: {status: Successful, message: m}}]");
    f->fails = ERR_UNAVAILABLE; /* they are listed all the same */
    list = api_fixture_get(f, "/api/v1/clusters?fields=items.connectionState.status");
    assert_yaml(f->arena, list, "{items: [{connectionState: {status: Unknown}}]}");
}

static void lists_clusters(void **state UNUSED)
{
    API_TEST(clusters);
}

static const struct value *repositories(struct api_fixture *f)
{
    return value_dig(api_fixture_get(f, "/api/v1/repositories"), "items");
}

/* url, username and password are base64 of "https://example.com/r", "u" and "secret". */
static void without_credentials(struct api_fixture *f)
{
    api_fixture_login(f);
    assert_int_equal(value_len(repositories(f)), 0);
    fake_cluster_put(f->cluster,
                     "{apiVersion: v1, kind: Secret, metadata: {name: r, namespace: argocd,"
                     " labels: {argocd.argoproj.io/secret-type: repository}},"
                     " data: {type: Z2l0, url: aHR0cHM6Ly9leGFtcGxlLmNvbS9y, username: dQ==,"
                     " password: c2VjcmV0, insecure: dHJ1ZQ==}}");
    for (int i = 0; i < 2000 && value_len(repositories(f)) == 0; i++) {
    }
    assert_yaml(f->arena, repositories(f),
                "[{repo: 'https://example.com/r', username: u, type: git, insecure: true}]");
    const struct value *none =
        api_fixture_get(f, "/api/v1/repositories?repo=https%3A%2F%2Fexample.com%2Fx");
    assert_int_equal(value_len(value_dig(none, "items")), 0);
    assert_yaml(f->arena,
                api_fixture_get(f, "/api/v1/repositories/https%3A%2F%2Fexample.com%2Fr/helmcharts"),
                "{items: [{name: u, versions: [1.0.0]}]}");
    API_REFUSED(f, "GET", "/api/v1/repositories/https%3A%2F%2Fexample.com%2Fx/helmcharts", NULL,
                404, 5, "is not set up");
    fake_repo_fail(f->repo, ERR_UNAUTHENTICATED);
    API_REFUSED(f, "GET", "/api/v1/repositories/https%3A%2F%2Fexample.com%2Fr/helmcharts", NULL,
                400, 3, "told to fail");
}

static void lists_repositories(void **state UNUSED)
{
    API_TEST(without_credentials);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_projects),
        cmocka_unit_test(lists_clusters),
        cmocka_unit_test(lists_repositories),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
