/* Writing YAML scalars: what a text allows, which style it takes, where its lines break.
 *
 * The state (column, whitespace, indention) and the tests on scalars are those of libyaml's emitter, from
 * which go-yaml's came, because folding and line breaks follow from them.  struct scalar holds what one pass
 * over a text finds out; choose_style() decides; the put_ functions write. */
#include <string.h>

#include "common/base/utf8.h"
#include "common/value/value_yaml_internal.h"

enum {
    SIMPLE_KEY_BYTES = 128, /* longer keys take the "? " form */
};

enum style { STYLE_PLAIN, STYLE_SINGLE, STYLE_DOUBLE, STYLE_LITERAL };

struct scalar {
    struct str text;
    bool multiline;
    bool plain_allowed;
    bool single_allowed;
    bool block_allowed;
    bool ascii; /* and nothing that needs an escape */
};

/* ---- characters ---- */

/* Bytes of the line break at p, or 0. */
static size_t break_len(struct str s, size_t at)
{
    const char *p = s.p + at;
    size_t n = s.n - at;
    if (p[0] == '\n' || p[0] == '\r') {
        return 1;
    }
    if (n >= 2 && memcmp(p, "\xc2\x85", 2) == 0) {
        return 2;
    }
    bool separator =
        n >= 3 && (memcmp(p, "\xe2\x80\xa8", 3) == 0 || memcmp(p, "\xe2\x80\xa9", 3) == 0);
    return separator ? 3 : 0;
}

/* go-yaml takes no characters above U+FFFF for printable. */
static bool is_printable(uint32_t rune)
{
    return rune == '\n' || (rune >= 0x20 && rune <= 0x7e) || (rune >= 0xa0 && rune <= 0xd7ff) ||
           (rune >= 0xe000 && rune <= 0xfffd && rune != 0xfeff);
}

/* Printable ASCII without the blank, colon and hash: it neither breaks lines nor means anything behind the first
 * character. */
static const bool ORDINARY[256] = {
    ['!' ... '"'] = true,
    ['$' ... '9'] = true,
    [';' ... '~'] = true,
};

static size_t skip_ordinary(struct str s, size_t at)
{
    while (at < s.n && ORDINARY[(unsigned char)s.p[at]]) {
        at++;
    }
    return at;
}

static bool is_space_at(struct str s, size_t at)
{
    return at < s.n && s.p[at] == ' ';
}

static bool is_blank_or_end(struct str s, size_t at)
{
    return at >= s.n || s.p[at] == ' ' || s.p[at] == '\t' || s.p[at] == '\0' ||
           break_len(s, at) > 0;
}

/* ---- analysis ---- */

/* What the loop over the characters finds. */
struct findings {
    bool indicators; /* plain text would be read as something else */
    bool special;    /* not printable */
    bool tabs;
    bool breaks;
    bool space_break, break_space;
    bool leading_space, leading_break, trailing_space, trailing_break;
};

static bool is_indicator_first(struct str s)
{
    if (s.n >= 3 && (memcmp(s.p, "---", 3) == 0 || memcmp(s.p, "...", 3) == 0)) {
        return true;
    }
    if (s.p[0] == '-' || s.p[0] == '?' || s.p[0] == ':') {
        return is_blank_or_end(s, 1);
    }
    return s.p[0] != '\0' && strchr("#,[]{}&*!|>'\"%@`", s.p[0]) != NULL;
}

static bool preceded_by_blank(struct str s, size_t at)
{
    char c = s.p[at - 1];
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\0') {
        return true;
    }
    return (at >= 2 && break_len(str_sub(s, at - 2, at), 0) == 2) ||
           (at >= 3 && break_len(str_sub(s, at - 3, at), 0) == 3);
}

/* A colon or hash behind the first character. */
static bool is_indicator_inside(struct str s, size_t at)
{
    if (s.p[at] == ':') {
        return is_blank_or_end(s, at + 1);
    }
    return preceded_by_blank(s, at);
}

