/* The tree as the project lets it be seen, and its summary in the status. */
#include "app-controller/app.h"
#include "app-controller/tree.h"
#include "tests/lib/controller_apps.h"

#define DEPLOYMENT                                                                                \
    "{apiVersion: apps/v1, kind: Deployment, metadata: {name: d}, spec: {replicas: 1, template: " \
    "{spec: {containers: [{name: c, image: 'template:1'}]}}}}"
#define LINKED                                                            \
    "{apiVersion: v1, kind: ConfigMap, metadata: {name: c, annotations: " \
    "{link.argocd.argoproj.io/docs: 'https://docs.example.com'}}}"
#define CHILD_APP                                                                               \
    "{apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: {name: child, namespace: " \
    "argocd}, spec: {}}"

static void put_pod(struct controller_fixture *f, const char *name, const char *containers)
{
    struct str uid = kube_uid(fake_cluster_get(f->cluster, "Deployment", "ns", "d"));
    struct str pod =
        arena_printf(f->arena,
                     "{apiVersion: v1, kind: Pod, metadata: {name: %s, namespace: ns, "
                     "ownerReferences: [{uid: " STR_FMT "}]}, spec: {containers: [%s]}}",
                     name, STR_ARG(uid), containers);
    fake_cluster_put(f->cluster, pod.p);
}

struct summary_want {
    struct controller_fixture *f;
    const char *field;
    size_t n;
};

static const struct value *summary_of(struct controller_fixture *f, const char *field)
{
    return value_dig(controller_fixture_get(f, "web"), "status", "summary", field);
}

static bool has_so_many(void *data)
{
    const struct summary_want *w = data;
    return value_len(summary_of(w->f, w->field)) == w->n;
}

static void until_so_many(struct controller_fixture *f, const char *field, size_t n)
{
    struct summary_want want = {f, field, n};
    controller_fixture_wait(f, has_so_many, &want);
}

/* They come and go without a comparison. */
static void images_body(struct controller_fixture *f)
{
    controller_fixture_synced(f, "[" DEPLOYMENT "]", "");
    assert_null(summary_of(f, "images"));
    put_pod(f, "p1", "{name: b, image: 'b:1'}, {name: a, image: 'a:1'}");
    put_pod(f, "p2", "{name: a, image: 'a:1'}");
    until_so_many(f, "images", 2);
    assert_json(f->arena, summary_of(f, "images"), "[\"a:1\",\"b:1\"]");
    fake_cluster_remove(f->cluster, "Pod", "ns", "p1");
    until_so_many(f, "images", 1);
}

static void images_are_those_of_pods(void **state UNUSED)
{
    CONTROLLER_TEST(images_body);
}

static void links_body(struct controller_fixture *f)
{
    controller_fixture_synced(f, "[" LINKED "," CHILD_APP "]", "");
    until_so_many(f, "externalURLs", 1);
    assert_json(f->arena, summary_of(f, "externalURLs"), "[\"https://docs.example.com\"]");
    assert_true(value_bool(summary_of(f, "isAppOfApps"), false));
}

static void links_and_applications_are_told(void **state UNUSED)
{
    CONTROLLER_TEST(links_body);
}

static size_t n_nodes(struct controller_fixture *f)
{
    struct app_tree tree;
    tree_of_app(controller_fixture_of(f, "web"), &tree);
    return value_len(value_dig(live_tree_of(f->arena, &tree.tree), "nodes"));
}

/* What the project stops to permit is not shown any more, with what it owns. */
static void project_body(struct controller_fixture *f)
{
    controller_fixture_synced(f, "[" DEPLOYMENT "," CONFIG_MAP("a", "one") "]", "");
    put_pod(f, "p1", "{name: a, image: 'a:1'}");
    until_so_many(f, "images", 1);
    assert_int_equal(n_nodes(f), 3);
    fake_cluster_put(f->cluster,
                     "{apiVersion: argoproj.io/v1alpha1, kind: AppProject, metadata: {name: "
                     "default, namespace: argocd}, spec: {sourceRepos: ['*'], destinations: "
                     "[{server: '*', namespace: '*'}], namespaceResourceBlacklist: [{group: apps, "
                     "kind: Deployment}]}}");
    until_so_many(f, "images", 0);
    assert_int_equal(n_nodes(f), 1);
}

static void what_the_project_forbids_is_not_in_it(void **state UNUSED)
{
    CONTROLLER_TEST(project_body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(images_are_those_of_pods),
        cmocka_unit_test(links_and_applications_are_told),
        cmocka_unit_test(what_the_project_forbids_is_not_in_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
