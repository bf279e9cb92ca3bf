/* Any script, with every library there is: it ends within its limits, and what it gives back is a value. */
#include "common/base/arena.h"
#include "common/base/clock.h"
#include "common/base/limits.h"
#include "common/value/value.h"
#include "engine/lua/script.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_BYTES = 16 * 1024, SLACK_MS = 9000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > MAX_BYTES) {
        return 0;
    }
    AUTO(arena) struct arena *arena = arena_new();
    const struct script_input in = {
        .source = str_of((const char *)data, size),
        .name = "script",
        .libs = SCRIPT_LIBS_OPEN,
        .obj = &VALUE_EMPTY_MAP,
        .clock = clock_system(),
    };
    const struct value *is = NULL;
    struct err err;
    int64_t start_ms = clock_now_ms(in.clock);
    if (script_run(arena, &in, &is, &err) < 0) {
        FUZZ_CHECK(err.code == ERR_INVALID || err.code == ERR_LIMIT);
    } else if (is != NULL) {
        (void)script_restore(arena, &VALUE_EMPTY_MAP, is);
    }
    FUZZ_CHECK(clock_now_ms(in.clock) - start_ms < LIMIT_SCRIPT_MS + SLACK_MS);
    return 0;
}