static bool is_break(uint32_t rune)
{
    return rune == '\n' || rune == '\r' || rune == 0x85 || rune == 0x2028 || rune == 0x2029;
}

static void find_in(struct str s, struct findings *f)
{
    bool previous_space = false;
    bool previous_break = false;
    f->indicators = is_indicator_first(s);
    for (size_t at = 0; at < s.n;) {
        size_t start = at;
        at = skip_ordinary(s, at);
        if (at > start) {
            previous_space = false;
            previous_break = false;
            continue;
        }
        uint32_t rune =
            (unsigned char)s.p[at] < 0x80 ? (unsigned char)s.p[at++] : utf8_next(s, &at);
        bool space = rune == ' ';
        bool line_break = is_break(rune);
        if (start > 0 && (rune == ':' || rune == '#')) {
            f->indicators |= is_indicator_inside(s, start);
        }
        if (rune == '\t') {
            f->tabs = true;
        } else if (!is_printable(rune)) {
            f->special = true;
        }
        f->leading_space |= space && start == 0;
        f->leading_break |= line_break && start == 0;
        f->trailing_space |= space && at == s.n;
        f->trailing_break |= line_break && at == s.n;
        f->break_space |= space && previous_break;
        f->space_break |= line_break && previous_space;
        f->breaks |= line_break;
        previous_space = space;
        previous_break = line_break;
    }
}

static void analyze_slow(struct scalar *s, enum value_yaml_style style)
{
    struct findings f = {0};
    find_in(s->text, &f);
    bool tabs_special = f.tabs && style == VALUE_YAML_GO2;
    bool hard = f.space_break || f.special || tabs_special;
    s->multiline = f.breaks;
    s->single_allowed = !hard && !f.break_space && !f.tabs;
    s->block_allowed = !hard && !f.trailing_space;
    s->plain_allowed = s->single_allowed && !f.breaks && !f.indicators && !f.leading_space &&
                       !f.leading_break && !f.trailing_space && !f.trailing_break;
}

/* Letters, digits and what never means anything inside a plain scalar. */
static bool is_harmless(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '-' && c <= '9') || c == '_';
}

static struct scalar analyze(struct str text, enum value_yaml_style style)
{
    struct scalar s = {.text = text, .plain_allowed = true, .single_allowed = true};
    if (text.n == 0) {
        return s;
    }
    size_t n_harmless = 0;
    while (n_harmless < text.n && is_harmless((unsigned char)text.p[n_harmless])) {
        n_harmless++;
    }
    if (n_harmless == text.n && text.p[0] != '-' && text.p[0] != '.') {
        s.block_allowed = true;
        s.ascii = true;
        return s;
    }
    analyze_slow(&s, style);
    return s;
}

/* ---- primitive output ---- */

static void put_char(struct value_yaml_emitter *e, char c)
{
    buf_put_char(e->b, c);
    e->column++;
}

static void put_break(struct value_yaml_emitter *e)
{
    buf_put_char(e->b, '\n');
    e->column = 0;
    e->indention = true;
}

/* One character of n bytes. */
static void put_rune(struct value_yaml_emitter *e, struct str s, size_t at, size_t n)
{
    buf_put_bytes(e->b, s.p + at, n);
    e->column++;
}

void value_yaml_put_indent(struct value_yaml_emitter *e)
{
    size_t indent = e->indent > 0 ? (size_t)e->indent : 0;
    if (!e->indention || e->column > indent || (e->column == indent && !e->whitespace)) {
        put_break(e);
    }
    if (e->column < indent) {
        buf_put_fill(e->b, ' ', indent - e->column);
        e->column = indent;
    }
    e->whitespace = true;
    e->indention = true;
}

void value_yaml_put_indicator(struct value_yaml_emitter *e,
                              const char *text,
                              enum value_yaml_indicator kind)
{
    if (!e->whitespace) {
        put_char(e, ' ');
    }
    for (; *text != '\0'; text++) {
        put_char(e, *text);
    }
    e->whitespace = false;
    e->indention = e->indention && kind == VALUE_YAML_KEEPS_INDENTION;
}

