/* JSON Schemas: a JSON list of (schema, instance). Checking ends within its budget, finds nothing or says what, and
 * does so twice alike. */
#include "common/base/budget.h"
#include "common/base/limits.h"
#include "common/value/value_json.h"
#include "engine/helm/schema.h"
#include "tests/fuzz/fuzz.h"

enum {
    MAX_BYTES = 16 * 1024,
    STEPS = 200 * 1000,
    DEPTH = 1000,
};

static int check(struct arena *arena, const struct value *in, struct buf *problems)
{
    struct err err;
    struct budget budget = budget_unlimited();
    budget.steps = STEPS;
    budget.depth = DEPTH;
    int rc =
        schema_validate(arena, value_at(in, 0), value_at(in, 1), &budget, NULL, problems, &err);
    FUZZ_CHECK(rc == 0 || err.code == ERR_INVALID || err.code == ERR_LIMIT);
    FUZZ_CHECK(rc == 0 || err.code == ERR_LIMIT || problems->n > 0);
    FUZZ_CHECK(rc < 0 || problems->n == 0);
    FUZZ_CHECK(budget.depth == DEPTH || rc < 0);
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct value_json_opts opts = {.max_depth = 100};
    struct err err;
    const struct value *in = NULL;
    if (size > MAX_BYTES) {
        return 0;
    }
    AUTO(arena) struct arena *arena = arena_new();
    if (value_from_json(arena, str_of((const char *)data, size), &opts, &in, &err) < 0 ||
        value_len(in) < 2 || !value_is(in, VALUE_LIST)) {
        return 0;
    }
    AUTO(buf) struct buf once;
    AUTO(buf) struct buf again;
    buf_init(&once, 64 * LIMIT_MIB);
    buf_init(&again, 64 * LIMIT_MIB);
    int rc = check(arena, in, &once);
    FUZZ_CHECK(check(arena, in, &again) == rc);
    FUZZ_CHECK(str_eq(buf_str(&once), buf_str(&again)));
    return 0;
}
