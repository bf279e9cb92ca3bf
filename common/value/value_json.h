/* JSON text to trees and back, compatible with Go's encoding/json. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "common/value/value.h"
#include "common/value/value_build.h"

struct value_json_opts {
    bool positions; /* keep line and column of every node */
    enum value_dup duplicates;
    size_t max_bytes; /* 0 = LIMIT_DOC_BYTES */
    size_t max_nodes; /* 0 = LIMIT_DOC_NODES */
    size_t max_depth; /* 0 = LIMIT_DOC_DEPTH */
};

/* Parse exactly one JSON value with nothing but white space around it.
 *
 * text  is copied; invalid UTF-8 becomes U+FFFD, as in Go.
 * opts  NULL = all defaults.
 *
 * Integers in the range of int64 become VALUE_INT, all other numbers VALUE_FLOAT; both keep their text.
 * Errors: ERR_INVALID with line and column, ERR_LIMIT. Any thread; O(text). */
MUST_CHECK int value_from_json(struct arena *arena,
                               struct str text,
                               const struct value_json_opts *opts,
                               const struct value **ret,
                               struct err *err);
/* As above into a document of its own. ret: a new reference. */
MUST_CHECK int doc_from_json(struct str text,
                             const struct value_json_opts *opts,
                             struct doc **ret,
                             struct err *err);

struct value_json_write {
    bool pretty;          /* two-space indent, as json.MarshalIndent(v, "", "  ") */
    bool insertion_order; /* of map keys; else sorted bytewise, as Go does */
    bool escape_html;     /* < > & as \u003c ..., as json.Marshal does by default */
    bool mask_sensitive;  /* "********" in place of VALUE_SENSITIVE scalars and subtrees */
};

/* Append v to b; no final newline. NULL is null. opts: NULL = compact, sorted, no HTML escapes.
 *
 * Errors: ERR_INVALID for NaN and infinities ("json: unsupported value: NaN"), ERR_LIMIT when the
 * buffer's maximum was passed. */
MUST_CHECK int value_to_json(struct buf *b,
                             const struct value *v,
                             const struct value_json_write *opts,
                             struct err *err);
/* As above into an arena, at most LIMIT_DOC_BYTES. NUL-terminated. */
MUST_CHECK int value_to_json_in(struct arena *arena,
                                const struct value *v,
                                const struct value_json_write *opts,
                                struct str *ret,
                                struct err *err);
/* A JSON string with quotes; invalid UTF-8 becomes \ufffd. */
void value_json_put_string(struct buf *b, struct str s, bool escape_html);

/* What masked values are written as. */
#define VALUE_MASK_TEXT "********"
