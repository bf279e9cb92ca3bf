/* Reading times by a layout, with the leniency and the errors of Go's time.Parse.
 *
 * "Local" is UTC: what a chart gives must not depend on where it is rendered. */
#include <stdlib.h>
#include <string.h>

#include "engine/template/gotime.h"
#include "engine/template/gotime_internal.h"
#include "engine/template/tval.h"

struct parsing {
    struct str layout;
    struct str text;
    struct str rest;   /* of the text */
    size_t layout_at;  /* behind the piece that is read */
    const char *range; /* what is out of range */
    int year;
    int month; /* -1 = not given, as the next ones */
    int day;
    int day_of_year;
    int hour;
    int minute;
    int second;
    int ns;
    bool am;
    bool pm;
    bool utc;
    int offset_s; /* -1 = not given */
    struct str zone;
};

/* ---- errors ---- */

static int mismatch(const struct parsing *p, struct str piece, struct str at, struct err *err)
{
    AUTO(buf) struct buf text;
    buf_init(&text, ERR_MESSAGE_BYTES);
    buf_put_c(&text, "parsing time ");
    gotime_quote(&text, p->text);
    buf_put_c(&text, " as ");
    gotime_quote(&text, p->layout);
    buf_put_c(&text, ": cannot parse ");
    gotime_quote(&text, at);
    buf_put_c(&text, " as ");
    gotime_quote(&text, piece);
    return err_set(err, ERR_INVALID, "%s", text.p);
}

static int complaint(const struct parsing *p, const char *what, const char *why, struct err *err)
{
    AUTO(buf) struct buf text;
    buf_init(&text, ERR_MESSAGE_BYTES);
    buf_put_c(&text, "parsing time ");
    gotime_quote(&text, p->text);
    return err_set(err, ERR_INVALID, "%s: %s%s", text.p, what, why);
}

/* ---- reading numbers and names ---- */

static bool digit_at(struct str s, size_t at)
{
    return at < s.n && s.p[at] >= '0' && s.p[at] <= '9';
}

static void advance(struct parsing *p, size_t n)
{
    p->rest = str_sub(p->rest, n, p->rest.n);
}

/* Up to max digits; fixed takes no fewer. */
static bool take_number(struct parsing *p, size_t max, bool fixed, int *ret)
{
    int v = 0;
    size_t n = 0;
    while (n < max && digit_at(p->rest, n)) {
        v = v * 10 + (p->rest.p[n] - '0');
        n++;
    }
    if (n == 0 || (fixed && n < max)) {
        return false;
    }
    advance(p, n);
    *ret = v;
    return true;
}

/* Digits with an optional sign, which may stand alone. */
static bool signed_number(struct str s, int *ret)
{
    bool negative = s.n > 0 && s.p[0] == '-';
    int v = 0;
    for (size_t i = negative || (s.n > 0 && s.p[0] == '+') ? 1 : 0; i < s.n; i++) {
        if (!digit_at(s, i)) {
            return false;
        }
        v = v * 10 + (s.p[i] - '0');
    }
    *ret = negative ? -v : v;
    return true;
}

static void check_range(struct parsing *p, bool ok, const char *what)
{
    if (!ok) {
        p->range = what;
    }
}

static bool take_name(struct parsing *p, const char *const *names, size_t n, size_t width, int *ret)
{
    for (size_t i = 0; i < n; i++) {
        struct str name = str_from(names[i]);
        name = str_sub(name, 0, width > 0 ? width : name.n);
        if (str_eq_nocase(str_sub(p->rest, 0, name.n), name)) {
            advance(p, name.n);
            *ret = (int)i;
            return true;
        }
    }
    return false;
}

/* ---- the pieces; false: it is not there ---- */

static bool read_year(struct parsing *p, const struct gotime_chunk *chunk UNUSED)
{
    bool ok =
        p->rest.n >= 4 && digit_at(p->rest, 0) && signed_number(str_sub(p->rest, 0, 4), &p->year);
    advance(p, 4);
    return ok;
}

static bool read_short_year(struct parsing *p, const struct gotime_chunk *chunk UNUSED)
{
    if (p->rest.n < 2 || !signed_number(str_sub(p->rest, 0, 2), &p->year)) {
        return false;
    }
    p->year += p->year >= 69 ? 1900 : 2000;
    advance(p, 2);
    return true;
}

static bool read_month(struct parsing *p, const struct gotime_chunk *chunk)
{
    if (!take_number(p, 2, chunk->fixed, &p->month)) {
        return false;
    }
    check_range(p, p->month >= 1 && p->month <= 12, "month");
    return true;
}

