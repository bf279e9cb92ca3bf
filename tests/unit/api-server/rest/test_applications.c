/* Applications over REST: lists, reads, refreshes, writes. */
#include "api-server/rest/applications.h"
#include "common/kube/kube_object.h"
#include "common/settings/settings.h"
#include "tests/lib/api_fixture.h"

#define APPS "/api/v1/applications"
#define SPEC                                                                                   \
    "\"spec\":{\"project\":\"default\",\"source\":{\"repoURL\":\"https://example.com/r.git\"," \
    "\"path\":\"p\"},\"destination\":{\"server\":\"https://kubernetes.default.svc\","          \
    "\"namespace\":\"ns\"}}"
#define OTHER_SPEC                                                                     \
    "\"spec\":{\"project\":\"default\",\"source\":{\"repoURL\":\"https://example.com/" \
    "r.git\",\"path\":"                                                                \
    "\"q\"},\"destination\":{\"server\":\"https://kubernetes.default.svc\",\"namespace\":\"ns\"}}"

static void expect_names(struct api_fixture *f, const char *query, const char *want)
{
    const struct value *list = api_fixture_get(f, arena_printf(f->arena, APPS "?%s", query).p);
    struct buf names;
    buf_init(&names, 1000);
    VALUE_FOREACH(value_dig(list, "items"), app) {
        buf_put(&names, value_dig_str(app, "metadata", "name"));
        buf_put_c(&names, " ");
    }
    ASSERT_STR(buf_str(&names), want);
    assert_true(value_dig_str(list, "metadata", "resourceVersion").n > 0);
    buf_done(&names);
}

static void lists(struct api_fixture *f)
{
    api_fixture_login(f);
    api_fixture_app(f, "b", "");
    api_fixture_app(f, "a", "");
    fake_cluster_put(f->cluster,
                     "{apiVersion: argoproj.io/v1alpha1, kind: Application,"
                     " metadata: {name: c, namespace: argocd}, spec: {project: other, sources:"
                     " [{repoURL: 'https://example.com/x'}, {repoURL: 'https://example.com/y'}]}}");
    struct api_known known = {f, "c"};
    api_fixture_wait(f, api_fixture_knows, &known);
    expect_names(f, "", "a b c ");
    expect_names(f, "name=b", "b ");
    expect_names(f, "selector=app%3Da", "a ");
    expect_names(f, "selector=!app", "c ");
    expect_names(f, "projects=other&projects=more", "c ");
    expect_names(f, "project=default", "a b ");
    expect_names(f, "repo=https://example.com/y", "c ");
    expect_names(f, "repo=https://example.com/r.git", "a b ");
    expect_names(f, "appNamespace=argocd", "a b c ");
    expect_names(f, "appNamespace=else", "");
    expect_names(f, "fields=items.metadata.name", "a b c ");
    API_REFUSED(f, "GET", APPS "?selector=a%20b", NULL, 400, 3, "selector");
}

static void lists_and_filters(void **state UNUSED)
{
    API_TEST(lists);
}

static void finds(struct api_fixture *f)
{
    api_fixture_login(f);
    api_fixture_app(f, "a", "");
    API_REFUSED(f, "GET", APPS "/x", NULL, 403, 7, "permission denied");
    API_REFUSED(f, "GET", APPS "/x?project=default", NULL, 404, 5, "\"x\" not found");
    API_REFUSED(f, "GET", APPS "/a?project=other", NULL, 404, 5, "\"a\" not found");
    API_REFUSED(f, "GET", APPS "/a?appNamespace=other", NULL, 403, 7, "'other' is not permitted");
    API_REFUSED(f, "POST", APPS "/a/sync", "{\"appNamespace\":\"other\"}", 403, 7, "'other'");
    API_REFUSED(f, "POST", APPS "/a/sync", "{\"project\":\"other\"}", 404, 5, "\"a\" not found");
    ASSERT_STR(value_dig_str(api_fixture_get(f, APPS "/a?project=default&appNamespace=argocd"),
                             "metadata", "name"),
               "a");
}

static void does_not_tell_what_exists(void **state UNUSED)
{
    API_TEST(finds);
}

