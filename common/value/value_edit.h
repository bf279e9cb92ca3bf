/* Changing immutable trees: the result is a new tree in `arena` that shares everything not on the
 * changed path with the old one, so it is valid only while both the arena and the old tree are (see
 * arena_hold()).  Inputs are never modified.  Cost: O(siblings on the path). */
#pragma once

#include <stddef.h>

#include "common/base/arena.h"
#include "common/base/str.h"
#include "common/value/value.h"

/* Map with `key` set: in its old place, or at the end. A map of NULL or null counts as empty; any other
 * type is a programming error. The key is copied when new. */
const struct value *value_map_set(struct arena *arena,
                                  const struct value *map,
                                  struct str key,
                                  const struct value *item);
/* Returns `map` itself when the key is missing. */
const struct value *value_map_remove(struct arena *arena, const struct value *map, struct str key);

/* Lists; NULL or null counts as empty, positions must be in range (insert: up to the length). */
const struct value *
value_list_append(struct arena *arena, const struct value *list, const struct value *item);
const struct value *value_list_insert(struct arena *arena,
                                      const struct value *list,
                                      size_t at,
                                      const struct value *item);
const struct value *
value_list_set(struct arena *arena, const struct value *list, size_t at, const struct value *item);
const struct value *value_list_remove(struct arena *arena, const struct value *list, size_t at);

/* For changing many children at once: a copy of the container in *ret, whose children (keys excepted) may be changed
 * through what is returned until *ret is handed on. Not NULL or null. */
struct value_entry *
value_map_copy(struct arena *arena, const struct value *map, const struct value **ret);
struct value *
value_list_copy(struct arena *arena, const struct value *list, const struct value **ret);

/* Set or remove below nested maps:
 *
 *     v = value_with(arena, v, value_new_str(arena, s), "metadata", "labels", "app");
 *     v = value_without(arena, v, "metadata", "managedFields");
 *
 * value_with() makes the maps that are missing on the way, and in place of anything that is not a map.
 * value_without() returns v itself when there is nothing to remove. */
#define value_with(arena, v, item, ...) \
    value_with_path((arena), (v), (item), (const char *const[]){__VA_ARGS__, NULL})
#define value_without(arena, v, ...) \
    value_without_path((arena), (v), (const char *const[]){__VA_ARGS__, NULL})

/* path: keys, NULL at the end. */
const struct value *value_with_path(struct arena *arena,
                                    const struct value *v,
                                    const struct value *item,
                                    const char *const *path);
const struct value *
value_without_path(struct arena *arena, const struct value *v, const char *const *path);
