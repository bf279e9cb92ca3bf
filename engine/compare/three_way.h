/* What a live object becomes when a target is applied to it: kubectl's three-way merge, computed
 * without a patch in between.
 *
 * Fields of the target win; fields that were in the last applied configuration and are not in the
 * target go; everything else of the live object stays.  Lists of built-in kinds that have keys
 * (containers by name, ...) are merged by them, other lists are replaced.  Pure. */
#pragma once

struct arena;
struct value;

/* last  what was applied before; NULL: nothing is deleted.
 *
 * Returns live itself when applying would change nothing. */
const struct value *three_way_merge(struct arena *arena,
                                    const struct value *last,
                                    const struct value *target,
                                    const struct value *live);
