/* Times and durations: sprig's date.go and Helm 4's duration functions.
 *
 * The local zone is UTC, so that results do not depend on the machine. Names of zones that nobody knows are taken
 * for UTC, as sprig does. */
#include <math.h>

#include "common/base/limits.h"
#include "common/base/num.h"
#include "common/base/tzif.h"
#include "engine/engine_env.h"
#include "engine/template/func.h"
#include "engine/template/gotime.h"
#include "engine/template/time_class.h"

enum { MS_PER_S = 1000, NS_PER_MS = 1000000 };

static struct tval_time time_now(const struct tcall *call)
{
    int64_t ms = call->env != NULL ? call->env->now_ms : 0;
    int64_t s = ms / MS_PER_S - (ms % MS_PER_S < 0 ? 1 : 0);
    return gotime_utc(s, (int32_t)(ms - s * MS_PER_S) * NS_PER_MS);
}

/* A time, or seconds since 1970; anything else is now, floats too. */
static struct tval_time to_time(const struct tcall *call, struct tval v)
{
    if (v.kind == TVAL_TIME) {
        return *v.time;
    }
    if (v.kind == TVAL_INT || v.kind == TVAL_INT64) {
        return gotime_utc(v.i, 0);
    }
    return time_now(call);
}

/* ---- times ---- */

static int now(TFUNC_PARAMS)
{
    *ret = tval_time_new(call->arena, time_now(call));
    return 0;
}

/* The time as it is shown in a zone. */
static int in_zone(
    struct tcall *call, struct tval_time t, struct str zone, struct tval_time *ret, struct err *err)
{
    struct str data = STR_EMPTY;
    bool is_named = zone.n > 0 && !str_eq_c(zone, "UTC") && !str_eq_c(zone, "Local");
    if (is_named && call->env != NULL && call->env->zone != NULL) {
        TRY(call->env->zone(call->arena, zone, &data, err));
    }
    if (data.n == 0) {
        *ret = gotime_utc(t.s, t.ns);
        return 0;
    }
    struct tzif_period p;
    TRY_IN(tzif_at(data, t.s, &p, err), err, "zone '" STR_FMT "'", STR_ARG(zone));
    *ret = (struct tval_time){.s = t.s, .ns = t.ns, .offset_s = p.offset_s};
    memcpy(ret->zone, p.name.p, p.name.n);
    return 0;
}

static int format(struct tcall *call,
                  struct str layout,
                  struct tval v,
                  struct str zone,
                  struct tval *ret,
                  struct err *err)
{
    struct tval_time t = to_time(call, v);
    AUTO(buf) struct buf text;
    buf_init(&text, LIMIT_DOC_BYTES);
    TRY(budget_steps(call->budget, layout.n, err));
    TRY(in_zone(call, t, zone, &t, err));
    gotime_format(&text, &t, layout);
    TRY(buf_check(&text, "a formatted time", err));
    *ret = tval_str(buf_to_arena(&text, call->arena));
    return 0;
}

static int date(TFUNC_PARAMS)
{
    return format(call, args[0].s, args[1], STR_EMPTY, ret, err);
}

static int date_in_zone(TFUNC_PARAMS)
{
    return format(call, args[0].s, args[1], args[2].s, ret, err);
}

static int html_date(TFUNC_PARAMS)
{
    return format(call, STR("2006-01-02"), args[0], STR_EMPTY, ret, err);
}

static int html_date_in_zone(TFUNC_PARAMS)
{
    return format(call, STR("2006-01-02"), args[0], args[1].s, ret, err);
}

static int expect_time(struct tcall *call, struct tval v, struct err *err)
{
    if (v.kind == TVAL_TIME) {
        return 0;
    }
    struct str type = tval_type_name(call->arena, v);
    return err_set(err, ERR_INVALID, "wrong type for value; expected time.Time; got " STR_FMT,
                   STR_ARG(v.kind == TVAL_NIL ? STR("interface {}") : type));
}

static int must_date_modify(TFUNC_PARAMS)
{
    int64_t ns = 0;
    TRY(expect_time(call, args[1], err));
    TRY(gotime_parse_duration(args[0].s, &ns, err));
    *ret = tval_time_new(call->arena, gotime_add(*args[1].time, ns));
    return 0;
}

static int date_modify(TFUNC_PARAMS)
{
    struct err ignored;
    int64_t ns = 0;
    TRY(expect_time(call, args[1], err));
    if (gotime_parse_duration(args[0].s, &ns, &ignored) < 0) {
        ns = 0;
    }
    *ret = tval_time_new(call->arena, gotime_add(*args[1].time, ns));
    return 0;
}

static int must_to_date(TFUNC_PARAMS)
{
    struct tval_time t;
    TRY(budget_steps(call->budget, args[0].s.n, err));
    TRY(gotime_parse(args[0].s, args[1].s, &t, err));
    *ret = tval_time_new(call->arena, t);
    return 0;
}

