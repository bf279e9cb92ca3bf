/* What the API server fills into fields of built-in kinds that a manifest leaves out.
 *
 * Facts of the Kubernetes API, as tables of (type, field, default) and, where a default depends on other
 * fields, small functions.  Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/value/value.h"
#include "engine/merge/schema.h"

struct arena;

/* Entries of a map under construction. */
struct defaults_map {
    struct value_entry *entries;
    size_t n;
    size_t cap;   /* room for defaults_room() more than the map had */
    bool changed; /* set when something was added or replaced */
};

/* Entries that defaults_fill() may add to a map of this type. */
size_t defaults_room(enum schema_type type);

/* Append what is missing. A missing struct with defaults of its own is appended as an empty map; the
 * caller fills it in turn. */
void defaults_fill(struct arena *arena, enum schema_type type, struct defaults_map *map);
