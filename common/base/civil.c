/* Years count from March inside, so that the leap day is the last one; eras are the 400 years after which all repeats. */
#include "common/base/civil.h"

enum {
    DAY_S = 86400,
    ERA_YEARS = 400,
    ERA_DAYS = 146097,
    EPOCH_DAYS = 719468, /* from 0000-03-01 to 1970-01-01 */
};

bool civil_is_leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int civil_days_in_month(int64_t year, int month)
{
    static const int DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && civil_is_leap(year) ? 29 : DAYS[month - 1];
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0 ? 1 : 0);
}

static void set_date(struct civil *c, int64_t days)
{
    c->weekday = (int)(((days + 4) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
    days += EPOCH_DAYS;
    int64_t era = floor_div(days, ERA_DAYS);
    int64_t day = days - era * ERA_DAYS;
    int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    int64_t rest = day - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * rest + 2) / 153;
    c->day = (int)(rest - (153 * month + 2) / 5 + 1);
    c->month = (int)(month < 10 ? month + 3 : month - 9);
    c->year = year + era * ERA_YEARS + (c->month <= 2 ? 1 : 0);
    c->day_of_year =
        (int)(c->month <= 2 ? rest - 305 : rest + 60 + (civil_is_leap(c->year) ? 1 : 0));
}

struct civil civil_from_seconds(int64_t s)
{
    struct civil c = {0};
    int64_t days = floor_div(s, DAY_S);
    int second = (int)(s % DAY_S);
    second += second < 0 ? DAY_S : 0;
    set_date(&c, days);
    c.hour = second / 3600;
    c.minute = second / 60 % 60;
    c.second = second % 60;
    return c;
}

int64_t civil_seconds(const struct civil *c)
{
    int64_t year = c->year - (c->month <= 2 ? 1 : 0);
    int64_t era = floor_div(year, ERA_YEARS);
    int64_t of_era = year - era * ERA_YEARS;
    int64_t month = c->month > 2 ? c->month - 3 : c->month + 9;
    int64_t day = (153 * month + 2) / 5 + c->day - 1;
    int64_t days = era * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 + day - EPOCH_DAYS;
    return days * DAY_S + (int64_t)c->hour * 3600 + (int64_t)c->minute * 60 + c->second;
}