static bool read_month_name(struct parsing *p, const struct gotime_chunk *chunk)
{
    if (!take_name(p, GOTIME_MONTHS, ARRAY_LEN(GOTIME_MONTHS), chunk->width, &p->month)) {
        return false;
    }
    p->month++;
    return true;
}

static bool read_weekday(struct parsing *p, const struct gotime_chunk *chunk)
{
    int ignored = 0;
    return take_name(p, GOTIME_WEEKDAYS, ARRAY_LEN(GOTIME_WEEKDAYS), chunk->width, &ignored);
}

static void skip_spaces(struct parsing *p, const struct gotime_chunk *chunk)
{
    for (uint32_t i = 1; chunk->pad == ' ' && i < chunk->width; i++) {
        if (p->rest.n > 0 && p->rest.p[0] == ' ') {
            advance(p, 1);
        }
    }
}

static bool read_day(struct parsing *p, const struct gotime_chunk *chunk)
{
    skip_spaces(p, chunk);
    return take_number(p, 2, chunk->fixed, &p->day);
}

static bool read_day_of_year(struct parsing *p, const struct gotime_chunk *chunk)
{
    skip_spaces(p, chunk);
    return take_number(p, 3, chunk->fixed, &p->day_of_year);
}

static bool read_hour(struct parsing *p, const struct gotime_chunk *chunk)
{
    if (!take_number(p, 2, chunk->fixed, &p->hour)) {
        return false;
    }
    check_range(p, p->hour < 24, "hour");
    return true;
}

static bool read_hour12(struct parsing *p, const struct gotime_chunk *chunk)
{
    if (!take_number(p, 2, chunk->fixed, &p->hour)) {
        return false;
    }
    check_range(p, p->hour <= 12, "hour");
    return true;
}

static bool read_minute(struct parsing *p, const struct gotime_chunk *chunk)
{
    if (!take_number(p, 2, chunk->fixed, &p->minute)) {
        return false;
    }
    check_range(p, p->minute < 60, "minute");
    return true;
}

static bool is_point(struct str s)
{
    return s.n > 0 && (s.p[0] == '.' || s.p[0] == ',');
}

/* A point and n_digits, of which nine count. */
static bool take_fraction(struct parsing *p, size_t n_digits)
{
    int ns = 0;
    size_t n = MIN(n_digits, (size_t)9);
    if (p->rest.n < 1 + n_digits || !is_point(p->rest) ||
        !signed_number(str_sub(p->rest, 1, 1 + n), &ns)) {
        return false;
    }
    check_range(p, ns >= 0, "fractional second");
    for (; n < 9; n++) {
        ns *= 10;
    }
    p->ns = ns;
    advance(p, 1 + n_digits);
    return true;
}

static bool take_all_fraction(struct parsing *p)
{
    size_t n = 0;
    while (digit_at(p->rest, 1 + n)) {
        n++;
    }
    return n == 0 || !is_point(p->rest) || take_fraction(p, n);
}

/* A fraction may follow also where the layout has none. */
static bool read_second(struct parsing *p, const struct gotime_chunk *chunk)
{
    if (!take_number(p, 2, chunk->fixed, &p->second)) {
        return false;
    }
    check_range(p, p->second < 60, "second");
    enum gotime_field next = gotime_next_chunk(p->layout, p->layout_at).field;
    if (p->range != NULL || next == GOTIME_FRACTION || next == GOTIME_SHORT_FRACTION) {
        return true;
    }
    return take_all_fraction(p);
}

static bool read_fraction(struct parsing *p, const struct gotime_chunk *chunk)
{
    return take_fraction(p, chunk->width);
}

static bool read_short_fraction(struct parsing *p, const struct gotime_chunk *chunk UNUSED)
{
    return take_all_fraction(p);
}

static bool take_half(struct parsing *p, struct str am, struct str pm)
{
    if (str_cut_prefix(&p->rest, pm)) {
        p->pm = true;
        return true;
    }
    bool found = str_cut_prefix(&p->rest, am);
    p->am = p->am || found;
    return found;
}

static bool read_upper_pm(struct parsing *p, const struct gotime_chunk *chunk UNUSED)
{
    return take_half(p, STR("AM"), STR("PM"));
}

static bool read_lower_pm(struct parsing *p, const struct gotime_chunk *chunk UNUSED)
{
    return take_half(p, STR("am"), STR("pm"));
}

