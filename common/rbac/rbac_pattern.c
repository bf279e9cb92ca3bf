/* Choosing the cheapest way to answer, once, and answering. */
#include "common/rbac/rbac_pattern.h"

#include <string.h>

#include "common/base/glob.h"
#include "common/regex/regex.h"

static bool is_literal(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\0' || strchr("*?[{}\\", s.p[i]) != NULL) {
            return false;
        }
    }
    return true;
}

static int init_glob(struct str text, struct rbac_pattern *ret, struct err *err)
{
    struct str head = text;
    *ret = (struct rbac_pattern){.kind = RBAC_PATTERN_NEVER, .text = text};
    TRY(glob_check(text, err));
    ret->kind = RBAC_PATTERN_GLOB;
    if (is_literal(text)) {
        ret->kind = RBAC_PATTERN_EXACT;
    } else if (str_cut_suffix(&head, STR("*")) && is_literal(head)) {
        ret->kind = head.n == 0 ? RBAC_PATTERN_ANY : RBAC_PATTERN_PREFIX;
        ret->text = head;
    }
    return 0;
}

static int
init_regex(struct arena *arena, struct str text, struct rbac_pattern *ret, struct err *err)
{
    *ret = (struct rbac_pattern){.kind = RBAC_PATTERN_BROKEN, .text = text};
    TRY(regex_compile(arena, text, &ret->regex, err));
    ret->kind = str_eq(text, STR(".*")) ? RBAC_PATTERN_ANY : RBAC_PATTERN_REGEX;
    return 0;
}

int rbac_pattern_init(struct arena *arena,
                      enum rbac_mode mode,
                      struct str text,
                      struct rbac_pattern *ret,
                      struct err *err)
{
    return mode == RBAC_REGEX ? init_regex(arena, text, ret, err) : init_glob(text, ret, err);
}

static enum rbac_match match_of(bool matches)
{
    return matches ? RBAC_MATCH_YES : RBAC_MATCH_NO;
}

static enum rbac_match regex_match(const struct regex *regex, struct str text)
{
    struct err err;
    int found = regex_matches(regex, text, &err);
    return found < 0 ? RBAC_MATCH_BROKEN : match_of(found == 1);
}

enum rbac_match rbac_pattern_match(const struct rbac_pattern *pattern, struct str text)
{
    switch (pattern->kind) {
    case RBAC_PATTERN_ANY:
        return RBAC_MATCH_YES;
    case RBAC_PATTERN_EXACT:
        return match_of(str_eq(pattern->text, text));
    case RBAC_PATTERN_PREFIX:
        return match_of(str_starts_with(text, pattern->text));
    case RBAC_PATTERN_GLOB:
        return match_of(glob_match(pattern->text, text, GLOB_NO_SEPARATOR));
    case RBAC_PATTERN_REGEX:
        return regex_match(pattern->regex, text);
    case RBAC_PATTERN_BROKEN:
        return RBAC_MATCH_BROKEN;
    case RBAC_PATTERN_NEVER:
    default:
        return RBAC_MATCH_NO;
    }
}
