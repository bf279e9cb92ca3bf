/* Constructors and the stack builder. */
#include "common/value/value_build.h"
#include "common/value/value_json.h"
#include "tests/unit/common/value/value_fixture.h"

static void makes_single_values(void **state UNUSED)
{
    ASSERT_STR(print(value_new_bool(arena, true)), "true");
    ASSERT_STR(print(value_new_int(arena, -3)), "-3");
    ASSERT_STR(print(value_new_float(arena, 0.5)), "0.5");
    ASSERT_STR(print(value_new_str(arena, str_of("abc", 2))), "\"ab\"");
    ASSERT_STR(print(value_new_printf(arena, "%s-%d", "n", 5)), "\"n-5\"");
    struct value items[] = {value_of_null(), value_of_bool(false), value_of_int(1),
                            value_of_float(2), value_of_str(STR("s"))};
    ASSERT_STR(print(value_new_list(arena, items, ARRAY_LEN(items))), "[null,false,1,2,\"s\"]");
    ASSERT_STR(print(value_new_list(arena, NULL, 0)), "[]");
    struct str strs[] = {STR("a"), STR("b")};
    ASSERT_STR(print(value_new_str_list(arena, strs, 2)), "[\"a\",\"b\"]");
}

static void maps_from_entries_keep_the_last_of_equal_keys(void **state UNUSED)
{
    struct value_entry entries[] = {
        {STR("a"), value_of_int(1)}, {STR("b"), value_of_int(2)}, {STR("a"), value_of_int(3)}};
    ASSERT_STR(print(value_new_map(arena, entries, 3)), "{\"a\":3,\"b\":2}");
    ASSERT_STR(print(value_new_map(arena, NULL, 0)), "{}");
}

static void builds_nested_trees(void **state UNUSED)
{
    AUTO(value_builder) struct value_builder b;
    value_builder_init(&b, arena, VALUE_DUP_LAST);
    value_build_map(&b);
    value_build_field_str(&b, "s", STR("x"));
    value_build_field_str_opt(&b, "empty", STR_EMPTY);
    value_build_field_str_opt(&b, "full", STR("y"));
    value_build_field_int(&b, "i", 4);
    value_build_field_bool(&b, "b", true);
    value_build_field(&b, "none", NULL);
    value_build_field_list(&b, "l");
    value_build_null(&b);
    value_build_float(&b, 1.5);
    value_build_list(&b);
    value_build_end(&b);
    value_build_end(&b);
    value_build_field_map(&b, "m");
    value_build_end(&b);
    value_build_end(&b);
    ASSERT_STR(print(value_build_finish(&b)),
               "{\"s\":\"x\",\"full\":\"y\",\"i\":4,\"b\":true,\"none\":null,"
               "\"l\":[null,1.5,[]],\"m\":{}}");
}

/* n distinct keys, then the first one again. */
static void build_with_duplicate(struct value_builder *b, size_t n)
{
    value_build_map(b);
    for (size_t i = 0; i <= n; i++) {
        value_build_key(b, arena_printf(arena, "k%zu", i % n));
        value_build_int(b, (int64_t)i);
    }
    value_build_end(b);
}

static void duplicates_in_small_and_large_maps(void **state UNUSED)
{
    for (size_t n = 1; n < 30; n++) {
        AUTO(value_builder) struct value_builder b;
        value_builder_init(&b, arena, VALUE_DUP_ERROR);
        build_with_duplicate(&b, n);
        assert_non_null(value_builder_duplicate(&b));
        ASSERT_STR(value_builder_duplicate(&b)->key, "k0");
        const struct value *map = value_build_finish(&b);
        assert_int_equal(map->n, n);
        ASSERT_STR(value_entry_at(map, 0)->key, "k0");
        assert_int_equal(value_int(value_find(map, STR("k0")), -1), n);
    }
    AUTO(value_builder) struct value_builder lax;
    value_builder_init(&lax, arena, VALUE_DUP_LAST);
    build_with_duplicate(&lax, 3);
    assert_null(value_builder_duplicate(&lax));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(makes_single_values, setup, teardown),
        cmocka_unit_test_setup_teardown(maps_from_entries_keep_the_last_of_equal_keys, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(builds_nested_trees, setup, teardown),
        cmocka_unit_test_setup_teardown(duplicates_in_small_and_large_maps, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
