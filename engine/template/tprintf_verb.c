/* Scalars by flags, width and precision, as Go's fmt/format.go. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/base/limits.h"
#include "common/base/num.h"
#include "common/base/utf8.h"
#include "engine/template/tprintf_internal.h"
#include "engine/template/tval.h"

/* Text that is put together before it is padded: as long as the largest width or precision, 1e6. */
#define TEXT_BYTES (4 * LIMIT_MIB)

static void pad_width(struct buf *out, const struct tprintf_spec *spec, int64_t n)
{
    if (n > 0) {
        buf_put_fill(out, spec->zero && !spec->minus ? '0' : ' ', (size_t)n);
    }
}

void tprintf_pad(struct buf *out, const struct tprintf_spec *spec, struct str text)
{
    int64_t missing = spec->has_width ? spec->width - (int64_t)utf8_count(text) : 0;
    if (!spec->minus) {
        pad_width(out, spec, missing);
    }
    buf_put(out, text);
    if (spec->minus) {
        pad_width(out, spec, missing);
    }
}

static void pad_with_blanks(struct buf *out, const struct tprintf_spec *spec, struct str text)
{
    struct tprintf_spec blanks = *spec;
    blanks.zero = false;
    tprintf_pad(out, &blanks, text);
}

/* ---- integers ---- */

enum { DIGITS_MAX = 64 };

static size_t format_digits(uint64_t u, unsigned base, bool upper, char dst[DIGITS_MAX])
{
    const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    size_t at = DIGITS_MAX;
    do {
        dst[--at] = digits[u % base];
        u /= base;
    } while (u > 0);
    memmove(dst, dst + at, DIGITS_MAX - at);
    return DIGITS_MAX - at;
}

static void put_sign(struct buf *text, const struct tprintf_spec *spec, bool negative)
{
    if (negative) {
        buf_put_char(text, '-');
    } else if (spec->plus) {
        buf_put_char(text, '+');
    } else if (spec->space) {
        buf_put_char(text, ' ');
    }
}

static void put_base(struct buf *text,
                     const struct tprintf_spec *spec,
                     const struct tprintf_int *v,
                     bool leading_zero)
{
    if (v->verb == 'O') {
        buf_put_c(text, "0o");
    }
    if (!spec->sharp) {
        return;
    }
    if (v->base == 2) {
        buf_put_c(text, "0b");
    } else if (v->base == 8 && !leading_zero) {
        buf_put_char(text, '0');
    } else if (v->base == 16) {
        buf_put_c(text, v->verb == 'X' ? "0X" : "0x");
    }
}

void tprintf_put_int(struct buf *out, const struct tprintf_spec *spec, struct tprintf_int v)
{
    bool negative = v.is_signed && (int64_t)v.u < 0;
    uint64_t u = negative ? 0 - v.u : v.u;
    char digits[DIGITS_MAX];
    AUTO(buf) struct buf text;
    buf_init(&text, TEXT_BYTES);
    int64_t least = 0; /* digits */
    if (spec->has_precision) {
        least = spec->precision;
        if (least == 0 && u == 0) {
            pad_with_blanks(out, spec, STR_EMPTY);
            return;
        }
    } else if (spec->zero && !spec->minus && spec->has_width) {
        least = spec->width - (negative || spec->plus || spec->space ? 1 : 0);
    }
    size_t n = format_digits(u, v.base, v.verb == 'X', digits);
    size_t zeros = least > (int64_t)n ? (size_t)least - n : 0;
    put_sign(&text, spec, negative);
    put_base(&text, spec, &v, zeros > 0 || digits[0] == '0');
    buf_put_fill(&text, '0', zeros);
    buf_put_bytes(&text, digits, n);
    pad_with_blanks(out, spec, buf_str(&text));
}

/* ---- floating point ---- */

/* strconv's %b: the mantissa as an integer and the exponent of two. */
static void format_binary(struct buf *text, double f)
{
    int exponent = 0;
    double mantissa = frexp(fabs(f), &exponent);
    if (f == 0 || exponent < -1021) { /* subnormal ones have a fixed exponent */
        mantissa = ldexp(fabs(f), 1074);
        exponent = -1074;
    } else {
        mantissa = ldexp(mantissa, 53);
        exponent -= 53;
    }
    buf_printf(text, "%s%.0fp%+d", signbit(f) ? "-" : "", mantissa, exponent);
}

/* Two digits of exponent, where C has one. */
static void format_hex(struct buf *text, double f, bool upper, int precision)
{
    char c_text[64];
    int most = MIN(precision, 30);
    int n = precision < 0 ? snprintf(c_text, sizeof(c_text), upper ? "%A" : "%a", f)
                          : snprintf(c_text, sizeof(c_text), upper ? "%.*A" : "%.*a", most, f);
    struct str s = str_of(c_text, (size_t)n);
    size_t p = str_find_char(s, upper ? 'P' : 'p');
    buf_put(text, str_sub(s, 0, p + 2));
    if (s.n - p == 3) {
        buf_put_char(text, '0');
    }
    buf_put(text, str_sub(s, p + 2, s.n));
}

