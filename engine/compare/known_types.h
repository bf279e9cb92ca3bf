/* Fields of custom resources that are of types of Kubernetes' own: brought to the one form the API server would give
 * them.  Pure. */
#pragma once

#include "engine/compare/rules.h"

struct arena;
struct value;

/* obj with those fields in canonical form; obj itself when nothing changes. Types nobody knows change nothing. */
const struct value *
known_types_apply(struct arena *arena, struct known_fields known, const struct value *obj);
