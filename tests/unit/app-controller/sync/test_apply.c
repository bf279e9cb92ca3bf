/* The requests that applying one object takes, through a whole controller. */
#include "tests/lib/controller_apps.h"

#define MAPS "/api/v1/namespaces/ns/configmaps"
#define WITH_OPTIONS(options, text)                                       \
    "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, annotations: " \
    "{argocd.argoproj.io/sync-options: '" options "'}}, data: {text: " text "}}"

static const char *text_of(struct controller_fixture *f)
{
    const struct value *map = fake_cluster_get(f->cluster, "ConfigMap", "ns", "a");
    return arena_str(f->arena, value_dig_str(map, "data", "text")).p;
}

static const char *result_of(struct controller_fixture *f)
{
    const struct value *results = value_dig(controller_fixture_get(f, "web"), "status",
                                            "operationState", "syncResult", "resources");
    return arena_str(f->arena, value_dig_str(value_at(results, 0), "message")).p;
}

static void sync_to(struct controller_fixture *f, const char *text)
{
    controller_fixture_sync_until(f, "", "Succeeded");
    assert_string_equal(text_of(f), text);
}

/* Synced with the first text; the repository has the second, and the log is empty. */
static void begin_changed(struct controller_fixture *f, const char *one, const char *two)
{
    controller_fixture_begin(f, one, "");
    controller_fixture_sync_until(f, "", "Succeeded");
    controller_fixture_move(f, two);
    fake_cluster_forget_log(f->cluster);
}

static void merge_body(struct controller_fixture *f)
{
    begin_changed(f, "[" CONFIG_MAP("a", "one") "]", "[" CONFIG_MAP("a", "two") "]");
    fake_cluster_patch(f->cluster, "ConfigMap", "ns", "a", "data: {other: kept}");
    sync_to(f, "two");
    const struct value *map = fake_cluster_get(f->cluster, "ConfigMap", "ns", "a");
    ASSERT_STR(value_dig_str(map, "data", "other"), "kept");
    assert_int_equal(fake_cluster_count(f->cluster, "PATCH " MAPS "/a", "resourceVersion"), 1);
    assert_int_equal(fake_cluster_count(f->cluster, "GET " MAPS "/a", ""), 0);
    assert_true(kube_has_annotation(map, STR("kubectl.kubernetes.io/last-applied-configuration")));
}

static void what_others_wrote_is_kept(void **state UNUSED)
{
    CONTROLLER_TEST(merge_body);
}

static void conflict_body(struct controller_fixture *f)
{
    begin_changed(f, "[" CONFIG_MAP("a", "one") "]", "[" CONFIG_MAP("a", "two") "]");
    fake_cluster_fail(f->cluster, "PATCH " MAPS "/a", 1, 409, "Conflict");
    sync_to(f, "two");
    assert_int_equal(fake_cluster_count(f->cluster, "PATCH " MAPS "/a", ""), 2);
    assert_int_equal(fake_cluster_count(f->cluster, "GET " MAPS "/a", ""), 1);
}

static void a_conflict_is_met_by_reading_again(void **state UNUSED)
{
    CONTROLLER_TEST(conflict_body);
}

static void lasting_conflict_body(struct controller_fixture *f)
{
    begin_changed(f, "[" CONFIG_MAP("a", "one") "]", "[" CONFIG_MAP("a", "two") "]");
    fake_cluster_fail(f->cluster, "PATCH " MAPS "/a", 100, 409, "Conflict");
    controller_fixture_sync_until(f, "", "Failed");
    controller_fixture_says(f, "says Conflict");
    assert_int_equal(fake_cluster_count(f->cluster, "PATCH " MAPS "/a", ""), 6);
}

static void conflicts_without_end_are_an_error(void **state UNUSED)
{
    CONTROLLER_TEST(lasting_conflict_body);
}

static void exists_body(struct controller_fixture *f)
{
    controller_fixture_begin(f, "[" CONFIG_MAP("a", "one") "]", "");
    fake_cluster_fail(f->cluster, "POST " MAPS, 1, 409, "AlreadyExists");
    sync_to(f, "one");
    assert_int_equal(fake_cluster_count(f->cluster, "GET " MAPS "/a", ""), 1);
    assert_int_equal(fake_cluster_count(f->cluster, "POST " MAPS, ""), 2);
}

