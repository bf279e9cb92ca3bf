/* Scripts of users in Lua 5.1: what health an object has, what an action makes of it.
 *
 * A script sees the object as `obj` and parameters as `actionParams`, and its result is what it returns.
 * It gets a state of its own, with few libraries, and cannot reach files, processes, other scripts or
 * machine code; memory, instructions and time are limited.  No globals; any thread. */
#pragma once

#include <stdint.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct arena;
struct clock;
struct value;

enum script_libs {
    SCRIPT_LIBS_BASE, /* base, table, and os with time and date */
    SCRIPT_LIBS_OPEN, /* string and math too, for those who ask for open libraries */
};

struct script_input {
    struct str source;
    const char *name; /* of the script, in messages */
    enum script_libs libs;
    const struct value *obj;
    const struct value *params; /* NULL = none */
    const struct clock *clock;
};

/* ret: the value returned, NULL for nil and for nothing. An empty table is an empty list, unless it came as
 * an empty map: see script_restore().
 * Errors: ERR_INVALID with Lua's message, also for what cannot be a value (functions, NaN);
 * ERR_LIMIT. */
MUST_CHECK int script_run(struct arena *arena,
                          const struct script_input *in,
                          const struct value **ret,
                          struct err *err);

/* `is`, an object that a script made of `was`, with what Lua cannot tell apart as it was: empty maps
 * where it has empty lists and `was` has maps; numbers beyond the precision of a double. */
const struct value *
script_restore(struct arena *arena, const struct value *was, const struct value *is);
