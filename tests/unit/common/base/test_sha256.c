/* SHA-256 against published vectors (FIPS 180-4, NIST CAVP) and in pieces of every size. */
#include <string.h>

#include "common/base/digest.h"
#include "common/base/sha256.h"
#include "tests/lib/check.h"

static const struct {
    const char *text;
    size_t times;
    const char *want;
} VECTORS[] = {
    {"", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    {"a", 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
};

static void published_vectors(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(VECTORS); i++) {
        uint8_t bytes[SHA256_RESULT_BYTES];
        char hex[DIGEST_SHA256_HEX_BYTES];
        struct sha256 s;
        sha256_init(&s);
        for (size_t k = 0; k < VECTORS[i].times; k++) {
            sha256_put(&s, VECTORS[i].text, strlen(VECTORS[i].text));
        }
        sha256_finish(&s, bytes);
        digest_hex(bytes, sizeof(bytes), hex);
        assert_string_equal(hex, VECTORS[i].want);
    }
}

static void pieces_make_no_difference(void **state UNUSED)
{
    enum { N = 3 * SHA256_BLOCK_BYTES };
    char text[N];
    for (size_t i = 0; i < N; i++) {
        text[i] = (char)('a' + i % 23);
    }
    for (size_t n = 0; n <= N; n++) {
        uint8_t whole[SHA256_RESULT_BYTES];
        uint8_t parts[SHA256_RESULT_BYTES];
        struct sha256 s;
        sha256_init(&s);
        sha256_put(&s, text, n);
        sha256_finish(&s, whole);
        sha256_init(&s);
        sha256_put(&s, text, n / 3);
        sha256_put(&s, text + n / 3, n - n / 3);
        sha256_finish(&s, parts);
        assert_memory_equal(whole, parts, sizeof(whole));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_vectors),
        cmocka_unit_test(pieces_make_no_difference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
