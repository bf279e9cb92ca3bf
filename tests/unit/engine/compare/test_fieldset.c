/* Sets of fields: whose they are, unions, items by key. */
#include "engine/compare/fieldset.h"
#include "tests/lib/parse.h"

static const char OBJECT[] =
    "metadata:\n"
    "  managedFields:\n"
    "  - {manager: us, operation: Apply, fieldsV1: {'f:a': {}, 'f:l': {'k:{\"n\":1}': {'.': {}, "
    "'f:n': {}}}}}\n"
    "  - {manager: us, operation: Update, fieldsV1: {'f:b': {'f:c': {}}}}\n"
    "  - {manager: us, operation: Apply, subresource: status, fieldsV1: {'f:s': {}}}\n"
    "  - {manager: them, operation: Update, fieldsV1: {'f:b': {'f:d': {}}}}\n"
    "  - {manager: them, operation: Update, fieldsV1: 7}\n";

static void sets_are_unions_of_entries(void **state UNUSED)
{
    static const struct {
        enum fieldset_whose whose;
        const char *manager;
        const char *want;
    } CASES[] = {
        {FIELDSET_APPLIED, "us", "{'f:a': {}, 'f:l': {'k:{\"n\":1}': {'.': {}, 'f:n': {}}}}"},
        {FIELDSET_MANAGED, "us",
         "{'f:a': {}, 'f:b': {'f:c': {}}, 'f:l': {'k:{\"n\":1}': {'.': {}, 'f:n': {}}}}"},
        {FIELDSET_OTHERS, "us", "{'f:b': {'f:c': {}, 'f:d': {}}, 'f:s': {}}"},
    };
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *obj = parse_yaml(arena, OBJECT);
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        assert_yaml(arena, fieldset_of(arena, obj, str_from(CASES[i].manager), CASES[i].whose),
                    CASES[i].want);
    }
    assert_null(fieldset_of(arena, obj, STR("nobody"), FIELDSET_MANAGED));
    assert_null(fieldset_of(arena, NULL, STR("us"), FIELDSET_OTHERS));
}

static void a_leaf_stays_owned_in_a_union(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *both = fieldset_union(arena, parse_yaml(arena, "{'f:m': {}}"),
                                              parse_yaml(arena, "{'f:m': {'f:x': {}}}"));
    assert_yaml(arena, both, "{'f:m': {'f:x': {}, '.': {}}}");
    assert_true(fieldset_has_self(fieldset_member(both, STR("m"))));
    assert_false(fieldset_is_leaf(fieldset_member(both, STR("m"))));
    assert_null(fieldset_member(both, STR("x")));
}

static void long_names_are_found(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    char name[600];
    memset(name, 'n', sizeof(name));
    struct str text = arena_printf(arena, "{'f:%.*s': {}}", (int)sizeof(name), name);
    const struct value *set = parse_yaml(arena, text.p);
    assert_non_null(fieldset_member(set, str_of(name, sizeof(name))));
    assert_null(fieldset_member(set, str_of(name, sizeof(name) - 1)));
}

static void items_are_found_by_key_and_by_value(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *set = parse_yaml(
        arena, "{'.': {}, 'k:{\"port\":80,\"protocol\":\"TCP\"}': {'f:name': {}}, 'k:[': {}}");
    struct fieldset_keys keys;
    assert_true(fieldset_keys_of(arena, &set, 1, &keys));
    assert_int_equal(keys.n, 2);
    struct fieldset_index sets;
    struct fieldset_index items;
    fieldset_index_set(arena, &keys, set, &sets);
    const struct value *list =
        parse_yaml(arena, "[{port: 80, protocol: TCP}, {port: 80, protocol: UDP}]");
    fieldset_index_list(arena, &keys, list, &items);
    assert_false(items.ambiguous);
    assert_yaml(arena,
                fieldset_index_find(&sets, fieldset_item_key(arena, &keys, value_at(list, 0))),
                "{'f:name': {}}");
    assert_null(fieldset_index_find(&sets, fieldset_item_key(arena, &keys, value_at(list, 1))));
    const struct value *values = parse_yaml(arena, "{'v:\"a\"': {}}");
    assert_true(fieldset_keys_of(arena, &values, 1, &keys));
    assert_int_equal(keys.n, 0);
    fieldset_index_list(arena, &keys, parse_yaml(arena, "[a, a]"), &items);
    assert_true(items.ambiguous);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sets_are_unions_of_entries),
        cmocka_unit_test(a_leaf_stays_owned_in_a_union),
        cmocka_unit_test(long_names_are_found),
        cmocka_unit_test(items_are_found_by_key_and_by_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
