/* text/template's own functions: comparisons, index, len, printing and escaping. */
#include "common/base/limits.h"
#include "common/base/utf8.h"
#include "engine/template/texec.h"
#include "engine/template/tprintf.h"

/* ---- truth ---- */

/* The executor calls these only where arguments are at hand already. */
int tfunc_and(TFUNC_PARAMS)
{
    for (size_t i = 0; i < n_args; i++) {
        *ret = args[i];
        if (!tval_true(args[i])) {
            break;
        }
    }
    return 0;
}

int tfunc_or(TFUNC_PARAMS)
{
    for (size_t i = 0; i < n_args; i++) {
        *ret = args[i];
        if (tval_true(args[i])) {
            break;
        }
    }
    return 0;
}

static int core_not(TFUNC_PARAMS)
{
    *ret = tval_bool(!tval_true(args[0]));
    return 0;
}

/* ---- comparison ---- */

enum basic { BASIC_NONE, BASIC_BOOL, BASIC_INT, BASIC_UINT, BASIC_FLOAT, BASIC_STRING };

static enum basic basic_of(struct tval v)
{
    static const enum basic BASICS[TVAL_KIND_COUNT] = {
        [TVAL_BOOL] = BASIC_BOOL,     [TVAL_INT] = BASIC_INT,       [TVAL_INT64] = BASIC_INT,
        [TVAL_UINT8] = BASIC_UINT,    [TVAL_UINT64] = BASIC_UINT,   [TVAL_DURATION] = BASIC_INT,
        [TVAL_FLOAT64] = BASIC_FLOAT, [TVAL_STRING] = BASIC_STRING, [TVAL_MONTH] = BASIC_INT,
        [TVAL_WEEKDAY] = BASIC_INT,
    };
    return BASICS[v.kind];
}

static bool are_integers(enum basic a, enum basic b)
{
    return (a == BASIC_INT && b == BASIC_UINT) || (a == BASIC_UINT && b == BASIC_INT);
}

static int fail_incompatible(struct tcall *call, struct tval a, struct tval b, struct err *err)
{
    struct str type_a = tval_type_name(call->arena, a);
    struct str type_b = tval_type_name(call->arena, b);
    return err_set(err, ERR_INVALID, "incompatible types for comparison: " STR_FMT " and " STR_FMT,
                   STR_ARG(type_a), STR_ARG(type_b));
}

static bool is_nil(struct tval v)
{
    return v.kind == TVAL_NIL || (v.kind == TVAL_LIST && (v.list == NULL || v.list->is_nil)) ||
           (v.kind == TVAL_MAP && tmap_is_nil(v.map));
}

/* As reflect.Value prints with %s and %v. */
static struct str describe(struct tcall *call, struct tval v, struct str verb)
{
    AUTO(buf) struct buf text;
    buf_init(&text, LIMIT_KIB);
    tprintf_format(&text, verb, &v, 1);
    return buf_to_arena(&text, call->arena);
}

static int fail_not_comparable(struct tcall *call, struct tval v, struct err *err)
{
    struct str text = describe(call, v, STR("%s"));
    struct str type = tval_type_name(call->arena, v);
    return err_set(err, ERR_INVALID, "non-comparable type " STR_FMT ": " STR_FMT, STR_ARG(text),
                   STR_ARG(type));
}

/* Go's order of text and type is this one. */
static int fail_other_kinds(struct tcall *call, struct tval a, struct tval b, struct err *err)
{
    struct str text_a = describe(call, a, STR("%s"));
    struct str text_b = describe(call, b, STR("%v"));
    struct str type_a = tval_type_name(call->arena, a);
    struct str type_b = tval_type_name(call->arena, b);
    return err_set(err, ERR_INVALID,
                   "non-comparable types " STR_FMT ": " STR_FMT ", " STR_FMT ": " STR_FMT,
                   STR_ARG(text_a), STR_ARG(type_a), STR_ARG(type_b), STR_ARG(text_b));
}

