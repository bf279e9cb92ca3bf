/* Objects: identity, metadata, edits that share, canonical JSON. */
#include "common/base/buf.h"
#include "common/kube/kube_object.h"
#include "common/value/value.h"
#include "tests/lib/parse.h"

static const char DEPLOYMENT[] =
    "apiVersion: apps/v1\n"
    "kind: Deployment\n"
    "metadata:\n"
    "  name: web\n"
    "  namespace: shop\n"
    "  uid: u-1\n"
    "  resourceVersion: '42'\n"
    "  generation: 3\n"
    "  creationTimestamp: '2026-01-01T00:00:00Z'\n"
    "  deletionTimestamp: '2026-01-02T00:00:00Z'\n"
    "  labels: {app: web, empty: ''}\n"
    "  annotations: {argocd.argoproj.io/sync-options: ' Prune=false , Force=true'}\n"
    "  finalizers: [a, b]\n"
    "  ownerReferences:\n"
    "  - {apiVersion: v1, kind: Node, name: n1, uid: u-2}\n"
    "  - {apiVersion: example.com/v1, kind: App, name: n2, uid: u-3, controller: true,\n"
    "     blockOwnerDeletion: true}\n";

static void identity_is_read(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *obj = parse_yaml(arena, DEPLOYMENT);
    struct kube_gvk gvk = kube_gvk_of(obj);
    ASSERT_STR(gvk.group, "apps");
    ASSERT_STR(gvk.version, "v1");
    ASSERT_STR(gvk.kind, "Deployment");
    ASSERT_STR(kube_key_to_str(arena, kube_key_of(obj)), "apps/Deployment/shop/web");
    ASSERT_STR(kube_uid(obj), "u-1");
    ASSERT_STR(kube_resource_version(obj), "42");
    assert_int_equal(kube_generation(obj), 3);
    assert_true(kube_is_deleting(obj));
    ASSERT_STR(kube_creation_timestamp(obj), "2026-01-01T00:00:00Z");
}

static void what_is_missing_is_empty(void **state UNUSED)
{
    struct kube_owner owner;
    ASSERT_STR(kube_name(NULL), "");
    ASSERT_STR(kube_group_of(&VALUE_EMPTY_MAP), "");
    assert_false(kube_is_deleting(&VALUE_EMPTY_MAP));
    assert_false(kube_has_finalizer(NULL, STR("a")));
    assert_false(kube_owner_at(NULL, 0, &owner));
    assert_false(kube_controller_of(&VALUE_EMPTY_LIST, &owner));
    assert_null(kube_labels(&VALUE_TRUE));
}

static void labels_annotations_finalizers_owners(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *obj = parse_yaml(arena, DEPLOYMENT);
    struct str options = STR("argocd.argoproj.io/sync-options");
    struct kube_owner owner;
    ASSERT_STR(kube_label(obj, STR("app")), "web");
    assert_true(kube_has_label(obj, STR("empty")));
    assert_false(kube_has_label(obj, STR("none")));
    assert_true(kube_annotation_has(obj, options, STR("Prune=false")));
    assert_true(kube_annotation_has(obj, options, STR("Force=true")));
    assert_false(kube_annotation_has(obj, options, STR("Prune")));
    assert_true(kube_has_finalizer(obj, STR("b")));
    assert_int_equal(kube_owner_count(obj), 2);
    assert_true(kube_owner_at(obj, 0, &owner));
    ASSERT_STR(owner.group, "");
    ASSERT_STR(owner.version, "v1");
    assert_true(kube_controller_of(obj, &owner));
    ASSERT_STR(owner.group, "example.com");
    ASSERT_STR(owner.uid, "u-3");
    assert_true(owner.block_owner_deletion);
}

static const struct {
    const char *text;
    const char *want; /* NULL = invalid */
} API_VERSIONS[] = {
    {"v1", "|v1"}, {"apps/v1", "apps|v1"}, {"", NULL},
    {"/v1", NULL}, {"apps/", NULL},        {"a/b/c", NULL},
};

