/* Checked number parsing and Go's float formatting.
 *
 * The shortest digits are found by asking the C library for correctly rounded ones: 15 digits
 * always survive a round trip through a normal double, so only 15, 16 and 17 need a look there;
 * subnormals have less precision and are tried from one digit on. */
#include "common/base/num.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

enum {
    MAX_DIGITS = 17,  /* always enough for a double */
    SAFE_DIGITS = 15, /* DBL_DIG */
};

bool num_digits(struct str text, unsigned base, uint64_t *ret)
{
    uint64_t v = 0;
    if (text.n == 0) {
        return false;
    }
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        unsigned d = c <= '9' ? c - (unsigned)'0' : (c | 0x20U) - 'a' + 10U;
        if (d >= base || (c > '9' && (c | 0x20U) < 'a') || __builtin_mul_overflow(v, base, &v) ||
            __builtin_add_overflow(v, d, &v)) {
            return false;
        }
    }
    *ret = v;
    return true;
}

int num_parse_uint(struct str text, uint64_t *ret, struct err *err)
{
    if (!num_digits(text, 10, ret)) {
        return err_set(err, ERR_INVALID, "'" STR_FMT "' is not a whole number in range",
                       STR_ARG(text));
    }
    return 0;
}

int num_parse_int(struct str text, int64_t *ret, struct err *err)
{
    uint64_t v = 0;
    bool negative = text.n > 0 && text.p[0] == '-';
    size_t sign = negative || (text.n > 0 && text.p[0] == '+') ? 1 : 0;
    uint64_t limit = (uint64_t)INT64_MAX + (negative ? 1 : 0);
    if (!num_digits(str_sub(text, sign, text.n), 10, &v) || v > limit) {
        return err_set(err, ERR_INVALID, "'" STR_FMT "' is not a whole number in range",
                       STR_ARG(text));
    }
    *ret = negative ? (int64_t)(0 - v) : (int64_t)v;
    return 0;
}

int num_parse_int_range(struct str text, int64_t min, int64_t max, int64_t *ret, struct err *err)
{
    int64_t v = 0;
    TRY(num_parse_int(text, &v, err));
    if (v < min || v > max) {
        return err_set(err, ERR_INVALID, "%lld is not between %lld and %lld", (long long)v,
                       (long long)min, (long long)max);
    }
    *ret = v;
    return 0;
}

int64_t num_nearest_int(struct str text)
{
    struct err ignored;
    int64_t v = 0;
    if (num_parse_int(text, &v, &ignored) == 0) {
        return v;
    }
    bool negative = text.n > 0 && text.p[0] == '-';
    size_t start = negative || (text.n > 0 && text.p[0] == '+') ? 1 : 0;
    for (size_t i = start; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9') {
            return 0;
        }
    }
    if (text.n == start) {
        return 0;
    }
    return negative ? INT64_MIN : INT64_MAX;
}

/* The parts of a decimal number; mantissa is exact when `exact`. */
struct decimal {
    uint64_t mantissa;
    int64_t exponent; /* of ten */
    bool negative;
    bool exact;
};

static size_t skip_digits(struct str s, size_t at, struct decimal *d, bool fraction)
{
    while (at < s.n && s.p[at] >= '0' && s.p[at] <= '9') {
        unsigned digit = (unsigned)(s.p[at] - '0');
        if (d->mantissa <= (UINT64_MAX - 9) / 10) {
            d->mantissa = d->mantissa * 10 + digit;
            d->exponent -= fraction ? 1 : 0;
        } else {
            d->exact = false;
        }
        at++;
    }
    return at;
}

