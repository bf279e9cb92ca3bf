/* JSON: what is read can be written, read again, and is the same. */
#include "common/value/value_json.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_BYTES = 64 * 1024 };

/* Go prints 922337203685477580.1 as 922337203685477600: digits that, read as an integer, are not exactly
 * the double any more; and the float -0 as -0, which is the integer 0. */
static bool has_odd_float(const struct value *v)
{
    if (v->type == VALUE_FLOAT) {
        return v->f > 0x1p53 || v->f < -0x1p53 || v->f == 0;
    }
    VALUE_FOREACH(v, item) {
        if (has_odd_float(item)) {
            return true;
        }
    }
    VALUE_MAP_FOREACH(v, e)
    {
        if (has_odd_float(&e->value)) {
            return true;
        }
    }
    return false;
}

static void round_trip(struct arena *arena, const struct value *v)
{
    static const struct value_json_write FORMS[] = {
        {0},
        {.pretty = true, .insertion_order = true},
        {.escape_html = true},
    };
    for (size_t i = 0; i < ARRAY_LEN(FORMS); i++) {
        struct err err;
        struct str text;
        struct str again;
        const struct value *back = NULL;
        FUZZ_OK(value_to_json_in(arena, v, &FORMS[i], &text, &err));
        FUZZ_OK(value_from_json(arena, text, NULL, &back, &err));
        FUZZ_CHECK(has_odd_float(v) || value_equal(v, back));
        FUZZ_CHECK(has_odd_float(v) || value_hash(v) == value_hash(back));
        FUZZ_CHECK((value_cmp(v, back) == 0) == value_equal(v, back));
        FUZZ_OK(value_to_json_in(arena, back, &FORMS[i], &again, &err));
        FUZZ_CHECK(has_odd_float(v) || str_eq(text, again));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > MAX_BYTES) {
        return 0;
    }
    struct err err;
    AUTO(arena) struct arena *arena = arena_new();
    struct value_json_opts strict = {.positions = true, .duplicates = VALUE_DUP_ERROR};
    struct str text = str_of((const char *)data, size);
    const struct value *v = NULL;
    const struct value *same = NULL;
    if (value_from_json(arena, text, NULL, &v, &err) < 0) {
        FUZZ_CHECK(value_from_json(arena, text, &strict, &same, &err) < 0);
        return 0;
    }
    round_trip(arena, v);
    FUZZ_CHECK(value_equal(v, value_copy(arena, v)));
    if (value_from_json(arena, text, &strict, &same, &err) == 0) {
        FUZZ_CHECK(value_equal(v, same));
        FUZZ_CHECK(same->line > 0 && same->column > 0);
    }
    return 0;
}
