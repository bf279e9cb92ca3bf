/* Certificates: the fields and extensions Go's x509.CreateCertificate() writes for sprig's templates. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "common/base/arena.h"
#include "common/base/rand.h"
#include "engine/template/cert_internal.h"

enum {
    SERIAL_BYTES = 16,
    KEY_ID_BYTES = 20, /* of the SHA-256 of the public key (RFC 7093), as Go 1.25 and later */
    IP_BYTES_MAX = 16,
    USAGE_SIGNATURE = 0, /* bits of the key usage */
    USAGE_ENCIPHERMENT = 2,
    USAGE_CERT_SIGN = 5,
};

DEFINE_CLEANUP(x509, X509, X509_free);

/* ---- reading ---- */

static X509 *parse_der(const struct cert_pem *pem)
{
    const unsigned char *at = pem->der;
    X509 *x = d2i_X509(NULL, &at, pem->n);
    if (x != NULL && at != pem->der + pem->n) {
        X509_free(x);
        x = NULL;
    }
    ERR_clear_error();
    return x;
}

static int parse_cert(struct str text, const char *what, X509 **ret, struct err *err)
{
    AUTO(cert_pem) struct cert_pem pem = cert_pem_read(text);
    if (pem.der == NULL) {
        return err_set(err, ERR_INVALID, "unable to decode certificate");
    }
    X509 *x = parse_der(&pem);
    if (x == NULL) {
        return err_set(err, ERR_INVALID,
                       "error parsing certificate: %s: x509: malformed certificate", what);
    }
    *ret = x;
    return 0;
}

int cert_check(struct str pem, const char *what, struct err *err)
{
    AUTO(x509) X509 *x = NULL;
    return parse_cert(pem, what, &x, err);
}

/* ---- fields ---- */

/* Go writes the simplest type that holds the text, and takes neither '*' nor '&' for printable. */
static int string_type(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool printable = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                         (c >= '0' && c <= '9') || (c != '\0' && strchr(" '()+,-./:=?", c) != NULL);
        if (!printable) {
            return V_ASN1_UTF8STRING;
        }
    }
    return V_ASN1_PRINTABLESTRING;
}

static bool set_subject(X509 *x, struct str common_name)
{
    X509_NAME *name = X509_NAME_new();
    bool ok = name != NULL;
    if (ok && common_name.n > 0) {
        ok = X509_NAME_add_entry_by_NID(name, NID_commonName, string_type(common_name),
                                        (const unsigned char *)common_name.p, (int)common_name.n,
                                        -1, 0) == 1;
    }
    ok = ok && X509_set_subject_name(x, name) == 1;
    X509_NAME_free(name);
    return ok;
}

static bool set_serial(X509 *x, struct rand *rand)
{
    unsigned char bytes[SERIAL_BYTES];
    rand_fill(rand, bytes, sizeof(bytes));
    BIGNUM *n = BN_bin2bn(bytes, sizeof(bytes), NULL);
    bool ok = n != NULL && BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x)) != NULL;
    BN_free(n);
    return ok;
}

/* Durations wrap around as Go's int64 nanoseconds do. */
static bool set_times(X509 *x, const struct cert_spec *spec)
{
    const int64_t day_ns = INT64_C(86400) * 1000 * 1000 * 1000;
    const int64_t s_ns = INT64_C(1000) * 1000 * 1000;
    int64_t add_ns = (int64_t)((uint64_t)day_ns * (uint64_t)spec->days);
    int64_t now_s = spec->now_ms / 1000;
    int64_t ns = spec->now_ms % 1000 * 1000 * 1000 + add_ns % s_ns;
    int64_t end_s = now_s + add_ns / s_ns + (ns < 0 ? -1 : ns / s_ns);
    return ASN1_TIME_set(X509_getm_notBefore(x), (time_t)now_s) != NULL &&
           ASN1_TIME_set(X509_getm_notAfter(x), (time_t)end_s) != NULL;
}

/* ---- extensions ---- */

enum critical { NOT_CRITICAL, CRITICAL };

static bool add(X509 *x, int nid, void *value, enum critical critical)
{
    return value != NULL &&
           X509_add1_ext_i2d(x, nid, value, critical == CRITICAL, X509V3_ADD_APPEND) == 1;
}

static bool add_usage(X509 *x, bool is_ca)
{
    ASN1_BIT_STRING *bits = ASN1_BIT_STRING_new();
    bool ok = bits != NULL && ASN1_BIT_STRING_set_bit(bits, USAGE_SIGNATURE, 1) == 1 &&
              ASN1_BIT_STRING_set_bit(bits, USAGE_ENCIPHERMENT, 1) == 1 &&
              (!is_ca || ASN1_BIT_STRING_set_bit(bits, USAGE_CERT_SIGN, 1) == 1) &&
              add(x, NID_key_usage, bits, CRITICAL);
    ASN1_BIT_STRING_free(bits);
    return ok;
}

