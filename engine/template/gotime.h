/* Times and durations as Go's package time writes and reads them. Pure. */
#pragma once

#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/civil.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct tval_time;

#define GOTIME_NS_PER_S INT64_C(1000000000)

/* Of the time in its zone. */
struct civil gotime_civil(const struct tval_time *t);
/* In UTC. */
struct tval_time gotime_utc(int64_t s, int32_t ns);

/* "January" of 1, "Sunday" of 0; numbers are those of struct civil. */
const char *gotime_month_name(int64_t month);
const char *gotime_weekday_name(int64_t weekday);

/* Time.Format: the layout is Go's reference time, "2006-01-02 15:04:05.000 -0700 MST". */
void gotime_format(struct buf *out, const struct tval_time *t, struct str layout);

/* time.ParseInLocation in UTC. ERR_INVALID with Go's text: `parsing time "x" as "2006": ...`. */
MUST_CHECK int
gotime_parse(struct str layout, struct str text, struct tval_time *ret, struct err *err);

/* time.ParseDuration, in nanoseconds. ERR_INVALID with Go's text: `time: invalid duration "x"`. */
MUST_CHECK int gotime_parse_duration(struct str text, int64_t *ret_ns, struct err *err);
/* Duration.Round: to a multiple of unit_ns, halves away from zero. */
int64_t gotime_round_duration(int64_t ns, int64_t unit_ns);
/* to - from; the nearest there is when out of range. */
int64_t gotime_between(const struct tval_time *from, const struct tval_time *to);
/* Time.Add */
struct tval_time gotime_add(struct tval_time t, int64_t ns);
