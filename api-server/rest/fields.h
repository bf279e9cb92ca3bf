/* The query parameter `fields`: which parts of an answer the client wants.
 *
 * A comma list of dotted paths to keep ("items.metadata.name"); lists on the way are transparent. With a
 * leading "-" it is a list of paths to leave out. Pure. */
#pragma once

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct arena;
struct value;

enum {
    FIELDS_PATHS_MAX = 200, /* each costs time at each node of the answer; clients send 30 */
};

/* ERR_LIMIT for more than FIELDS_PATHS_MAX paths. */
MUST_CHECK int fields_check(struct str fields, struct err *err);
/* v itself for an empty list. */
const struct value *fields_apply(struct arena *arena, const struct value *v, struct str fields);
