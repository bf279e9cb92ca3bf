/* Exponential back-off with jitter and cap: the only retry delays in the program. */
#pragma once

#include <stdint.h>

struct rand;

struct backoff_policy {
    int64_t base_ms; /* the first delay; > 0 */
    double factor;   /* each next one; >= 1 */
    int64_t cap_ms;  /* longest, before jitter; >= base_ms */
    double jitter;   /* the delay is spread over [1 - jitter, 1 + jitter] times its value; 0..1 */
};

/* The delay before attempt n + 1 after n failures (n from 1; 0 gives 0). rand may be NULL when
 * jitter is 0.  Pure but for rand. */
int64_t
backoff_delay_ms(const struct backoff_policy *policy, unsigned n_failures, struct rand *rand);

/* A counter with its policy, for one thing that is retried. */
struct backoff {
    const struct backoff_policy *policy; /* borrowed */
    unsigned n_failures;
};

/* Counts a failure and gives the delay until the next attempt. */
int64_t backoff_next_ms(struct backoff *backoff, struct rand *rand);
/* It worked. */
void backoff_reset(struct backoff *backoff);
