/* Token bucket. Time is given by the caller (milliseconds of a monotonic clock); not thread-
 * safe. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct ratelimit { /* private */
    double rate_per_ms;
    double burst;
    double tokens; /* negative: reserved in advance */
    int64_t at_ms; /* when tokens was right */
};

/* The bucket is full: `burst` at once, then `rate_per_s`. Both > 0. */
void ratelimit_init(struct ratelimit *limit, double rate_per_s, double burst, int64_t now_ms);
/* Take one token when there is one. */
bool ratelimit_take(struct ratelimit *limit, int64_t now_ms);
/* Take one token in any case and say in how many milliseconds it may be used: 0 = now. */
int64_t ratelimit_reserve_ms(struct ratelimit *limit, int64_t now_ms);
