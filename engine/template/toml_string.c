/* Strings of TOML: escapes, the two long forms, and quoting as Go prints it. */
#include "common/base/arena.h"
#include "common/base/limits.h"
#include "common/base/utf8.h"
#include "engine/template/toml_internal.h"

/* ---- quoting ---- */

static void put_escaped(struct buf *out, uint32_t rune, char quote)
{
    static const char LETTERS[] = "abtnvfr"; /* of 7 to 13 */
    if (rune == (uint32_t)quote || rune == '\\') {
        buf_put_char(out, '\\');
        buf_put_char(out, (char)rune);
    } else if (rune >= 7 && rune <= 13) {
        buf_put_char(out, '\\');
        buf_put_char(out, LETTERS[rune - 7]);
    } else if (rune < 0x20 || rune == 0x7f) {
        buf_printf(out, "\\x%02x", rune);
    } else {
        utf8_put(out, rune);
    }
}

struct str toml_quote_rune(struct toml_reader *r, int32_t rune)
{
    AUTO(buf) struct buf b;
    buf_init(&b, LIMIT_KIB);
    buf_put_char(&b, '\'');
    put_escaped(&b, (uint32_t)rune, '\'');
    buf_put_char(&b, '\'');
    return buf_to_arena(&b, r->arena);
}

struct str toml_quote(struct toml_reader *r, struct str s)
{
    AUTO(buf) struct buf b;
    buf_init(&b, ERR_MESSAGE_BYTES);
    buf_put_char(&b, '"');
    for (size_t at = 0; at < s.n && !b.overflow;) {
        put_escaped(&b, utf8_next(s, &at), '"');
    }
    buf_put_char(&b, '"');
    return buf_to_arena(&b, r->arena);
}

void toml_put_quoted(struct buf *out, struct str s)
{
    static const char LETTERS[] = "btn\0fr"; /* of 8 to 13 */
    buf_put_char(out, '"');
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == '"' || c == '\\') {
            buf_put_char(out, '\\');
            buf_put_char(out, (char)c);
        } else if (c >= 8 && c <= 13 && c != 11) {
            buf_put_char(out, '\\');
            buf_put_char(out, LETTERS[c - 8]);
        } else if (c < 0x20 || c == 0x7f) {
            buf_printf(out, "\\u%04x", c);
        } else {
            buf_put_char(out, (char)c);
        }
    }
    buf_put_char(out, '"');
}

static bool is_bare_key(struct str part)
{
    for (size_t i = 0; i < part.n; i++) {
        char c = part.p[i];
        bool bare = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                    c == '_' || c == '-';
        if (!bare) {
            return false;
        }
    }
    return part.n > 0;
}

void toml_put_key_part(struct buf *out, struct str part)
{
    if (is_bare_key(part)) {
        buf_put(out, part);
    } else {
        toml_put_quoted(out, part);
    }
}

void toml_put_key(struct buf *out, const struct str *parts, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        buf_put_c(out, i > 0 ? "." : "");
        toml_put_key_part(out, parts[i]);
    }
}

/* ---- escapes ---- */

/* A string while it is read. */
struct text {
    size_t start; /* behind the opening quotes */
    struct buf out;
    /* Found to be wrong only when the whole string has been read; 0 = nothing. */
    char bad_blank;
    struct str bad_rune;
};