static void format_precise(struct buf *text, double f, char verb, int precision)
{
    switch (verb) {
    case 'e':
        buf_printf(text, "%.*e", precision, f);
        break;
    case 'E':
        buf_printf(text, "%.*E", precision, f);
        break;
    case 'f':
        buf_printf(text, "%.*f", precision, f);
        break;
    case 'G':
        buf_printf(text, "%.*G", precision, f);
        break;
    default:
        buf_printf(text, "%.*g", precision, f);
        break;
    }
}

static void format_float(struct buf *text, double f, char verb, int precision)
{
    char shortest[NUM_FLOAT_BYTES];
    if (!isfinite(f)) {
        buf_put_c(text, isnan(f) ? "NaN" : f > 0 ? "+Inf" : "-Inf");
    } else if (verb == 'b') {
        format_binary(text, f);
    } else if (verb == 'x' || verb == 'X') {
        format_hex(text, f, verb == 'X', precision);
    } else if (precision < 0) {
        size_t n = num_format_g(f, shortest);
        char *e = memchr(shortest, 'e', n);
        if (e != NULL && verb == 'G') {
            *e = 'E';
        }
        buf_put_bytes(text, shortest, n);
    } else {
        format_precise(text, f, verb, precision);
    }
}

/* Where the exponent begins, or the end. */
static size_t find_exponent(struct str num, bool hex)
{
    for (size_t i = 0; i < num.n; i++) {
        char c = (char)(num.p[i] | 0x20);
        if (c == 'p' || (c == 'e' && !hex)) {
            return i;
        }
    }
    return num.n;
}

/* From the first digit that is not 0 on. */
static int significant_digits(struct str num)
{
    bool nonzero = false;
    int n = 0;
    for (size_t i = 0; i < num.n; i++) {
        nonzero = nonzero || (num.p[i] != '.' && num.p[i] != '0');
        n += nonzero && num.p[i] != '.' ? 1 : 0;
    }
    return n;
}

/* The flag #: always a point, and with %g no zeros cut off. */
static void put_sharp(struct buf *out, struct str num, char verb, int precision)
{
    size_t end = find_exponent(num, verb == 'x' || verb == 'X');
    struct str mantissa = str_sub(num, 0, end);
    int digits = 0;
    if (verb == 'g' || verb == 'G' || verb == 'x') {
        digits = (precision < 0 ? 6 : precision) - significant_digits(mantissa);
    }
    buf_put(out, mantissa);
    if (str_find_char(mantissa, '.') == STR_NONE) {
        digits -= str_eq_c(mantissa, "0") ? 1 : 0;
        buf_put_char(out, '.');
    }
    buf_put_fill(out, '0', digits > 0 ? (size_t)digits : 0);
    buf_put(out, str_sub(num, end, num.n));
}

/* Zeros go between the sign and the digits. */
static void pad_number(struct buf *out, const struct tprintf_spec *spec, char sign, struct str num)
{
    AUTO(buf) struct buf text;
    buf_init(&text, TEXT_BYTES);
    if (sign != '\0' && spec->zero && !spec->minus && spec->has_width &&
        spec->width > (int64_t)num.n + 1) {
        buf_put_char(&text, sign);
        buf_put_fill(&text, '0', (size_t)spec->width - num.n - 1);
    } else if (sign != '\0') {
        buf_put_char(&text, sign);
    }
    buf_put(&text, num);
    tprintf_pad(out, spec, buf_str(&text));
}

/* '\0' = none. Infinities always have one. */
static char sign_of(const struct tprintf_spec *spec, double f)
{
    if (!isnan(f) && signbit(f)) {
        return '-';
    }
    if (spec->plus) {
        return '+';
    }
    return spec->space ? ' ' : isinf(f) ? '+' : '\0';
}

void tprintf_put_float(
    struct buf *out, const struct tprintf_spec *spec, double f, char verb, int precision)
{
    AUTO(buf) struct buf text;
    AUTO(buf) struct buf sharp;
    struct tprintf_spec flags = *spec;
    precision = spec->has_precision ? spec->precision : precision;
    buf_init(&text, TEXT_BYTES);
    buf_init(&sharp, TEXT_BYTES);
    format_float(&text, f, verb, precision);
    struct str num = buf_str(&text);
    if (num.p[0] == '-' || num.p[0] == '+') {
        num = str_sub(num, 1, num.n);
    }
    if (!isfinite(f)) {
        flags.zero = false;
    } else if (spec->sharp && verb != 'b') {
        put_sharp(&sharp, num, verb, precision);
        num = buf_str(&sharp);
    }
    pad_number(out, &flags, sign_of(spec, f), num);
}

