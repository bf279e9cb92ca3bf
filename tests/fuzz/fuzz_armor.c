/* Any text as armoured keys: what comes of it begins with a public key, is the same when it is armoured again, and is
 * taken apart into keys without a rest. */
#include "common/base/armor.h"
#include "common/base/pgp_key.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_BYTES = 64 * 1024 };

static void check_keys(struct arena *arena, struct str packets)
{
    struct pgp_keys keys;
    struct err err;
    size_t n = 0;
    if (pgp_keys_read(arena, packets, &keys, &err) < 0) {
        FUZZ_CHECK(err.code == ERR_INVALID);
        return;
    }
    for (size_t i = 0; i < keys.n; i++) {
        char id[PGP_KEY_ID_DIGITS + 1];
        FUZZ_CHECK(pgp_key_id(str_from(keys.items[i].fingerprint), id));
        FUZZ_CHECK(str_eq_c(str_from(keys.items[i].id), id));
        FUZZ_CHECK(keys.items[i].owner.n > 0 && keys.items[i].type[0] != '\0');
        n += keys.items[i].packets.n;
    }
    FUZZ_CHECK(keys.n > 0 && n == packets.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str packets;
    struct str again;
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
    FUZZ_OK(armor_decode(arena, armor_encode(arena, packets), &again, &err));
    FUZZ_CHECK(str_eq(packets, again));
    check_keys(arena, packets);
    return 0;
}
