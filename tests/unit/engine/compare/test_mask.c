/* Masking: lengths tell equal from different, nothing else gets through. */
#include "common/kube/kube_object.h"
#include "engine/compare/last_applied.h"
#include "engine/compare/mask.h"
#include "tests/lib/parse.h"

#define SECRET "{apiVersion: v1, kind: Secret, metadata: {name: s}, "

static void equal_values_have_equal_lengths(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct mask_set set = mask_secret(
        arena,
        (struct mask_set){
            .target = parse_yaml(arena, SECRET "stringData: {a: one}, data: {b: eA==}}"),
            .live = parse_yaml(arena, SECRET "data: {a: b25l, b: eQ==, c: eA==}}"),
            .predicted_live = parse_yaml(arena, SECRET "data: {a: b25l, b: eA==, c: eA==}}"),
        },
        NULL, 0);
    assert_yaml(arena, set.target, SECRET "stringData: {a: ++++++++}, data: {b: ++++++++}}");
    assert_yaml(arena, set.live, SECRET "data: {a: ++++++++, b: ++++++++++++, c: ++++++++}}");
    assert_yaml(arena, set.predicted_live, SECRET "data: {a: ++++++++, b: ++++++++, c: ++++++++}}");
    assert_null(set.normalized_live);
}

static void last_applied_is_masked_too(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *live = parse_yaml(
        arena, "apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\n  annotations:\n"
               "    " LAST_APPLIED_ANNOTATION ": '{\"data\":{\"a\":\"b25l\"},\"stringData\":{\"z\":"
               "\"hunter2\"}}'\ndata: {a: dHdv}\n");
    const struct value *masked = mask_object(arena, live, NULL, 0);
    struct str last = kube_annotation(masked, STR(LAST_APPLIED_ANNOTATION));
    ASSERT_STR(last, "{\"data\":{\"a\":\"++++++++++++\"},\"stringData\":{\"z\":\"++++++++\"}}");
}

static void unreadable_last_applied_is_hidden(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *live =
        parse_yaml(arena, "apiVersion: v1\nkind: Secret\nmetadata:\n  annotations:\n"
                          "    " LAST_APPLIED_ANNOTATION ": '{\"data\": hunter2'\n");
    ASSERT_STR(kube_annotation(mask_object(arena, live, NULL, 0), STR(LAST_APPLIED_ANNOTATION)),
               "++++++++");
}

static void named_annotations_are_masked(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct str keys[] = {STR("token")};
    struct mask_set set = {
        .target = parse_yaml(arena, "{apiVersion: v1, kind: Secret, metadata: {annotations: "
                                    "{token: a, other: b}}}"),
        .live = parse_yaml(arena, "{apiVersion: v1, kind: Secret, metadata: {annotations: "
                                  "{token: c}}}"),
    };
    set = mask_secret(arena, set, keys, 1);
    ASSERT_STR(kube_annotation(set.target, STR("token")), "++++++++");
    ASSERT_STR(kube_annotation(set.target, STR("other")), "b");
    ASSERT_STR(kube_annotation(set.live, STR("token")), "++++++++++++");
}

static void other_kinds_stay(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *map = parse_yaml(arena, "{apiVersion: v1, kind: ConfigMap, data: {a: b}}");
    assert_ptr_equal(mask_object(arena, map, NULL, 0), map);
    const struct value *custom =
        parse_yaml(arena, "{apiVersion: x.example.com/v1, kind: Secret, data: {a: b}}");
    assert_ptr_equal(mask_object(arena, custom, NULL, 0), custom);
    assert_null(mask_object(arena, NULL, NULL, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_values_have_equal_lengths),
        cmocka_unit_test(last_applied_is_masked_too),
        cmocka_unit_test(unreadable_last_applied_is_hidden),
        cmocka_unit_test(named_annotations_are_masked),
        cmocka_unit_test(other_kinds_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
