/* Retries of failed operations. The back-off itself belongs to the model, which both the controller and
 * the API show it from. */
#include "app-controller/sync/retry.h"

bool retry_next(const struct app_retry *policy,
                int64_t retry_count,
                int64_t now_ms,
                int64_t *ret_at_ms)
{
    if (policy->limit >= 0 && retry_count >= policy->limit) {
        return false;
    }
    *ret_at_ms = now_ms + app_retry_wait_ms(policy, retry_count);
    return true;
}
