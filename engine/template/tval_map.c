/* Maps of templates: slots in insertion order with an open-addressing index above eight of them.
 *
 * As common/base/map.h, but in the execution's arena and with values inside; a removed slot stays until the
 * next growth. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "engine/template/tval.h"

enum {
    FIRST_SLOTS = 4,
    INDEX_ABOVE = 8, /* slots; up to here they are looked through */
};

/* Charts have many thousands of both: their sizes count. */
struct slot {
    const char *key; /* NULL when it was removed */
    uint32_t key_bytes;
    uint32_t hash;
    struct tval v;
};

struct tmap {
    struct arena *arena; /* borrowed */
    struct slot *slots;
    uint32_t *index;     /* slot number + 1; 0 = free; NULL in small maps */
    uint32_t index_size; /* power of two */
    uint32_t n_slots;    /* used, removed ones included */
    uint32_t cap;
    uint32_t n_live;
    uint8_t elem;
    bool is_classed; /* it is the first member of struct classed */
    bool is_nil;
};

struct classed {
    struct tmap map;
    struct tmap
        *base; /* itself, or the map that this is another type of; only that one has slots */
    const struct tclass *class;
    void *data; /* for the class */
};

static const struct classed *classed_of(const struct tmap *map)
{
    return (const struct classed *)(const void *)map;
}

/* Where the entries are. */
static struct tmap *base_of(const struct tmap *map)
{
    union {
        const struct tmap *constant;
        struct tmap *map;
    } self = {.constant = map};
    return map->is_classed ? classed_of(map)->base : self.map;
}

static struct tmap *init(struct tmap *map, struct arena *arena, enum tval_elem elem)
{
    *map = (struct tmap){.arena = arena, .elem = (uint8_t)elem};
    return map;
}

static struct tmap *new_classed(struct arena *arena,
                                enum tval_elem elem,
                                const struct tclass *class,
                                void *data,
                                struct tmap *base)
{
    struct classed *c = ARENA_NEW(arena, struct classed);
    (void)init(&c->map, arena, elem);
    c->map.is_classed = true;
    c->base = base != NULL ? base : &c->map;
    c->class = class;
    c->data = data;
    return &c->map;
}

struct tmap *
tmap_new(struct arena *arena, enum tval_elem elem, const struct tclass *class, void *data)
{
    if (class != NULL || data != NULL) {
        return new_classed(arena, elem, class, data, NULL);
    }
    return init(arena_alloc(arena, sizeof(struct tmap)), arena, elem);
}

struct tmap *tmap_new_nil(struct arena *arena, enum tval_elem elem)
{
    struct tmap *map = tmap_new(arena, elem, NULL, NULL);
    map->is_nil = true;
    return map;
}

bool tmap_is_nil(const struct tmap *map)
{
    return base_of(map)->is_nil;
}

struct tmap *tmap_as(struct arena *arena, struct tmap *map, const struct tclass *class)
{
    struct tmap *base = base_of(map);
    return new_classed(arena, tmap_elem(map), class, base, base);
}

struct tmap *tmap_base(struct tmap *map)
{
    return base_of(map);
}

struct arena *tmap_arena(const struct tmap *map)
{
    return base_of(map)->arena;
}

size_t tmap_len(const struct tmap *map)
{
    return base_of(map)->n_live;
}

enum tval_elem tmap_elem(const struct tmap *map)
{
    return (enum tval_elem)map->elem;
}

const struct tclass *tmap_class(const struct tmap *map)
{
    return map->is_classed ? classed_of(map)->class : NULL;
}

void *tmap_data(const struct tmap *map)
{
    return map->is_classed ? classed_of(map)->data : NULL;
}

static uint32_t hash_of(struct str key)
{
    return (uint32_t)str_hash(key);
}

static bool slot_is(const struct slot *s, uint32_t hash, struct str key)
{
    return s->hash == hash && s->key != NULL && s->key_bytes == key.n &&
           memcmp(s->key, key.p, key.n) == 0;
}

static struct slot *find_slot(const struct tmap *map, struct str key, uint32_t hash)
{
    if (key.p == NULL) {
        key = STR_EMPTY;
    }
    if (map->index == NULL) {
        for (uint32_t i = 0; i < map->n_slots; i++) {
            if (slot_is(&map->slots[i], hash, key)) {
                return &map->slots[i];
            }
        }
        return NULL;
    }
    uint32_t mask = map->index_size - 1;
    for (uint32_t i = hash & mask; map->index[i] != 0; i = (i + 1) & mask) {
        struct slot *s = &map->slots[map->index[i] - 1];
        if (slot_is(s, hash, key)) {
            return s;
        }
    }
    return NULL;
}

static void index_slot(struct tmap *map, uint32_t slot)
{
    uint32_t mask = map->index_size - 1;
    uint32_t i = map->slots[slot].hash & mask;
    while (map->index[i] != 0) {
        i = (i + 1) & mask;
    }
    map->index[i] = slot + 1;
}

/* An index for the slots there are, for as many as cap: two thirds full then. */
static void make_index(struct tmap *map, uint32_t cap)
{
    if (cap <= INDEX_ABOVE) {
        return;
    }
    if (cap + cap / 2 > map->index_size) {
        map->index_size = INDEX_ABOVE * 2;
        while (map->index_size < cap + cap / 2) {
            map->index_size *= 2;
        }
        map->index = arena_alloc(map->arena, map->index_size * sizeof(*map->index));
    }
    memset(map->index, 0, map->index_size * sizeof(*map->index));
    for (uint32_t i = 0; i < map->n_slots; i++) {
        index_slot(map, i);
    }
}

