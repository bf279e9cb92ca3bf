/* Each field is a set of bits; the next moment is found by leaping to the next month, day, hour and minute that are in theirs. */
#include "common/base/cron.h"

#include <stddef.h>

#include "common/base/civil.h"
#include "common/base/num.h"

enum {
    MINUTE_S = 60,
    YEARS_AHEAD = 5,
};

static const char *const MONTHS[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                     "jul", "aug", "sep", "oct", "nov", "dec"};
static const char *const WEEKDAYS[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

static const struct field {
    const char *name;
    unsigned min;
    unsigned max;
    const char *const *names; /* of the values from min on; NULL = none */
} FIELDS[CRON_FIELD_COUNT] = {
    [CRON_MINUTE] = {"minute", 0, 59, NULL},
    [CRON_HOUR] = {"hour", 0, 23, NULL},
    [CRON_DAY] = {"day of the month", 1, 31, NULL},
    [CRON_MONTH] = {"month", 1, 12, MONTHS},
    [CRON_WEEKDAY] = {"day of the week", 0, 6, WEEKDAYS},
};

/* ---- reading ---- */

static bool read_value(const struct field *field, struct str text, unsigned *ret)
{
    uint64_t n;
    for (unsigned i = 0; field->names != NULL && i <= field->max - field->min; i++) {
        if (str_eq_nocase(text, str_from(field->names[i]))) {
            *ret = field->min + i;
            return true;
        }
    }
    if (!num_digits(text, 10, &n) || n < field->min || n > field->max) {
        return false;
    }
    *ret = (unsigned)n;
    return true;
}

struct range {
    unsigned from;
    unsigned to;
    unsigned step;
    bool any; /* "*" without a step */
};

/* "*", "5", "1-5", and all with "/2" behind; "5/2" goes on to the end. */
static bool read_range(const struct field *field, struct str text, struct range *ret)
{
    struct str step;
    struct str from;
    struct str to;
    uint64_t n = 1;
    bool has_step = str_cut(text, '/', &text, &step);
    struct range r = {.from = field->min, .to = field->max, .step = 1};
    if (has_step && (!num_digits(step, 10, &n) || n == 0)) {
        return false;
    }
    /* one beyond the end leaves the first value alone */
    r.step = (unsigned)MIN(n, (uint64_t)field->max + 1);
    bool is_all = str_eq_c(text, "*") || str_eq_c(text, "?");
    r.any = is_all && r.step == 1;
    if (!is_all && str_cut(text, '-', &from, &to)) {
        if (!read_value(field, from, &r.from) || !read_value(field, to, &r.to) || r.from > r.to) {
            return false;
        }
    } else if (!is_all) {
        if (!read_value(field, text, &r.from)) {
            return false;
        }
        r.to = has_step ? field->max : r.from;
    }
    *ret = r;
    return true;
}

static bool read_field(const struct field *field, struct str text, uint64_t *ret, bool *ret_any)
{
    struct str part;
    *ret = 0;
    *ret_any = false;
    while (str_next(&text, ',', &part)) {
        struct range r;
        if (!read_range(field, part, &r)) {
            return false;
        }
        for (unsigned v = r.from; v <= r.to; v += r.step) {
            *ret |= UINT64_C(1) << v;
        }
        *ret_any = *ret_any || r.any;
    }
    return *ret != 0;
}

/* The text up to the next blank; "" at the end. */
static struct str take_word(struct str *text)
{
    size_t n = 0;
    *text = str_trim(*text);
    while (n < text->n && text->p[n] != ' ' && text->p[n] != '\t') {
        n++;
    }
    struct str word = str_sub(*text, 0, n);
    *text = str_sub(*text, n, text->n);
    return word;
}

int cron_parse(struct str text, struct cron *ret, struct err *err)
{
    struct cron cron = {0};
    bool any[CRON_FIELD_COUNT] = {false};
    struct str rest = text;
    for (size_t i = 0; i < CRON_FIELD_COUNT; i++) {
        struct str word = take_word(&rest);
        if (word.n == 0) {
            return err_set(err, ERR_INVALID, "schedule '" STR_FMT "' has %zu fields, not five",
                           STR_ARG(text), i);
        }
        if (!read_field(&FIELDS[i], word, &cron.set[i], &any[i])) {
            return err_set(
                err, ERR_INVALID, "schedule '" STR_FMT "': '" STR_FMT "' is no %s (%u to %u)",
                STR_ARG(text), STR_ARG(word), FIELDS[i].name, FIELDS[i].min, FIELDS[i].max);
        }
    }
    if (take_word(&rest).n > 0) {
        return err_set(err, ERR_INVALID, "schedule '" STR_FMT "' has more than five fields",
                       STR_ARG(text));
    }
    cron.any_day = any[CRON_DAY];
    cron.any_weekday = any[CRON_WEEKDAY];
    *ret = cron;
    return 0;
}

/* ---- the next moment ---- */

static bool has(const struct cron *cron, enum cron_field field, int value)
{
    return (cron->set[field] >> value & 1) != 0;
}

static bool day_matches(const struct cron *cron, const struct civil *c)
{
    bool day = has(cron, CRON_DAY, c->day);
    bool weekday = has(cron, CRON_WEEKDAY, c->weekday);
    return cron->any_day || cron->any_weekday ? day && weekday : day || weekday;
}

/* The first value of a set from `from` on; -1 when there is none. */
static int first_from(uint64_t set, int from)
{
    uint64_t rest = set >> from << from;
    return rest == 0 ? -1 : __builtin_ctzll(rest);
}

/* The first moment of the day from c's time on; false when the day has none. */
static bool next_in_day(const struct cron *cron, struct civil *c)
{
    int hour = first_from(cron->set[CRON_HOUR], c->hour);
    int minute = hour == c->hour ? first_from(cron->set[CRON_MINUTE], c->minute) : -1;
    if (hour == c->hour && minute < 0) {
        hour = first_from(cron->set[CRON_HOUR], c->hour + 1);
    }
    if (hour < 0) {
        return false;
    }
    c->hour = hour;
    c->minute = minute >= 0 ? minute : first_from(cron->set[CRON_MINUTE], 0);
    return true;
}

int64_t cron_next(const struct cron *cron, int64_t s)
{
    struct civil c = civil_from_seconds(s + MINUTE_S);
    int64_t last_year = c.year + YEARS_AHEAD;
    c.second = 0;
    while (c.year <= last_year) {
        if (has(cron, CRON_MONTH, c.month) && day_matches(cron, &c) && next_in_day(cron, &c)) {
            return civil_seconds(&c);
        }
        struct civil next = {.year = c.year, .month = c.month, .day = c.day + 1};
        if (!has(cron, CRON_MONTH, c.month)) {
            next.day = civil_days_in_month(c.year, c.month) + 1;
        }
        c = civil_from_seconds(civil_seconds(&next));
    }
    return CRON_NEVER;
}