/* What cannot be read is Go's zero time, the first of January of the year 1. */
static int to_date(TFUNC_PARAMS)
{
    static const struct civil ZERO = {.year = 1, .month = 1, .day = 1};
    struct err ignored;
    struct tval_time t;
    TRY(budget_steps(call->budget, args[0].s.n, err));
    if (gotime_parse(args[0].s, args[1].s, &t, &ignored) < 0) {
        t = gotime_utc(civil_seconds(&ZERO), 0);
    }
    *ret = tval_time_new(call->arena, t);
    return 0;
}

static int unix_epoch(TFUNC_PARAMS)
{
    TRY(expect_time(call, args[0], err));
    *ret = tval_str(arena_printf(call->arena, "%lld", (long long)args[0].time->s));
    return 0;
}

/* ---- durations as text ---- */

static int print_duration(struct tcall *call, int64_t ns, struct tval *ret)
{
    AUTO(buf) struct buf text;
    buf_init(&text, 64);
    tval_print_duration(&text, ns);
    *ret = tval_str(buf_to_arena(&text, call->arena));
    return 0;
}

static int64_t since(const struct tcall *call, struct tval_time t)
{
    struct tval_time at = time_now(call);
    return gotime_between(&t, &at);
}

static int ago(TFUNC_PARAMS)
{
    int64_t ns = since(call, to_time(call, args[0]));
    return print_duration(call, gotime_round_duration(ns, GOTIME_NS_PER_S), ret);
}

/* Of an int64 or a decimal text; all else is 0, ints too. Wraps as Go does. */
static int duration(TFUNC_PARAMS)
{
    int64_t s = args[0].kind == TVAL_INT64 ? args[0].i : 0;
    if (args[0].kind == TVAL_STRING) {
        s = num_nearest_int(args[0].s);
    }
    return print_duration(call, (int64_t)((uint64_t)s * (uint64_t)GOTIME_NS_PER_S), ret);
}

/* The largest unit alone; a whole unit does not count as larger. */
static int duration_round(TFUNC_PARAMS)
{
    static const struct {
        const char *name;
        uint64_t s;
    } UNITS[] = {{"y", 365 * 86400}, {"mo", 30 * 86400}, {"d", 86400},
                 {"h", 3600},        {"m", 60},          {"s", 1}};
    struct err ignored;
    int64_t ns = args[0].kind == TVAL_INT64 ? args[0].i : 0;
    if (args[0].kind == TVAL_STRING && gotime_parse_duration(args[0].s, &ns, &ignored) < 0) {
        ns = 0;
    } else if (args[0].kind == TVAL_TIME) {
        ns = since(call, *args[0].time);
    }
    uint64_t u = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
    *ret = tval_str(STR("0s"));
    for (size_t i = 0; i < ARRAY_LEN(UNITS); i++) {
        uint64_t unit = UNITS[i].s * (uint64_t)GOTIME_NS_PER_S;
        if (u > unit) {
            *ret = tval_str(
                arena_printf(call->arena, "%llu%s", (unsigned long long)(u / unit), UNITS[i].name));
            break;
        }
    }
    return 0;
}

/* ---- durations as numbers ---- */

static int overflow(struct tcall *call, struct tval v, const char *what, struct err *err)
{
    struct str text = tval_text(call->arena, v);
    return err_set(err, ERR_INVALID, "%s: " STR_FMT, what, STR_ARG(text));
}

static int from_float_seconds(struct tcall *call, double s, int64_t *ret, struct err *err)
{
    static const double MAX_S = 9223372036.854775807;
    if (!isfinite(s)) {
        return overflow(call, tval_float(s), "invalid duration seconds", err);
    }
    if (s > MAX_S || s < -MAX_S) {
        return overflow(call, tval_float(s), "duration seconds overflow", err);
    }
    double ns = s * (double)GOTIME_NS_PER_S;
    *ret = ns >= 0x1p63 || ns < -0x1p63 ? INT64_MIN : (int64_t)ns; /* as amd64 converts */
    return 0;
}

static int from_text(struct tcall *call, struct str text, int64_t *ret, struct err *err)
{
    struct str s = str_trim(text);
    double f = 0;
    if (s.n == 0) {
        return err_set(err, ERR_INVALID, "empty duration");
    }
    if (gotime_parse_duration(s, ret, err) == 0) {
        return 0;
    }
    if (tval_parse_float(s, &f)) {
        return from_float_seconds(call, f, ret, err);
    }
    AUTO(buf) struct buf quoted;
    buf_init(&quoted, ERR_MESSAGE_BYTES);
    tval_quote(&quoted, text);
    return err_set(err, ERR_INVALID, "could not parse duration %s", quoted.p);
}

