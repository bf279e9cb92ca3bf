/* Plain scalars of TOML: numbers, dates and times, booleans. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/base/arena.h"
#include "common/base/clock.h"
#include "common/base/num.h"
#include "common/base/utf8.h"
#include "engine/template/toml_internal.h"

enum {
    NANO_DIGITS = 9,
    MINUTE_S = 60,
    HOUR_S = 3600,
};

static bool is_digit(int32_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(int32_t c)
{
    return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

/* ---- numbers ---- */

/* Each underscore stands between digits, and the last character is one. */
static bool underscores_fit(struct str s)
{
    static const char *const WORDS[] = {"nan", "+nan", "-nan", "inf", "+inf", "-inf"};
    for (size_t i = 0; i < ARRAY_LEN(WORDS); i++) {
        if (str_eq_c(s, WORDS[i])) {
            return true;
        }
    }
    bool accept = false;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '_' && !accept) {
            return false;
        }
        accept = is_hex(s.p[i]);
    }
    return accept;
}

static bool has_leading_zero(struct str s)
{
    if (s.n > 1 && s.p[0] == '0') {
        return s.p[1] != 'b' && s.p[1] != 'o' && s.p[1] != 'x';
    }
    return s.n > 2 && (s.p[0] == '-' || s.p[0] == '+') && s.p[1] == '0';
}

static struct str without_underscores(struct toml_reader *r, struct str s)
{
    char *p = arena_bytes(r->arena, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] != '_') {
            p[n++] = s.p[i];
        }
    }
    p[n] = '\0';
    return str_of(p, n);
}

static unsigned base_of(struct str digits)
{
    if (digits.n < 2 || digits.p[0] != '0') {
        return 10;
    }
    switch (digits.p[1]) {
    case 'x':
        return 16;
    case 'o':
        return 8;
    case 'b':
        return 2;
    default:
        return 10;
    }
}

static int read_integer(struct toml_reader *r, struct str text, struct tval *ret, struct err *err)
{
    if (!underscores_fit(text)) {
        return toml_fail(r, TOML_HERE, err,
                         "Invalid integer \"" STR_FMT
                         "\": underscores must be surrounded by digits",
                         STR_ARG(text));
    }
    if (has_leading_zero(text)) {
        return toml_fail(r, TOML_HERE, err,
                         "Invalid integer \"" STR_FMT "\": cannot have leading zeroes",
                         STR_ARG(text));
    }
    struct str digits = without_underscores(r, text);
    bool negative = str_cut_prefix(&digits, STR("-"));
    (void)str_cut_prefix(&digits, STR("+"));
    unsigned base = base_of(digits);
    uint64_t u = 0;
    bool ok = num_digits(str_sub(digits, base == 10 ? 0 : 2, digits.n), base, &u);
    if (!ok || u > (uint64_t)INT64_MAX + negative) {
        return toml_fail(r, TOML_HERE, err, STR_FMT " is out of range for int64", STR_ARG(text));
    }
    *ret = tval_int64((int64_t)(negative ? 0 - u : u));
    return 0;
}

/* The parts between points and exponents are digits. */
static bool float_underscores_fit(struct str text)
{
    size_t start = 0;
    for (size_t i = 0; i <= text.n; i++) {
        bool ends = i == text.n || text.p[i] == '.' || text.p[i] == 'e' || text.p[i] == 'E';
        if (ends && i > start && !underscores_fit(str_sub(text, start, i))) {
            return false;
        }
        start = ends ? i + 1 : start;
    }
    return true;
}

static bool points_fit(struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '.' && (i + 1 == text.n || !is_digit(text.p[i + 1]))) {
            return false;
        }
    }
    return true;
}

static const char *float_problem(struct str text)
{
    size_t n_whole = 0;
    while (n_whole < text.n && strchr(".eE", text.p[n_whole]) == NULL) {
        n_whole++;
    }
    if (!float_underscores_fit(text)) {
        return "underscores must be surrounded by digits";
    }
    if (has_leading_zero(str_sub(text, 0, n_whole))) {
        return "cannot have leading zeroes";
    }
    return points_fit(text) ? NULL : "'.' must be followed by one or more digits";
}

static int read_float(struct toml_reader *r, struct str text, struct tval *ret, struct err *err)
{
    const char *problem = float_problem(text);
    if (problem != NULL) {
        return toml_fail(r, TOML_HERE, err, "Invalid float \"" STR_FMT "\": %s", STR_ARG(text),
                         problem);
    }
    struct str digits = without_underscores(r, text);
    double f = 0;
    if (str_ends_with(digits, STR("inf"))) {
        f = digits.p[0] == '-' ? -(double)INFINITY : (double)INFINITY;
    } else if (str_ends_with(digits, STR("nan"))) {
        f = digits.p[0] == '-' ? -(double)NAN : (double)NAN;
    } else if (!num_parse_float(digits, &f)) {
        return toml_fail(r, TOML_HERE, err, "Invalid float value: \"" STR_FMT "\"", STR_ARG(text));
    } else if (isinf(f)) {
        return toml_fail(r, TOML_HERE, err, STR_FMT " is out of range for float64", STR_ARG(text));
    }
    *ret = tval_float(f);
    return 0;
}

