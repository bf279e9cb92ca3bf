/* A chart archive as a read-only file tree (struct engine_files), without the directory all its files are in.
 *
 * Pure; any thread, one at a time. */
#pragma once

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "engine/engine_env.h"

/* bytes: the .tgz; not used afterwards. *ret lives in the arena. Links and devices are left out. Errors: ERR_INVALID
 * (broken, names that leave the directory), ERR_LIMIT. */
MUST_CHECK int
chart_tree_new(struct arena *arena, struct str bytes, struct engine_files **ret, struct err *err);
