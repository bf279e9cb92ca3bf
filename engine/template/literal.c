/* Numbers by the rules of strconv and of text/template's ideal constants, strings by strconv.Unquote(). */
#include "engine/template/literal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/base/limits.h"
#include "common/base/num.h"
#include "common/base/utf8.h"

static const double TWO_63 = 0x1p63;

/* ---- digits ---- */

static unsigned digit_value(char c)
{
    if (c >= '0' && c <= '9') {
        return (unsigned)(c - '0');
    }
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'z' ? (unsigned)(lower - 'a') + 10 : 99;
}

/* The base a prefix stands for, 10 without one; 0x needs something behind it. */
static unsigned prefix_base(struct str s)
{
    if (s.n < 2 || s.p[0] != '0') {
        return 10;
    }
    switch (s.p[1] | 0x20) {
    case 'x':
        return s.n > 2 ? 16 : 8;
    case 'o':
        return 8;
    case 'b':
        return s.n > 2 ? 2 : 8;
    default:
        return 8;
    }
}

static bool has_letter_prefix(struct str s)
{
    return s.n > 2 && s.p[0] == '0' && strchr("xXoObB", s.p[1]) != NULL;
}

/* Underscores stand between digits, or between a prefix and a digit. */
static bool underscores_good(struct str s)
{
    enum { NONE, DIGIT, UNDERSCORE } last = NONE;
    bool hex = false;
    size_t i = s.n > 0 && (s.p[0] == '-' || s.p[0] == '+') ? 1 : 0;
    if (has_letter_prefix(str_sub(s, i, s.n))) {
        hex = (s.p[i + 1] | 0x20) == 'x';
        last = DIGIT;
        i += 2;
    }
    for (; i < s.n; i++) {
        if (digit_value(s.p[i]) < (hex ? 16U : 10U)) {
            last = DIGIT;
        } else if (s.p[i] == '_') {
            if (last != DIGIT) {
                return false;
            }
            last = UNDERSCORE;
        } else {
            if (last == UNDERSCORE) {
                return false;
            }
            last = NONE;
        }
    }
    return last != UNDERSCORE;
}

/* strconv.ParseUint(s, 0, 64) */
static bool parse_uint(struct str s, uint64_t *ret)
{
    unsigned base = prefix_base(s);
    struct str digits = s;
    if (has_letter_prefix(s)) {
        digits = str_sub(s, 2, s.n);
    } else if (base == 8) {
        digits = str_sub(s, 1, s.n);
    }
    uint64_t v = 0;
    bool underscores = false;
    for (size_t i = 0; i < digits.n; i++) {
        if (digits.p[i] == '_') {
            underscores = true;
            continue;
        }
        unsigned d = digit_value(digits.p[i]);
        if (d >= base || v > UINT64_MAX / base || v * base > UINT64_MAX - d) {
            return false;
        }
        v = v * base + d;
    }
    if (s.n == 0 || (underscores && !underscores_good(s))) {
        return false;
    }
    *ret = v;
    return true;
}

static bool parse_int(struct str s, int64_t *ret)
{
    bool negative = s.n > 0 && s.p[0] == '-';
    bool sign = negative || (s.n > 0 && s.p[0] == '+');
    uint64_t limit = negative ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;
    uint64_t v;
    if (!parse_uint(str_sub(s, sign ? 1 : 0, s.n), &v) || v > limit) {
        return false;
    }
    *ret = negative ? (int64_t)(0 - v) : (int64_t)v;
    return true;
}

static struct str without_underscores(struct arena *arena, struct str s)
{
    char *copy = arena_bytes(arena, s.n);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] != '_') {
            copy[n++] = s.p[i];
        }
    }
    return str_of(copy, n);
}

/* The digits of a hexadecimal float as mantissa * 2^exponent; what does not fit is kept as its lowest bit,
 * for rounding. Returns the offset behind them; 0: there are none. */
