/* The libraries of scripts. Taken away from Lua's own: what reaches files or other code (load and its
 * relatives), what could run unlimited inside C (string patterns are bounded here, garbage collection
 * is not theirs to start), what has finalizers (newproxy). os is ours: the time and its texts. */
#include <lauxlib.h>
#include <lualib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/limits.h"
#include "common/base/macro.h"
#include "engine/lua/script_internal.h"

/* What one match may cost at worst: the ways to share the subject among the repetitions. */
#define PATTERN_COST_MAX 1e7
/* Of that, what counts as one instruction. */
#define PATTERN_COST_STEP 10
/* Each item of a pattern may take a level of the C stack. */
#define PATTERN_BYTES_MAX 256
/* Elements that a call of the table library may move. */
#define TABLE_MOVES_MAX (1000 * 1000)

static void open_lib(lua_State *lua, lua_CFunction open, const char *name)
{
    lua_pushcfunction(lua, open);
    lua_pushstring(lua, name);
    lua_call(lua, 1, 0);
}

static void remove_global(lua_State *lua, const char *name)
{
    lua_pushnil(lua);
    lua_setglobal(lua, name);
}

/* ---- base ---- */

static int on_print(lua_State *lua UNUSED)
{
    return 0; /* nobody listens */
}

/* Libraries are there already; a script that says which it uses gets it. */
static int on_require(lua_State *lua)
{
    const char *name = luaL_checkstring(lua, 1);
    static const char *const NAMES[] = {"table", "os", "string", "math", "coroutine"};
    for (size_t i = 0; i < ARRAY_LEN(NAMES); i++) {
        if (strcmp(name, NAMES[i]) == 0) {
            lua_getglobal(lua, name);
            if (!lua_isnil(lua, -1)) {
                return 1;
            }
        }
    }
    return luaL_error(lua, "module '%s' not found", name);
}

/* ---- os ---- */

static lua_Number now_s(lua_State *lua)
{
    return (lua_Number)(clock_wall_ms(script_run_of(lua)->in->clock) / 1000);
}

/* Lua's own, with the time where a script means the present. */
static int on_time(lua_State *lua)
{
    if (lua_isnoneornil(lua, 1)) {
        lua_pushnumber(lua, now_s(lua));
        return 1;
    }
    lua_pushvalue(lua, lua_upvalueindex(1));
    lua_pushvalue(lua, 1);
    lua_call(lua, 1, 1);
    return 1;
}

static int on_date(lua_State *lua)
{
    const char *format = luaL_optstring(lua, 1, "%c");
    lua_Number at = luaL_optnumber(lua, 2, now_s(lua));
    lua_pushvalue(lua, lua_upvalueindex(1));
    lua_pushstring(lua, format);
    lua_pushnumber(lua, at);
    lua_call(lua, 2, 1);
    return 1;
}

/* Replaces a function of the table on the top by one that has it as its upvalue. */
static void wrap(lua_State *lua, const char *name, lua_CFunction fn)
{
    lua_getfield(lua, -1, name);
    lua_pushcclosure(lua, fn, 1);
    lua_setfield(lua, -2, name);
}

static void open_os(lua_State *lua)
{
    open_lib(lua, luaopen_os, LUA_OSLIBNAME);
    lua_getglobal(lua, LUA_OSLIBNAME);
    wrap(lua, "time", on_time);
    wrap(lua, "date", on_date);
    lua_createtable(lua, 0, 2);
    lua_getfield(lua, -2, "time");
    lua_setfield(lua, -2, "time");
    lua_getfield(lua, -2, "date");
    lua_setfield(lua, -2, "date");
    lua_setglobal(lua, LUA_OSLIBNAME);
    lua_pop(lua, 1);
}

/* ---- table ---- */

/* Both move all elements from a position on, and both the position and the length of a table can be
 * made to be anything. */
static int on_move(lua_State *lua)
{
    int n_args = lua_gettop(lua);
    luaL_checktype(lua, 1, LUA_TTABLE);
    double n = (double)lua_objlen(lua, 1);
    double at = lua_type(lua, 2) == LUA_TNUMBER ? lua_tonumber(lua, 2) : n;
    double moves = n > at ? n - at : 0;
    bool appends = n_args == 2 && lua_toboolean(lua, lua_upvalueindex(2));
    if (!appends && moves > TABLE_MOVES_MAX) {
        return luaL_error(lua, "the table is too large to be moved");
    }
    script_charge(lua, appends ? 0 : (uint64_t)moves);
    lua_pushvalue(lua, lua_upvalueindex(1));
    lua_insert(lua, 1);
    lua_call(lua, n_args, LUA_MULTRET);
    return lua_gettop(lua);
}