/* ---- dates and times ---- */

/* n digits at *at, stepped over; -1: there are none. */
static int take_number(struct str text, size_t *at, size_t n)
{
    uint64_t number = 0;
    if (*at + n > text.n || !num_digits(str_sub(text, *at, *at + n), 10, &number)) {
        return -1;
    }
    *at += n;
    return (int)number;
}

static bool take_char(struct str text, size_t *at, char c)
{
    bool there = *at < text.n && text.p[*at] == c;
    *at += there;
    return there;
}

static bool take_date(struct str text, size_t *at, struct tm *tm)
{
    static const int DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year = take_number(text, at, 4);
    bool ok = take_char(text, at, '-');
    int month = take_number(text, at, 2);
    ok = take_char(text, at, '-') && ok;
    int day = take_number(text, at, 2);
    if (!ok || year < 0 || month < 1 || month > 12 || day < 1) {
        return false;
    }
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    tm->tm_year = year - 1900;
    tm->tm_mon = month - 1;
    tm->tm_mday = day;
    return day <= DAYS[month - 1] + (month == 2 && leap);
}

static bool take_fraction(struct str text, size_t *at, int32_t *ns)
{
    int32_t scale = 100000000;
    size_t start = *at;
    for (; *at < text.n && is_digit(text.p[*at]); (*at)++) {
        *ns += (text.p[*at] - '0') * scale;
        scale /= 10;
    }
    return *at > start;
}

/* Seconds may be left out. */
static bool take_time(struct str text, size_t *at, struct tm *tm, int32_t *ns)
{
    tm->tm_hour = take_number(text, at, 2);
    bool ok = take_char(text, at, ':');
    tm->tm_min = take_number(text, at, 2);
    ok = ok && tm->tm_hour >= 0 && tm->tm_hour < 24 && tm->tm_min >= 0 && tm->tm_min < 60;
    if (!ok || !take_char(text, at, ':')) {
        return ok;
    }
    tm->tm_sec = take_number(text, at, 2);
    if (tm->tm_sec < 0 || tm->tm_sec > 59) {
        return false;
    }
    return !take_char(text, at, '.') || take_fraction(text, at, ns);
}

static bool take_offset(struct str text, size_t *at, struct tval_time *t)
{
    if (take_char(text, at, 'Z')) {
        return true;
    }
    int sign = *at < text.n && text.p[*at] == '-' ? -1 : 1;
    (*at)++;
    int hours = take_number(text, at, 2);
    bool ok = take_char(text, at, ':');
    int minutes = take_number(text, at, 2);
    if (!ok || hours < 0 || hours > 24 || minutes < 0 || minutes > 60) {
        return false;
    }
    t->offset_s = sign * (hours * HOUR_S + minutes * MINUTE_S);
    if (t->offset_s != 0) { /* as Go shows a zone without a name */
        (void)snprintf(t->zone, sizeof(t->zone), "%c%02d%02d", sign < 0 ? '-' : '+', hours % 100,
                       minutes % 100);
    }
    return true;
}

static void set_zone(struct tval_time *t, const char *zone)
{
    (void)snprintf(t->zone, sizeof(t->zone), "%s", zone);
}

bool toml_parse_time(struct arena *arena, struct str text, struct tval *ret)
{
    struct tval_time *t = ARENA_NEW(arena, struct tval_time);
    struct tm tm = {.tm_year = -1900, .tm_mday = 1};
    size_t at = 0;
    bool only_time = text.n > 2 && text.p[2] == ':';
    if (!only_time && !take_date(text, &at, &tm)) {
        return false;
    }
    set_zone(t, only_time ? TOML_ZONE_TIME : TOML_ZONE_DATE);
    if (only_time || at < text.n) {
        if (!only_time && !take_char(text, &at, 'T')) {
            return false;
        }
        if (!take_time(text, &at, &tm, &t->ns)) {
            return false;
        }
        set_zone(t, only_time ? TOML_ZONE_TIME : TOML_ZONE_DATETIME);
    }
    if (!only_time && at < text.n) {
        set_zone(t, "UTC");
        if (!take_offset(text, &at, t)) {
            return false;
        }
    }
    t->s = (int64_t)timegm(&tm) - t->offset_s;
    *ret = (struct tval){.kind = TVAL_TIME, .time = t};
    return at == text.n;
}