/* Without a blank before it. */
void value_yaml_put_close(struct value_yaml_emitter *e, char c)
{
    put_char(e, c);
    e->whitespace = false;
    e->indention = false;
}

/* A line break that is part of the text. */
static void put_text_break(struct value_yaml_emitter *e, struct str s, size_t *at)
{
    size_t n = break_len(s, *at);
    if (s.p[*at] == '\n') {
        put_break(e);
    } else {
        buf_put_bytes(e->b, s.p + *at, n);
        e->column = 0;
    }
    *at += n;
    e->indention = true;
}

/* ---- scalar styles ---- */

/* Printable ASCII from `at` on, without the byte `stop`; 0 bytes = something else is there. */
static size_t ascii_run(struct str t, size_t at, char stop)
{
    size_t start = at;
    while (at < t.n && t.p[at] >= ' ' && t.p[at] <= '~' && t.p[at] != stop) {
        at++;
    }
    return at - start;
}

static void put_run(struct value_yaml_emitter *e, struct str t, size_t *at, size_t n)
{
    buf_put_bytes(e->b, t.p + *at, n);
    e->column += n;
    *at += n;
}

/* Nothing is folded when so many characters follow. */
static bool fits(const struct value_yaml_emitter *e, size_t n, bool may_fold)
{
    return !may_fold || n <= e->width - MIN(e->column, e->width);
}

static void put_plain(struct value_yaml_emitter *e, struct scalar *s, bool may_fold)
{
    struct str t = s->text;
    size_t at = 0;
    if (!e->whitespace) {
        put_char(e, ' ');
    }
    if (s->ascii || fits(e, t.n, may_fold)) { /* no blanks to fold at, or no need */
        buf_put(e->b, t);
        e->column += s->ascii ? t.n : utf8_count(t);
        at = t.n;
    }
    bool spaces = false;
    while (at < t.n) {
        size_t start = at;
        (void)utf8_next(t, &at);
        bool space = t.p[start] == ' ';
        if (space && may_fold && !spaces && e->column > e->width && !is_space_at(t, at)) {
            value_yaml_put_indent(e);
        } else {
            put_rune(e, t, start, at - start);
        }
        spaces = space;
    }
    e->whitespace = false;
    e->indention = false;
}

/* What is between the quotes when it stays on one line. */
static void put_single_line(struct value_yaml_emitter *e, struct str t)
{
    for (size_t at = 0; at < t.n;) {
        put_run(e, t, &at, ascii_run(t, at, '\''));
        if (at == t.n) {
            break;
        }
        if (t.p[at] == '\'') {
            put_char(e, '\'');
        }
        size_t start = at;
        (void)utf8_next(t, &at);
        put_rune(e, t, start, at - start);
    }
}

/* The blank at `at`, or a line break in its place. */
static void put_single_blank(struct value_yaml_emitter *e, struct str t, size_t at, bool may_fold)
{
    bool inside = at > 0 && at + 1 < t.n && !is_space_at(t, at + 1);
    if (may_fold && inside && e->column > e->width) {
        value_yaml_put_indent(e);
    } else {
        put_char(e, ' ');
    }
}

static void put_single_lines(struct value_yaml_emitter *e, struct str t, bool may_fold)
{
    bool spaces = false;
    bool breaks = false;
    for (size_t at = 0; at < t.n;) {
        size_t start = at;
        if (t.p[at] == ' ') {
            put_single_blank(e, t, at++, may_fold && !spaces);
            spaces = true;
            continue;
        }
        if (break_len(t, at) > 0) {
            if (!breaks && t.p[at] == '\n') {
                put_break(e);
            }
            put_text_break(e, t, &at);
            breaks = true;
            continue;
        }
        if (breaks) {
            value_yaml_put_indent(e);
        }
        if (t.p[at] == '\'') {
            put_char(e, '\'');
        }
        (void)utf8_next(t, &at);
        put_rune(e, t, start, at - start);
        e->indention = false;
        spaces = false;
        breaks = false;
    }
}

