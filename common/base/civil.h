/* Dates and times of the day: the proleptic Gregorian calendar, without zones and leap seconds. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct civil {
    int64_t year;
    int month;       /* 1 to 12 */
    int day;         /* 1 to 31 */
    int day_of_year; /* from 1 */
    int weekday;     /* 0 is Sunday */
    int hour;
    int minute;
    int second;
};

/* s: seconds since 1970-01-01. */
struct civil civil_from_seconds(int64_t s);
/* Of year, month, day and the time of the day; the day and the time may be out of their ranges. */
int64_t civil_seconds(const struct civil *c);
bool civil_is_leap(int64_t year);
int civil_days_in_month(int64_t year, int month);