static size_t read_hex_mantissa(struct str s, uint64_t *mantissa, int64_t *exponent)
{
    size_t i = 0;
    bool point = false;
    bool digits = false;
    *mantissa = 0;
    *exponent = 0;
    for (; i < s.n; i++) {
        unsigned d = digit_value(s.p[i]);
        if (s.p[i] == '.' && !point) {
            point = true;
            continue;
        }
        if (d >= 16) {
            break;
        }
        digits = true;
        if (*mantissa >> 60 == 0) {
            *mantissa = *mantissa * 16 + d;
            *exponent -= point ? 4 : 0;
        } else {
            *mantissa |= d != 0 ? 1 : 0;
            *exponent += point ? 0 : 4;
        }
    }
    return digits ? i : 0;
}

/* What follows 0x in a hexadecimal float; Go wants an exponent. */
static bool parse_hex_float(struct str s, double *ret)
{
    enum { MAX_EXPONENT = 100 * 1000 }; /* larger ones are infinite or 0 anyway */
    uint64_t mantissa;
    int64_t exponent;
    size_t i = read_hex_mantissa(s, &mantissa, &exponent);
    if (i == 0 || i >= s.n || (s.p[i] | 0x20) != 'p') {
        return false;
    }
    i++;
    bool negative = i < s.n && s.p[i] == '-';
    i += i < s.n && (negative || s.p[i] == '+') ? 1 : 0;
    if (i == s.n) {
        return false;
    }
    int64_t power = 0;
    for (; i < s.n; i++) {
        unsigned d = digit_value(s.p[i]);
        if (d >= 10) {
            return false;
        }
        power = MIN(power * 10 + d, (int64_t)MAX_EXPONENT);
    }
    exponent += negative ? -power : power;
    exponent = MAX(MIN(exponent, (int64_t)MAX_EXPONENT), (int64_t)-MAX_EXPONENT);
    *ret = ldexp((double)mantissa, (int)exponent);
    return true;
}

/* strconv.ParseFloat(); out of range is false. */
static bool parse_float(struct arena *arena, struct str s, double *ret)
{
    if (memchr(s.p, '_', s.n) != NULL) {
        if (!underscores_good(s)) {
            return false;
        }
        s = without_underscores(arena, s);
    }
    bool sign = s.n > 0 && (s.p[0] == '-' || s.p[0] == '+');
    struct str number = str_sub(s, sign ? 1 : 0, s.n);
    double f;
    if (number.n > 2 && number.p[0] == '0' && (number.p[1] | 0x20) == 'x') {
        if (!parse_hex_float(str_sub(number, 2, number.n), &f)) {
            return false;
        }
        f = sign && s.p[0] == '-' ? -f : f;
    } else if (!num_parse_float(s, &f)) {
        return false;
    }
    *ret = f;
    return !isinf(f);
}

/* ---- numbers ---- */

static void set_float(struct tterm *term, double f)
{
    term->is_float = true;
    term->float_value = f;
    if (f >= -TWO_63 && f < TWO_63 && (double)(int64_t)f == f) {
        term->is_int = true;
        term->int_value = (int64_t)f;
    }
}

static bool has_any(struct str s, const char *set)
{
    for (size_t i = 0; i < s.n; i++) {
        if (strchr(set, s.p[i]) != NULL) {
            return true;
        }
    }
    return false;
}

/* The type of a number nobody asks a type of; -0xe is a float for Go, too. */
static bool is_float_text(struct str s)
{
    bool is_hex_int = s.n > 2 && s.p[0] == '0' && (s.p[1] | 0x20) == 'x' && !has_any(s, "pP");
    return !is_hex_int && has_any(s, ".eEpP");
}

static int bad_number(struct err *err, const char *what, struct str text)
{
    AUTO(buf) struct buf quoted;
    buf_init(&quoted, ERR_MESSAGE_BYTES);
    tval_quote(&quoted, text);
    return err_set(err, ERR_INVALID, "%s: %s", what, quoted.p);
}

/* Templates can print them and nothing else: data is the text. */
static void complex_print(const void *data, struct buf *out)
{
    buf_put_c(out, data);
}