static void creates(struct api_fixture *f)
{
    const char *body = "{\"metadata\":{\"name\":\"n\"}," SPEC ",\"status\":{\"x\":1}}";
    const char *other = "{\"metadata\":{\"name\":\"n\"}," OTHER_SPEC "}";
    api_fixture_login(f);
    struct api_answer a = api_fixture_call(f, "POST", APPS, body);
    assert_int_equal(a.status, 200);
    ASSERT_STR(value_dig_str(a.json, "kind"), "Application");
    ASSERT_STR(value_dig_str(a.json, "metadata", "namespace"), "argocd");
    assert_null(value_dig(a.json, "status"));
    ASSERT_STR(value_dig_str(api_fixture_get(f, APPS "/n"), "metadata", "name"), "n");
    assert_int_equal(api_fixture_call(f, "POST", APPS, body).status, 200); /* the same again */
    API_REFUSED(f, "POST", APPS, other, 400, 3, "use upsert flag to force update");
    a = api_fixture_call(f, "POST", APPS "?upsert=true", other);
    ASSERT_STR(value_dig_str(a.json, "spec", "source", "path"), "q");
    API_REFUSED(f, "POST", APPS, "{}", 400, 3, "metadata.name");
    API_REFUSED(f, "POST", APPS, "[]", 400, 3, "metadata.name");
    API_REFUSED(f, "POST", APPS, "{\"metadata\":{\"name\":\"n\",\"namespace\":\"x\"}," SPEC "}",
                403, 7, "'x' is not permitted");
    fake_cluster_fail(f->cluster, "POST /apis/argoproj.io", 1, 403, "Forbidden");
    API_REFUSED(f, "POST", APPS, "{\"metadata\":{\"name\":\"m\"}," SPEC "}", 403, 7, "");
}

static void creates_and_upserts(void **state UNUSED)
{
    API_TEST(creates);
}

static void changes(struct api_fixture *f)
{
    api_fixture_login(f);
    api_fixture_app(f, "a", "status: {sync: {status: Synced}}\n");
    struct api_answer a = api_fixture_call(
        f, "PUT", APPS "/a",
        "{\"metadata\":{\"name\":\"ignored\",\"annotations\":{\"x\":\"y\"}}," OTHER_SPEC "}");
    assert_int_equal(a.status, 200);
    const struct value *now = fake_cluster_get(f->cluster, "Application", "argocd", "a");
    ASSERT_STR(value_dig_str(now, "spec", "source", "path"), "q");
    ASSERT_STR(value_dig_str(now, "metadata", "annotations", "x"), "y");
    assert_null(value_dig(now, "metadata", "labels"));
    ASSERT_STR(value_dig_str(now, "status", "sync", "status"), "Synced");
    API_REFUSED(f, "PUT", APPS "/a", "{\"metadata\":{\"name\":\"a\"}}", 400, 3, "spec");
    API_REFUSED(f, "PUT", APPS "/x?project=default", "{" SPEC "}", 404, 5, "x");
    a = api_fixture_call(
        f, "PUT", APPS "/a/spec",
        "{\"project\":\"default\",\"source\":{\"repoURL\":"
        "\"https://example.com/r.git\",\"path\":\"z\"},\"destination\":{\"server\":"
        "\"https://kubernetes.default.svc\",\"namespace\":\"ns\"}}");
    ASSERT_STR(value_dig_str(a.json, "source", "path"), "z");
    API_REFUSED(f, "PUT", APPS "/a/spec", "[]", 400, 3, "ApplicationSpec");
}

static void replaces(void **state UNUSED)
{
    API_TEST(changes);
}

#define PATCH(type, patch) "{\"patchType\":\"" type "\",\"patch\":\"" patch "\"}"

static void patches(struct api_fixture *f)
{
    api_fixture_login(f);
    api_fixture_app(f, "a", "");
    struct api_answer a =
        api_fixture_call(f, "PATCH", APPS "/a",
                         PATCH("merge", "{\\\"metadata\\\":{\\\"labels\\\":{\\\"app\\\":null}}}"));
    assert_int_equal(a.status, 200);
    assert_int_equal(value_len(value_dig(a.json, "metadata", "labels")), 0);
    a = api_fixture_call(f, "PATCH", APPS "/a",
                         PATCH("json", "[{\\\"op\\\":\\\"add\\\",\\\"path\\\":\\\"/spec/source/"
                                       "targetRevision\\\",\\\"value\\\":\\\"v1\\\"}]"));
    ASSERT_STR(value_dig_str(a.json, "spec", "source", "targetRevision"), "v1");
    API_REFUSED(f, "PATCH", APPS "/a",
                PATCH("json", "[{\\\"op\\\":\\\"remove\\\",\\\"path\\\":\\\"/x\\\"}]"), 400, 3,
                "error applying patch");
    API_REFUSED(f, "PATCH", APPS "/a", PATCH("json", "{"), 400, 3, "patch");
    API_REFUSED(f, "PATCH", APPS "/a", PATCH("strategic", "{}"), 400, 3, "'strategic'");
    API_REFUSED(f, "PATCH", APPS "/a",
                PATCH("merge", "{\\\"metadata\\\":{\\\"name\\\":\\\"b\\\"}}"), 400, 3, "name");
    API_REFUSED(f, "PATCH", APPS "/a", "{}", 400, 3, "patch");
}

