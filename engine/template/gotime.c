/* Calendar, layouts and writing times.
 *
 * A layout shows how the moment 2006-01-02 15:04:05 -0700 MST is to be written; the pieces known are those of
 * Go, found in the order of Go's scanner, since "2" begins "2006" and "Jan" begins "January". */
#include "engine/template/gotime.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "engine/template/gotime_internal.h"
#include "engine/template/tval.h"

const char *const GOTIME_MONTHS[12] = {"January",   "February", "March",    "April",
                                       "May",       "June",     "July",     "August",
                                       "September", "October",  "November", "December"};
const char *const GOTIME_WEEKDAYS[7] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                        "Thursday", "Friday", "Saturday"};

/* ---- calendar ---- */

struct civil gotime_civil(const struct tval_time *t)
{
    int64_t local = 0;
    if (__builtin_add_overflow(t->s, (int64_t)t->offset_s, &local)) {
        local = t->s;
    }
    return civil_from_seconds(local);
}

struct tval_time gotime_utc(int64_t s, int32_t ns)
{
    return (struct tval_time){.s = s, .ns = ns, .zone = "UTC"};
}

const char *gotime_month_name(int64_t month)
{
    assert(month >= 1 && month <= 12);
    return GOTIME_MONTHS[month - 1];
}

const char *gotime_weekday_name(int64_t weekday)
{
    assert(weekday >= 0 && weekday < 7);
    return GOTIME_WEEKDAYS[weekday];
}

/* ---- layouts ---- */

struct piece {
    const char *text;
    struct gotime_chunk chunk;
    bool word; /* no small letter follows: "Jan" is not found in "Janet" */
};

#define NUMBER(f, w)                                             \
    {                                                            \
        .field = (f), .width = (w), .pad = '0', .fixed = (w) > 0 \
    }
#define SPACED(f, w)                           \
    {                                          \
        .field = (f), .width = (w), .pad = ' ' \
    }
#define OFFSET(n, c)                                       \
    {                                                      \
        .field = GOTIME_OFFSET, .width = (n), .colon = (c) \
    }
#define OFFSETZ(n, c)                                                   \
    {                                                                   \
        .field = GOTIME_OFFSET, .width = (n), .colon = (c), .iso = true \
    }

static const struct piece PIECES[] = {
    {"January", {.field = GOTIME_MONTH_NAME}, false},
    {"Jan", {.field = GOTIME_MONTH_NAME, .width = 3}, true},
    {"Monday", {.field = GOTIME_WEEKDAY}, false},
    {"Mon", {.field = GOTIME_WEEKDAY, .width = 3}, true},
    {"MST", {.field = GOTIME_ZONE_NAME}, false},
    {"01", NUMBER(GOTIME_MONTH, 2), false},
    {"02", NUMBER(GOTIME_DAY, 2), false},
    {"03", NUMBER(GOTIME_HOUR12, 2), false},
    {"04", NUMBER(GOTIME_MINUTE, 2), false},
    {"05", NUMBER(GOTIME_SECOND, 2), false},
    {"06", NUMBER(GOTIME_SHORT_YEAR, 2), false},
    {"002", NUMBER(GOTIME_DAY_OF_YEAR, 3), false},
    {"15", {.field = GOTIME_HOUR, .width = 2, .pad = '0'}, false},
    {"1", NUMBER(GOTIME_MONTH, 0), false},
    {"2006", NUMBER(GOTIME_YEAR, 4), false},
    {"2", NUMBER(GOTIME_DAY, 0), false},
    {"_2", SPACED(GOTIME_DAY, 2), false},
    {"__2", SPACED(GOTIME_DAY_OF_YEAR, 3), false},
    {"3", NUMBER(GOTIME_HOUR12, 0), false},
    {"4", NUMBER(GOTIME_MINUTE, 0), false},
    {"5", NUMBER(GOTIME_SECOND, 0), false},
    {"PM", {.field = GOTIME_UPPER_PM}, false},
    {"pm", {.field = GOTIME_LOWER_PM}, false},
    {"-070000", OFFSET(3, false), false},
    {"-07:00:00", OFFSET(3, true), false},
    {"-0700", OFFSET(2, false), false},
    {"-07:00", OFFSET(2, true), false},
    {"-07", OFFSET(1, false), false},
    {"Z070000", OFFSETZ(3, false), false},
    {"Z07:00:00", OFFSETZ(3, true), false},
    {"Z0700", OFFSETZ(2, false), false},
    {"Z07:00", OFFSETZ(2, true), false},
    {"Z07", OFFSETZ(1, false), false},
};

