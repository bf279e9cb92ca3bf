/* Between regex.c, regex_parse.c and regex_class.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

enum regex_flag {
    REGEX_FOLD = 1 << 0,      /* (?i) */
    REGEX_MULTILINE = 1 << 1, /* (?m) */
    REGEX_DOT_NL = 1 << 2,    /* (?s) */
    REGEX_UNGREEDY = 1 << 3,  /* (?U) */
};

/* A pattern being read. */
struct regex_parser {
    struct arena *arena;
    struct str s;
    size_t at;
    unsigned flags;
    struct buf out; /* the translation */
    struct err *err;
};

struct regex_translation {
    struct str pattern;      /* for PCRE2 */
    const struct str *names; /* of groups 0..n-1; "" = none */
    size_t n_groups;         /* the whole match included */
};

/* Translate Go's syntax to PCRE2's: regex_parse.c. */
MUST_CHECK int regex_translate(struct arena *arena,
                               struct str pattern,
                               struct regex_translation *ret,
                               struct err *err);

/* "error parsing regexp: WHAT: `bytes [from, to)`" */
int regex_parse_error(struct regex_parser *p, const char *what, size_t from, size_t to);
/* The code point at p->at, which moves behind it; ERR_INVALID for bytes that are no UTF-8. */
MUST_CHECK int regex_next_rune(struct regex_parser *p, uint32_t *ret);
/* An escape that stands for one code point, at its backslash. */
MUST_CHECK int regex_parse_escape(struct regex_parser *p, uint32_t *ret);

/* Each of these appends one PCRE2 atom to p->out. */

/* "[...]", at its bracket. */
MUST_CHECK int regex_parse_class(struct regex_parser *p);
/* \d, \pL and the like, at the backslash: 1 = done, 0 = it is none of these, negative = failed. */
MUST_CHECK int regex_parse_class_escape(struct regex_parser *p);
void regex_put_never(struct regex_parser *p);

/* True when PCRE2 knows the name after \p: regex.c. */
bool regex_knows_property(const char *property);
