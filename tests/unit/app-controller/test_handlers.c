/* Calls of the API server to a whole controller. */
#include "app-controller/handlers.h"
#include "tests/lib/controller_call.h"

#define OBJECTS                                                                               \
    "[" CONFIG_MAP("a", "one") ", {apiVersion: v1, kind: Secret, metadata: {name: s}, data: " \
                               "{password: c2VjcmV0}}]"

static char WEB[] = "web";

static void tree_body(struct controller_fixture *f)
{
    controller_fixture_synced(f, OBJECTS, "");
    Belay__AppRef app = controller_call_app(WEB);
    Belay__GetResourceTreeRequest req;
    belay__get_resource_tree_request__init(&req);
    req.app = &app;
    struct controller_call c =
        controller_call(f, BELAY__CONTROLLER_METHOD__CONTROLLER_GET_RESOURCE_TREE, &req.base);
    assert_int_equal(c.code, ERR_OK);
    assert_int_equal(value_len(value_dig(c.json, "nodes")), 2);
}

static void the_tree_is_told(void **state UNUSED)
{
    CONTROLLER_TEST(tree_body);
}

static void unknown_body(struct controller_fixture *f)
{
    static char other[] = "other";
    Belay__AppRef app = controller_call_app(other);
    Belay__GetResourceTreeRequest req;
    belay__get_resource_tree_request__init(&req);
    struct controller_call c =
        controller_call(f, BELAY__CONTROLLER_METHOD__CONTROLLER_GET_RESOURCE_TREE, &req.base);
    assert_int_equal(c.code, ERR_INVALID);
    req.app = &app;
    c = controller_call(f, BELAY__CONTROLLER_METHOD__CONTROLLER_GET_RESOURCE_TREE, &req.base);
    assert_int_equal(c.code, ERR_NOT_FOUND);
    assert_non_null(strstr(c.message, "application 'argocd/other' not found"));
    controller_fixture_app(f, "other", "", "project: nope");
    controller_fixture_until_condition(f, "other", "InvalidSpecError", "nope");
    c = controller_call(f, BELAY__CONTROLLER_METHOD__CONTROLLER_GET_RESOURCE_TREE, &req.base);
    assert_json(f->arena, c.json, "{\"nodes\":[]}"); /* it may not use anything */
}

static void an_application_has_to_be_known_and_compared(void **state UNUSED)
{
    CONTROLLER_TEST(unknown_body);
}

static void managed_body(struct controller_fixture *f)
{
    controller_fixture_synced(f, OBJECTS, "");
    Belay__AppRef app = controller_call_app(WEB);
    Belay__GetManagedResourcesRequest req;
    belay__get_managed_resources_request__init(&req);
    req.app = &app;
    struct controller_call c =
        controller_call(f, BELAY__CONTROLLER_METHOD__CONTROLLER_GET_MANAGED_RESOURCES, &req.base);
    assert_int_equal(c.code, ERR_OK);
    const struct value *items = value_dig(c.json, "items");
    assert_int_equal(value_len(items), 2);
    VALUE_FOREACH(items, item) {
        struct str live = value_dig_str(item, "liveState");
        assert_true(live.n > 0 && !str_eq(live, STR("null")));
        assert_true(str_find(live, STR("c2VjcmV0")) == STR_NONE);
        assert_true(str_find(value_dig_str(item, "targetState"), STR("c2VjcmV0")) == STR_NONE);
    }
}

static void managed_resources_show_no_secrets(void **state UNUSED)
{
    CONTROLLER_TEST(managed_body);
}

static void object_body(struct controller_fixture *f)
{
    static char secret[] = "Secret";
    static char s[] = "s";
    static char stranger[] = "stranger";
    controller_fixture_synced(f, OBJECTS, "");
    fake_cluster_put(f->cluster,
                     "{apiVersion: v1, kind: Secret, metadata: {name: stranger, namespace: ns}}");
    Belay__AppRef app = controller_call_app(WEB);
    Belay__ResourceRef resource = controller_call_resource(secret, s);
    Belay__GetResourceRequest req;
    belay__get_resource_request__init(&req);
    req.app = &app;
    struct controller_call c =
        controller_call(f, BELAY__CONTROLLER_METHOD__CONTROLLER_GET_RESOURCE, &req.base);
    assert_int_equal(c.code, ERR_INVALID);
    req.resource = &resource;
    c = controller_call(f, BELAY__CONTROLLER_METHOD__CONTROLLER_GET_RESOURCE, &req.base);
    assert_int_equal(c.code, ERR_OK);
    ASSERT_STR(kube_name(c.json), "s");
    assert_false(str_eq(value_dig_str(c.json, "data", "password"), STR("c2VjcmV0")));
    resource.name = stranger;
    c = controller_call(f, BELAY__CONTROLLER_METHOD__CONTROLLER_GET_RESOURCE, &req.base);
    assert_int_equal(c.code, ERR_NOT_FOUND);
    assert_non_null(strstr(c.message, "is not part of application"));
}

static void only_objects_of_the_tree_can_be_read(void **state UNUSED)
{
    CONTROLLER_TEST(object_body);
}

static struct controller_call patch(struct controller_fixture *f, char *type, const char *json)
{
    static char config_map[] = "ConfigMap";
    static char a[] = "a";
    Belay__AppRef app = controller_call_app(WEB);
    Belay__ResourceRef resource = controller_call_resource(config_map, a);
    Belay__PatchResourceRequest req;
    belay__patch_resource_request__init(&req);
    req.app = &app;
    req.resource = &resource;
    req.patch_type = type;
    req.patch = ipc_bytes_of(str_from(json));
    return controller_call(f, BELAY__CONTROLLER_METHOD__CONTROLLER_PATCH_RESOURCE, &req.base);
}

