/* JSON reader. The text is copied once into the arena; strings are unescaped in that copy, where
 * their closing quote makes room for the terminator, so that a string costs no allocation.  Strings
 * and blanks are scanned eight bytes at a time; the copy is padded for that.  Containers nest on the
 * stack of the value builder, not on ours.  Error texts are those of Go's encoding/json. */
#include "common/value/value_json.h"

#include <endian.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/base/limits.h"
#include "common/base/num.h"
#include "common/base/utf8.h"
#include "common/value/value_internal.h"

enum {
    WORD = 8,
};

struct reader {
    struct value_builder builder;
    struct arena *arena;
    char *p; /* next byte of the copy */
    char *end;
    char *line_start;
    uint32_t line;
    bool positions;
    size_t nodes_left;
    size_t max_depth;
};

/* ---- errors ---- */

static int fail_at(struct reader *r, const char *at, struct err *err)
{
    return err_at(err, STR_EMPTY, r->line, (uint32_t)(at - r->line_start) + 1);
}

/* "invalid character 'x' <context>", or that the text is too short. */
static int unexpected(struct reader *r, const char *at, const char *context, struct err *err)
{
    if (at >= r->end) {
        (void)err_set(err, ERR_INVALID, "unexpected end of JSON input");
        return fail_at(r, at, err);
    }
    unsigned char c = (unsigned char)*at;
    char text[UTF8_MAX_BYTES + 1] = {0};
    if (c == '\n' || c == '\r' || c == '\t' || c == '\'') {
        text[0] = '\\';
        text[1] = c == '\n' ? 'n' : c == '\r' ? 'r' : c == '\t' ? 't' : '\'';
    } else if (c < 0x20 || c == 0x7f) {
        (void)snprintf(text, sizeof(text), "\\x%02x", c);
    } else {
        (void)utf8_encode(c, text);
    }
    (void)err_set(err, ERR_INVALID, "invalid character '%s' %s", text, context);
    return fail_at(r, at, err);
}

/* ---- blanks ---- */

static void skip_blanks_slow(struct reader *r)
{
    char *p = r->p;
    for (;;) {
        if (*p == '\n') {
            r->line++;
            r->line_start = ++p;
        } else if (*p == ' ') {
            uint64_t w;
            for (memcpy(&w, p, WORD); w == SCAN_ALL(' '); memcpy(&w, p, WORD)) {
                p += WORD;
            }
            while (*p == ' ') {
                p++;
            }
        } else if (*p == '\t' || *p == '\r') {
            p++;
        } else {
            break;
        }
    }
    r->p = p;
}

static inline void skip_blanks(struct reader *r)
{
    if ((unsigned char)*r->p <= ' ') {
        skip_blanks_slow(r);
    }
}

/* ---- strings ---- */

/* The first byte that is a quote, a backslash, a control character or not ASCII. */
static inline const char *skip_plain(const char *p)
{
    for (;;) {
        uint64_t w;
        memcpy(&w, p, WORD);
        w = le64toh(w);
        uint64_t stop = value_scan_special(w);
        if (stop != 0) {
            return p + (__builtin_ctzll(stop) >> 3);
        }
        p += WORD;
    }
}

static bool hex4(const char *p, uint32_t *ret)
{
    uint64_t v = 0;
    bool ok = num_digits(str_of(p, 4), 16, &v);
    *ret = (uint32_t)v;
    return ok;
}

static bool is_short_escape(char c)
{
    switch (c) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
        return true;
    default:
        return false;
    }
}

/* Check the escape at p (a backslash); its length through ret_n. */
static int check_escape(struct reader *r, const char *p, size_t *ret_n, struct err *err)
{
    if (is_short_escape(p[1])) {
        *ret_n = 2;
        return 0;
    }
    if (p[1] != 'u') {
        return unexpected(r, p + 1, "in string escape code", err);
    }
    for (size_t i = 2; i < 6; i++) {
        uint64_t digit = 0;
        if (p + i >= r->end || !num_digits(str_of(p + i, 1), 16, &digit)) {
            return unexpected(r, p + i, "in \\u hexadecimal character escape", err);
        }
    }
    *ret_n = 6;
    return 0;
}

