/* The rounds with the schedule of words kept in a ring of sixteen. */
#include "common/base/sha256.h"

#include <string.h>

#include "common/base/macro.h"

enum { N_ROUNDS = 64, N_WORDS = 16, N_STATE = 8, LENGTH_AT = SHA256_BLOCK_BYTES - 8 };

static const uint32_t CONSTANTS[N_ROUNDS] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

void sha256_init(struct sha256 *s)
{
    *s = (struct sha256){
        .state = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c,
                  0x1f83d9ab, 0x5be0cd19},
    };
}

static uint32_t rotate(uint32_t x, unsigned n)
{
    return x >> n | x << (32 - n);
}

static uint32_t word_at(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* The word of round i, from those of the sixteen rounds before. */
static uint32_t next_word(uint32_t words[N_WORDS], unsigned i)
{
    uint32_t w15 = words[(i + 1) % N_WORDS];
    uint32_t w2 = words[(i + 14) % N_WORDS];
    words[i % N_WORDS] += (rotate(w15, 7) ^ rotate(w15, 18) ^ w15 >> 3) + words[(i + 9) % N_WORDS] +
                          (rotate(w2, 17) ^ rotate(w2, 19) ^ w2 >> 10);
    return words[i % N_WORDS];
}

static void put_block(struct sha256 *s, const uint8_t *block)
{
    uint32_t words[N_WORDS];
    uint32_t v[N_STATE];
    memcpy(v, s->state, sizeof(v));
    for (unsigned i = 0; i < N_ROUNDS; i++) {
        if (i < N_WORDS) {
            words[i] = word_at(block + 4 * (size_t)i);
        }
        uint32_t word = i < N_WORDS ? words[i] : next_word(words, i);
        uint32_t a = v[0];
        uint32_t e = v[4];
        uint32_t t1 = v[7] + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) +
                      ((e & v[5]) ^ (~e & v[6])) + CONSTANTS[i] + word;
        uint32_t t2 = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) +
                      ((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]));
        memmove(v + 1, v, (N_STATE - 1) * sizeof(*v));
        v[4] += t1;
        v[0] = t1 + t2;
    }
    for (unsigned i = 0; i < N_STATE; i++) {
        s->state[i] += v[i];
    }
}

void sha256_put(struct sha256 *s, const void *bytes, size_t n)
{
    const uint8_t *p = bytes;
    size_t waiting = s->n_bytes % SHA256_BLOCK_BYTES;
    s->n_bytes += n;
    while (n > 0) {
        if (waiting == 0 && n >= SHA256_BLOCK_BYTES) {
            put_block(s, p);
            p += SHA256_BLOCK_BYTES;
            n -= SHA256_BLOCK_BYTES;
            continue;
        }
        size_t taken = MIN(n, SHA256_BLOCK_BYTES - waiting);
        memcpy(s->block + waiting, p, taken);
        p += taken;
        n -= taken;
        waiting += taken;
        if (waiting == SHA256_BLOCK_BYTES) {
            put_block(s, s->block);
            waiting = 0;
        }
    }
}

static void put_number(uint8_t *to, uint64_t v, unsigned n_bytes)
{
    for (unsigned i = 0; i < n_bytes; i++) {
        to[i] = (uint8_t)(v >> 8 * (n_bytes - 1 - i));
    }
}

void sha256_finish(struct sha256 *s, uint8_t ret[SHA256_RESULT_BYTES])
{
    static const uint8_t PADDING[SHA256_BLOCK_BYTES] = {0x80};
    uint8_t length[SHA256_BLOCK_BYTES - LENGTH_AT];
    size_t waiting = s->n_bytes % SHA256_BLOCK_BYTES;
    size_t end = waiting < LENGTH_AT ? LENGTH_AT : LENGTH_AT + SHA256_BLOCK_BYTES;
    put_number(length, s->n_bytes * 8, sizeof(length));
    sha256_put(s, PADDING, end - waiting);
    sha256_put(s, length, sizeof(length));
    for (unsigned i = 0; i < N_STATE; i++) {
        put_number(ret + 4 * (size_t)i, s->state[i], 4);
    }
}
