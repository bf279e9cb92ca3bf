/* Values as text: Go's %v and strconv.Quote. */
#include <stdio.h>
#include <stdlib.h>

#include "common/base/limits.h"
#include "common/base/num.h"
#include "common/base/utf8.h"
#include "engine/template/gotime.h"
#include "engine/template/tval.h"

void tval_print_float(struct buf *out, double f)
{
    char text[NUM_FLOAT_BYTES];
    buf_put_bytes(out, text, num_format_g(f, text));
}

/* ---- durations ---- */

/* v / unit with its fraction, without trailing zeros. */
static void print_fraction(struct buf *out, uint64_t v, uint64_t unit, const char *suffix)
{
    buf_put_uint(out, v / unit);
    uint64_t rest = v % unit;
    if (rest > 0) {
        buf_put_char(out, '.');
        while (rest > 0) {
            unit /= 10;
            buf_put_char(out, (char)('0' + rest / unit));
            rest %= unit;
        }
    }
    buf_put_c(out, suffix);
}

void tval_print_duration(struct buf *out, int64_t ns)
{
    uint64_t u = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
    if (ns < 0) {
        buf_put_char(out, '-');
    }
    if (u == 0) {
        buf_put_c(out, "0s");
    } else if (u < 1000) {
        print_fraction(out, u, 1, "ns");
    } else if (u < 1000000) {
        print_fraction(out, u, 1000, "\xc2\xb5s");
    } else if (u < GOTIME_NS_PER_S) {
        print_fraction(out, u, 1000000, "ms");
    } else {
        uint64_t minutes = u / GOTIME_NS_PER_S / 60;
        if (minutes >= 60) {
            buf_put_uint(out, minutes / 60);
            buf_put_char(out, 'h');
        }
        if (minutes > 0) {
            buf_put_uint(out, minutes % 60);
            buf_put_char(out, 'm');
        }
        print_fraction(out, u - minutes * 60 * GOTIME_NS_PER_S, GOTIME_NS_PER_S, "s");
    }
}

/* ---- %v ---- */

/* Maps may hold themselves: the depth is bounded, and nothing is walked for output that is full. */
static void print(struct buf *out, struct tval v, size_t depth);

static void print_list(struct buf *out, struct tval list, size_t depth)
{
    int64_t n = tval_len(list);
    buf_put_char(out, '[');
    for (int64_t i = 0; i < n && !out->overflow; i++) {
        if (i > 0) {
            buf_put_char(out, ' ');
        }
        print(out, tval_at(list, (size_t)i), depth);
    }
    buf_put_char(out, ']');
}

static void print_map(struct buf *out, const struct tmap *map, size_t depth)
{
    AUTO(arena) struct arena *arena = arena_new();
    size_t n = 0;
    const struct str *keys = tmap_keys(map, arena, &n);
    buf_put_c(out, "map[");
    for (size_t i = 0; i < n && !out->overflow; i++) {
        if (i > 0) {
            buf_put_char(out, ' ');
        }
        buf_put(out, keys[i]);
        buf_put_char(out, ':');
        print(out, tmap_get(map, keys[i]), depth);
    }
    buf_put_char(out, ']');
}

static void print_container(struct buf *out, struct tval v, size_t depth)
{
    if (depth >= LIMIT_DOC_DEPTH) {
        buf_put_c(out, "...");
        out->overflow = true;
    } else if (v.kind == TVAL_MAP) {
        print_map(out, v.map, depth + 1);
    } else {
        print_list(out, v, depth + 1);
    }
}

static void print(struct buf *out, struct tval v, size_t depth)
{
    switch (v.kind) {
    case TVAL_BOOL:
        buf_put_c(out, v.b ? "true" : "false");
        break;
    case TVAL_INT:
    case TVAL_INT64:
    case TVAL_UINT8:
        buf_put_int(out, v.i);
        break;
    case TVAL_UINT64:
        buf_put_uint(out, v.u);
        break;
    case TVAL_FLOAT64:
        tval_print_float(out, v.f);
        break;
    case TVAL_STRING:
        buf_put(out, v.s);
        break;
    case TVAL_BYTES:
    case TVAL_LIST:
    case TVAL_MAP:
        print_container(out, v, depth);
        break;
    case TVAL_TIME:
        gotime_format(out, v.time, STR("2006-01-02 15:04:05.999999999 -0700 MST"));
        break;
    case TVAL_DURATION:
        tval_print_duration(out, v.i);
        break;
    case TVAL_MONTH:
        buf_put_c(out, gotime_month_name(v.i));
        break;
    case TVAL_WEEKDAY:
        buf_put_c(out, gotime_weekday_name(v.i));
        break;
    case TVAL_OBJECT:
        if (v.obj->class->print != NULL) {
            v.obj->class->print(v.obj->data, out);
        }
        break;
    case TVAL_NIL:
    case TVAL_KIND_COUNT:
        buf_put_c(out, "<nil>");
        break;
    }
}

void tval_print(struct buf *out, struct tval v)
{
    print(out, v, 0);
}

struct str tval_text(struct arena *arena, struct tval v)
{
    if (v.kind == TVAL_STRING || v.kind == TVAL_BYTES) {
        return v.s;
    }
    AUTO(buf) struct buf text;
    buf_init(&text, LIMIT_DOC_BYTES);
    tval_print(&text, v);
    return buf_to_arena(&text, arena);
}

/* ---- strconv.Quote ---- */

static const char *short_escape(uint32_t rune)
{
    static const char ESCAPES[][3] = {"\\a", "\\b", "\\t", "\\n", "\\v", "\\f", "\\r"};
    return rune >= '\a' && rune <= '\r' ? ESCAPES[rune - '\a'] : NULL;
}

/* s is one code point, or a byte that is none. */
static void quote_rune(struct buf *out, uint32_t rune, struct str s, enum tval_quoting quoting)
{
    const char *escape = short_escape(rune);
    if (escape != NULL) {
        buf_put_c(out, escape);
    } else if (s.n == 1 && (rune == UTF8_REPLACEMENT || rune < ' ' || rune == 0x7f)) {
        buf_printf(out, "\\x%02x", (unsigned char)s.p[0]);
    } else if (rune < 0x80 || (quoting == TVAL_QUOTE_UNICODE && utf8_is_print(rune))) {
        buf_put(out, s);
    } else {
        buf_printf(out, rune < 0x10000 ? "\\u%04x" : "\\U%08x", (unsigned)rune);
    }
}

void tval_quote_as(struct buf *out, struct str s, char quote, enum tval_quoting quoting)
{
    buf_put_char(out, quote);
    for (size_t at = 0; at < s.n;) {
        size_t start = at;
        uint32_t rune = utf8_next(s, &at);
        if (rune == (unsigned char)quote || rune == '\\') {
            buf_put_char(out, '\\');
        }
        quote_rune(out, rune, str_sub(s, start, at), quoting);
    }
    buf_put_char(out, quote);
}

void tval_quote(struct buf *out, struct str s)
{
    tval_quote_as(out, s, '"', TVAL_QUOTE_UNICODE);
}
