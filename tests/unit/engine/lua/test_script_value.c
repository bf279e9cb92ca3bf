/* Values after their way through Lua. */
#include "engine/lua/script.h"
#include "tests/lib/parse.h"

static void empty_maps_are_restored(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *was = parse_yaml(arena, "{a: {}, b: [], c: [{d: {}}, {}], e: {f: {}}}");
    const struct value *is = parse_yaml(arena, "{a: [], b: [], c: [{d: []}, []], e: [], g: []}");
    const struct value *want = parse_yaml(arena, "{a: {}, b: [], c: [{d: {}}, {}], e: {}, g: []}");
    assert_true(value_equal(script_restore_maps(arena, was, is), want));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_maps_are_restored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
