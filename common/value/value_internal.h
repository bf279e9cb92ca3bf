/* What the files of common/value share. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/value/value.h"

enum {
    VALUE_INDEX_ABOVE = 8, /* keys; smaller maps are searched in order */
};

/* Eight bytes at a time, the first in the low end: a mark (the highest bit) in each that equals c; in each
 * that a JSON string does not hold as it is (quote, backslash, control, not ASCII). Only the lowest mark is
 * exact, those above it may be too many. */
#define SCAN_ALL(c)      ((uint64_t)(c)*0x0101010101010101U)
#define SCAN_HIGHS       0x8080808080808080U
#define SCAN_EQUAL(w, c) ((((w) ^ SCAN_ALL(c)) - SCAN_ALL(1)) & ~((w) ^ SCAN_ALL(c)) & SCAN_HIGHS)

static inline uint64_t value_scan_special(uint64_t w)
{
    uint64_t control = (w - SCAN_ALL(0x20)) & ~w & SCAN_HIGHS;
    return SCAN_EQUAL(w, '"') | SCAN_EQUAL(w, '\\') | control | (w & SCAN_HIGHS);
}

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