static bool parse_exponent(struct str s, size_t *at, struct decimal *d)
{
    if (*at == s.n || (s.p[*at] | 0x20) != 'e') {
        return true;
    }
    (*at)++;
    bool negative = *at < s.n && s.p[*at] == '-';
    if (*at < s.n && (s.p[*at] == '-' || s.p[*at] == '+')) {
        (*at)++;
    }
    size_t start = *at;
    int64_t e = 0;
    while (*at < s.n && s.p[*at] >= '0' && s.p[*at] <= '9') {
        e = e < 1000000 ? e * 10 + (s.p[*at] - '0') : e;
        (*at)++;
    }
    d->exponent += negative ? -e : e;
    return *at > start;
}

static bool parse_decimal(struct str s, struct decimal *d)
{
    size_t at = 0;
    *d = (struct decimal){.exact = true};
    if (s.n > 0 && (s.p[0] == '-' || s.p[0] == '+')) {
        d->negative = s.p[0] == '-';
        at = 1;
    }
    size_t start = at;
    at = skip_digits(s, at, d, false);
    size_t n_digits = at - start;
    if (at < s.n && s.p[at] == '.') {
        start = ++at;
        at = skip_digits(s, at, d, true);
        n_digits += at - start;
    }
    return n_digits > 0 && parse_exponent(s, &at, d) && at == s.n;
}