static bool is_digit(struct str s, size_t at)
{
    return at < s.n && s.p[at] >= '0' && s.p[at] <= '9';
}

/* "_2006" is an underscore and a year. */
static bool piece_at(const struct piece *piece, struct str layout, size_t at)
{
    struct str rest = str_sub(layout, at, layout.n);
    if (rest.p[0] != piece->text[0] || !str_cut_prefix(&rest, str_from(piece->text))) {
        return false;
    }
    if (strcmp(piece->text, "_2") == 0 && str_starts_with(rest, STR("006"))) {
        return false;
    }
    return !piece->word || rest.n == 0 || rest.p[0] < 'a' || rest.p[0] > 'z';
}

/* A point or comma with zeros or nines behind it, and no other digit. */
static bool fraction_at(struct str layout, size_t at, struct gotime_chunk *ret)
{
    char digit = at + 1 < layout.n ? layout.p[at + 1] : '\0';
    if ((layout.p[at] != '.' && layout.p[at] != ',') || (digit != '0' && digit != '9')) {
        return false;
    }
    size_t end = at + 1;
    while (end < layout.n && layout.p[end] == digit) {
        end++;
    }
    if (is_digit(layout, end)) {
        return false;
    }
    *ret = (struct gotime_chunk){
        .field = digit == '0' ? GOTIME_FRACTION : GOTIME_SHORT_FRACTION,
        .start = at,
        .end = end,
        .width = (uint32_t)(end - at - 1),
    };
    return true;
}

struct gotime_chunk gotime_next_chunk(struct str layout, size_t from)
{
    struct gotime_chunk chunk;
    for (size_t at = from; at < layout.n; at++) {
        for (size_t i = 0; i < ARRAY_LEN(PIECES); i++) {
            if (piece_at(&PIECES[i], layout, at)) {
                chunk = PIECES[i].chunk;
                chunk.start = at;
                chunk.end = at + strlen(PIECES[i].text);
                return chunk;
            }
        }
        if (fraction_at(layout, at, &chunk)) {
            return chunk;
        }
    }
    return (struct gotime_chunk){.field = GOTIME_NONE, .start = layout.n, .end = layout.n};
}

/* ---- writing ---- */

void gotime_quote(struct buf *out, struct str s)
{
    buf_put_char(out, '"');
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c >= 0x80 || c < ' ') {
            buf_printf(out, "\\x%02x", c);
            continue;
        }
        if (c == '"' || c == '\\') {
            buf_put_char(out, '\\');
        }
        buf_put_char(out, (char)c);
    }
    buf_put_char(out, '"');
}

