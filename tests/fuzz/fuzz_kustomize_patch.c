/* "YAML of an object\n---\nYAML of a patch": merged strategically and applied as a JSON patch. Inputs stay as they were, what comes out can be
 * printed, and merging charges the budget. */
#include "common/base/budget.h"
#include "common/value/value_json.h"
#include "common/value/value_yaml.h"
#include "engine/engine_env.h"
#include "engine/kustomize/kjson_patch.h"
#include "engine/kustomize/kschema.h"
#include "engine/kustomize/strategic.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_BYTES = 16 * 1024, MAX_STEPS = 1000 * 1000, MAX_DEPTH = 200 };

static void check_printable(struct arena *arena, const struct value *v)
{
    struct err err;
    struct str text;
    FUZZ_OK(value_to_json_in(arena, v, NULL, &text, &err));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct value_yaml_opts opts = {.schema = VALUE_YAML_CORE};
    struct value_yaml_docs docs;
    struct err err;
    struct budget budget = budget_unlimited();
    const struct value *patch = NULL;
    const struct value *out = NULL;
    if (size > MAX_BYTES) {
        return 0;
    }
    AUTO(arena) struct arena *arena = arena_new();
    struct engine_env env = {.arena = arena, .budget = &budget};
    struct str text = str_of((const char *)data, size);
    budget.steps = MAX_STEPS;
    budget.depth = MAX_DEPTH;
    if (value_from_yaml_stream(arena, text, &opts, &docs, &err) < 0 || docs.n < 2) {
        return 0;
    }
    const struct value *object = docs.items[0].value;
    const struct value *before = value_copy(arena, object);
    if (strategic_merge(&env, kschema_builtin(), object, docs.items[1].value, &out, &err) == 0) {
        check_printable(arena, out);
    }
    size_t at = str_find(text, STR("\n---\n"));
    if (at != STR_NONE &&
        kjson_patch_parse(&env, str_sub(text, at + 5, text.n), &patch, &err) == 0 &&
        kjson_patch_apply(&env, object, patch, &out, &err) == 0) {
        check_printable(arena, out);
    }
    FUZZ_CHECK(value_equal(before, object));
    return 0;
}