static void put_fraction(struct buf *out, int32_t ns)
{
    char digits[NANO_DIGITS + 2];
    int n = snprintf(digits, sizeof(digits), "%09d", (int)ns);
    while (n > 0 && digits[n - 1] == '0') {
        n--;
    }
    if (n > 0) {
        buf_put_char(out, '.');
        buf_put_bytes(out, digits, (size_t)n);
    }
}

void toml_put_time(struct buf *out, const struct tval_time *t)
{
    char text[CLOCK_RFC3339_BYTES];
    struct str date;
    struct str time;
    bool is_date = strcmp(t->zone, TOML_ZONE_DATE) == 0;
    bool is_time = strcmp(t->zone, TOML_ZONE_TIME) == 0;
    bool offset = !is_date && !is_time && strcmp(t->zone, TOML_ZONE_DATETIME) != 0;
    clock_rfc3339((t->s + t->offset_s) * 1000, text);
    (void)str_cut(str_from(text), 'T', &date, &time);
    (void)str_cut_suffix(&time, STR("Z"));
    if (!is_time) {
        buf_put(out, date);
        buf_put_c(out, is_date ? "" : "T");
    }
    if (!is_date) {
        buf_put(out, time);
        put_fraction(out, t->ns);
    }
    if (offset && t->offset_s == 0) {
        buf_put_char(out, 'Z');
    } else if (offset) {
        int minutes = (t->offset_s < 0 ? -t->offset_s : t->offset_s) / MINUTE_S;
        buf_printf(out, "%c%02d:%02d", t->offset_s < 0 ? '-' : '+', minutes / 60, minutes % 60);
    }
}

/* Capital letters, no blanks. */
static struct str normal_time(struct toml_reader *r, struct str text)
{
    char *p = arena_bytes(r->arena, text.n + 1);
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        p[i] = c == 'z' ? 'Z' : c == 't' || c == ' ' ? 'T' : c;
    }
    p[text.n] = '\0';
    return str_of(p, text.n);
}

static int read_time(struct toml_reader *r, struct str text, struct tval *ret, struct err *err)
{
    struct str normal = normal_time(r, str_trim(text));
    if (!toml_parse_time(r->arena, normal, ret)) {
        return toml_fail(r, TOML_HERE, err, "invalid datetime: \"" STR_FMT "\"", STR_ARG(normal));
    }
    return 0;
}

/* ---- what it is ---- */

/* Takes characters as long as they are among these. */
static void take_all(struct toml_reader *r, const char *chars)
{
    while (r->at < r->text.n && r->text.p[r->at] != '\0' &&
           strchr(chars, r->text.p[r->at]) != NULL) {
        r->at++;
    }
}

/* What follows is asked for, so that a character TOML forbids is found first. */
static int check_next(struct toml_reader *r, struct err *err)
{
    int32_t c = toml_peek(r, err);
    return c < 0 ? c : 0;
}

static int read_float_from(struct toml_reader *r, size_t start, struct tval *ret, struct err *err)
{
    take_all(r, "0123456789_.-+eE");
    TRY(check_next(r, err));
    return read_float(r, str_sub(r->text, start, r->at), ret, err);
}

/* A number without a base, some of which has been taken. */
static int read_decimal_from(struct toml_reader *r, size_t start, struct tval *ret, struct err *err)
{
    take_all(r, "0123456789_");
    if (r->at < r->text.n && strchr(".eE", r->text.p[r->at]) != NULL && r->text.p[r->at] != '\0') {
        return read_float_from(r, start, ret, err);
    }
    TRY(check_next(r, err));
    return read_integer(r, str_sub(r->text, start, r->at), ret, err);
}

static int read_based(struct toml_reader *r, size_t start, struct tval *ret, struct err *err)
{
    static const struct {
        char letter;
        const char *digits;
        const char *name;
    } BASES[] = {
        {'b', "01_", "a binary"},
        {'o', "01234567_", "an octal"},
        {'x', "0123456789abcdefABCDEF_", "a hexadecimal"},
    };
    size_t i = 0;
    while (BASES[i].letter != r->text.p[r->at]) {
        i++;
    }
    r->at++;
    int32_t c = toml_peek(r, err);
    TRY(c);
    if (c == TOML_EOF || c == '_' || c > 0x7f || strchr(BASES[i].digits, c) == NULL) {
        char text[UTF8_MAX_BYTES];
        size_t n = utf8_encode((uint32_t)c, text);
        return toml_fail(r, TOML_HERE, err, "not %s number: '" STR_FMT STR_FMT "'", BASES[i].name,
                         STR_ARG(str_sub(r->text, start, r->at)), STR_ARG(str_of(text, n)));
    }
    take_all(r, BASES[i].digits);
    TRY(check_next(r, err));
    return read_integer(r, str_sub(r->text, start, r->at), ret, err);
}

