/* Armoured keys: those of GnuPG, and broken ones. */
#include "common/base/armor.h"
#include "tests/lib/signed_fixture.h"

#define BEGIN "-----BEGIN PGP PUBLIC KEY BLOCK-----\n"
#define END   "-----END PGP PUBLIC KEY BLOCK-----\n"

static void reads_keys(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct str alice = signed_fixture_read(arena, "alice.asc");
    struct str bob = signed_fixture_read(arena, "bob.asc");
    struct str one;
    struct str two;
    struct err err;
    ASSERT_OK(armor_decode(arena, alice, &one, &err));
    assert_int_equal((unsigned char)one.p[0], 0x98); /* a public key packet */
    struct str both = arena_printf(arena, "a word before\n" STR_FMT "between\r\n" STR_FMT,
                                   STR_ARG(bob), STR_ARG(alice));
    ASSERT_OK(armor_decode(arena, both, &two, &err));
    assert_true(two.n > one.n && str_ends_with(two, one));
}

static void refuses_broken_keys(void **state UNUSED)
{
    static const struct {
        const char *text, *message;
    } CASES[] = {
        {"", "no armoured OpenPGP public key"},
        {"plain", "no armoured OpenPGP public key"},
        {BEGIN, "is cut"},
        {BEGIN "\nmDME\n", "is cut"},
        {BEGIN "mDME\n" END, "no empty line"},
        {BEGIN "Version: x\n\n" END, "no armoured OpenPGP public key"},
        {BEGIN "\nmD*E\n" END, "base64"},
        {BEGIN "\nmAEA\n=AAAA\n" END, "checksum"},
        {BEGIN "\nmAEA\n=A\n" END, "base64"},
        {BEGIN "\nmAEA\n=AAAA\nmAEA\n" END, "behind its checksum"},
        {BEGIN "\nmAUA\n" END, "packets of the key are broken"}, /* five bytes, one there */
        {BEGIN "\nGAEA\n" END, "packets of the key are broken"}, /* no packet */
        {BEGIN "\nmwEA\n" END, "packets of the key are broken"}, /* without end */
        {BEGIN "\nlAEA\n" END, "packet 5 is not"},               /* a secret key */
        {BEGIN "\ntAEA\n" END, "packet 13 is not"},              /* begins with a name */
        {BEGIN "\nxv8A\n" END, "packets of the key are broken"}, /* new format, length cut */
        {BEGIN "\nxuEA\n" END, "packets of the key are broken"}, /* in parts */
    };
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct str packets;
        struct err err;
        ASSERT_ERR(armor_decode(arena, str_from(CASES[i].text), &packets, &err), ERR_INVALID,
                   CASES[i].message);
    }
}

static void reads_lengths_of_both_formats(void **state UNUSED)
{
    static const char *const KEYS[] = {
        BEGIN "\nmAEA\n" END,         /* old, one byte */
        BEGIN "\nmQABAA==\n" END,     /* old, two */
        BEGIN "\nmgAAAAEA\n" END,     /* old, four */
        BEGIN "\nxgEA\n" END,         /* new, one */
        BEGIN "\nxv8AAAABAA==\n" END, /* new, five */
    };
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(KEYS); i++) {
        struct str packets;
        struct err err;
        ASSERT_OK(armor_decode(arena, str_from(KEYS[i]), &packets, &err));
        assert_int_equal(packets.p[packets.n - 1], 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_keys),
        cmocka_unit_test(refuses_broken_keys),
        cmocka_unit_test(reads_lengths_of_both_formats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
