/* From an object to what the live store takes. */
#include "app-controller/live/live_update.h"
#include "tests/lib/parse.h"

#define OBJECT(metadata)                                                             \
    "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: ns, uid: u1, " \
    "resourceVersion: '7', creationTimestamp: '2026-01-01T00:00:01Z'" metadata "}}"
#define ID(text) ", annotations: {argocd.argoproj.io/tracking-id: '" text "'}"

static const struct tracking TRACKING = {.method = TRACKING_ANNOTATION};

static void metadata_is_taken_over(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct live_update up;
    live_update_of(arena, &TRACKING,
                   parse_yaml(arena, OBJECT(", ownerReferences: [{uid: o1}, {uid: o2}], "
                                            "deletionTimestamp: '2026-01-02T00:00:00Z'")),
                   LIVE_METADATA, &up);
    ASSERT_STR(up.name, "a");
    ASSERT_STR(up.namespace_, "ns");
    ASSERT_STR(up.uid, "u1");
    ASSERT_STR(up.resource_version, "7");
    assert_int_equal(up.created_s, 1767225601);
    assert_int_equal(up.n_owners, 2);
    ASSERT_STR(up.owner_uids[1], "o2");
    assert_true(up.deleting);
    assert_null(up.full);
    assert_int_equal(up.app.n, 0);
}

static void only_its_own_tracking_id_counts(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct live_update up;
    live_update_of(arena, &TRACKING, parse_yaml(arena, OBJECT(ID("web:/ConfigMap:ns/a"))),
                   LIVE_METADATA, &up);
    ASSERT_STR(up.app, "web");
    live_update_of(arena, &TRACKING, parse_yaml(arena, OBJECT(ID("web:/ConfigMap:ns/copied"))),
                   LIVE_METADATA, &up);
    assert_int_equal(up.app.n, 0);
}

static void tokens_belong_to_their_accounts(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct live_update up;
    live_update_of(arena, &TRACKING,
                   parse_yaml(arena,
                              "{apiVersion: v1, kind: Secret, metadata: {name: t, namespace: "
                              "ns, annotations: {kubernetes.io/service-account.uid: s1}}}"),
                   LIVE_METADATA, &up);
    assert_int_equal(up.n_owners, 1);
    ASSERT_STR(up.owner_uids[0], "s1");
    live_update_of(arena, &TRACKING,
                   parse_yaml(arena, OBJECT(", annotations: {kubernetes.io/service-account.uid: "
                                            "s1}")),
                   LIVE_METADATA, &up);
    assert_int_equal(up.n_owners, 0); /* no Secret */
}

static void whole_objects_bring_their_tree_fields(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct live_update up;
    const struct value *pod = parse_yaml(
        arena,
        "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{image: i}]}}");
    live_update_of(arena, &TRACKING, pod, LIVE_WHOLE, &up);
    assert_ptr_equal(up.full, pod);
    assert_true(str_find(up.info, STR("images")) != STR_NONE);
    assert_int_equal(up.created_s, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(metadata_is_taken_over),
        cmocka_unit_test(only_its_own_tracking_id_counts),
        cmocka_unit_test(whole_objects_bring_their_tree_fields),
        cmocka_unit_test(tokens_belong_to_their_accounts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