/* JSON has none, as it has no NaN. */
static struct tval complex_to_json(struct arena *arena UNUSED, const void *data UNUSED)
{
    return tval_float(NAN);
}

static const struct tclass COMPLEX = {
    .type = "complex128",
    .kind = "complex128",
    .print = complex_print,
    .to_json = complex_to_json,
};

static void set_complex(struct arena *arena, double real, double imaginary, struct tterm *term)
{
    char parts[2][NUM_FLOAT_BYTES];
    (void)num_format_g(real, parts[0]);
    (void)num_format_g(imaginary, parts[1]);
    const char *plus = signbit(imaginary) ? "" : "+";
    term->is_number = true;
    char *text = arena_bytes(arena, sizeof(parts) + sizeof("(+i)"));
    (void)snprintf(text, sizeof(parts) + sizeof("(+i)"), "(%s%s%si)", parts[0], plus, parts[1]);
    term->literal = tval_obj(arena, &COMPLEX, text);
    if (imaginary == 0) {
        set_float(term, real);
    }
}

static bool set_imaginary(struct arena *arena, struct str text, struct tterm *term)
{
    double f;
    if (text.n == 0 || text.p[text.n - 1] != 'i' ||
        !parse_float(arena, str_sub(text, 0, text.n - 1), &f)) {
        return false;
    }
    set_complex(arena, 0, f, term);
    return true;
}

int literal_number(struct arena *arena, struct str text, struct tterm *term, struct err *err)
{
    uint64_t u;
    double f;
    if (set_imaginary(arena, text, term)) {
        return 0;
    }
    if (parse_int(text, &term->int_value)) {
        term->is_int = true;
        term->float_value = (double)term->int_value;
        term->literal = tval_int(term->int_value);
    } else if (parse_uint(text, &u)) {
        term->float_value = (double)u;
        term->literal = (struct tval){.kind = TVAL_UINT64, .u = u};
    } else if (parse_float(arena, text, &f)) {
        if (!has_any(text, ".eEpP")) {
            return bad_number(err, "integer overflow", text);
        }
        set_float(term, f);
    } else {
        return bad_number(err, "illegal number syntax", text);
    }
    term->is_number = true;
    term->is_float = true;
    if (is_float_text(text)) {
        term->literal = tval_float(term->float_value);
    }
    return 0;
}

/* Where the second part of 1e-3+2i begins. */
static size_t second_sign(struct str s)
{
    for (size_t i = 1; i < s.n; i++) {
        if ((s.p[i] == '+' || s.p[i] == '-') && strchr("eEpP", s.p[i - 1]) == NULL) {
            return i;
        }
    }
    return s.n;
}

static int complex_part(struct arena *arena, struct str text, double *ret, struct err *err)
{
    if (parse_float(arena, text, ret)) {
        return 0;
    }
    AUTO(buf) struct buf quoted;
    buf_init(&quoted, ERR_MESSAGE_BYTES);
    tval_quote(&quoted, text);
    return err_set(err, ERR_INVALID, "strconv.ParseFloat: parsing %s: invalid syntax", quoted.p);
}

int literal_complex(struct arena *arena, struct str text, struct tterm *term, struct err *err)
{
    size_t split = second_sign(text);
    double real = 0;
    double imaginary = 0;
    if (split + 2 >= text.n) { /* no digit before the i */
        return err_set(err, ERR_INVALID, "syntax error scanning complex number");
    }
    TRY(complex_part(arena, str_sub(text, 0, split), &real, err));
    TRY(complex_part(arena, str_sub(text, split, text.n - 1), &imaginary, err));
    set_complex(arena, real, imaginary, term);
    return 0;
}

/* ---- characters and strings ---- */

struct unquoted {
    uint32_t rune;
    bool is_byte; /* \xff and \377: a byte, not a code point */
};

