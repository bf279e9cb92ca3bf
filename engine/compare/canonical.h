/* One form for the fields of built-in kinds: defaults filled in, zero values that the API server drops
 * dropped, quantities in canonical text.
 *
 * Driven by the tables of engine/merge/schema.h and defaults.h.  Custom resources only lose null
 * fields of their metadata.  Pure. */
#pragma once

struct arena;
struct value;

/* obj itself when nothing changes. Costs one walk over the object. */
const struct value *canonical_object(struct arena *arena, const struct value *obj);
