/* Keys and certificates: types, forms, what OpenSSL says of the result, and errors. */
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "common/base/arena.h"
#include "common/base/rand.h"
#include "engine/template/cert.h"
#include "tests/lib/check.h"

enum { NOW_S = 1700000000, RSA_BITS = 1024 };

static struct arena *arena;
static struct rand_seeded seeded;

static int setup(void **state UNUSED)
{
    arena = arena_new();
    rand_seeded_init(&seeded, 7);
    return 0;
}

static int teardown(void **state UNUSED)
{
    arena_free(arena);
    return 0;
}

static struct str pem_of(EVP_PKEY *key)
{
    struct err err;
    struct str pem = STR_EMPTY;
    ASSERT_OK(cert_key_pem(arena, key, &pem, &err));
    return pem;
}

static X509 *x509_of(struct str pem)
{
    BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
    X509 *x = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    BIO_free(bio);
    assert_non_null(x);
    return x;
}

static void keys_are_read_as_they_are_written(void **state UNUSED)
{
    static const struct {
        enum cert_key_type type;
        const char *begin;
    } CASES[] = {
        {CERT_KEY_RSA, "-----BEGIN RSA PRIVATE KEY-----\n"},
        {CERT_KEY_ECDSA, "-----BEGIN EC PRIVATE KEY-----\n"},
        {CERT_KEY_ED25519, "-----BEGIN PRIVATE KEY-----\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct err err;
        AUTO(cert_key) EVP_PKEY *key = NULL;
        AUTO(cert_key) EVP_PKEY *again = NULL;
        ASSERT_OK(cert_key_new(CASES[i].type, RSA_BITS, &seeded.rand, &key, &err));
        struct str pem = pem_of(key);
        assert_true(str_starts_with(pem, str_from(CASES[i].begin)));
        ASSERT_OK(cert_key_parse(pem, &again, &err));
        assert_int_equal(EVP_PKEY_eq(key, again), 1);
        assert_true(str_eq(pem, pem_of(again)));
    }
}

static void elliptic_keys_follow_from_the_randomness(void **state UNUSED)
{
    static const enum cert_key_type TYPES[] = {CERT_KEY_ECDSA, CERT_KEY_ED25519};
    for (size_t i = 0; i < ARRAY_LEN(TYPES); i++) {
        struct err err;
        AUTO(cert_key) EVP_PKEY *a = NULL;
        AUTO(cert_key) EVP_PKEY *b = NULL;
        AUTO(cert_key) EVP_PKEY *other = NULL;
        rand_seeded_init(&seeded, 11);
        ASSERT_OK(cert_key_new(TYPES[i], 0, &seeded.rand, &a, &err));
        ASSERT_OK(cert_key_new(TYPES[i], 0, &seeded.rand, &other, &err));
        rand_seeded_init(&seeded, 11);
        ASSERT_OK(cert_key_new(TYPES[i], 0, &seeded.rand, &b, &err));
        assert_int_equal(EVP_PKEY_eq(a, b), 1);
        assert_int_not_equal(EVP_PKEY_eq(a, other), 1);
    }
}

static void bad_keys_are_named(void **state UNUSED)
{
    static const struct {
        const char *pem;
        const char *want;
    } CASES[] = {
        {"", "no PEM data in input"},
        {"-----BEGIN X-----\nYQ==\n-----END X-----\n",
         "no private key data in PEM block of type X"},
        {"-----BEGIN OLD PRIVATE KEY-----\nYQ==\n-----END OLD PRIVATE KEY-----\n",
         "invalid private key type OLD"},
        {"-----BEGIN RSA PRIVATE KEY-----\nYQ==\n-----END RSA PRIVATE KEY-----\n",
         "parsing RSA private key from PEM"},
        {"-----BEGIN PRIVATE KEY-----\nYQ==\n-----END PRIVATE KEY-----\n",
         "decoding PEM as PKCS#8"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct err err;
        EVP_PKEY *key = NULL;
        ASSERT_ERR(cert_key_parse(str_from(CASES[i].pem), &key, &err), ERR_INVALID, CASES[i].want);
    }
}

/* A CA and a leaf it signs, with keys of the same type. */
static void check_chain(enum cert_key_type type)
{
    struct err err;
    struct cert ca;
    struct cert leaf;
    AUTO(cert_key) EVP_PKEY *ca_key = NULL;
    AUTO(cert_key) EVP_PKEY *leaf_key = NULL;
    struct cert_spec ca_spec = {
        .common_name = STR("ca"), .days = 10, .now_ms = INT64_C(1000) * NOW_S, .is_ca = true};
    struct str ips[] = {STR("10.0.0.1"), STR("::1")};
    struct str names[] = {STR("a.example"), STR("*.b.example")};
    struct cert_spec spec = {.common_name = STR("leaf"),
                             .ips = ips,
                             .n_ips = 2,
                             .dns_names = names,
                             .n_dns_names = 2,
                             .days = 1,
                             .now_ms = INT64_C(1000) * NOW_S,
                             .signer = &ca};
    ASSERT_OK(cert_key_new(type, RSA_BITS, &seeded.rand, &ca_key, &err));
    ASSERT_OK(cert_key_new(type, RSA_BITS, &seeded.rand, &leaf_key, &err));
    ASSERT_OK(cert_make(arena, &ca_spec, ca_key, &seeded.rand, &ca, &err));
    ASSERT_OK(cert_make(arena, &spec, leaf_key, &seeded.rand, &leaf, &err));
    X509 *ca_x = x509_of(ca.cert);
    X509 *x = x509_of(leaf.cert);
    assert_int_equal(X509_verify(ca_x, ca_key), 1);
    assert_int_equal(X509_verify(x, ca_key), 1);
    assert_int_equal(X509_check_ca(ca_x), 1);
    assert_int_equal(X509_check_ca(x), 0);
    assert_int_equal(X509_check_issued(ca_x, x), X509_V_OK);
    assert_int_equal(X509_check_host(x, "x.b.example", 0, 0, NULL), 1);
    assert_int_equal(X509_check_ip_asc(x, "::1", 0), 1);
    assert_int_equal(ASN1_TIME_cmp_time_t(X509_get0_notBefore(x), NOW_S), 0);
    assert_int_equal(ASN1_TIME_cmp_time_t(X509_get0_notAfter(x), NOW_S + 86400), 0);
    X509_free(ca_x);
    X509_free(x);
    spec.signer = &(struct cert){ca.cert, leaf.key};
    ASSERT_ERR(cert_make(arena, &spec, leaf_key, &seeded.rand, &leaf, &err), ERR_INVALID,
               "provided PrivateKey doesn't match parent's PublicKey");
}

static void certificates_form_chains(void **state UNUSED)
{
    check_chain(CERT_KEY_RSA);
    check_chain(CERT_KEY_ECDSA);
    check_chain(CERT_KEY_ED25519);
}

static void bad_names_are_refused(void **state UNUSED)
{
    struct err err;
    struct cert cert;
    AUTO(cert_key) EVP_PKEY *key = NULL;
    struct str ip = STR("10.0.0");
    struct str name = STR("m\xc3\xbcnchen.example");
    struct cert_spec bad_ip = {.common_name = STR("x"), .ips = &ip, .n_ips = 1};
    struct cert_spec bad_name = {.common_name = STR("x"), .dns_names = &name, .n_dns_names = 1};
    ASSERT_OK(cert_key_new(CERT_KEY_ED25519, 0, &seeded.rand, &key, &err));
    ASSERT_ERR(cert_make(arena, &bad_ip, key, &seeded.rand, &cert, &err), ERR_INVALID,
               "error parsing ip: 10.0.0");
    ASSERT_ERR(cert_make(arena, &bad_name, key, &seeded.rand, &cert, &err), ERR_INVALID,
               "cannot be encoded as an IA5String");
    ASSERT_ERR(cert_check(STR("x"), "here", &err), ERR_INVALID, "unable to decode certificate");
    ASSERT_ERR(cert_check(STR("-----BEGIN CERTIFICATE-----\nYQ==\n-----END CERTIFICATE-----\n"),
                          "here", &err),
               ERR_INVALID, "error parsing certificate: here: ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(keys_are_read_as_they_are_written, setup, teardown),
        cmocka_unit_test_setup_teardown(elliptic_keys_follow_from_the_randomness, setup, teardown),
        cmocka_unit_test_setup_teardown(bad_keys_are_named, setup, teardown),
        cmocka_unit_test_setup_teardown(certificates_form_chains, setup, teardown),
        cmocka_unit_test_setup_teardown(bad_names_are_refused, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
