/* Any text as armoured keys: what comes of it begins with a public key. */
#include "repo-server/git/armor.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_BYTES = 64 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str packets;
    struct err err;
    if (size > MAX_BYTES) {
        return 0;
    }
    AUTO(arena) struct arena *arena = arena_new();
    if (armor_decode(arena, str_of((const char *)data, size), &packets, &err) < 0) {
        FUZZ_CHECK(err.code == ERR_INVALID || err.code == ERR_LIMIT);
        return 0;
    }
    unsigned first = (unsigned char)packets.p[0];
    FUZZ_CHECK(packets.n >= 2 && ((first & 0xfc) == 0x98 || first == 0xc6));
    return 0;
}
