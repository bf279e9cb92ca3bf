/* What an Application, its project and an operation make of a plan. */
#include "app-controller/sync/plan_app.h"
#include "tests/lib/controller_apps.h"

static void put_project(struct controller_fixture *f, const char *spec)
{
    fake_cluster_put(
        f->cluster, arena_printf(f->arena,
                                 "{apiVersion: argoproj.io/v1alpha1, kind: AppProject, metadata: "
                                 "{name: team, namespace: argocd}, spec: {sourceRepos: ['*'], %s}}",
                                 spec)
                        .p);
}

static void kind_body(struct controller_fixture *f)
{
    put_project(f, "destinations: [{server: '*', namespace: '*'}], namespaceResourceBlacklist: "
                   "[{group: '', kind: Secret}]");
    controller_fixture_begin(f,
                             "[" CONFIG_MAP("a", "one") ", {apiVersion: v1, kind: Secret, "
                                                        "metadata: {name: s}}]",
                             "project: team");
    controller_fixture_sync_until(f, "", "Failed");
    controller_fixture_says(f, "one or more synchronization tasks are not valid: resource :Secret "
                               "is not permitted in project team");
    assert_null(fake_cluster_get(f->cluster, "ConfigMap", "ns", "a"));
}

static void forbidden_kinds_are_refused(void **state UNUSED)
{
    CONTROLLER_TEST(kind_body);
}

static void namespace_body(struct controller_fixture *f)
{
    put_project(f, "destinations: [{server: '*', namespace: ns}]");
    controller_fixture_begin(f,
                             "[{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: "
                             "argocd}}]",
                             "project: team");
    controller_fixture_sync_until(f, "", "Failed");
    controller_fixture_says(f, "namespace argocd is not permitted in project 'team'");
}

static void forbidden_namespaces_are_refused(void **state UNUSED)
{
    CONTROLLER_TEST(namespace_body);
}

static void respect_body(struct controller_fixture *f)
{
    controller_fixture_begin(
        f, "[" CONFIG_MAP("a", "one") "]",
        "ignoreDifferences: [{kind: ConfigMap, jsonPointers: [/data/text]}], syncPolicy: "
        "{syncOptions: [RespectIgnoreDifferences=true]}");
    controller_fixture_sync_until(f, "", "Succeeded");
    fake_cluster_patch(f->cluster, "ConfigMap", "ns", "a", "data: {text: theirs}");
    controller_fixture_move(f, "[{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: "
                               "{text: two, more: two}}]");
    controller_fixture_sync_until(f, "", "Succeeded");
    const struct value *map = fake_cluster_get(f->cluster, "ConfigMap", "ns", "a");
    ASSERT_STR(value_dig_str(map, "data", "text"), "theirs");
    ASSERT_STR(value_dig_str(map, "data", "more"), "two");
}

static void ignored_fields_stay_when_asked(void **state UNUSED)
{
    CONTROLLER_TEST(respect_body);
}

static void generated_body(struct controller_fixture *f)
{
    controller_fixture_begin(
        f,
        "[{apiVersion: v1, kind: ConfigMap, metadata: {generateName: gen-, annotations: "
        "{argocd.argoproj.io/hook: PreSync}}}, " CONFIG_MAP("a", "one") "]",
        "");
    controller_fixture_sync_until(f, "", "Succeeded");
    const struct value *results = value_dig(controller_fixture_get(f, "web"), "status",
                                            "operationState", "syncResult", "resources");
    struct str name = value_dig_str(value_at(results, 0), "name");
    assert_true(str_starts_with(name, STR("gen-")));
    const struct value *map =
        fake_cluster_get(f->cluster, "ConfigMap", "ns", arena_str(f->arena, name).p);
    struct str id = kube_annotation(map, STR(TRACKING_ID_ANNOTATION));
    assert_true(str_ends_with(id, name));
    assert_int_equal(kube_finalizer_count(map), 0); /* seen again when it was done */
}

static void hooks_with_generated_names_are_found_again(void **state UNUSED)
{
    CONTROLLER_TEST(generated_body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forbidden_kinds_are_refused),
        cmocka_unit_test(forbidden_namespaces_are_refused),
        cmocka_unit_test(ignored_fields_stay_when_asked),
        cmocka_unit_test(hooks_with_generated_names_are_found_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
