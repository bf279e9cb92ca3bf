/* The system clock and text forms of time (RFC 3339, Go durations). The only file that asks the
 * machine for the time. */
#include "common/base/clock.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
    MS_PER_S = 1000,
    S_PER_DAY = 86400,
};

static int64_t read_clock(clockid_t id)
{
    struct timespec ts;
    (void)clock_gettime(id, &ts); /* cannot fail for these two clocks */
    return (int64_t)ts.tv_sec * MS_PER_S + ts.tv_nsec / 1000000;
}

static int64_t system_now_ms(const struct clock *clk UNUSED)
{
    return read_clock(CLOCK_MONOTONIC);
}

static int64_t system_wall_ms(const struct clock *clk UNUSED)
{
    return read_clock(CLOCK_REALTIME);
}

static const struct clock SYSTEM = {system_now_ms, system_wall_ms};

const struct clock *clock_system(void)
{
    return &SYSTEM;
}

/* Days from 1970-01-01 to a civil date (proleptic Gregorian), and back: the usual era arithmetic. */
static int64_t days_from_civil(int64_t y, unsigned m, unsigned d)
{
    y -= m <= 2;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    unsigned yoe = (unsigned)(y - era * 400);
    unsigned doy = (153 * (m + (m > 2 ? -3U : 9U)) + 2) / 5 + d - 1;
    unsigned doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + (int64_t)doe - 719468;
}

struct civil {
    int64_t year;
    unsigned month;
    unsigned day;
    unsigned hour;
    unsigned minute;
    unsigned second;
    unsigned ms;
};

static struct civil civil_from_ms(int64_t wall_ms)
{
    int64_t s = wall_ms / MS_PER_S;
    int64_t ms = wall_ms % MS_PER_S;
    if (ms < 0) {
        ms += MS_PER_S;
        s--;
    }
    int64_t days = s / S_PER_DAY;
    int64_t rest = s % S_PER_DAY;
    if (rest < 0) {
        rest += S_PER_DAY;
        days--;
    }
    int64_t z = days + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    unsigned doe = (unsigned)(z - era * 146097);
    unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    unsigned mp = (5 * doy + 2) / 153;
    unsigned month = mp < 10 ? mp + 3 : mp - 9;
    return (struct civil){
        .year = (int64_t)yoe + era * 400 + (month <= 2),
        .month = month,
        .day = doy - (153 * mp + 2) / 5 + 1,
        .hour = (unsigned)(rest / 3600),
        .minute = (unsigned)(rest / 60 % 60),
        .second = (unsigned)(rest % 60),
        .ms = (unsigned)ms,
    };
}

void clock_rfc3339(int64_t wall_ms, char dst[CLOCK_RFC3339_BYTES])
{
    struct civil c = civil_from_ms(wall_ms);
    (void)snprintf(dst, CLOCK_RFC3339_BYTES, "%04lld-%02u-%02uT%02u:%02u:%02uZ", (long long)c.year,
                   c.month, c.day, c.hour, c.minute, c.second);
}

void clock_rfc3339_ms(int64_t wall_ms, char dst[CLOCK_RFC3339_BYTES])
{
    struct civil c = civil_from_ms(wall_ms);
    (void)snprintf(dst, CLOCK_RFC3339_BYTES, "%04lld-%02u-%02uT%02u:%02u:%02u.%03uZ",
                   (long long)c.year, c.month, c.day, c.hour, c.minute, c.second, c.ms);
}

/* Exactly n digits as a number; -1 when there are others. */
static int take_digits(struct str *s, size_t n)
{
    if (s->n < n) {
        return -1;
    }
    int v = 0;
    for (size_t i = 0; i < n; i++) {
        char c = s->p[i];
        if (c < '0' || c > '9') {
            return -1;
        }
        v = v * 10 + (c - '0');
    }
    *s = str_sub(*s, n, s->n);
    return v;
}

static bool take_char(struct str *s, char c)
{
    if (s->n == 0 || s->p[0] != c) {
        return false;
    }
    *s = str_sub(*s, 1, s->n);
    return true;
}

/* ".123456" as milliseconds; the fraction is optional. */
static bool take_fraction(struct str *s, int *ret_ms)
{
    *ret_ms = 0;
    if (!take_char(s, '.')) {
        return true;
    }
    int scale = 100;
    size_t n = 0;
    while (n < s->n && s->p[n] >= '0' && s->p[n] <= '9') {
        *ret_ms += (s->p[n] - '0') * scale;
        scale /= 10;
        n++;
    }
    *s = str_sub(*s, n, s->n);
    return n > 0;
}

/* "Z" or "+hh:mm" as minutes east of UTC. */
static bool take_offset(struct str *s, int *ret_minutes)
{
    if (take_char(s, 'Z') || take_char(s, 'z')) {
        *ret_minutes = 0;
        return s->n == 0;
    }
    int sign = take_char(s, '-') ? -1 : 1;
    if (sign == 1 && !take_char(s, '+')) {
        return false;
    }
    int hours = take_digits(s, 2);
    bool colon = take_char(s, ':');
    int minutes = take_digits(s, 2);
    *ret_minutes = sign * (hours * 60 + minutes);
    return colon && hours >= 0 && hours < 24 && minutes >= 0 && minutes < 60 && s->n == 0;
}

enum { YEAR, MONTH, DAY, HOUR, MINUTE, SECOND, TIME_PARTS };

