/* Quantities as an exact number of billionths in 128 bits.
 *
 * 2^63 units are 9.3e27 billionths, so everything Kubernetes can hold fits; what lies beyond is cut to
 * that limit while reading, as Kubernetes does. */
#include "engine/compare/quantity.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/base/arena.h"
#include "common/value/value.h"
#include "common/value/value_build.h"

typedef unsigned __int128 u128;

enum {
    NANO_DIGITS = 9,
    FRACTION_DIGITS = 20, /* kept exactly: 10^20 * 2^60 fits into 128 bits */
    DIGITS_MAX = 38,      /* decimal digits of 2^127 */
    EXPONENT_MAX = 100,   /* beyond this every amount is cut, or rounded up to a billionth */
};

static const u128 ONE = (u128)1000 * 1000 * 1000;

/* The largest amount: 2^63 - 1. */
static u128 amount_max(void)
{
    return (u128)INT64_MAX * ONE;
}

struct suffix {
    const char *text;
    enum quantity_format format;
    int power; /* of 10, or of 2 */
};

static const struct suffix SUFFIXES[] = {
    {"", QUANTITY_DECIMAL_SI, 0},   {"n", QUANTITY_DECIMAL_SI, -9}, {"u", QUANTITY_DECIMAL_SI, -6},
    {"m", QUANTITY_DECIMAL_SI, -3}, {"k", QUANTITY_DECIMAL_SI, 3},  {"M", QUANTITY_DECIMAL_SI, 6},
    {"G", QUANTITY_DECIMAL_SI, 9},  {"T", QUANTITY_DECIMAL_SI, 12}, {"P", QUANTITY_DECIMAL_SI, 15},
    {"E", QUANTITY_DECIMAL_SI, 18}, {"Ki", QUANTITY_BINARY_SI, 10}, {"Mi", QUANTITY_BINARY_SI, 20},
    {"Gi", QUANTITY_BINARY_SI, 30}, {"Ti", QUANTITY_BINARY_SI, 40}, {"Pi", QUANTITY_BINARY_SI, 50},
    {"Ei", QUANTITY_BINARY_SI, 60},
};

