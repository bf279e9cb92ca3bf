/* SHA-256 (FIPS 180-4), without a library: hashes of configuration and of files are what many renders compute, and all
 * they would need OpenSSL for, which takes longer to load than most of them to run.  Any thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { SHA256_BLOCK_BYTES = 64, SHA256_RESULT_BYTES = 32 };

struct sha256 {
    uint32_t state[8];
    uint64_t n_bytes;
    uint8_t block[SHA256_BLOCK_BYTES]; /* the first n_bytes % 64 wait for the others */
};

void sha256_init(struct sha256 *s);
void sha256_put(struct sha256 *s, const void *bytes, size_t n);
/* Ends the computation: only sha256_init() may follow. */
void sha256_finish(struct sha256 *s, uint8_t ret[SHA256_RESULT_BYTES]);
