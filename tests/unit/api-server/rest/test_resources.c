/* Trees, differences, single objects, events and revisions over REST. */
#include "tests/lib/api_fixture.h"

#define A   "/api/v1/applications/a"
#define OBJ "?namespace=ns&resourceName=web&version=v1&group=apps&kind=Deployment"

static void setup(struct api_fixture *f)
{
    api_fixture_login(f);
    api_fixture_app(f, "a", "");
}

static void trees(struct api_fixture *f)
{
    setup(f);
    f->answer =
        "{nodes: [{kind: Pod, name: p, namespace: ns}, {kind: Service, name: s, namespace: ns}],"
        " orphanedNodes: []}";
    assert_yaml(f->arena, api_fixture_get(f, A "/resource-tree"), f->answer);
    assert_int_equal(f->asked, BELAY__CONTROLLER_METHOD__CONTROLLER_GET_RESOURCE_TREE);
    assert_string_equal(f->asked_name, "a");
    assert_yaml(f->arena, api_fixture_get(f, A "/resource-tree?kind=Pod&namespace=ns"),
                "{nodes: [{kind: Pod, name: p, namespace: ns}], orphanedNodes: []}");
    assert_yaml(f->arena, api_fixture_get(f, A "/resource-tree?fields=nodes.name&name=s"),
                "{nodes: [{name: s}]}");
    f->answer = "{items: [{kind: A, name: x}, {group: g, kind: A, name: x}]}";
    assert_yaml(f->arena, api_fixture_get(f, A "/managed-resources?group=g"),
                "{items: [{group: g, kind: A, name: x}]}");
    f->fails = ERR_UNAVAILABLE;
    API_REFUSED(f, "GET", A "/resource-tree", NULL, 503, 14, "told to fail");
    API_REFUSED(f, "GET", A "/managed-resources", NULL, 503, 14, "told to fail");
}

static void trees_and_differences(void **state UNUSED)
{
    API_TEST(trees);
}

static void objects(struct api_fixture *f)
{
    setup(f);
    f->answer = "{kind: Deployment, metadata: {name: web}}";
    assert_yaml(f->arena, api_fixture_get(f, A "/resource" OBJ),
                "{manifest: '{\"kind\":\"Deployment\",\"metadata\":{\"name\":\"web\"}}'}");
    assert_string_equal(f->asked_name, "web");
    struct api_answer a =
        api_fixture_call(f, "POST", A "/resource" OBJ "&patchType=application/merge-patch%2Bjson",
                         "\"{\\\"a\\\":1}\"");
    assert_int_equal(a.status, 200);
    assert_string_equal(f->asked_text, "application/merge-patch+json {\"a\":1}");
    assert_int_equal(f->asked, BELAY__CONTROLLER_METHOD__CONTROLLER_PATCH_RESOURCE);
    ASSERT_STR(api_fixture_call(f, "DELETE", A "/resource" OBJ "&force=true", NULL).text, "{}");
    assert_string_equal(f->asked_text, "force 1 orphan 0");
    ASSERT_STR(api_fixture_call(f, "DELETE", A "/resource" OBJ "&orphan=true", NULL).text, "{}");
    assert_string_equal(f->asked_text, "force 0 orphan 1");
    f->fails = ERR_NOT_FOUND;
    API_REFUSED(f, "GET", A "/resource" OBJ, NULL, 404, 5, "told to fail");
    API_REFUSED(f, "DELETE", A "/resource" OBJ, NULL, 404, 5, "told to fail");
    API_REFUSED(f, "POST", A "/resource" OBJ, "\"{}\"", 404, 5, "told to fail");
}

static void single_objects(void **state UNUSED)
{
    API_TEST(objects);
}

static void mistakes(struct api_fixture *f)
{
    setup(f);
    API_REFUSED(f, "GET", A "/resource?kind=Pod", NULL, 400, 3, "resourceName");
    API_REFUSED(f, "DELETE", A "/resource?resourceName=x", NULL, 400, 3, "kind");
    API_REFUSED(f, "POST", A "/resource" OBJ, "{}", 400, 3, "JSON string");
    API_REFUSED(f, "POST", A "/resource" OBJ, "\"{\"", 400, 3, "patch");
    API_REFUSED(f, "POST", A "/resource" OBJ, "", 400, 3, "JSON string");
    assert_int_equal(f->n_asked, 0);
    API_REFUSED(f, "GET", "/api/v1/applications/x/resource" OBJ, NULL, 403, 7, "permission denied");
}

static void nobody_is_asked_for_nonsense(void **state UNUSED)
{
    API_TEST(mistakes);
}

