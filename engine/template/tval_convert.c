/* Values to numbers as spf13/cast does, and to and from struct value. */
#include <math.h>

#include "common/base/b64.h"
#include "common/base/limits.h"
#include "common/base/num.h"
#include "common/base/utf8.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "engine/template/gotime.h"
#include "engine/template/tval.h"

/* ---- numbers ---- */

static bool is_digit(char c, bool hex)
{
    return (c >= '0' && c <= '9') || (hex && (c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

/* Behind a sign. */
static size_t unsigned_start(struct str s)
{
    return s.n > 0 && (s.p[0] == '-' || s.p[0] == '+') ? 1 : 0;
}

/* The letter of 0x, 0b and 0o, in lower case; 0: there is none. */
static char base_letter(struct str s)
{
    char letter = s.n >= 2 && s.p[0] == '0' ? (char)(s.p[1] | 0x20) : '\0';
    return letter == 'x' || letter == 'b' || letter == 'o' ? letter : '\0';
}

/* Go's rule for digits with underscores: each between two digits, or behind a base prefix. */
static bool underscores_ok(struct str s)
{
    s = str_sub(s, unsigned_start(s), s.n);
    char letter = base_letter(s);
    char before = letter != '\0' ? '0' : '^'; /* the prefix counts as a digit */
    for (size_t at = letter != '\0' ? 2 : 0; at < s.n; at++) {
        char c = s.p[at];
        if (is_digit(c, letter == 'x')) {
            before = '0';
        } else if (c == '_' && before == '0') {
            before = '_';
        } else if (c == '_' || before == '_') {
            return false;
        } else {
            before = '!';
        }
    }
    return before != '_';
}

enum { NUMBER_BYTES = 512 }; /* longer texts are taken for no number */

/* s without underscores; false: they are misplaced, or it is too long. */
static bool drop_underscores(struct str s, char dst[NUMBER_BYTES], struct str *ret)
{
    size_t n = 0;
    if (s.n >= NUMBER_BYTES || (str_find_char(s, '_') != STR_NONE && !underscores_ok(s))) {
        return false;
    }
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] != '_') {
            dst[n++] = s.p[i];
        }
    }
    dst[n] = '\0';
    *ret = str_of(dst, n);
    return true;
}

static unsigned cut_base(struct str *s)
{
    char letter = base_letter(*s);
    if (letter == '\0' && (s->n < 2 || s->p[0] != '0')) {
        return 10;
    }
    *s = str_sub(*s, letter != '\0' ? 2 : 1, s->n);
    return letter == 'x' ? 16 : letter == 'b' ? 2 : 8;
}

bool tval_parse_int(struct str text, int64_t *ret)
{
    char digits[NUMBER_BYTES];
    struct str s;
    uint64_t v = 0;
    if (!drop_underscores(text, digits, &s)) {
        return false;
    }
    bool negative = s.n > 0 && s.p[0] == '-';
    s = str_sub(s, unsigned_start(s), s.n);
    unsigned base = cut_base(&s);
    if (!num_digits(s, base, &v) || v > (uint64_t)INT64_MAX + (negative ? 1 : 0)) {
        return false;
    }
    *ret = negative ? (int64_t)(0 - v) : (int64_t)v;
    return true;
}

/* "5.00" is 5; as cast has it. */
static struct str cut_zero_decimals(struct str s)
{
    bool zero = false;
    for (size_t i = s.n; i > 0 && (s.p[i - 1] == '0' || s.p[i - 1] == '.'); i--) {
        if (s.p[i - 1] == '.') {
            return zero ? str_sub(s, 0, i - 1) : s;
        }
        zero = true;
    }
    return s;
}

/* As the processor converts for Go: what does not fit is the smallest integer. */
static int64_t int_of_float(double f)
{
    return f >= -0x1p63 && f < 0x1p63 ? (int64_t)f : INT64_MIN;
}

