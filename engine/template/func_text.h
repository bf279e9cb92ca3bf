/* What functions that make strings share. */
#pragma once

#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct tcall;
struct tval;

/* For the text of a result; ended by func_text_return(). */
void func_text_init(struct buf *out);
/* The text as the result, charged to the budget; frees the buffer. ERR_LIMIT. */
MUST_CHECK int
func_text_return(struct tcall *call, struct buf *out, struct tval *ret, struct err *err);

/* As Go's run-time says it: "runtime error: slice bounds out of range [5:3]". */
MUST_CHECK int func_text_bounds(struct err *err, int64_t low, int64_t high);

/* Code points at the end of s that are white space or, with a set, in it, are cut off; at the start too. */
struct str func_text_trim(struct str s, struct str set);
struct str func_text_trim_space(struct str s);
