/* Parts of a run that know Lua's interface. All run inside its protected calls: an error there jumps
 * over them, so they keep nothing but what is in the arena. */
#pragma once

#include <lua.h>
#include <stdbool.h>

#include "engine/lua/script.h"

struct run {
    struct arena *arena;
    const struct script_input *in;
    size_t used_bytes;
    uint64_t steps;
    int64_t deadline_ms;
    bool limit_reached; /* sticky: a script may catch the error, but not go on */
    const struct value *result;
};

/* Opens what the script may use. */
void script_libs_open(lua_State *lua, enum script_libs libs);
/* Pushes a value. */
void script_push(lua_State *lua, const struct value *v);
/* The value at the top of the stack, which stays; raises an error for what cannot be one. */
const struct value *script_take(lua_State *lua, struct arena *arena);
/* Count work done in C as instructions; raises the error of the limit. */
void script_charge(lua_State *lua, uint64_t steps);
/* Of the state. */
struct run *script_run_of(lua_State *lua);
