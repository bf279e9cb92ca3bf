/* Randomness from the kernel, and a repeatable generator (splitmix64) for tests. */
#include "common/base/rand.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "common/base/macro.h"

static void system_fill(struct rand *rand UNUSED, void *p, size_t n)
{
    unsigned char *at = p;
    while (n > 0) {
        ssize_t got = getrandom(at, n, 0);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) { /* only with a broken kernel or seccomp filter: nothing safe can go on */
            (void)fprintf(stderr, "getrandom: %s\n", strerror(errno));
            abort();
        }
        at += got;
        n -= (size_t)got;
    }
}

static struct rand system_rand = {system_fill};

struct rand *rand_system(void)
{
    return &system_rand;
}

static uint64_t splitmix64(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static void seeded_fill(struct rand *rand, void *p, size_t n)
{
    struct rand_seeded *seeded = CONTAINER_OF(rand, struct rand_seeded, rand);
    unsigned char *at = p;
    while (n > 0) {
        uint64_t word = splitmix64(&seeded->state);
        size_t part = MIN(n, sizeof(word));
        memcpy(at, &word, part);
        at += part;
        n -= part;
    }
}

void rand_seeded_init(struct rand_seeded *seeded, uint64_t seed)
{
    seeded->rand.fill = seeded_fill;
    seeded->state = seed;
}

uint64_t rand_u64(struct rand *rand)
{
    uint64_t word;
    rand_fill(rand, &word, sizeof(word));
    return word;
}

uint64_t rand_below(struct rand *rand, uint64_t n)
{
    assert(n > 0);
    uint64_t past_last_whole = UINT64_MAX - UINT64_MAX % n;
    uint64_t word;
    do { /* the incomplete last round would prefer small numbers */
        word = rand_u64(rand);
    } while (word >= past_last_whole);
    return word % n;
}

double rand_double(struct rand *rand)
{
    return (double)(rand_u64(rand) >> 11) * 0x1.0p-53; /* as many bits as a double holds */
}