static void patch_body(struct controller_fixture *f)
{
    static char merge[] = "application/merge-patch+json";
    static char odd[] = "text/plain";
    controller_fixture_synced(f, OBJECTS, "");
    struct controller_call c = patch(f, merge, "{\"data\":{\"text\":\"two\"}}");
    assert_int_equal(c.code, ERR_OK);
    ASSERT_STR(value_dig_str(c.json, "data", "text"), "two");
    UNTIL_SYNC(f, "web", "OutOfSync");
    c = patch(f, odd, "{}");
    assert_int_equal(c.code, ERR_INVALID);
    assert_non_null(strstr(c.message, "patch type 'text/plain' is unknown"));
    fake_cluster_fail(f->cluster, "PATCH /api/v1", 1, 403, "Forbidden");
    c = patch(f, merge, "{}");
    assert_int_equal(c.code, ERR_DENIED);
}

static void objects_of_the_tree_can_be_patched(void **state UNUSED)
{
    CONTROLLER_TEST(patch_body);
}

static void delete_body(struct controller_fixture *f)
{
    static char config_map[] = "ConfigMap";
    static char a[] = "a";
    controller_fixture_synced(f, OBJECTS, "");
    Belay__AppRef app = controller_call_app(WEB);
    Belay__ResourceRef resource = controller_call_resource(config_map, a);
    Belay__DeleteResourceRequest req;
    belay__delete_resource_request__init(&req);
    req.app = &app;
    req.resource = &resource;
    req.orphan = true;
    req.force = true;
    struct controller_call c =
        controller_call(f, BELAY__CONTROLLER_METHOD__CONTROLLER_DELETE_RESOURCE, &req.base);
    assert_int_equal(c.code, ERR_OK);
    assert_null(fake_cluster_get(f->cluster, "ConfigMap", "ns", "a"));
    assert_int_equal(fake_cluster_count(f->cluster, "DELETE ", "\"Orphan\""), 1);
    assert_int_equal(fake_cluster_count(f->cluster, "DELETE ", "\"gracePeriodSeconds\":0"), 1);
    UNTIL_SYNC(f, "web", "OutOfSync");
}

static void objects_of_the_tree_can_be_deleted(void **state UNUSED)
{
    CONTROLLER_TEST(delete_body);
}

static void clusters_body(struct controller_fixture *f)
{
    Belay__Empty req;
    belay__empty__init(&req);
    struct controller_call c =
        controller_call(f, BELAY__CONTROLLER_METHOD__CONTROLLER_GET_CLUSTERS, &req.base);
    assert_int_equal(value_len(value_dig(c.json, "items")), 0); /* nobody needed one yet */
    controller_fixture_synced(f, OBJECTS, "");
    c = controller_call(f, BELAY__CONTROLLER_METHOD__CONTROLLER_GET_CLUSTERS, &req.base);
    const struct value *own = value_at(value_dig(c.json, "items"), 0);
    ASSERT_STR(value_dig_str(own, "server"), "https://kubernetes.default.svc");
    ASSERT_STR(value_dig_str(own, "status"), "Successful");
    assert_true(value_dig_str(own, "serverVersion").n > 0);
    assert_true(value_int(value_dig(own, "resourcesCount"), 0) > 0);
}

static void clusters_are_listed_with_their_state(void **state UNUSED)
{
    CONTROLLER_TEST(clusters_body);
}

static void cluster_api_body(struct controller_fixture *f)
{
    static char server[] = "https://kubernetes.default.svc/";
    static char elsewhere[] = "https://elsewhere.test";
    Belay__GetClusterApiRequest req;
    belay__get_cluster_api_request__init(&req);
    req.server = server;
    struct controller_call c =
        controller_call(f, BELAY__CONTROLLER_METHOD__CONTROLLER_GET_CLUSTER_API, &req.base);
    assert_int_equal(c.code, ERR_NOT_FOUND);
    controller_fixture_synced(f, OBJECTS, "");
    c = controller_call(f, BELAY__CONTROLLER_METHOD__CONTROLLER_GET_CLUSTER_API, &req.base);
    assert_int_equal(c.code, ERR_OK);
    assert_true(str_starts_with(value_dig_str(c.json, "kubeVersion"), STR("v1.")));
    ASSERT_STR(value_str(value_at(value_dig(c.json, "apiVersions"), 0)), "apiextensions.k8s.io/v1");
    req.server = elsewhere;
    c = controller_call(f, BELAY__CONTROLLER_METHOD__CONTROLLER_GET_CLUSTER_API, &req.base);
    assert_int_equal(c.code, ERR_NOT_FOUND);
}

static void what_a_cluster_can_do_is_told(void **state UNUSED)
{
    CONTROLLER_TEST(cluster_api_body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tree_is_told),
        cmocka_unit_test(an_application_has_to_be_known_and_compared),
        cmocka_unit_test(managed_resources_show_no_secrets),
        cmocka_unit_test(only_objects_of_the_tree_can_be_read),
        cmocka_unit_test(objects_of_the_tree_can_be_patched),
        cmocka_unit_test(objects_of_the_tree_can_be_deleted),
        cmocka_unit_test(clusters_are_listed_with_their_state),
        cmocka_unit_test(what_a_cluster_can_do_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
