/* Linear probing with backward-shift deletion: no tombstones, so tables that churn stay fast. */
#include "app-controller/live/ptr_index.h"

#include <assert.h>

#include "common/base/mem.h"

enum {
    FIRST_SIZE = 16,
};

void ptr_index_init(struct ptr_index *ix, uint64_t (*hash)(const void *item))
{
    *ix = (struct ptr_index){.hash = hash};
}

void ptr_index_done(struct ptr_index *ix)
{
    mem_free(ix->slots);
    ix->slots = NULL;
    ix->size = ix->n = 0;
}

static size_t next_slot(const struct ptr_index *ix, size_t i)
{
    return (i + 1) & (ix->size - 1);
}

void *ptr_index_find(const struct ptr_index *ix,
                     uint64_t hash,
                     bool (*eq)(const void *item, const void *key),
                     const void *key)
{
    if (ix->size == 0) {
        return NULL;
    }
    for (size_t i = hash & (ix->size - 1); ix->slots[i] != NULL; i = next_slot(ix, i)) {
        if (eq(ix->slots[i], key)) {
            return ix->slots[i];
        }
    }
    return NULL;
}

static void place(struct ptr_index *ix, void *item)
{
    size_t i = ix->hash(item) & (ix->size - 1);
    while (ix->slots[i] != NULL) {
        i = next_slot(ix, i);
    }
    ix->slots[i] = item;
}

static void resize(struct ptr_index *ix, size_t size)
{
    void **old = ix->slots;
    size_t old_size = ix->size;
    ix->slots = mem_calloc(size, sizeof(*ix->slots));
    ix->size = size;
    for (size_t i = 0; i < old_size; i++) {
        if (old[i] != NULL) {
            place(ix, old[i]);
        }
    }
    mem_free(old);
}

void ptr_index_insert(struct ptr_index *ix, void *item)
{
    if ((ix->n + 1) * 4 > ix->size * 3) {
        resize(ix, ix->size > 0 ? ix->size * 2 : FIRST_SIZE);
    }
    place(ix, item);
    ix->n++;
}

static size_t slot_of(const struct ptr_index *ix, const void *item)
{
    size_t i = ix->hash(item) & (ix->size - 1);
    while (ix->slots[i] != item) {
        assert(ix->slots[i] != NULL); /* the item must be in */
        i = next_slot(ix, i);
    }
    return i;
}

/* Move later members of the probe run back over the hole, so that no search stops early. */
static void close_hole(struct ptr_index *ix, size_t hole)
{
    for (size_t i = next_slot(ix, hole); ix->slots[i] != NULL; i = next_slot(ix, i)) {
        size_t home = ix->hash(ix->slots[i]) & (ix->size - 1);
        size_t from_home = (i - home) & (ix->size - 1);
        size_t from_hole = (i - hole) & (ix->size - 1);
        if (from_home >= from_hole) {
            ix->slots[hole] = ix->slots[i];
            hole = i;
        }
    }
    ix->slots[hole] = NULL;
}

void ptr_index_remove(struct ptr_index *ix, const void *item)
{
    assert(ix->size > 0);
    close_hole(ix, slot_of(ix, item));
    ix->n--;
    if (ix->size > FIRST_SIZE && ix->n * 8 < ix->size) {
        resize(ix, ix->size / 2);
    }
}

void *ptr_index_next(const struct ptr_index *ix, size_t *at)
{
    while (*at < ix->size) {
        void *item = ix->slots[(*at)++];
        if (item != NULL) {
            return item;
        }
    }
    return NULL;
}
