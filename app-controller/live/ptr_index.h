/* struct ptr_index: an open-addressing set of pointers, the hash kept by the caller.
 *
 * Eight to sixteen bytes an entry: made for the live store's hundreds of thousands of records. The
 * caller compares candidates itself. Not thread-safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ptr_index {
    void **slots; /* NULL = free */
    size_t size;  /* power of two, 0 before the first insert */
    size_t n;
    uint64_t (*hash)(const void *item); /* stays the same while the item is in */
};

void ptr_index_init(struct ptr_index *ix, uint64_t (*hash)(const void *item));
/* Frees the table, not the items. */
void ptr_index_done(struct ptr_index *ix);

/* The item with this hash for which eq(item, key) holds; NULL when there is none. */
void *ptr_index_find(const struct ptr_index *ix,
                     uint64_t hash,
                     bool (*eq)(const void *item, const void *key),
                     const void *key);
/* The item must not be in yet. */
void ptr_index_insert(struct ptr_index *ix, void *item);
/* The item must be in. */
void ptr_index_remove(struct ptr_index *ix, const void *item);

/* Every item in no order; neither insert nor remove meanwhile. Start with *at = 0; NULL at the end. */
void *ptr_index_next(const struct ptr_index *ix, size_t *at);
