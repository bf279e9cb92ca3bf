/* Scripts: what they see and give back, and what they cannot do. */
#include "common/base/clock.h"
#include "engine/lua/script.h"
#include "tests/lib/parse.h"

static int run_libs(struct arena *arena,
                    const char *source,
                    enum script_libs libs,
                    const struct value **ret,
                    struct err *err)
{
    const struct script_input in = {
        .source = str_from(source),
        .name = "script",
        .libs = libs,
        .obj = parse_yaml(arena, "{kind: K, metadata: {labels: {}, finalizers: []}, spec: "
                                 "{replicas: 3, ratio: 0.5, run: true, list: [a, b], none: null}}"),
        .params = parse_yaml(arena, "{replicas: '7'}"),
        .clock = clock_system(),
    };
    return script_run(arena, &in, ret, err);
}

static void results(void **state UNUSED)
{
    static const struct {
        const char *source;
        const char *result; /* as YAML; "none" = nil */
    } ROWS[] = {
        {"return {status = 'Healthy', message = obj.kind}", "{status: Healthy, message: K}"},
        {"return obj.spec", "{replicas: 3, ratio: 0.5, run: true, list: [a, b]}"},
        {"return actionParams.replicas", "'7'"},
        {"return #obj.spec.list + table.getn(obj.spec.list)", "4"},
        {"return tonumber(actionParams['replicas']) / 2", "3.5"},
        {"return {}", "[]"},
        {"return {1, {x = 'q'}, false}", "[1, {x: q}, false]"},
        {"return obj.spec.none == nil", "true"},
        {"x = 1", "none"},
        {"local t = {} for k in pairs(obj.spec) do table.insert(t, k) end table.sort(t) "
         "return table.concat(t, ',')",
         "'list,ratio,replicas,run'"},
        {"local os = require('os') return os.date('!%Y-%m-%dT%XZ', 86400)",
         "'1970-01-02T00:00:00Z'"},
        {"return os.time() - os.time(os.date('*t')) < 3", "true"},
        {"return type(os.execute) .. type(os.getenv) .. type(os.exit)", "nilnilnil"},
        {"return type(io) .. type(debug) .. type(package) .. type(load) .. type(loadstring)",
         "nilnilnilnilnil"},
        {"return type(string) .. type(coroutine) .. type(collectgarbage) .. type(newproxy)",
         "nilnilnilnil"},
        {"local t = {1, 2, 3} table.insert(t, 1, 0) table.remove(t, 2) return t", "[0, 2, 3]"},
        {"print('quiet') return pcall(require, 'io')", "false"},
    };
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        const struct value *is = NULL;
        struct err err;
        if (run_libs(arena, ROWS[i].source, SCRIPT_LIBS_BASE, &is, &err) < 0) {
            fail_msg("%s: %s", ROWS[i].source, err.message);
        }
        const struct value *want =
            strcmp(ROWS[i].result, "none") == 0 ? NULL : parse_yaml(arena, ROWS[i].result);
        if (!value_equal(is, want)) {
            fail_msg("%s", ROWS[i].source);
        }
    }
}

static void mistakes(void **state UNUSED)
{
    static const struct {
        const char *source;
        const char *message;
    } ROWS[] = {
        {"return obj.status.phase", "attempt to index field 'status' (a nil value)"},
        {"error('no replicas', 0)", "no replicas"},
        {"error({})", "the script failed"},
        {"if then", "unexpected symbol"},
        {"return print", "a function cannot be part of the result"},
        {"return 0/0", "not finite"},
        {"return {[true] = 1}", "a key of the result is a boolean"},
        {"local t = {} t.t = t return t", "nested too deep"},
        {"local t = {1, 1, 1, 1} for i = 26, 0, -1 do t[5 * 2^i] = 1 end return t", "too large"},
        {"\x1bLua", "compiled code is not accepted"},
        {"return ('x'):rep(3)", "attempt to index"},
    };
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        const struct value *is = NULL;
        struct err err;
        ASSERT_ERR(run_libs(arena, ROWS[i].source, SCRIPT_LIBS_BASE, &is, &err), ERR_INVALID,
                   ROWS[i].message);
    }
}

/* None may hang, crash or take the machine's memory. */
static void hostile_scripts(void **state UNUSED)
{
    static const char *const SOURCES[] = {
        "while true do end",
        "while true do pcall(function() while true do end end) end",
        "local function f() return pcall(f) end while true do f() end",
        "local function f() return 1 + f() end f()",
        "local s = 'x' while true do s = s .. s end",
        "local t = {} while true do t[#t + 1] = {} end",
        "string.rep('x', 2^31)",
        "string.rep('', 2^31 - 1) while true do string.rep('', 2^31 - 1) end",
        "string.rep('x', 2^24):find(string.rep('.-', 100) .. 'b')",
        "string.rep('a', 3000):find('.-.-.-b')",
        "string.rep('a', 100):find(string.rep('a?', 200))",
        "while true do string.rep('a', 200):find('.-.-b') end",
        "local t = {1, 1, 1, 1} for i = 26, 0, -1 do t[5 * 2^i] = 1 end table.insert(t, 1, 0)",
        "local t = {1, 1, 1, 1} for i = 26, 0, -1 do t[5 * 2^i] = 1 end table.remove(t, 1)",
        "table.insert({}, -2^31, 1)",
        "unpack({}, 1, 2^30)",
        "local c c = coroutine.wrap(function() while true do end end) c()",
        "local function f() coroutine.wrap(f)() end f()",
        "while true do coroutine.wrap(function() pcall(function() while true do end end) end)() "
        "end",
        "local t = setmetatable({}, {__index = function(t, k) return t[k] end}) return t.x",
        "setmetatable(_G, {__newindex = function() while true do end end}) x = 1",
        "for i = 1, 2^53 do setmetatable({}, {__gc = function() while true do end end}) end",
        "return table.concat({}, 'x', 1, 2^31 - 1)",
        "local s = string.rep('x', 2^22) local t = {} for i = 1, 5000 do t[i] = s end return t",
        "table.sort({3, 2, 1, 5, 4}, function() while true do end end)",
    };
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(SOURCES); i++) {
        const struct value *is = NULL;
        struct err err;
        int64_t start_ms = clock_now_ms(clock_system());
        if (run_libs(arena, SOURCES[i], SCRIPT_LIBS_OPEN, &is, &err) == 0) {
            fail_msg("%s: succeeded", SOURCES[i]);
        }
        if (clock_now_ms(clock_system()) - start_ms > 10000) {
            fail_msg("%s: took %lld ms", SOURCES[i],
                     (long long)(clock_now_ms(clock_system()) - start_ms));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results),
        cmocka_unit_test(mistakes),
        cmocka_unit_test(hostile_scripts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
