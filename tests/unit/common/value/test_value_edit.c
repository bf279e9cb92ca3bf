/* Edits: results, sharing, and inputs that stay as they were. */
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "common/value/value_json.h"
#include "tests/unit/common/value/value_fixture.h"

static void sets_and_removes_map_keys(void **state UNUSED)
{
    const struct value *v = parse("{\"a\":1,\"b\":{\"c\":2}}");
    const struct value *one = value_new_int(arena, 1);
    ASSERT_STR(print(value_map_set(arena, v, STR("a"), NULL)), "{\"a\":null,\"b\":{\"c\":2}}");
    ASSERT_STR(print(value_map_set(arena, v, STR("z"), one)), "{\"a\":1,\"b\":{\"c\":2},\"z\":1}");
    ASSERT_STR(print(value_map_set(arena, NULL, STR("z"), one)), "{\"z\":1}");
    ASSERT_STR(print(value_map_remove(arena, v, STR("a"))), "{\"b\":{\"c\":2}}");
    assert_ptr_equal(value_map_remove(arena, v, STR("x")), v);
    assert_null(value_map_remove(arena, NULL, STR("x")));
    ASSERT_STR(print(v), "{\"a\":1,\"b\":{\"c\":2}}");
    const struct value *changed = value_map_set(arena, v, STR("a"), one);
    assert_ptr_equal(value_find(changed, STR("b"))->entries, value_find(v, STR("b"))->entries);
}

static void edits_keep_large_maps_searchable(void **state UNUSED)
{
    const struct value *v = NULL;
    for (size_t i = 0; i < 30; i++) {
        v = value_map_set(arena, v, arena_printf(arena, "k%zu", i), value_new_int(arena, (int)i));
    }
    v = value_map_set(arena, v, STR("k3"), value_new_int(arena, 33));
    for (size_t i = 0; i < 30; i += 2) {
        v = value_map_remove(arena, v, arena_printf(arena, "k%zu", i));
    }
    assert_int_equal(v->n, 15);
    for (size_t i = 0; i < 30; i++) {
        int64_t want = i % 2 == 0 ? -1 : i == 3 ? 33 : (int64_t)i;
        assert_int_equal(value_int(value_find(v, arena_printf(arena, "k%zu", i)), -1), want);
    }
}

static void edits_lists(void **state UNUSED)
{
    const struct value *v = parse("[1,2,3]");
    const struct value *x = value_new_int(arena, 9);
    ASSERT_STR(print(value_list_append(arena, v, x)), "[1,2,3,9]");
    ASSERT_STR(print(value_list_append(arena, NULL, x)), "[9]");
    ASSERT_STR(print(value_list_insert(arena, v, 0, x)), "[9,1,2,3]");
    ASSERT_STR(print(value_list_insert(arena, v, 1, x)), "[1,9,2,3]");
    ASSERT_STR(print(value_list_set(arena, v, 1, x)), "[1,9,3]");
    ASSERT_STR(print(value_list_remove(arena, v, 2)), "[1,2]");
    ASSERT_STR(print(v), "[1,2,3]");
}

static void with_makes_what_is_missing(void **state UNUSED)
{
    const struct value *v = parse("{\"a\":{\"b\":1},\"s\":\"x\"}");
    const struct value *n = value_new_int(arena, 7);
    ASSERT_STR(print(value_with(arena, v, n, "a", "b")), "{\"a\":{\"b\":7},\"s\":\"x\"}");
    ASSERT_STR(print(value_with(arena, v, n, "a", "c", "d")),
               "{\"a\":{\"b\":1,\"c\":{\"d\":7}},\"s\":\"x\"}");
    ASSERT_STR(print(value_with(arena, v, n, "s", "k")), "{\"a\":{\"b\":1},\"s\":{\"k\":7}}");
    ASSERT_STR(print(value_with(arena, NULL, n, "k")), "{\"k\":7}");
}

static void without_removes_one_path(void **state UNUSED)
{
    const struct value *v = parse("{\"a\":{\"b\":1,\"c\":2},\"s\":\"x\"}");
    ASSERT_STR(print(value_without(arena, v, "a", "b")), "{\"a\":{\"c\":2},\"s\":\"x\"}");
    ASSERT_STR(print(value_without(arena, v, "a")), "{\"s\":\"x\"}");
    assert_ptr_equal(value_without(arena, v, "a", "x"), v);
    assert_ptr_equal(value_without(arena, v, "s", "x"), v);
}