static void put_single(struct value_yaml_emitter *e, const struct scalar *s, bool may_fold)
{
    value_yaml_put_indicator(e, "'", VALUE_YAML_INLINE);
    if (!s->multiline && fits(e, 2 * s->text.n, may_fold)) { /* quotes are doubled */
        put_single_line(e, s->text);
    } else {
        put_single_lines(e, s->text, may_fold);
    }
    value_yaml_put_close(e, '\'');
}

static char short_escape(uint32_t rune)
{
    static const struct {
        uint32_t rune;
        char letter;
    } ESCAPES[] = {
        {0x00, '0'},  {0x07, 'a'}, {0x08, 'b'}, {0x09, 't'},   {0x0a, 'n'},
        {0x0b, 'v'},  {0x0c, 'f'}, {0x0d, 'r'}, {0x1b, 'e'},   {'"', '"'},
        {'\\', '\\'}, {0x85, 'N'}, {0xa0, '_'}, {0x2028, 'L'}, {0x2029, 'P'},
    };
    for (size_t i = 0; i < ARRAY_LEN(ESCAPES); i++) {
        if (ESCAPES[i].rune == rune) {
            return ESCAPES[i].letter;
        }
    }
    return 0;
}

static void put_escape(struct value_yaml_emitter *e, uint32_t rune)
{
    static const char HEX[] = "0123456789ABCDEF";
    char letter = short_escape(rune);
    put_char(e, '\\');
    if (letter != 0) {
        put_char(e, letter);
        return;
    }
    int n_digits = rune <= 0xff ? 2 : rune <= 0xffff ? 4 : 8;
    put_char(e, n_digits == 2 ? 'x' : n_digits == 4 ? 'u' : 'U');
    for (int shift = (n_digits - 1) * 4; shift >= 0; shift -= 4) {
        put_char(e, HEX[rune >> shift & 15]);
    }
}

static void put_double(struct value_yaml_emitter *e, const struct scalar *s, bool may_fold)
{
    struct str t = s->text;
    bool spaces = false;
    /* go-yaml looks for the mark at the start of the text whatever character it is at */
    bool escape_all = str_starts_with(t, STR("\xef\xbb\xbf"));
    value_yaml_put_indicator(e, "\"", VALUE_YAML_INLINE);
    for (size_t at = 0; at < t.n;) {
        size_t start = at;
        bool line_break = break_len(t, at) > 0;
        uint32_t rune = utf8_next(t, &at);
        if (escape_all || line_break || rune == '"' || rune == '\\' || !is_printable(rune)) {
            put_escape(e, rune);
            spaces = false;
            continue;
        }
        if (rune == ' ' && may_fold && !spaces && e->column > e->width && start > 0 && at < t.n) {
            value_yaml_put_indent(e);
            if (is_space_at(t, at)) {
                put_char(e, '\\');
            }
        } else {
            put_rune(e, t, start, at - start);
        }
        spaces = rune == ' ';
    }
    value_yaml_put_close(e, '"');
}

/* "-" = no line feed at the end, "+" = several, "" = one. */
static const char *chomping(struct str t)
{
    size_t n_breaks = 0;
    size_t end = t.n;
    while (end > 0 && n_breaks < 2) {
        size_t n = MIN(end, (size_t)3);
        while (n > 0 && break_len(str_sub(t, 0, end), end - n) != n) {
            n--;
        }
        if (n == 0) {
            break;
        }
        end -= n;
        n_breaks++;
    }
    if (n_breaks == 0) {
        return "-";
    }
    return n_breaks > 1 || end == 0 ? "+" : "";
}

