/* --set of any text, over values that are there. Input: the kind, then the expression. */
#include "common/value/value_json.h"
#include "common/value/value_yaml.h"
#include "engine/helm/strvals.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_BYTES = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum strvals_kind KINDS[] = {STRVALS_TYPED, STRVALS_STRING, STRVALS_JSON,
                                              STRVALS_LITERAL};
    if (size == 0 || size > MAX_BYTES) {
        return 0;
    }
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    struct str text = str_of((const char *)data + 1, size - 1);
    struct strvals_options options = {.kind = KINDS[data[0] % ARRAY_LEN(KINDS)]};
    const struct value *before;
    const struct value *after;
    FUZZ_OK(value_from_yaml(arena, STR("{a: {b: 1}, l: [1, [2], {c: 3}], n: null}"), NULL, &before,
                            &err));
    struct tmap *map = tval_from_value(arena, before, false).map;
    if (strvals_parse(arena, text, &options, map, &err) == 0) {
        FUZZ_OK(tval_to_value(arena, tval_map(map), &after, &err));
    }
    return 0;
}