static void patches_of_both_kinds(void **state UNUSED)
{
    API_TEST(patches);
}

static void deletes(struct api_fixture *f)
{
    api_fixture_login(f);
    api_fixture_app(f, "a", "");
    API_REFUSED(f, "DELETE", APPS "/a?propagationPolicy=x", NULL, 400, 3, "policy: x");
    API_REFUSED(f, "DELETE", APPS "/a?cascade=false&propagationPolicy=foreground", NULL, 400, 3,
                "cascading");
    ASSERT_STR(api_fixture_call(f, "DELETE", APPS "/a?propagationPolicy=foreground", NULL).text,
               "{}");
    const struct value *app = fake_cluster_get(f->cluster, "Application", "argocd", "a");
    assert_yaml(f->arena, value_dig(app, "metadata", "finalizers"),
                "[resources-finalizer.argocd.argoproj.io/foreground]");
    assert_non_null(value_dig(app, "metadata", "deletionTimestamp"));
    ASSERT_STR(api_fixture_call(f, "DELETE", APPS "/a?cascade=false", NULL).text, "{}");
    assert_null(fake_cluster_get(f->cluster, "Application", "argocd", "a"));
}

static void deletes_with_finalizers(void **state UNUSED)
{
    API_TEST(deletes);
}

/* ---- refresh ---- */

static bool is_asked_for(void *data)
{
    struct api_fixture *f = data;
    return fake_cluster_count(f->cluster, "PATCH", "argocd.argoproj.io/refresh") > 0 &&
           !list_empty(&f->server->waiting);
}

static void begin_refresh(struct api_fixture *f, struct http_result *result)
{
    struct http_call_opts opts = {.headers = api_fixture_headers(f, "GET")};
    api_fixture_begin(f, opts, APPS "/a?refresh=hard", result);
    api_fixture_wait(f, is_asked_for, f);
}

static void refreshes(struct api_fixture *f)
{
    struct http_result result = {0};
    api_fixture_login(f);
    api_fixture_app(f, "a", "");
    API_REFUSED(f, "GET", APPS "/a?refresh=soft", NULL, 400, 3, "normal or hard");
    begin_refresh(f, &result);
    assert_int_equal(result.n_done, 0);
    fake_cluster_patch(f->cluster, "Application", "argocd", "a",
                       "{metadata: {annotations: {argocd.argoproj.io/refresh: null}}}");
    api_fixture_wait(f, http_result_is_done, &result);
    assert_int_equal(api_fixture_answer(f, &result).status, 200);
}

static void disappears(struct api_fixture *f)
{
    struct http_result result = {0};
    api_fixture_login(f);
    api_fixture_app(f, "a", "");
    begin_refresh(f, &result);
    fake_cluster_remove(f->cluster, "Application", "argocd", "a");
    api_fixture_wait(f, http_result_is_done, &result);
    api_fixture_check(api_fixture_answer(f, &result), 404, 5, "\"a\" not found");
}

static void nobody_refreshes(struct api_fixture *f)
{
    api_fixture_login(f);
    api_fixture_app(f, "a", "");
    API_REFUSED(f, "GET", APPS "/a?refresh=normal", NULL, 504, 4, "is the app-controller running?");
    struct http_result result = {0};
    begin_refresh(f, &result); /* and the server stops */
    applications_stop_waiting(f->server);
    api_fixture_wait(f, http_result_is_done, &result);
    api_fixture_check(api_fixture_answer(f, &result), 503, 14, "stopping");
}

static void waits_for_refreshes(void **state UNUSED)
{
    static const char *const ARGS[] = {"--call-timeout=1s", NULL};
    API_TEST(refreshes);
    API_TEST(disappears);
    assert_int_equal(api_fixture_run(nobody_refreshes, ARGS), 0);
}

