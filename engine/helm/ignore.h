/* .helmignore: which files of a directory are no part of the chart. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct ignore_rule;

struct ignore_rules {
    const struct ignore_rule *items;
    size_t n;
};

/* text is borrowed; Helm's own last rule (hidden files in templates/) is added.
 * ERR_INVALID with the line: "**", malformed patterns. */
MUST_CHECK int
ignore_parse(struct arena *arena, struct str text, struct ignore_rules *ret, struct err *err);

/* path: clean, relative to the chart. An ignored directory is not entered. */
bool ignore_matches(const struct ignore_rules *rules, struct str path, bool is_dir);

/* Go's path/filepath.Match: "*" and "?" stop at '/', classes are [a-z] and [^a-z]. A malformed pattern
 * matches nothing. */
bool ignore_glob(struct str pattern, struct str path);
