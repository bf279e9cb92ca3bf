/* Normalisation of single kinds; what it does to comparisons is in tests/data/diff/rules. */
#include "engine/compare/normalize.h"
#include "tests/lib/parse.h"

static void metadata_of_the_server_goes(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *obj =
        parse_yaml(arena, "{kind: X, metadata: {name: a, creationTimestamp: null, managedFields: "
                          "[{}]}, status: {a: 1}}");
    assert_yaml(arena, normalize_object(arena, obj, NULL), "{kind: X, metadata: {name: a}}");
    const struct normalize_opts keep = {.keep_status = true};
    assert_yaml(arena, normalize_object(arena, obj, &keep),
                "{kind: X, metadata: {name: a}, status: {a: 1}}");
    assert_null(normalize_object(arena, NULL, NULL));
}

static void nothing_to_do_shares(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *obj = parse_yaml(arena, "{kind: X, metadata: {name: a}, spec: {}}");
    assert_ptr_equal(normalize_object(arena, obj, NULL), obj);
}

static void string_data_is_folded_into_data(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *obj = parse_yaml(
        arena, "{apiVersion: v1, kind: Secret, stringData: {a: new}, data: {a: b2xk, b: null}}");
    assert_yaml(arena, normalize_object(arena, obj, NULL),
                "{apiVersion: v1, kind: Secret, data: {a: bmV3, b: ''}}");
}

static void endpoints_are_sorted(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *obj = parse_yaml(
        arena, "{apiVersion: v1, kind: Endpoints, subsets: [{addresses: [{ip: 2.2.2.2}, {ip: "
               "1.1.1.1}], ports: [{port: 2}, {port: 1, protocol: UDP}]}]}");
    assert_yaml(arena, normalize_object(arena, obj, NULL),
                "{apiVersion: v1, kind: Endpoints, subsets: [{addresses: [{ip: 1.1.1.1}, {ip: "
                "2.2.2.2}], ports: [{port: 1, protocol: UDP}, {port: 2, protocol: TCP}]}]}");
}

static void endpoints_of_any_shape_survive(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    static const char *const CASES[] = {
        "{apiVersion: v1, kind: Endpoints}",
        "{apiVersion: v1, kind: Endpoints, subsets: 3}",
        "{apiVersion: v1, kind: Endpoints, subsets: [null, {ports: x, addresses: 1}]}",
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        assert_non_null(normalize_object(arena, parse_yaml(arena, CASES[i]), NULL));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(metadata_of_the_server_goes),     cmocka_unit_test(nothing_to_do_shares),
        cmocka_unit_test(string_data_is_folded_into_data), cmocka_unit_test(endpoints_are_sorted),
        cmocka_unit_test(endpoints_of_any_shape_survive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