int64_t tval_to_int64(struct tval v)
{
    int64_t i = 0;
    switch (v.kind) {
    case TVAL_INT:
    case TVAL_INT64:
    case TVAL_UINT8:
    case TVAL_MONTH:
    case TVAL_WEEKDAY:
        return v.i;
    case TVAL_UINT64:
        return (int64_t)v.u;
    case TVAL_FLOAT64:
        return int_of_float(v.f);
    case TVAL_BOOL:
        return v.b ? 1 : 0;
    case TVAL_STRING:
        return tval_parse_int(cut_zero_decimals(v.s), &i) ? i : 0;
    case TVAL_NIL:
    case TVAL_BYTES:
    case TVAL_LIST:
    case TVAL_MAP:
    case TVAL_TIME:
    case TVAL_DURATION:
    case TVAL_OBJECT:
    case TVAL_KIND_COUNT:
        break;
    }
    return 0;
}

/* "inf", "infinity", "nan" in any case. */
static bool parse_special(struct str s, double *ret)
{
    size_t sign = unsigned_start(s);
    struct str word = str_sub(s, sign, s.n);
    if (str_eq_nocase(word, STR("inf")) || str_eq_nocase(word, STR("infinity"))) {
        *ret = sign > 0 && s.p[0] == '-' ? -INFINITY : INFINITY;
        return true;
    }
    if (sign == 0 && str_eq_nocase(word, STR("nan"))) {
        *ret = NAN;
        return true;
    }
    return false;
}

/* A hexadecimal mantissa: digits with a point; the exponent of two counts what was left out. */
struct mantissa {
    uint64_t bits;
    int64_t exponent;
    size_t n_digits;
};

static size_t parse_mantissa(struct str s, struct mantissa *m)
{
    size_t at = 0;
    bool fraction = false;
    for (; at < s.n && (is_digit(s.p[at], true) || (s.p[at] == '.' && !fraction)); at++) {
        uint64_t digit = 0;
        if (s.p[at] == '.') {
            fraction = true;
            continue;
        }
        (void)num_digits(str_sub(s, at, at + 1), 16, &digit);
        m->n_digits++;
        if (m->bits >> 58 == 0) {
            m->bits = m->bits << 4 | digit;
            m->exponent -= fraction ? 4 : 0;
        } else { /* only whether there is something counts for rounding */
            m->bits |= digit != 0 ? 1 : 0;
            m->exponent += fraction ? 0 : 4;
        }
    }
    return at;
}

/* Go wants an exponent in hexadecimal ones. */
static bool parse_hex_float(struct str s, double *ret)
{
    struct mantissa m = {0, 0, 0};
    struct err err;
    int64_t exponent = 0;
    size_t sign = unsigned_start(s);
    struct str rest = str_sub(s, sign, s.n);
    if (base_letter(rest) != 'x') {
        return false;
    }
    rest = str_sub(rest, 2, rest.n);
    size_t at = parse_mantissa(rest, &m);
    if (m.n_digits == 0 || at == rest.n || (rest.p[at] | 0x20) != 'p' ||
        num_parse_int_range(str_sub(rest, at + 1, rest.n), -100000, 100000, &exponent, &err) < 0) {
        return false;
    }
    *ret = ldexp((double)m.bits, (int)(exponent + m.exponent));
    *ret = sign > 0 && s.p[0] == '-' ? -*ret : *ret;
    return true;
}

bool tval_parse_float(struct str text, double *ret)
{
    char digits[NUMBER_BYTES];
    struct str s;
    if (parse_special(text, ret)) {
        return true;
    }
    if (!drop_underscores(text, digits, &s)) {
        return false;
    }
    return (num_parse_float(s, ret) || parse_hex_float(s, ret)) && isfinite(*ret);
}

double tval_to_float(struct tval v)
{
    double f = 0;
    if (v.kind == TVAL_FLOAT64) {
        return v.f;
    }
    if (v.kind == TVAL_UINT64) {
        return (double)v.u;
    }
    if (v.kind == TVAL_STRING) {
        return tval_parse_float(v.s, &f) ? f : 0;
    }
    return (double)tval_to_int64(v);
}

/* ---- from trees ---- */

static struct tval from_number(const struct value *v, bool ints)
{
    if (v->type == VALUE_FLOAT) {
        return tval_float(v->f);
    }
    return ints ? tval_int64(v->i) : tval_float((double)v->i);
}

