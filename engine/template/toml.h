/* TOML text to template values and back, as BurntSushi/toml 1.6 (TOML 1.1) reads and writes it. */
#pragma once

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "engine/template/tval.h"

struct arena;
struct budget;

/* Integers are int64, arrays of tables []map[string]interface {}, dates and times TVAL_TIME; those without an
 * offset have the zones Go's library gives them ("datetime-local", "date-local", "time-local").
 *
 * Errors: ERR_INVALID with the library's text ("toml: line 2 (last key \"a\"): ..."), ERR_LIMIT. O(text). */
MUST_CHECK int toml_parse(
    struct arena *arena, struct budget *budget, struct str text, struct tval *ret, struct err *err);

/* Append v: keys sorted, tables behind plain values, nil left out.
 *
 * Errors: ERR_INVALID with the library's text for what TOML cannot hold, ERR_LIMIT. */
MUST_CHECK int toml_format(struct tval v, struct budget *budget, struct buf *out, struct err *err);