static void put_number(struct buf *out, int64_t v, uint32_t width, char pad)
{
    char digits[24];
    size_t n = 0;
    uint64_t left = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    do {
        digits[sizeof(digits) - ++n] = (char)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    if (v < 0) {
        buf_put_char(out, '-');
    }
    if (n < width) {
        buf_put_fill(out, pad, width - n);
    }
    buf_put_bytes(out, digits + sizeof(digits) - n, n);
}

static int64_t number_of(const struct civil *c, enum gotime_field field)
{
    int64_t numbers[GOTIME_FIELD_COUNT] = {
        [GOTIME_YEAR] = c->year,
        [GOTIME_SHORT_YEAR] = llabs(c->year) % 100,
        [GOTIME_MONTH] = c->month,
        [GOTIME_DAY] = c->day,
        [GOTIME_DAY_OF_YEAR] = c->day_of_year,
        [GOTIME_HOUR] = c->hour,
        [GOTIME_HOUR12] = (c->hour + 11) % 12 + 1,
        [GOTIME_MINUTE] = c->minute,
        [GOTIME_SECOND] = c->second,
    };
    return numbers[field];
}

static void put_name(struct buf *out, const char *name, uint32_t width)
{
    buf_put(out, str_of(name, width > 0 ? width : strlen(name)));
}

/* The sign is that of the minutes: an offset of some seconds is "+00". */
static void put_offset(struct buf *out, int32_t offset_s, const struct gotime_chunk *chunk)
{
    if (chunk->iso && offset_s == 0) {
        buf_put_char(out, 'Z');
        return;
    }
    bool negative = offset_s / 60 < 0;
    int minutes = abs(offset_s / 60);
    int second = (negative ? -offset_s : offset_s) % 60;
    int numbers[3] = {minutes / 60, minutes % 60, second};
    buf_put_char(out, negative ? '-' : '+');
    for (uint32_t i = 0; i < chunk->width; i++) {
        if (i > 0 && chunk->colon) {
            buf_put_char(out, ':');
        }
        put_number(out, numbers[i], 2, '0');
    }
}

static void put_zone(struct buf *out, const struct tval_time *t)
{
    static const struct gotime_chunk UNNAMED = {.field = GOTIME_OFFSET, .width = 2};
    if (t->zone[0] != '\0') {
        buf_put_c(out, t->zone);
        return;
    }
    put_offset(out, t->offset_s, &UNNAMED);
}

static void put_fraction(struct buf *out, int32_t ns, char point, const struct gotime_chunk *chunk)
{
    char digits[9];
    for (size_t i = sizeof(digits); i-- > 0; ns /= 10) {
        digits[i] = (char)('0' + ns % 10);
    }
    size_t n = MIN((size_t)chunk->width, sizeof(digits));
    while (chunk->field == GOTIME_SHORT_FRACTION && n > 0 && digits[n - 1] == '0') {
        n--;
    }
    if (n > 0) {
        buf_put_char(out, point);
        buf_put_bytes(out, digits, n);
    }
}

void gotime_format(struct buf *out, const struct tval_time *t, struct str layout)
{
    struct civil c = gotime_civil(t);
    struct gotime_chunk chunk = {0};
    for (size_t at = 0; at < layout.n; at = chunk.end) {
        chunk = gotime_next_chunk(layout, at);
        buf_put(out, str_sub(layout, at, chunk.start));
        if (chunk.field >= GOTIME_YEAR && chunk.field <= GOTIME_SECOND) {
            put_number(out, number_of(&c, chunk.field), chunk.width, chunk.pad);
        } else if (chunk.field == GOTIME_MONTH_NAME) {
            put_name(out, GOTIME_MONTHS[c.month - 1], chunk.width);
        } else if (chunk.field == GOTIME_WEEKDAY) {
            put_name(out, GOTIME_WEEKDAYS[c.weekday], chunk.width);
        } else if (chunk.field == GOTIME_UPPER_PM) {
            buf_put_c(out, c.hour >= 12 ? "PM" : "AM");
        } else if (chunk.field == GOTIME_LOWER_PM) {
            buf_put_c(out, c.hour >= 12 ? "pm" : "am");
        } else if (chunk.field == GOTIME_ZONE_NAME) {
            put_zone(out, t);
        } else if (chunk.field == GOTIME_OFFSET) {
            put_offset(out, t->offset_s, &chunk);
        } else if (chunk.field != GOTIME_NONE) {
            put_fraction(out, t->ns, layout.p[chunk.start], &chunk);
        }
    }
}
