/* Base64 and base32: which byte is blamed. */
#include "common/base/arena.h"
#include "engine/template/go_base.h"
#include "tests/lib/check.h"

struct decoding {
    const char *text;
    const char *want; /* or the number of the wrong byte */
};

static void base64_blames_the_byte_go_blames(void **state UNUSED)
{
    static const struct decoding BAD[] = {
        {"a", "0"},     {"YWI", "0"},    {"YWI=x", "4"}, {"Y=", "1"},
        {"YQ=", "3"},   {"YQ=x", "2"},   {"Y Q=", "1"},  {"====", "0"},
        {"YWJj=", "4"}, {"YWJjYQ", "4"}, {"YQ\n=", "4"}, {"-_-_", "0"},
    };
    static const struct decoding GOOD[] = {
        {"", ""}, {"\n", ""}, {"YQ==", "a"}, {"YWI=", "ab"}, {"YQ=\n=", "a"}, {"YW\r\nJj", "abc"},
    };
    AUTO(arena) struct arena *arena = arena_new();
    struct str bytes;
    struct err err;
    for (size_t i = 0; i < ARRAY_LEN(BAD); i++) {
        struct str want = arena_printf(arena, "illegal base64 data at input byte %s", BAD[i].want);
        ASSERT_ERR(go_b64_decode(arena, str_from(BAD[i].text), &bytes, &err), ERR_INVALID, want.p);
    }
    for (size_t i = 0; i < ARRAY_LEN(GOOD); i++) {
        ASSERT_OK(go_b64_decode(arena, str_from(GOOD[i].text), &bytes, &err));
        ASSERT_STR(bytes, GOOD[i].want);
    }
}

static void base32_blames_the_byte_go_blames(void **state UNUSED)
{
    static const struct decoding BAD[] = {
        {"M", "0"},        {"mfra", "0"},     {"MFRA", "0"},      {"MFRA==", "6"},
        {"MFR=====", "3"}, {"M=======", "1"}, {"MFRGGZDF1", "8"}, {"MFRA=x==", "4"},
    };
    static const char *const TEXTS[] = {"", "a", "ab", "abc", "abcd", "abcde", "abcdefghijk"};
    AUTO(arena) struct arena *arena = arena_new();
    struct str bytes;
    struct err err;
    for (size_t i = 0; i < ARRAY_LEN(BAD); i++) {
        struct str want = arena_printf(arena, "illegal base32 data at input byte %s", BAD[i].want);
        ASSERT_ERR(go_b32_decode(arena, str_from(BAD[i].text), &bytes, &err), ERR_INVALID, want.p);
    }
    for (size_t i = 0; i < ARRAY_LEN(TEXTS); i++) {
        struct str encoded = go_b32_encode(arena, str_from(TEXTS[i]));
        ASSERT_OK(go_b32_decode(arena, encoded, &bytes, &err));
        ASSERT_STR(bytes, TEXTS[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64_blames_the_byte_go_blames),
        cmocka_unit_test(base32_blames_the_byte_go_blames),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
