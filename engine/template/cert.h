/* Private keys and X.509 certificates as sprig's genPrivateKey, genCA and their family make them with Go's crypto
 * packages: same key types, extensions and PEM forms.
 *
 * Serial numbers, ed25519 and ECDSA keys come from `rand` alone.  RSA and DSA keys come from OpenSSL's own
 * generator, which takes no other source, and ECDSA signatures have random parts of its own: a template that
 * makes such a certificate renders differently each time, as with Helm, and stays the same only as long as its
 * render is kept. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <openssl/evp.h>

#include "common/base/cleanup.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct arena;
struct rand;

static inline void cert_key_free(EVP_PKEY *key)
{
    EVP_PKEY_free(key);
}

DEFINE_CLEANUP(cert_key, EVP_PKEY, cert_key_free);

enum cert_key_type {
    CERT_KEY_RSA,
    CERT_KEY_DSA,
    CERT_KEY_ECDSA, /* P-256 */
    CERT_KEY_ED25519,
};

/* bits: of RSA keys. ret: owned by the caller. ERR_INTERNAL. */
MUST_CHECK int
cert_key_new(enum cert_key_type type, int bits, struct rand *rand, EVP_PKEY **ret, struct err *err);
/* From the first PEM block of a text. ERR_INVALID with sprig's words. */
MUST_CHECK int cert_key_parse(struct str pem, EVP_PKEY **ret, struct err *err);
/* PKCS 1 for RSA, SEC 1 for EC, PKCS 8 for ed25519. */
MUST_CHECK int cert_key_pem(struct arena *arena, EVP_PKEY *key, struct str *ret, struct err *err);

/* PEM texts. */
struct cert {
    struct str cert;
    struct str key;
};

struct cert_spec {
    struct str common_name;
    const struct str *ips;
    size_t n_ips;
    const struct str *dns_names;
    size_t n_dns_names;
    int64_t days;
    int64_t now_ms;
    bool is_ca;
    const struct cert *signer; /* NULL: signed with its own key */
};

/* Errors: ERR_INVALID with sprig's words. */
MUST_CHECK int cert_make(struct arena *arena,
                         const struct cert_spec *spec,
                         EVP_PKEY *key,
                         struct rand *rand,
                         struct cert *ret,
                         struct err *err);
/* Whether the text begins with a certificate: ERR_INVALID "unable to decode certificate" when it does not,
 * "error parsing certificate: ..." when it is broken; what names where the text came from. */
MUST_CHECK int cert_check(struct str pem, const char *what, struct err *err);
