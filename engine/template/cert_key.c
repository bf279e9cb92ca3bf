/* Private keys: making, reading and writing them. */
#include <stdio.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include "common/base/arena.h"
#include "common/base/mem.h"
#include "common/base/rand.h"
#include "engine/template/cert_internal.h"

enum {
    DSA_BITS = 2048,
    DSA_Q_BITS = 256,
    ED25519_BYTES = 32,
    /* of randomness for a P-256 key: 64 bits more than the order, so that the remainder is uniform */
    P256_SEED_BYTES = 40,
    P256_POINT_BYTES = 65,
};

int cert_fail(struct err *err, const char *what)
{
    char text[256];
    ERR_error_string_n(ERR_peek_error(), text, sizeof(text));
    ERR_clear_error();
    return err_set(err, ERR_INTERNAL, "%s: %s", what, text);
}

/* ---- making ---- */

static EVP_PKEY *new_dsa(void)
{
    EVP_PKEY *params = NULL;
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *keygen = NULL;
    EVP_PKEY_CTX *paramgen = EVP_PKEY_CTX_new_from_name(NULL, "DSA", NULL);
    bool ok = paramgen != NULL && EVP_PKEY_paramgen_init(paramgen) == 1 &&
              EVP_PKEY_CTX_set_dsa_paramgen_bits(paramgen, DSA_BITS) == 1 &&
              EVP_PKEY_CTX_set_dsa_paramgen_q_bits(paramgen, DSA_Q_BITS) == 1 &&
              EVP_PKEY_paramgen(paramgen, &params) == 1;
    if (ok) {
        keygen = EVP_PKEY_CTX_new_from_pkey(NULL, params, NULL);
        (void)(keygen != NULL && EVP_PKEY_keygen_init(keygen) == 1 &&
               EVP_PKEY_keygen(keygen, &key) == 1);
    }
    EVP_PKEY_CTX_free(keygen);
    EVP_PKEY_CTX_free(paramgen);
    EVP_PKEY_free(params);
    return key;
}

/* The key whose scalar is given, with its public point. */
static EVP_PKEY *p256_of(const EC_GROUP *group, const BIGNUM *scalar)
{
    unsigned char point[P256_POINT_BYTES];
    EVP_PKEY *key = NULL;
    OSSL_PARAM *params = NULL;
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    EC_POINT *public = EC_POINT_new(group);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    bool ok =
        build != NULL && public != NULL && ctx != NULL &&
        EC_POINT_mul(group, public, scalar, NULL, NULL, NULL) == 1 &&
        EC_POINT_point2oct(group, public, POINT_CONVERSION_UNCOMPRESSED, point, sizeof(point),
                           NULL) == sizeof(point) &&
        OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) == 1 &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PRIV_KEY, scalar) == 1 &&
        OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point)) == 1;
    params = ok ? OSSL_PARAM_BLD_to_param(build) : NULL;
    if (params != NULL && EVP_PKEY_fromdata_init(ctx) == 1) {
        (void)EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params);
    }
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(build);
    EC_POINT_free(public);
    EVP_PKEY_CTX_free(ctx);
    return key;
}

static EVP_PKEY *new_p256(struct rand *rand)
{
    unsigned char seed[P256_SEED_BYTES];
    EVP_PKEY *key = NULL;
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    BN_CTX *ctx = BN_CTX_new();
    BIGNUM *order = BN_new();
    BIGNUM *scalar = NULL;
    rand_fill(rand, seed, sizeof(seed));
    scalar = BN_bin2bn(seed, sizeof(seed), NULL);
    mem_erase(seed, sizeof(seed));
    bool ok = group != NULL && ctx != NULL && order != NULL && scalar != NULL &&
              EC_GROUP_get_order(group, order, ctx) == 1 && BN_sub_word(order, 1) == 1 &&
              BN_mod(scalar, scalar, order, ctx) == 1 && BN_add_word(scalar, 1) == 1;
    if (ok) {
        key = p256_of(group, scalar);
    }
    BN_clear_free(scalar);
    BN_free(order);
    BN_CTX_free(ctx);
    EC_GROUP_free(group);
    return key;
}

static EVP_PKEY *new_ed25519(struct rand *rand)
{
    unsigned char seed[ED25519_BYTES];
    rand_fill(rand, seed, sizeof(seed));
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, sizeof(seed));
    mem_erase(seed, sizeof(seed));
    return key;
}

