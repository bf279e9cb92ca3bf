/* What a live object becomes by a server-side apply of a target, computed without the server: the target's fields
 * win, what the manager applied before and does not want any more goes unless somebody else owns it, and the rest
 * stays.  Pure; any thread. */
#pragma once

#include "common/base/str.h"

struct arena;
struct value;

/* live     with its managedFields, which are not changed.
 * api      shape_reduce_openapi()'s document of the target's group and version, or NULL.
 * manager  the one that applies.
 *
 * Returns live itself when applying would change nothing. Recursion is as deep as target and live both are. */
const struct value *structured_merge(struct arena *arena,
                                     const struct value *api,
                                     const struct value *target,
                                     const struct value *live,
                                     struct str manager);
