/* A TZif file has the changes of the past, and a rule in the form of POSIX's TZ variable for what comes after
 * them. Before the first change Go takes the first zone that is not summer time. */
#include "common/base/tzif.h"

#include <string.h>

#include "common/base/civil.h"

enum {
    HEADER_BYTES = 44,
    TYPE_BYTES = 6,
    DAY_S = 86400,
    HOUR_S = 3600,
    CHANGE_S = 2 * HOUR_S, /* of the day, when a rule does not say */
    OFFSET_MAX_S = 168 * HOUR_S,
};

/* ---- the file ---- */

struct block {
    size_t n_changes;
    size_t n_types;
    size_t n_chars;
    size_t time_bytes; /* 4 in the block that old readers know */
    const unsigned char *changes;
    const unsigned char *indexes;
    const unsigned char *types;
    const unsigned char *chars;
};

static uint32_t be32(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int64_t be_time(const unsigned char *p, size_t bytes)
{
    if (bytes == 4) {
        return (int32_t)be32(p);
    }
    return (int64_t)((uint64_t)be32(p) << 32 | be32(p + 4));
}

/* The block text begins with, and what is behind it. */
static bool read_block(struct str *text, size_t time_bytes, struct block *ret)
{
    const unsigned char *p = (const unsigned char *)text->p;
    if (text->n < HEADER_BYTES || memcmp(p, "TZif", 4) != 0) {
        return false;
    }
    size_t n_utc = be32(p + 20);
    size_t n_std = be32(p + 24);
    size_t n_leaps = be32(p + 28);
    struct block b = {be32(p + 32), be32(p + 36), be32(p + 40), time_bytes, NULL, NULL, NULL, NULL};
    size_t n = HEADER_BYTES + b.n_changes * (time_bytes + 1) + b.n_types * TYPE_BYTES + b.n_chars +
               n_leaps * (time_bytes + 4) + n_std + n_utc;
    if (n > text->n || b.n_types == 0) {
        return false;
    }
    b.changes = p + HEADER_BYTES;
    b.indexes = b.changes + b.n_changes * time_bytes;
    b.types = b.indexes + b.n_changes;
    b.chars = b.types + b.n_types * TYPE_BYTES;
    *text = str_sub(*text, n, text->n);
    *ret = b;
    return true;
}

static bool read_type(const struct block *b, size_t i, struct tzif_period *ret)
{
    const unsigned char *p = b->types + i * TYPE_BYTES;
    if (i >= b->n_types || p[5] >= b->n_chars) {
        return false;
    }
    const char *name = (const char *)b->chars + p[5];
    *ret = (struct tzif_period){(int32_t)be32(p), p[4] != 0,
                                str_of(name, strnlen(name, b->n_chars - p[5]))};
    return true;
}

static bool first_period(const struct block *b, struct tzif_period *ret)
{
    bool used = false;
    for (size_t i = 0; i < b->n_changes; i++) {
        used = used || b->indexes[i] == 0;
    }
    if (!used) {
        return read_type(b, 0, ret);
    }
    if (!read_type(b, b->indexes[0], ret)) {
        return false;
    }
    for (size_t i = b->indexes[0]; ret->is_dst && i-- > 0;) {
        struct tzif_period p;
        if (read_type(b, i, &p) && !p.is_dst) {
            *ret = p;
            return true;
        }
    }
    for (size_t i = 0; i < b->n_types; i++) {
        if (read_type(b, i, ret) && !ret->is_dst) {
            return true;
        }
    }
    return read_type(b, 0, ret);
}

/* The changes that are not after s. */
static size_t changes_before(const struct block *b, int64_t s)
{
    size_t from = 0;
    size_t to = b->n_changes;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (be_time(b->changes + middle * b->time_bytes, b->time_bytes) <= s) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    return from;
}

/* ---- the rule ---- */

enum day_type { DAY_JULIAN /* without leap days */, DAY_OF_YEAR, DAY_OF_MONTH };

/* When a change comes: "M3.5.0/2". */
struct change {
    enum day_type type;
    int64_t day;
    int64_t week;
    int64_t month;
    int64_t time_s;
};

static bool take_number(struct str *text, int64_t max, int64_t *ret)
{
    int64_t n = 0;
    size_t i = 0;
    while (i < text->n && text->p[i] >= '0' && text->p[i] <= '9' && n <= max) {
        n = n * 10 + (text->p[i++] - '0');
    }
    if (i == 0 || n > max) {
        return false;
    }
    *text = str_sub(*text, i, text->n);
    *ret = n;
    return true;
}

/* "UTC" or "<+03>", three characters at least. */
static bool take_name(struct str *text, struct str *ret)
{
    if (str_cut_prefix(text, STR("<"))) {
        return str_cut(*text, '>', ret, text);
    }
    size_t n = 0;
    while (n < text->n && strchr("0123456789,-+", text->p[n]) == NULL) {
        n++;
    }
    *ret = str_sub(*text, 0, n);
    *text = str_sub(*text, n, text->n);
    return n >= 3;
}

/* "[+-]hh[:mm[:ss]]" in seconds. */
static bool take_time(struct str *text, int64_t *ret)
{
    bool negative = str_cut_prefix(text, STR("-"));
    int64_t part = 0;
    if (!negative) {
        (void)str_cut_prefix(text, STR("+")); /* only some have one */
    }
    if (!take_number(text, OFFSET_MAX_S / HOUR_S, &part)) {
        return false;
    }
    int64_t s = part * HOUR_S;
    for (int64_t unit = 60; unit > 0 && str_cut_prefix(text, STR(":")); unit /= 60) {
        if (!take_number(text, 59, &part)) {
            return false;
        }
        s += part * unit;
    }
    *ret = negative ? -s : s;
    return true;
}

static bool take_day(struct str *text, struct change *ret)
{
    if (str_cut_prefix(text, STR("J"))) {
        ret->type = DAY_JULIAN;
        return take_number(text, 365, &ret->day) && ret->day > 0;
    }
    if (!str_cut_prefix(text, STR("M"))) {
        ret->type = DAY_OF_YEAR;
        return take_number(text, 365, &ret->day);
    }
    ret->type = DAY_OF_MONTH;
    return take_number(text, 12, &ret->month) && ret->month > 0 && str_cut_prefix(text, STR(".")) &&
           take_number(text, 5, &ret->week) && ret->week > 0 && str_cut_prefix(text, STR(".")) &&
           take_number(text, 6, &ret->day);
}

static bool take_change(struct str *text, struct change *ret)
{
    ret->time_s = CHANGE_S;
    return str_cut_prefix(text, STR(",")) && take_day(text, ret) &&
           (!str_cut_prefix(text, STR("/")) || take_time(text, &ret->time_s));
}

/* Seconds since 1970 of the wall clock at the change. */
static int64_t change_at(const struct change *c, int64_t year)
{
    struct civil day = {.year = year, .month = 1, .day = 1};
    if (c->type != DAY_OF_MONTH) {
        int64_t days = c->day;
        if (c->type == DAY_JULIAN) {
            days += civil_is_leap(year) && c->day >= 60 ? 0 : -1;
        }
        return civil_seconds(&day) + days * DAY_S + c->time_s;
    }
    day.month = (int)c->month;
    int64_t first = civil_seconds(&day);
    int64_t days = (c->day - civil_from_seconds(first).weekday + 7) % 7 + (c->week - 1) * 7;
    if (days >= civil_days_in_month(year, day.month)) {
        days -= 7;
    }
    return first + days * DAY_S + c->time_s;
}

/* "CET-1CEST,M3.5.0,M10.5.0/3" */
struct rule {
    struct tzif_period std;
    struct tzif_period dst; /* without a name: there is no summer time */
    struct change start;
    struct change end;
};

/* Offsets are west of UTC; without dates they are those of the United States. */
static bool read_rule(struct str text, struct rule *ret)
{
    struct rule r = {.dst = {.is_dst = true}};
    int64_t west = 0;
    if (!take_name(&text, &r.std.name) || !take_time(&text, &west)) {
        return false;
    }
    r.std.offset_s = (int32_t)-west;
    *ret = r;
    if (text.n == 0) {
        return true;
    }
    west -= HOUR_S;
    if (!take_name(&text, &r.dst.name) ||
        (text.n > 0 && text.p[0] != ',' && !take_time(&text, &west))) {
        return false;
    }
    r.dst.offset_s = (int32_t)-west;
    if (text.n == 0) {
        text = STR(",M3.2.0,M11.1.0");
    }
    if (!take_change(&text, &r.start) || !take_change(&text, &r.end) || text.n > 0) {
        return false;
    }
    *ret = r;
    return true;
}

static bool by_rule(struct str text, int64_t s, struct tzif_period *ret)
{
    struct rule r;
    if (!read_rule(text, &r)) {
        return false;
    }
    *ret = r.std;
    if (r.dst.name.n == 0) {
        return true;
    }
    int64_t local = 0;
    if (__builtin_add_overflow(s, (int64_t)r.std.offset_s, &local)) {
        local = s;
    }
    int64_t year = civil_from_seconds(local).year;
    int64_t from = change_at(&r.start, year) - r.std.offset_s;
    int64_t to = change_at(&r.end, year) - r.dst.offset_s;
    if (from < to ? s >= from && s < to : s >= from || s < to) {
        *ret = r.dst;
    }
    return true;
}

/* ---- the module's entry ---- */

static bool find_period(struct str tzif, int64_t s, struct tzif_period *ret)
{
    struct block b;
    struct str rule = STR_EMPTY;
    bool is_old = tzif.n > 4 && tzif.p[4] == '\0';
    if (!read_block(&tzif, 4, &b)) {
        return false;
    }
    if (!is_old) {
        if (!read_block(&tzif, 8, &b) || !str_cut_prefix(&tzif, STR("\n")) ||
            !str_cut(tzif, '\n', &rule, &tzif)) {
            return false;
        }
    }
    size_t n = changes_before(&b, s);
    if (n == b.n_changes && rule.n > 0 && by_rule(rule, s, ret)) {
        return true;
    }
    return n == 0 ? first_period(&b, ret) : read_type(&b, b.indexes[n - 1], ret);
}

int tzif_at(struct str tzif, int64_t s, struct tzif_period *ret, struct err *err)
{
    struct tzif_period p;
    if (!find_period(tzif, s, &p) || p.offset_s > OFFSET_MAX_S || p.offset_s < -OFFSET_MAX_S ||
        p.name.n > TZIF_NAME_BYTES) {
        return err_set(err, ERR_INVALID, "the data of the time zone is damaged");
    }
    *ret = p;
    return 0;
}