static void owned_containers_are_edited_in_place(void **state UNUSED)
{
    const struct value *map = parse("{\"a\":1,\"l\":[1,2]}");
    struct value x = value_of_str(STR("x"));
    const struct value *list = value_find(map, STR("l"));
    const struct value *own = value_map_put(arena, map, STR("a"), &x, 7);
    assert_ptr_not_equal(own, map);
    assert_ptr_equal(value_map_put(arena, own, STR("b"), &x, 7), own);
    assert_ptr_equal(value_map_put(arena, own, STR("b"), &VALUE_TRUE, 7), own);
    value_map_own(arena, own, 7, &own)[0].value = value_of_null();
    ASSERT_STR(print(own), "{\"a\":null,\"l\":[1,2],\"b\":true}");
    ASSERT_STR(print(map), "{\"a\":1,\"l\":[1,2]}");
    const struct value *other = value_map_put(arena, own, STR("a"), &x, 8);
    assert_ptr_not_equal(other, own);
    assert_ptr_not_equal(value_map_put(arena, own, STR("a"), &x, 0), own);
    assert_ptr_not_equal(value_map_set(arena, own, STR("a"), &x), own);
    ASSERT_STR(print(own), "{\"a\":null,\"l\":[1,2],\"b\":true}");
    const struct value *items = NULL;
    const struct value *same = NULL;
    value_list_own(arena, list, 7, &items)[0] = x;
    value_list_own(arena, items, 7, &same)[1] = x;
    assert_ptr_equal(items, same);
    ASSERT_STR(print(items), "[\"x\",\"x\"]");
    ASSERT_STR(print(list), "[1,2]");
    /* what is made of it otherwise is nobody's */
    assert_ptr_not_equal(value_list_set(arena, items, 0, &x), items);
    assert_int_equal(value_copy(arena, own)->lexeme_n, 0);
    assert_int_equal(value_list_set(arena, items, 0, &x)->lexeme_n, 0);
    assert_int_equal(value_map_set(arena, own, STR("z"), &x)->lexeme_n, 0);
}

static void trees_may_be_owned_from_the_start(void **state UNUSED)
{
    const struct value *tree = parse("{\"a\":{\"b\":[1,2]},\"c\":3,\"d\":4}");
    const struct value x = value_of_int(5);
    const struct value *ret = NULL;
    value_own(tree, 7);
    assert_ptr_equal(value_map_put(arena, tree, STR("c"), &x, 7), tree);
    assert_ptr_equal(value_map_put(arena, tree, STR("e"), &x, 7), tree); /* there was no room */
    assert_ptr_equal(value_map_put(arena, tree, STR("f"), &x, 7), tree);
    (void)value_list_own(arena, value_dig(tree, "a", "b"), 7, &ret);
    assert_ptr_equal(ret, value_dig(tree, "a", "b"));
    ASSERT_STR(print(tree), "{\"a\":{\"b\":[1,2]},\"c\":5,\"d\":4,\"e\":5,\"f\":5}");
    const struct value *other = value_map_put(arena, tree, STR("g"), &x, 8);
    assert_ptr_not_equal(other, tree);
    assert_null(value_find(tree, STR("g")));
}

static void several_are_put_at_once(void **state UNUSED)
{
    const struct value_entry items[] = {
        {STR("a"), value_of_int(5)}, {STR("b"), value_of_int(6)}, {STR("b"), value_of_int(7)}};
    const struct value *map = parse("{\"a\":1}");
    const struct value *own = value_map_put_all(arena, map, items, 3, 7);
    ASSERT_STR(print(own), "{\"a\":5,\"b\":7}");
    ASSERT_STR(print(map), "{\"a\":1}");
    assert_ptr_equal(value_map_put_all(arena, own, items, 2, 7), own);
    ASSERT_STR(print(own), "{\"a\":5,\"b\":6}");
    assert_ptr_equal(value_map_put_all(arena, own, items, 3, 7),
                     own); /* more than there is room for */
    ASSERT_STR(print(own), "{\"a\":5,\"b\":7}");
    ASSERT_STR(print(value_map_put_all(arena, NULL, items, 1, 0)), "{\"a\":5}");
    ASSERT_STR(print(value_map_put_all(arena, own, items, 0, 7)), "{\"a\":5,\"b\":7}");
}

static void owned_maps_stay_searchable(void **state UNUSED)
{
    const struct value *map = NULL;
    for (int i = 0; i < 100; i++) {
        struct value v = value_of_int(i);
        const struct value *after =
            value_map_put(arena, map, arena_printf(arena, "key%d", i), &v, 9);
        assert_true(map == NULL || after == map);
        map = after;
    }
    for (int i = 0; i < 100; i++) {
        assert_int_equal(value_int(value_find(map, arena_printf(arena, "key%d", i)), -1), i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sets_and_removes_map_keys, setup, teardown),
        cmocka_unit_test_setup_teardown(edits_keep_large_maps_searchable, setup, teardown),
        cmocka_unit_test_setup_teardown(edits_lists, setup, teardown),
        cmocka_unit_test_setup_teardown(with_makes_what_is_missing, setup, teardown),
        cmocka_unit_test_setup_teardown(without_removes_one_path, setup, teardown),
        cmocka_unit_test_setup_teardown(owned_containers_are_edited_in_place, setup, teardown),
        cmocka_unit_test_setup_teardown(trees_may_be_owned_from_the_start, setup, teardown),
        cmocka_unit_test_setup_teardown(several_are_put_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown(owned_maps_stay_searchable, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
