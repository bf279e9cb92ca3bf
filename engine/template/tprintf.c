/* Formats and their operands, as Go's fmt/print.go. */
#include "engine/template/tprintf.h"

#include "common/base/limits.h"
#include "common/base/utf8.h"
#include "engine/template/tprintf_internal.h"

enum { NUMBER_MAX = 1000000 }; /* of widths and precisions */

struct printer {
    struct buf *out;
    struct str format;
    size_t at; /* in the format */
    const struct tval *args;
    size_t n_args;
    size_t arg;
    struct tprintf_spec spec;
    bool reordered;
    bool arg_is_good;
    bool erroring; /* inside of %!verb(...): nothing is printed by its String() */
};

static void print_arg(struct printer *p, struct tval v, uint32_t verb, size_t depth);

/* ---- operands ---- */

static void put_type(struct printer *p, struct tval v)
{
    AUTO(arena) struct arena *arena = arena_new();
    buf_put(p->out, tval_type_name(arena, v));
}

/* "%!d(string=x)" */
static void put_bad_verb(struct printer *p, struct tval v, uint32_t verb, size_t depth)
{
    p->erroring = true;
    buf_put_c(p->out, "%!");
    utf8_put(p->out, verb);
    buf_put_char(p->out, '(');
    if (v.kind == TVAL_NIL) {
        buf_put_c(p->out, "<nil>");
    } else {
        put_type(p, v);
        buf_put_char(p->out, '=');
        print_arg(p, v, 'v', depth);
    }
    buf_put_char(p->out, ')');
    p->erroring = false;
}

static bool print_int(struct printer *p, struct tval v, uint32_t verb)
{
    bool is_signed = v.kind != TVAL_UINT8 && v.kind != TVAL_UINT64;
    struct tprintf_int number = {v.u, is_signed, 10, (char)verb};
    switch (verb) {
    case 'v':
        if (p->spec.sharp_v && !is_signed) {
            struct tprintf_spec spec = p->spec;
            spec.sharp = true;
            number.base = 16;
            tprintf_put_int(p->out, &spec, number);
            return true;
        }
        break;
    case 'd':
        break;
    case 'b':
        number.base = 2;
        break;
    case 'o':
    case 'O':
        number.base = 8;
        break;
    case 'x':
    case 'X':
        number.base = 16;
        break;
    case 'c':
        tprintf_put_rune(p->out, &p->spec, v.u);
        return true;
    case 'q':
        tprintf_put_quoted_rune(p->out, &p->spec, v.u);
        return true;
    case 'U':
        tprintf_put_unicode(p->out, &p->spec, v.u);
        return true;
    default:
        return false;
    }
    tprintf_put_int(p->out, &p->spec, number);
    return true;
}

static bool print_float(struct printer *p, double f, uint32_t verb)
{
    switch (verb) {
    case 'v':
        tprintf_put_float(p->out, &p->spec, f, 'g', -1);
        return true;
    case 'b':
    case 'g':
    case 'G':
    case 'x':
    case 'X':
        tprintf_put_float(p->out, &p->spec, f, (char)verb, -1);
        return true;
    case 'e':
    case 'E':
    case 'f':
        tprintf_put_float(p->out, &p->spec, f, (char)verb, 6);
        return true;
    case 'F':
        tprintf_put_float(p->out, &p->spec, f, 'f', 6);
        return true;
    default:
        return false;
    }
}

static bool print_text(struct printer *p, struct str s, uint32_t verb)
{
    switch (verb) {
    case 'v':
        if (p->spec.sharp_v) {
            tprintf_put_quoted(p->out, &p->spec, s);
            return true;
        }
        tprintf_put_str(p->out, &p->spec, s);
        return true;
    case 's':
        tprintf_put_str(p->out, &p->spec, s);
        return true;
    case 'x':
    case 'X':
        tprintf_put_hex(p->out, &p->spec, s, (char)verb);
        return true;
    case 'q':
        tprintf_put_quoted(p->out, &p->spec, s);
        return true;
    default:
        return false;
    }
}

