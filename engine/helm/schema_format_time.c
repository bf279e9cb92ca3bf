/* Formats of dates and times (RFC 3339) and durations. Words are those of santhosh-tekuri/jsonschema and of Go's time
 * package, which it asks for dates. */
#include "common/base/buf.h"
#include "common/base/limits.h"
#include "engine/helm/schema_check_internal.h"

enum {
    DATE_BYTES = 10,
    TIME_BYTES = 8, /* hh:mm:ss */
    OFFSET_BYTES = 6,
    DAY_MINUTES = 24 * 60,
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t count_digits(struct str s)
{
    size_t n = 0;
    while (n < s.n && is_digit(s.p[n])) {
        n++;
    }
    return n;
}

/* The time package's own quotes. */
static struct str quoted(struct arena *arena, struct str s)
{
    struct buf out;
    buf_init(&out, LIMIT_MIB);
    buf_put_char(&out, '"');
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c >= 0x80 || c < ' ') {
            buf_printf(&out, "\\x%02x", (unsigned)c);
            continue;
        }
        buf_put_c(&out, c == '"' || c == '\\' ? "\\" : "");
        buf_put_char(&out, s.p[i]);
    }
    buf_put_char(&out, '"');
    struct str text = buf_to_arena(&out, arena);
    buf_done(&out);
    return text;
}

/* ---- dates ---- */

struct date {
    struct arena *arena;
    struct str text;
    struct str rest;
    struct err *err;
};

static int cannot_parse(const struct date *d, const char *element)
{
    struct str whole = quoted(d->arena, d->text);
    struct str rest = quoted(d->arena, d->rest);
    return err_set(d->err, ERR_INVALID,
                   "parsing time " STR_FMT " as \"2006-01-02\": cannot parse " STR_FMT " as \"%s\"",
                   STR_ARG(whole), STR_ARG(rest), element);
}

static int bad_date(const struct date *d, const char *why, struct str at)
{
    struct str whole = quoted(d->arena, d->text);
    struct str place = at.n > 0 ? quoted(d->arena, at) : STR_EMPTY;
    return err_set(d->err, ERR_INVALID, "parsing time " STR_FMT ": %s" STR_FMT, STR_ARG(whole), why,
                   STR_ARG(place));
}

/* `element` shows how many digits there are. */
static int take_digits(struct date *d, const char *element, unsigned *ret)
{
    size_t n = strlen(element);
    if (count_digits(str_sub(d->rest, 0, n)) < n) {
        return cannot_parse(d, element);
    }
    *ret = 0;
    for (size_t i = 0; i < n; i++) {
        *ret = *ret * 10 + (unsigned)(d->rest.p[i] - '0');
    }
    d->rest = str_sub(d->rest, n, d->rest.n);
    return 0;
}

static int take_dash(struct date *d)
{
    return str_cut_prefix(&d->rest, STR("-")) ? 0 : cannot_parse(d, "-");
}

static unsigned days_in(unsigned year, unsigned month)
{
    static const unsigned DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return DAYS[month - 1] + (month == 2 && is_leap ? 1 : 0);
}

int schema_format_date(struct arena *arena, struct str s, struct err *err)
{
    struct date d = {.arena = arena, .text = s, .rest = s, .err = err};
    unsigned year = 0;
    unsigned month = 0;
    unsigned day = 0;
    TRY(take_digits(&d, "2006", &year));
    TRY(take_dash(&d));
    TRY(take_digits(&d, "01", &month));
    if (month < 1 || month > 12) {
        return bad_date(&d, "month out of range", STR_EMPTY);
    }
    TRY(take_dash(&d));
    TRY(take_digits(&d, "02", &day));
    if (d.rest.n > 0) {
        return bad_date(&d, "extra text: ", d.rest);
    }
    if (day < 1 || day > days_in(year, month)) {
        return bad_date(&d, "day out of range", STR_EMPTY);
    }
    return 0;
}

/* ---- times ---- */

/* Two characters as strconv.Atoi reads them, so with a sign too. */
static int take_two(struct str s, const char *what, int *ret, struct err *err)
{
    bool has_sign = s.p[0] == '+' || s.p[0] == '-';
    if (!is_digit(s.p[1]) || (!is_digit(s.p[0]) && !has_sign)) {
        return err_set(err, ERR_INVALID, "invalid hour/min%s", what);
    }
    *ret = (has_sign ? 0 : (s.p[0] - '0') * 10) + (s.p[1] - '0');
    if (s.p[0] == '-' && *ret > 0) {
        return err_set(err, ERR_INVALID, "non-positive hour/min%s", what);
    }
    return 0;
}

struct clock_time {
    int hour;
    int minute;
    int second;
};

static int parse_clock(struct str s, struct clock_time *ret, struct err *err)
{
    if (s.n < TIME_BYTES + 1) {
        return err_set(err, ERR_INVALID, "less than 9 characters long");
    }
    if (s.p[2] != ':' || s.p[5] != ':') {
        return err_set(err, ERR_INVALID, "missing colon in correct place");
    }
    TRY(take_two(str_sub(s, 0, 2), "/sec", &ret->hour, err));
    TRY(take_two(str_sub(s, 3, 5), "/sec", &ret->minute, err));
    TRY(take_two(str_sub(s, 6, 8), "/sec", &ret->second, err));
    if (ret->hour > 23 || ret->minute > 59 || ret->second > 60) {
        return err_set(err, ERR_INVALID, "hour/min/sec out of range");
    }
    return 0;
}