/* Slots without the removed ones. */
static uint32_t copy_slots(const struct tmap *map, struct slot *to)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < map->n_slots; i++) {
        if (map->slots[i].key != NULL) {
            to[n++] = map->slots[i];
        }
    }
    return n;
}

/* Drop removed slots; room for one more. In place when enough were removed: a loop that sets and unsets a
 * key must not fill the arena. */
static void make_room(struct tmap *map)
{
    uint32_t cap = map->cap;
    if (map->n_live >= cap / 2) {
        cap = MAX((uint32_t)FIRST_SLOTS, cap * 2);
    }
    assert(cap < UINT32_MAX / 4);
    struct slot *slots =
        cap > map->cap ? arena_alloc(map->arena, cap * sizeof(*slots)) : map->slots;
    map->n_slots = copy_slots(map, slots);
    map->slots = slots;
    map->cap = cap;
    make_index(map, cap);
}

void tmap_reserve(struct tmap *map, size_t n)
{
    assert(map->cap == 0 && n < UINT32_MAX / 4);
    map->slots = arena_alloc(map->arena, n * sizeof(*map->slots));
    map->cap = (uint32_t)n;
    make_index(map, map->cap);
}

struct tmap *tmap_clone(struct arena *arena, const struct tmap *map)
{
    struct tmap *clone = tmap_new(arena, tmap_elem(map), tmap_class(map), tmap_data(map));
    clone->is_nil = tmap_is_nil(map);
    clone->cap = map->n_live;
    clone->slots = arena_alloc(arena, clone->cap * sizeof(*clone->slots));
    clone->n_slots = copy_slots(map, clone->slots);
    clone->n_live = clone->n_slots;
    make_index(clone, clone->cap);
    return clone;
}

enum key_owner { KEY_COPY, KEY_BORROW };

static void set(struct tmap *map, struct str key, struct tval v, enum key_owner owner)
{
    map = base_of(map);
    uint32_t hash = hash_of(key);
    struct slot *old = find_slot(map, key, hash);
    assert(key.n <= UINT32_MAX);
    if (old != NULL) {
        old->v = v;
        return;
    }
    map->is_nil = false;
    if (map->n_slots == map->cap) {
        make_room(map);
    }
    if (owner == KEY_COPY || key.p == NULL) {
        key = arena_str(map->arena, key);
    }
    map->slots[map->n_slots] = (struct slot){key.p, (uint32_t)key.n, hash, v};
    if (map->index != NULL) {
        index_slot(map, map->n_slots);
    }
    map->n_slots++;
    map->n_live++;
}

void tmap_set(struct tmap *map, struct str key, struct tval v)
{
    set(map, key, v, KEY_COPY);
}

void tmap_set_borrowed(struct tmap *map, struct str key, struct tval v)
{
    set(map, key, v, KEY_BORROW);
}

struct tval *tmap_find(const struct tmap *map, struct str key)
{
    struct slot *s = find_slot(base_of(map), key, hash_of(key));
    return s != NULL ? &s->v : NULL;
}

struct tval tmap_get(const struct tmap *map, struct str key)
{
    const struct tval *v = tmap_find(map, key);
    if (v != NULL) {
        return *v;
    }
    switch (tmap_elem(map)) {
    case TVAL_OF_STRING:
        return tval_str(STR_EMPTY);
    case TVAL_OF_INT:
        return tval_int(0);
    case TVAL_OF_BYTES:
        return (struct tval){.kind = TVAL_BYTES, .s = STR_EMPTY};
    case TVAL_OF_MAP:
        return tval_map(tmap_new(map->arena, TVAL_OF_ANY, NULL, NULL));
    case TVAL_OF_LIST:
        return (struct tval){.kind = TVAL_LIST, .list = NULL};
    case TVAL_OF_ANY:
    case TVAL_ELEM_COUNT:
        break;
    }
    return tval_nil();
}

bool tmap_remove(struct tmap *map, struct str key)
{
    struct slot *s = find_slot(base_of(map), key, hash_of(key));
    if (s == NULL) {
        return false;
    }
    s->key = NULL;
    base_of(map)->n_live--;
    return true;
}

bool tmap_next(const struct tmap *map, size_t *at, struct str *ret_key, struct tval **ret)
{
    for (map = base_of(map); *at < map->n_slots; (*at)++) {
        struct slot *s = &map->slots[*at];
        if (s->key != NULL) {
            *ret_key = str_of(s->key, s->key_bytes);
            *ret = &s->v;
            (*at)++;
            return true;
        }
    }
    return false;
}

static int cmp_keys(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

struct str *tmap_keys(const struct tmap *map, struct arena *arena, size_t *ret_n)
{
    struct str *keys = arena_alloc(arena, (tmap_len(map) + 1) * sizeof(*keys));
    struct str key;
    struct tval *v;
    size_t n = 0;
    for (size_t at = 0; tmap_next(map, &at, &key, &v);) {
        keys[n++] = key;
    }
    qsort(keys, n, sizeof(*keys), cmp_keys);
    *ret_n = n;
    return keys;
}
