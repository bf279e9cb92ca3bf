/* Values to tables and back. Lua has one kind of table, so an empty one may have been either; numbers
 * are doubles, of which those without a fraction become integers again. */
#include <lauxlib.h>
#include <math.h>

#include "common/base/arena.h"
#include "common/base/limits.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "engine/lua/script_internal.h"

/* The metatable of tables that were empty maps: it has nothing in it. */
#define EMPTY_MAP "belay.empty_map"

enum {
    STACK_SLOTS = 4,          /* what one level of nesting takes */
    EXACT_INTEGERS_BITS = 53, /* of a double */
};

static void push_map(lua_State *lua, const struct value *v)
{
    lua_createtable(lua, 0, (int)MIN(value_len(v), (size_t)LIMIT_SCRIPT_PREALLOC));
    if (value_len(v) == 0) {
        (void)luaL_newmetatable(lua, EMPTY_MAP);
        (void)lua_setmetatable(lua, -2);
    }
    VALUE_MAP_FOREACH(v, e)
    {
        if (value_is(&e->value, VALUE_NULL)) {
            continue; /* a field that is null is one that is not there */
        }
        lua_pushlstring(lua, e->key.p, e->key.n);
        script_push(lua, &e->value);
        lua_rawset(lua, -3);
    }
}

static void push_list(lua_State *lua, const struct value *v)
{
    int i = 0;
    lua_createtable(lua, (int)MIN(value_len(v), (size_t)LIMIT_SCRIPT_PREALLOC), 0);
    VALUE_FOREACH(v, item) {
        script_push(lua, item);
        lua_rawseti(lua, -2, ++i);
    }
}

void script_push(lua_State *lua, const struct value *v)
{
    luaL_checkstack(lua, STACK_SLOTS, "the object is nested too deep");
    switch (value_type(v)) {
    case VALUE_BOOL:
        lua_pushboolean(lua, v->b);
        break;
    case VALUE_INT:
        lua_pushnumber(lua, (lua_Number)v->i);
        break;
    case VALUE_FLOAT:
        lua_pushnumber(lua, v->f);
        break;
    case VALUE_STRING:
        lua_pushlstring(lua, value_str(v).p, value_str(v).n);
        break;
    case VALUE_LIST:
        push_list(lua, v);
        break;
    case VALUE_MAP:
        push_map(lua, v);
        break;
    case VALUE_NULL:
    case VALUE_TYPE_COUNT:
        lua_pushnil(lua);
        break;
    }
}

struct taking {
    lua_State *lua;
    struct arena *arena;
    size_t depth;
    size_t n_nodes;
    size_t n_bytes; /* of texts, which tables may share and values do not */
};

static const struct value *take(struct taking *t);

static const struct value *take_number(struct taking *t)
{
    double f = lua_tonumber(t->lua, -1);
    if (!isfinite(f)) {
        (void)luaL_error(t->lua, "a number of the result is not finite");
    }
    if (f == floor(f) && fabs(f) < ldexp(1, EXACT_INTEGERS_BITS)) {
        return value_new_int(t->arena, (int64_t)f);
    }
    return value_new_float(t->arena, f);
}

/* 1 to n; holes end it, as they end ipairs(). */
static const struct value *take_list(struct taking *t, size_t n)
{
    struct value *items = arena_calloc(t->arena, n, sizeof(*items));
    for (size_t i = 0; i < n; i++) {
        lua_rawgeti(t->lua, -1, (int)i + 1);
        const struct value *item = take(t);
        lua_pop(t->lua, 1);
        items[i] = item != NULL ? *item : value_of_null();
    }
    return value_new_list(t->arena, items, n);
}

static struct str take_text(struct taking *t, int index)
{
    size_t n;
    const char *p = lua_tolstring(t->lua, index, &n);
    t->n_bytes += n;
    if (t->n_bytes > LIMIT_SCRIPT_BYTES) {
        (void)luaL_error(t->lua, "the result is too large");
    }
    return arena_str(t->arena, str_of(p, n));
}

static struct str take_key(struct taking *t)
{
    if (lua_type(t->lua, -2) != LUA_TSTRING) {
        (void)luaL_error(t->lua, "a key of the result is a %s", luaL_typename(t->lua, -2));
    }
    return take_text(t, -2);
}