/* Of what has no basic type. */
static int
equal_others(struct tcall *call, struct tval a, struct tval b, bool *ret, struct err *err)
{
    bool same_kind = tval_kind_name(a) == tval_kind_name(b);
    if (!same_kind && a.kind != TVAL_NIL && b.kind != TVAL_NIL) {
        return fail_other_kinds(call, a, b, err);
    }
    if (is_nil(a) || is_nil(b)) {
        *ret = is_nil(a) && is_nil(b);
        return 0;
    }
    if (b.kind == TVAL_MAP || tval_is_list(b)) {
        return fail_not_comparable(call, b, err);
    }
    *ret = tval_equal(a, b);
    return 0;
}

static int equal(struct tcall *call, struct tval a, struct tval b, bool *ret, struct err *err)
{
    enum basic basic_a = basic_of(a);
    enum basic basic_b = basic_of(b);
    *ret = false;
    if (are_integers(basic_a, basic_b)) {
        *ret = a.u == b.u && (basic_a == BASIC_INT ? a.i : b.i) >= 0;
        return 0;
    }
    if (basic_a != basic_b) {
        return a.kind == TVAL_NIL || b.kind == TVAL_NIL ? 0 : fail_incompatible(call, a, b, err);
    }
    switch (basic_a) {
    case BASIC_BOOL:
        *ret = a.b == b.b;
        return 0;
    case BASIC_INT:
    case BASIC_UINT:
        *ret = a.u == b.u;
        return 0;
    case BASIC_FLOAT:
        *ret = a.f == b.f;
        return 0;
    case BASIC_STRING:
        *ret = str_eq(a.s, b.s);
        return 0;
    case BASIC_NONE:
        break;
    }
    return equal_others(call, a, b, ret, err);
}

static int core_eq(TFUNC_PARAMS)
{
    bool is = false;
    if (n_args < 2) {
        return err_set(err, ERR_INVALID, "missing argument for comparison");
    }
    for (size_t i = 1; i < n_args && !is; i++) {
        TRY(equal(call, args[0], args[i], &is, err));
    }
    *ret = tval_bool(is);
    return 0;
}

static int core_ne(TFUNC_PARAMS)
{
    bool is = false;
    TRY(equal(call, args[0], args[1], &is, err));
    *ret = tval_bool(!is);
    return 0;
}

static int less(struct tcall *call, struct tval a, struct tval b, bool *ret, struct err *err)
{
    enum basic basic_a = basic_of(a);
    enum basic basic_b = basic_of(b);
    if (basic_a == BASIC_NONE || basic_b == BASIC_NONE ||
        (basic_a == BASIC_BOOL && basic_b == BASIC_BOOL)) {
        return err_set(err, ERR_INVALID, "invalid type for comparison");
    }
    if (basic_a == BASIC_INT && basic_b == BASIC_UINT) {
        *ret = a.i < 0 || a.u < b.u;
    } else if (basic_a == BASIC_UINT && basic_b == BASIC_INT) {
        *ret = b.i >= 0 && a.u < b.u;
    } else if (basic_a != basic_b) {
        return fail_incompatible(call, a, b, err);
    } else if (basic_a == BASIC_FLOAT) {
        *ret = a.f < b.f;
    } else if (basic_a == BASIC_STRING) {
        *ret = str_cmp(a.s, b.s) < 0;
    } else {
        *ret = basic_a == BASIC_INT ? a.i < b.i : a.u < b.u;
    }
    return 0;
}

static int
less_or_equal(struct tcall *call, struct tval a, struct tval b, bool *ret, struct err *err)
{
    TRY(less(call, a, b, ret, err));
    return *ret ? 0 : equal(call, a, b, ret, err);
}

static int core_lt(TFUNC_PARAMS)
{
    bool is = false;
    TRY(less(call, args[0], args[1], &is, err));
    *ret = tval_bool(is);
    return 0;
}

static int core_le(TFUNC_PARAMS)
{
    bool is = false;
    TRY(less_or_equal(call, args[0], args[1], &is, err));
    *ret = tval_bool(is);
    return 0;
}

static int core_gt(TFUNC_PARAMS)
{
    bool is = false;
    TRY(less_or_equal(call, args[0], args[1], &is, err));
    *ret = tval_bool(!is);
    return 0;
}

static int core_ge(TFUNC_PARAMS)
{
    bool is = false;
    TRY(less(call, args[0], args[1], &is, err));
    *ret = tval_bool(!is);
    return 0;
}

