/* A directory with one YAML and one JSON file of any content, and any include pattern. Input: pattern, NUL,
 * YAML, NUL, JSON. */
#include <assert.h>

#include "common/value/value.h"
#include "common/value/value_build.h"
#include "engine/engine.h"
#include "tests/fuzz/fuzz.h"

struct tree {
    struct engine_files files;
    struct str yaml;
    struct str json;
};

static const struct engine_entry ENTRIES[] = {
    {{"a.yaml", 6}, ENGINE_FILE_REGULAR},
    {{"b.json", 6}, ENGINE_FILE_REGULAR},
};

static int on_type(struct engine_files *files UNUSED,
                   struct str path,
                   enum engine_file_type *ret,
                   struct err *err UNUSED)
{
    *ret = path.n == 0 ? ENGINE_FILE_DIR : ENGINE_FILE_MISSING;
    return 0;
}

static int on_list(struct engine_files *files UNUSED,
                   struct arena *arena UNUSED,
                   struct str path UNUSED,
                   struct engine_listing *ret,
                   struct err *err UNUSED)
{
    *ret = (struct engine_listing){ENTRIES, ARRAY_LEN(ENTRIES)};
    return 0;
}

static int on_read(struct engine_files *files,
                   struct arena *arena,
                   struct str path,
                   size_t max_bytes UNUSED,
                   struct str *ret,
                   struct err *err UNUSED)
{
    struct tree *t = CONTAINER_OF(files, struct tree, files);
    *ret = arena_str(arena, str_eq_c(path, "a.yaml") ? t->yaml : t->json);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str all = str_of((const char *)data, size);
    struct str pattern;
    struct tree t = {.files = {.type = on_type, .list = on_list, .read = on_read}};
    (void)str_cut(all, '\0', &pattern, &all);
    (void)str_cut(all, '\0', &t.yaml, &t.json);
    AUTO(arena) struct arena *arena = arena_new();
    struct budget budget = budget_unlimited();
    budget.depth = 100;
    struct engine_env env = {.arena = arena, .budget = &budget, .files = &t.files};
    const struct value_entry include = {STR("include"), value_of_str(arena_str(arena, pattern))};
    struct value directory = {.type = VALUE_MAP, .n = 1, .entries = &include};
    const struct value_entry block = {STR("directory"), directory};
    struct value source = {.type = VALUE_MAP, .n = 1, .entries = &block};
    struct engine_source options = {.source = &source};
    struct engine_result result;
    struct err err;
    if (engine_render(&env, &options, &result, &err) == 0) {
        for (size_t i = 0; i < result.n; i++) {
            assert(value_dig_str(result.objects[i].object, "kind").n > 0);
            assert(value_dig_str(result.objects[i].object, "apiVersion").n > 0);
        }
    }
    return 0;
}
