/* OpenPGP keys: what GnuPG lists of them, and what is none. */
#include "common/base/armor.h"
#include "common/base/fs.h"
#include "common/base/pgp_key.h"
#include "tests/lib/check.h"

#define KEY "FB3ECB13A0886942"
#define FPR "86D0565BB893F8BAEE58BCE4" KEY

static struct str packets_of(struct arena *arena, const char *file)
{
    struct str text;
    struct str packets;
    struct err err;
    struct str path = arena_printf(arena, "tests/data/%s", file);
    ASSERT_OK(fs_read_file(arena, path.p, (size_t)64 * 1024, &text, &err));
    ASSERT_OK(armor_decode(arena, text, &packets, &err));
    return packets;
}

static void says_what_gnupg_lists(void **state)
{
    static const struct {
        const char *file;
        const char *fingerprint;
        const char *type;
        const char *owner;
    } CASES[] = {
        {"signatures/alice.asc", FPR, "ed25519", "Alice <alice@example.com>"},
        {"signatures/bob.asc", "3AC089144EA25731E37C13ED56D4470E23483CC9", "ed25519",
         "Bob <bob@example.com>"},
        {"keys/rsa2048.asc", "B8BC398177380873DC51EA3205782224665FCA53", "rsa2048",
         "Rsa One <rsa@example.com>"},
        {"keys/nistp256.asc", "78E84010D19DC59A52FD858E93FD9E6040C4BDA8", "nistp256",
         "Nist <n@example.com>"},
        {"keys/three_users.asc", "944310731CF1D8088E79EB7C754ECCFED8C9F851", "ed25519",
         "Second <s@example.com>"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        struct pgp_keys keys;
        struct str again;
        struct err err;
        struct str packets = packets_of(arena, CASES[i].file);
        ASSERT_OK(pgp_keys_read(arena, packets, &keys, &err));
        assert_int_equal(keys.n, 1);
        assert_string_equal(keys.items[0].fingerprint, CASES[i].fingerprint);
        assert_string_equal(keys.items[0].id, CASES[i].fingerprint + 24);
        assert_string_equal(keys.items[0].type, CASES[i].type);
        ASSERT_STR(keys.items[0].owner, CASES[i].owner);
        ASSERT_OK(armor_decode(arena, armor_encode(arena, keys.items[0].packets), &again, &err));
        assert_true(str_eq(again, packets));
    }
}

static void several_keys_are_taken_apart(void **state)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct pgp_keys keys;
    struct err err;
    struct str bob = packets_of(arena, "signatures/bob.asc");
    struct str rsa = packets_of(arena, "keys/rsa2048.asc");
    char *both = arena_bytes(arena, bob.n + rsa.n);
    (void)state;
    memcpy(both, bob.p, bob.n);
    memcpy(both + bob.n, rsa.p, rsa.n);
    ASSERT_OK(pgp_keys_read(arena, str_of(both, bob.n + rsa.n), &keys, &err));
    assert_int_equal(keys.n, 2);
    assert_true(str_eq(keys.items[0].packets, bob));
    assert_true(str_eq(keys.items[1].packets, rsa));
    assert_string_equal(keys.items[1].type, "rsa2048");
}

static void what_is_no_key_is_refused(void **state)
{
    static const struct {
        struct str packets;
        const char *says;
    } CASES[] = {
        {STR("\x98\x01\x04"), "broken"},
        {STR("\x98\x08\x04"), "broken"},
        {STR("\xb4\x01x"), "broken"},
        {STR("\x98\x07\x03 date\x01"), "of version 3"},
        {STR("\x98\x07\x04 date\x01"), "has no user id"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        struct pgp_keys keys;
        struct err err;
        ASSERT_ERR(pgp_keys_read(arena, CASES[i].packets, &keys, &err), ERR_INVALID, CASES[i].says);
    }
}

static void algorithms_have_names(void **state)
{
    static const struct {
        struct str packets; /* six bytes, key material, and the user id "x" */
        const char *type;
    } CASES[] = {
        {STR("\x98\x08\x04 dat\x01\x10\x01\xb4\x01x"), "rsa4097"},
        {STR("\x98\x08\x04 dat\x11\x08\x00\xb4\x01x"), "dsa2048"},
        {STR("\x98\x07\x04 dat\x1b!\xb4\x01x"), "ed25519"},
        {STR("\x98\x07\x04 dat\x13\x09\xb4\x01x"), "unknown_19"},
        {STR("\x98\x0a\x04 dat\x16\x03\x2b\x65\x71\xb4\x01x"), "ed448"},
        {STR("\x98\x07\x04 dat\x63!\xb4\x01x"), "unknown_99"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        struct pgp_keys keys;
        struct err err;
        ASSERT_OK(pgp_keys_read(arena, CASES[i].packets, &keys, &err));
        assert_string_equal(keys.items[0].type, CASES[i].type);
        ASSERT_STR(keys.items[0].owner, "x");
    }
}

static void reads_key_ids(void **state UNUSED)
{
    static const struct {
        const char *text, *id;
    } IDS[] = {
        {KEY, KEY},       {"fb3ecb13a0886942", KEY},  {FPR, KEY}, {"A0886942", NULL},
        {"0x" KEY, NULL}, {"FB3ECB13A088694G", NULL}, {"", NULL}, {"000" FPR, NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(IDS); i++) {
        char id[PGP_KEY_ID_DIGITS + 1];
        assert_int_equal(pgp_key_id(str_from(IDS[i].text), id), IDS[i].id != NULL);
        if (IDS[i].id != NULL) {
            assert_string_equal(id, IDS[i].id);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_gnupg_lists),
        cmocka_unit_test(several_keys_are_taken_apart),
        cmocka_unit_test(what_is_no_key_is_refused),
        cmocka_unit_test(algorithms_have_names),
        cmocka_unit_test(reads_key_ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
