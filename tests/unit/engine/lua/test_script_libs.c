/* The libraries that scripts may have beyond the base. */
#include "common/base/clock.h"
#include "engine/lua/script.h"
#include "tests/lib/parse.h"

static void open_libraries(void **state UNUSED)
{
    static const struct {
        const char *source;
        const char *result;
    } ROWS[] = {
        {"return ('2024-05-06T07:08:09Z'):match('(%d+)-(%d+)-(%d+)T(%d+):(%d+):(%d+)Z')", "'2024'"},
        {"return string.format('%d/%s', 3, 'x') .. string.rep('ab', 2) .. ('q'):rep(0)", "3/xabab"},
        {"return string.gsub('ERROR, x', '^ERROR, ', '')", "x"},
        {"return math.floor(2.7)", "2"},
        {"return type(string.dump) .. type(string.gfind)", "nilnil"},
        {"local n = 0 for w in ('a b c'):gmatch('%a') do n = n + 1 end return n", "3"},
        {"local c = coroutine.wrap(function() coroutine.yield(1) end) return c()", "1"},
    };
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        const struct value *is = NULL;
        struct err err;
        const struct script_input in = {
            .source = str_from(ROWS[i].source),
            .name = "script",
            .libs = SCRIPT_LIBS_OPEN,
            .obj = &VALUE_EMPTY_MAP,
            .clock = clock_system(),
        };
        if (script_run(arena, &in, &is, &err) < 0) {
            fail_msg("%s: %s", ROWS[i].source, err.message);
        }
        if (!value_equal(is, parse_yaml(arena, ROWS[i].result))) {
            fail_msg("%s", ROWS[i].source);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(open_libraries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
