/* Any text run as a template with fixed data and a small budget: it ends, with output or an error. */
#include "common/base/limits.h"
#include "common/base/rand.h"
#include "common/value/value_yaml.h"
#include "engine/engine_env.h"
#include "engine/template/template.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_BYTES = 16 * 1024 };

static const char DATA[] =
    "{s: text, i: 3, f: 1.5, b: true, nothing: null, l: [1, two, [3], {k: v}],"
    " m: {a: {b: {c: d}}, e: {}}, Values: {x: 1}}";

static struct tval data_of(struct arena *arena)
{
    struct err err;
    const struct value *v = NULL;
    FUZZ_OK(value_from_yaml(arena, str_from(DATA), NULL, &v, &err));
    return tval_from_value(arena, v, false);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct str name = STR("fuzz");
    struct budget budget = budget_unlimited();
    struct rand_seeded rand;
    struct err err;
    if (size > MAX_BYTES) {
        return 0;
    }
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(buf) struct buf out;
    AUTO(buf) struct buf chain;
    buf_init(&out, LIMIT_MIB);
    buf_init(&chain, LIMIT_MIB);
    rand_seeded_init(&rand, 1);
    budget.steps = 10000;
    budget.bytes = LIMIT_MIB;
    budget.nodes = 100000;
    budget.depth = 200;
    struct engine_env env = {.arena = arena, .budget = &budget, .rand = &rand.rand};
    struct template_run run = {
        .set = template_set_new(arena), .arena = arena, .budget = &budget, .env = &env};
    if (template_parse(run.set, name, str_of((const char *)data, size), &budget, &err) < 0) {
        return 0;
    }
    if (template_execute(&run, name, data_of(arena), &out, &chain, &err) < 0) {
        FUZZ_CHECK(chain.n > 0);
    }
    return 0;
}
