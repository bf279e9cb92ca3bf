/* Tracking: methods, ids there and back, self-reference. */
#include "app-controller/compare/tracking.h"
#include "tests/lib/parse.h"

static const struct tracking BY_ANNOTATION = {.method = TRACKING_ANNOTATION};
static const struct tracking BY_BOTH = {.method = TRACKING_ANNOTATION_AND_LABEL};
static const struct tracking BY_LABEL = {.method = TRACKING_LABEL};

#define DEPLOYMENT "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop}}"

static void methods_by_name(void **state UNUSED)
{
    assert_int_equal(tracking_method_parse(STR("label")), TRACKING_LABEL);
    assert_int_equal(tracking_method_parse(STR("annotation+label")), TRACKING_ANNOTATION_AND_LABEL);
    assert_int_equal(tracking_method_parse(STR("annotation")), TRACKING_ANNOTATION);
    assert_int_equal(tracking_method_parse(STR("")), TRACKING_ANNOTATION);
}

static void writes_and_reads_the_annotation(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *obj = tracking_apply(arena, &BY_ANNOTATION, STR("argo_app"), STR("dest"),
                                             parse_yaml(arena, DEPLOYMENT));
    ASSERT_STR(kube_annotation(obj, STR(TRACKING_ID_ANNOTATION)),
               "argo_app:apps/Deployment:shop/web");
    assert_null(kube_labels(obj));
    ASSERT_STR(tracking_instance_of(&BY_ANNOTATION, obj), "argo_app");
    assert_true(tracking_is_self_reference(&BY_ANNOTATION, obj, NULL));
}

static void cluster_scoped_objects_name_the_destination(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *obj = tracking_apply(
        arena, &BY_ANNOTATION, STR("app"), STR("dest"),
        parse_yaml(arena, "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, "
                          "metadata: {name: 'system:x'}}"));
    struct tracking_id id;
    assert_true(tracking_id_parse(kube_annotation(obj, STR(TRACKING_ID_ANNOTATION)), &id));
    ASSERT_STR(id.key.namespace, "dest");
    ASSERT_STR(id.key.name, "system:x");
    assert_true(tracking_is_self_reference(&BY_ANNOTATION, obj, NULL));
}

static void labels_are_cut_to_what_kubernetes_takes(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const char *name = "a23456789-123456789-123456789-123456789-123456789-123456789-12--tail";
    const struct value *obj =
        tracking_apply(arena, &BY_BOTH, str_from(name), STR("d"), parse_yaml(arena, DEPLOYMENT));
    ASSERT_STR(kube_label(obj, STR(TRACKING_LABEL_KEY)),
               "a23456789-123456789-123456789-123456789-123456789-123456789-12");
    assert_true(kube_has_annotation(obj, STR(TRACKING_ID_ANNOTATION)));
    obj = tracking_apply(arena, &BY_LABEL, str_from(name), STR("d"), parse_yaml(arena, DEPLOYMENT));
    ASSERT_STR(tracking_instance_of(&BY_LABEL, obj), name);
    assert_false(kube_has_annotation(obj, STR(TRACKING_ID_ANNOTATION)));
}

static void crds_stay_as_they_are(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *crd = parse_yaml(arena, "{apiVersion: apiextensions.k8s.io/v1, kind: "
                                                "CustomResourceDefinition, metadata: {name: x}}");
    assert_ptr_equal(tracking_apply(arena, &BY_LABEL, STR("a"), STR("d"), crd), crd);
}

static void other_installations_are_not_ours(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct tracking one = {.installation_id = STR("one")};
    const struct tracking two = {.installation_id = STR("two")};
    const struct value *obj =
        tracking_apply(arena, &one, STR("app"), STR("d"), parse_yaml(arena, DEPLOYMENT));
    ASSERT_STR(tracking_instance_of(&one, obj), "app");
    ASSERT_STR(tracking_instance_of(&two, obj), "");
    ASSERT_STR(tracking_instance_of(&BY_ANNOTATION, obj), "app");
}

static void copies_are_not_self_references(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *obj =
        tracking_apply(arena, &BY_ANNOTATION, STR("app"), STR("d"), parse_yaml(arena, DEPLOYMENT));
    const struct value *copy = kube_with_name(arena, obj, STR("copy"));
    assert_false(tracking_is_self_reference(&BY_ANNOTATION, copy, NULL));
    assert_true(tracking_is_self_reference(&BY_LABEL, copy, NULL));
    assert_true(tracking_is_self_reference(&BY_ANNOTATION, parse_yaml(arena, DEPLOYMENT), NULL));
    /* what is in the source is managed, whatever id it carries now */
    const struct value *target = kube_with_name(arena, obj, STR("copy"));
    assert_true(tracking_is_self_reference(&BY_ANNOTATION, copy, target));
    assert_false(tracking_is_self_reference(&BY_ANNOTATION, copy, obj));
    /* moved to another API group, and read in the target's */
    const struct value *moved =
        kube_with_type(arena, obj, STR("extensions/v1beta1"), STR("Deployment"));
    assert_false(tracking_is_self_reference(&BY_ANNOTATION, moved, NULL));
    assert_true(tracking_is_self_reference(&BY_ANNOTATION, obj, obj));
}

static void malformed_ids_are_no_ids(void **state UNUSED)
{
    static const char *const CASES[] = {"",          "app", "app:g/K", "app:gK:ns/n",
                                        "app:g/K:n", "::",  "/:"};
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct tracking_id id;
        assert_false(tracking_id_parse(str_from(CASES[i]), &id));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(methods_by_name),
        cmocka_unit_test(writes_and_reads_the_annotation),
        cmocka_unit_test(cluster_scoped_objects_name_the_destination),
        cmocka_unit_test(labels_are_cut_to_what_kubernetes_takes),
        cmocka_unit_test(crds_stay_as_they_are),
        cmocka_unit_test(other_installations_are_not_ours),
        cmocka_unit_test(copies_are_not_self_references),
        cmocka_unit_test(malformed_ids_are_no_ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