/* A duration, its text, or a number of seconds. */
static int as_duration(struct tcall *call, struct tval v, int64_t *ret, struct err *err)
{
    struct str type;
    switch (v.kind) {
    case TVAL_DURATION:
        *ret = v.i;
        return 0;
    case TVAL_STRING:
        return from_text(call, v.s, ret, err);
    case TVAL_FLOAT64:
        return from_float_seconds(call, v.f, ret, err);
    case TVAL_INT:
    case TVAL_INT64:
    case TVAL_UINT8:
    case TVAL_UINT64:
        if (__builtin_mul_overflow(v.i, GOTIME_NS_PER_S, ret) ||
            (v.kind == TVAL_UINT64 && v.u > INT64_MAX)) {
            return overflow(call, v, "duration seconds overflow", err);
        }
        return 0;
    case TVAL_NIL:
        return err_set(err, ERR_INVALID, "invalid duration");
    case TVAL_BOOL:
    case TVAL_BYTES:
    case TVAL_LIST:
    case TVAL_MAP:
    case TVAL_TIME:
    case TVAL_MONTH:
    case TVAL_WEEKDAY:
    case TVAL_OBJECT:
    case TVAL_KIND_COUNT:
        break;
    }
    type = tval_type_name(call->arena, v);
    return err_set(err, ERR_INVALID, "unsupported duration type " STR_FMT, STR_ARG(type));
}

/* 0 for what is none. */
static int64_t duration_or_zero(struct tcall *call, struct tval v)
{
    struct err ignored;
    int64_t ns = 0;
    return as_duration(call, v, &ns, &ignored) < 0 ? 0 : ns;
}

static int must_to_duration(TFUNC_PARAMS)
{
    int64_t ns = 0;
    TRY(as_duration(call, args[0], &ns, err));
    *ret = tval_duration(ns);
    return 0;
}

/* Whole units and the rest apart, as Go computes it: more exact than one division. */
static int units(struct tcall *call, struct tval v, int64_t unit_s, struct tval *ret)
{
    int64_t ns = duration_or_zero(call, v);
    int64_t unit = unit_s * GOTIME_NS_PER_S;
    *ret = tval_float((double)(ns / unit) + (double)(ns % unit) / (double)unit);
    return 0;
}

static int duration_seconds(TFUNC_PARAMS)
{
    return units(call, args[0], 1, ret);
}

static int duration_minutes(TFUNC_PARAMS)
{
    return units(call, args[0], 60, ret);
}

static int duration_hours(TFUNC_PARAMS)
{
    return units(call, args[0], 3600, ret);
}

static int duration_days(TFUNC_PARAMS)
{
    (void)units(call, args[0], 3600, ret); /* cannot fail */
    ret->f /= 24;
    return 0;
}

static int duration_weeks(TFUNC_PARAMS)
{
    (void)units(call, args[0], 3600, ret); /* cannot fail */
    ret->f = ret->f / 24 / 7;
    return 0;
}

static int duration_milliseconds(TFUNC_PARAMS)
{
    *ret = tval_int64(duration_or_zero(call, args[0]) / 1000000);
    return 0;
}

static int duration_microseconds(TFUNC_PARAMS)
{
    *ret = tval_int64(duration_or_zero(call, args[0]) / 1000);
    return 0;
}

static int duration_nanoseconds(TFUNC_PARAMS)
{
    *ret = tval_int64(duration_or_zero(call, args[0]));
    return 0;
}

static int duration_round_to(TFUNC_PARAMS)
{
    int64_t ns = duration_or_zero(call, args[0]);
    *ret = tval_duration(gotime_round_duration(ns, duration_or_zero(call, args[1])));
    return 0;
}

static int duration_truncate_to(TFUNC_PARAMS)
{
    int64_t ns = duration_or_zero(call, args[0]);
    int64_t unit = duration_or_zero(call, args[1]);
    *ret = tval_duration(unit > 0 ? ns - ns % unit : ns);
    return 0;
}

static const struct tfunc ROWS[] = {
    {"now", "", now},
    {"date", "sa", date},
    {"dateInZone", "sas", date_in_zone},
    {"date_in_zone", "sas", date_in_zone},
    {"htmlDate", "a", html_date},
    {"htmlDateInZone", "as", html_date_in_zone},
    {"dateModify", "sa", date_modify},
    {"date_modify", "sa", date_modify},
    {"mustDateModify", "sa", must_date_modify},
    {"must_date_modify", "sa", must_date_modify},
    {"toDate", "ss", to_date},
    {"mustToDate", "ss", must_to_date},
    {"unixEpoch", "a", unix_epoch},
    {"ago", "a", ago},
    {"duration", "a", duration},
    {"durationRound", "a", duration_round},
    {"mustToDuration", "a", must_to_duration},
    {"durationSeconds", "a", duration_seconds},
    {"durationMilliseconds", "a", duration_milliseconds},
    {"durationMicroseconds", "a", duration_microseconds},
    {"durationNanoseconds", "a", duration_nanoseconds},
    {"durationMinutes", "a", duration_minutes},
    {"durationHours", "a", duration_hours},
    {"durationDays", "a", duration_days},
    {"durationWeeks", "a", duration_weeks},
    {"durationRoundTo", "aa", duration_round_to},
    {"durationTruncateTo", "aa", duration_truncate_to},
};

const struct tfunc_table TFUNCS_DATE = TFUNC_TABLE(ROWS);
