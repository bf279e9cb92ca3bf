/* Go's regular expression syntax, read from left to right and written as PCRE2's.
 *
 * Flags are resolved here: what stands below (?i) is written as (?i:x), ^ and $ as assertions, greediness at each
 * repetition.  Each item of a sequence is one PCRE2 atom, so that a repetition can follow it.  Not recursive:
 * open groups are frames on a list. */
#include <string.h>

#include "common/base/limits.h"
#include "common/base/utf8.h"
#include "common/base/vec.h"
#include "common/regex/regex_internal.h"

enum {
    MAX_REPEAT = 1000, /* Go's, for a count and for the product of nested ones */
    MAX_NESTING = 1000,
    UNBOUNDED = -1,
};

static const char INVALID_ESCAPE[] = "invalid escape sequence";
static const char INVALID_PERL[] = "invalid or unsupported Perl syntax";
static const char INVALID_COUNT[] = "invalid repeat count";

/* What a repetition applies to, and what Go limits in it. */
struct atom {
    size_t start;     /* in the translation */
    unsigned repeats; /* product of nested counts, at least 1 */
    unsigned nesting;
};

/* An open group, or the whole. */
struct frame {
    size_t start;
    unsigned flags; /* outside of it */
    unsigned repeats;
    unsigned nesting;
};

struct translator {
    struct regex_parser p;
    VEC(struct frame) frames;
    VEC(struct str) names;
    struct atom atom;
    bool has_atom;      /* a repetition may come */
    size_t last_repeat; /* where the operator just before stands; STR_NONE = there is none */
};

int regex_parse_error(struct regex_parser *p, const char *what, size_t from, size_t to)
{
    struct str part = str_sub(p->s, from, to);
    return err_set(p->err, ERR_INVALID, "error parsing regexp: %s: `" STR_FMT "`", what,
                   STR_ARG(part));
}

int regex_next_rune(struct regex_parser *p, uint32_t *ret)
{
    if (utf8_len(p->s.p + p->at, p->s.n - p->at) == 0) {
        return regex_parse_error(p, "invalid UTF-8", p->at, p->s.n);
    }
    *ret = utf8_next(p->s, &p->at);
    return 0;
}

/* ---- escapes ---- */

static int hex_value(uint32_t rune)
{
    if (rune >= '0' && rune <= '9') {
        return (int)rune - '0';
    }
    rune |= 0x20;
    return rune >= 'a' && rune <= 'f' ? (int)rune - 'a' + 10 : -1;
}

/* Behind "\x{". */
static int parse_hex_braces(struct regex_parser *p, size_t from, uint32_t *ret)
{
    uint32_t value = 0;
    for (size_t n = 0; p->at < p->s.n; n++) {
        uint32_t rune;
        TRY(regex_next_rune(p, &rune));
        if (rune == '}' && n > 0) {
            *ret = value;
            return 0;
        }
        int digit = hex_value(rune);
        if (digit < 0) {
            break;
        }
        value = value * 16 + (uint32_t)digit;
        if (value > UTF8_MAX_RUNE) {
            break;
        }
    }
    return regex_parse_error(p, INVALID_ESCAPE, from, p->at);
}

/* Behind "\x". */
static int parse_hex(struct regex_parser *p, size_t from, uint32_t *ret)
{
    uint32_t high;
    uint32_t low;
    if (p->at == p->s.n) {
        return regex_parse_error(p, INVALID_ESCAPE, from, p->at);
    }
    TRY(regex_next_rune(p, &high));
    if (high == '{') {
        return parse_hex_braces(p, from, ret);
    }
    if (p->at == p->s.n) {
        return regex_parse_error(p, INVALID_ESCAPE, from, p->at);
    }
    TRY(regex_next_rune(p, &low));
    if (hex_value(high) < 0 || hex_value(low) < 0) {
        return regex_parse_error(p, INVALID_ESCAPE, from, p->at);
    }
    *ret = (uint32_t)hex_value(high) * 16 + (uint32_t)hex_value(low);
    return 0;
}

static bool is_octal(const struct regex_parser *p)
{
    return p->at < p->s.n && p->s.p[p->at] >= '0' && p->s.p[p->at] <= '7';
}

