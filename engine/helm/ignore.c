/* .helmignore differs from .gitignore in more than it shares: the first rule that hits decides, "!x" ignores
 * everything that is NOT x, and a pattern without a slash is held against the last part of the path. */
#include "engine/helm/ignore.h"

#include "common/base/path.h"
#include "common/base/utf8.h"
#include "common/base/vec.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

struct ignore_rule {
    struct str pattern;
    bool negate;
    bool only_dirs;
    bool whole_path; /* else only the last part counts */
};

/* ---- filepath.Match ---- */

enum glob_verdict { GLOB_NO, GLOB_YES, GLOB_MALFORMED };

/* One character of a class, a backslash takes the next one as it is. */
static bool class_char(struct str pattern, size_t *at, uint32_t *ret)
{
    if (*at >= pattern.n || pattern.p[*at] == '-' || pattern.p[*at] == ']') {
        return false;
    }
    if (pattern.p[*at] == '\\' && ++*at >= pattern.n) {
        return false;
    }
    *ret = utf8_next(pattern, at);
    return *at < pattern.n;
}

/* at: behind '['; afterwards behind ']'. */
static enum glob_verdict match_class(struct str pattern, size_t *at, uint32_t c)
{
    bool negated = *at < pattern.n && pattern.p[*at] == '^';
    bool hit = false;
    size_t n_ranges = 0;
    *at += negated ? 1 : 0;
    for (;; n_ranges++) {
        uint32_t low;
        uint32_t high;
        if (*at < pattern.n && pattern.p[*at] == ']' && n_ranges > 0) {
            ++*at;
            return hit != negated ? GLOB_YES : GLOB_NO;
        }
        if (!class_char(pattern, at, &low)) {
            return GLOB_MALFORMED;
        }
        high = low;
        if (pattern.p[*at] == '-') {
            ++*at;
            if (!class_char(pattern, at, &high)) {
                return GLOB_MALFORMED;
            }
        }
        hit = hit || (low <= c && c <= high);
    }
}

/* Match what stands before the next '*' at text[*t]. Sets both behind what was matched. */
static enum glob_verdict match_one(struct str pattern, size_t *p, struct str text, size_t *t)
{
    if (*t >= text.n) {
        return GLOB_NO;
    }
    if (pattern.p[*p] == '[') {
        ++*p;
        return match_class(pattern, p, utf8_next(text, t));
    }
    if (pattern.p[*p] == '?') {
        ++*p;
        return text.p[*t] == '/' ? GLOB_NO : ((void)utf8_next(text, t), GLOB_YES);
    }
    *p += pattern.p[*p] == '\\' ? 1 : 0;
    if (*p >= pattern.n) {
        return GLOB_MALFORMED;
    }
    return pattern.p[(*p)++] == text.p[(*t)++] ? GLOB_YES : GLOB_NO;
}

/* Where to go on when a '*' has to take in one more character. */
struct star {
    bool seen;
    size_t p;
    size_t t;
};

static bool star_again(struct star *star, struct str text, size_t *p, size_t *t)
{
    if (!star->seen || star->t >= text.n || text.p[star->t] == '/') {
        return false;
    }
    *p = star->p;
    *t = ++star->t;
    return true;
}

bool ignore_glob(struct str pattern, struct str path)
{
    struct star star = {0};
    size_t p = 0;
    size_t t = 0;
    while (p < pattern.n || t < path.n) {
        if (p < pattern.n && pattern.p[p] == '*') {
            star = (struct star){true, ++p, t};
            continue;
        }
        enum glob_verdict v = p < pattern.n ? match_one(pattern, &p, path, &t) : GLOB_NO;
        if (v == GLOB_MALFORMED || (v == GLOB_NO && !star_again(&star, path, &p, &t))) {
            return false;
        }
    }
    return true;
}

static bool is_well_formed(struct str pattern)
{
    for (size_t p = 0; p < pattern.n;) {
        if (pattern.p[p] == '[') {
            p++;
            if (match_class(pattern, &p, 'x') == GLOB_MALFORMED) {
                return false;
            }
            continue;
        }
        if (pattern.p[p] == '\\' && ++p >= pattern.n) {
            return false;
        }
        p++;
    }
    return true;
}

/* ---- rules ---- */

static struct ignore_rule parse_rule(struct str line)
{
    struct ignore_rule rule = {0};
    rule.negate = str_cut_prefix(&line, STR("!"));
    rule.only_dirs = str_cut_suffix(&line, STR("/"));
    rule.whole_path = str_find_char(line, '/') != STR_NONE;
    (void)str_cut_prefix(&line, STR("/")); /* only some have it */
    rule.pattern = line;
    return rule;
}

static int check_rule(struct str line, uint32_t line_number, struct err *err)
{
    if (str_find(line, STR("**")) != STR_NONE) {
        (void)err_set(err, ERR_INVALID, "double-star (**) syntax is not supported");
        return err_at(err, STR(".helmignore"), line_number, 0);
    }
    if (!is_well_formed(line)) {
        (void)err_set(err, ERR_INVALID, "syntax error in pattern '" STR_FMT "'", STR_ARG(line));
        return err_at(err, STR(".helmignore"), line_number, 0);
    }
    return 0;
}

int ignore_parse(struct arena *arena, struct str text, struct ignore_rules *ret, struct err *err)
{
    VEC(struct ignore_rule) rules = {0};
    struct str line;
    (void)str_cut_prefix(&text, STR(BYTE_ORDER_MARK)); /* only some have it */
    for (uint32_t n = 1; str_next(&text, '\n', &line); n++) {
        line = str_trim(line);
        if (line.n > 0 && line.p[0] != '#') {
            TRY(check_rule(line, n, err));
            vec_push_in(arena, &rules, parse_rule(line));
        }
    }
    vec_push_in(arena, &rules, parse_rule(STR("templates/.?*")));
    *ret = (struct ignore_rules){rules.items, rules.n};
    return 0;
}

bool ignore_matches(const struct ignore_rules *rules, struct str path, bool is_dir)
{
    if (path.n == 0 || str_eq_c(path, ".")) {
        return false;
    }
    for (size_t i = 0; i < rules->n; i++) {
        const struct ignore_rule *rule = &rules->items[i];
        bool hit = (is_dir || !rule->only_dirs) &&
                   ignore_glob(rule->pattern, rule->whole_path ? path : path_base(path));
        if (hit != rule->negate) {
            return true;
        }
    }
    return false;
}