static int hex_of(int32_t c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    int32_t lower = c | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static int read_hex(struct toml_reader *r, struct text *t, char letter, struct err *err)
{
    int n_digits = letter == 'x' ? 2 : letter == 'u' ? 4 : 8;
    const char *words = letter == 'x' ? "two" : letter == 'u' ? "four" : "eight";
    size_t start = r->at;
    uint32_t rune = 0;
    for (int i = 0; i < n_digits; i++) {
        int32_t c = toml_next(r, err);
        TRY(c);
        if (hex_of(c) < 0) {
            struct str seen = str_sub(r->text, t->start, r->at);
            return toml_fail(r, TOML_HERE, err,
                             "expected %s hexadecimal digits after '\\%c', but got " STR_FMT
                             " instead",
                             words, letter, STR_ARG(toml_quote(r, seen)));
        }
        rune = rune << 4 | (uint32_t)hex_of(c);
    }
    bool valid = rune <= UTF8_MAX_RUNE && (rune < 0xd800 || rune > 0xdfff);
    if (!valid && t->bad_rune.n == 0) {
        t->bad_rune = str_sub(r->text, start, r->at);
    }
    utf8_put(&t->out, rune);
    return 0;
}

/* Behind the backslash. */
static int read_escape(struct toml_reader *r, struct text *t, struct err *err)
{
    static const char LETTERS[] = "btnfre\"\\";
    static const char MEANINGS[] = "\b\t\n\f\r\x1b\"\\";
    int32_t c = toml_next(r, err);
    TRY(c);
    if (c == 'x' || c == 'u' || c == 'U') {
        return read_hex(r, t, (char)c, err);
    }
    if (c == ' ' || c == '\t') {
        t->bad_blank = t->bad_blank != 0 ? t->bad_blank : (char)c;
        return 0;
    }
    for (size_t i = 0; c != TOML_EOF && LETTERS[i] != '\0'; i++) {
        if (c == LETTERS[i]) {
            buf_put_char(&t->out, MEANINGS[i]);
            return 0;
        }
    }
    char text[UTF8_MAX_BYTES];
    size_t n = utf8_encode((uint32_t)c, text);
    return toml_fail(r, c == TOML_EOF ? TOML_PREVIOUS_LINE : TOML_HERE, err,
                     "invalid escape in string '\\" STR_FMT "'", STR_ARG(str_of(text, n)));
}

static int finish(struct toml_reader *r, struct text *t, struct str *ret, struct err *err)
{
    if (t->bad_blank != 0) {
        return toml_fail(r, TOML_HERE, err, "invalid escape: '\\%c'", t->bad_blank);
    }
    if (t->bad_rune.n > 0) {
        return toml_fail(r, TOML_HERE, err,
                         "Escaped character '\\u" STR_FMT "' is not valid UTF-8.",
                         STR_ARG(t->bad_rune));
    }
    TRY(buf_check(&t->out, "a TOML string", err));
    *ret = buf_to_arena(&t->out, r->arena);
    return 0;
}

/* ---- short strings ---- */

static int read_short(struct toml_reader *r, char quote, struct text *t, struct err *err)
{
    for (;;) {
        size_t start = r->at;
        int32_t c = toml_next(r, err);
        TRY(c);
        if (c == TOML_EOF) {
            const char *form = quote == '"' ? "'\"'" : "\"'\"";
            return toml_fail(r, TOML_HERE, err, "unexpected EOF; expected %s", form);
        }
        if (c == '\n' || c == '\r') {
            return toml_fail(r, TOML_PREVIOUS_LINE, err, "strings cannot contain newlines");
        }
        if (c == quote) {
            return 0;
        }
        if (c == '\\' && quote == '"') {
            TRY(read_escape(r, t, err));
        } else {
            buf_put(&t->out, str_sub(r->text, start, r->at));
        }
    }
}

int toml_read_string(struct toml_reader *r, char quote, struct str *ret, struct err *err)
{
    struct text t = {.start = r->at};
    buf_init(&t.out, LIMIT_DOC_BYTES);
    int rc = read_short(r, quote, &t, err);
    if (rc == 0) {
        rc = finish(r, &t, ret, err);
    }
    buf_done(&t.out);
    return rc;
}

/* ---- long strings ---- */

/* A carriage return counts only before a line feed: alone it is refused as a character. */
static bool is_space_at(const struct toml_reader *r, size_t at)
{
    if (at >= r->text.n) {
        return false;
    }
    char c = r->text.p[at];
    bool line_end = c == '\r' && at + 1 < r->text.n && r->text.p[at + 1] == '\n';
    return c == ' ' || c == '\t' || c == '\n' || line_end;
}

/* A backslash at the end of a line takes all white space behind it; false: this one is an escape. */
static bool skip_line_escape(struct toml_reader *r)
{
    size_t at = r->at;
    bool line_end = false;
    while (is_space_at(r, at)) {
        line_end |= r->text.p[at] == '\n';
        at++;
    }
    if (line_end) {
        r->at = at;
    }
    return line_end;
}

static size_t quotes_at(const struct toml_reader *r, size_t at, char quote)
{
    size_t n = 0;
    while (at + n < r->text.n && r->text.p[at + n] == quote) {
        n++;
    }
    return n;
}

/* At a quote. Three end the string, and up to two before those belong to it. 1 = it has ended. */
static int read_quotes(struct toml_reader *r, char quote, struct text *t, struct err *err)
{
    size_t n = quotes_at(r, r->at, quote);
    if (n > 5) {
        r->at += 5;
        return toml_fail(r, TOML_HERE, err,
                         quote == '"' ? "unexpected '\"\"\"\"\"\"'" : "unexpected \"''''''\"");
    }
    buf_put_fill(&t->out, quote, n < 3 ? n : n - 3);
    r->at += n;
    return n >= 3;
}

static int read_long(struct toml_reader *r, char quote, struct text *t, struct err *err)
{
    if (!str_starts_with(str_sub(r->text, r->at, r->text.n), STR("\r\n"))) {
        r->at += r->at < r->text.n && r->text.p[r->at] == '\n';
    } else {
        r->at += 2;
    }
    for (;;) {
        size_t start = r->at;
        int32_t c = toml_next(r, err);
        TRY(c);
        if (c == TOML_EOF) {
            const char *form = quote == '"' ? "'\"\"\"'" : "\"'''\"";
            return toml_fail(r, TOML_HERE, err, "unexpected EOF; expected %s", form);
        }
        if (c == quote) {
            r->at = start;
            int ended = read_quotes(r, quote, t, err);
            TRY(ended);
            if (ended) {
                return 0;
            }
        } else if (c == '\\' && quote == '"') {
            if (!skip_line_escape(r)) {
                TRY(read_escape(r, t, err));
            }
        } else {
            buf_put(&t->out, str_sub(r->text, start, r->at));
        }
    }
}

int toml_read_long_string(struct toml_reader *r, char quote, struct str *ret, struct err *err)
{
    struct text t = {.start = r->at};
    buf_init(&t.out, LIMIT_DOC_BYTES);
    int rc = read_long(r, quote, &t, err);
    if (rc == 0) {
        rc = finish(r, &t, ret, err);
    }
    buf_done(&t.out);
    return rc;
}
