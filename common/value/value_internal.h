/* What the files of common/value share. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/value/value.h"

enum {
    VALUE_INDEX_ABOVE = 8, /* keys; smaller maps are searched in order */
};

struct value_index {
    uint32_t mask;
    uint32_t slots[]; /* entry number + 1; 0 = free */
};

/* Stable across processes and releases. */
uint64_t value_hash_bytes(const void *p, size_t n, uint64_t seed);

/* Number of the entry with this key, or STR_NONE. */
size_t value_entry_number(const struct value *map, struct str key);

/* Turn n entries in the arena into map->entries: drops all but the last of equal keys (its value takes
 * the first one's place) and makes the index. Entries are changed in place. Returns the first repeated
 * entry through ret_duplicate when that is not NULL and there is one. */
void value_map_finish(struct arena *arena,
                      struct value *map,
                      struct value_entry *entries,
                      size_t n,
                      struct value_entry *ret_duplicate);

/* The entries in bytewise order of their keys; free with mem_free(). */
const struct value_entry **value_sorted_entries(const struct value *map);