/* ---- containers ---- */

static int core_len(TFUNC_PARAMS)
{
    int64_t n = tval_len(args[0]);
    if (args[0].kind == TVAL_NIL) {
        return err_set(err, ERR_INVALID, "len of nil pointer");
    }
    if (n < 0) {
        struct str type = tval_type_name(call->arena, args[0]);
        return err_set(err, ERR_INVALID, "len of type " STR_FMT, STR_ARG(type));
    }
    *ret = tval_int(n);
    return 0;
}

static int
index_list(struct tcall *call, struct tval list, struct tval i, struct tval *ret, struct err *err)
{
    enum basic basic = basic_of(i);
    if (i.kind == TVAL_NIL) {
        return err_set(err, ERR_INVALID, "cannot index slice/array with nil");
    }
    if (basic != BASIC_INT && basic != BASIC_UINT) {
        struct str type = tval_type_name(call->arena, i);
        return err_set(err, ERR_INVALID, "cannot index slice/array with type " STR_FMT,
                       STR_ARG(type));
    }
    if (i.i < 0 || i.i > tval_len(list)) {
        return err_set(err, ERR_INVALID, "index out of range: %lld", (long long)i.i);
    }
    if (i.i == tval_len(list)) {
        return err_set(err, ERR_INVALID, "reflect: %s index out of range", tval_kind_name(list));
    }
    if (list.kind == TVAL_STRING) {
        list.kind = TVAL_BYTES;
    }
    *ret = tval_at(list, (size_t)i.i);
    return 0;
}

static int index_map(
    struct tcall *call, const struct tmap *map, struct tval key, struct tval *ret, struct err *err)
{
    if (key.kind == TVAL_NIL) {
        return err_set(err, ERR_INVALID, "value is nil; should be of type string");
    }
    if (key.kind != TVAL_STRING) {
        struct str type = tval_type_name(call->arena, key);
        return err_set(err, ERR_INVALID, "value has type " STR_FMT "; should be string",
                       STR_ARG(type));
    }
    *ret = tmap_get(map, key.s);
    return 0;
}

static int core_index(TFUNC_PARAMS)
{
    struct tval item = args[0];
    if (item.kind == TVAL_NIL) {
        return err_set(err, ERR_INVALID, "index of untyped nil");
    }
    for (size_t i = 1; i < n_args; i++) {
        if (item.kind == TVAL_NIL) {
            return err_set(err, ERR_INVALID, "index of nil pointer");
        }
        if (item.kind == TVAL_MAP) {
            TRY(index_map(call, item.map, args[i], &item, err));
        } else if (item.kind == TVAL_STRING || tval_is_list(item)) {
            TRY(index_list(call, item, args[i], &item, err));
        } else {
            struct str type = tval_type_name(call->arena, item);
            return err_set(err, ERR_INVALID, "can't index item of type " STR_FMT, STR_ARG(type));
        }
    }
    *ret = item;
    return 0;
}

static int core_call(TFUNC_PARAMS)
{
    if (args[0].kind == TVAL_NIL) {
        return err_set(err, ERR_INVALID, "call of nil");
    }
    struct str type = tval_type_name(call->arena, args[0]);
    return err_set(err, ERR_INVALID, "non-function of type " STR_FMT, STR_ARG(type));
}

/* ---- printing ---- */

static int finish(struct tcall *call, const struct buf *text, struct tval *ret, struct err *err)
{
    TRY(buf_check(text, "the text a function makes", err));
    TRY(budget_bytes(call->budget, text->n, err));
    *ret = tval_str(buf_to_arena(text, call->arena));
    return 0;
}

static int core_print(TFUNC_PARAMS)
{
    AUTO(buf) struct buf text;
    buf_init(&text, LIMIT_DOC_BYTES);
    tprintf_print(&text, args, n_args);
    return finish(call, &text, ret, err);
}

static int core_println(TFUNC_PARAMS)
{
    AUTO(buf) struct buf text;
    buf_init(&text, LIMIT_DOC_BYTES);
    tprintf_println(&text, args, n_args);
    return finish(call, &text, ret, err);
}