static void manifests(struct api_fixture *f)
{
    setup(f);
    fake_repo_set(f->repo, "r7",
                  "[{apiVersion: v1, kind: Secret, metadata: {name: s}, data: {p: eA==}},"
                  " {apiVersion: v1, kind: ConfigMap, metadata: {name: c}}]");
    const struct value *v = api_fixture_get(f, A "/manifests?revision=r7&noCache=true");
    ASSERT_STR(value_dig_str(v, "revision"), "r7");
    ASSERT_STR(value_dig_str(v, "sourceType"), "Directory");
    ASSERT_STR(value_dig_str(v, "namespace"), "ns");
    ASSERT_STR(value_str(value_at(value_dig(v, "manifests"), 0)),
               "{\"apiVersion\":\"v1\",\"data\":{\"p\":\"++++++++\"},\"kind\":\"Secret\","
               "\"metadata\":{\"name\":\"s\"}}");
    assert_int_equal(value_len(value_dig(v, "manifests")), 2);
    assert_string_equal(fake_repo_seen(f->repo)->revision, "r7");
    assert_true(fake_repo_seen(f->repo)->no_cache);
    fake_repo_fail(f->repo, ERR_NOT_FOUND);
    API_REFUSED(f, "GET", A "/manifests", NULL, 404, 5, "told to fail");
}

#define B "/api/v1/applications/b/manifests"

static void several_sources(struct api_fixture *f)
{
    const struct fake_repo_seen *seen = fake_repo_seen(f->repo);
    setup(f);
    fake_cluster_put(f->cluster,
                     "{apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: {name: b, "
                     "namespace: argocd}, spec: {project: default, destination: {name: in-cluster},"
                     " sources: [{repoURL: 'https://c.test', path: a, targetRevision: r1},"
                     " {repoURL: 'https://d.test', path: b, targetRevision: r2}]}}");
    struct api_known known = {f, "b"};
    api_fixture_wait(f, api_fixture_knows, &known);
    fake_repo_set(f->repo, "r", "[{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}]");
    size_t before = fake_repo_n_calls(f->repo);
    assert_int_equal(value_len(value_dig(api_fixture_get(f, B), "manifests")), 2);
    assert_int_equal(fake_repo_n_calls(f->repo), before + 2);
    assert_string_equal(seen->repo_url, "https://d.test");
    assert_string_equal(seen->revision, "r2");
    (void)api_fixture_get(f, B "?sourcePositions=2&revisions=r9");
    assert_string_equal(seen->revision, "r9");
    API_REFUSED(f, "GET", B "?sourcePositions=3&revisions=r9", NULL, 400, 3, "sourcePositions");
    API_REFUSED(f, "GET", B "?sourcePositions=1", NULL, 400, 3, "there are 1 and 0");
}

static void manifests_are_of_all_sources(void **state UNUSED)
{
    API_TEST(several_sources);
}

static void manifests_hide_secrets(void **state UNUSED)
{
    API_TEST(manifests);
}

static void revisions(struct api_fixture *f)
{
    setup(f);
    assert_yaml(
        f->arena, api_fixture_get(f, A "/revisions/abc/metadata"),
        "{author: 'Ann <ann@example.com>', date: '2023-11-14T22:13:20Z', message: a subject,"
        " tags: [tag-abc]}");
    api_fixture_app(f, "m", "  sources: [{repoURL: u1}, {repoURL: u2}]\n");
    assert_int_equal(api_fixture_call(f, "GET",
                                      "/api/v1/applications/m/revisions/abc/metadata?sourceIndex=1",
                                      NULL)
                         .status,
                     200);
    API_REFUSED(f, "GET", "/api/v1/applications/m/revisions/abc/metadata?sourceIndex=2", NULL, 400,
                3, "no source with this index");
    API_REFUSED(f, "GET", "/api/v1/applications/m/revisions/abc/metadata?sourceIndex=-1", NULL, 400,
                3, "sourceIndex");
    API_REFUSED(f, "GET", A "/revisions/abc/metadata?sourceIndex=1", NULL, 400, 3, "index");
    fake_repo_fail(f->repo, ERR_UNAVAILABLE);
    API_REFUSED(f, "GET", A "/revisions/abc/metadata", NULL, 503, 14, "told to fail");
}

static void who_wrote_a_revision(void **state UNUSED)
{
    API_TEST(revisions);
}

static void events(struct api_fixture *f)
{
    setup(f);
    /* the fake cluster has no plain lists; what comes back is for the end-to-end tests */
    API_REFUSED(f, "GET", A "/events", NULL, 404, 5, "NotFound");
    assert_int_equal(fake_cluster_count(f->cluster, "namespaces/argocd/events?fieldSelector=",
                                        "involvedObject.name%3Da%2CinvolvedObject.uid%3D"),
                     1);
    fake_cluster_fail(f->cluster, "/events", 1, 403, "Forbidden");
    API_REFUSED(f, "GET", A "/events", NULL, 403, 7, "");
}

static void events_of_the_application(void **state UNUSED)
{
    API_TEST(events);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trees_and_differences),        cmocka_unit_test(single_objects),
        cmocka_unit_test(nobody_is_asked_for_nonsense), cmocka_unit_test(manifests_hide_secrets),
        cmocka_unit_test(manifests_are_of_all_sources), cmocka_unit_test(who_wrote_a_revision),
        cmocka_unit_test(events_of_the_application),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
