/* Ordered hash map: an array of slots in insertion order and an open-addressing index over it.
 *
 * Removal leaves a tombstone in the slot array; a rebuild drops them when half is dead. */
#include "common/base/map.h"

#include <assert.h>
#include <stdint.h>

#include "common/base/mem.h"

struct slot {
    char *key; /* owned; NULL = removed */
    size_t key_n;
    size_t hash;
    void *value;
};

struct map {
    void (*free_value)(void *value);
    struct slot *slots;
    size_t n_slots; /* used, tombstones included */
    size_t cap;
    size_t n_live;
    uint32_t *index;   /* slot number + 1; 0 = free */
    size_t index_size; /* power of two; 0 = none yet */
};

struct map *map_new(void (*free_value)(void *value))
{
    struct map *m = MEM_NEW(struct map);
    m->free_value = free_value;
    return m;
}

static void free_value(const struct map *m, void *value)
{
    if (m->free_value != NULL && value != NULL) {
        m->free_value(value);
    }
}

void map_clear(struct map *m)
{
    for (size_t i = 0; i < m->n_slots; i++) {
        if (m->slots[i].key != NULL) {
            mem_free(m->slots[i].key);
            m->slots[i].key = NULL;
            free_value(m, m->slots[i].value);
        }
    }
    mem_free(m->slots);
    mem_free(m->index);
    m->slots = NULL;
    m->index = NULL;
    m->n_slots = m->cap = m->n_live = m->index_size = 0;
}

void map_free(struct map *m)
{
    if (m != NULL) {
        map_clear(m);
        mem_free(m);
    }
}

size_t map_len(const struct map *m)
{
    return m->n_live;
}

static struct slot *find_slot(const struct map *m, struct str key)
{
    if (m->index_size == 0) {
        return NULL;
    }
    size_t hash = str_hash(key);
    for (size_t i = hash & (m->index_size - 1); m->index[i] != 0;
         i = (i + 1) & (m->index_size - 1)) {
        struct slot *s = &m->slots[m->index[i] - 1];
        if (s->key != NULL && s->hash == hash && str_eq(str_of(s->key, s->key_n), key)) {
            return s;
        }
    }
    return NULL;
}

static void index_slot(struct map *m, size_t slot)
{
    size_t i = m->slots[slot].hash & (m->index_size - 1);
    while (m->index[i] != 0) {
        i = (i + 1) & (m->index_size - 1);
    }
    m->index[i] = (uint32_t)slot + 1;
}

/* Drop tombstones and size both arrays for one more entry. */
static void rebuild(struct map *m)
{
    size_t n = 0;
    for (size_t i = 0; i < m->n_slots; i++) {
        if (m->slots[i].key != NULL) {
            m->slots[n++] = m->slots[i];
        }
    }
    m->n_slots = n;
    size_t cap = 8;
    while (cap < (n + 1) * 3 / 2) {
        cap *= 2;
    }
    assert(cap < UINT32_MAX / 2);
    m->slots = mem_realloc(m->slots, cap * sizeof(*m->slots));
    m->cap = cap;
    mem_free(m->index);
    m->index_size = cap * 2;
    m->index = mem_calloc(m->index_size, sizeof(*m->index));
    for (size_t i = 0; i < n; i++) {
        index_slot(m, i);
    }
}

void *map_find(const struct map *m, struct str key)
{
    struct slot *s = find_slot(m, key);
    return s != NULL ? s->value : NULL;
}

bool map_has(const struct map *m, struct str key)
{
    return find_slot(m, key) != NULL;
}

void map_set(struct map *m, struct str key, void *value)
{
    struct slot *old = find_slot(m, key);
    if (old != NULL) {
        void *replaced = old->value;
        old->value = value;
        if (replaced != value) {
            free_value(m, replaced);
        }
        return;
    }
    if (m->n_slots == m->cap) {
        rebuild(m);
    }
    m->slots[m->n_slots] = (struct slot){
        .key = mem_strndup(key.p, key.n),
        .key_n = key.n,
        .hash = str_hash(key),
        .value = value,
    };
    index_slot(m, m->n_slots);
    m->n_slots++;
    m->n_live++;
}

void *map_take(struct map *m, struct str key)
{
    struct slot *s = find_slot(m, key);
    if (s == NULL) {
        return NULL;
    }
    void *value = s->value;
    mem_free(s->key);
    s->key = NULL;
    s->value = NULL;
    m->n_live--;
    return value;
}

bool map_remove(struct map *m, struct str key)
{
    if (!map_has(m, key)) {
        return false;
    }
    free_value(m, map_take(m, key));
    return true;
}

bool map_next(const struct map *m, size_t *at, struct map_entry *ret)
{
    for (; *at < m->n_slots; (*at)++) {
        const struct slot *s = &m->slots[*at];
        if (s->key != NULL) {
            ret->key = str_of(s->key, s->key_n);
            ret->value = s->value;
            (*at)++;
            return true;
        }
    }
    return false;
}