static void print_list(struct printer *p, struct tval list, uint32_t verb, size_t depth)
{
    int64_t n = tval_len(list);
    bool go = p->spec.sharp_v;
    if (go) {
        put_type(p, list);
    }
    buf_put_char(p->out, go ? '{' : '[');
    for (int64_t i = 0; i < n && !p->out->overflow; i++) {
        if (i > 0) {
            buf_put_c(p->out, go ? ", " : " ");
        }
        print_arg(p, tval_at(list, (size_t)i), verb, depth + 1);
    }
    buf_put_char(p->out, go ? '}' : ']');
}

static void print_map(struct printer *p, struct tval map, uint32_t verb, size_t depth)
{
    AUTO(arena) struct arena *arena = arena_new();
    size_t n = 0;
    const struct str *keys = tmap_keys(map.map, arena, &n);
    bool go = p->spec.sharp_v;
    if (go) {
        put_type(p, map);
    }
    if (go && tmap_is_nil(map.map)) {
        buf_put_c(p->out, "(nil)");
        return;
    }
    buf_put_c(p->out, go ? "{" : "map[");
    for (size_t i = 0; i < n && !p->out->overflow; i++) {
        if (i > 0) {
            buf_put_c(p->out, go ? ", " : " ");
        }
        print_arg(p, tval_str(keys[i]), verb, depth + 1);
        buf_put_char(p->out, ':');
        print_arg(p, tmap_get(map.map, keys[i]), verb, depth + 1);
    }
    buf_put_char(p->out, go ? '}' : ']');
}

static bool print_bytes(struct printer *p, struct tval v, uint32_t verb, size_t depth)
{
    if (verb == 'v' || verb == 'd') {
        print_list(p, v, verb, depth);
        return true;
    }
    return print_text(p, v.s, verb);
}

/* What has a String method prints by it, where text is asked for. */
static bool print_stringer(struct printer *p, struct tval v, uint32_t verb)
{
    bool asks_for_text = verb == 'v' || verb == 's' || verb == 'x' || verb == 'X' || verb == 'q';
    if (!asks_for_text || p->erroring || p->spec.sharp_v) {
        return false;
    }
    AUTO(buf) struct buf text;
    buf_init(&text, LIMIT_MIB);
    tval_print(&text, v);
    return print_text(p, buf_str(&text), verb);
}

/* %T, and %v of nothing. */
static bool print_special(struct printer *p, struct tval v, uint32_t verb, size_t depth)
{
    if (verb == 'T' && depth == 0) {
        AUTO(arena) struct arena *arena = arena_new();
        tprintf_put_str(p->out, &p->spec, tval_type_name(arena, v));
        return true;
    }
    if (v.kind != TVAL_NIL || (verb != 'v' && depth == 0)) {
        return false;
    }
    if (depth > 0) {
        buf_put_c(p->out, p->spec.sharp_v ? "interface {}(nil)" : "<nil>");
    } else {
        tprintf_pad(p->out, &p->spec, STR("<nil>"));
    }
    return true;
}

static bool print_kind(struct printer *p, struct tval v, uint32_t verb, size_t depth)
{
    switch (v.kind) {
    case TVAL_BOOL:
        if (verb != 't' && verb != 'v') {
            return false;
        }
        tprintf_pad(p->out, &p->spec, v.b ? STR("true") : STR("false"));
        return true;
    case TVAL_INT:
    case TVAL_INT64:
    case TVAL_UINT64:
    case TVAL_UINT8:
        return print_int(p, v, verb);
    case TVAL_FLOAT64:
        return print_float(p, v.f, verb);
    case TVAL_STRING:
        return print_text(p, v.s, verb);
    case TVAL_BYTES:
        return print_bytes(p, v, verb, depth);
    case TVAL_LIST:
        print_list(p, v, verb, depth);
        return true;
    case TVAL_MAP:
        print_map(p, v, verb, depth);
        return true;
    case TVAL_DURATION:
    case TVAL_MONTH:
    case TVAL_WEEKDAY:
        return print_stringer(p, v, verb) || print_int(p, v, verb);
    case TVAL_TIME:
    case TVAL_OBJECT:
        return print_stringer(p, v, verb);
    case TVAL_NIL:
    case TVAL_KIND_COUNT:
        break;
    }
    return false;
}