/* Bytes from r->p to the closing quote, and how many of them are not UTF-8. */
static int find_quote(struct reader *r, size_t *ret_n, size_t *ret_n_invalid, struct err *err)
{
    const char *p = skip_plain(r->p);
    *ret_n_invalid = 0;
    for (; *p != '"'; p = skip_plain(p)) {
        if (*p == '\\') {
            size_t n = 0;
            TRY(check_escape(r, p, &n, err));
            p += n;
        } else if ((unsigned char)*p < 0x20) {
            return unexpected(r, p, "in string literal", err);
        } else {
            size_t n = utf8_len(p, (size_t)(r->end - p));
            *ret_n_invalid += n == 0;
            p += n > 0 ? n : 1;
        }
    }
    *ret_n = (size_t)(p - r->p);
    return 0;
}

/* The code point of the \u escape at p; pairs of surrogates are one, a lone one is replaced. */
static uint32_t unescape_unicode(const char **p)
{
    uint32_t rune = 0;
    uint32_t low = 0;
    (void)hex4(*p + 2, &rune); /* checked by check_escape() */
    *p += 6;
    bool high = rune >= 0xd800 && rune < 0xdc00;
    if (high && (*p)[0] == '\\' && (*p)[1] == 'u' && hex4(*p + 2, &low) && low >= 0xdc00 &&
        low < 0xe000) {
        *p += 6;
        return 0x10000 + ((rune - 0xd800) << 10) + (low - 0xdc00);
    }
    return rune;
}

static char unescape_letter(char c)
{
    switch (c) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return c;
    }
}

/* Decode [p, quote) to dst, which may be p itself when nothing grows. Returns the end. */
static char *unescape(char *dst, const char *p, const char *quote)
{
    while (p < quote) {
        size_t n = (size_t)(skip_plain(p) - p);
        if (n == 0 && *p == '\\' && p[1] == 'u') {
            dst += utf8_encode(unescape_unicode(&p), dst);
            continue;
        }
        if (n == 0 && *p == '\\') {
            *dst++ = unescape_letter(p[1]);
            p += 2;
            continue;
        }
        n = n > 0 ? n : utf8_len(p, (size_t)(quote - p));
        if (n == 0) {
            dst += utf8_encode(UTF8_REPLACEMENT, dst);
            p++;
            continue;
        }
        memmove(dst, p, n);
        dst += n;
        p += n;
    }
    return dst;
}

/* A string with escapes or more than ASCII; r->p is behind the opening quote. */
static int read_string_slow(struct reader *r, struct str *ret, struct err *err)
{
    size_t n = 0;
    size_t n_invalid = 0;
    TRY(find_quote(r, &n, &n_invalid, err));
    char *dst = r->p;
    if (n_invalid > 0) { /* one byte becomes three */
        dst = arena_bytes(r->arena, n + 2 * n_invalid + 1);
    }
    char *dst_end = unescape(dst, r->p, r->p + n);
    *dst_end = '\0';
    *ret = str_of(dst, (size_t)(dst_end - dst));
    r->p += n + 1;
    return 0;
}

/* r->p is behind the opening quote. */
static inline int read_string(struct reader *r, struct str *ret, struct err *err)
{
    size_t n = (size_t)(skip_plain(r->p) - r->p);
    if (r->p[n] != '"') {
        return read_string_slow(r, ret, err);
    }
    r->p[n] = '\0';
    *ret = str_of(r->p, n);
    r->p += n + 1;
    return 0;
}

/* ---- numbers ---- */

static char *skip_digits(char *p)
{
    while (*p >= '0' && *p <= '9') {
        p++;
    }
    return p;
}

/* Check the grammar from r->p on; the end, and whether there is a fraction or exponent. */
static int scan_number(struct reader *r, char **ret_end, bool *ret_integral, struct err *err)
{
    char *p = r->p + (*r->p == '-');
    char *digits = p;
    p = *p == '0' ? p + 1 : skip_digits(p);
    if (p == digits) {
        return unexpected(r, p, "in numeric literal", err);
    }
    *ret_integral = true;
    if (*p == '.') {
        digits = ++p;
        p = skip_digits(p);
        *ret_integral = false;
        if (p == digits) {
            return unexpected(r, p, "after decimal point in numeric literal", err);
        }
    }
    if (*p == 'e' || *p == 'E') {
        p += p[1] == '+' || p[1] == '-' ? 2 : 1;
        digits = p;
        p = skip_digits(p);
        *ret_integral = false;
        if (p == digits) {
            return unexpected(r, p, "in exponent of numeric literal", err);
        }
    }
    *ret_end = p;
    return 0;
}

