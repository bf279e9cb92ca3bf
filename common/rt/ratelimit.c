/* Token bucket, filled by the time that is given to it. */
#include "common/rt/ratelimit.h"

#include <assert.h>
#include <math.h>

#include "common/base/macro.h"

enum { MS_PER_S = 1000 };

void ratelimit_init(struct ratelimit *limit, double rate_per_s, double burst, int64_t now_ms)
{
    assert(rate_per_s > 0 && burst >= 1);
    limit->rate_per_ms = rate_per_s / MS_PER_S;
    limit->burst = burst;
    limit->tokens = burst;
    limit->at_ms = now_ms;
}

static void fill(struct ratelimit *limit, int64_t now_ms)
{
    if (now_ms <= limit->at_ms) {
        return;
    }
    double gained = (double)(now_ms - limit->at_ms) * limit->rate_per_ms;
    limit->tokens = MIN(limit->burst, limit->tokens + gained);
    limit->at_ms = now_ms;
}

bool ratelimit_take(struct ratelimit *limit, int64_t now_ms)
{
    fill(limit, now_ms);
    if (limit->tokens < 1) {
        return false;
    }
    limit->tokens -= 1;
    return true;
}

int64_t ratelimit_reserve_ms(struct ratelimit *limit, int64_t now_ms)
{
    fill(limit, now_ms);
    limit->tokens -= 1;
    return limit->tokens >= 0 ? 0 : (int64_t)ceil(-limit->tokens / limit->rate_per_ms);
}
