/* What keys and certificates share. */
#pragma once

#include <openssl/bio.h>

#include "engine/template/cert.h"

/* A PEM block; der is NULL when there was none. */
struct cert_pem {
    char *type;
    unsigned char *der;
    long n; /* bytes of der */
};

/* The first block of the text. */
struct cert_pem cert_pem_read(struct str text);
void cert_pem_done(struct cert_pem *pem);

static inline void auto_cleanup_cert_pem(struct cert_pem *pem)
{
    cert_pem_done(pem);
}

/* ERR_INTERNAL with what OpenSSL says; empties its queue. */
int cert_fail(struct err *err, const char *what);
MUST_CHECK int cert_bio_text(struct arena *arena, BIO *bio, struct str *ret, struct err *err);
