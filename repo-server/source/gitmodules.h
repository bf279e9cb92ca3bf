/* .gitmodules: which repository is in which directory. Pure. */
#pragma once

#include <stddef.h>

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct gitmodule {
    struct str path;
    struct str url;
};

struct gitmodules {
    const struct gitmodule *items; /* those with a path and a URL */
    size_t n;
};

/* Text in the form of Git's configuration files; of a key given twice the last counts. Strings live in the arena.
 * ERR_INVALID (with line), ERR_LIMIT (number of submodules). */
MUST_CHECK int
gitmodules_parse(struct arena *arena, struct str text, struct gitmodules *ret, struct err *err);
/* NULL = there is none in this directory. */
const struct gitmodule *gitmodules_find(const struct gitmodules *modules, struct str path);

/* A URL that begins with "./" or "../" is relative to that of the repository with the submodule. ERR_INVALID: it leaves the
 * host. */
MUST_CHECK int gitmodule_url(
    struct arena *arena, struct str base, struct str url, struct str *ret, struct err *err);
