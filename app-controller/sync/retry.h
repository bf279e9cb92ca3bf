/* When a failed operation is tried again.  Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/model/application_spec.h"

/* True when one more attempt is allowed after retry_count of them; *ret_at_ms (wall clock) says when:
 * now + min(max, backoff * factor^retry_count). */
bool retry_next(const struct app_retry *policy,
                int64_t retry_count,
                int64_t now_ms,
                int64_t *ret_at_ms);