static void print_arg(struct printer *p, struct tval v, uint32_t verb, size_t depth)
{
    if (depth > LIMIT_DOC_DEPTH) { /* a map may hold itself */
        p->out->overflow = true;
        return;
    }
    bool for_none = verb == 'w' || verb == 'p'; /* errors and pointers: there are none */
    if (print_special(p, v, verb, depth) || (!for_none && print_kind(p, v, verb, depth))) {
        return;
    }
    if (p->erroring) {
        tval_print(p->out, v);
        return;
    }
    put_bad_verb(p, v, verb, depth);
}

/* ---- formats ---- */

static bool at_char(const struct printer *p, char c)
{
    return p->at < p->format.n && p->format.p[p->at] == c;
}

/* Digits from p->at to end; ret_is: there are some. A number that is too large ends the format. */
static int parse_number(struct printer *p, size_t end, bool *ret_is)
{
    int number = 0;
    *ret_is = false;
    while (p->at < end && p->format.p[p->at] >= '0' && p->format.p[p->at] <= '9') {
        if (number > NUMBER_MAX) {
            *ret_is = false;
            p->at = end;
            return 0;
        }
        number = number * 10 + (p->format.p[p->at] - '0');
        *ret_is = true;
        p->at++;
    }
    return number;
}

/* "[2]": which operand is next. True: there was one that could be read. */
static bool parse_index(struct printer *p)
{
    if (!at_char(p, '[')) {
        return false;
    }
    p->reordered = true;
    struct str rest = str_sub(p->format, p->at, p->format.n);
    size_t close = rest.n >= 3 ? str_find_char(rest, ']') : STR_NONE;
    if (close == STR_NONE) {
        p->arg_is_good = false;
        p->at++;
        return false;
    }
    size_t end = p->at + close;
    bool is_number = false;
    p->at++;
    int number = parse_number(p, end, &is_number);
    bool ok = is_number && p->at == end;
    p->at = end + 1;
    if (ok && number >= 1 && (size_t)number <= p->n_args) {
        p->arg = (size_t)number - 1;
        return true;
    }
    p->arg_is_good = false;
    return ok;
}

/* "*": an operand that is the number. */
static int number_from_arg(struct printer *p, bool *ret_is)
{
    *ret_is = false;
    if (p->arg >= p->n_args) {
        return 0;
    }
    struct tval v = p->args[p->arg++];
    bool is_int = v.kind == TVAL_INT || v.kind == TVAL_INT64 || v.kind == TVAL_UINT8 ||
                  v.kind == TVAL_UINT64 || v.kind == TVAL_DURATION || v.kind == TVAL_MONTH ||
                  v.kind == TVAL_WEEKDAY;
    if (!is_int || v.i > NUMBER_MAX || v.i < -NUMBER_MAX) {
        return 0;
    }
    *ret_is = true;
    return (int)v.i;
}

static void parse_flags(struct printer *p)
{
    for (; p->at < p->format.n; p->at++) {
        switch (p->format.p[p->at]) {
        case '#':
            p->spec.sharp = true;
            break;
        case '0':
            p->spec.zero = true;
            break;
        case '+':
            p->spec.plus = true;
            break;
        case '-':
            p->spec.minus = true;
            break;
        case ' ':
            p->spec.space = true;
            break;
        default:
            return;
        }
    }
}

/* after_index: "[n]" stood before; the same for what follows is returned. */
static bool parse_width(struct printer *p, bool after_index)
{
    struct tprintf_spec *spec = &p->spec;
    if (!at_char(p, '*')) {
        spec->width = parse_number(p, p->format.n, &spec->has_width);
        if (after_index && spec->has_width) {
            p->arg_is_good = false;
        }
        return after_index;
    }
    p->at++;
    spec->width = number_from_arg(p, &spec->has_width);
    if (!spec->has_width) {
        buf_put_c(p->out, "%!(BADWIDTH)");
    }
    if (spec->width < 0) {
        spec->width = -spec->width;
        spec->minus = true;
        spec->zero = false;
    }
    return false;
}

