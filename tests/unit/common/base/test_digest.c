/* Digests against published vectors (FIPS 180-2, RFC 2202). */
#include "common/base/digest.h"
#include "tests/lib/check.h"

static void sha256_vectors(void **state UNUSED)
{
    char hex[DIGEST_SHA256_HEX_BYTES];
    digest_sha256_hex(STR("abc"), hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    digest_sha256_hex(STR_EMPTY, hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void fields_do_not_run_together(void **state UNUSED)
{
    char one[DIGEST_SHA256_HEX_BYTES];
    char two[DIGEST_SHA256_HEX_BYTES];
    AUTO(digest) struct digest *a = digest_new();
    digest_put_field(a, STR("ab"));
    digest_put_field(a, STR("c"));
    digest_finish_hex(a, one);
    AUTO(digest) struct digest *b = digest_new();
    digest_put_field(b, STR("a"));
    digest_put_field(b, STR("bc"));
    digest_finish_hex(b, two);
    assert_string_not_equal(one, two);
}

static void sha1_vector(void **state UNUSED)
{
    uint8_t sum[DIGEST_SHA1_BYTES];
    char hex[2 * DIGEST_SHA1_BYTES + 1];
    digest_sha1(STR("abc"), sum);
    digest_hex(sum, sizeof(sum), hex);
    assert_string_equal(hex, "a9993e364706816aba3e25717850c26c9cd0d89d");
}

static void hmac_sha1_vector(void **state UNUSED)
{
    uint8_t mac[DIGEST_SHA1_BYTES];
    char hex[2 * DIGEST_SHA1_BYTES + 1];
    digest_hmac_sha1(STR("Jefe"), STR("what do ya want for nothing?"), mac);
    digest_hex(mac, sizeof(mac), hex);
    assert_string_equal(hex, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_vectors),
        cmocka_unit_test(fields_do_not_run_together),
        cmocka_unit_test(sha1_vector),
        cmocka_unit_test(hmac_sha1_vector),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