/* A sign and its numbers have their length before they are looked at. */
static bool offset_fits(const struct parsing *p, const struct gotime_chunk *chunk)
{
    size_t step = chunk->colon ? 3 : 2;
    if (p->rest.n < step * chunk->width + (chunk->colon ? 0 : 1)) {
        return false;
    }
    for (uint32_t i = 1; chunk->colon && i < chunk->width; i++) {
        if (p->rest.p[i * step] != ':') {
            return false;
        }
    }
    return true;
}

static bool read_offset(struct parsing *p, const struct gotime_chunk *chunk)
{
    static const char *const RANGES[3] = {"time zone offset hour", "time zone offset minute",
                                          "time zone offset second"};
    static const int LIMITS[3] = {24, 60, 60}; /* Go takes these, too */
    int numbers[3] = {0, 0, 0};
    if (chunk->iso && str_cut_prefix(&p->rest, STR("Z"))) {
        p->utc = true;
        return true;
    }
    if (!offset_fits(p, chunk)) {
        return false;
    }
    char sign = p->rest.p[0];
    for (uint32_t i = 0; i < chunk->width; i++) {
        advance(p, i == 0 || chunk->colon ? 1 : 0);
        if (!take_number(p, 2, true, &numbers[i])) {
            return false;
        }
        check_range(p, numbers[i] <= LIMITS[i], RANGES[i]);
    }
    int offset = (numbers[0] * 60 + numbers[1]) * 60 + numbers[2];
    p->offset_s = sign == '-' ? -offset : offset;
    return sign == '+' || sign == '-';
}

/* "+03": a sign and a number up to 23; 0 = there is none. */
static size_t signed_offset_len(struct str s)
{
    size_t n = 1;
    int v = 0;
    if (s.n == 0 || (s.p[0] != '+' && s.p[0] != '-')) {
        return 0;
    }
    for (; digit_at(s, n); n++) {
        v = MIN(v * 10 + (s.p[n] - '0'), 1000);
    }
    return n > 1 && v <= 23 ? n : 0;
}

/* At the start of s, counted up to six. */
static size_t capitals(struct str s)
{
    size_t n = 0;
    while (n < 6 && n < s.n && s.p[n] >= 'A' && s.p[n] <= 'Z') {
        n++;
    }
    return n;
}

/* Abbreviations are three capitals, four or five with a T at the end, and some exceptions. */
static size_t zone_len(struct str s)
{
    if (s.n < 3) {
        return 0;
    }
    if (str_starts_with(s, STR("ChST")) || str_starts_with(s, STR("MeST"))) {
        return 4;
    }
    if (str_starts_with(s, STR("GMT"))) {
        return 3 + signed_offset_len(str_sub(s, 3, s.n));
    }
    if (s.p[0] == '+' || s.p[0] == '-') {
        return signed_offset_len(s);
    }
    size_t n = capitals(s);
    if (n == 3 || (n == 4 && str_starts_with(s, STR("WITA")))) {
        return n;
    }
    return (n == 4 || n == 5) && s.p[n - 1] == 'T' ? n : 0;
}

static bool read_zone_name(struct parsing *p, const struct gotime_chunk *chunk UNUSED)
{
    if (str_cut_prefix(&p->rest, STR("UTC"))) {
        p->utc = true;
        return true;
    }
    size_t n = zone_len(p->rest);
    p->zone = str_sub(p->rest, 0, n);
    advance(p, n);
    return n > 0;
}

typedef bool (*read_fn)(struct parsing *p, const struct gotime_chunk *chunk);

static const read_fn READERS[GOTIME_FIELD_COUNT] = {
    [GOTIME_YEAR] = read_year,
    [GOTIME_SHORT_YEAR] = read_short_year,
    [GOTIME_MONTH] = read_month,
    [GOTIME_DAY] = read_day,
    [GOTIME_DAY_OF_YEAR] = read_day_of_year,
    [GOTIME_HOUR] = read_hour,
    [GOTIME_HOUR12] = read_hour12,
    [GOTIME_MINUTE] = read_minute,
    [GOTIME_SECOND] = read_second,
    [GOTIME_MONTH_NAME] = read_month_name,
    [GOTIME_WEEKDAY] = read_weekday,
    [GOTIME_UPPER_PM] = read_upper_pm,
    [GOTIME_LOWER_PM] = read_lower_pm,
    [GOTIME_ZONE_NAME] = read_zone_name,
    [GOTIME_OFFSET] = read_offset,
    [GOTIME_FRACTION] = read_fraction,
    [GOTIME_SHORT_FRACTION] = read_short_fraction,
};

/* ---- the whole ---- */

