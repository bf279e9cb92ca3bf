/* struct str: a borrowed slice of bytes, passed by value; not NUL-terminated. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "common/base/macro.h"

struct str {
    const char *p; /* may be NULL when n is 0 */
    size_t n;      /* bytes */
};

/* Of a string literal. */
#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})
#define STR_EMPTY    ((struct str){"", 0})

/* printf("..." STR_FMT "...", STR_ARG(s)) */
#define STR_FMT    "%.*s"
#define STR_ARG(s) (int)(s).n, ((s).n > 0 ? (s).p : "")

/* Of a C string; NULL gives the empty slice. */
static inline struct str str_from(const char *s)
{
    return (struct str){s, s != NULL ? strlen(s) : 0};
}

static inline struct str str_of(const char *p, size_t n)
{
    return (struct str){p, n};
}

static inline bool str_eq(struct str a, struct str b)
{
    /* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): only an empty slice may be NULL */
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool str_eq_c(struct str a, const char *b)
{
    return str_eq(a, str_from(b));
}

/* Bytewise order, a prefix first: <0, 0, >0. */
int str_cmp(struct str a, struct str b);
/* ASCII letters compare without regard to case. */
bool str_eq_nocase(struct str a, struct str b);

bool str_starts_with(struct str s, struct str prefix);
bool str_ends_with(struct str s, struct str suffix);

/* Cut the prefix or suffix when it is there; says whether it was. */
bool str_cut_prefix(struct str *s, struct str prefix);
bool str_cut_suffix(struct str *s, struct str suffix);

#define STR_NONE ((size_t)-1)
/* Byte offset of the first (last) occurrence, or STR_NONE. */
size_t str_find(struct str s, struct str needle);
size_t str_find_char(struct str s, char c);
size_t str_rfind_char(struct str s, char c);

/* Bytes [from, to) clamped to the slice. */
struct str str_sub(struct str s, size_t from, size_t to);

/* Without ASCII white space at both ends. */
struct str str_trim(struct str s);

/* Split off what is before the next `sep`: *rest moves behind it. False when *rest was used up (its p
 * is NULL then); the empty string gives one empty field, as in Go's strings.Split.
 *
 *     struct str rest = path, part;
 *     while (str_next(&rest, '/', &part)) { ... }
 */
bool str_next(struct str *rest, char sep, struct str *ret_part);

/* Split at the first `sep` into before and after; false and *before = s when there is none. */
bool str_cut(struct str s, char sep, struct str *ret_before, struct str *ret_after);

/* FNV-1a, for hash tables only: not stable across releases. */
size_t str_hash(struct str s);