static bool parse_precision(struct printer *p, bool after_index)
{
    struct tprintf_spec *spec = &p->spec;
    if (p->at + 1 >= p->format.n || !at_char(p, '.')) {
        return after_index;
    }
    p->at++;
    if (after_index) {
        p->arg_is_good = false;
    }
    after_index = parse_index(p);
    if (!at_char(p, '*')) {
        spec->precision = parse_number(p, p->format.n, &spec->has_precision);
        spec->has_precision = true;
        return after_index;
    }
    p->at++;
    spec->precision = number_from_arg(p, &spec->has_precision);
    if (spec->precision < 0) {
        spec->precision = 0;
        spec->has_precision = false;
    }
    if (!spec->has_precision) {
        buf_put_c(p->out, "%!(BADPREC)");
    }
    return false;
}

static void put_complaint(struct printer *p, uint32_t verb, const char *what)
{
    buf_put_c(p->out, "%!");
    utf8_put(p->out, verb);
    buf_put_c(p->out, what);
}

static void print_verb(struct printer *p, uint32_t verb)
{
    if (verb == '%') {
        buf_put_char(p->out, '%');
    } else if (!p->arg_is_good) {
        put_complaint(p, verb, "(BADINDEX)");
    } else if (p->arg >= p->n_args) {
        put_complaint(p, verb, "(MISSING)");
    } else {
        if (verb == 'v') {
            p->spec.sharp_v = p->spec.sharp;
            p->spec.sharp = false;
            p->spec.plus = false;
        }
        print_arg(p, p->args[p->arg++], verb, 0);
    }
}

/* From behind a percent sign. */
static void print_item(struct printer *p)
{
    p->spec = (struct tprintf_spec){.sharp = false};
    p->arg_is_good = true;
    parse_flags(p);
    bool after_index = parse_index(p);
    after_index = parse_width(p, after_index);
    after_index = parse_precision(p, after_index);
    if (!after_index) {
        (void)parse_index(p);
    }
    if (p->at >= p->format.n) {
        buf_put_c(p->out, "%!(NOVERB)");
        return;
    }
    print_verb(p, utf8_next(p->format, &p->at));
}

static void print_extra(struct printer *p)
{
    p->spec = (struct tprintf_spec){.sharp = false};
    buf_put_c(p->out, "%!(EXTRA ");
    for (size_t i = p->arg; i < p->n_args; i++) {
        if (i > p->arg) {
            buf_put_c(p->out, ", ");
        }
        if (p->args[i].kind == TVAL_NIL) {
            buf_put_c(p->out, "<nil>");
            continue;
        }
        put_type(p, p->args[i]);
        buf_put_char(p->out, '=');
        print_arg(p, p->args[i], 'v', 0);
    }
    buf_put_char(p->out, ')');
}

void tprintf_format(struct buf *out, struct str format, const struct tval *args, size_t n)
{
    struct printer p = {.out = out, .format = format, .args = args, .n_args = n};
    while (p.at < format.n && !out->overflow) {
        struct str rest = str_sub(format, p.at, format.n);
        size_t percent = str_find_char(rest, '%');
        if (percent == STR_NONE) {
            buf_put(out, rest);
            break;
        }
        buf_put(out, str_sub(rest, 0, percent));
        p.at += percent + 1;
        print_item(&p);
    }
    if (!p.reordered && p.arg < n) {
        print_extra(&p);
    }
}

void tprintf_print(struct buf *out, const struct tval *args, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bool blank = i > 0 && args[i].kind != TVAL_STRING && args[i - 1].kind != TVAL_STRING;
        if (blank) {
            buf_put_char(out, ' ');
        }
        tval_print(out, args[i]);
    }
}

void tprintf_println(struct buf *out, const struct tval *args, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (i > 0) {
            buf_put_char(out, ' ');
        }
        tval_print(out, args[i]);
    }
    buf_put_char(out, '\n');
}
