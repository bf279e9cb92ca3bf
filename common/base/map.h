/* struct map: string keys to pointers, iterated in insertion order. Keys are copied. Not thread-safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/cleanup.h"
#include "common/base/str.h"

struct map;

/* free_value is called for values that are replaced, removed or left at the end; NULL = borrowed. */
struct map *map_new(void (*free_value)(void *value));
void map_free(struct map *m);
DEFINE_CLEANUP(map, struct map, map_free);

size_t map_len(const struct map *m);
/* NULL when missing. */
void *map_find(const struct map *m, struct str key);
bool map_has(const struct map *m, struct str key);
/* Takes the value; an old one under the key is freed and its place in the order kept. */
void map_set(struct map *m, struct str key, void *value);
/* False when missing. */
bool map_remove(struct map *m, struct str key);
/* The value without freeing it, the key is gone; NULL when missing. */
void *map_take(struct map *m, struct str key);
void map_clear(struct map *m);

struct map_entry {
    struct str key; /* NUL-terminated; valid until the key is removed */
    void *value;
};

/* The next entry from *at on (start with 0); false at the end. Removing the entry just seen is fine,
 * inserting during an iteration is not. */
bool map_next(const struct map *m, size_t *at, struct map_entry *ret);

#define MAP_FOREACH(m, entry) \
    size_t entry##_at_ = 0;   \
    for (struct map_entry entry; map_next((m), &entry##_at_, &entry);)
