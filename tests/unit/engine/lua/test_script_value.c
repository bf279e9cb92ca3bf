/* Values after their way through Lua. */
#include "engine/lua/script.h"
#include "tests/lib/parse.h"

static void empty_maps_are_restored(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *was = parse_yaml(arena, "{a: {}, b: [], c: [{d: {}}, {}], e: {f: {}}}");
    const struct value *is = parse_yaml(arena, "{a: [], b: [], c: [{d: []}, []], e: [], g: []}");
    const struct value *want = parse_yaml(arena, "{a: {}, b: [], c: [{d: {}}, {}], e: {}, g: []}");
    assert_true(value_equal(script_restore(arena, was, is), want));
}

static void numbers_are_restored(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *was = parse_yaml(arena, "[9007199254740993, 1.50, 3, {x: 2}]");
    const struct value *is = parse_yaml(arena, "[9007199254740992, 1.5, 4, 2]");
    const struct value *restored = script_restore(arena, was, is);
    assert_ptr_equal(value_at(restored, 1)->lexeme, value_at(was, 1)->lexeme);
    assert_yaml(arena, restored, "[9007199254740993, 1.50, 4, 2]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_maps_are_restored),
        cmocka_unit_test(numbers_are_restored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
