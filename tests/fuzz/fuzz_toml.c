/* TOML: what is read can be written, read again, and is the same. */
#include "common/base/budget.h"
#include "common/base/limits.h"
#include "engine/template/toml.h"
#include "tests/fuzz/fuzz.h"

enum {
    MAX_BYTES = 64 * 1024,
    STEPS = 1000 * 1000,
};

static struct str format(struct arena *arena, struct tval v, struct budget *budget)
{
    struct err err;
    AUTO(buf) struct buf out;
    buf_init(&out, 64 * LIMIT_MIB);
    FUZZ_OK(toml_format(v, budget, &out, &err));
    return buf_to_arena(&out, arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > MAX_BYTES) {
        return 0;
    }
    struct err err;
    AUTO(arena) struct arena *arena = arena_new();
    struct budget budget = budget_unlimited();
    struct tval v = tval_nil();
    budget.steps = STEPS;
    if (toml_parse(arena, &budget, str_of((const char *)data, size), &v, &err) < 0) {
        FUZZ_CHECK(err.code == ERR_INVALID || err.code == ERR_LIMIT);
        return 0;
    }
    budget = budget_unlimited();
    struct str text = format(arena, v, &budget);
    struct tval again = tval_nil();
    FUZZ_OK(toml_parse(arena, &budget, text, &again, &err));
    FUZZ_CHECK(str_eq(text, format(arena, again, &budget)));
    return 0;
}
