/* One run: a fresh state with an allocator that counts, a hook that counts instructions and looks at
 * the clock, and everything else inside one protected call. */
#include "engine/lua/script.h"

#include <lauxlib.h>
#include <string.h>

#include "common/base/arena.h"
#include "common/base/clock.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/value/value.h"
#include "engine/lua/script_internal.h"

enum {
    HOOK_STEPS = 1000, /* instructions between two looks at the clock */
};

static void *on_alloc(void *data, void *p, size_t old_bytes, size_t new_bytes)
{
    struct run *run = data;
    if (new_bytes == 0) {
        run->used_bytes -= p != NULL ? old_bytes : 0;
        mem_free(p);
        return NULL;
    }
    size_t others = run->used_bytes - (p != NULL ? old_bytes : 0);
    if (new_bytes > LIMIT_SCRIPT_BYTES || others > LIMIT_SCRIPT_BYTES - new_bytes) {
        return NULL; /* Lua collects garbage, then raises its memory error */
    }
    run->used_bytes = others + new_bytes;
    return mem_realloc(p, new_bytes);
}

struct run *script_run_of(lua_State *lua)
{
    void *run = NULL;
    (void)lua_getallocf(lua, &run);
    return run;
}

static void on_steps(lua_State *lua, lua_Debug *debug UNUSED)
{
    script_charge(lua, HOOK_STEPS);
}

/* After a limit, every instruction fails: what catches the error cannot do anything with it. */
void script_charge(lua_State *lua, uint64_t steps)
{
    struct run *run = script_run_of(lua);
    run->steps += steps;
    if (run->steps > LIMIT_SCRIPT_STEPS || clock_now_ms(run->in->clock) > run->deadline_ms) {
        run->limit_reached = true;
    }
    if (run->limit_reached) {
        (void)lua_sethook(lua, on_steps, LUA_MASKCOUNT, 1);
        (void)luaL_error(lua, "the script takes too long");
    }
}

static int protected_run(lua_State *lua)
{
    struct run *run = lua_touserdata(lua, 1);
    const struct script_input *in = run->in;
    lua_settop(lua, 0);
    script_libs_open(lua, in->libs);
    script_push(lua, in->obj);
    lua_setglobal(lua, "obj");
    script_push(lua, in->params != NULL ? in->params : &VALUE_EMPTY_MAP);
    lua_setglobal(lua, "actionParams");
    if (in->source.n > 0 && in->source.p[0] == LUA_SIGNATURE[0]) {
        return luaL_error(lua, "%s: compiled code is not accepted", in->name);
    }
    if (luaL_loadbuffer(lua, in->source.p, in->source.n, in->name) != 0) {
        return lua_error(lua);
    }
    (void)lua_sethook(lua, on_steps, LUA_MASKCOUNT, HOOK_STEPS);
    lua_call(lua, 0, 1);
    run->result = script_take(lua, run->arena);
    return 0;
}

static int failure(const struct run *run, lua_State *lua, int rc, struct err *err)
{
    const char *text = lua_type(lua, -1) == LUA_TSTRING ? lua_tostring(lua, -1) : NULL;
    if (run->limit_reached) {
        return err_set(err, ERR_LIMIT, "%s: the script takes too long", run->in->name);
    }
    if (rc == LUA_ERRMEM) {
        return err_set(err, ERR_LIMIT, "%s: the script needs more than %zu MiB", run->in->name,
                       LIMIT_SCRIPT_BYTES / LIMIT_MIB);
    }
    return err_set(err, ERR_INVALID, "%s", text != NULL ? text : "the script failed");
}

int script_run(struct arena *arena,
               const struct script_input *in,
               const struct value **ret,
               struct err *err)
{
    struct run run = {
        .arena = arena,
        .in = in,
        .deadline_ms = clock_now_ms(in->clock) + LIMIT_SCRIPT_MS,
    };
    lua_State *lua = lua_newstate(on_alloc, &run);
    if (lua == NULL) {
        return err_set(err, ERR_LIMIT, "%s: no memory for a script", in->name);
    }
    int rc = lua_cpcall(lua, protected_run, &run);
    int status = rc == 0 ? 0 : failure(&run, lua, rc, err);
    lua_close(lua);
    if (status == 0) {
        *ret = run.result;
    }
    return status;
}
