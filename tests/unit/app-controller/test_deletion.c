/* Cascading deletion, through a whole controller. */
#include "tests/lib/controller_apps.h"

#define FINALIZER "finalizers: [resources-finalizer.argocd.argoproj.io]"
#define WITH(name, annotations)                                                                    \
    "{apiVersion: v1, kind: ConfigMap, metadata: {name: " name ", annotations: {" annotations "}}" \
    "}"
#define WAVE(n) "argocd.argoproj.io/sync-wave: '" n "'"

static void begin(struct controller_fixture *f, const char *yaml)
{
    controller_fixture_synced(f, yaml, "");
    controller_fixture_patch(f, "web", "metadata: {" FINALIZER "}");
}

static void delete_app(struct controller_fixture *f)
{
    controller_fixture_patch(f, "web", "metadata: {deletionTimestamp: '2026-01-02T00:00:00Z'}");
}

static bool is_gone(void *data)
{
    return controller_fixture_get(data, "web") == NULL;
}

static const struct value *map_of(struct controller_fixture *f, const char *name)
{
    return fake_cluster_get(f->cluster, "ConfigMap", "ns", name);
}

static bool is_deleting_b(void *data)
{
    return kube_is_deleting(map_of(data, "b"));
}

static void waves_body(struct controller_fixture *f)
{
    begin(f, "[" WITH("a", WAVE("-1")) "," WITH("b", WAVE("3")) "," WITH("c", WAVE("3")) "]");
    fake_cluster_patch(f->cluster, "ConfigMap", "ns", "b",
                       "metadata: {finalizers: [example.org/slow]}");
    delete_app(f);
    controller_fixture_wait(f, is_deleting_b, f);
    controller_fixture_until_gone(f, "ConfigMap", "c");
    controller_fixture_idle(f);
    assert_non_null(map_of(f, "a")); /* its turn comes when b is gone */
    assert_non_null(controller_fixture_get(f, "web"));
    fake_cluster_remove(f->cluster, "ConfigMap", "ns", "b");
    controller_fixture_wait(f, is_gone, f);
    assert_null(map_of(f, "a"));
    assert_int_equal(fake_cluster_count(f->cluster, "DELETE ", "\"Foreground\""), 3);
}

static void waves_go_from_the_highest_down(void **state UNUSED)
{
    CONTROLLER_TEST(waves_body);
}

static void changed_body(struct controller_fixture *f)
{
    begin(f, "[" WITH("a", "") "]");
    fake_cluster_fail(f->cluster, "DELETE /api/v1/namespaces/ns/configmaps/a", 1, 409, "Conflict");
    delete_app(f);
    controller_fixture_wait(f, is_gone, f);
    assert_null(map_of(f, "a"));
    assert_int_equal(fake_cluster_count(f->cluster, "GET ", "/configmaps/a"), 1);
    assert_int_equal(fake_cluster_count(f->cluster, "DELETE ", "\"resourceVersion\""), 2);
}

static void what_is_deleted_must_be_what_was_looked_at(void **state UNUSED)
{
    CONTROLLER_TEST(changed_body);
}

static void background_body(struct controller_fixture *f)
{
    controller_fixture_synced(f, "[" WITH("a", "") "]", "");
    controller_fixture_patch(
        f, "web", "metadata: {finalizers: [resources-finalizer.argocd.argoproj.io/background]}");
    delete_app(f);
    controller_fixture_wait(f, is_gone, f);
    assert_int_equal(fake_cluster_count(f->cluster, "DELETE ", "\"Background\""), 1);
}

static void the_finalizer_says_how_dependents_go(void **state UNUSED)
{
    CONTROLLER_TEST(background_body);
}

static void plain_body(struct controller_fixture *f)
{
    controller_fixture_synced(f, "[" WITH("a", "") "]", "");
    fake_cluster_remove(f->cluster, "Application", "argocd", "web");
    controller_fixture_until_unknown(f, "web");
    controller_fixture_idle(f);
    assert_non_null(map_of(f, "a"));
}

static void without_finalizer_everything_stays(void **state UNUSED)
{
    CONTROLLER_TEST(plain_body);
}

static void kept_body(struct controller_fixture *f)
{
    begin(f, "[" WITH("a", "argocd.argoproj.io/sync-options: Delete=false") "," WITH(
                 "b", "helm.sh/resource-policy: keep") "," WITH("c", "") "]");
    delete_app(f);
    controller_fixture_wait(f, is_gone, f);
    assert_non_null(map_of(f, "a"));
    assert_non_null(map_of(f, "b"));
    assert_null(map_of(f, "c"));
}