/* Sets v->i and true when the digits are in range. */
static bool number_as_int(struct str text, struct value *v)
{
    bool negative = text.p[0] == '-';
    uint64_t n = 0;
    if (!num_digits(str_sub(text, negative, text.n), 10, &n) ||
        n > (uint64_t)INT64_MAX + negative) {
        return false;
    }
    v->type = VALUE_INT;
    v->i = negative ? (int64_t)(0 - n) : (int64_t)n;
    return true;
}

static int read_number(struct reader *r, struct value *v, struct err *err)
{
    char *end = NULL;
    bool integral = false;
    TRY(scan_number(r, &end, &integral, err));
    struct str text = str_of(r->p, (size_t)(end - r->p));
    v->lexeme = text.p;
    v->lexeme_n = (uint32_t)text.n;
    if (!integral || !number_as_int(text, v)) {
        v->type = VALUE_FLOAT;
        if (!num_parse_float(text, &v->f) || !isfinite(v->f)) {
            (void)err_set(err, ERR_INVALID, "number " STR_FMT " is out of range", STR_ARG(text));
            return fail_at(r, r->p, err);
        }
    }
    r->p = end;
    return 0;
}

/* ---- values ---- */

static int read_literal(struct reader *r, const char *word, struct value v, struct err *err)
{
    size_t i = 1;
    while (word[i] != '\0' && r->p[i] == word[i]) {
        i++;
    }
    if (word[i] != '\0') {
        char context[64];
        (void)snprintf(context, sizeof(context), "in literal %s (expecting '%c')", word, word[i]);
        return unexpected(r, r->p + i, context, err);
    }
    r->p += i;
    value_build_push(&r->builder, v);
    return 0;
}

static inline struct value at_position(const struct reader *r, enum value_type type)
{
    struct value v = {.type = (uint8_t)type};
    if (r->positions) {
        size_t column = (size_t)(r->p - r->line_start) + 1;
        v.line = r->line;
        v.column = (uint16_t)MIN(column, (size_t)UINT16_MAX);
    }
    return v;
}

/* A key and its colon. */
static int read_key(struct reader *r, struct err *err)
{
    struct str key;
    if (*r->p != '"') {
        return unexpected(r, r->p, "looking for beginning of object key string", err);
    }
    r->p++;
    TRY(read_string(r, &key, err));
    skip_blanks(r);
    if (*r->p != ':') {
        return unexpected(r, r->p, "after object key", err);
    }
    r->p++;
    value_build_key_borrowed(&r->builder, key);
    return 0;
}

static int check_duplicate(struct reader *r, struct err *err)
{
    const struct value_entry *e = value_builder_duplicate(&r->builder);
    if (e == NULL) {
        return 0;
    }
    (void)err_set(err, ERR_INVALID, "duplicate key \"" STR_FMT "\"", STR_ARG(e->key));
    return err_at(err, STR_EMPTY, e->value.line, e->value.column);
}

static int end_container(struct reader *r, struct err *err)
{
    r->p++;
    value_build_end(&r->builder);
    return check_duplicate(r, err);
}

static int open_container(struct reader *r, enum value_type type, struct err *err)
{
    if (r->builder.n_frames >= r->max_depth) {
        (void)err_set(err, ERR_LIMIT, "JSON is nested deeper than %zu levels", r->max_depth);
        return fail_at(r, r->p, err);
    }
    value_build_open(&r->builder, at_position(r, type));
    r->p++;
    skip_blanks(r);
    if (*r->p == (type == VALUE_MAP ? '}' : ']')) {
        return end_container(r, err);
    }
    return type == VALUE_MAP ? read_key(r, err) : 0;
}