static bool add_extended_usage(X509 *x)
{
    EXTENDED_KEY_USAGE *usage = EXTENDED_KEY_USAGE_new();
    bool ok = usage != NULL && sk_ASN1_OBJECT_push(usage, OBJ_nid2obj(NID_server_auth)) > 0 &&
              sk_ASN1_OBJECT_push(usage, OBJ_nid2obj(NID_client_auth)) > 0 &&
              add(x, NID_ext_key_usage, usage, NOT_CRITICAL);
    EXTENDED_KEY_USAGE_free(usage);
    return ok;
}

static bool add_constraints(X509 *x, bool is_ca)
{
    BASIC_CONSTRAINTS *constraints = BASIC_CONSTRAINTS_new();
    if (constraints != NULL) {
        constraints->ca = is_ca ? 0xff : 0;
    }
    bool ok = add(x, NID_basic_constraints, constraints, CRITICAL);
    BASIC_CONSTRAINTS_free(constraints);
    return ok;
}

static bool add_key_id(X509 *x)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    ASN1_OCTET_STRING *id = ASN1_OCTET_STRING_new();
    bool ok = id != NULL && X509_pubkey_digest(x, EVP_sha256(), digest, &n) == 1 &&
              ASN1_OCTET_STRING_set(id, digest, KEY_ID_BYTES) == 1 &&
              add(x, NID_subject_key_identifier, id, NOT_CRITICAL);
    ASN1_OCTET_STRING_free(id);
    return ok;
}

/* Only where another certificate signs. */
static bool add_signer_id(X509 *x, X509 *signer)
{
    const ASN1_OCTET_STRING *id = X509_get0_subject_key_id(signer);
    if (id == NULL || X509_NAME_cmp(X509_get_subject_name(x), X509_get_subject_name(signer)) == 0) {
        return true;
    }
    AUTHORITY_KEYID *authority = AUTHORITY_KEYID_new();
    bool ok = authority != NULL;
    if (ok) {
        authority->keyid = ASN1_OCTET_STRING_dup(id);
        ok = authority->keyid != NULL &&
             add(x, NID_authority_key_identifier, authority, NOT_CRITICAL);
    }
    AUTHORITY_KEYID_free(authority);
    return ok;
}

static bool push_name(GENERAL_NAMES *names, int type, const void *bytes, size_t n)
{
    GENERAL_NAME *name = GENERAL_NAME_new();
    ASN1_STRING *value =
        ASN1_STRING_type_new(type == GEN_IPADD ? V_ASN1_OCTET_STRING : V_ASN1_IA5STRING);
    bool ok = name != NULL && value != NULL && ASN1_STRING_set(value, bytes, (int)n) == 1;
    if (ok) {
        GENERAL_NAME_set0_value(name, type, value);
        value = NULL;
        ok = sk_GENERAL_NAME_push(names, name) > 0;
        name = ok ? NULL : name;
    }
    ASN1_STRING_free(value);
    GENERAL_NAME_free(name);
    return ok;
}

/* The bytes of an address as certificates have them, 4 or 16; 0: it is none. */
static size_t parse_ip(struct str text, unsigned char ret[IP_BYTES_MAX])
{
    static const unsigned char MAPPED[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    char name[INET6_ADDRSTRLEN];
    if (text.n >= sizeof(name) || str_find_char(text, '\0') != STR_NONE) {
        return 0;
    }
    (void)snprintf(name, sizeof(name), STR_FMT, STR_ARG(text));
    if (inet_pton(AF_INET, name, ret) == 1) {
        return 4;
    }
    if (inet_pton(AF_INET6, name, ret) != 1) {
        return 0;
    }
    if (memcmp(ret, MAPPED, sizeof(MAPPED)) == 0) {
        memmove(ret, ret + sizeof(MAPPED), 4);
        return 4;
    }
    return IP_BYTES_MAX;
}

static bool is_ascii(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if ((unsigned char)s.p[i] >= 0x80) {
            return false;
        }
    }
    return true;
}

static bool push_names(GENERAL_NAMES *names, const struct cert_spec *spec)
{
    bool ok = names != NULL;
    for (size_t i = 0; i < spec->n_dns_names && ok; i++) {
        ok = push_name(names, GEN_DNS, spec->dns_names[i].p, spec->dns_names[i].n);
    }
    for (size_t i = 0; i < spec->n_ips && ok; i++) {
        unsigned char ip[IP_BYTES_MAX];
        size_t n = parse_ip(spec->ips[i], ip);
        ok = push_name(names, GEN_IPADD, ip, n);
    }
    return ok;
}

static bool add_names(X509 *x, const struct cert_spec *spec)
{
    if (spec->n_dns_names + spec->n_ips == 0) {
        return true;
    }
    GENERAL_NAMES *names = GENERAL_NAMES_new();
    bool ok = push_names(names, spec) && add(x, NID_subject_alt_name, names,
                                             spec->common_name.n > 0 ? NOT_CRITICAL : CRITICAL);
    GENERAL_NAMES_free(names);
    return ok;
}

