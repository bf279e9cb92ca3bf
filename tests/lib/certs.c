/* Certificates made with OpenSSL on P-256 keys. */
#include "tests/lib/certs.h"

#include <stdio.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "common/base/mem.h"
#include "tests/lib/check.h"

enum { DAY_S = 86400 };

struct certs_ca {
    EVP_PKEY *key;
    X509 *cert;
    long next_serial;
};

static FILE *create(const char *dir, const char *name, const char *suffix)
{
    char path[256];
    (void)snprintf(path, sizeof(path), "%s/%s.%s", dir, name, suffix);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    return file;
}

static void write_files(const char *dir, const char *name, X509 *cert, EVP_PKEY *key)
{
    FILE *file = create(dir, name, "crt");
    assert_int_equal(PEM_write_X509(file, cert), 1);
    assert_int_equal(fclose(file), 0);
    file = create(dir, name, "key");
    assert_int_equal(PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL), 1);
    assert_int_equal(fclose(file), 0);
}

static void extend(X509 *cert, int nid, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
    assert_non_null(extension);
    assert_int_equal(X509_add_ext(cert, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

static X509 *
cert_new(EVP_PKEY *key, const char *common_name, long serial, enum certs_validity validity)
{
    X509 *cert = X509_new();
    assert_non_null(cert);
    assert_int_equal(X509_set_version(cert, X509_VERSION_3), 1);
    assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(cert), serial), 1);
    long end_s = validity == CERTS_VALID ? DAY_S : -DAY_S;
    assert_non_null(X509_gmtime_adj(X509_getm_notBefore(cert), -2 * DAY_S));
    assert_non_null(X509_gmtime_adj(X509_getm_notAfter(cert), end_s));
    assert_int_equal(X509_set_pubkey(cert, key), 1);
    X509_NAME *name = X509_get_subject_name(cert);
    assert_int_equal(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                                (const unsigned char *)common_name, -1, -1, 0),
                     1);
    return cert;
}

struct certs_ca *certs_ca_new(const char *dir, const char *name)
{
    struct certs_ca *ca = MEM_NEW(struct certs_ca);
    ca->key = EVP_EC_gen("P-256");
    assert_non_null(ca->key);
    ca->cert = cert_new(ca->key, name, 1, CERTS_VALID);
    ca->next_serial = 2;
    assert_int_equal(X509_set_issuer_name(ca->cert, X509_get_subject_name(ca->cert)), 1);
    extend(ca->cert, NID_basic_constraints, "critical,CA:TRUE");
    extend(ca->cert, NID_key_usage, "critical,keyCertSign,cRLSign");
    assert_true(X509_sign(ca->cert, ca->key, EVP_sha256()) > 0);
    write_files(dir, name, ca->cert, ca->key);
    return ca;
}

void certs_ca_free(struct certs_ca *ca)
{
    X509_free(ca->cert);
    EVP_PKEY_free(ca->key);
    mem_free(ca);
}

void certs_issue(struct certs_ca *ca,
                 const char *dir,
                 const char *name,
                 const char *host,
                 enum certs_validity validity)
{
    char alternative[128];
    EVP_PKEY *key = EVP_EC_gen("P-256");
    assert_non_null(key);
    X509 *cert = cert_new(key, name, ca->next_serial++, validity);
    assert_int_equal(X509_set_issuer_name(cert, X509_get_subject_name(ca->cert)), 1);
    (void)snprintf(alternative, sizeof(alternative), "DNS:%s", host);
    extend(cert, NID_subject_alt_name, alternative);
    extend(cert, NID_ext_key_usage, "serverAuth,clientAuth");
    assert_true(X509_sign(cert, ca->key, EVP_sha256()) > 0);
    write_files(dir, name, cert, key);
    X509_free(cert);
    EVP_PKEY_free(key);
}