static void what_exists_after_all_is_read(void **state UNUSED)
{
    CONTROLLER_TEST(exists_body);
}

static void vanished_body(struct controller_fixture *f)
{
    begin_changed(f, "[" CONFIG_MAP("a", "one") "]", "[" CONFIG_MAP("a", "two") "]");
    fake_cluster_fail(f->cluster, "PATCH " MAPS "/a", 1, 404, "NotFound");
    sync_to(f, "two");
}

static void what_vanished_meanwhile_is_looked_for(void **state UNUSED)
{
    CONTROLLER_TEST(vanished_body);
}

static void server_side_body(struct controller_fixture *f)
{
    controller_fixture_begin(f, "[" CONFIG_MAP("a", "one") "]",
                             "syncPolicy: {syncOptions: [ServerSideApply=true]}");
    fake_cluster_forget_log(f->cluster);
    sync_to(f, "one");
    assert_int_equal(fake_cluster_count(f->cluster,
                                        "PATCH " MAPS "/a?fieldManager=argocd-controller",
                                        "force=true"),
                     1);
    assert_int_equal(fake_cluster_count(f->cluster, "POST " MAPS, ""), 0);
    assert_int_equal(fake_cluster_count(f->cluster, "last-applied", ""), 0);
}

static void server_side_apply_is_one_patch(void **state UNUSED)
{
    CONTROLLER_TEST(server_side_body);
}

static void replace_body(struct controller_fixture *f)
{
    begin_changed(f, "[" WITH_OPTIONS("Replace=true", "one") "]",
                  "[" WITH_OPTIONS("Replace=true", "two") "]");
    sync_to(f, "two");
    assert_int_equal(fake_cluster_count(f->cluster, "PUT " MAPS "/a", "resourceVersion"), 1);
    assert_int_equal(fake_cluster_count(f->cluster, "DELETE ", ""), 0);
}

static void replace_is_an_update(void **state UNUSED)
{
    CONTROLLER_TEST(replace_body);
}

static void forced_replace_body(struct controller_fixture *f)
{
    begin_changed(f, "[" WITH_OPTIONS("Replace=true,Force=true", "one") "]",
                  "[" WITH_OPTIONS("Replace=true,Force=true", "two") "]");
    struct str uid =
        arena_str(f->arena, kube_uid(fake_cluster_get(f->cluster, "ConfigMap", "ns", "a")));
    sync_to(f, "two");
    assert_false(str_eq(uid, kube_uid(fake_cluster_get(f->cluster, "ConfigMap", "ns", "a"))));
    assert_int_equal(fake_cluster_count(f->cluster, "DELETE " MAPS "/a", ""), 1);
    assert_string_equal(result_of(f), "configmap/a replaced");
}

static void a_forced_replace_makes_it_anew(void **state UNUSED)
{
    CONTROLLER_TEST(forced_replace_body);
}

static bool has_posted_twice(void *data)
{
    struct controller_fixture *f = data;
    return fake_cluster_count(f->cluster, "POST " MAPS, "") >= 2;
}

static void force_body(struct controller_fixture *f)
{
    begin_changed(f, "[" WITH_OPTIONS("Force=true", "one") "]",
                  "[" WITH_OPTIONS("Force=true", "two") "]");
    fake_cluster_patch(f->cluster, "ConfigMap", "ns", "a",
                       "metadata: {finalizers: [example.org/slow]}");
    fake_cluster_fail(f->cluster, "PATCH " MAPS "/a", 1, 422, "Invalid");
    controller_fixture_sync(f, "web", "");
    UNTIL_PHASE(f, "web", "Running");
    controller_fixture_wait(f, has_posted_twice, f); /* the old one is in the way */
    fake_cluster_remove(f->cluster, "ConfigMap", "ns", "a");
    UNTIL_PHASE(f, "web", "Succeeded");
    assert_string_equal(text_of(f), "two");
}

static void force_deletes_what_cannot_be_changed(void **state UNUSED)
{
    CONTROLLER_TEST(force_body);
}

static void forced_conflict_body(struct controller_fixture *f)
{
    begin_changed(f, "[" WITH_OPTIONS("Force=true", "one") "]",
                  "[" WITH_OPTIONS("Force=true", "two") "]");
    fake_cluster_fail(f->cluster, "PATCH " MAPS "/a", 100, 409, "Conflict");
    sync_to(f, "two");
    assert_int_equal(fake_cluster_count(f->cluster, "DELETE " MAPS "/a", ""), 1);
    assert_string_equal(result_of(f), "configmap/a configured");
}