static void what_wants_to_be_kept_is_kept(void **state UNUSED)
{
    CONTROLLER_TEST(kept_body);
}

static void confirm_body(struct controller_fixture *f)
{
    begin(f, "[" WITH("a", "argocd.argoproj.io/sync-options: Delete=confirm") "]");
    delete_app(f);
    controller_fixture_until_condition(f, "web", "DeletionError", "must be confirmed");
    assert_non_null(map_of(f, "a"));
    controller_fixture_patch(
        f, "web",
        "metadata: {annotations: {argocd.argoproj.io/deletion-approved: '2026-01-03T00:00:00Z'}}");
    controller_fixture_wait(f, is_gone, f);
    assert_null(map_of(f, "a"));
}

static void a_deletion_may_have_to_be_confirmed(void **state UNUSED)
{
    CONTROLLER_TEST(confirm_body);
}

static void refused_body(struct controller_fixture *f)
{
    begin(f, "[" WITH("a", "") "]");
    fake_cluster_fail(f->cluster, "DELETE ", 1, 403, "Forbidden");
    delete_app(f);
    controller_fixture_until_condition(f, "web", "DeletionError", "says Forbidden");
    assert_non_null(map_of(f, "a"));
    controller_fixture_request(f, "web", REFRESH_TREE); /* else in ten seconds */
    controller_fixture_wait(f, is_gone, f);
    assert_null(map_of(f, "a"));
}

static void a_refusal_is_told_and_tried_again(void **state UNUSED)
{
    CONTROLLER_TEST(refused_body);
}

static void nowhere_body(struct controller_fixture *f)
{
    begin(f, "[" WITH("a", "") "]");
    controller_fixture_patch(f, "web", "spec: {destination: {server: 'https://gone.test'}}");
    controller_fixture_until_condition(f, "web", "InvalidSpecError", "gone.test");
    delete_app(f);
    controller_fixture_wait(f, is_gone, f);
    assert_non_null(map_of(f, "a"));
}

static void a_cluster_nobody_knows_does_not_hold_it_up(void **state UNUSED)
{
    CONTROLLER_TEST(nowhere_body);
}

static void terminating_body(struct controller_fixture *f)
{
    begin(f, "[" WITH("a", WAVE("0")) "," WITH("b", WAVE("1")) "]");
    fake_cluster_patch(f->cluster, "Namespace", "", "ns",
                       "{metadata: {deletionTimestamp: '2026-01-02T00:00:00Z'}, status: {phase: "
                       "Terminating}}");
    fake_cluster_patch(f->cluster, "ConfigMap", "ns", "b",
                       "metadata: {finalizers: [example.org/slow], deletionTimestamp: "
                       "'2026-01-02T00:00:00Z'}");
    delete_app(f);
    controller_fixture_idle(f);
    fake_cluster_remove(f->cluster, "ConfigMap", "ns", "b"); /* the namespace controller's work */
    fake_cluster_remove(f->cluster, "ConfigMap", "ns", "a");
    controller_fixture_wait(f, is_gone, f);
}

static void a_terminating_namespace_takes_its_objects_along(void **state UNUSED)
{
    CONTROLLER_TEST(terminating_body);
}

static void pending_body(struct controller_fixture *f)
{
    begin(f, "[" WITH("a", "") "]");
    controller_fixture_patch(f, "web",
                             "{metadata: {deletionTimestamp: '2026-01-02T00:00:00Z'}, operation: "
                             "{sync: {}}}");
    controller_fixture_wait(f, is_gone, f);
    assert_null(map_of(f, "a"));
}

static void an_operation_is_not_begun_any_more(void **state UNUSED)
{
    CONTROLLER_TEST(pending_body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waves_go_from_the_highest_down),
        cmocka_unit_test(what_is_deleted_must_be_what_was_looked_at),
        cmocka_unit_test(the_finalizer_says_how_dependents_go),
        cmocka_unit_test(without_finalizer_everything_stays),
        cmocka_unit_test(what_wants_to_be_kept_is_kept),
        cmocka_unit_test(a_deletion_may_have_to_be_confirmed),
        cmocka_unit_test(a_refusal_is_told_and_tried_again),
        cmocka_unit_test(a_cluster_nobody_knows_does_not_hold_it_up),
        cmocka_unit_test(a_terminating_namespace_takes_its_objects_along),
        cmocka_unit_test(an_operation_is_not_begun_any_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
