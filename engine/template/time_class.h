/* What times, durations, months and weekdays have beside their value: the methods of Go's package time. */
#pragma once

#include "engine/template/tval.h"

extern const struct tclass TVAL_TIME_CLASS;     /* data: struct tval_time */
extern const struct tclass TVAL_DURATION_CLASS; /* data: int64_t */
extern const struct tclass TVAL_MONTH_CLASS;    /* data: int64_t */
extern const struct tclass TVAL_WEEKDAY_CLASS;  /* data: int64_t */

struct tval tval_time_new(struct arena *arena, struct tval_time t);
struct tval tval_duration(int64_t ns);