static void open_table(lua_State *lua)
{
    static const struct {
        const char *name;
        bool appends; /* with two arguments the second is no position */
    } MOVES[] = {{"insert", true}, {"remove", false}};
    open_lib(lua, luaopen_table, LUA_TABLIBNAME);
    lua_getglobal(lua, LUA_TABLIBNAME);
    for (size_t i = 0; i < ARRAY_LEN(MOVES); i++) {
        lua_getfield(lua, -1, MOVES[i].name);
        lua_pushboolean(lua, MOVES[i].appends);
        lua_pushcclosure(lua, on_move, 2);
        lua_setfield(lua, -2, MOVES[i].name);
    }
    lua_pop(lua, 1);
}

/* ---- string ---- */

/* Repetitions; what is escaped, or follows a parenthesis, stands for itself. */
static double pattern_cost(const char *pattern, size_t n, double subject_bytes)
{
    double cost = 1;
    double k = 0;
    bool repeatable = false;
    for (size_t i = 0; i < n && cost <= PATTERN_COST_MAX; i++) {
        char c = pattern[i];
        if (c == '%' && i + 1 < n) {
            i++;
            repeatable = true;
        } else if (repeatable && (c == '*' || c == '+' || c == '-')) {
            k++;
            cost *= (subject_bytes + k) / k;
            repeatable = false;
        } else if (repeatable && c == '?') {
            cost *= 2;
            repeatable = false;
        } else {
            repeatable = c != '(' && c != ')';
        }
    }
    return cost;
}

static void check_pattern(lua_State *lua)
{
    size_t subject_bytes;
    size_t pattern_bytes;
    (void)luaL_checklstring(lua, 1, &subject_bytes);
    const char *pattern = luaL_checklstring(lua, 2, &pattern_bytes);
    if (pattern_bytes > PATTERN_BYTES_MAX) {
        (void)luaL_error(lua, "the pattern is too long");
    }
    /* unless it is anchored, from each position */
    double cost = pattern_cost(pattern, pattern_bytes, (double)subject_bytes);
    cost *= pattern_bytes > 0 && pattern[0] == '^' ? 1 : 1 + (double)subject_bytes;
    if (cost > PATTERN_COST_MAX) {
        (void)luaL_error(lua, "the pattern is too complex for a text of this length");
    }
    script_charge(lua, (uint64_t)(cost / PATTERN_COST_STEP));
}

/* Lua's loops for each repetition, also of nothing. */
static int on_rep(lua_State *lua)
{
    size_t n;
    (void)luaL_checklstring(lua, 1, &n);
    lua_Number times = luaL_checknumber(lua, 2);
    if (n == 0 || times < 1) {
        lua_pushliteral(lua, "");
        return 1;
    }
    if (times * (double)n > (double)LIMIT_SCRIPT_BYTES) {
        return luaL_error(lua, "the text is too long");
    }
    script_charge(lua, (uint64_t)times);
    lua_pushvalue(lua, lua_upvalueindex(1));
    lua_insert(lua, 1);
    lua_call(lua, 2, 1);
    return 1;
}

static int on_pattern(lua_State *lua)
{
    int n_args = lua_gettop(lua);
    check_pattern(lua);
    lua_pushvalue(lua, lua_upvalueindex(1));
    lua_insert(lua, 1);
    lua_call(lua, n_args, LUA_MULTRET);
    return lua_gettop(lua);
}

static void open_string(lua_State *lua)
{
    static const char *const PATTERNS[] = {"find", "match", "gmatch", "gsub"};
    open_lib(lua, luaopen_string, LUA_STRLIBNAME);
    lua_getglobal(lua, LUA_STRLIBNAME);
    for (size_t i = 0; i < ARRAY_LEN(PATTERNS); i++) {
        wrap(lua, PATTERNS[i], on_pattern);
    }
    wrap(lua, "rep", on_rep);
    lua_pushnil(lua);
    lua_setfield(lua, -2, "dump");
    lua_pushnil(lua);
    lua_setfield(lua, -2, "gfind"); /* gmatch by its old name */
    lua_pop(lua, 1);
}

void script_libs_open(lua_State *lua, enum script_libs libs)
{
    static const char *const REMOVED[] = {
        "collectgarbage", "dofile", "gcinfo", "load", "loadfile", "loadstring", "newproxy",
    };
    open_lib(lua, luaopen_base, "");
    open_table(lua);
    open_os(lua);
    for (size_t i = 0; i < ARRAY_LEN(REMOVED); i++) {
        remove_global(lua, REMOVED[i]);
    }
    lua_pushcfunction(lua, on_print);
    lua_setglobal(lua, "print");
    lua_pushcfunction(lua, on_require);
    lua_setglobal(lua, "require");
    if (libs == SCRIPT_LIBS_OPEN) {
        open_string(lua);
        open_lib(lua, luaopen_math, LUA_MATHLIBNAME);
    } else {
        remove_global(lua, LUA_COLIBNAME);
    }
}
