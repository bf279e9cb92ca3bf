/* Shell-like patterns as Argo CD's projects and directories use them (the gobwas dialect).
 *
 *   *        any text without the separator        **      any text
 *   ?        one character but the separator       [a-z]   one of these; [!a-z] none of these
 *   {a,b}    either pattern, nested too            \x      x itself
 *
 * Characters are UTF-8 code points.  Without a separator "*" and "**" are the same. Pure, any thread;
 * the cost of "*" is bounded by pattern times text, that of braces by GLOB_ALTERNATIVES_MAX. */
#pragma once

#include <stdbool.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

enum {
    GLOB_PATTERN_BYTES = 4096,
    GLOB_ALTERNATIVES_MAX = 4096, /* patterns the braces of one pattern may stand for */
    GLOB_NO_SEPARATOR = 0,
};

/* ERR_INVALID with the reason when the pattern is malformed or too large. */
MUST_CHECK int glob_check(struct str pattern, struct err *err);

/* Does the whole text match? A malformed pattern matches nothing. */
bool glob_match(struct str pattern, struct str text, char separator);
