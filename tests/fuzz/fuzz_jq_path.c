/* "expression\nJSON": what is read as a plain path is one for jq too, and deleting the places it names gives what jq
 * says; any list of paths is deleted or passed over. */
#include "common/base/limits.h"
#include "common/value/value_json.h"
#include "engine/compare/jq_path.h"
#include "engine/jq/jq_eval.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_BYTES = 4096 };

static const struct value *by_jq(struct arena *arena, struct str expression, const struct value *v)
{
    AUTO(jq_eval) struct jq_eval *eval = jq_eval_new();
    AUTO(buf) struct buf out;
    const struct value *paths = NULL;
    struct str json;
    struct err err;
    buf_init(&out, LIMIT_MIB);
    FUZZ_OK(value_to_json_in(arena, v, NULL, &json, &err));
    FUZZ_OK(jq_eval_paths(eval, expression, json, &out, &err));
    FUZZ_OK(value_from_json(arena, buf_str(&out), NULL, &paths, &err));
    return jq_paths_delete(arena, paths, v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err;
    struct str expression;
    struct str json;
    struct jq_path path;
    const struct value *v = NULL;
    /* jq's own JSON reader knows no more than 256 levels */
    struct value_json_opts opts = {.max_depth = 100};
    if (size > MAX_BYTES || !str_cut(str_of((const char *)data, size), '\n', &expression, &json)) {
        return 0;
    }
    AUTO(arena) struct arena *arena = arena_new();
    if (value_from_json(arena, json, &opts, &v, &err) < 0) {
        return 0;
    }
    (void)jq_paths_delete(arena, v, v);
    if (jq_path_parse(arena, expression, &path)) {
        FUZZ_CHECK(path.n > 0 && path.n <= JQ_STEPS_MAX);
        const struct value *copy = value_copy(arena, v);
        const struct value *rest = jq_path_delete(arena, &path, v);
        FUZZ_CHECK(value_equal(v, copy));
        FUZZ_CHECK(value_equal(rest, by_jq(arena, expression, v)));
    }
    return 0;
}