static void force_ends_lasting_conflicts(void **state UNUSED)
{
    CONTROLLER_TEST(forced_conflict_body);
}

static void server_side_force_body(struct controller_fixture *f)
{
    begin_changed(f, "[" WITH_OPTIONS("Force=true,ServerSideApply=true", "one") "]",
                  "[" WITH_OPTIONS("Force=true,ServerSideApply=true", "two") "]");
    fake_cluster_fail(f->cluster, "PATCH " MAPS "/a", 1, 422, "Invalid");
    controller_fixture_sync_until(f, "", "Failed");
    assert_int_equal(fake_cluster_count(f->cluster, "DELETE ", ""), 0);
}

static void force_deletes_nothing_for_server_side_apply(void **state UNUSED)
{
    CONTROLLER_TEST(server_side_force_body);
}

static void dry_force_body(struct controller_fixture *f)
{
    begin_changed(f, "[" WITH_OPTIONS("Force=true", "one") "]",
                  "[" WITH_OPTIONS("Force=true", "two") "]");
    fake_cluster_fail(f->cluster, "PATCH " MAPS "/a", 1, 422, "Invalid");
    controller_fixture_sync_until(f, "dryRun: true", "Succeeded");
    assert_int_equal(fake_cluster_count(f->cluster, "DELETE ", ""), 0);
    assert_string_equal(result_of(f), "configmap/a configured (dry run)");
}

static void a_dry_run_of_force_deletes_nothing(void **state UNUSED)
{
    CONTROLLER_TEST(dry_force_body);
}

#define WIDGET(options)                                                            \
    "{apiVersion: example.org/v1, kind: Widget, metadata: {name: w, annotations: " \
    "{argocd.argoproj.io/sync-options: '" options "'}}}"

static void no_kind_body(struct controller_fixture *f)
{
    controller_fixture_begin(f, "[" CONFIG_MAP("a", "one") "," WIDGET("") "]", "");
    controller_fixture_sync_until(f, "", "Failed");
    controller_fixture_says(f, "Make sure the \"Widget\" CRD is installed");
    assert_null(fake_cluster_get(f->cluster, "ConfigMap", "ns", "a")); /* not even begun */
}

static void an_unknown_kind_fails_before_anything_is_done(void **state UNUSED)
{
    CONTROLLER_TEST(no_kind_body);
}

static bool has_rediscovered(void *data)
{
    struct controller_fixture *f = data;
    return fake_cluster_count(f->cluster, "GET /apis ", "") > 0;
}

static void late_kind_body(struct controller_fixture *f)
{
    controller_fixture_begin(f, "[" WIDGET("SkipDryRunOnMissingResource=true") "]", "");
    fake_cluster_forget_log(f->cluster);
    controller_fixture_sync(f, "web", "");
    controller_fixture_wait(f, has_rediscovered, f);
    fake_cluster_set_widgets(f->cluster, true);
    UNTIL_PHASE(f, "web", "Succeeded");
    assert_non_null(fake_cluster_get(f->cluster, "Widget", "ns", "w"));
    UNTIL_SYNC(f, "web", "Synced");
}

static void a_kind_that_is_about_to_come_is_waited_for(void **state UNUSED)
{
    CONTROLLER_TEST(late_kind_body);
}

static void refused_prune_body(struct controller_fixture *f)
{
    controller_fixture_begin(f, "[" WITH_OPTIONS("Prune=false", "one") "]", "");
    controller_fixture_sync_until(f, "", "Succeeded");
    controller_fixture_move(f, "[]");
    controller_fixture_sync_until(f, "prune: true", "Succeeded");
    assert_non_null(fake_cluster_get(f->cluster, "ConfigMap", "ns", "a"));
}

static void an_object_may_refuse_to_be_pruned(void **state UNUSED)
{
    CONTROLLER_TEST(refused_prune_body);
}