int regex_parse_escape(struct regex_parser *p, uint32_t *ret)
{
    static const char LETTERS[] = "afnrtv";
    static const char CONTROLS[] = "\a\f\n\r\t\v";
    size_t from = p->at++;
    if (p->at == p->s.n) {
        return regex_parse_error(p, "trailing backslash at end of expression", p->at, p->at);
    }
    uint32_t rune;
    TRY(regex_next_rune(p, &rune));
    const char *letter = rune < 0x80 && rune != 0 ? strchr(LETTERS, (int)rune) : NULL;
    if (letter != NULL) {
        *ret = (uint32_t)CONTROLS[letter - LETTERS];
        return 0;
    }
    if (rune == 'x') {
        return parse_hex(p, from, ret);
    }
    /* a digit alone would be a back reference */
    if (rune == '0' || (rune >= '1' && rune <= '7' && is_octal(p))) {
        *ret = rune - '0';
        for (int i = 1; i < 3 && is_octal(p); i++) {
            *ret = *ret * 8 + (uint32_t)(p->s.p[p->at++] - '0');
        }
        return 0;
    }
    if (rune >= 0x80 || utf8_is_letter(rune) || utf8_is_digit(rune)) {
        return regex_parse_error(p, INVALID_ESCAPE, from, p->at);
    }
    *ret = rune;
    return 0;
}

/* ---- atoms ---- */

/* The atom is complete: its frame takes over what is limited. */
static void end_atom(struct translator *t)
{
    struct frame *frame = &t->frames.items[t->frames.n - 1];
    if (t->has_atom) {
        frame->repeats = MAX(frame->repeats, t->atom.repeats);
        frame->nesting = MAX(frame->nesting, t->atom.nesting);
    }
}

static void begin_atom(struct translator *t)
{
    end_atom(t);
    t->atom = (struct atom){.start = t->p.out.n, .repeats = 1};
    t->has_atom = true;
}

static void put_assertion(struct translator *t, const char *assertion)
{
    begin_atom(t);
    buf_put_c(&t->p.out, assertion);
}

static void put_literal(struct translator *t, uint32_t rune)
{
    struct buf *out = &t->p.out;
    begin_atom(t);
    if (rune >= 0xd800 && rune <= 0xdfff) {
        regex_put_never(&t->p);
        return;
    }
    bool alnum = rune < 0x80 && (utf8_is_letter(rune) || utf8_is_digit(rune));
    bool fold = (t->p.flags & REGEX_FOLD) != 0 && (rune >= 0x80 || (alnum && rune > '9'));
    buf_put_c(out, fold ? "(?i:" : "");
    if (alnum) {
        buf_put_char(out, (char)rune);
    } else {
        buf_printf(out, "\\x{%x}", rune);
    }
    buf_put_c(out, fold ? ")" : "");
}

/* \Q...\E, at its backslash. */
static int parse_quoted(struct translator *t)
{
    struct regex_parser *p = &t->p;
    p->at += 2;
    size_t n = str_find(str_sub(p->s, p->at, p->s.n), STR("\\E"));
    size_t end = n == STR_NONE ? p->s.n : p->at + n;
    while (p->at < end) {
        uint32_t rune;
        TRY(regex_next_rune(p, &rune));
        put_literal(t, rune);
    }
    p->at = n == STR_NONE ? end : end + 2;
    return 0;
}

static int parse_backslash(struct translator *t)
{
    static const struct {
        char letter;
        const char *assertion;
    } ASSERTIONS[] = {{'A', "(?:\\A)"}, {'b', "(?:\\b)"}, {'B', "(?:\\B)"}, {'z', "(?:\\z)"}};
    struct regex_parser *p = &t->p;
    char c = p->at + 1 < p->s.n ? p->s.p[p->at + 1] : '\0';
    for (size_t i = 0; i < ARRAY_LEN(ASSERTIONS); i++) {
        if (c == ASSERTIONS[i].letter) {
            put_assertion(t, ASSERTIONS[i].assertion);
            p->at += 2;
            return 0;
        }
    }
    if (c == 'C') {
        return regex_parse_error(p, INVALID_ESCAPE, p->at, p->at + 2);
    }
    if (c == 'Q') {
        return parse_quoted(t);
    }
    struct atom before = t->atom;
    bool had_atom = t->has_atom;
    begin_atom(t);
    int done = regex_parse_class_escape(p);
    if (done != 0) {
        return MIN(done, 0);
    }
    t->atom = before;
    t->has_atom = had_atom;
    uint32_t rune;
    TRY(regex_parse_escape(p, &rune));
    put_literal(t, rune);
    return 0;
}