/* The depth of v was bounded when it was read. */
struct tval tval_from_value(struct arena *arena, const struct value *v, bool ints)
{
    switch (value_type(v)) {
    case VALUE_BOOL:
        return tval_bool(v->b);
    case VALUE_INT:
    case VALUE_FLOAT:
        return from_number(v, ints);
    case VALUE_STRING:
        return tval_str(value_str(v));
    case VALUE_LIST: {
        struct tval list = tval_list_new(arena, TVAL_OF_ANY, value_len(v));
        for (size_t i = 0; i < list.list->n; i++) {
            list.list->items[i] = tval_from_value(arena, value_at(v, i), ints);
        }
        return list;
    }
    case VALUE_MAP: {
        struct tmap *map = tmap_new(arena, TVAL_OF_ANY, NULL, NULL);
        tmap_reserve(map, value_len(v));
        VALUE_MAP_FOREACH(v, e)
        {
            tmap_set_borrowed(map, e->key, tval_from_value(arena, &e->value, ints));
        }
        return tval_map(map);
    }
    case VALUE_NULL:
    case VALUE_TYPE_COUNT:
        break;
    }
    return tval_nil();
}

/* ---- to trees ---- */

struct writer {
    struct arena *arena;
    struct value_builder builder;
    size_t n_left;
    size_t depth_left;
};

static int write_value(struct writer *w, struct tval v, struct err *err);

static void write_text(struct writer *w, struct str s)
{
    if (utf8_valid(s)) {
        value_build_str(&w->builder, s);
        return;
    }
    AUTO(buf) struct buf text;
    buf_init(&text, LIMIT_DOC_BYTES);
    utf8_put_valid(&text, s);
    value_build_str(&w->builder, buf_str(&text));
}

static void write_printed(struct writer *w, struct tval v)
{
    AUTO(buf) struct buf text;
    buf_init(&text, LIMIT_DOC_BYTES);
    tval_print(&text, v);
    write_text(w, buf_str(&text));
}

/* RFC 3339 with nanoseconds: the print form is "2006-01-02 15:04:05.9 -0700 MST". */
static void write_time(struct writer *w, struct tval v)
{
    AUTO(buf) struct buf text;
    buf_init(&text, LIMIT_KIB);
    gotime_format(&text, v.time, STR("2006-01-02T15:04:05.999999999Z07:00"));
    value_build_str(&w->builder, buf_to_arena(&text, w->arena));
}

static void write_bytes(struct writer *w, struct str bytes)
{
    AUTO(buf) struct buf text;
    buf_init(&text, LIMIT_DOC_BYTES);
    b64_encode(&text, bytes, B64_STANDARD);
    value_build_str(&w->builder, buf_str(&text));
}

static int write_float(struct writer *w, double f, struct err *err)
{
    if (!isfinite(f)) {
        char text[NUM_FLOAT_BYTES];
        (void)num_format_g(f, text);
        return err_set(err, ERR_INVALID, "json: unsupported value: %s", text);
    }
    value_build_float(&w->builder, f);
    return 0;
}

static void write_uint64(struct writer *w, uint64_t u)
{
    if (u <= INT64_MAX) {
        value_build_int(&w->builder, (int64_t)u);
        return;
    }
    struct str lexeme = arena_printf(w->arena, "%llu", (unsigned long long)u);
    struct value v = value_of_float((double)u);
    v.lexeme = lexeme.p;
    v.lexeme_n = (uint32_t)lexeme.n;
    value_build_value(&w->builder, &v);
}

static int write_list(struct writer *w, const struct tlist *list, struct err *err)
{
    if (list == NULL || list->is_nil) {
        value_build_null(&w->builder);
        return 0;
    }
    value_build_list(&w->builder);
    for (size_t i = 0; i < list->n; i++) {
        TRY(write_value(w, list->items[i], err));
    }
    value_build_end(&w->builder);
    return 0;
}

static int write_map(struct writer *w, const struct tmap *map, struct err *err)
{
    size_t n = 0;
    if (tmap_is_nil(map)) {
        value_build_null(&w->builder);
        return 0;
    }
    const struct str *keys = tmap_keys(map, w->arena, &n);
    value_build_map(&w->builder);
    for (size_t i = 0; i < n; i++) {
        value_build_key(&w->builder, keys[i]);
        TRY(write_value(w, tmap_get(map, keys[i]), err));
    }
    value_build_end(&w->builder);
    return 0;
}

static int write_object(struct writer *w, struct tval v, struct err *err)
{
    if (v.obj->class->to_json != NULL) {
        return write_value(w, v.obj->class->to_json(w->arena, v.obj->data), err);
    }
    write_printed(w, v);
    return 0;
}

