/* Patches: a JSON list of (document, patch, other document). A patch that applies leaves its inputs as
 * they were; a merge patch made from two documents turns one into the other. */
#include "common/value/value_json.h"
#include "common/value/value_patch.h"
#include "common/value/value_path.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_BYTES = 16 * 1024 };

static bool has_null(const struct value *v)
{
    VALUE_MAP_FOREACH(v, e)
    {
        if (e->value.type == VALUE_NULL || has_null(&e->value)) {
            return true;
        }
    }
    return false;
}

static void check_merge(struct arena *arena, const struct value *from, const struct value *to)
{
    const struct value *patch = value_merge_patch_between(arena, from, to);
    if (!has_null(to)) { /* else it cannot be expressed */
        FUZZ_CHECK(value_equal(value_merge_patch(arena, from, patch), to));
    }
    const struct value *merged = value_merge_patch(arena, from, to);
    FUZZ_CHECK(value_equal(value_merge_patch(arena, merged, to), merged));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct value_json_opts opts = {.max_depth = 100};
    struct err err;
    struct str text;
    const struct value *in = NULL;
    const struct value *out = NULL;
    if (size > MAX_BYTES) {
        return 0;
    }
    AUTO(arena) struct arena *arena = arena_new();
    if (value_from_json(arena, str_of((const char *)data, size), &opts, &in, &err) < 0 ||
        value_len(in) < 3 || !value_is(in, VALUE_LIST)) {
        return 0;
    }
    const struct value *doc = value_copy(arena, value_at(in, 0));
    if (value_json_patch(arena, value_at(in, 0), value_at(in, 1), &out, &err) == 0) {
        FUZZ_OK(value_to_json_in(arena, out, NULL, &text, &err));
    }
    FUZZ_CHECK(value_equal(doc, value_at(in, 0)));
    check_merge(arena, value_at(in, 0), value_at(in, 2));
    check_merge(arena, value_at(in, 2), value_at(in, 0));
    (void)value_pointer_get(value_at(in, 0), value_str(value_at(in, 1)));
    (void)value_dotted_get(value_at(in, 0), value_str(value_at(in, 1)));
    return 0;
}