/* ---- groups ---- */

static int open_group(struct translator *t, const char *opening)
{
    if (t->frames.n > MAX_NESTING) {
        return regex_parse_error(&t->p, "expression nests too deeply", 0, t->p.s.n);
    }
    end_atom(t);
    struct frame frame = {.start = t->p.out.n, .flags = t->p.flags, .repeats = 1};
    vec_push_in(t->p.arena, &t->frames, frame);
    buf_put_c(&t->p.out, opening);
    t->has_atom = false;
    return 0;
}

static int open_capture(struct translator *t, struct str name)
{
    vec_push_in(t->p.arena, &t->names, name);
    return open_group(t, "(");
}

static int close_group(struct translator *t)
{
    end_atom(t);
    if (t->frames.n == 1) {
        return regex_parse_error(&t->p, "unexpected )", 0, t->p.s.n);
    }
    struct frame frame = t->frames.items[--t->frames.n];
    buf_put_char(&t->p.out, ')');
    t->p.flags = frame.flags;
    t->p.at++;
    t->atom = (struct atom){frame.start, frame.repeats, frame.nesting + 1};
    t->has_atom = true;
    return 0;
}

static int check_utf8(struct regex_parser *p, size_t from, size_t to)
{
    struct str part = str_sub(p->s, 0, to);
    while (from < to) {
        size_t at = from;
        if (utf8_len(part.p + at, part.n - at) == 0) {
            return regex_parse_error(p, "invalid UTF-8", from, to);
        }
        (void)utf8_next(part, &from);
    }
    return 0;
}

static bool is_capture_name(struct str name)
{
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        if (!(c == '_' || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'))) {
            return false;
        }
    }
    return name.n > 0;
}

/* (?P<name> or (?<name>: name_at is where the name begins. */
static int open_named(struct translator *t, size_t name_at)
{
    static const char INVALID_NAME[] = "invalid named capture";
    struct regex_parser *p = &t->p;
    struct str rest = str_sub(p->s, name_at, p->s.n);
    size_t n = str_find_char(rest, '>');
    struct str name = str_sub(rest, 0, n);
    TRY(check_utf8(p, name_at, name_at + name.n));
    if (n == STR_NONE) {
        return regex_parse_error(p, INVALID_NAME, p->at, p->s.n);
    }
    if (!is_capture_name(name)) {
        return regex_parse_error(p, INVALID_NAME, p->at, name_at + n + 1);
    }
    p->at = name_at + n + 1;
    return open_capture(t, name);
}

static unsigned flag_of(uint32_t rune)
{
    switch (rune) {
    case 'i':
        return REGEX_FOLD;
    case 'm':
        return REGEX_MULTILINE;
    case 's':
        return REGEX_DOT_NL;
    case 'U':
        return REGEX_UNGREEDY;
    default:
        return 0;
    }
}

/* (?flags) and (?flags:, behind the question mark. */
static int parse_flags(struct translator *t, size_t from)
{
    struct regex_parser *p = &t->p;
    unsigned set = 0;
    unsigned cleared = 0;
    bool minus = false;
    bool dangling = false; /* nothing after the minus */
    while (p->at < p->s.n) {
        uint32_t rune;
        TRY(regex_next_rune(p, &rune));
        unsigned flag = flag_of(rune);
        if (flag != 0) {
            *(minus ? &cleared : &set) |= flag;
            dangling = false;
        } else if (rune == '-' && !minus) {
            minus = dangling = true;
        } else if ((rune == ':' || rune == ')') && !dangling) {
            unsigned flags = (p->flags | set) & ~cleared;
            if (rune == ':') {
                TRY(open_group(t, "(?:"));
            }
            p->flags = flags;
            return 0;
        } else {
            break;
        }
    }
    return regex_parse_error(p, INVALID_PERL, from, p->at);
}

