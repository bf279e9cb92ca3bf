/* Time, injected: code takes a `const struct clock *` so that tests decide what time it is.
 *
 * int64_t milliseconds everywhere. "now" is monotonic (deadlines, intervals); "wall" is Unix time
 * (display, Kubernetes timestamps). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct clock {
    int64_t (*now_ms)(const struct clock *clk);
    int64_t (*wall_ms)(const struct clock *clk);
};

/* The machine's clocks. Any thread. */
const struct clock *clock_system(void);

static inline int64_t clock_now_ms(const struct clock *clk)
{
    return clk->now_ms(clk);
}

static inline int64_t clock_wall_ms(const struct clock *clk)
{
    return clk->wall_ms(clk);
}

enum {
    CLOCK_RFC3339_BYTES = 32, /* with terminator; milliseconds form included */
    CLOCK_DURATION_BYTES = 48,
};

/* "2006-01-02T15:04:05Z", as Kubernetes' metav1.Time. */
void clock_rfc3339(int64_t wall_ms, char dst[CLOCK_RFC3339_BYTES]);
/* "2006-01-02T15:04:05.000Z", for logs. */
void clock_rfc3339_ms(int64_t wall_ms, char dst[CLOCK_RFC3339_BYTES]);
/* RFC 3339 with any offset and fraction (cut to milliseconds). ERR_INVALID. */
MUST_CHECK int clock_parse_rfc3339(struct str text, int64_t *ret_wall_ms, struct err *err);

/* Go's time.ParseDuration ("1h30m", "1.5s", "300ms", "-2m", "0"); a plain number is seconds, as
 * Argo CD accepts it. ERR_INVALID. */
MUST_CHECK int clock_parse_duration(struct str text, int64_t *ret_ms, struct err *err);
/* Go's Duration.String(): "1m30s", "1.5s", "300ms", "0s". */
void clock_format_duration(int64_t ms, char dst[CLOCK_DURATION_BYTES]);
