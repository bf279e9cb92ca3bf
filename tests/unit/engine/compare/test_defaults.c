/* The default tables fit the schema, and room is enough for every type. */
#include "common/base/arena.h"
#include "engine/compare/defaults.h"
#include "tests/lib/check.h"

static void every_type_fits_into_its_room(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    for (int t = 0; t < SCHEMA_TYPE_COUNT; t++) {
        enum schema_type type = (enum schema_type)t;
        struct defaults_map map = {.cap = defaults_room(type)};
        map.entries = arena_calloc(arena, map.cap, sizeof(*map.entries));
        defaults_fill(arena, type, &map); /* asserts on too many entries */
        assert_true(map.changed == (map.n > 0));
        for (size_t i = 0; i < map.n; i++) {
            for (size_t k = 0; k < i; k++) {
                assert_false(str_eq(map.entries[i].key, map.entries[k].key));
            }
        }
    }
}

static void missing_structs_have_a_type(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    for (int t = 1; t < SCHEMA_TYPE_COUNT; t++) {
        enum schema_type type = (enum schema_type)t;
        struct defaults_map map = {.cap = defaults_room(type)};
        map.entries = arena_calloc(arena, map.cap, sizeof(*map.entries));
        defaults_fill(arena, type, &map);
        for (size_t i = 0; i < map.n; i++) {
            const struct schema_field *field = schema_field_find(type, map.entries[i].key);
            bool empty_map =
                value_is(&map.entries[i].value, VALUE_MAP) && value_len(&map.entries[i].value) == 0;
            if (empty_map && field->type == SCHEMA_TYPE_NONE) {
                fail_msg("%s.%s", schema_type_name(type), map.entries[i].key.p);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_fits_into_its_room),
        cmocka_unit_test(missing_structs_have_a_type),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