/* Read a scalar, or open a container (an empty one is ended too). */
static int read_value(struct reader *r, struct err *err)
{
    skip_blanks(r);
    if (r->nodes_left-- == 0) {
        (void)err_set(err, ERR_LIMIT, "JSON has too many values");
        return fail_at(r, r->p, err);
    }
    struct value v = at_position(r, VALUE_NULL);
    struct str s;
    switch (*r->p) {
    case '"':
        r->p++;
        TRY(read_string(r, &s, err));
        v.type = VALUE_STRING;
        v.s = s.p;
        v.n = (uint32_t)s.n;
        break;
    case '{':
        return open_container(r, VALUE_MAP, err);
    case '[':
        return open_container(r, VALUE_LIST, err);
    case 't':
        v.type = VALUE_BOOL;
        v.b = true;
        return read_literal(r, "true", v, err);
    case 'f':
        v.type = VALUE_BOOL;
        return read_literal(r, "false", v, err);
    case 'n':
        return read_literal(r, "null", v, err);
    default:
        if (*r->p != '-' && (*r->p < '0' || *r->p > '9')) {
            return unexpected(r, r->p, "looking for beginning of value", err);
        }
        TRY(read_number(r, &v, err));
        break;
    }
    value_build_push(&r->builder, v);
    return 0;
}

static bool in_map(const struct reader *r)
{
    return r->builder.frames[r->builder.n_frames - 1].container.type == VALUE_MAP;
}

/* Behind a value: end containers, step over the comma. 1 = another value follows, 0 = all read. */
static int after_value(struct reader *r, struct err *err)
{
    while (r->builder.n_frames > 0) {
        skip_blanks(r);
        bool map = in_map(r);
        if (*r->p == ',') {
            r->p++;
            if (map) {
                skip_blanks(r);
                TRY(read_key(r, err));
            }
            return 1;
        }
        if (*r->p != (map ? '}' : ']')) {
            return unexpected(r, r->p, map ? "after object key:value pair" : "after array element",
                              err);
        }
        TRY(end_container(r, err));
    }
    return 0;
}

static int read_document(struct reader *r, struct err *err)
{
    int more = 1;
    while (more == 1) {
        size_t depth = r->builder.n_frames;
        TRY(read_value(r, err));
        /* a container with children was opened: its first child comes next */
        if (r->builder.n_frames > depth) {
            continue;
        }
        more = after_value(r, err);
    }
    TRY(more);
    skip_blanks(r);
    if (r->p < r->end) {
        return unexpected(r, r->p, "after top-level value", err);
    }
    return 0;
}

int value_from_json(struct arena *arena,
                    struct str text,
                    const struct value_json_opts *opts,
                    const struct value **ret,
                    struct err *err)
{
    static const struct value_json_opts DEFAULTS = {0};
    opts = opts != NULL ? opts : &DEFAULTS;
    size_t max_bytes = opts->max_bytes != 0 ? opts->max_bytes : LIMIT_DOC_BYTES;
    if (text.n > max_bytes || text.n >= UINT32_MAX) {
        return err_set(err, ERR_LIMIT, "JSON of %zu bytes is larger than %zu bytes", text.n,
                       max_bytes);
    }
    char *copy = arena_bytes(arena, text.n + WORD);
    if (text.n > 0) {
        memcpy(copy, text.p, text.n);
    }
    memset(copy + text.n, 0, WORD);
    struct reader r = {
        .arena = arena,
        .p = copy,
        .end = copy + text.n,
        .line_start = copy,
        .line = 1,
        .positions = opts->positions || opts->duplicates == VALUE_DUP_ERROR,
        .nodes_left = opts->max_nodes != 0 ? opts->max_nodes : LIMIT_DOC_NODES,
        .max_depth = opts->max_depth != 0 ? opts->max_depth : LIMIT_DOC_DEPTH,
    };
    value_builder_init(&r.builder, arena, opts->duplicates);
    int rc = read_document(&r, err);
    if (rc == 0) {
        *ret = value_build_finish(&r.builder);
    }
    value_builder_done(&r.builder);
    return rc;
}

int doc_from_json(struct str text,
                  const struct value_json_opts *opts,
                  struct doc **ret,
                  struct err *err)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *root = NULL;
    TRY(value_from_json(arena, text, opts, &root, err));
    *ret = doc_new(TAKE(arena), root);
    return 0;
}