static int check_names(const struct cert_spec *spec, struct err *err)
{
    for (size_t i = 0; i < spec->n_ips; i++) {
        unsigned char ip[IP_BYTES_MAX];
        if (parse_ip(spec->ips[i], ip) == 0) {
            return err_set(err, ERR_INVALID, "error parsing ip: " STR_FMT, STR_ARG(spec->ips[i]));
        }
    }
    for (size_t i = 0; i < spec->n_dns_names; i++) {
        if (!is_ascii(spec->dns_names[i])) {
            return err_set(err, ERR_INVALID,
                           "error creating certificate: x509: \"" STR_FMT
                           "\" cannot be encoded as an IA5String",
                           STR_ARG(spec->dns_names[i]));
        }
    }
    return 0;
}

/* ---- signing ---- */

static const EVP_MD *digest_for(EVP_PKEY *key)
{
    int type = EVP_PKEY_get_base_id(key);
    if (type == EVP_PKEY_ED25519) {
        return NULL;
    }
    int bits = EVP_PKEY_get_bits(key);
    if (type == EVP_PKEY_EC && bits > 256) {
        return bits > 384 ? EVP_sha512() : EVP_sha384();
    }
    return EVP_sha256();
}

/* Who signs: the certificate itself when signer is NULL. */
struct signer {
    X509 *cert;
    EVP_PKEY *key;
};

static bool set_fields(X509 *x, const struct cert_spec *spec, EVP_PKEY *key, struct rand *rand)
{
    return X509_set_version(x, X509_VERSION_3) == 1 && set_serial(x, rand) &&
           set_subject(x, spec->common_name) && set_times(x, spec) && X509_set_pubkey(x, key) == 1;
}

/* In Go's order. */
static bool add_extensions(X509 *x, const struct cert_spec *spec, X509 *signer)
{
    return add_usage(x, spec->is_ca) && add_extended_usage(x) && add_constraints(x, spec->is_ca) &&
           (!spec->is_ca || add_key_id(x)) && (signer == NULL || add_signer_id(x, signer)) &&
           add_names(x, spec);
}

static bool sign(X509 *x, const struct signer *signer)
{
    X509 *issuer = signer->cert != NULL ? signer->cert : x;
    return X509_set_issuer_name(x, X509_get_subject_name(issuer)) == 1 &&
           X509_sign(x, signer->key, digest_for(signer->key)) > 0;
}

static int check_signer(const struct signer *signer, struct err *err)
{
    if (EVP_PKEY_get_base_id(signer->key) == EVP_PKEY_DSA) {
        return err_set(err, ERR_INVALID,
                       "error creating certificate: x509: certificate private key does not "
                       "implement crypto.Signer");
    }
    if (signer->cert != NULL && X509_check_private_key(signer->cert, signer->key) != 1) {
        ERR_clear_error();
        return err_set(err, ERR_INVALID,
                       "error creating certificate: x509: provided PrivateKey doesn't match "
                       "parent's PublicKey");
    }
    return 0;
}

static int cert_pem_text(struct arena *arena, X509 *x, struct str *ret, struct err *err)
{
    BIO *bio = BIO_new(BIO_s_mem());
    bool ok = bio != NULL && PEM_write_bio_X509(bio, x) == 1;
    int rc = ok ? cert_bio_text(arena, bio, ret, err) : cert_fail(err, "cannot write PEM");
    BIO_free(bio);
    return rc;
}

int cert_make(struct arena *arena,
              const struct cert_spec *spec,
              EVP_PKEY *key,
              struct rand *rand,
              struct cert *ret,
              struct err *err)
{
    AUTO(x509) X509 *signer_cert = NULL;
    AUTO(cert_key) EVP_PKEY *signer_key = NULL;
    struct cert cert;
    if (spec->signer != NULL) {
        TRY(parse_cert(spec->signer->cert, "decodedSignerCert.Bytes", &signer_cert, err));
        struct err why;
        if (cert_key_parse(spec->signer->key, &signer_key, &why) < 0) {
            return err_set(err, why.code, "error parsing private key: %s", why.message);
        }
    }
    struct signer signer = {signer_cert, signer_key != NULL ? signer_key : key};
    TRY(check_names(spec, err));
    TRY(check_signer(&signer, err));
    AUTO(x509) X509 *x = X509_new();
    bool ok = x != NULL && set_fields(x, spec, key, rand) && add_extensions(x, spec, signer.cert) &&
              sign(x, &signer);
    if (!ok) {
        return cert_fail(err, "error creating certificate");
    }
    TRY(cert_pem_text(arena, x, &cert.cert, err));
    TRY(cert_key_pem(arena, key, &cert.key, err));
    *ret = cert;
    return 0;
}