static void api_versions_are_taken_apart(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    for (size_t i = 0; i < ARRAY_LEN(API_VERSIONS); i++) {
        struct str group;
        struct str version;
        struct str text = str_from(API_VERSIONS[i].text);
        if (API_VERSIONS[i].want == NULL) {
            ASSERT_ERR(kube_api_version_parse(text, &group, &version, &err), ERR_INVALID,
                       "is not an apiVersion");
            continue;
        }
        ASSERT_OK(kube_api_version_parse(text, &group, &version, &err));
        ASSERT_STR(arena_printf(arena, STR_FMT "|" STR_FMT, STR_ARG(group), STR_ARG(version)),
                   API_VERSIONS[i].want);
        assert_true(str_eq(kube_api_version_format(arena, group, version), text));
    }
}

static void objects_are_checked(void **state UNUSED)
{
    static const struct {
        const char *text;
        const char *want;
    } BAD[] = {
        {"[]", "not a Kubernetes object but a list"},
        {"{kind: A}", "apiVersion is missing"},
        {"{apiVersion: v1}", "kind is missing"},
        {"{apiVersion: a/b/c, kind: A}", "is not an apiVersion"},
        {"{apiVersion: v1, kind: A, metadata: {}}", "A without metadata.name"},
    };
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    for (size_t i = 0; i < ARRAY_LEN(BAD); i++) {
        ASSERT_ERR(kube_object_check(parse_yaml(arena, BAD[i].text), &err), ERR_INVALID,
                   BAD[i].want);
    }
    ASSERT_OK(kube_object_check(parse_yaml(arena, DEPLOYMENT), &err));
    ASSERT_OK(kube_object_check(
        parse_yaml(arena, "{apiVersion: v1, kind: A, metadata: {generateName: a-}}"), &err));
}

static void keys_compare_hash_and_parse(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    struct kube_key key;
    const struct kube_key role = {STR("rbac"), STR("Role"), STR(""), STR("a/b")};
    struct kube_key copy = kube_key_copy(arena, role);
    ASSERT_OK(kube_key_parse(kube_key_to_str(arena, role), &key, &err));
    assert_true(kube_key_eq(key, role));
    assert_true(kube_key_eq(copy, role));
    assert_int_equal(kube_key_hash(copy), kube_key_hash(role));
    assert_int_equal(kube_key_cmp(copy, role), 0);
    copy.namespace = STR("n");
    assert_true(kube_key_cmp(role, copy) < 0);
    assert_false(kube_key_eq(role, copy));
    ASSERT_ERR(kube_key_parse(STR("a/b/c"), &key, &err), ERR_INVALID, "group/Kind/namespace/name");
    ASSERT_ERR(kube_key_parse(STR("a//c/d"), &key, &err), ERR_INVALID, "group/Kind");
}

static void edits_leave_the_original_alone(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *obj = parse_yaml(arena, "{metadata: {labels: {a: b}}}");
    assert_json(arena, kube_with_label(arena, obj, STR("c"), STR("d")),
                "{\"metadata\":{\"labels\":{\"a\":\"b\",\"c\":\"d\"}}}");
    assert_json(arena, kube_without_label(arena, obj, STR("a")), "{\"metadata\":{}}");
    assert_ptr_equal(kube_without_label(arena, obj, STR("x")), obj);
    assert_json(arena, kube_with_annotation(arena, obj, STR("x"), STR("y")),
                "{\"metadata\":{\"annotations\":{\"x\":\"y\"},\"labels\":{\"a\":\"b\"}}}");
    assert_ptr_equal(kube_without_annotation(arena, obj, STR("x")), obj);
    assert_json(arena, kube_with_namespace(arena, &VALUE_EMPTY_MAP, STR("n")),
                "{\"metadata\":{\"namespace\":\"n\"}}");
    assert_json(arena, kube_with_name(arena, obj, STR("n")),
                "{\"metadata\":{\"labels\":{\"a\":\"b\"},\"name\":\"n\"}}");
    assert_json(arena, obj, "{\"metadata\":{\"labels\":{\"a\":\"b\"}}}");
}

