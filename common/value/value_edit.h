/* Changing immutable trees: the result is a new tree in `arena` that shares everything not on the
 * changed path with the old one, so it is valid only while both the arena and the old tree are (see
 * arena_hold()).  Inputs are never modified.  Cost: O(siblings on the path). */
#pragma once

#include <stddef.h>
#include <stdint.h>

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

/* ---- many edits of one tree ----
 *
 * A token (any number but 0) stands for a run of edits of trees that nobody else holds. Containers these functions copy carry
 * it, and are changed in place when they are met with it again: the tree is copied once on each changed path, not for each
 * edit. Whoever makes the run sees to it that no container of such a tree gets into another one meanwhile, and that another
 * run has another token; afterwards the trees are immutable as all others. With token 0 everything is copied. */

/* Every container of a tree that was just made, and is in no other, gets the token. */
void value_own(const struct value *tree, uint32_t token);
/* As value_map_set(); returns `map` itself when that was changed in place. */
const struct value *value_map_put(struct arena *arena,
                                  const struct value *map,
                                  struct str key,
                                  const struct value *item,
                                  uint32_t token);
/* Several at once; keys are NUL-terminated and shared, a later one counts. */
const struct value *value_map_put_all(struct arena *arena,
                                      const struct value *map,
                                      const struct value_entry *items,
                                      size_t n_items,
                                      uint32_t token);
/* The entries (items) of *ret for changing values: of the map itself, or of a copy. Not NULL or null. */
struct value_entry *value_map_own(struct arena *arena,
                                  const struct value *map,
                                  uint32_t token,
                                  const struct value **ret);
struct value *value_list_own(struct arena *arena,
                             const struct value *list,
                             uint32_t token,
                             const struct value **ret);

/* ---- paths ---- */

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