static int parse_paren(struct translator *t)
{
    struct regex_parser *p = &t->p;
    struct str rest = str_sub(p->s, p->at, p->s.n);
    if (!str_starts_with(rest, STR("(?"))) {
        p->at++;
        return open_capture(t, STR_EMPTY);
    }
    if (rest.n > 4 && str_starts_with(rest, STR("(?P<"))) {
        return open_named(t, p->at + 4);
    }
    if (rest.n > 3 && rest.p[2] == '<') {
        return open_named(t, p->at + 3);
    }
    size_t from = p->at;
    p->at += 2;
    return parse_flags(t, from);
}

/* ---- repetitions ---- */

struct repeat {
    int min;
    int max;       /* UNBOUNDED */
    bool counted;  /* {n,m} */
    bool too_many; /* of {n,m}: not within MAX_REPEAT */
};

/* Digits without leading zeros; false: there are none. Large values are cut to above MAX_REPEAT. */
static bool take_count(struct str *s, int *ret)
{
    size_t n = 0;
    *ret = 0;
    while (n < s->n && s->p[n] >= '0' && s->p[n] <= '9') {
        *ret = MIN(*ret * 10 + (s->p[n] - '0'), MAX_REPEAT + 1);
        n++;
    }
    bool ok = n == 1 || (n > 1 && s->p[0] != '0');
    *s = str_sub(*s, n, s->n);
    return ok;
}

/* {n} {n,} {n,m} at p->at; its length, or 0 when the brace is just a character. */
static size_t scan_count(const struct regex_parser *p, struct repeat *ret)
{
    struct str rest = str_sub(p->s, p->at + 1, p->s.n);
    struct repeat r = {.counted = true};
    if (!take_count(&rest, &r.min)) {
        return 0;
    }
    r.max = r.min;
    if (str_cut_prefix(&rest, STR(","))) {
        if (str_starts_with(rest, STR("}"))) {
            r.max = UNBOUNDED;
        } else if (!take_count(&rest, &r.max)) {
            return 0;
        }
    }
    if (!str_cut_prefix(&rest, STR("}"))) {
        return 0;
    }
    r.too_many = r.min > MAX_REPEAT || r.max > MAX_REPEAT || (r.max != UNBOUNDED && r.min > r.max);
    *ret = r;
    return p->s.n - rest.n - p->at;
}

/* PCRE2 reads a second operator as a modifier of the first. */
static void wrap_atom(struct translator *t)
{
    struct str inner =
        arena_str(t->p.arena, str_sub(buf_str(&t->p.out), t->atom.start, t->p.out.n));
    buf_truncate(&t->p.out, t->atom.start);
    buf_put_c(&t->p.out, "(?:");
    buf_put(&t->p.out, inner);
    buf_put_char(&t->p.out, ')');
}

static void put_repeat(struct translator *t, const struct repeat *r, struct str op, bool lazy)
{
    struct buf *out = &t->p.out;
    if (t->atom.nesting > 0 && strchr("*+?}", out->p[out->n - 1]) != NULL) {
        wrap_atom(t);
    }
    if (!r->counted) {
        buf_put(out, op);
    } else if (r->max == UNBOUNDED) {
        buf_printf(out, "{%d,}", r->min);
    } else {
        buf_printf(out, "{%d,%d}", r->min, r->max);
    }
    buf_put_c(out, lazy ? "?" : "");
}

/* Go allows no more than MAX_REPEAT copies of the innermost thing. */
static bool count_repeats(struct translator *t, const struct repeat *r)
{
    if (!r->counted || r->max == 0) {
        t->atom.repeats = r->counted ? 1 : t->atom.repeats;
        return true;
    }
    unsigned count = (unsigned)MAX(r->max == UNBOUNDED ? r->min : r->max, 1);
    t->atom.repeats *= count;
    return count < 2 || t->atom.repeats <= MAX_REPEAT;
}

