/* Digests: SHA-256 over pieces, SHA-1 (fingerprints of OpenPGP keys) and HMAC-SHA1 (hashed
 * known_hosts entries), hexadecimal.
 *
 * Any thread; out of memory inside the library aborts like any other allocation. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/base/cleanup.h"
#include "common/base/str.h"

enum {
    DIGEST_SHA1_BYTES = 20,
    DIGEST_SHA256_BYTES = 32,
    DIGEST_SHA256_HEX_BYTES = 2 * DIGEST_SHA256_BYTES + 1, /* with terminator */
};

struct digest; /* a SHA-256 in progress */

struct digest *digest_new(void);
void digest_free(struct digest *d);
DEFINE_CLEANUP(digest, struct digest, digest_free);

void digest_put(struct digest *d, struct str bytes);
/* The length first, so that neighbouring fields cannot run into each other. */
void digest_put_field(struct digest *d, struct str field);
/* Ends the computation; only digest_free() may follow. */
void digest_finish(struct digest *d, uint8_t ret[DIGEST_SHA256_BYTES]);
void digest_finish_hex(struct digest *d, char ret[DIGEST_SHA256_HEX_BYTES]);

void digest_sha256(struct str bytes, uint8_t ret[DIGEST_SHA256_BYTES]);
void digest_sha256_hex(struct str bytes, char ret[DIGEST_SHA256_HEX_BYTES]);
void digest_sha1(struct str bytes, uint8_t ret[DIGEST_SHA1_BYTES]);
void digest_hmac_sha1(struct str key, struct str bytes, uint8_t ret[DIGEST_SHA1_BYTES]);

/* Lower case, with terminator: dst has 2 * n + 1 bytes. */
void digest_hex(const uint8_t *bytes, size_t n, char *dst);