static bool came_as_map(lua_State *lua)
{
    if (lua_getmetatable(lua, -1) == 0) {
        return false;
    }
    luaL_getmetatable(lua, EMPTY_MAP);
    bool same = lua_rawequal(lua, -1, -2);
    lua_pop(lua, 2);
    return same;
}

static const struct value *take_map(struct taking *t)
{
    size_t n = 0;
    for (lua_pushnil(t->lua); lua_next(t->lua, -2) != 0; lua_pop(t->lua, 1)) {
        n++;
    }
    if (n == 0) {
        return came_as_map(t->lua) ? &VALUE_EMPTY_MAP : &VALUE_EMPTY_LIST;
    }
    struct value_entry *entries = arena_calloc(t->arena, n, sizeof(*entries));
    size_t i = 0;
    for (lua_pushnil(t->lua); lua_next(t->lua, -2) != 0; lua_pop(t->lua, 1)) {
        entries[i].key = take_key(t);
        const struct value *item = take(t);
        entries[i++].value = item != NULL ? *item : value_of_null();
    }
    return value_new_map(t->arena, entries, n);
}

static const struct value *take_table(struct taking *t)
{
    size_t n = lua_objlen(t->lua, -1);
    if (n > LIMIT_SCRIPT_NODES) {
        (void)luaL_error(t->lua, "the result is too large");
    }
    if (++t->depth > LIMIT_SCRIPT_DEPTH) {
        (void)luaL_error(t->lua, "the result is nested too deep");
    }
    const struct value *v = n > 0 ? take_list(t, n) : take_map(t);
    t->depth--;
    return v;
}

static const struct value *take(struct taking *t)
{
    luaL_checkstack(t->lua, STACK_SLOTS, "the result is nested too deep");
    if (++t->n_nodes > LIMIT_SCRIPT_NODES) {
        (void)luaL_error(t->lua, "the result is too large");
    }
    switch (lua_type(t->lua, -1)) {
    case LUA_TNIL:
        return NULL;
    case LUA_TBOOLEAN:
        return lua_toboolean(t->lua, -1) ? &VALUE_TRUE : &VALUE_FALSE;
    case LUA_TNUMBER:
        return take_number(t);
    case LUA_TSTRING:
        return value_new_str(t->arena, take_text(t, -1));
    case LUA_TTABLE:
        return take_table(t);
    default:
        (void)luaL_error(t->lua, "a %s cannot be part of the result", luaL_typename(t->lua, -1));
        return NULL;
    }
}

const struct value *script_take(lua_State *lua, struct arena *arena)
{
    struct taking t = {.lua = lua, .arena = arena};
    return take(&t);
}

/* ---- what Lua cannot tell apart ---- */

static bool is_number(const struct value *v)
{
    return value_is(v, VALUE_INT) || value_is(v, VALUE_FLOAT);
}

static double as_double(const struct value *v)
{
    return value_is(v, VALUE_INT) ? (double)v->i : v->f;
}

static const struct value *
restore_map(struct arena *arena, const struct value *was, const struct value *is)
{
    size_t n = value_len(is);
    struct value_entry *entries = arena_calloc(arena, n, sizeof(*entries));
    for (size_t i = 0; i < n; i++) {
        entries[i] = *value_entry_at(is, i);
        const struct value *old = value_find(was, entries[i].key);
        entries[i].value = *script_restore(arena, old, &entries[i].value);
    }
    return value_new_map(arena, entries, n);
}

static const struct value *
restore_list(struct arena *arena, const struct value *was, const struct value *is)
{
    size_t n = value_len(is);
    struct value *items = arena_calloc(arena, n, sizeof(*items));
    for (size_t i = 0; i < n; i++) {
        items[i] = *script_restore(arena, value_at(was, i), value_at(is, i));
    }
    return value_new_list(arena, items, n);
}

const struct value *
script_restore(struct arena *arena, const struct value *was, const struct value *is)
{
    if (value_is(is, VALUE_LIST) && value_len(is) == 0 && value_is(was, VALUE_MAP)) {
        return &VALUE_EMPTY_MAP;
    }
    if (is_number(was) && is_number(is) && as_double(was) == as_double(is)) {
        return was;
    }
    if (value_is(is, VALUE_MAP) && value_is(was, VALUE_MAP)) {
        return restore_map(arena, was, is);
    }
    if (value_is(is, VALUE_LIST) && value_is(was, VALUE_LIST)) {
        return restore_list(arena, was, is);
    }
    return is;
}
