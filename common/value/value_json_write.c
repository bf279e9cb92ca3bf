/* JSON writer: the bytes Go's encoding/json would produce. */
#include <endian.h>
#include <math.h>
#include <string.h>

#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/base/num.h"
#include "common/base/utf8.h"
#include "common/value/value_internal.h"
#include "common/value/value_json.h"

struct writer {
    struct buf *b;
    const struct value_json_write *opts;
    size_t depth;
};

static const char HEX[] = "0123456789abcdef";

/* What stands for an ASCII character in a string: 0 itself, 1 a \u00xx escape, else a letter. */
static char escape_of(unsigned char c, bool escape_html)
{
    switch (c) {
    case '"':
    case '\\':
        return (char)c;
    case '\b':
        return 'b';
    case '\f':
        return 'f';
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    case '<':
    case '>':
    case '&':
        return escape_html ? 1 : 0;
    default:
        return c < 0x20 ? 1 : 0;
    }
}

static void put_escape(struct buf *b, unsigned char c, char escape)
{
    if (escape == 1) {
        char text[6] = {'\\', 'u', '0', '0', HEX[c >> 4], HEX[c & 15]};
        buf_put_bytes(b, text, sizeof(text));
        return;
    }
    char text[2] = {'\\', escape};
    buf_put_bytes(b, text, sizeof(text));
}

/* U+2028 and U+2029 end lines in JavaScript; Go escapes them always. */
static bool is_line_separator(const char *p, size_t n)
{
    return n == 3 && (memcmp(p, "\xe2\x80\xa8", 3) == 0 || memcmp(p, "\xe2\x80\xa9", 3) == 0);
}

/* The character at s.p[at], which may need an escape; the bytes it has. */
static size_t put_character(struct buf *b, struct str s, size_t at, bool escape_html)
{
    unsigned char c = (unsigned char)s.p[at];
    if (c < 0x80) {
        char escape = escape_of(c, escape_html);
        if (escape != 0) {
            put_escape(b, c, escape);
        } else {
            buf_put_char(b, (char)c);
        }
        return 1;
    }
    size_t n = utf8_len(s.p + at, s.n - at);
    if (n == 0) {
        buf_put_c(b, "\\ufffd");
    } else if (is_line_separator(s.p + at, n)) {
        buf_put_c(b, s.p[at + 2] == '\xa8' ? "\\u2028" : "\\u2029");
    } else {
        buf_put_bytes(b, s.p + at, n);
    }
    return n > 0 ? n : 1;
}

/* Bytes from `at` on that are written as they are when HTML needs no escapes. */
static size_t plain_run(struct str s, size_t at)
{
    size_t start = at;
    uint64_t w = 0;
    for (; at + sizeof(w) <= s.n; at += sizeof(w)) {
        memcpy(&w, s.p + at, sizeof(w));
        uint64_t stop = value_scan_special(le64toh(w));
        if (stop != 0) {
            return at - start + (size_t)(__builtin_ctzll(stop) >> 3);
        }
    }
    while (at < s.n && s.p[at] >= ' ' && s.p[at] != '"' && s.p[at] != '\\') {
        at++;
    }
    return at - start;
}

void value_json_put_string(struct buf *b, struct str s, bool escape_html)
{
    buf_put_char(b, '"');
    for (size_t at = 0; at < s.n;) {
        size_t n = escape_html ? 0 : plain_run(s, at);
        buf_put_bytes(b, s.p + at, n);
        at += n;
        if (at < s.n) {
            at += put_character(b, s, at, escape_html);
        }
    }
    buf_put_char(b, '"');
}

static int put_float(struct writer *w, const struct value *v, struct err *err)
{
    char text[NUM_FLOAT_BYTES];
    if (!isfinite(v->f)) {
        (void)num_format_g(v->f, text);
        return err_set(err, ERR_INVALID, "json: unsupported value: %s", text);
    }
    /* a whole number too large for int64_t: its digits are exact, the double is not */
    struct str lexeme = str_of(v->lexeme, v->lexeme_n);
    bool digits = lexeme.n > 0;
    for (size_t i = 0; i < lexeme.n && digits; i++) {
        char c = lexeme.p[i];
        digits = (c >= '0' && c <= '9') || (i == 0 && c == '-');
    }
    if (digits) {
        buf_put(w->b, lexeme);
        return 0;
    }
    buf_put_bytes(w->b, text, num_format_json(v->f, text));
    return 0;
}

