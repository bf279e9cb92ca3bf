/* Glob matching. Braces are written out one alternative at a time; each resulting plain pattern is
 * matched with one remembered "*" and one remembered "**", which keeps it free of recursion. */
#include "common/base/glob.h"

#include <stdint.h>

struct scan {
    struct str pattern;
    struct str text;
    char separator;
};

/* Bytes of the code point at s[at]; a byte that is no UTF-8 start counts alone. */
static size_t char_len(struct str s, size_t at)
{
    unsigned char c = (unsigned char)s.p[at];
    size_t n = c < 0xc0 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    return at + n <= s.n ? n : 1;
}

/* Code points compare as their UTF-8 bytes do. */
static int char_cmp(struct str a, struct str b)
{
    return str_cmp(a, b);
}

/* The next character of a class or plain pattern, an escape undone; *at moves behind it. */
static struct str pattern_char(struct str p, size_t *at)
{
    if (p.p[*at] == '\\' && *at + 1 < p.n) {
        (*at)++;
    }
    size_t n = char_len(p, *at);
    struct str c = str_of(p.p + *at, n);
    *at += n;
    return c;
}

/* Match one character against the class that begins at p[*at] == '['; *at moves behind the "]".
 * glob_check() has made sure that it is well-formed. */
static bool class_match(struct str p, size_t *at, struct str c)
{
    size_t i = *at + 1;
    bool negated = i < p.n && p.p[i] == '!';
    i += negated;
    bool found = false;
    for (bool first = true; i < p.n && (p.p[i] != ']' || first); first = false) {
        struct str lo = pattern_char(p, &i);
        struct str hi = lo;
        if (i + 1 < p.n && p.p[i] == '-' && p.p[i + 1] != ']') {
            i++;
            hi = pattern_char(p, &i);
        }
        found = found || (char_cmp(c, lo) >= 0 && char_cmp(c, hi) <= 0);
    }
    *at = i + 1;
    return found != negated;
}

/* Match what stands at pattern[*pi] (no star) with the character at text[*ti]; both move on success. */
static bool one_match(const struct scan *s, size_t *pi, size_t *ti)
{
    if (*pi >= s->pattern.n || *ti >= s->text.n) {
        return false;
    }
    struct str c = str_of(s->text.p + *ti, char_len(s->text, *ti));
    bool separator = s->separator != GLOB_NO_SEPARATOR && c.n == 1 && c.p[0] == s->separator;
    size_t next = *pi;
    bool ok;
    switch (s->pattern.p[*pi]) {
    case '?':
        next++;
        ok = !separator;
        break;
    case '[':
        ok = class_match(s->pattern, &next, c) && !separator;
        break;
    default:
        ok = str_eq(pattern_char(s->pattern, &next), c);
        break;
    }
    if (ok) {
        *pi = next;
        *ti += c.n;
    }
    return ok;
}

/* A star seen earlier: where the pattern goes on behind it, and how much text it has eaten. */
struct star {
    bool seen;
    size_t pattern_at;
    size_t text_at;
};

/* Let the star eat one more character and start again behind it. */
static bool star_retry(const struct scan *s, struct star *star, size_t *pi, size_t *ti)
{
    if (!star->seen || star->text_at >= s->text.n) {
        return false;
    }
    star->text_at += char_len(s->text, star->text_at);
    *pi = star->pattern_at;
    *ti = star->text_at;
    return true;
}

/* At a run of stars: remember it as the place to come back to, behind it in the pattern. */
static bool
take_star(const struct scan *s, size_t *pi, size_t ti, struct star *star, struct star *double_star)
{
    if (*pi >= s->pattern.n || s->pattern.p[*pi] != '*') {
        return false;
    }
    bool is_double = *pi + 1 < s->pattern.n && s->pattern.p[*pi + 1] == '*';
    *pi += is_double ? 2 : 1;
    struct star here = {true, *pi, ti};
    if (is_double || s->separator == GLOB_NO_SEPARATOR) {
        *star = (struct star){0};
        *double_star = here;
    } else {
        *star = here;
    }
    return true;
}

/* The single star stops at a separator. */
static bool star_blocked(const struct scan *s, const struct star *star)
{
    return star->seen && star->text_at < s->text.n && s->text.p[star->text_at] == s->separator;
}

static bool plain_match(const struct scan *s)
{
    struct star star = {0};
    struct star double_star = {0};
    size_t pi = 0;
    size_t ti = 0;
    while (pi < s->pattern.n || ti < s->text.n) {
        if (take_star(s, &pi, ti, &star, &double_star) || one_match(s, &pi, &ti)) {
            continue;
        }
        if (!star_blocked(s, &star) && star_retry(s, &star, &pi, &ti)) {
            continue;
        }
        star.seen = false;
        if (!star_retry(s, &double_star, &pi, &ti)) {
            return false;
        }
    }
    return true;
}

