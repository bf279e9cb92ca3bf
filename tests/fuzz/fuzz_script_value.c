/* Any object goes through a script that returns it as it was: without nulls, which Lua has not, it is the same. */
#include "common/base/clock.h"
#include "common/value/value_json.h"
#include "engine/lua/script.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_BYTES = 16 * 1024 };

static bool has_null(const struct value *v)
{
    VALUE_FOREACH(v, item) {
        if (has_null(item)) {
            return true;
        }
    }
    VALUE_MAP_FOREACH(v, e)
    {
        if (has_null(&e->value)) {
            return true;
        }
    }
    return value_is(v, VALUE_NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err;
    struct value_json_opts opts = {.duplicates = VALUE_DUP_ERROR};
    const struct value *obj = NULL;
    const struct value *is = NULL;
    if (size > MAX_BYTES) {
        return 0;
    }
    AUTO(arena) struct arena *arena = arena_new();
    if (value_from_json(arena, str_of((const char *)data, size), &opts, &obj, &err) < 0) {
        return 0;
    }
    const struct script_input in = {
        .source = STR("return obj"),
        .name = "script",
        .libs = SCRIPT_LIBS_BASE,
        .obj = obj,
        .params = obj,
        .clock = clock_system(),
    };
    if (script_run(arena, &in, &is, &err) < 0) {
        FUZZ_CHECK(err.code == ERR_LIMIT || err.code == ERR_INVALID);
        return 0;
    }
    FUZZ_CHECK(is != NULL || value_is(obj, VALUE_NULL));
    if (is != NULL && !has_null(obj)) {
        FUZZ_CHECK(value_equal(script_restore(arena, obj, is), obj));
    }
    return 0;
}