static void put_line(struct writer *w)
{
    if (w->opts->pretty) {
        buf_put_char(w->b, '\n');
        buf_put_fill(w->b, ' ', 2 * w->depth);
    }
}

static int put_value(struct writer *w, const struct value *v, struct err *err);

static int put_list(struct writer *w, const struct value *v, struct err *err)
{
    if (v->n == 0) {
        buf_put_c(w->b, "[]");
        return 0;
    }
    buf_put_char(w->b, '[');
    w->depth++;
    VALUE_FOREACH(v, item) {
        if (item != v->items) {
            buf_put_char(w->b, ',');
        }
        put_line(w);
        TRY(put_value(w, item, err));
    }
    w->depth--;
    put_line(w);
    buf_put_char(w->b, ']');
    return 0;
}

static int put_entry(struct writer *w, const struct value_entry *e, bool first, struct err *err)
{
    if (!first) {
        buf_put_char(w->b, ',');
    }
    put_line(w);
    value_json_put_string(w->b, e->key, w->opts->escape_html);
    if (w->opts->pretty) {
        buf_put_c(w->b, ": ");
    } else {
        buf_put_char(w->b, ':');
    }
    return put_value(w, &e->value, err);
}

static int put_entries_sorted(struct writer *w, const struct value *v, struct err *err)
{
    const struct value_entry **sorted = value_sorted_entries(v);
    int rc = 0;
    for (size_t i = 0; i < v->n && rc == 0; i++) {
        rc = put_entry(w, sorted[i], i == 0, err);
    }
    mem_free((void *)sorted);
    return rc;
}

static bool is_sorted(const struct value *map)
{
    for (size_t i = 1; i < map->n; i++) {
        if (str_cmp(map->entries[i - 1].key, map->entries[i].key) > 0) {
            return false;
        }
    }
    return true;
}

static int put_map(struct writer *w, const struct value *v, struct err *err)
{
    if (v->n == 0) {
        buf_put_c(w->b, "{}");
        return 0;
    }
    buf_put_char(w->b, '{');
    w->depth++;
    if (!w->opts->insertion_order && !is_sorted(v)) {
        TRY(put_entries_sorted(w, v, err));
    } else {
        VALUE_MAP_FOREACH(v, e)
        {
            TRY(put_entry(w, e, e == v->entries, err));
        }
    }
    w->depth--;
    put_line(w);
    buf_put_char(w->b, '}');
    return 0;
}

static int put_value(struct writer *w, const struct value *v, struct err *err)
{
    if (w->opts->mask_sensitive && v != NULL && (v->flags & VALUE_SENSITIVE) != 0) {
        buf_put_c(w->b, "\"" VALUE_MASK_TEXT "\"");
        return 0;
    }
    switch (value_type(v)) {
    case VALUE_BOOL:
        buf_put_c(w->b, v->b ? "true" : "false");
        return 0;
    case VALUE_INT:
        buf_put_int(w->b, v->i);
        return 0;
    case VALUE_FLOAT:
        return put_float(w, v, err);
    case VALUE_STRING:
        value_json_put_string(w->b, str_of(v->s, v->n), w->opts->escape_html);
        return 0;
    case VALUE_LIST:
        return put_list(w, v, err);
    case VALUE_MAP:
        return put_map(w, v, err);
    case VALUE_NULL:
    case VALUE_TYPE_COUNT:
        break;
    }
    buf_put_c(w->b, "null");
    return 0;
}

int value_to_json(struct buf *b,
                  const struct value *v,
                  const struct value_json_write *opts,
                  struct err *err)
{
    static const struct value_json_write DEFAULTS = {0};
    struct writer w = {.b = b, .opts = opts != NULL ? opts : &DEFAULTS};
    TRY(put_value(&w, v, err));
    return buf_check(b, "JSON text", err);
}

int value_to_json_in(struct arena *arena,
                     const struct value *v,
                     const struct value_json_write *opts,
                     struct str *ret,
                     struct err *err)
{
    AUTO(buf) struct buf b;
    buf_init(&b, LIMIT_DOC_BYTES);
    TRY(value_to_json(&b, v, opts, err));
    *ret = buf_to_arena(&b, arena);
    return 0;
}
