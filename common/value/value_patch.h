/* Patches: JSON Patch (RFC 6902) and JSON Merge Patch (RFC 7386). Results share what did not change
 * with their inputs, so they are valid as long as those. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/value/value.h"

/* Apply a list of operations, all or none.
 *
 * Errors name the operation by its position: ERR_INVALID (malformed, a test that fails), ERR_NOT_FOUND
 * (a path that does not exist), ERR_LIMIT (too many operations, or the result too large or deep). */
MUST_CHECK int value_json_patch(struct arena *arena,
                                const struct value *v,
                                const struct value *patch,
                                const struct value **ret,
                                struct err *err);

/* For those who apply patches in other ways: counts v and all below it into *n; false when that passes LIMIT_DOC_NODES, or
 * v at this depth LIMIT_DOC_DEPTH. */
bool value_patch_fits(const struct value *v, size_t depth, size_t *n);

/* Apply a merge patch: null removes a key, maps are merged, all else replaces. */
const struct value *
value_merge_patch(struct arena *arena, const struct value *v, const struct value *patch);

/* The merge patch that turns `from` into `to`: an empty map when they are equal. NULL counts as null.
 * A null inside a map of `to` cannot be expressed: it removes the key. */
const struct value *
value_merge_patch_between(struct arena *arena, const struct value *from, const struct value *to);