/* What the text says, before its parts are put together. */
struct parts {
    bool negative;
    u128 whole;    /* cut to beyond the largest amount */
    u128 fraction; /* of 10^n_fraction */
    int n_fraction;
    bool more; /* digits behind those of fraction, not all zero */
    struct suffix suffix;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* x * 10, staying where it is once larger than any amount. */
static u128 times_ten(u128 x)
{
    return x > amount_max() * 10 ? x : x * 10;
}

static size_t read_digits(struct str text, struct parts *parts)
{
    size_t i = 0;
    size_t n_digits = 0;
    for (; i < text.n && is_digit(text.p[i]); i++, n_digits++) {
        parts->whole = times_ten(parts->whole);
        parts->whole += (u128)(text.p[i] - '0');
    }
    if (i < text.n && text.p[i] == '.') {
        for (i++; i < text.n && is_digit(text.p[i]); i++, n_digits++) {
            if (parts->n_fraction == FRACTION_DIGITS) {
                parts->more = parts->more || text.p[i] != '0';
                continue;
            }
            parts->fraction = parts->fraction * 10 + (u128)(text.p[i] - '0');
            parts->n_fraction++;
        }
    }
    return n_digits > 0 ? i : 0;
}

/* "e3", "E-6": a decimal exponent. */
static bool read_exponent(struct str text, struct suffix *ret)
{
    if (text.n < 2 || (text.p[0] != 'e' && text.p[0] != 'E')) {
        return false;
    }
    size_t i = text.p[1] == '-' || text.p[1] == '+' ? 2 : 1;
    if (i == text.n) {
        return false;
    }
    int power = 0;
    for (; i < text.n; i++) {
        if (!is_digit(text.p[i])) {
            return false;
        }
        power = MIN(power * 10 + (text.p[i] - '0'), (int)EXPONENT_MAX);
    }
    *ret = (struct suffix){NULL, QUANTITY_DECIMAL_EXPONENT, text.p[1] == '-' ? -power : power};
    return true;
}

static bool read_suffix(struct str text, struct suffix *ret)
{
    for (size_t i = 0; i < ARRAY_LEN(SUFFIXES); i++) {
        if (str_eq_c(text, SUFFIXES[i].text)) {
            *ret = SUFFIXES[i];
            return true;
        }
    }
    return read_exponent(text, ret);
}

static bool read_parts(struct str text, struct parts *ret)
{
    *ret = (struct parts){0};
    if (text.n > 0 && (text.p[0] == '-' || text.p[0] == '+')) {
        ret->negative = text.p[0] == '-';
        text = str_sub(text, 1, text.n);
    }
    size_t n = read_digits(text, ret);
    return n > 0 && read_suffix(str_sub(text, n, text.n), &ret->suffix);
}

/* x * 10^power rounded up, cut above the largest amount. */
static u128 scale_ten(u128 x, int power, bool *more)
{
    for (; power > 0 && x <= amount_max(); power--) {
        x *= 10;
    }
    for (; power < 0 && x > 0; power++) {
        *more = *more || x % 10 != 0;
        x /= 10;
    }
    return x;
}

/* whole and fraction times 2^power, in billionths. */
static u128 scale_two(const struct parts *parts, bool *more)
{
    u128 factor = (u128)1 << parts->suffix.power;
    if (parts->whole > (amount_max() / ONE) / factor) {
        return amount_max() + 1;
    }
    u128 fraction = parts->fraction * factor; /* < 10^20 * 2^60 */
    u128 scaled = 0;
    /* long division, one decimal at a time: fraction / 10^n_fraction in billionths */
    u128 divisor = 1;
    for (int i = 0; i < parts->n_fraction; i++) {
        divisor *= 10;
    }
    scaled = fraction / divisor;
    u128 rest = fraction % divisor;
    for (int i = 0; i < NANO_DIGITS; i++) {
        rest *= 10;
        scaled = scaled * 10 + rest / divisor;
        rest %= divisor;
    }
    *more = *more || rest != 0;
    return parts->whole * factor * ONE + scaled;
}

int quantity_parse(struct str text, struct quantity *ret, struct err *err)
{
    struct parts parts;
    if (!read_parts(text, &parts)) {
        return err_set(err, ERR_INVALID, "'" STR_FMT "' is not a quantity", STR_ARG(text));
    }
    bool more = parts.more;
    u128 nanos;
    if (parts.suffix.format == QUANTITY_BINARY_SI) {
        nanos = scale_two(&parts, &more);
    } else {
        bool cut = false;
        nanos = scale_ten(parts.whole, parts.suffix.power + NANO_DIGITS, &cut);
        more = more || cut;
        nanos +=
            scale_ten(parts.fraction, parts.suffix.power + NANO_DIGITS - parts.n_fraction, &more);
    }
    nanos = MIN(nanos + (more ? 1 : 0), amount_max());
    *ret =
        (struct quantity){parts.negative ? -(__int128)nanos : (__int128)nanos, parts.suffix.format};
    return 0;
}

static char *put_u128(char *end, u128 x)
{
    do {
        *--end = (char)('0' + (int)(x % 10));
        x /= 10;
    } while (x > 0);
    return end;
}

static const char *decimal_suffix(int power)
{
    for (size_t i = 0; i < ARRAY_LEN(SUFFIXES); i++) {
        if (SUFFIXES[i].format == QUANTITY_DECIMAL_SI && SUFFIXES[i].power == power) {
            return SUFFIXES[i].text;
        }
    }
    return NULL;
}

/* The whole number with the largest power of ten divisible by three. */
static struct str format_decimal(struct quantity q, u128 amount, char dst[QUANTITY_BYTES])
{
    int power = -NANO_DIGITS;
    while (amount % 1000 == 0) {
        amount /= 1000;
        power += 3;
    }
    char digits[DIGITS_MAX + 2];
    char *end = digits + sizeof(digits) - 1;
    *end = '\0';
    const char *number = put_u128(end, amount);
    const char *sign = q.nanos < 0 ? "-" : "";
    const char *suffix = decimal_suffix(power);
    int n;
    if (q.format == QUANTITY_DECIMAL_EXPONENT || suffix == NULL) {
        n = power == 0 ? snprintf(dst, QUANTITY_BYTES, "%s%s", sign, number)
                       : snprintf(dst, QUANTITY_BYTES, "%s%se%d", sign, number, power);
    } else {
        n = snprintf(dst, QUANTITY_BYTES, "%s%s%s", sign, number, suffix);
    }
    return str_of(dst, (size_t)n);
}

static struct str format_binary(struct quantity q, u128 units, char dst[QUANTITY_BYTES])
{
    static const char *const NAMES[] = {"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
    size_t step = 0;
    while (units % 1024 == 0 && step + 1 < ARRAY_LEN(NAMES)) {
        units /= 1024;
        step++;
    }
    int n = snprintf(dst, QUANTITY_BYTES, "%s%llu%s", q.nanos < 0 ? "-" : "",
                     (unsigned long long)units, NAMES[step]);
    return str_of(dst, (size_t)n);
}

struct str quantity_format(struct quantity q, char dst[QUANTITY_BYTES])
{
    u128 amount = q.nanos < 0 ? (u128)-q.nanos : (u128)q.nanos;
    if (amount == 0) {
        dst[0] = '0';
        dst[1] = '\0';
        return str_of(dst, 1);
    }
    /* Kubernetes keeps powers of two only for whole numbers from 1024 on. */
    if (q.format == QUANTITY_BINARY_SI && amount % ONE == 0 && amount / ONE >= 1024) {
        return format_binary(q, amount / ONE, dst);
    }
    if (q.format == QUANTITY_BINARY_SI) {
        q.format = QUANTITY_DECIMAL_SI;
    }
    return format_decimal(q, amount, dst);
}

int quantity_cmp(struct quantity a, struct quantity b)
{
    return (a.nanos > b.nanos) - (a.nanos < b.nanos);
}

/* The text of a manifest's scalar; numbers keep theirs. */
static struct str scalar_text(const struct value *v, char buf[QUANTITY_BYTES])
{
    if (value_is(v, VALUE_STRING)) {
        return value_str(v);
    }
    if (value_is(v, VALUE_INT) || value_is(v, VALUE_FLOAT)) {
        if (v->lexeme != NULL) {
            return str_of(v->lexeme, v->lexeme_n);
        }
        int n = value_is(v, VALUE_INT) ? snprintf(buf, QUANTITY_BYTES, "%lld", (long long)v->i)
                                       : snprintf(buf, QUANTITY_BYTES, "%.17g", v->f);
        return str_of(buf, (size_t)n);
    }
    return STR_EMPTY;
}

const struct value *quantity_canonical(struct arena *arena, const struct value *v)
{
    char number[QUANTITY_BYTES];
    struct str text = scalar_text(v, number);
    struct quantity q;
    struct err unused;
    if (text.n == 0 || quantity_parse(text, &q, &unused) < 0) {
        return v; /* the API server will refuse it; it is compared as it is */
    }
    char canonical[QUANTITY_BYTES];
    struct str form = quantity_format(q, canonical);
    if (value_is(v, VALUE_STRING) && str_eq(form, text)) {
        return v;
    }
    return value_new_str(arena, form);
}