/* What stands between pieces; runs of spaces are equal. */
static bool skip_literal(struct parsing *p, struct str literal)
{
    while (literal.n > 0) {
        if (literal.p[0] == ' ') {
            if (p->rest.n > 0 && p->rest.p[0] != ' ') {
                return false;
            }
            while (str_cut_prefix(&literal, STR(" "))) {
            }
            while (str_cut_prefix(&p->rest, STR(" "))) {
            }
            continue;
        }
        if (p->rest.n == 0 || p->rest.p[0] != literal.p[0]) {
            return false;
        }
        literal = str_sub(literal, 1, literal.n);
        advance(p, 1);
    }
    return true;
}

static int read_pieces(struct parsing *p, struct err *err)
{
    for (size_t at = 0;; at = p->layout_at) {
        struct gotime_chunk chunk = gotime_next_chunk(p->layout, at);
        struct str literal = str_sub(p->layout, at, chunk.start);
        p->layout_at = chunk.end;
        if (!skip_literal(p, literal)) {
            return mismatch(p, literal, p->rest, err);
        }
        if (chunk.field == GOTIME_NONE) {
            break;
        }
        struct str before = p->rest;
        bool ok = READERS[chunk.field](p, &chunk);
        if (p->range != NULL) {
            return complaint(p, p->range, " out of range", err);
        }
        if (!ok) {
            return mismatch(p, str_sub(p->layout, chunk.start, chunk.end), before, err);
        }
    }
    if (p->rest.n > 0) {
        AUTO(buf) struct buf text;
        buf_init(&text, ERR_MESSAGE_BYTES);
        gotime_quote(&text, p->rest);
        return complaint(p, "extra text: ", text.p, err);
    }
    return 0;
}

/* Month and day from the day of the year; they must agree when they were given. */
static int set_day_of_year(struct parsing *p, struct err *err)
{
    int day = p->day_of_year;
    int month = 1;
    if (day < 1 || day > (civil_is_leap(p->year) ? 366 : 365)) {
        return complaint(p, "day-of-year", " out of range", err);
    }
    while (day > civil_days_in_month(p->year, month)) {
        day -= civil_days_in_month(p->year, month);
        month++;
    }
    if (p->month >= 0 && p->month != month) {
        return complaint(p, "day-of-year does not match month", "", err);
    }
    if (p->day >= 0 && p->day != day) {
        return complaint(p, "day-of-year does not match day", "", err);
    }
    p->month = month;
    p->day = day;
    return 0;
}

static int check_date(struct parsing *p, struct err *err)
{
    if (p->pm && p->hour < 12) {
        p->hour += 12;
    } else if (p->am && p->hour == 12) {
        p->hour = 0;
    }
    if (p->day_of_year >= 0) {
        TRY(set_day_of_year(p, err));
    }
    p->month = p->month < 0 ? 1 : p->month;
    p->day = p->day < 0 ? 1 : p->day;
    if (p->day < 1 || p->day > civil_days_in_month(p->year, p->month)) {
        return complaint(p, "day", " out of range", err);
    }
    return 0;
}

/* An offset moves the time. A name alone does not, for nobody knows whose it is, but GMT+3 is shown so. */
static void set_zone(const struct parsing *p, struct tval_time *t)
{
    bool offset = p->offset_s != -1;
    if (p->utc || (!offset && p->zone.n == 0) || (offset && p->offset_s == 0 && p->zone.n == 0)) {
        return;
    }
    struct str name = str_sub(p->zone, 0, sizeof(t->zone) - 1);
    memset(t->zone, 0, sizeof(t->zone));
    if (name.n > 0) {
        memcpy(t->zone, name.p, name.n);
    }
    if (offset) {
        t->s -= p->offset_s;
        t->offset_s = p->offset_s;
    } else if (p->zone.n > 3 && str_starts_with(p->zone, STR("GMT"))) {
        int hours = 0;
        (void)signed_number(str_sub(p->zone, 3, p->zone.n), &hours); /* zone_len() saw it is one */
        t->offset_s = hours * 3600;
    }
}

int gotime_parse(struct str layout, struct str text, struct tval_time *ret, struct err *err)
{
    struct parsing p = {
        .layout = layout,
        .text = text,
        .rest = text,
        .month = -1,
        .day = -1,
        .day_of_year = -1,
        .offset_s = -1,
    };
    TRY(read_pieces(&p, err));
    TRY(check_date(&p, err));
    struct civil c = {.year = p.year,
                      .month = p.month,
                      .day = p.day,
                      .hour = p.hour,
                      .minute = p.minute,
                      .second = p.second};
    struct tval_time t = gotime_utc(civil_seconds(&c), p.ns);
    set_zone(&p, &t);
    *ret = t;
    return 0;
}