bool num_parse_float(struct str text, double *ret)
{
    static const double POWERS[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    struct decimal d;
    if (!parse_decimal(text, &d)) {
        return false;
    }
    /* both operands exact: one correctly rounded operation */
    if (d.exact && d.mantissa < ((uint64_t)1 << 53) && d.exponent >= -22 && d.exponent <= 22) {
        double f = (double)d.mantissa;
        f = d.exponent < 0 ? f / POWERS[-d.exponent] : f * POWERS[d.exponent];
        *ret = d.negative ? -f : f;
        return true;
    }
    char local[64];
    if (text.n < sizeof(local)) {
        memcpy(local, text.p, text.n);
        local[text.n] = '\0';
        *ret = strtod(local, NULL);
        return true;
    }
    AUTO(char) char *copy = mem_strndup(text.p, text.n);
    *ret = strtod(copy, NULL);
    return true;
}

/* Significant digits without trailing zeros, and the exponent of the first one. */
struct digits {
    char text[MAX_DIGITS + 1];
    int n;
    int exponent;
    bool negative;
};

/* Of text in the form d.ddde+xx. */
static void set_digits(const char *text, struct digits *d)
{
    const char *e = strchr(text, 'e');
    int at = 0;
    for (const char *p = text; p < e; p++) {
        if (*p != '.') {
            d->text[at++] = *p;
        }
    }
    while (at > 1 && d->text[at - 1] == '0') {
        at--;
    }
    int exponent = 0;
    for (const char *p = e + 2; *p != '\0'; p++) {
        exponent = exponent * 10 + (*p - '0');
    }
    d->n = at;
    d->exponent = e[1] == '-' ? -exponent : exponent;
}

/* f as n digits, correctly rounded; whether they read back as f. */
static bool try_digits(double f, int n, struct digits *d)
{
    char text[40];
    (void)snprintf(text, sizeof(text), "%.*e", n - 1, f);
    if (strtod(text, NULL) != f) {
        return false;
    }
    set_digits(text, d);
    return true;
}

/* Below a power of two doubles are twice as dense, so the nearest decimal of n digits may miss where
 * the next one above still reads back as f. */
static bool try_digits_above(double f, int n, struct digits *d)
{
    int exponent = 0;
    if (frexp(f, &exponent) != 0.5) {
        return false;
    }
    char text[40];
    (void)snprintf(text, sizeof(text), "%.*e", n - 1, f);
    char *last = strchr(text, 'e') - 1;
    if (*last == '9') { /* a carry would make the last digit a zero: fewer digits, tried before */
        return false;
    }
    (*last)++;
    if (strtod(text, NULL) != f) {
        return false;
    }
    set_digits(text, d);
    return true;
}

static void shortest(double f, struct digits *d)
{
    d->negative = signbit(f) != 0;
    f = fabs(f);
    if (f == 0) {
        d->text[0] = '0';
        d->n = 1;
        d->exponent = 0;
        return;
    }
    int n = isnormal(f) ? SAFE_DIGITS : 1;
    while (n < MAX_DIGITS && !try_digits(f, n, d) && !try_digits_above(f, n, d)) {
        n++;
    }
    if (n == MAX_DIGITS) {
        (void)try_digits(f, n, d);
    }
}

static size_t put_special(double f, char *dst)
{
    const char *text = isnan(f) ? "NaN" : f > 0 ? "+Inf" : "-Inf";
    size_t n = strlen(text);
    memcpy(dst, text, n + 1);
    return n;
}

static size_t put_plain(const struct digits *d, char *dst)
{
    size_t at = 0;
    if (d->negative) {
        dst[at++] = '-';
    }
    if (d->exponent < 0) {
        dst[at++] = '0';
        dst[at++] = '.';
        for (int i = -1; i > d->exponent; i--) {
            dst[at++] = '0';
        }
    }
    for (int i = 0; i < d->n || i <= d->exponent; i++) {
        if (d->exponent >= 0 && i == d->exponent + 1) {
            dst[at++] = '.';
        }
        dst[at++] = i < d->n ? d->text[i] : '0';
    }
    dst[at] = '\0';
    return at;
}

static size_t put_exponent(const struct digits *d, int min_exponent_digits, char *dst)
{
    size_t at = 0;
    if (d->negative) {
        dst[at++] = '-';
    }
    dst[at++] = d->text[0];
    if (d->n > 1) {
        dst[at++] = '.';
        memcpy(dst + at, d->text + 1, (size_t)d->n - 1);
        at += (size_t)d->n - 1;
    }
    int n = snprintf(dst + at, NUM_FLOAT_BYTES - at, "e%c%0*d", d->exponent < 0 ? '-' : '+',
                     min_exponent_digits, abs(d->exponent));
    return at + (size_t)n;
}

size_t num_format_g(double f, char dst[NUM_FLOAT_BYTES])
{
    if (!isfinite(f)) {
        return put_special(f, dst);
    }
    struct digits d;
    shortest(f, &d);
    return d.exponent < -4 || d.exponent > 5 ? put_exponent(&d, 2, dst) : put_plain(&d, dst);
}

size_t num_format_g32(float f, char dst[NUM_FLOAT_BYTES])
{
    if (!isfinite(f)) {
        return put_special((double)f, dst);
    }
    char text[40];
    int n = 1;
    do { /* nine digits are always enough */
        (void)snprintf(text, sizeof(text), "%.*e", n - 1, (double)f);
    } while (strtof(text, NULL) != f && n++ < 9);
    struct digits d = {.negative = f < 0};
    double rounded = fabs(strtod(text, NULL));
    if (rounded == 0) {
        return num_format_g((double)f, dst);
    }
    (void)try_digits(rounded, n, &d);
    return d.exponent < -4 || d.exponent > 5 ? put_exponent(&d, 2, dst) : put_plain(&d, dst);
}

size_t num_format_json(double f, char dst[NUM_FLOAT_BYTES])
{
    struct digits d;
    shortest(f, &d);
    double a = fabs(f);
    if (a != 0 && (a < 1e-6 || a >= 1e21)) {
        return put_exponent(&d, 1, dst);
    }
    return put_plain(&d, dst);
}

size_t num_format_f(double f, char dst[NUM_FLOAT_BYTES])
{
    if (!isfinite(f)) {
        return put_special(f, dst);
    }
    struct digits d;
    shortest(f, &d);
    return put_plain(&d, dst);
}

size_t num_format_e(double f, char dst[NUM_FLOAT_BYTES])
{
    if (!isfinite(f)) {
        return put_special(f, dst);
    }
    struct digits d;
    shortest(f, &d);
    return put_exponent(&d, 2, dst);
}