/* It changed since it was looked at: looked at again, it is still to go. */
static void changed_prune_body(struct controller_fixture *f)
{
    begin_changed(f, "[" CONFIG_MAP("a", "one") "]", "[]");
    fake_cluster_fail(f->cluster, "DELETE " MAPS "/a", 1, 409, "Conflict");
    controller_fixture_sync_until(f, "prune: true", "Succeeded");
    assert_null(fake_cluster_get(f->cluster, "ConfigMap", "ns", "a"));
    assert_int_equal(fake_cluster_count(f->cluster, "DELETE " MAPS "/a", "resourceVersion"), 2);
    assert_int_equal(fake_cluster_count(f->cluster, "GET " MAPS "/a", ""), 1);
}

static void what_is_pruned_must_be_what_was_looked_at(void **state UNUSED)
{
    CONTROLLER_TEST(changed_prune_body);
}

#define LATER                                                                            \
    "{apiVersion: v1, kind: ConfigMap, metadata: {name: b, namespace: ns, annotations: " \
    "{argocd.argoproj.io/sync-wave: '1'}}}"
#define HELD "{metadata: {finalizers: [example.org/hold]}}"

/* The watch lags behind: the answer tells that the object is still there. */
static void held_prune_body(struct controller_fixture *f)
{
    begin_changed(f, "[" CONFIG_MAP("a", "one") "]", "[" LATER "]");
    fake_cluster_patch(f->cluster, "ConfigMap", "ns", "a", HELD);
    controller_fixture_idle(f);
    fake_cluster_hold_events(f->cluster, "ConfigMap");
    controller_fixture_sync(f, "web", "prune: true");
    UNTIL_PHASE(f, "web", "Running");
    controller_fixture_idle(f);
    controller_fixture_says(f, "waiting for deletion of /ConfigMap/a");
    fake_cluster_hold_events(f->cluster, NULL);
    assert_null(fake_cluster_get(f->cluster, "ConfigMap", "ns", "b"));
    fake_cluster_patch(f->cluster, "ConfigMap", "ns", "a", "{metadata: {finalizers: null}}");
    fake_cluster_remove(f->cluster, "ConfigMap", "ns", "a");
    UNTIL_PHASE(f, "web", "Succeeded");
    assert_non_null(fake_cluster_get(f->cluster, "ConfigMap", "ns", "b"));
}

static void what_is_pruned_is_waited_for(void **state UNUSED)
{
    CONTROLLER_TEST(held_prune_body);
}

static void namespace_body(struct controller_fixture *f)
{
    fake_cluster_remove(f->cluster, "Namespace", "", "ns");
    controller_fixture_begin(f, "[" CONFIG_MAP("a", "one") "]",
                             "syncPolicy: {syncOptions: [CreateNamespace=true], "
                             "managedNamespaceMetadata: {labels: {team: a}}}");
    controller_fixture_sync_until(f, "", "Succeeded");
    const struct value *ns = fake_cluster_get(f->cluster, "Namespace", "", "ns");
    assert_non_null(ns);
    ASSERT_STR(kube_label(ns, STR("team")), "a");
    assert_string_equal(text_of(f), "one");
}

static void the_namespace_is_created_first(void **state UNUSED)
{
    CONTROLLER_TEST(namespace_body);
}

#define BINDING(role)                                                                              \
    "{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: b}, roleRef: " \
    "{apiGroup: rbac.authorization.k8s.io, kind: Role, name: " role "}}"

static void binding_body(struct controller_fixture *f)
{
    begin_changed(f, "[" BINDING("one") "]", "[" BINDING("two") "]");
    assert_string_equal(result_of(f), "rolebinding.rbac.authorization.k8s.io/b reconciled. "
                                      "rolebinding.rbac.authorization.k8s.io/b created");
    controller_fixture_sync_until(f, "", "Succeeded");
    assert_int_equal(fake_cluster_count(f->cluster, "DELETE ", "/rolebindings/b"), 1);
    const struct value *b = fake_cluster_get(f->cluster, "RoleBinding", "ns", "b");
    ASSERT_STR(value_dig_str(b, "roleRef", "name"), "two");
    fake_cluster_forget_log(f->cluster);
    controller_fixture_sync_until(f, "", "Succeeded");
    assert_string_equal(result_of(f), "rolebinding.rbac.authorization.k8s.io/b reconciled. "
                                      "rolebinding.rbac.authorization.k8s.io/b unchanged");
    assert_int_equal(fake_cluster_count(f->cluster, "DELETE ", ""), 0);
}

static void a_binding_to_another_role_is_made_anew(void **state UNUSED)
{
    CONTROLLER_TEST(binding_body);
}

