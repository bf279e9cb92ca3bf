/* Methods of package time that a template can call: those with one result. A location is no more than what the
 * times it was taken from show, as templates cannot look one up. */
#include "engine/template/time_class.h"

#include "common/base/limits.h"
#include "engine/template/func.h"
#include "engine/template/gotime.h"

enum { MONTHS_PER_YEAR = 12 };

struct tval tval_time_new(struct arena *arena, struct tval_time t)
{
    struct tval_time *copy = ARENA_NEW(arena, struct tval_time);
    *copy = t;
    return (struct tval){.kind = TVAL_TIME, .time = copy};
}

struct tval tval_duration(int64_t ns)
{
    return (struct tval){.kind = TVAL_DURATION, .i = ns};
}

static int set_text(struct tcall *call, struct buf *text, struct tval *ret, struct err *err)
{
    TRY(buf_check(text, "a formatted time", err));
    *ret = tval_str(buf_to_arena(text, call->arena));
    return 0;
}

/* ---- locations ---- */

static void location_print(const void *data, struct buf *out)
{
    buf_put_c(out, ((const struct tval_time *)data)->zone);
}

static int location_string(TMETHOD_PARAMS)
{
    *ret = tval_str(str_from(((const struct tval_time *)data)->zone));
    return 0;
}

static const struct tmethod LOCATION_METHODS[] = {{"String", "", location_string},
                                                  {NULL, NULL, NULL}};

static const struct tclass LOCATION = {
    .type = "*time.Location",
    .kind = "ptr",
    .methods = LOCATION_METHODS,
    .print = location_print,
};

static int time_location(TMETHOD_PARAMS)
{
    *ret = tval_obj(call->arena, &LOCATION, data);
    return 0;
}

static int time_in(TMETHOD_PARAMS)
{
    const struct tval_time *t = data;
    struct tval_time moved = *(const struct tval_time *)args[0].obj->data;
    moved.s = t->s;
    moved.ns = t->ns;
    *ret = tval_time_new(call->arena, moved);
    return 0;
}

/* Local time is UTC: results do not depend on the machine. */
static int time_utc(TMETHOD_PARAMS)
{
    const struct tval_time *t = data;
    *ret = tval_time_new(call->arena, gotime_utc(t->s, t->ns));
    return 0;
}

/* ---- parts ---- */

static int time_unix(TMETHOD_PARAMS)
{
    *ret = tval_int64(((const struct tval_time *)data)->s);
    return 0;
}

/* Wraps as Go does. */
static int64_t in_units(const struct tval_time *t, int64_t per_s)
{
    uint64_t whole = (uint64_t)t->s * (uint64_t)per_s;
    return (int64_t)(whole + (uint64_t)(t->ns / (GOTIME_NS_PER_S / per_s)));
}

static int time_unix_milli(TMETHOD_PARAMS)
{
    *ret = tval_int64(in_units(data, 1000));
    return 0;
}

static int time_unix_micro(TMETHOD_PARAMS)
{
    *ret = tval_int64(in_units(data, 1000000));
    return 0;
}

static int time_unix_nano(TMETHOD_PARAMS)
{
    *ret = tval_int64(in_units(data, GOTIME_NS_PER_S));
    return 0;
}

static int time_year(TMETHOD_PARAMS)
{
    *ret = tval_int(gotime_civil(data).year);
    return 0;
}

static int time_month(TMETHOD_PARAMS)
{
    *ret = (struct tval){.kind = TVAL_MONTH, .i = gotime_civil(data).month};
    return 0;
}

static int time_day(TMETHOD_PARAMS)
{
    *ret = tval_int(gotime_civil(data).day);
    return 0;
}

static int time_hour(TMETHOD_PARAMS)
{
    *ret = tval_int(gotime_civil(data).hour);
    return 0;
}

static int time_minute(TMETHOD_PARAMS)
{
    *ret = tval_int(gotime_civil(data).minute);
    return 0;
}

static int time_second(TMETHOD_PARAMS)
{
    *ret = tval_int(gotime_civil(data).second);
    return 0;
}

static int time_nanosecond(TMETHOD_PARAMS)
{
    *ret = tval_int(((const struct tval_time *)data)->ns);
    return 0;
}

static int time_year_day(TMETHOD_PARAMS)
{
    *ret = tval_int(gotime_civil(data).day_of_year);
    return 0;
}

static int time_weekday(TMETHOD_PARAMS)
{
    *ret = (struct tval){.kind = TVAL_WEEKDAY, .i = gotime_civil(data).weekday};
    return 0;
}

/* The first of January of the year 1. */
static int time_is_zero(TMETHOD_PARAMS)
{
    static const struct civil ZERO = {.year = 1, .month = 1, .day = 1};
    const struct tval_time *t = data;
    *ret = tval_bool(t->s == civil_seconds(&ZERO) && t->ns == 0);
    return 0;
}

