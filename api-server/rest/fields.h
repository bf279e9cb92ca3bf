/* The query parameter `fields`: which parts of an answer the client wants.
 *
 * A comma list of dotted paths to keep ("items.metadata.name"); lists on the way are transparent. With a
 * leading "-" it is a list of paths to leave out. Pure. */
#pragma once

#include "common/base/str.h"

struct arena;
struct value;

/* v itself for an empty list. */
const struct value *fields_apply(struct arena *arena, const struct value *v, struct str fields);