/* +01:30: the time becomes that in UTC. */
static int apply_offset(struct str s, struct clock_time *t, struct err *err)
{
    int hour = 0;
    int minute = 0;
    if (s.n != OFFSET_BYTES) {
        return err_set(err, ERR_INVALID, "offset must be 6 characters long");
    }
    if (s.p[0] != '+' && s.p[0] != '-') {
        return err_set(err, ERR_INVALID, "offset must begin with plus/minus");
    }
    if (s.p[3] != ':') {
        return err_set(err, ERR_INVALID, "missing colon in offset in correct place");
    }
    TRY(take_two(str_sub(s, 1, 3), " in offset", &hour, err));
    TRY(take_two(str_sub(s, 4, 6), " in offset", &minute, err));
    if (hour > 23 || minute > 59) {
        return err_set(err, ERR_INVALID, "hour/min in offset out of range");
    }
    int sign = s.p[0] == '+' ? -1 : 1;
    int total = t->hour * 60 + t->minute + sign * (hour * 60 + minute);
    total += total < 0 ? DAY_MINUTES : 0;
    t->hour = total / 60;
    t->minute = total % 60;
    return 0;
}

int schema_format_time(struct arena *arena UNUSED, struct str s, struct err *err)
{
    struct clock_time t = {0};
    TRY(parse_clock(s, &t, err));
    s = str_sub(s, TIME_BYTES, s.n);
    if (str_cut_prefix(&s, STR("."))) {
        size_t n = count_digits(s);
        if (n == 0) {
            return err_set(err, ERR_INVALID, "no digits in second fraction");
        }
        s = str_sub(s, n, s.n);
    }
    if (!str_eq_nocase(s, STR("Z"))) {
        TRY(apply_offset(s, &t, err));
    }
    if (t.second >= 60 && (t.hour != 23 || t.minute != 59)) {
        return err_set(err, ERR_INVALID, "invalid leap second");
    }
    return 0;
}

int schema_format_date_time(struct arena *arena, struct str s, struct err *err)
{
    struct err why;
    if (s.n < DATE_BYTES + 1 + TIME_BYTES + 1) {
        return err_set(err, ERR_INVALID, "less than 20 characters long");
    }
    if (s.p[DATE_BYTES] != 'T' && s.p[DATE_BYTES] != 't') {
        return err_set(err, ERR_INVALID, "11th character must be t or T");
    }
    if (schema_format_date(arena, str_sub(s, 0, DATE_BYTES), &why) < 0) {
        return err_set(err, ERR_INVALID, "invalid date element: %s", why.message);
    }
    if (schema_format_time(arena, str_sub(s, DATE_BYTES + 1, s.n), &why) < 0) {
        return err_set(err, ERR_INVALID, "invalid time element: %s", why.message);
    }
    return 0;
}

/* ---- durations ---- */

/* Numbers with units, each unit at most once and in their order. */
static int check_units(struct arena *arena, struct str s, const char *all, struct err *err)
{
    const char *units = all;
    while (s.n > 0) {
        size_t n = count_digits(s);
        if (n == 0) {
            return err_set(err, ERR_INVALID, "missing number");
        }
        s = str_sub(s, n, s.n);
        if (s.n == 0) {
            return err_set(err, ERR_INVALID, "missing unit");
        }
        const char *at = s.p[0] != '\0' ? strchr(units, s.p[0]) : NULL;
        if (at == NULL) {
            struct str shown = schema_format_char(arena, (unsigned char)s.p[0]);
            bool is_known = s.p[0] != '\0' && strchr(all, s.p[0]) != NULL;
            return err_set(err, ERR_INVALID,
                           is_known ? "unit " STR_FMT " out of order" : "invalid unit " STR_FMT,
                           STR_ARG(shown));
        }
        units = at + 1;
        s = str_sub(s, 1, s.n);
    }
    return 0;
}

int schema_format_duration(struct arena *arena, struct str s, struct err *err)
{
    static const char *const UNITS[] = {"YMD", "HMS"};
    struct str part;
    if (!str_cut_prefix(&s, STR("P"))) {
        return err_set(err, ERR_INVALID, "must start with P");
    }
    if (s.n == 0) {
        return err_set(err, ERR_INVALID, "nothing after P");
    }
    if (str_cut_suffix(&s, STR("W"))) {
        if (s.n == 0) {
            return err_set(err, ERR_INVALID, "no number in week");
        }
        return count_digits(s) == s.n ? 0 : err_set(err, ERR_INVALID, "invalid week");
    }
    for (size_t i = 0; str_next(&s, 'T', &part); i++) {
        if (i != 0 && part.n == 0) {
            return err_set(err, ERR_INVALID, "no time elements");
        }
        if (i >= ARRAY_LEN(UNITS)) {
            return err_set(err, ERR_INVALID, "more than one T");
        }
        TRY(check_units(arena, part, UNITS[i], err));
    }
    return 0;
}

int schema_format_period(struct arena *arena, struct str s, struct err *err)
{
    struct err why;
    struct str start;
    struct str end;
    if (!str_cut(s, '/', &start, &end)) {
        return err_set(err, ERR_INVALID, "missing slash");
    }
    bool from_duration = str_starts_with(start, STR("P"));
    bool to_duration = !from_duration && str_starts_with(end, STR("P"));
    int rc = from_duration ? schema_format_duration(arena, start, &why)
                           : schema_format_date_time(arena, start, &why);
    if (rc < 0) {
        return err_set(err, ERR_INVALID, "invalid start %s: %s",
                       from_duration ? "duration" : "date-time", why.message);
    }
    rc = to_duration ? schema_format_duration(arena, end, &why)
                     : schema_format_date_time(arena, end, &why);
    if (rc < 0) {
        return err_set(err, ERR_INVALID, "invalid end %s: %s",
                       to_duration ? "duration" : "date-time", why.message);
    }
    return 0;
}
