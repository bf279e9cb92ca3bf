/* Constants in templates: numbers, characters and strings as Go reads them. Messages are Go's; they have
 * no position. */
#pragma once

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "engine/template/ast.h"

/* Each sets literal and what the number can be; text and the rest of the term are the caller's.
 *
 * An integer above int64 has a literal of TVAL_UINT64, whose use is the error "TEXT overflows int" unless
 * a float is asked for. Complex numbers, which no function takes, become their text. */
MUST_CHECK int
literal_number(struct arena *arena, struct str text, struct tterm *term, struct err *err);
MUST_CHECK int
literal_complex(struct arena *arena, struct str text, struct tterm *term, struct err *err);
/* 'x' with its quotes. */
MUST_CHECK int literal_rune(struct str text, struct tterm *term, struct err *err);

/* strconv.Unquote() of "..." or `...`: borrows from text when nothing needs replacing. */
MUST_CHECK int
literal_unquote(struct arena *arena, struct str text, struct str *ret, struct err *err);