#define NAMESPACE(team)                                                                   \
    "{apiVersion: v1, kind: Namespace, metadata: {name: room, labels: {team: " team "}, " \
    "annotations: {argocd.argoproj.io/sync-options: "                                     \
    "'Replace=true,Force=true,ServerSideApply=true'}}}"

static void never_deleted_body(struct controller_fixture *f)
{
    begin_changed(f, "[" NAMESPACE("one") "]", "[" NAMESPACE("two") "]");
    controller_fixture_sync_until(f, "", "Succeeded");
    assert_int_equal(fake_cluster_count(f->cluster, "PUT /api/v1/namespaces/room", "two"), 1);
    assert_string_equal(result_of(f), "Namespace/room updated");
    controller_fixture_move(f, "[" NAMESPACE("three") "]");
    fake_cluster_fail(f->cluster, "PUT /api/v1/namespaces/room", 1, 422, "Invalid");
    controller_fixture_sync_until(f, "", "Failed");
    assert_int_equal(fake_cluster_count(f->cluster, "DELETE ", ""), 0);
}

static void what_holds_others_is_never_deleted_to_replace_it(void **state UNUSED)
{
    CONTROLLER_TEST(never_deleted_body);
}

static void validation_body(struct controller_fixture *f)
{
    controller_fixture_begin(f, "[" CONFIG_MAP("a", "one") "]", "");
    controller_fixture_sync_until(f, "", "Succeeded");
    assert_int_equal(fake_cluster_count(f->cluster, "POST " MAPS, "fieldValidation=Strict"), 1);
    controller_fixture_move(f, "[" WITH_OPTIONS("Validate=false", "two") "]");
    controller_fixture_sync_until(f, "", "Succeeded");
    assert_int_equal(fake_cluster_count(f->cluster, "PATCH " MAPS, "fieldValidation=Ignore"), 1);
}

static void fields_nobody_knows_are_refused_unless_validation_is_off(void **state UNUSED)
{
    CONTROLLER_TEST(validation_body);
}

#define TYPES                                                                                    \
    "{\"definitions\":{\"v1.ConfigMap\":{\"type\":\"object\",\"properties\":{\"apiVersion\":{}," \
    "\"kind\":{},\"metadata\":{}},\"x-kubernetes-group-version-kind\":[{\"group\":\"\","         \
    "\"version\":\"v1\",\"kind\":\"ConfigMap\"}]}}}"

static void older_server_body(struct controller_fixture *f)
{
    fake_cluster_set_types(f->cluster, 24, TYPES);
    controller_fixture_begin(f, "[" CONFIG_MAP("a", "one") "]", "");
    controller_fixture_sync_until(f, "", "Failed");
    assert_string_equal(result_of(f), "error validating data: ValidationError(ConfigMap): unknown "
                                      "field \"data\" in v1.ConfigMap");
    assert_int_equal(fake_cluster_count(f->cluster, "POST " MAPS, ""), 0);
    controller_fixture_move(f, "[" WITH_OPTIONS("Validate=false", "two") "]");
    sync_to(f, "two");
}

static void where_the_server_does_not_look_fields_are_checked_here(void **state UNUSED)
{
    CONTROLLER_TEST(older_server_body);
}

static void no_types_body(struct controller_fixture *f)
{
    fake_cluster_set_types(f->cluster, 24, NULL);
    controller_fixture_begin(f, "[" CONFIG_MAP("a", "one") "]", "");
    controller_fixture_sync_until(f, "", "Failed");
    controller_fixture_says(f, "error validating data: failed to download openapi: ");
    assert_int_equal(fake_cluster_count(f->cluster, "POST " MAPS, ""), 0);
}

static void fields_that_cannot_be_checked_are_an_error(void **state UNUSED)
{
    CONTROLLER_TEST(no_types_body);
}

#define CRD                                                                                   \
    "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: " \
    "widgets.example.org}, spec: {group: example.org, names: {kind: Widget, plural: widgets}}}"

static bool has_looked(void *data)
{
    const struct controller_fixture *f = data;
    return fake_cluster_count(f->cluster, "GET ", "/customresourcedefinitions/widgets") > 1;
}

