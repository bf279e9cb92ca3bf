/* When a failed operation is tried again.  Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/macro.h"

struct value;

struct retry_policy {
    int64_t limit; /* attempts after the first; negative = no limit */
    int64_t duration_ms;
    int64_t factor;
    int64_t max_duration_ms;
    bool refresh; /* resolve the revision again */
};

/* From operation.retry or spec.syncPolicy.retry; NULL gives limit 0 with the default back-off (5 s, 2,
 * 3 min). ERR_INVALID for a duration that cannot be read. */
MUST_CHECK int
retry_policy_parse(const struct value *retry, struct retry_policy *ret, struct err *err);

/* True when attempt number retry_count + 1 is allowed; *ret_at_ms says when: now plus
 * min(max, duration * factor^retry_count). */
bool retry_next(const struct retry_policy *policy,
                int64_t retry_count,
                int64_t now_ms,
                int64_t *ret_at_ms);
