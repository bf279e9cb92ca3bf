/* Durations: Go's notation "1h30m", rounding, and differences that end at what 64 bits hold. */
#include "engine/template/gotime.h"
#include "engine/template/gotime_internal.h"
#include "engine/template/tval.h"

static const struct {
    const char *name;
    uint64_t ns;
} UNITS[] = {
    {"ns", 1},
    {"us", 1000},
    {"\xc2\xb5s", 1000}, /* micro sign */
    {"\xce\xbcs", 1000}, /* Greek mu */
    {"ms", 1000000},
    {"s", 1000000000},
    {"m", UINT64_C(60) * 1000000000},
    {"h", UINT64_C(3600) * 1000000000},
};

/* Of the magnitude: one more than fits when positive. */
#define MAX_NS ((uint64_t)1 << 63)

static bool is_digit(struct str s)
{
    return s.n > 0 && s.p[0] >= '0' && s.p[0] <= '9';
}

static void advance(struct str *s, size_t n)
{
    *s = str_sub(*s, n, s->n);
}

/* False: too large. */
static bool take_whole(struct str *rest, uint64_t *ret)
{
    uint64_t v = 0;
    for (; is_digit(*rest); advance(rest, 1)) {
        if (v > MAX_NS / 10) {
            return false;
        }
        v = v * 10 + (uint64_t)(rest->p[0] - '0');
        if (v > MAX_NS) {
            return false;
        }
    }
    *ret = v;
    return true;
}

/* What follows the point, as v / scale; digits beyond the precision are dropped. */
static void take_fraction(struct str *rest, uint64_t *ret, double *ret_scale)
{
    uint64_t v = 0;
    double scale = 1;
    bool full = false;
    for (; is_digit(*rest); advance(rest, 1)) {
        uint64_t next = v * 10 + (uint64_t)(rest->p[0] - '0');
        full = full || v > (MAX_NS - 1) / 10 || next > MAX_NS;
        if (!full) {
            v = next;
            scale *= 10;
        }
    }
    *ret = v;
    *ret_scale = scale;
}

static int invalid(struct str text, const char *what, struct err *err)
{
    AUTO(buf) struct buf quoted;
    buf_init(&quoted, ERR_MESSAGE_BYTES);
    gotime_quote(&quoted, text);
    return err_set(err, ERR_INVALID, "time: %s %s", what, quoted.p);
}

static int take_unit(struct str *rest, struct str text, uint64_t *ret, struct err *err)
{
    size_t n = 0;
    while (n < rest->n && rest->p[n] != '.' && !(rest->p[n] >= '0' && rest->p[n] <= '9')) {
        n++;
    }
    struct str name = str_sub(*rest, 0, n);
    if (n == 0) {
        return invalid(text, "missing unit in duration", err);
    }
    advance(rest, n);
    for (size_t i = 0; i < ARRAY_LEN(UNITS); i++) {
        if (str_eq_c(name, UNITS[i].name)) {
            *ret = UNITS[i].ns;
            return 0;
        }
    }
    AUTO(buf) struct buf what;
    buf_init(&what, ERR_MESSAGE_BYTES);
    buf_put_c(&what, "unknown unit ");
    gotime_quote(&what, name);
    buf_put_c(&what, " in duration");
    return invalid(text, what.p, err);
}

/* One number with its unit, added to *sum. */
static int take_part(struct str *rest, struct str text, uint64_t *sum, struct err *err)
{
    uint64_t whole = 0;
    uint64_t fraction = 0;
    uint64_t unit = 1;
    double scale = 1;
    size_t before = rest->n;
    if (!take_whole(rest, &whole)) {
        return invalid(text, "invalid duration", err);
    }
    bool digits = rest->n < before;
    if (str_cut_prefix(rest, STR("."))) {
        before = rest->n;
        take_fraction(rest, &fraction, &scale);
        digits = digits || rest->n < before;
    }
    if (!digits) {
        return invalid(text, "invalid duration", err);
    }
    TRY(take_unit(rest, text, &unit, err));
    if (whole > MAX_NS / unit) {
        return invalid(text, "invalid duration", err);
    }
    whole = whole * unit + (uint64_t)((double)fraction * ((double)unit / scale));
    if (whole > MAX_NS || *sum > MAX_NS - whole) {
        return invalid(text, "invalid duration", err);
    }
    *sum += whole;
    return 0;
}

int gotime_parse_duration(struct str text, int64_t *ret_ns, struct err *err)
{
    struct str rest = text;
    uint64_t sum = 0;
    bool negative = str_cut_prefix(&rest, STR("-"));
    if (!negative) {
        (void)str_cut_prefix(&rest, STR("+")); /* either way */
    }
    if (str_eq_c(rest, "0")) {
        *ret_ns = 0;
        return 0;
    }
    if (rest.n == 0) {
        return invalid(text, "invalid duration", err);
    }
    while (rest.n > 0) {
        TRY(take_part(&rest, text, &sum, err));
    }
    if (!negative && sum == MAX_NS) {
        return invalid(text, "invalid duration", err);
    }
    *ret_ns = (int64_t)(negative ? 0 - sum : sum);
    return 0;
}

int64_t gotime_round_duration(int64_t ns, int64_t unit_ns)
{
    if (unit_ns <= 0) {
        return ns;
    }
    int64_t rest = ns % unit_ns;
    uint64_t distance = (uint64_t)(rest < 0 ? -rest : rest);
    int64_t cut = ns - rest;
    if (distance * 2 < (uint64_t)unit_ns) {
        return cut;
    }
    int64_t ret = 0;
    if (__builtin_add_overflow(cut, ns < 0 ? -unit_ns : unit_ns, &ret)) {
        return ns < 0 ? INT64_MIN : INT64_MAX;
    }
    return ret;
}

int64_t gotime_between(const struct tval_time *from, const struct tval_time *to)
{
    int64_t ns = 0;
    if (__builtin_sub_overflow(to->s, from->s, &ns) ||
        __builtin_mul_overflow(ns, GOTIME_NS_PER_S, &ns) ||
        __builtin_add_overflow(ns, (int64_t)to->ns - from->ns, &ns)) {
        return to->s < from->s ? INT64_MIN : INT64_MAX;
    }
    return ns;
}

struct tval_time gotime_add(struct tval_time t, int64_t ns)
{
    int64_t s = ns / GOTIME_NS_PER_S;
    int64_t rest = t.ns + ns % GOTIME_NS_PER_S;
    if (rest < 0) {
        rest += GOTIME_NS_PER_S;
        s--;
    } else if (rest >= GOTIME_NS_PER_S) {
        rest -= GOTIME_NS_PER_S;
        s++;
    }
    t.s = (int64_t)((uint64_t)t.s + (uint64_t)s);
    t.ns = (int32_t)rest;
    return t;
}
