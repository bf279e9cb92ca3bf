/* Exponential back-off. Pure but for the injected randomness. */
#include "common/rt/backoff.h"

#include <assert.h>
#include <math.h>

#include "common/base/macro.h"
#include "common/base/rand.h"

int64_t
backoff_delay_ms(const struct backoff_policy *policy, unsigned n_failures, struct rand *rand)
{
    assert(policy->base_ms > 0 && policy->factor >= 1 && policy->cap_ms >= policy->base_ms);
    assert(policy->jitter >= 0 && policy->jitter <= 1);
    if (n_failures == 0) {
        return 0;
    }
    double delay_ms = (double)policy->base_ms * pow(policy->factor, n_failures - 1);
    delay_ms = MIN(delay_ms, (double)policy->cap_ms); /* infinity too */
    if (policy->jitter > 0) {
        delay_ms *= 1 + policy->jitter * (2 * rand_double(rand) - 1);
    }
    return (int64_t)delay_ms;
}

int64_t backoff_next_ms(struct backoff *backoff, struct rand *rand)
{
    if (backoff->n_failures < UINT32_MAX) {
        backoff->n_failures++;
    }
    return backoff_delay_ms(backoff->policy, backoff->n_failures, rand);
}

void backoff_reset(struct backoff *backoff)
{
    backoff->n_failures = 0;
}