static int apply_repeat(struct translator *t, const struct repeat *r, size_t n)
{
    struct regex_parser *p = &t->p;
    size_t from = p->at;
    size_t last = t->last_repeat;
    bool lazy = (p->flags & REGEX_UNGREEDY) != 0;
    p->at += n;
    if (p->at < p->s.n && p->s.p[p->at] == '?') {
        p->at++;
        lazy = !lazy;
    }
    if (last != STR_NONE) {
        return regex_parse_error(p, "invalid nested repetition operator", last, p->at);
    }
    if (!t->has_atom) {
        return regex_parse_error(p, "missing argument to repetition operator", from, p->at);
    }
    if (!count_repeats(t, r)) {
        return regex_parse_error(p, INVALID_COUNT, from, p->at);
    }
    put_repeat(t, r, str_sub(p->s, from, from + n), lazy);
    if (++t->atom.nesting > MAX_NESTING) {
        return regex_parse_error(p, "expression nests too deeply", 0, p->s.n);
    }
    t->last_repeat = from;
    return 0;
}

static int parse_repeat(struct translator *t)
{
    struct regex_parser *p = &t->p;
    struct repeat r = {0};
    size_t n = 1;
    if (p->s.p[p->at] == '{') {
        n = scan_count(p, &r);
        if (n == 0) {
            p->at++;
            put_literal(t, '{');
            t->last_repeat = STR_NONE;
            return 0;
        }
        if (r.too_many) {
            return regex_parse_error(p, INVALID_COUNT, p->at, p->at + n);
        }
    }
    return apply_repeat(t, &r, n);
}

/* ---- sequence ---- */

static int parse_plain(struct translator *t)
{
    struct regex_parser *p = &t->p;
    uint32_t rune;
    TRY(regex_next_rune(p, &rune));
    put_literal(t, rune);
    return 0;
}

/* Everything but repetitions. */
static int parse_item(struct translator *t)
{
    struct regex_parser *p = &t->p;
    bool multiline = (p->flags & REGEX_MULTILINE) != 0;
    switch (p->s.p[p->at]) {
    case '(':
        return parse_paren(t);
    case ')':
        return close_group(t);
    case '\\':
        return parse_backslash(t);
    default:
        break;
    }
    switch (p->s.p[p->at]) {
    case '[':
        begin_atom(t);
        return regex_parse_class(p);
    case '|':
        end_atom(t);
        buf_put_char(&p->out, '|');
        t->has_atom = false;
        break;
    case '^':
        put_assertion(t, multiline ? "(?:(?<![^\\n]))" : "(?:\\A)");
        break;
    case '$':
        put_assertion(t, multiline ? "(?:(?![^\\n]))" : "(?:\\z)");
        break;
    case '.':
        put_assertion(t, (p->flags & REGEX_DOT_NL) != 0 ? "(?s:.)" : "[^\\n]");
        break;
    default:
        return parse_plain(t);
    }
    p->at++;
    return 0;
}

static int parse_all(struct translator *t)
{
    struct regex_parser *p = &t->p;
    while (p->at < p->s.n) {
        if (strchr("*+?{", p->s.p[p->at]) != NULL && p->s.p[p->at] != '\0') {
            TRY(parse_repeat(t));
            continue;
        }
        TRY(parse_item(t));
        t->last_repeat = STR_NONE;
    }
    if (t->frames.n > 1) {
        return regex_parse_error(p, "missing closing )", 0, p->s.n);
    }
    return 0;
}

int regex_translate(struct arena *arena,
                    struct str pattern,
                    struct regex_translation *ret,
                    struct err *err)
{
    if (pattern.n > LIMIT_REGEX_BYTES) {
        return err_set(err, ERR_LIMIT, "regular expression is longer than %zu bytes",
                       LIMIT_REGEX_BYTES);
    }
    struct translator t = {.p = {.arena = arena, .s = pattern, .err = err},
                           .last_repeat = STR_NONE};
    buf_init(&t.p.out, LIMIT_REGEX_BYTES * 64);
    vec_push_in(arena, &t.frames, ((struct frame){.repeats = 1}));
    vec_push_in(arena, &t.names, STR_EMPTY);
    int rc = parse_all(&t);
    if (rc == 0) {
        rc = buf_check(&t.p.out, "regular expression", err);
        ret->pattern = buf_to_arena(&t.p.out, arena);
        ret->names = t.names.items;
        ret->n_groups = t.names.n;
    }
    buf_done(&t.p.out);
    return rc;
}