/* What holds others: counted, as a value may hold itself or share parts very often. */
static int write_container(struct writer *w, struct tval v, struct err *err)
{
    if (w->depth_left == 0) {
        struct str type = tval_type_name(w->arena, v);
        return err_set(err, ERR_LIMIT, "json: unsupported value: encountered a cycle via " STR_FMT,
                       STR_ARG(type));
    }
    w->depth_left--;
    int rc = v.kind == TVAL_LIST  ? write_list(w, v.list, err)
             : v.kind == TVAL_MAP ? write_map(w, v.map, err)
                                  : write_object(w, v, err);
    w->depth_left++;
    return rc;
}

static int write_value(struct writer *w, struct tval v, struct err *err)
{
    if (w->n_left-- == 0) {
        w->n_left = 0;
        return err_set(err, ERR_LIMIT, "a value has more than %zu parts", (size_t)LIMIT_DOC_NODES);
    }
    switch (v.kind) {
    case TVAL_BOOL:
        value_build_bool(&w->builder, v.b);
        break;
    case TVAL_INT:
    case TVAL_INT64:
    case TVAL_UINT8:
    case TVAL_DURATION:
    case TVAL_MONTH:
    case TVAL_WEEKDAY:
        value_build_int(&w->builder, v.i);
        break;
    case TVAL_UINT64:
        write_uint64(w, v.u);
        break;
    case TVAL_FLOAT64:
        return write_float(w, v.f, err);
    case TVAL_STRING:
        write_text(w, v.s);
        break;
    case TVAL_BYTES:
        write_bytes(w, v.s);
        break;
    case TVAL_LIST:
    case TVAL_MAP:
    case TVAL_OBJECT:
        return write_container(w, v, err);
    case TVAL_TIME:
        write_time(w, v);
        break;
    case TVAL_NIL:
    case TVAL_KIND_COUNT:
        value_build_null(&w->builder);
        break;
    }
    return 0;
}

int tval_to_value(struct arena *arena, struct tval v, const struct value **ret, struct err *err)
{
    struct writer w = {.arena = arena, .n_left = LIMIT_DOC_NODES, .depth_left = LIMIT_DOC_DEPTH};
    value_builder_init(&w.builder, arena, VALUE_DUP_LAST);
    int rc = write_value(&w, v, err);
    if (rc == 0) {
        *ret = value_build_finish(&w.builder);
    }
    value_builder_done(&w.builder);
    return rc;
}

/* ---- copies ---- */

/* Beyond these bounds parts are shared, not copied: values that hold themselves have no end. */
struct copier {
    struct arena *arena;
    size_t n_left;
    size_t depth_left;
};

static struct tval copy(struct copier *c, struct tval v);

static struct tval copy_list(struct copier *c, const struct tlist *list)
{
    struct tval v = tval_list_new(c->arena, list->elem, list->n);
    v.list->class = list->class;
    v.list->class_data = list->class_data;
    v.list->is_nil = list->is_nil;
    for (size_t i = 0; i < list->n; i++) {
        v.list->items[i] = copy(c, list->items[i]);
    }
    return v;
}

static struct tval copy_map(struct copier *c, struct tmap *map)
{
    bool is_view = tmap_base(map) != map;
    struct tmap *result = tmap_clone(c->arena, tmap_base(map));
    struct str key;
    struct tval *v;
    for (size_t at = 0; tmap_next(result, &at, &key, &v);) {
        *v = copy(c, *v);
    }
    return tval_map(is_view ? tmap_as(c->arena, result, tmap_class(map)) : result);
}

static struct tval copy(struct copier *c, struct tval v)
{
    bool container = v.kind == TVAL_MAP || (v.kind == TVAL_LIST && v.list != NULL);
    if (!container || c->n_left == 0 || c->depth_left == 0) {
        return v;
    }
    c->n_left--;
    c->depth_left--;
    v = v.kind == TVAL_MAP ? copy_map(c, v.map) : copy_list(c, v.list);
    c->depth_left++;
    return v;
}

struct tval tval_copy(struct arena *arena, struct tval v)
{
    struct copier c = {arena, LIMIT_DOC_NODES, LIMIT_DOC_DEPTH};
    return copy(&c, v);
}
