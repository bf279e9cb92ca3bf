/* Base64: the vectors of RFC 4648, every byte, and what must be refused. */
#include "common/base/arena.h"
#include "common/base/b64.h"
#include "common/base/buf.h"
#include "tests/lib/check.h"

static const struct {
    const char *bytes;
    const char *standard;
    const char *url;
} VECTORS[] = {
    {"", "", ""},
    {"f", "Zg==", "Zg"},
    {"fo", "Zm8=", "Zm8"},
    {"foo", "Zm9v", "Zm9v"},
    {"foob", "Zm9vYg==", "Zm9vYg"},
    {"fooba", "Zm9vYmE=", "Zm9vYmE"},
    {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
    {"\xfb\xff\xfe", "+//+", "-__-"},
};

static void encodes_and_decodes_the_vectors(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    for (size_t i = 0; i < ARRAY_LEN(VECTORS); i++) {
        struct str bytes = str_from(VECTORS[i].bytes);
        struct str back;
        ASSERT_STR(b64_encode_in(arena, bytes, B64_STANDARD), VECTORS[i].standard);
        ASSERT_STR(b64_encode_in(arena, bytes, B64_URL), VECTORS[i].url);
        ASSERT_OK(b64_decode(arena, str_from(VECTORS[i].standard), B64_STANDARD, &back, &err));
        ASSERT_STR(back, VECTORS[i].bytes);
        ASSERT_OK(b64_decode(arena, str_from(VECTORS[i].url), B64_URL, &back, &err));
        ASSERT_STR(back, VECTORS[i].bytes);
    }
}

static void keeps_every_byte_at_every_length(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    char bytes[256];
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = (char)i;
    }
    for (size_t n = 0; n <= sizeof(bytes); n++) {
        AUTO(buf) struct buf text;
        buf_init(&text, 1024);
        b64_encode(&text, str_of(bytes, n), B64_STANDARD);
        struct str back;
        ASSERT_OK(b64_decode(arena, buf_str(&text), B64_STANDARD, &back, &err));
        assert_true(str_eq(back, str_of(bytes, n)));
        assert_int_equal(back.p[back.n], '\0');
    }
}

static void skips_line_ends(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    struct str back;
    ASSERT_OK(b64_decode(arena, STR("Zm9v\r\nYg==\n"), B64_STANDARD, &back, &err));
    ASSERT_STR(back, "foob");
}

static void ignores_the_bits_beyond_the_last_byte(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    struct str back;
    ASSERT_OK(b64_decode(arena, STR("Zh=="), B64_STANDARD, &back, &err));
    ASSERT_STR(back, "f");
    ASSERT_OK(b64_decode(arena, STR("Zm9"), B64_URL, &back, &err));
    ASSERT_STR(back, "fo");
}

static void refuses_what_go_refuses(void **state UNUSED)
{
    static const struct {
        const char *text;
        enum b64_alphabet alphabet;
    } BAD[] = {
        {"Zg", B64_STANDARD},   {"Zg=", B64_STANDARD},      {"Zg===", B64_STANDARD},
        {"Z", B64_STANDARD},    {"Zg==Zg==", B64_STANDARD}, {"Z g=", B64_STANDARD},
        {"-_-_", B64_STANDARD}, {"Zg==", B64_URL},          {"+/+/", B64_URL},
        {"=", B64_STANDARD},
    };
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    for (size_t i = 0; i < ARRAY_LEN(BAD); i++) {
        struct str back;
        ASSERT_ERR(b64_decode(arena, str_from(BAD[i].text), BAD[i].alphabet, &back, &err),
                   ERR_INVALID, "not base64");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encodes_and_decodes_the_vectors),
        cmocka_unit_test(keeps_every_byte_at_every_length),
        cmocka_unit_test(skips_line_ends),
        cmocka_unit_test(ignores_the_bits_beyond_the_last_byte),
        cmocka_unit_test(refuses_what_go_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