#define TEAM_APP(name, ns) \
    "{\"metadata\":{\"name\":\"" name "\",\"namespace\":\"" ns "\"}," TEAM_SPEC "}"
#define TEAM_SPEC                                                                           \
    "\"spec\":{\"project\":\"team\",\"source\":{\"repoURL\":\"https://example.com/r.git\"," \
    "\"path\":\"p\"},\"destination\":{\"server\":\"https://kubernetes.default.svc\","       \
    "\"namespace\":\"ns\"}}"

static const struct value *elsewhere(struct api_fixture *f, const char *ns)
{
    return fake_cluster_get(f->cluster, "Application", ns, "a");
}

static bool team_is_known(void *data)
{
    const struct api_fixture *f = data;
    return settings_project(f->server->settings, STR("team")) != NULL;
}

static void namespaces(struct api_fixture *f)
{
    fake_cluster_put(f->cluster, "{apiVersion: argoproj.io/v1alpha1, kind: AppProject, metadata: "
                                 "{name: team, namespace: argocd}, spec: {sourceRepos: ['*'], "
                                 "destinations: [{server: '*', namespace: '*'}], "
                                 "sourceNamespaces: [team-a, team-b]}}");
    api_fixture_wait(f, team_is_known, f);
    api_fixture_login(f);
    api_fixture_app(f, "a", "");
    API_REFUSED(f, "POST", APPS, TEAM_APP("a", "other"), 403, 7, "'other' is not permitted");
    API_REFUSED(f, "POST", APPS, TEAM_APP("a", "team-c"), 400, 3,
                "application 'a' in namespace 'team-c' is not permitted to use project 'team'");
    assert_int_equal(api_fixture_call(f, "POST", APPS, TEAM_APP("a", "team-a")).status, 200);
    assert_int_equal(api_fixture_call(f, "POST", APPS, TEAM_APP("a", "team-b")).status, 200);
    expect_names(f, "", "a a a ");
    expect_names(f, "appNamespace=team-b", "a ");
    const struct value *a = api_fixture_get(f, APPS "/a?appNamespace=team-a");
    ASSERT_STR(value_dig_str(a, "metadata", "namespace"), "team-a");
    a = api_fixture_get(f, APPS "/a");
    ASSERT_STR(value_dig_str(a, "metadata", "namespace"), "argocd");
    API_REFUSED(f, "GET", APPS "/a?appNamespace=other", NULL, 403, 7, "'other' is not permitted");
    API_REFUSED(f, "GET", APPS "/a?appNamespace=team-c", NULL, 403, 7, "permission denied");
    struct api_answer sync =
        api_fixture_call(f, "POST", APPS "/a/sync", "{\"appNamespace\":\"team-a\"}");
    assert_int_equal(sync.status, 200);
    assert_non_null(value_dig(elsewhere(f, "team-a"), "operation"));
    assert_null(value_dig(elsewhere(f, "argocd"), "operation"));
    struct api_answer patched =
        api_fixture_call(f, "PATCH", APPS "/a",
                         "{\"appNamespace\":\"team-b\",\"patchType\":\"merge\",\"patch\":"
                         "\"{\\\"metadata\\\":{\\\"labels\\\":{\\\"x\\\":\\\"y\\\"}}}\"}");
    assert_int_equal(patched.status, 200);
    assert_non_null(kube_labels(elsewhere(f, "team-b")));
    assert_int_equal(
        api_fixture_call(f, "DELETE", APPS "/a?appNamespace=team-b&cascade=false", NULL).status,
        200);
    assert_null(elsewhere(f, "team-b"));
    assert_non_null(elsewhere(f, "argocd"));
}

static void applications_of_other_namespaces_are_named_so(void **state UNUSED)
{
    static const char *const MORE[] = {"--application-namespaces=team-*", NULL};
    assert_int_equal(api_fixture_run(namespaces, MORE), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_and_filters),
        cmocka_unit_test(does_not_tell_what_exists),
        cmocka_unit_test(creates_and_upserts),
        cmocka_unit_test(replaces),
        cmocka_unit_test(patches_of_both_kinds),
        cmocka_unit_test(deletes_with_finalizers),
        cmocka_unit_test(waits_for_refreshes),
        cmocka_unit_test(applications_of_other_namespaces_are_named_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