/* The fixed part of RFC 3339. No leap second: Go refuses it too. */
static const struct {
    size_t digits;
    int low;
    int high;
    const char *after; /* one of these follows; "" = nothing */
} PARTS[TIME_PARTS] = {
    {4, 0, 9999, "-"}, {2, 1, 12, "-"}, {2, 1, 31, "Tt"},
    {2, 0, 23, ":"},   {2, 0, 59, ":"}, {2, 0, 59, ""},
};

static bool take_parts(struct str *s, int parts[TIME_PARTS])
{
    for (size_t i = 0; i < TIME_PARTS; i++) {
        const char *after = PARTS[i].after;
        parts[i] = take_digits(s, PARTS[i].digits);
        if (parts[i] < PARTS[i].low || parts[i] > PARTS[i].high) {
            return false;
        }
        if (after[0] != '\0' && !take_char(s, after[0]) &&
            !take_char(s, after[strlen(after) - 1])) {
            return false;
        }
    }
    return true;
}

static int days_in_month(int year, int month)
{
    static const int8_t DAYS[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return DAYS[month - 1] + (month == 2 && leap);
}

int clock_parse_rfc3339(struct str text, int64_t *ret_wall_ms, struct err *err)
{
    struct str s = text;
    int v[TIME_PARTS];
    int ms = 0;
    int offset = 0;
    if (!take_parts(&s, v) || v[DAY] > days_in_month(v[YEAR], v[MONTH]) ||
        !take_fraction(&s, &ms) || !take_offset(&s, &offset)) {
        return err_set(err, ERR_INVALID, "'" STR_FMT "' is not an RFC 3339 time",
                       STR_ARG(str_sub(text, 0, 64)));
    }
    int64_t days = days_from_civil(v[YEAR], (unsigned)v[MONTH], (unsigned)v[DAY]);
    int64_t minutes = (int64_t)v[HOUR] * 60 + v[MINUTE] - offset;
    *ret_wall_ms = (days * S_PER_DAY + minutes * 60 + v[SECOND]) * MS_PER_S + ms;
    return 0;
}

static const struct {
    struct str unit;
    double ms;
} UNITS[] = {
    {STR("ns"), 1e-6}, {STR("us"), 1e-3}, {STR("\xc2\xb5s"), 1e-3}, {STR("\xce\xbcs"), 1e-3},
    {STR("ms"), 1},    {STR("s"), 1000},  {STR("m"), 60000},        {STR("h"), 3600000},
};

static bool take_unit(struct str *s, double *ret_ms)
{
    for (size_t i = 0; i < ARRAY_LEN(UNITS); i++) {
        if (str_cut_prefix(s, UNITS[i].unit)) {
            *ret_ms = UNITS[i].ms;
            return true;
        }
    }
    return false;
}

static bool take_decimal(struct str *s, double *ret)
{
    double v = 0;
    double scale = 1;
    bool digits = false;
    bool point = false;
    for (; s->n > 0; *s = str_sub(*s, 1, s->n)) {
        char c = s->p[0];
        if (c == '.' && !point) {
            point = true;
            continue;
        }
        if (c < '0' || c > '9') {
            break;
        }
        digits = true;
        v = v * 10 + (c - '0');
        scale *= point ? 10 : 1;
    }
    *ret = v / scale;
    return digits;
}

static bool parse_duration(struct str s, double *ret_ms)
{
    double sign = take_char(&s, '-') ? -1 : 1;
    (void)(sign > 0 && take_char(&s, '+'));
    double total = 0;
    bool first = true;
    do {
        double amount = 0;
        double unit = 1000;
        if (!take_decimal(&s, &amount)) {
            return false;
        }
        if (!take_unit(&s, &unit) && !(first && s.n == 0)) {
            return false;
        }
        total += amount * unit;
        first = false;
    } while (s.n > 0);
    *ret_ms = sign * total;
    return fabs(total) < 9e15; /* int64 of nanoseconds is Go's range: well inside */
}

int clock_parse_duration(struct str text, int64_t *ret_ms, struct err *err)
{
    double ms = 0;
    if (text.n == 0 || !parse_duration(text, &ms)) {
        return err_set(err, ERR_INVALID,
                       "'" STR_FMT "' is not a duration; write for example 90s, 5m or 1h30m",
                       STR_ARG(str_sub(text, 0, 64)));
    }
    *ret_ms = (int64_t)llround(ms);
    return 0;
}

void clock_format_duration(int64_t ms, char dst[CLOCK_DURATION_BYTES])
{
    const char *sign = ms < 0 ? "-" : "";
    uint64_t v = ms < 0 ? 0 - (uint64_t)ms : (uint64_t)ms;
    if (v == 0) {
        (void)snprintf(dst, CLOCK_DURATION_BYTES, "0s");
        return;
    }
    if (v < MS_PER_S) {
        (void)snprintf(dst, CLOCK_DURATION_BYTES, "%s%llums", sign, (unsigned long long)v);
        return;
    }
    unsigned long long h = v / 3600000;
    unsigned long long m = v / 60000 % 60;
    char seconds[16];
    (void)snprintf(seconds, sizeof(seconds), "%g", (double)(v % 60000) / MS_PER_S);
    if (h > 0) {
        (void)snprintf(dst, CLOCK_DURATION_BYTES, "%s%lluh%llum%ss", sign, h, m, seconds);
    } else if (m > 0) {
        (void)snprintf(dst, CLOCK_DURATION_BYTES, "%s%llum%ss", sign, m, seconds);
    } else {
        (void)snprintf(dst, CLOCK_DURATION_BYTES, "%s%ss", sign, seconds);
    }
}
