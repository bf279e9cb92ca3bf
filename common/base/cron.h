/* Schedules of cron with five fields: minute, hour, day of the month, month, day of the week.
 *
 * The dialect of Argo CD's sync windows (robfig/cron): lists, ranges, steps, names of months and weekdays, "?" as "*".
 * Sunday is 0. When neither day is "*" one of them is enough. Pure, any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

enum cron_field { CRON_MINUTE, CRON_HOUR, CRON_DAY, CRON_MONTH, CRON_WEEKDAY, CRON_FIELD_COUNT };

struct cron {
    uint64_t set[CRON_FIELD_COUNT]; /* a bit for each value */
    bool any_day;                   /* the day of the month, the day of the week is "*" */
    bool any_weekday;
};

#define CRON_NEVER INT64_MAX

/* ERR_INVALID names the field. */
MUST_CHECK int cron_parse(struct str text, struct cron *ret, struct err *err);
/* The first moment after s, in seconds since 1970 of a clock without a zone; CRON_NEVER when there is none within five years. */
int64_t cron_next(const struct cron *cron, int64_t s);
