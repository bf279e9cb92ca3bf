/* SHA-256 is our own; the rest is OpenSSL's, whose failures here can only mean lack of memory or a broken installation:
 * both abort. */
#include "common/base/digest.h"

#include <assert.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "common/base/mem.h"
#include "common/base/sha256.h"

struct digest {
    struct sha256 sum;
};

struct digest *digest_new(void)
{
    struct digest *d = MEM_NEW(struct digest);
    sha256_init(&d->sum);
    return d;
}

void digest_free(struct digest *d)
{
    mem_free(d);
}

void digest_put(struct digest *d, struct str bytes)
{
    sha256_put(&d->sum, bytes.p, bytes.n);
}

void digest_put_field(struct digest *d, struct str field)
{
    uint64_t n = field.n;
    digest_put(d, str_of((const char *)&n, sizeof(n)));
    digest_put(d, field);
}

void digest_finish(struct digest *d, uint8_t ret[DIGEST_SHA256_BYTES])
{
    sha256_finish(&d->sum, ret);
}

void digest_finish_hex(struct digest *d, char ret[DIGEST_SHA256_HEX_BYTES])
{
    uint8_t bytes[DIGEST_SHA256_BYTES];
    digest_finish(d, bytes);
    digest_hex(bytes, sizeof(bytes), ret);
}

void digest_sha256(struct str bytes, uint8_t ret[DIGEST_SHA256_BYTES])
{
    AUTO(digest) struct digest *d = digest_new();
    digest_put(d, bytes);
    digest_finish(d, ret);
}

void digest_sha256_hex(struct str bytes, char ret[DIGEST_SHA256_HEX_BYTES])
{
    AUTO(digest) struct digest *d = digest_new();
    digest_put(d, bytes);
    digest_finish_hex(d, ret);
}

void digest_sha1(struct str bytes, uint8_t ret[DIGEST_SHA1_BYTES])
{
    unsigned n = 0;
    int ok = EVP_Digest(bytes.p, bytes.n, ret, &n, EVP_sha1(), NULL);
    assert(ok == 1 && n == DIGEST_SHA1_BYTES);
}

void digest_hmac_sha1(struct str key, struct str bytes, uint8_t ret[DIGEST_SHA1_BYTES])
{
    unsigned n = 0;
    const unsigned char *done = HMAC(EVP_sha1(), key.n > 0 ? key.p : "", (int)key.n,
                                     (const unsigned char *)bytes.p, bytes.n, ret, &n);
    assert(done != NULL && n == DIGEST_SHA1_BYTES);
}

void digest_hex(const uint8_t *bytes, size_t n, char *dst)
{
    static const char DIGITS[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        dst[2 * i] = DIGITS[bytes[i] >> 4];
        dst[2 * i + 1] = DIGITS[bytes[i] & 15];
    }
    dst[2 * n] = '\0';
}
