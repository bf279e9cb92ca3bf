/* "path\nYAML of an object": the path is got and edited, with and without creating. What is found by getting is edited, too; text of an edited
 * object can be printed again. */
#include "common/base/budget.h"
#include "common/value/value_build.h"
#include "common/value/value_yaml.h"
#include "engine/engine_env.h"
#include "engine/kustomize/kpath.h"
#include "engine/kustomize/replacement.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_BYTES = 4 * 1024, MAX_STEPS = 100 * 1000, MAX_DEPTH = 200 };

static int set_text(const struct kpath_edit *edit,
                    const struct value *leaf UNUSED,
                    const struct value **ret,
                    struct err *err UNUSED)
{
    *ret = value_new_str(edit->env->arena, STR("new"));
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct value_yaml_opts opts = {.schema = VALUE_YAML_CORE};
    struct err err;
    struct str first;
    struct str rest;
    struct budget budget = budget_unlimited();
    const struct value *v = NULL;
    if (size > MAX_BYTES || !str_cut(str_of((const char *)data, size), '\n', &first, &rest)) {
        return 0;
    }
    AUTO(arena) struct arena *arena = arena_new();
    struct engine_env env = {.arena = arena, .budget = &budget};
    budget.steps = MAX_STEPS;
    budget.depth = MAX_DEPTH;
    if (value_from_yaml(arena, rest, &opts, &v, &err) < 0) {
        return 0;
    }
    struct kpath path = kpath_split(arena, first, '.');
    const struct value *found = NULL;
    bool got = kpath_get(&env, v, path, &found, &err) == 0 && found != NULL;
    for (int create = 0; create < 2; create++) {
        const struct value *out = NULL;
        struct str text;
        size_t n = 0;
        struct kpath_edit edit = {
            .env = &env, .create = create == 1, .created = VALUE_STRING, .set = set_text};
        if (kpath_edit(&edit, v, path, &out, &n, &err) == 0) {
            FUZZ_CHECK(n > 0 || value_equal(out, v));
            FUZZ_CHECK(!got || !edit.create || n > 0);
            if (replacement_print_text(&env, out, rest, &text, &err) < 0) {
                FUZZ_CHECK(err.code == ERR_INVALID || err.code == ERR_LIMIT);
            }
        }
    }
    return 0;
}