/* No zone of a time in a template has one: named zones are formatted only. */
static int time_is_dst(TMETHOD_PARAMS)
{
    *ret = tval_bool(false);
    return 0;
}

/* ---- text ---- */

static int time_format(TMETHOD_PARAMS)
{
    AUTO(buf) struct buf text;
    buf_init(&text, LIMIT_DOC_BYTES);
    TRY(budget_steps(call->budget, args[0].s.n, err));
    gotime_format(&text, data, args[0].s);
    return set_text(call, &text, ret, err);
}

static int time_string(TMETHOD_PARAMS)
{
    AUTO(buf) struct buf text;
    buf_init(&text, LIMIT_KIB);
    tval_print(&text, (struct tval){.kind = TVAL_TIME, .time = data});
    return set_text(call, &text, ret, err);
}

/* ---- arithmetic ---- */

static int time_add(TMETHOD_PARAMS)
{
    *ret = tval_time_new(call->arena, gotime_add(*(const struct tval_time *)data, args[0].i));
    return 0;
}

static int time_sub(TMETHOD_PARAMS)
{
    *ret = tval_duration(gotime_between(args[0].time, data));
    return 0;
}

/* Days that a month does not have run on into the next one. */
static int time_add_date(TMETHOD_PARAMS)
{
    struct tval_time t = *(const struct tval_time *)data;
    struct civil c = gotime_civil(&t);
    int64_t months = 0;
    int64_t years = 0;
    for (size_t i = 0; i < 3; i++) {
        if (args[i].i > INT32_MAX || args[i].i < INT32_MIN) {
            return err_set(err, ERR_LIMIT, "AddDate: %lld is too much", (long long)args[i].i);
        }
    }
    months = c.month - 1 + args[1].i;
    years = months / MONTHS_PER_YEAR - (months % MONTHS_PER_YEAR < 0 ? 1 : 0);
    c.year += args[0].i + years;
    c.month = (int)(months - years * MONTHS_PER_YEAR) + 1;
    int64_t day = c.day + args[2].i;
    c.day = 1;
    t.s = civil_seconds(&c) + (day - 1) * 86400 - t.offset_s;
    *ret = tval_time_new(call->arena, t);
    return 0;
}

/* Since the zero time, in UTC, as Go does it: the seconds alone do not fit into a duration. */
static int64_t over_unit(const struct tval_time *t, int64_t unit_ns)
{
    static const struct civil ZERO = {.year = 1, .month = 1, .day = 1};
    __int128 ns = (__int128)(t->s - civil_seconds(&ZERO)) * GOTIME_NS_PER_S + t->ns;
    __int128 over = ns % unit_ns;
    return (int64_t)(over < 0 ? over + unit_ns : over);
}

static int time_truncate(TMETHOD_PARAMS)
{
    int64_t unit = args[0].i;
    const struct tval_time *t = data;
    *ret = tval_time_new(call->arena, unit > 0 ? gotime_add(*t, -over_unit(t, unit)) : *t);
    return 0;
}

static int time_round(TMETHOD_PARAMS)
{
    int64_t unit = args[0].i;
    const struct tval_time *t = data;
    int64_t over = unit > 0 ? over_unit(t, unit) : 0;
    int64_t by = over < unit - over ? -over : unit - over;
    *ret = tval_time_new(call->arena, unit > 0 ? gotime_add(*t, by) : *t);
    return 0;
}

static int compare(const struct tval_time *a, const struct tval_time *b)
{
    if (a->s != b->s) {
        return a->s < b->s ? -1 : 1;
    }
    return (a->ns > b->ns) - (a->ns < b->ns);
}

static int time_compare(TMETHOD_PARAMS)
{
    *ret = tval_int(compare(data, args[0].time));
    return 0;
}

static int time_after(TMETHOD_PARAMS)
{
    *ret = tval_bool(compare(data, args[0].time) > 0);
    return 0;
}

static int time_before(TMETHOD_PARAMS)
{
    *ret = tval_bool(compare(data, args[0].time) < 0);
    return 0;
}

static int time_equal(TMETHOD_PARAMS)
{
    *ret = tval_bool(compare(data, args[0].time) == 0);
    return 0;
}