/* ---- text ---- */

/* The precision counts code points. */
static struct str truncate_text(const struct tprintf_spec *spec, struct str s)
{
    size_t at = 0;
    if (!spec->has_precision) {
        return s;
    }
    for (int i = 0; i < spec->precision && at < s.n; i++) {
        (void)utf8_next(s, &at);
    }
    return str_sub(s, 0, at);
}

void tprintf_put_str(struct buf *out, const struct tprintf_spec *spec, struct str s)
{
    tprintf_pad(out, spec, truncate_text(spec, s));
}

static void
put_hex_bytes(struct buf *out, const struct tprintf_spec *spec, struct str s, bool upper)
{
    const char *prefix = upper ? "0X" : "0x";
    for (size_t i = 0; i < s.n; i++) {
        if (i > 0 && spec->space) {
            buf_put_char(out, ' ');
        }
        if (spec->sharp && (i == 0 || spec->space)) {
            buf_put_c(out, prefix);
        }
        buf_printf(out, upper ? "%02X" : "%02x", (unsigned char)s.p[i]);
    }
}

void tprintf_put_hex(struct buf *out, const struct tprintf_spec *spec, struct str s, char verb)
{
    AUTO(buf) struct buf text;
    size_t n = s.n;
    if (spec->has_precision && spec->precision >= 0 && (size_t)spec->precision < n) {
        n = (size_t)spec->precision;
    }
    buf_init(&text, out->max_bytes);
    put_hex_bytes(&text, spec, str_sub(s, 0, n), verb == 'X');
    out->overflow = out->overflow || text.overflow;
    tprintf_pad(out, spec, buf_str(&text));
}

/* strconv.CanBackquote */
static bool can_backquote(struct str s)
{
    for (size_t at = 0; at < s.n;) {
        size_t start = at;
        uint32_t rune = utf8_next(s, &at);
        bool invalid = rune == UTF8_REPLACEMENT && at - start == 1;
        if (invalid || rune == 0xfeff || (rune < ' ' && rune != '\t') || rune == '`' ||
            rune == 0x7f) {
            return false;
        }
    }
    return true;
}

void tprintf_put_quoted(struct buf *out, const struct tprintf_spec *spec, struct str s)
{
    AUTO(buf) struct buf text;
    buf_init(&text, out->max_bytes);
    s = truncate_text(spec, s);
    if (spec->sharp && can_backquote(s)) {
        buf_put_char(&text, '`');
        buf_put(&text, s);
        buf_put_char(&text, '`');
    } else {
        tval_quote_as(&text, s, '"', spec->plus ? TVAL_QUOTE_ASCII : TVAL_QUOTE_UNICODE);
    }
    out->overflow = out->overflow || text.overflow;
    tprintf_pad(out, spec, buf_str(&text));
}

static struct str encode(uint64_t rune, char dst[UTF8_MAX_BYTES])
{
    uint32_t r = rune <= UTF8_MAX_RUNE ? (uint32_t)rune : (uint32_t)UTF8_REPLACEMENT;
    return str_of(dst, utf8_encode(r, dst));
}

void tprintf_put_rune(struct buf *out, const struct tprintf_spec *spec, uint64_t rune)
{
    char bytes[UTF8_MAX_BYTES];
    tprintf_pad(out, spec, encode(rune, bytes));
}

void tprintf_put_quoted_rune(struct buf *out, const struct tprintf_spec *spec, uint64_t rune)
{
    char bytes[UTF8_MAX_BYTES];
    AUTO(buf) struct buf text;
    buf_init(&text, LIMIT_KIB);
    tval_quote_as(&text, encode(rune, bytes), '\'',
                  spec->plus ? TVAL_QUOTE_ASCII : TVAL_QUOTE_UNICODE);
    tprintf_pad(out, spec, buf_str(&text));
}

void tprintf_put_unicode(struct buf *out, const struct tprintf_spec *spec, uint64_t rune)
{
    char bytes[UTF8_MAX_BYTES];
    char digits[DIGITS_MAX];
    AUTO(buf) struct buf text;
    buf_init(&text, TEXT_BYTES);
    size_t n = format_digits(rune, 16, true, digits);
    size_t least = spec->has_precision && spec->precision > 4 ? (size_t)spec->precision : 4;
    buf_put_c(&text, "U+");
    buf_put_fill(&text, '0', least > n ? least - n : 0);
    buf_put_bytes(&text, digits, n);
    if (spec->sharp && rune <= UTF8_MAX_RUNE && utf8_is_print((uint32_t)rune)) {
        buf_put_c(&text, " '");
        buf_put(&text, encode(rune, bytes));
        buf_put_char(&text, '\'');
    }
    pad_with_blanks(out, spec, buf_str(&text));
}