static bool read_digits(struct str s, size_t *at, size_t n, unsigned base, uint32_t *ret)
{
    if (s.n - *at < n) {
        return false;
    }
    uint32_t v = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned d = digit_value(s.p[*at + i]);
        if (d >= base) {
            return false;
        }
        v = v * base + d;
    }
    *at += n;
    *ret = v;
    return true;
}

static bool read_code_point(struct str s, size_t *at, size_t n, struct unquoted *ret)
{
    return read_digits(s, at, n, 16, &ret->rune) && ret->rune <= UTF8_MAX_RUNE &&
           (ret->rune < 0xd800 || ret->rune > 0xdfff);
}

/* The backslash has been read, something follows. */
static bool read_escape(struct str s, size_t *at, char quote, struct unquoted *ret)
{
    static const char NAMES[] = "abfnrtv\\";
    static const char VALUES[] = "\a\b\f\n\r\t\v\\";
    char c = s.p[*at];
    const char *name = c != '\0' ? strchr(NAMES, c) : NULL;
    if (name != NULL) {
        ret->rune = (unsigned char)VALUES[name - NAMES];
        (*at)++;
        return true;
    }
    if (c >= '0' && c <= '7') {
        ret->is_byte = true;
        return read_digits(s, at, 3, 8, &ret->rune) && ret->rune <= 255;
    }
    (*at)++;
    switch (c) {
    case 'x':
        ret->is_byte = true;
        return read_digits(s, at, 2, 16, &ret->rune);
    case 'u':
        return read_code_point(s, at, 4, ret);
    case 'U':
        return read_code_point(s, at, 8, ret);
    default:
        ret->rune = (unsigned char)c;
        return c == quote;
    }
}

/* strconv.UnquoteChar() */
static bool read_char(struct str s, size_t *at, char quote, struct unquoted *ret)
{
    *ret = (struct unquoted){0};
    if (*at >= s.n || s.p[*at] == quote) {
        return false;
    }
    if (s.p[*at] != '\\') {
        ret->rune = utf8_next(s, at);
        return true;
    }
    (*at)++;
    return *at < s.n && read_escape(s, at, quote, ret);
}

int literal_rune(struct str text, struct tterm *term, struct err *err)
{
    size_t at = 1;
    struct unquoted c;
    if (!read_char(text, &at, '\'', &c)) {
        return err_set(err, ERR_INVALID, "invalid syntax");
    }
    if (at + 1 != text.n) {
        return err_set(err, ERR_INVALID, "malformed character constant: " STR_FMT, STR_ARG(text));
    }
    term->is_number = true;
    term->is_char = true;
    term->is_int = true;
    term->is_float = true;
    term->int_value = c.rune;
    term->float_value = c.rune;
    term->literal = tval_int(c.rune);
    return 0;
}

static struct str unquote_raw(struct arena *arena, struct str s)
{
    if (s.n == 0 || memchr(s.p, '\r', s.n) == NULL) {
        return s;
    }
    char *copy = arena_bytes(arena, s.n);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] != '\r') {
            copy[n++] = s.p[i];
        }
    }
    return str_of(copy, n);
}

int literal_unquote(struct arena *arena, struct str text, struct str *ret, struct err *err)
{
    struct str s = str_sub(text, 1, text.n - 1);
    if (text.p[0] == '`') {
        *ret = unquote_raw(arena, s);
        return 0;
    }
    if (s.n == 0 || (memchr(s.p, '\\', s.n) == NULL && utf8_valid(s))) {
        *ret = s;
        return 0;
    }
    AUTO(buf) struct buf out;
    buf_init(&out, s.n * UTF8_MAX_BYTES);
    for (size_t at = 0; at < s.n;) {
        struct unquoted c;
        if (!read_char(s, &at, '"', &c)) {
            return err_set(err, ERR_INVALID, "invalid syntax");
        }
        if (c.is_byte) {
            buf_put_char(&out, (char)c.rune);
        } else {
            utf8_put(&out, c.rune);
        }
    }
    *ret = buf_to_arena(&out, arena);
    return 0;
}
