/* Descriptions of sources: for whom, and of what the repo-server is asked. */
#include "tests/lib/api_fixture.h"

#define URL     "/api/v1/repositories/https%3A%2F%2Fexample.com%2Fr.git"
#define DETAILS URL "/appdetails"

static const struct value *post(struct api_fixture *f, const char *body)
{
    struct api_answer a = api_fixture_call(f, "POST", DETAILS, body);
    if (a.status != 200) {
        fail_msg("%s: %d " STR_FMT, body, a.status, STR_ARG(a.text));
    }
    return a.json;
}

static void new_applications(struct api_fixture *f)
{
    const struct fake_repo_seen *seen = fake_repo_seen(f->repo);
    api_fixture_login(f);
    fake_repo_set(f->repo, "r", "[{helm: {values: v}, chart: {home: h}}]");
    assert_yaml(f->arena,
                post(f, "{\"appName\":\"x\",\"source\":{\"repoURL\":\"\",\"path\":\"p\"}}"),
                "{helm: {values: v}, type: Directory}");
    assert_true(seen->describe);
    assert_string_equal(seen->repo_url, "https://example.com/r.git");
    assert_string_equal(seen->app_name, "x");
    (void)api_fixture_get(f, "/api/v1/applications");
    API_REFUSED(f, "POST", DETAILS, "{\"appName\":\"x\"}", 400, 3, "missing payload");
    API_REFUSED(f, "POST", DETAILS, "{\"appName\":\"o/x\",\"source\":{}}", 403, 7,
                "'o' is not permitted");
    API_REFUSED(f, "POST", DETAILS, "{\"appName\":\"x\",\"appProject\":\"p\",\"source\":{}}", 403,
                7, "not permitted in project 'p'");
    fake_repo_set(f->repo, "r", "[]");
    assert_yaml(f->arena, post(f, "{\"source\":{\"ref\":\"a\"}}"), "{type: Directory}");
}

static void of_new_applications(void **state UNUSED)
{
    API_TEST(new_applications);
}

static void known_applications(struct api_fixture *f)
{
    const struct fake_repo_seen *seen = fake_repo_seen(f->repo);
    api_fixture_login(f);
    api_fixture_app(f, "a",
                    "status: {history: [{id: 0, revision: r0, source: {repoURL: "
                    "'https://example.com/r.git', path: old, targetRevision: main}}]}");
    fake_repo_set(f->repo, "r", "[{directory: {}}]");
    (void)post(f, "{\"appName\":\"a\",\"source\":{\"path\":\"p\"}}");
    (void)post(f, "{\"appName\":\"argocd/a\",\"appProject\":\"default\","
                  "\"source\":{\"path\":\"old\",\"targetRevision\":\"r0\"}}");
    assert_string_equal(seen->revision, "r0");
    API_REFUSED(f, "POST", DETAILS,
                "{\"appName\":\"a\",\"source\":{\"path\":\"old\",\"targetRevision\":\"main\"}}",
                403, 7, "permission denied");
    API_REFUSED(f, "POST", DETAILS,
                "{\"appName\":\"a\",\"appProject\":\"other\",\"source\":{\"path\":\"p\"}}", 403, 7,
                "permission denied");
    fake_repo_fail(f->repo, ERR_NOT_FOUND);
    API_REFUSED(f, "POST", DETAILS, "{\"appName\":\"a\",\"source\":{\"path\":\"p\"}}", 404, 5,
                "told to fail");
}

static void of_sources_that_applications_have_or_had(void **state UNUSED)
{
    API_TEST(known_applications);
}

#define CHART "/api/v1/applications/c/revisions/1.2.0/chartdetails"

static void charts(struct api_fixture *f)
{
    const struct fake_repo_seen *seen = fake_repo_seen(f->repo);
    api_fixture_login(f);
    api_fixture_app(f, "a", "");
    fake_cluster_put(f->cluster,
                     "{apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: {name: c, "
                     "namespace: argocd}, spec: {project: default, destination: {name: in-cluster},"
                     " sources: [{repoURL: 'https://c.test', chart: web}, {repoURL: "
                     "'https://d.test', chart: db}]}, status: {history: [{id: 3, revisions: [a, b],"
                     " sources: [{repoURL: 'https://c.test', chart: old}, {repoURL: x}]}]}}");
    struct api_known known = {f, "c"};
    api_fixture_wait(f, api_fixture_knows, &known);
    fake_repo_set(f->repo, "1.2.0", "[{helm: {}, chart: {home: h, maintainers: [m]}}]");
    assert_yaml(f->arena, api_fixture_get(f, CHART), "{home: h, maintainers: [m]}");
    assert_string_equal(seen->revision, "1.2.0");
    assert_string_equal(seen->chart, "web");
    (void)api_fixture_get(f, CHART "?sourceIndex=1");
    assert_string_equal(seen->chart, "db");
    (void)api_fixture_get(f, CHART "?versionId=3");
    assert_string_equal(seen->chart, "old");
    API_REFUSED(f, "GET", CHART "?versionId=3&sourceIndex=1", NULL, 400, 3, "not a chart");
    API_REFUSED(f, "GET", CHART "?versionId=4", NULL, 400, 3, "no entry 4");
    API_REFUSED(f, "GET", CHART "?sourceIndex=2", NULL, 400, 3, "no source with this index");
    API_REFUSED(f, "GET", CHART "?sourceIndex=x", NULL, 400, 3, "sourceIndex");
    API_REFUSED(f, "GET", "/api/v1/applications/a/revisions/1/chartdetails", NULL, 400, 3,
                "not a chart");
}

static void charts_say_what_they_are(void **state UNUSED)
{
    API_TEST(charts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_new_applications),
        cmocka_unit_test(of_sources_that_applications_have_or_had),
        cmocka_unit_test(charts_say_what_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
