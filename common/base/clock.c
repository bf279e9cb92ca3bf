/* The system clock and text forms of time (RFC 3339, Go durations). The only file that asks the
 * machine for the time. */
#include "common/base/clock.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/base/civil.h"

enum {
    MS_PER_S = 1000,
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

static void format(int64_t wall_ms, bool with_ms, char *dst)
{
    int ms = (int)(wall_ms % MS_PER_S);
    int64_t s = wall_ms / MS_PER_S - (ms < 0 ? 1 : 0);
    struct civil c = civil_from_seconds(s);
    int n = snprintf(dst, CLOCK_RFC3339_BYTES, "%04lld-%02d-%02dT%02d:%02d:%02d", (long long)c.year,
                     c.month, c.day, c.hour, c.minute, c.second);
    char *end = dst + MIN(n, CLOCK_RFC3339_BYTES - 1);
    if (with_ms) {
        (void)snprintf(end, (size_t)(dst + CLOCK_RFC3339_BYTES - end), ".%03dZ",
                       ms < 0 ? ms + MS_PER_S : ms);
    } else {
        (void)snprintf(end, (size_t)(dst + CLOCK_RFC3339_BYTES - end), "Z");
    }
}

void clock_rfc3339(int64_t wall_ms, char dst[CLOCK_RFC3339_BYTES])
{
    format(wall_ms, false, dst);
}

void clock_rfc3339_ms(int64_t wall_ms, char dst[CLOCK_RFC3339_BYTES])
{
    format(wall_ms, true, dst);
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

int clock_parse_rfc3339(struct str text, int64_t *ret_wall_ms, struct err *err)
{
    struct str s = text;
    int v[TIME_PARTS];
    int ms = 0;
    int offset = 0;
    if (!take_parts(&s, v) || v[DAY] > civil_days_in_month(v[YEAR], v[MONTH]) ||
        !take_fraction(&s, &ms) || !take_offset(&s, &offset)) {
        return err_set(err, ERR_INVALID, "'" STR_FMT "' is not an RFC 3339 time",
                       STR_ARG(str_sub(text, 0, 64)));
    }
    struct civil c = {.year = v[YEAR],
                      .month = v[MONTH],
                      .day = v[DAY],
                      .hour = v[HOUR],
                      .minute = v[MINUTE] - offset,
                      .second = v[SECOND]};
    *ret_wall_ms = civil_seconds(&c) * MS_PER_S + ms;
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
    *ret_ms = (int64_t)(ms < 0 ? ms - 0.5 : ms + 0.5);
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
