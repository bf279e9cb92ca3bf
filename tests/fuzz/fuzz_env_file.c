/* Any text as an env file: keys are not empty and have no '=', and the pairs, written again, are the same. */
#include "common/base/buf.h"
#include "engine/kustomize/kvpairs.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_BYTES = 64 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err;
    struct kvpairs pairs = {0};
    struct kvpairs again = {0};
    if (size > MAX_BYTES) {
        return 0;
    }
    AUTO(arena) struct arena *arena = arena_new();
    if (kvpairs_parse_env(arena, str_of((const char *)data, size), &pairs, &err) < 0) {
        FUZZ_CHECK(err.code == ERR_INVALID);
        return 0;
    }
    AUTO(buf) struct buf b;
    buf_init(&b, (size_t)4 * MAX_BYTES);
    buf_put_c(&b, "\n"); /* a mark at the very beginning would be dropped again */
    VEC_FOREACH(&pairs.list, pair) {
        FUZZ_CHECK(pair->key.n > 0 && str_find_char(pair->key, '=') == STR_NONE);
        buf_put(&b, pair->key);
        buf_put_char(&b, '=');
        buf_put(&b, pair->value);
        buf_put_c(&b, "\r\n");
    }
    FUZZ_OK(kvpairs_parse_env(arena, buf_str(&b), &again, &err));
    FUZZ_CHECK(again.list.n == pairs.list.n);
    for (size_t i = 0; i < pairs.list.n; i++) {
        FUZZ_CHECK(str_eq(pairs.list.items[i].key, again.list.items[i].key));
        FUZZ_CHECK(str_eq(pairs.list.items[i].value, again.list.items[i].value));
    }
    return 0;
}