static const struct tmethod TIME_METHODS[] = {
    {"Unix", "", time_unix},
    {"UnixMilli", "", time_unix_milli},
    {"UnixMicro", "", time_unix_micro},
    {"UnixNano", "", time_unix_nano},
    {"Year", "", time_year},
    {"Month", "", time_month},
    {"Day", "", time_day},
    {"Hour", "", time_hour},
    {"Minute", "", time_minute},
    {"Second", "", time_second},
    {"Nanosecond", "", time_nanosecond},
    {"YearDay", "", time_year_day},
    {"Weekday", "", time_weekday},
    {"IsZero", "", time_is_zero},
    {"IsDST", "", time_is_dst},
    {"Location", "", time_location},
    {"In", "z", time_in},
    {"UTC", "", time_utc},
    {"Local", "", time_utc},
    {"Format", "s", time_format},
    {"String", "", time_string},
    {"Add", "d", time_add},
    {"AddDate", "iii", time_add_date},
    {"Sub", "t", time_sub},
    {"Truncate", "d", time_truncate},
    {"Round", "d", time_round},
    {"Compare", "t", time_compare},
    {"After", "t", time_after},
    {"Before", "t", time_before},
    {"Equal", "t", time_equal},
    {NULL, NULL, NULL},
};

const struct tclass TVAL_TIME_CLASS = {
    .type = "time.Time", .kind = "struct", .methods = TIME_METHODS};

/* ---- durations ---- */

static int64_t ns_of(const void *data)
{
    return *(const int64_t *)data;
}

/* Whole units and the rest apart, as Go computes it: more exact than one division. */
static int in_float(const void *data, int64_t unit_s, struct tval *ret)
{
    int64_t unit = unit_s * GOTIME_NS_PER_S;
    int64_t ns = ns_of(data);
    *ret = tval_float((double)(ns / unit) + (double)(ns % unit) / (double)unit);
    return 0;
}

static int duration_hours(TMETHOD_PARAMS)
{
    return in_float(data, 3600, ret);
}

static int duration_minutes(TMETHOD_PARAMS)
{
    return in_float(data, 60, ret);
}

static int duration_seconds(TMETHOD_PARAMS)
{
    return in_float(data, 1, ret);
}

static int duration_milliseconds(TMETHOD_PARAMS)
{
    *ret = tval_int64(ns_of(data) / 1000000);
    return 0;
}

static int duration_microseconds(TMETHOD_PARAMS)
{
    *ret = tval_int64(ns_of(data) / 1000);
    return 0;
}

static int duration_nanoseconds(TMETHOD_PARAMS)
{
    *ret = tval_int64(ns_of(data));
    return 0;
}

static int duration_round(TMETHOD_PARAMS)
{
    *ret = tval_duration(gotime_round_duration(ns_of(data), args[0].i));
    return 0;
}

static int duration_truncate(TMETHOD_PARAMS)
{
    int64_t unit = args[0].i;
    *ret = tval_duration(unit > 0 ? ns_of(data) - ns_of(data) % unit : ns_of(data));
    return 0;
}

/* The most negative one has no opposite. */
static int duration_abs(TMETHOD_PARAMS)
{
    int64_t ns = ns_of(data);
    *ret = tval_duration(ns == INT64_MIN ? INT64_MAX : ns < 0 ? -ns : ns);
    return 0;
}

static int print_as(
    struct tcall *call, const void *data, enum tval_kind kind, struct tval *ret, struct err *err)
{
    AUTO(buf) struct buf text;
    buf_init(&text, LIMIT_KIB);
    tval_print(&text, (struct tval){.kind = kind, .i = ns_of(data)});
    return set_text(call, &text, ret, err);
}

static int duration_string(TMETHOD_PARAMS)
{
    return print_as(call, data, TVAL_DURATION, ret, err);
}

static const struct tmethod DURATION_METHODS[] = {
    {"Hours", "", duration_hours},
    {"Minutes", "", duration_minutes},
    {"Seconds", "", duration_seconds},
    {"Milliseconds", "", duration_milliseconds},
    {"Microseconds", "", duration_microseconds},
    {"Nanoseconds", "", duration_nanoseconds},
    {"Round", "d", duration_round},
    {"Truncate", "d", duration_truncate},
    {"Abs", "", duration_abs},
    {"String", "", duration_string},
    {NULL, NULL, NULL},
};

const struct tclass TVAL_DURATION_CLASS = {
    .type = "time.Duration", .kind = "int64", .methods = DURATION_METHODS};

/* ---- months and weekdays ---- */

static int month_string(TMETHOD_PARAMS)
{
    return print_as(call, data, TVAL_MONTH, ret, err);
}

static int weekday_string(TMETHOD_PARAMS)
{
    return print_as(call, data, TVAL_WEEKDAY, ret, err);
}

static const struct tmethod MONTH_METHODS[] = {{"String", "", month_string}, {NULL, NULL, NULL}};
static const struct tmethod WEEKDAY_METHODS[] = {{"String", "", weekday_string},
                                                 {NULL, NULL, NULL}};

const struct tclass TVAL_MONTH_CLASS = {
    .type = "time.Month", .kind = "int", .methods = MONTH_METHODS};
const struct tclass TVAL_WEEKDAY_CLASS = {
    .type = "time.Weekday", .kind = "int", .methods = WEEKDAY_METHODS};
