/* Randomness, injected: code takes a `struct rand *` so that tests decide what is random. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct rand {
    /* Fill n bytes. */
    void (*fill)(struct rand *rand, void *p, size_t n);
};

/* The kernel's generator: fit for tokens and keys. Any thread. */
struct rand *rand_system(void);

/* A repeatable sequence for tests. Not thread-safe. */
struct rand_seeded {
    struct rand rand;
    uint64_t state;
};
void rand_seeded_init(struct rand_seeded *seeded, uint64_t seed);

static inline void rand_fill(struct rand *rand, void *p, size_t n)
{
    rand->fill(rand, p, n);
}

uint64_t rand_u64(struct rand *rand);
/* Uniform in [0, n); n > 0. */
uint64_t rand_below(struct rand *rand, uint64_t n);
/* Uniform in [0, 1). */
double rand_double(struct rand *rand);