static void crd_body(struct controller_fixture *f)
{
    controller_fixture_begin(f, "[" CRD "]", "");
    controller_fixture_sync(f, "web", "");
    controller_fixture_wait(f, has_looked, f);
    fake_cluster_patch(f->cluster, "CustomResourceDefinition", "", "widgets.example.org",
                       "status: {conditions: [{type: Established, status: 'True'}]}");
    UNTIL_PHASE(f, "web", "Succeeded");
    assert_true(fake_cluster_count(f->cluster, "GET ", "/customresourcedefinitions/widgets") < 25);
}

static void a_definition_is_waited_for_until_it_is_served(void **state UNUSED)
{
    CONTROLLER_TEST(crd_body);
}

static void dry_namespace_body(struct controller_fixture *f)
{
    fake_cluster_remove(f->cluster, "Namespace", "", "ns");
    controller_fixture_begin(
        f, "[" CONFIG_MAP("a", "one") "," WIDGET("SkipDryRunOnMissingResource=true") "]",
        "syncPolicy: {syncOptions: [CreateNamespace=true]}");
    fake_cluster_fail(f->cluster, "POST " MAPS, 1, 404, "NotFound");
    controller_fixture_sync_until(f, "dryRun: true", "Succeeded");
    assert_null(fake_cluster_get(f->cluster, "ConfigMap", "ns", "a"));
    assert_string_equal(result_of(f), "namespace/ns created (dry run)");
}

static void a_dry_run_knows_what_the_sync_would_make(void **state UNUSED)
{
    CONTROLLER_TEST(dry_namespace_body);
}

static void handover_body(struct controller_fixture *f)
{
    controller_fixture_begin(f, "[" CONFIG_MAP("a", "one") "]", "");
    controller_fixture_sync_until(f, "", "Succeeded");
    fake_cluster_patch(f->cluster, "ConfigMap", "ns", "a",
                       "metadata: {managedFields: [{manager: kubectl-client-side-apply, operation: "
                       "Update, apiVersion: v1, fieldsV1: {'f:data': {'f:text': {}}}}]}");
    controller_fixture_move(f, "[" WITH_OPTIONS("ServerSideApply=true", "two") "]");
    fake_cluster_forget_log(f->cluster);
    sync_to(f, "two");
    assert_int_equal(fake_cluster_count(f->cluster, "PATCH " MAPS "/a", "/metadata/managedFields"),
                     1);
}

static void server_side_apply_takes_over_what_was_applied_before(void **state UNUSED)
{
    CONTROLLER_TEST(handover_body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_others_wrote_is_kept),
        cmocka_unit_test(a_conflict_is_met_by_reading_again),
        cmocka_unit_test(conflicts_without_end_are_an_error),
        cmocka_unit_test(what_exists_after_all_is_read),
        cmocka_unit_test(what_vanished_meanwhile_is_looked_for),
        cmocka_unit_test(server_side_apply_is_one_patch),
        cmocka_unit_test(replace_is_an_update),
        cmocka_unit_test(a_forced_replace_makes_it_anew),
        cmocka_unit_test(force_deletes_what_cannot_be_changed),
        cmocka_unit_test(force_ends_lasting_conflicts),
        cmocka_unit_test(force_deletes_nothing_for_server_side_apply),
        cmocka_unit_test(a_dry_run_of_force_deletes_nothing),
        cmocka_unit_test(an_unknown_kind_fails_before_anything_is_done),
        cmocka_unit_test(a_kind_that_is_about_to_come_is_waited_for),
        cmocka_unit_test(an_object_may_refuse_to_be_pruned),
        cmocka_unit_test(what_is_pruned_is_waited_for),
        cmocka_unit_test(what_is_pruned_must_be_what_was_looked_at),
        cmocka_unit_test(the_namespace_is_created_first),
        cmocka_unit_test(a_binding_to_another_role_is_made_anew),
        cmocka_unit_test(what_holds_others_is_never_deleted_to_replace_it),
        cmocka_unit_test(fields_nobody_knows_are_refused_unless_validation_is_off),
        cmocka_unit_test(where_the_server_does_not_look_fields_are_checked_here),
        cmocka_unit_test(fields_that_cannot_be_checked_are_an_error),
        cmocka_unit_test(a_definition_is_waited_for_until_it_is_served),
        cmocka_unit_test(a_dry_run_knows_what_the_sync_would_make),
        cmocka_unit_test(server_side_apply_takes_over_what_was_applied_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
