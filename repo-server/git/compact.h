/* Merging the small packs of a mirror: each fetch leaves one, and every reader opens all of them.
 *
 * Large packs are left alone, so the work is bounded.  Objects that no reference reaches any more stay:
 * an application may still be at such a commit. Packs that were merged are removed only after
 * COMPACT_GRACE_S, when no reader can still be using them.
 *
 * Blocking; the helper process, which holds the mirror's lock. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/macro.h"

enum {
    COMPACT_AT = 40, /* small packs that are worth it */
    COMPACT_GRACE_S = 600,
    COMPACT_SMALL_BYTES = 4 * 1024 * 1024,
};

/* Small packs that have not been merged yet; 0 when the mirror cannot be read. */
size_t compact_count(const char *mirror);

/* Remove what an earlier call has merged, then merge when there are COMPACT_AT small packs.
 * wall_s: Unix time. */
MUST_CHECK int compact_packs(const char *mirror, int64_t wall_s, struct err *err);
