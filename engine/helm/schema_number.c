/* Decimals compared without rounding, so that 0.3 is a multiple of 0.1, and numbers in messages. Pure; any thread. */
#include <math.h>

#include "common/base/buf.h"
#include "common/base/num.h"
#include "engine/helm/schema_load_internal.h"

enum {
    COUNT_BYTES = 32,
    DIVISOR_DIGITS = 18,               /* fit an uint64_t */
    EXPONENT_MAX = 1000 * 1000 * 1000, /* a larger one in a text counts as this */
};

/* ---- decimals ---- */

static int64_t parse_exponent(struct str text)
{
    bool negative = str_cut_prefix(&text, STR("-"));
    int64_t e = 0;
    (void)str_cut_prefix(&text, STR("+"));
    for (size_t i = 0; i < text.n; i++) {
        e = MIN(e * 10 + (text.p[i] - '0'), (int64_t)EXPONENT_MAX);
    }
    return negative ? -e : e;
}

/* Of [-]digits[.digits][e[+-]digits], which value_from_json() and num.h have checked. */
static struct schema_number parse(struct arena *arena, struct str text)
{
    struct schema_number n = {.is_set = true};
    size_t e = str_find_char(text, 'e');
    e = e == STR_NONE ? str_find_char(text, 'E') : e;
    int64_t exponent = e == STR_NONE ? 0 : parse_exponent(str_sub(text, e + 1, text.n));
    text = e == STR_NONE ? text : str_sub(text, 0, e);
    n.negative = str_cut_prefix(&text, STR("-"));
    size_t point = str_find_char(text, '.');
    int64_t before = (int64_t)(point == STR_NONE ? text.n : point);
    char *digits = arena_bytes(arena, text.n + 1);
    size_t len = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '0' && len == 0) {
            before--;
        } else if (text.p[i] != '.') {
            digits[len++] = text.p[i];
        }
    }
    while (len > 0 && digits[len - 1] == '0') {
        len--;
    }
    n.digits = str_of(digits, len);
    n.exponent = len > 0 ? before + exponent : 0;
    n.negative = n.negative && len > 0;
    return n;
}

struct schema_number schema_number_of(struct arena *arena, const struct value *v)
{
    if (value_is(v, VALUE_INT) || value_is(v, VALUE_FLOAT)) {
        struct schema_number n = schema_number_of_instance(arena, v);
        if (v->lexeme_n > 0) {
            n = parse(arena, str_of(v->lexeme, v->lexeme_n));
            n.f = value_float(v, 0);
        }
        return n;
    }
    return (struct schema_number){.is_set = false};
}

struct schema_number schema_number_of_instance(struct arena *arena, const struct value *v)
{
    char text[NUM_FLOAT_BYTES];
    struct schema_number n;
    if (value_is(v, VALUE_INT)) {
        n = parse(arena, arena_printf(arena, "%lld", (long long)v->i));
    } else {
        n = parse(arena, str_of(text, num_format_e(v->f, text)));
    }
    n.f = value_float(v, 0);
    return n;
}

static int cmp_magnitude(const struct schema_number *a, const struct schema_number *b)
{
    if (a->digits.n == 0 || b->digits.n == 0) {
        return (a->digits.n > 0) - (b->digits.n > 0);
    }
    if (a->exponent != b->exponent) {
        return a->exponent < b->exponent ? -1 : 1;
    }
    return str_cmp(a->digits, b->digits);
}

int schema_number_cmp(const struct schema_number *a, const struct schema_number *b)
{
    if (a->negative != b->negative) {
        return a->negative ? -1 : 1;
    }
    return a->negative ? cmp_magnitude(b, a) : cmp_magnitude(a, b);
}

bool schema_number_is_integer(const struct schema_number *n)
{
    return n->exponent >= (int64_t)n->digits.n;
}

static uint64_t times(uint64_t a, uint64_t b, uint64_t modulus)
{
    return (uint64_t)((unsigned __int128)a * b % modulus);
}

static uint64_t ten_to(uint64_t exponent, uint64_t modulus)
{
    uint64_t result = 1 % modulus;
    for (uint64_t power = 10 % modulus; exponent > 0; exponent /= 2) {
        result = exponent % 2 == 1 ? times(result, power, modulus) : result;
        power = times(power, power, modulus);
    }
    return result;
}

bool schema_number_is_multiple(const struct schema_number *a, const struct schema_number *b)
{
    if (a->digits.n == 0) {
        return true;
    }
    if (b->digits.n == 0 || b->digits.n > DIVISOR_DIGITS) {
        return cmp_magnitude(a, b) == 0;
    }
    /* a = A * 10^x and b = B * 10^y with integers A and B that do not end in 0 */
    int64_t x = a->exponent - (int64_t)a->digits.n;
    int64_t y = b->exponent - (int64_t)b->digits.n;
    uint64_t divisor = 0;
    (void)num_digits(b->digits, 10, &divisor);
    if (x < y || divisor == 0) {
        return false;
    }
    uint64_t rest = 0;
    for (size_t i = 0; i < a->digits.n; i++) {
        rest = (times(rest, 10, divisor) + (uint64_t)(a->digits.p[i] - '0')) % divisor;
    }
    return times(rest, ten_to((uint64_t)(x - y), divisor), divisor) == 0;
}

/* ---- printing ---- */

static void put_grouped(struct buf *out, struct str digits)
{
    for (size_t i = 0; i < digits.n; i++) {
        if (i > 0 && (digits.n - i) % 3 == 0) {
            buf_put_char(out, ',');
        }
        buf_put_char(out, digits.p[i]);
    }
}

static void put_superscript(struct buf *out, struct str digits)
{
    static const char *const SMALL[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
    for (size_t i = 0; i < digits.n; i++) {
        if (digits.p[i] == '-') {
            buf_put_c(out, "⁻");
        } else if (digits.p[i] != '+') {
            buf_put_c(out, SMALL[(digits.p[i] - '0') % 10]);
        }
    }
}

void schema_number_put(struct buf *out, double f)
{
    char text[NUM_FLOAT_BYTES];
    struct str all = str_of(text, num_format_g(f, text));
    struct str mantissa;
    struct str exponent;
    if (isinf(f)) {
        buf_put_c(out, f < 0 ? "-∞" : "∞");
        return;
    }
    if (str_cut_prefix(&all, STR("-"))) {
        buf_put_char(out, '-');
    }
    if (str_cut(all, 'e', &mantissa, &exponent)) {
        buf_put(out, mantissa);
        buf_put_c(out, "\u202f×\u202f10");
        put_superscript(out, exponent);
        return;
    }
    size_t point = str_find_char(all, '.');
    point = point == STR_NONE ? all.n : point;
    put_grouped(out, str_sub(all, 0, point));
    buf_put(out, str_sub(all, point, all.n));
}

void schema_number_put_count(struct buf *out, int64_t n)
{
    struct buf digits;
    buf_init(&digits, COUNT_BYTES);
    buf_put_int(&digits, n);
    struct str s = buf_str(&digits);
    if (str_cut_prefix(&s, STR("-"))) {
        buf_put_char(out, '-');
    }
    put_grouped(out, s);
    buf_done(&digits);
}
