/* A cluster's OpenAPI document of any content: "document\ntarget\nlive", JSON. It is reduced or refused, every place
 * of the objects has a shape that holds together, and merging by it ends. */
#include "common/value/value_json.h"
#include "engine/compare/shape.h"
#include "engine/compare/structured.h"
#include "engine/compare/validate.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_BYTES = 16 * 1024 };

static void walk(struct arena *arena, struct shape shape, const struct value *v)
{
    struct fieldset_keys keys = shape_keys(arena, shape);
    FUZZ_CHECK(keys.n <= FIELDSET_KEYS);
    FUZZ_CHECK(keys.n == 0 || shape_merge(shape) == SHAPE_MERGE_KEYS);
    VALUE_MAP_FOREACH(v, e)
    {
        walk(arena, shape_member(shape, e->key), &e->value);
    }
    VALUE_FOREACH(v, item) {
        walk(arena, shape_item(shape), item);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err;
    struct str text[3];
    const struct value *v[3] = {NULL};
    const struct value *api = NULL;
    if (size > MAX_BYTES || !str_cut(str_of((const char *)data, size), '\n', &text[0], &text[1]) ||
        !str_cut(text[1], '\n', &text[1], &text[2])) {
        return 0;
    }
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(v); i++) {
        if (value_from_json(arena, text[i], NULL, &v[i], &err) < 0) {
            return 0;
        }
    }
    if (shape_reduce_openapi(arena, v[0], SHAPE_KEEP_MERGING, &api, &err) < 0) {
        FUZZ_CHECK(err.code == ERR_INVALID);
        return 0;
    }
    if (shape_reduce_openapi(arena, v[0], SHAPE_KEEP_TYPES, &api, &err) < 0) {
        FUZZ_CHECK(false);
    }
    (void)validate_object(arena, api, v[1]);
    walk(arena, shape_of(api, v[1]), v[1]);
    walk(arena, shape_of(api, v[2]), v[2]);
    const struct value *merged = structured_merge(arena, api, v[1], v[2], STR("m"));
    FUZZ_CHECK(value_equal(structured_merge(arena, api, v[1], merged, STR("m")), merged));
    return 0;
}