int cert_key_new(
    enum cert_key_type type, int bits, struct rand *rand, EVP_PKEY **ret, struct err *err)
{
    EVP_PKEY *key = NULL;
    switch (type) {
    case CERT_KEY_RSA:
        key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)bits);
        break;
    case CERT_KEY_DSA:
        key = new_dsa();
        break;
    case CERT_KEY_ECDSA:
        key = new_p256(rand);
        break;
    case CERT_KEY_ED25519:
        key = new_ed25519(rand);
        break;
    }
    if (key == NULL) {
        return cert_fail(err, "failed to generate private key");
    }
    *ret = key;
    return 0;
}

/* ---- reading ---- */

struct cert_pem cert_pem_read(struct str text)
{
    struct cert_pem pem = {0};
    char *header = NULL;
    BIO *bio = text.n < INT32_MAX ? BIO_new_mem_buf(text.n > 0 ? text.p : "", (int)text.n) : NULL;
    if (bio == NULL || PEM_read_bio(bio, &pem.type, &header, &pem.der, &pem.n) != 1) {
        pem = (struct cert_pem){0};
    }
    OPENSSL_free(header);
    BIO_free(bio);
    ERR_clear_error();
    return pem;
}

void cert_pem_done(struct cert_pem *pem)
{
    OPENSSL_free(pem->type);
    OPENSSL_clear_free(pem->der, (size_t)pem->n);
}

static int parse_pkcs8(const struct cert_pem *pem, EVP_PKEY **ret, struct err *err)
{
    const unsigned char *at = pem->der;
    PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &at, pem->n);
    EVP_PKEY *key = info != NULL ? EVP_PKCS82PKEY(info) : NULL;
    PKCS8_PRIV_KEY_INFO_free(info);
    ERR_clear_error();
    if (key == NULL) {
        return err_set(err, ERR_INVALID, "decoding PEM as PKCS#8: asn1: structure error");
    }
    *ret = key;
    return 0;
}

static int parse_block(const struct cert_pem *pem, EVP_PKEY **ret, struct err *err)
{
    static const struct {
        const char *name;
        int id;
    } TYPES[] = {{"RSA", EVP_PKEY_RSA}, {"EC", EVP_PKEY_EC}, {"DSA", EVP_PKEY_DSA}};
    struct str type = str_from(pem->type);
    if (str_eq_c(type, "PRIVATE KEY")) {
        return parse_pkcs8(pem, ret, err);
    }
    if (!str_cut_suffix(&type, STR(" PRIVATE KEY"))) {
        return err_set(err, ERR_INVALID, "no private key data in PEM block of type %s", pem->type);
    }
    for (size_t i = 0; i < ARRAY_LEN(TYPES); i++) {
        const unsigned char *at = pem->der;
        if (!str_eq_c(type, TYPES[i].name)) {
            continue;
        }
        EVP_PKEY *key = d2i_PrivateKey(TYPES[i].id, NULL, &at, pem->n);
        ERR_clear_error();
        if (key == NULL) {
            return err_set(err, ERR_INVALID,
                           "parsing %s private key from PEM: asn1: structure error", TYPES[i].name);
        }
        *ret = key;
        return 0;
    }
    return err_set(err, ERR_INVALID, "invalid private key type " STR_FMT, STR_ARG(type));
}

int cert_key_parse(struct str pem, EVP_PKEY **ret, struct err *err)
{
    AUTO(cert_pem) struct cert_pem block = cert_pem_read(pem);
    if (block.der == NULL) {
        return err_set(err, ERR_INVALID, "no PEM data in input");
    }
    return parse_block(&block, ret, err);
}

/* ---- writing ---- */

int cert_bio_text(struct arena *arena, BIO *bio, struct str *ret, struct err *err)
{
    char *bytes = NULL;
    long n = BIO_get_mem_data(bio, &bytes);
    if (n <= 0) {
        return cert_fail(err, "cannot write PEM");
    }
    *ret = arena_str(arena, str_of(bytes, (size_t)n));
    return 0;
}

int cert_key_pem(struct arena *arena, EVP_PKEY *key, struct str *ret, struct err *err)
{
    BIO *bio = BIO_new(BIO_s_mem());
    int ok = 0;
    if (bio != NULL && EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519) {
        ok = PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
    } else if (bio != NULL) {
        ok = PEM_write_bio_PrivateKey_traditional(bio, key, NULL, NULL, 0, NULL, NULL);
    }
    int rc = ok == 1 ? cert_bio_text(arena, bio, ret, err) : cert_fail(err, "cannot write the key");
    BIO_free(bio);
    return rc;
}
