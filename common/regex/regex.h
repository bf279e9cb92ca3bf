/* Go's regular expressions (package regexp, RE2 syntax) on PCRE2.
 *
 * A pattern is parsed as Go parses it, with Go's messages for what it refuses, and translated to PCRE2's syntax.
 * Matching is leftmost-first in both.  PCRE2 backtracks where Go does not, so a search that takes too many steps
 * is ERR_LIMIT.  Known difference: which iteration a group inside a repetition of possibly empty matches reports,
 * as in (a*)+.
 *
 * Positions are bytes.  Texts need not be valid UTF-8: as in Go, each invalid byte is one U+FFFD. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct arena;
struct budget;
struct regex;

struct regex_span {
    size_t start;
    size_t end;
};

struct regex_spans {
    struct regex_span *items;
    size_t n;
};

/* Lives in the arena; one thread at a time, but for regex_matches(). ERR_INVALID "error parsing regexp: ...: `x`", ERR_LIMIT. */
MUST_CHECK int
regex_compile(struct arena *arena, struct str pattern, struct regex **ret, struct err *err);

/* The pattern as Perl reads it, with assertions that look ahead and back, for settings that Argo CD reads so. Only for
 * regex_matches(). ERR_INVALID. */
MUST_CHECK int
regex_compile_perl(struct arena *arena, struct str pattern, struct regex **ret, struct err *err);

/* Does the pattern match somewhere in the text: 1, or 0. Any thread, and several at once with one pattern. ERR_LIMIT. */
MUST_CHECK int regex_matches(const struct regex *re, struct str text, struct err *err);

/* What the functions below work with. */
struct regex_job {
    struct arena *arena;   /* of results */
    struct budget *budget; /* charged for what is searched and written */
    struct regex *regex;
    struct str text;
};

/* Returns 1 and the first match, or 0. */
MUST_CHECK int regex_find(const struct regex_job *job, struct regex_span *ret, struct err *err);
/* FindAllStringIndex: max < 0 is all. */
MUST_CHECK int
regex_find_all(const struct regex_job *job, int64_t max, struct regex_spans *ret, struct err *err);
/* Split: pieces between matches; max < 0 is all, 0 none. */
MUST_CHECK int
regex_split(const struct regex_job *job, int64_t max, struct regex_spans *ret, struct err *err);

enum regex_replacement {
    REGEX_EXPAND,  /* $1, ${1}, ${name} and $$ in it */
    REGEX_LITERAL, /* as it is */
};
MUST_CHECK int regex_replace_all(const struct regex_job *job,
                                 struct str replacement,
                                 enum regex_replacement how,
                                 struct str *ret,
                                 struct err *err);

/* QuoteMeta. */
struct str regex_quote_meta(struct arena *arena, struct str text);