static void put_literal(struct value_yaml_emitter *e, const struct scalar *s)
{
    struct str t = s->text;
    value_yaml_put_indicator(e, "|", VALUE_YAML_INLINE);
    if (t.p[0] == ' ' || break_len(t, 0) > 0) {
        value_yaml_put_close(e, (char)('0' + VALUE_YAML_INDENT));
    }
    for (const char *c = chomping(t); *c != '\0'; c++) {
        value_yaml_put_close(e, *c);
    }
    put_break(e);
    e->whitespace = true;
    bool breaks = true;
    for (size_t at = 0; at < t.n;) {
        if (break_len(t, at) > 0) {
            put_text_break(e, t, &at);
            breaks = true;
            continue;
        }
        if (breaks) {
            value_yaml_put_indent(e);
        }
        size_t start = at;
        size_t n_run = ascii_run(t, at, '\0');
        if (n_run > 0) {
            put_run(e, t, &at, n_run);
        } else {
            (void)utf8_next(t, &at);
            put_rune(e, t, start, at - start);
        }
        e->indention = false;
        breaks = false;
    }
}

/* ---- strings ---- */

/* True when the plain text would be read as a string. */
static bool reads_as_string(struct str t)
{
    if (!value_yaml_may_resolve(t)) {
        return true;
    }
    struct value_yaml_plain plain;
    value_yaml_resolve_plain(t, VALUE_YAML_JSON, &plain);
    return plain.kind == VALUE_YAML_IS_STR && !value_yaml_is_base60(t);
}

static enum style choose_style(const struct scalar *s, bool simple_key)
{
    if (simple_key && s->multiline) {
        return STYLE_DOUBLE;
    }
    if (memchr(s->text.p, '\n', s->text.n) != NULL) {
        return s->block_allowed && !simple_key ? STYLE_LITERAL : STYLE_DOUBLE;
    }
    if (!reads_as_string(s->text)) {
        return STYLE_DOUBLE;
    }
    if (s->plain_allowed) {
        return STYLE_PLAIN;
    }
    return s->single_allowed ? STYLE_SINGLE : STYLE_DOUBLE;
}

static void
put_scalar(struct value_yaml_emitter *e, struct scalar *s, enum style style, bool may_fold)
{
    int indent = e->indent;
    e->indent = indent < 0 ? VALUE_YAML_INDENT : indent + VALUE_YAML_INDENT;
    switch (style) {
    case STYLE_PLAIN:
        put_plain(e, s, may_fold);
        break;
    case STYLE_SINGLE:
        put_single(e, s, may_fold);
        break;
    case STYLE_DOUBLE:
        put_double(e, s, may_fold);
        break;
    case STYLE_LITERAL:
        put_literal(e, s);
        break;
    }
    e->indent = indent;
}

static void put_valid_string(struct value_yaml_emitter *e, struct str text, bool simple_key)
{
    struct scalar s = analyze(text, e->opts->style);
    put_scalar(e, &s, choose_style(&s, simple_key), !simple_key);
}

void value_yaml_put_string(struct value_yaml_emitter *e, struct str text, bool simple_key)
{
    text.p = text.p != NULL ? text.p : "";
    if (utf8_valid(text)) {
        put_valid_string(e, text, simple_key);
        return;
    }
    AUTO(buf) struct buf valid; /* the way through JSON replaces what is not UTF-8 */
    buf_init(&valid, 3 * text.n);
    utf8_put_valid(&valid, text);
    put_valid_string(e, buf_str(&valid), simple_key);
}

void value_yaml_put_word(struct value_yaml_emitter *e, struct str text)
{
    struct scalar s = {.text = text, .ascii = true};
    put_scalar(e, &s, STYLE_PLAIN, true);
}

bool value_yaml_is_simple_key(struct str key)
{
    if (key.n > SIMPLE_KEY_BYTES) {
        return false;
    }
    for (size_t at = skip_ordinary(key, 0); at < key.n; at = skip_ordinary(key, at + 1)) {
        if (break_len(key, at) > 0) {
            return false;
        }
    }
    return true;
}
