/* Templates' text to syntax trees. One call is one pass over the text; not thread-safe. */
#pragma once

#include "common/base/arena.h"
#include "common/base/budget.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "engine/template/ast.h"

struct parse_input {
    struct arena *arena; /* of the nodes */
    struct str name;     /* of the file, borrowed by the nodes */
    struct str text;     /* borrowed by the nodes */
    struct budget *budget;
    /* NULL: there is no such function. */
    const struct tfunc *(*find_func)(void *data, struct str name);
    /* Called for each define and block when its end is read, and for the file itself as the last one.
     * A failure's message gets the position. def lives as long as the nodes. */
    int (*define)(void *data, const struct tdef *def, struct err *err);
    void *data;
};

/* Parse one file.
 *
 * ret  what stands outside of the defines.
 *
 * Errors: ERR_INVALID with Go's message, the file and line as the position; ERR_LIMIT. O(text). */
MUST_CHECK int parse_file(const struct parse_input *in, const struct tdef **ret, struct err *err);