/* At a digit. */
static int read_number(struct toml_reader *r, struct tval *ret, struct err *err)
{
    size_t start = r->at;
    take_all(r, "0123456789");
    char c = r->at < r->text.n ? r->text.p[r->at] : '\0';
    if (c == '-' || c == ':') {
        take_all(r, "0123456789-:Tt .Zz+");
        TRY(check_next(r, err));
        return read_time(r, str_sub(r->text, start, r->at), ret, err);
    }
    bool base = r->at == start + 1 && r->text.p[start] == '0' && (c == 'b' || c == 'o' || c == 'x');
    return base ? read_based(r, start, ret, err) : read_decimal_from(r, start, ret, err);
}

static int fail_word(struct toml_reader *r, size_t start, struct err *err)
{
    struct str text = str_sub(r->text, start, r->at);
    return toml_fail(r, TOML_HERE, err, "invalid float: '" STR_FMT "'", STR_ARG(text));
}

/* "inf" or "nan" behind a sign. */
static int
read_signed_word(struct toml_reader *r, size_t start, int32_t c, struct tval *ret, struct err *err)
{
    int second = toml_accept(r, c == 'i' ? 'n' : 'a', err);
    TRY(second);
    int third = second ? toml_accept(r, c == 'i' ? 'f' : 'n', err) : 0;
    TRY(third);
    if (!third) {
        return fail_word(r, start, err);
    }
    return read_float(r, str_sub(r->text, start, r->at), ret, err);
}

/* At a sign. */
static int read_signed(struct toml_reader *r, struct tval *ret, struct err *err)
{
    size_t start = r->at++;
    int32_t c = toml_next(r, err);
    TRY(c);
    if (c == 'i' || c == 'n') {
        return read_signed_word(r, start, c, ret, err);
    }
    if (c == '.') {
        return toml_fail(r, TOML_HERE, err, "floats must start with a digit, not '.'");
    }
    if (!is_digit(c)) {
        return toml_fail(r, TOML_HERE, err, "expected a digit but got " STR_FMT,
                         STR_ARG(toml_quote_rune(r, c)));
    }
    int32_t follows = toml_peek(r, err);
    TRY(follows);
    if (c == '0' && (follows == 'b' || follows == 'o' || follows == 'x')) {
        return toml_fail(r, TOML_HERE, err,
                         "cannot use sign with non-decimal numbers: '" STR_FMT "%c'",
                         STR_ARG(str_sub(r->text, start, r->at)), (char)follows);
    }
    return read_decimal_from(r, start, ret, err);
}

/* Letters: true, false, inf, nan. */
static int read_word(struct toml_reader *r, struct tval *ret, struct err *err)
{
    size_t start = r->at;
    struct str rest = str_sub(r->text, start, r->text.n);
    if (str_starts_with(rest, STR("inf")) || str_starts_with(rest, STR("nan"))) {
        r->at += 3;
        return read_float(r, str_sub(rest, 0, 3), ret, err);
    }
    int32_t c = toml_peek(r, err);
    while (c > 0 && utf8_is_letter((uint32_t)c)) {
        TRY(toml_next(r, err));
        c = toml_peek(r, err);
    }
    TRY(c);
    struct str word = str_sub(r->text, start, r->at);
    bool is_true = str_eq_c(word, "true");
    if (!is_true && !str_eq_c(word, "false")) {
        return toml_fail(r, TOML_HERE, err, "expected value but found " STR_FMT " instead",
                         STR_ARG(toml_quote(r, word)));
    }
    *ret = tval_bool(is_true);
    return 0;
}

static int fail_value(struct toml_reader *r, struct err *err)
{
    int32_t c = toml_next(r, err);
    TRY(c);
    if (c == TOML_EOF) {
        return toml_fail(r, TOML_HERE, err, "unexpected EOF; expected value");
    }
    if (c == '.') {
        return toml_fail(r, TOML_HERE, err, "floats must start with a digit, not '.'");
    }
    return toml_fail(r, c == '\n' ? TOML_PREVIOUS_LINE : TOML_HERE, err,
                     "expected value but found " STR_FMT " instead",
                     STR_ARG(toml_quote_rune(r, c)));
}

int toml_read_plain(struct toml_reader *r, struct tval *ret, struct err *err)
{
    int32_t c = toml_peek(r, err);
    TRY(c);
    if (is_digit(c)) {
        return read_number(r, ret, err);
    }
    if (c == '-' || c == '+') {
        return read_signed(r, ret, err);
    }
    if (c != TOML_EOF && utf8_is_letter((uint32_t)c)) {
        return read_word(r, ret, err);
    }
    return fail_value(r, err);
}
