/* Differences of two texts by lines, as a unified diff. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/buf.h"
#include "common/base/str.h"

struct diff_text_opts {
    size_t context; /* equal lines shown around a change */
    bool colour;    /* ANSI escapes: red, green, cyan */
    const char *old_name;
    const char *new_name;
};

/* Append the diff; nothing at all when the texts are equal. Returns whether they differ.
 *
 * The shortest edit script (Myers), unless the texts differ in more than some thousand lines: then what is
 * between equal beginnings and ends is shown as removed and added. O((old + new) * differences) time. */
bool diff_text(struct str old_text,
               struct str new_text,
               const struct diff_text_opts *opts,
               struct buf *out);
