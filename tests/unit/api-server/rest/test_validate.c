/* Checks before an Application is stored. */
#include "tests/lib/api_fixture.h"

#define APPS "/api/v1/applications"
#define BODY(project, source, destination)                                                    \
    "{\"metadata\":{\"name\":\"v\"},\"spec\":{\"project\":\"" project "\",\"source\":" source \
    ",\"destination\":" destination "}}"
#define SOURCE "{\"repoURL\":\"https://example.com/r.git\",\"path\":\"p\"}"
#define HERE   "{\"server\":\"https://kubernetes.default.svc\",\"namespace\":\"ns\"}"

static void specs(struct api_fixture *f)
{
    api_fixture_login(f);
    API_REFUSED(f, "POST", APPS, BODY("nowhere", SOURCE, HERE), 400, 3,
                "project nowhere which does not exist");
    API_REFUSED(f, "POST", APPS, BODY("default", SOURCE, "{\"server\":\"https://x\"}"), 400, 3,
                "https://x");
    API_REFUSED(f, "POST", APPS, BODY("default", SOURCE, "{\"name\":\"x\"}"), 400, 3,
                "destination");
    API_REFUSED(f, "POST", APPS, BODY("default", "null", HERE), 400, 3,
                "application spec is invalid");
    API_REFUSED(f, "POST", APPS, BODY("default", "{\"repoURL\":\"\"}", HERE), 400, 3, "invalid");
    API_REFUSED(f, "POST", APPS, "{\"metadata\":{\"name\":\"v\"},\"spec\":[]}", 400, 3, "");
    assert_int_equal(fake_repo_n_calls(f->repo), 0);
    assert_int_equal(api_fixture_call(f, "POST", APPS, BODY("default", SOURCE, HERE)).status, 200);
    assert_int_equal(fake_repo_n_calls(f->repo), 1);
}

static void looks_at_the_spec_first(void **state UNUSED)
{
    API_TEST(specs);
}

static void limited_project(struct api_fixture *f)
{
    fake_cluster_put(f->cluster,
                     "{apiVersion: argoproj.io/v1alpha1, kind: AppProject, metadata: {name: p1,"
                     " namespace: argocd}, spec: {sourceRepos: ['https://example.com/other'],"
                     " destinations: [{server: '*', namespace: '*'}]}}");
    api_fixture_login(f);
    for (int i = 0; i < 2000; i++) {
        if (api_fixture_call(f, "GET", "/api/v1/projects/p1", NULL).status == 200) {
            break;
        }
    }
    API_REFUSED(f, "POST", APPS, BODY("p1", SOURCE, HERE), 400, 3, "not permitted");
}

static void projects_have_rules(void **state UNUSED)
{
    API_TEST(limited_project);
}

static void repositories(struct api_fixture *f)
{
    const char *body = BODY("default", SOURCE, HERE);
    api_fixture_login(f);
    fake_repo_fail(f->repo, ERR_NOT_FOUND); /* the path, the revision */
    API_REFUSED(f, "POST", APPS, body, 400, 3, "application spec is invalid");
    fake_repo_fail(f->repo, ERR_UNAVAILABLE); /* nobody's fault: try again */
    API_REFUSED(f, "POST", APPS, body, 503, 14, "told to fail");
    assert_int_equal(api_fixture_call(f, "POST", APPS "?validate=false", body).status, 200);
}

static void asks_the_repository(void **state UNUSED)
{
    API_TEST(repositories);
}

static bool is_held(void *data)
{
    return fake_repo_n_held(((struct api_fixture *)data)->repo) > 0;
}

/* The Application changes while the repository is asked about it. */
static void meanwhile(struct api_fixture *f)
{
    struct http_result result = {0};
    api_fixture_login(f);
    api_fixture_app(f, "a", "");
    fake_repo_hold(f->repo);
    struct http_call_opts opts = {
        .method = "PUT",
        .headers = api_fixture_headers(f, "PUT"),
        .body = STR("{\"project\":\"default\",\"source\":" SOURCE ",\"destination\":" HERE "}"),
    };
    api_fixture_begin(f, opts, APPS "/a/spec", &result);
    api_fixture_wait(f, is_held, f);
    fake_cluster_patch(f->cluster, "Application", "argocd", "a",
                       "{metadata: {labels: {app: changed}}}");
    for (int i = 0; i < 2000; i++) {
        const struct value *found = api_fixture_get(f, APPS "?selector=app%3Dchanged");
        if (value_len(value_dig(found, "items")) == 1) {
            break;
        }
    }
    fake_repo_let_go(f->repo);
    api_fixture_wait(f, http_result_is_done, &result);
    struct api_answer a = api_fixture_answer(f, &result);
    assert_int_equal(a.status, 200);
    ASSERT_STR(value_dig_str(a.json, "source", "path"), "p");
    const struct value *now = fake_cluster_get(f->cluster, "Application", "argocd", "a");
    ASSERT_STR(value_dig_str(now, "metadata", "labels", "app"), "changed");
}

static void holds_what_it_looks_at(void **state UNUSED)
{
    API_TEST(meanwhile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(looks_at_the_spec_first),
        cmocka_unit_test(projects_have_rules),
        cmocka_unit_test(asks_the_repository),
        cmocka_unit_test(holds_what_it_looks_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
