/* The last-applied annotation: there and back, refusals. */
#include "common/kube/kube_object.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "engine/compare/last_applied.h"
#include "tests/lib/parse.h"

static void describes_the_object_without_itself(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    const struct value *obj =
        parse_yaml(arena, "{kind: ConfigMap, apiVersion: v1, metadata: {name: a}, data: {b: c}}");
    const struct value *once = NULL;
    const struct value *twice = NULL;
    ASSERT_OK(last_applied_set(arena, obj, &once, &err));
    ASSERT_STR(kube_annotation(once, STR(LAST_APPLIED_ANNOTATION)),
               "{\"apiVersion\":\"v1\",\"data\":{\"b\":\"c\"},\"kind\":\"ConfigMap\","
               "\"metadata\":{\"name\":\"a\"}}\n");
    ASSERT_OK(last_applied_set(arena, once, &twice, &err));
    assert_true(value_equal(once, twice));
    const struct value *last = NULL;
    ASSERT_OK(last_applied_of(arena, once, &last, &err));
    assert_true(value_equal(last, obj));
}

static void missing_is_null(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    const struct value *last = &VALUE_TRUE;
    ASSERT_OK(last_applied_of(arena, parse_yaml(arena, "{metadata: {}}"), &last, &err));
    assert_null(last);
}

static void refuses_what_is_no_object(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    const struct value *last = NULL;
    const struct value *list =
        parse_yaml(arena, "{metadata: {annotations: {" LAST_APPLIED_ANNOTATION ": '[1]'}}}");
    ASSERT_ERR(last_applied_of(arena, list, &last, &err), ERR_INVALID, "not a JSON object");
    const struct value *text =
        parse_yaml(arena, "{metadata: {annotations: {" LAST_APPLIED_ANNOTATION ": 'x'}}}");
    ASSERT_ERR(last_applied_of(arena, text, &last, &err), ERR_INVALID, LAST_APPLIED_ANNOTATION);
}

static void too_large_objects_need_server_side_apply(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    const size_t n = 300 * 1024;
    char *text = arena_bytes(arena, n + 1);
    memset(text, 'x', n);
    text[n] = '\0';
    const struct value *obj =
        value_with(arena, NULL, value_new_str(arena, str_of(text, n)), "data", "a");
    const struct value *ret = NULL;
    ASSERT_ERR(last_applied_set(arena, obj, &ret, &err), ERR_LIMIT, "last-applied");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(describes_the_object_without_itself),
        cmocka_unit_test(missing_is_null),
        cmocka_unit_test(refuses_what_is_no_object),
        cmocka_unit_test(too_large_objects_need_server_side_apply),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
