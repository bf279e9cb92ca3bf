/* Paths of fieldspecs over any object: a line with the path, then the object. Doing it twice is doing it once. */
#include "common/base/budget.h"
#include "common/value/value.h"
#include "common/value/value_yaml.h"
#include "engine/engine_env.h"
#include "engine/kustomize/fieldspec.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_BYTES = 4096 };

static int set(const struct fieldspec_visit *visit,
               const struct value *leaf,
               const struct value **ret,
               struct err *err)
{
    return visit->create == FIELDSPEC_CREATE_SCALAR
               ? fieldspec_set_text(visit, leaf, STR("0x1f"), ret, err)
               : fieldspec_set_scalar(visit, leaf, &VALUE_EMPTY_MAP, ret, err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str path;
    struct str text;
    const struct value_yaml_opts core = {.schema = VALUE_YAML_CORE};
    const struct value *object;
    struct err err;
    if (size > MAX_BYTES) {
        return 0;
    }
    AUTO(arena) struct arena *arena = arena_new();
    struct budget budget = budget_unlimited();
    budget.depth = 600;
    struct engine_env env = {.arena = arena, .budget = &budget};
    (void)str_cut(str_of((const char *)data, size), '\n', &path, &text);
    if (value_from_yaml(arena, text, &core, &object, &err) < 0 || object->type != VALUE_MAP) {
        return 0;
    }
    for (int create = FIELDSPEC_CREATE_NONE; create <= FIELDSPEC_CREATE_LIST; create++) {
        struct fieldspec spec = {.path = path, .create = true};
        struct fieldspec_visit visit = {
            .env = &env, .create = (enum fieldspec_create)create, .set = set};
        const struct value *once;
        const struct value *twice;
        if (fieldspec_apply(&visit, &spec, object, &once, &err) < 0) {
            continue;
        }
        if (fieldspec_apply(&visit, &spec, once, &twice, &err) == 0) {
            FUZZ_CHECK(value_equal(once, twice));
        }
        FUZZ_CHECK(budget.depth == 600);
        FUZZ_CHECK(value_len(once) >= value_len(object));
    }
    return 0;
}
