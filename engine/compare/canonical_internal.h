/* Canonical forms of parts of objects, for three_way.c. */
#pragma once

#include <stdbool.h>

#include "engine/merge/schema.h"

struct arena;
struct value;

/* The value of a field; NULL when it means the same as absence. v itself when nothing changes. */
const struct value *
canonical_field(struct arena *arena, const struct schema_field *field, const struct value *v);

/* v as the value of the field (NULL: an unknown field) says nothing: null, or what the field's flags
 * call the same as absent. */
bool canonical_is_absent(const struct schema_field *field, const struct value *v);
