/* Trying repositories: with what credentials, and how it fails. */
#include "tests/lib/api_fixture.h"

#define URL "/api/v1/repositories/https%3A%2F%2Fexample.com%2Fr/validate"

static const struct value *repositories(struct api_fixture *f)
{
    return value_dig(api_fixture_get(f, "/api/v1/repositories"), "items");
}

static void tries(struct api_fixture *f)
{
    const struct fake_repo_seen *seen = fake_repo_seen(f->repo);
    api_fixture_login(f);
    assert_int_equal(api_fixture_call(f, "POST", URL, "\"x\"").status, 200);
    assert_string_equal(seen->repo_url, "https://example.com/r");
    assert_string_equal(seen->login, "git     0");
    fake_cluster_put(f->cluster,
                     "{apiVersion: v1, kind: Secret, metadata: {name: r, namespace: argocd,"
                     " labels: {argocd.argoproj.io/secret-type: repository}},"
                     " data: {url: aHR0cHM6Ly9leGFtcGxlLmNvbS9y, username: dQ==,"
                     " password: c2VjcmV0}}");
    for (int i = 0; i < 2000 && value_len(repositories(f)) == 0; i++) {
    }
    assert_int_equal(api_fixture_call(f, "POST", URL, "\"x\"").status, 200);
    assert_string_equal(seen->login, "git u secret   0");
    assert_int_equal(
        api_fixture_call(f, "POST", URL "?type=helm&bearerToken=t&insecure=true", "\"x\"").status,
        200);
    assert_string_equal(seen->login, "helm   t  1");
    API_REFUSED(f, "POST", URL "?githubAppPrivateKey=k", "\"x\"", 501, 12, "not supported");
    fake_repo_fail(f->repo, ERR_UNAUTHENTICATED);
    API_REFUSED(f, "POST", URL, "\"x\"", 400, 3, "told to fail");
}

static void repositories_are_tried(void **state UNUSED)
{
    API_TEST(tries);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(repositories_are_tried)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