/* Behind the element (escape, class or character) at p[at]. */
static size_t element_end(struct str p, size_t at)
{
    if (p.p[at] == '\\') {
        return at + 2 < p.n ? at + 2 : p.n;
    }
    if (p.p[at] != '[') {
        return at + 1;
    }
    size_t i = at + 1;
    i += i < p.n && p.p[i] == '!';
    for (bool first = true; i < p.n && (p.p[i] != ']' || first); first = false) {
        i += p.p[i] == '\\' && i + 1 < p.n ? 2 : 1;
    }
    return i < p.n ? i + 1 : STR_NONE;
}

/* The first "{" and its "}"; false when there is none. */
static bool find_braces(struct str p, size_t *ret_open, size_t *ret_close)
{
    size_t depth = 0;
    for (size_t i = 0; i < p.n; i = element_end(p, i)) {
        if (p.p[i] == '{' && depth++ == 0) {
            *ret_open = i;
        } else if (p.p[i] == '}' && depth > 0 && --depth == 0) {
            *ret_close = i;
            return true;
        }
    }
    return false;
}

/* The end of the alternative that begins at `from` (a "," of this level, or the end). */
static size_t alternative_end(struct str p, size_t from)
{
    size_t depth = 0;
    size_t i = from;
    for (; i < p.n; i = element_end(p, i)) {
        if (p.p[i] == ',' && depth == 0) {
            return i;
        }
        depth += p.p[i] == '{';
        depth -= p.p[i] == '}' && depth > 0;
    }
    return p.n;
}

/* Recursion is as deep as braces are many, each level shortens the pattern by two bytes. */
static bool braces_match(struct scan s)
{
    size_t open = 0;
    size_t close;
    if (!find_braces(s.pattern, &open, &close)) {
        return plain_match(&s);
    }
    struct str before = str_sub(s.pattern, 0, open);
    struct str inside = str_sub(s.pattern, open + 1, close);
    struct str after = str_sub(s.pattern, close + 1, s.pattern.n);
    for (size_t from = 0; from <= inside.n;) {
        size_t end = alternative_end(inside, from);
        char text[GLOB_PATTERN_BYTES];
        size_t n = 0;
        memcpy(text, before.p, before.n);
        n += before.n;
        memcpy(text + n, inside.p + from, end - from);
        n += end - from;
        memcpy(text + n, after.p, after.n);
        n += after.n;
        if (braces_match((struct scan){str_of(text, n), s.text, s.separator})) {
            return true;
        }
        from = end + 1;
    }
    return false;
}

enum {
    /* bounds the stack of braces_match(): one pattern copy a level */
    BRACES_MAX = 64,
};

/* Braces open around a place of the pattern, and how many plain patterns those closed stand for. */
struct brace_count {
    size_t depth;
    size_t n_braces;
    uint64_t n_alternatives[BRACES_MAX];
    uint64_t n_patterns; /* an upper bound */
};

static int count_braces(struct brace_count *b, char c, struct err *err)
{
    if (c == '{') {
        if (++b->n_braces > BRACES_MAX) {
            return err_set(err, ERR_INVALID, "pattern has more than %d braces", BRACES_MAX);
        }
        b->n_alternatives[b->depth++] = 1;
    } else if (c == ',' && b->depth > 0) {
        b->n_alternatives[b->depth - 1]++;
    } else if (c == '}' && b->depth > 0) {
        b->n_patterns *= b->n_alternatives[--b->depth];
    }
    if (b->n_patterns > GLOB_ALTERNATIVES_MAX) {
        return err_set(err, ERR_INVALID, "pattern has more than %d alternatives",
                       GLOB_ALTERNATIVES_MAX);
    }
    return 0;
}

int glob_check(struct str pattern, struct err *err)
{
    if (pattern.n >= GLOB_PATTERN_BYTES) {
        return err_set(err, ERR_INVALID, "pattern is longer than %d bytes", GLOB_PATTERN_BYTES - 1);
    }
    struct brace_count braces = {.n_patterns = 1};
    for (size_t i = 0; i < pattern.n;) {
        if (pattern.p[i] == '\\' && i + 1 == pattern.n) {
            return err_set(err, ERR_INVALID, "pattern '" STR_FMT "' ends with a backslash",
                           STR_ARG(pattern));
        }
        TRY(count_braces(&braces, pattern.p[i], err));
        i = element_end(pattern, i);
        if (i == STR_NONE) {
            return err_set(err, ERR_INVALID, "pattern '" STR_FMT "' has an unclosed '['",
                           STR_ARG(pattern));
        }
    }
    if (braces.depth > 0) {
        return err_set(err, ERR_INVALID, "pattern '" STR_FMT "' has an unclosed '{'",
                       STR_ARG(pattern));
    }
    return 0;
}

bool glob_match(struct str pattern, struct str text, char separator)
{
    struct err err;
    if (glob_check(pattern, &err) < 0) {
        return false;
    }
    return braces_match((struct scan){pattern, text, separator});
}