static void finalizers_are_edited(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *obj = kube_with_finalizer(arena, &VALUE_EMPTY_MAP, STR("a"));
    assert_ptr_equal(kube_with_finalizer(arena, obj, STR("a")), obj);
    obj = kube_with_finalizer(arena, obj, STR("b"));
    assert_json(arena, obj, "{\"metadata\":{\"finalizers\":[\"a\",\"b\"]}}");
    obj = kube_without_finalizer(arena, obj, STR("a"));
    assert_json(arena, obj, "{\"metadata\":{\"finalizers\":[\"b\"]}}");
    assert_ptr_equal(kube_without_finalizer(arena, obj, STR("a")), obj);
    assert_json(arena, kube_without_finalizer(arena, obj, STR("b")), "{\"metadata\":{}}");
}

static void types_and_metadata_are_stamped(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *obj = parse_yaml(arena, "{data: 1, kind: Old, metadata: {name: x}}");
    const struct value *typed = kube_with_type(arena, obj, STR("v1"), STR("New"));
    ASSERT_STR(value_entry_at(typed, 0)->key, "apiVersion");
    assert_json(
        arena, typed,
        "{\"apiVersion\":\"v1\",\"data\":1,\"kind\":\"New\",\"metadata\":{\"name\":\"x\"}}");
    assert_json(arena, kube_object_metadata_only(arena, obj, STR("v1"), STR("New")),
                "{\"apiVersion\":\"v1\",\"kind\":\"New\",\"metadata\":{\"name\":\"x\"}}");
    assert_json(arena, kube_object_metadata_only(arena, NULL, STR("v1"), STR("New")),
                "{\"apiVersion\":\"v1\",\"kind\":\"New\",\"metadata\":{}}");
}

static void fields_are_removed(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *obj = parse_yaml(arena, "{metadata: {name: x, uid: u, managedFields: []}, "
                                                "status: {a: 1}, spec: {b: 2}}");
    assert_json(arena, kube_without_fields(arena, obj, KUBE_SERVER_FIELDS),
                "{\"metadata\":{\"name\":\"x\"},\"spec\":{\"b\":2}}");
    const struct value *plain = parse_yaml(arena, "{spec: 1}");
    assert_ptr_equal(kube_without_fields(arena, plain, KUBE_MANAGED_FIELDS), plain);
}

static void equal_objects_have_equal_json(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(buf) struct buf a;
    AUTO(buf) struct buf b;
    struct err err;
    buf_init(&a, 1024);
    buf_init(&b, 1024);
    ASSERT_OK(kube_canonical_json(parse_yaml(arena, "{b: 1, a: {d: 1, c: <}}"), &a, &err));
    ASSERT_OK(kube_canonical_json(parse_yaml(arena, "{a: {c: <, d: 1}, b: 1}"), &b, &err));
    ASSERT_STR(buf_str(&a), "{\"a\":{\"c\":\"<\",\"d\":1},\"b\":1}");
    assert_true(str_eq(buf_str(&a), buf_str(&b)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identity_is_read),
        cmocka_unit_test(what_is_missing_is_empty),
        cmocka_unit_test(labels_annotations_finalizers_owners),
        cmocka_unit_test(api_versions_are_taken_apart),
        cmocka_unit_test(objects_are_checked),
        cmocka_unit_test(keys_compare_hash_and_parse),
        cmocka_unit_test(edits_leave_the_original_alone),
        cmocka_unit_test(finalizers_are_edited),
        cmocka_unit_test(types_and_metadata_are_stamped),
        cmocka_unit_test(fields_are_removed),
        cmocka_unit_test(equal_objects_have_equal_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