static int core_printf(TFUNC_PARAMS)
{
    AUTO(buf) struct buf text;
    buf_init(&text, LIMIT_DOC_BYTES);
    tprintf_format(&text, args[0].s, args + 1, n_args - 1);
    return finish(call, &text, ret, err);
}

/* ---- escaping ---- */

/* What an escaper works on: one string, or the arguments as printed. */
static void put_operands(struct buf *out, const struct tval *args, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bool blank = i > 0 && args[i].kind != TVAL_STRING && args[i - 1].kind != TVAL_STRING &&
                     args[i].kind != TVAL_NIL && args[i - 1].kind != TVAL_NIL;
        if (blank) {
            buf_put_char(out, ' ');
        }
        if (args[i].kind == TVAL_NIL) {
            buf_put_c(out, "<no value>");
        } else {
            tval_print(out, args[i]);
        }
    }
}

static const char *html_escape(char c)
{
    switch (c) {
    case '\0':
        return "\xef\xbf\xbd";
    case '"':
        return "&#34;";
    case '\'':
        return "&#39;";
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    default:
        return NULL;
    }
}

static void put_html(struct buf *out, struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        const char *escape = html_escape(s.p[i]);
        if (escape != NULL) {
            buf_put_c(out, escape);
        } else {
            buf_put_char(out, s.p[i]);
        }
    }
}

static const char *js_escape(uint32_t rune)
{
    switch (rune) {
    case '\\':
        return "\\\\";
    case '\'':
        return "\\'";
    case '"':
        return "\\\"";
    case '<':
        return "\\u003C";
    case '>':
        return "\\u003E";
    case '&':
        return "\\u0026";
    case '=':
        return "\\u003D";
    default:
        return NULL;
    }
}

static void put_js(struct buf *out, struct str s)
{
    for (size_t at = 0; at < s.n;) {
        size_t start = at;
        uint32_t rune = utf8_next(s, &at);
        const char *escape = js_escape(rune);
        if (escape != NULL) {
            buf_put_c(out, escape);
        } else if (rune < ' ' || !(rune == 0x7f || utf8_is_print(rune))) {
            buf_printf(out, "\\u%04X", (unsigned)rune);
        } else {
            buf_put(out, str_sub(s, start, at));
        }
    }
}

static void put_query(struct buf *out, struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '-' || c == '_' || c == '.' || c == '~';
        if (plain) {
            buf_put_char(out, c);
        } else if (c == ' ') {
            buf_put_char(out, '+');
        } else {
            buf_printf(out, "%%%02X", (unsigned char)c);
        }
    }
}

static int escape_with(void (*put)(struct buf *out, struct str s), TFUNC_PARAMS)
{
    AUTO(buf) struct buf plain;
    AUTO(buf) struct buf escaped;
    buf_init(&plain, LIMIT_DOC_BYTES);
    buf_init(&escaped, LIMIT_DOC_BYTES);
    put_operands(&plain, args, n_args);
    TRY(buf_check(&plain, "the text a function makes", err));
    put(&escaped, buf_str(&plain));
    return finish(call, &escaped, ret, err);
}

static int core_html(TFUNC_PARAMS)
{
    return escape_with(put_html, call, args, n_args, ret, err);
}

static int core_js(TFUNC_PARAMS)
{
    return escape_with(put_js, call, args, n_args, ret, err);
}

static int core_urlquery(TFUNC_PARAMS)
{
    return escape_with(put_query, call, args, n_args, ret, err);
}

static const struct tfunc ROWS[] = {
    {"and", "aa*", tfunc_and},       {"call", "aa*", core_call},
    {"eq", "aa*", core_eq},          {"ge", "aa", core_ge},
    {"gt", "aa", core_gt},           {"html", "a*", core_html},
    {"index", "aa*", core_index},    {"js", "a*", core_js},
    {"le", "aa", core_le},           {"len", "a", core_len},
    {"lt", "aa", core_lt},           {"ne", "aa", core_ne},
    {"not", "a", core_not},          {"or", "aa*", tfunc_or},
    {"print", "a*", core_print},     {"printf", "sa*", core_printf},
    {"println", "a*", core_println}, {"urlquery", "a*", core_urlquery},
};
const struct tfunc_table TFUNCS_CORE = TFUNC_TABLE(ROWS);
