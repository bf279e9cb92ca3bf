/* Hash tables from names and namespaces to lists of objects. Each is made when it is first asked for, in the order of the map, so that
 * every list is in that order, too: most builds need only the first. */
#include "engine/kustomize/ref_index.h"

#include "engine/kustomize/kschema.h"
#include "engine/kustomize/resmap.h"

enum { SLOTS_MIN = 64 };

enum table_kind {
    PLACES,  /* earlier name, effective namespace of now; cluster-scoped: name, "" */
    NAMES,   /* earlier name */
    ORIGINS, /* earlier name, namespace of the beginning */
    MOVES,   /* namespace of the beginning, and of now as written */
    MOVED,   /* namespace of the beginning */
    TABLE_COUNT
};

struct key {
    struct str first;
    struct str second;
    bool is_cluster; /* PLACES, MOVES: second is "" and means that */
};

struct bucket {
    struct key key;
    size_t hash;
    struct bucket *next;
    struct kres *one; /* lists have mostly one item */
    struct kres **items;
    uint32_t n;
    uint32_t cap;
};

struct table {
    struct bucket **slots; /* NULL: not made yet */
    size_t n_slots;        /* a power of two */
};

struct ref_index {
    struct arena *arena;
    const struct resmap *m;
    const struct kschema *schema;
    struct table tables[TABLE_COUNT];
};

/* ---- tables ---- */

static size_t hash_of(const struct key *key)
{
    static const size_t ODD = (size_t)0x9e3779b97f4a7c15;
    return ((str_hash(key->first) * ODD) + str_hash(key->second)) * ODD + key->is_cluster;
}

static struct bucket *find(const struct table *table, const struct key *key, size_t hash)
{
    struct bucket *b = table->slots[hash & (table->n_slots - 1)];
    while (b != NULL &&
           (b->hash != hash || b->key.is_cluster != key->is_cluster ||
            !str_eq(b->key.first, key->first) || !str_eq(b->key.second, key->second))) {
        b = b->next;
    }
    return b;
}

static void push(struct arena *arena, struct bucket *b, struct kres *res)
{
    if (b->n > 0 && b->items[b->n - 1] == res) {
        return;
    }
    if (b->n == b->cap) {
        b->cap *= 4;
        struct kres **items = arena_alloc(arena, b->cap * sizeof(*items));
        memcpy(items, b->items, b->n * sizeof(*items));
        b->items = items;
    }
    b->items[b->n++] = res;
}

static void add(struct ref_index *index, enum table_kind kind, struct key key, struct kres *res)
{
    struct table *table = &index->tables[kind];
    size_t hash = hash_of(&key);
    struct bucket *b = find(table, &key, hash);
    if (b == NULL) {
        struct bucket **slot = &table->slots[hash & (table->n_slots - 1)];
        b = ARENA_NEW(index->arena, struct bucket);
        *b = (struct bucket){.key = key, .hash = hash, .next = *slot, .items = &b->one, .cap = 1};
        *slot = b;
    }
    push(index->arena, b, res);
}

/* ---- what stands in them ---- */

static bool is_cluster_scoped(const struct ref_index *index, const struct kid *id)
{
    return kschema_scope(index->schema, &id->gvk) == KSCOPE_CLUSTER;
}

static void
add_names(struct ref_index *index, enum table_kind kind, struct key key, struct kres *res)
{
    for (size_t i = 0; i < res->previous.n; i++) {
        key.first = res->previous.items[i].name;
        add(index, kind, key, res);
    }
}

static void add_place(struct ref_index *index, struct kres *res)
{
    struct key key = {.is_cluster = is_cluster_scoped(index, &res->id)};
    if (!key.is_cluster) {
        key.second = kid_effective_namespace(index->schema, &res->id);
    }
    add_names(index, PLACES, key, res);
}

static void add_origin(struct ref_index *index, enum table_kind kind, struct kres *res)
{
    struct kid original = kres_original_id(res);
    struct str origin = kid_effective_namespace(index->schema, &original);
    if (is_cluster_scoped(index, &original)) {
        return;
    }
    if (kind == ORIGINS) {
        add_names(index, kind, (struct key){.second = origin}, res);
        return;
    }
    struct key key = {.first = origin};
    if (kind == MOVES) {
        key.is_cluster = is_cluster_scoped(index, &res->id);
        key.second = key.is_cluster ? STR_EMPTY : res->id.namespace;
    }
    add(index, kind, key, res);
}

static void make_table(struct ref_index *index, enum table_kind kind)
{
    struct table *table = &index->tables[kind];
    table->n_slots = SLOTS_MIN;
    while (table->n_slots < resmap_len(index->m)) {
        table->n_slots *= 2;
    }
    table->slots = arena_calloc(index->arena, table->n_slots, sizeof(struct bucket *));
    RESMAP_FOREACH(index->m, res)
    {
        if (res->object == NULL) {
            continue;
        }
        if (kind == PLACES) {
            add_place(index, res);
        } else if (kind == NAMES) {
            add_names(index, NAMES, (struct key){.is_cluster = false}, res);
        } else {
            add_origin(index, kind, res);
        }
    }
}

struct ref_index *
ref_index_new(struct arena *arena, const struct resmap *m, const struct kschema *schema)
{
    struct ref_index *index = ARENA_NEW(arena, struct ref_index);
    index->arena = arena;
    index->m = m;
    index->schema = schema;
    return index;
}

/* ---- look-ups ---- */

static struct ref_list list_of(struct ref_index *index, enum table_kind kind, struct key key)
{
    if (index->tables[kind].slots == NULL) {
        make_table(index, kind);
    }
    const struct bucket *b = find(&index->tables[kind], &key, hash_of(&key));
    return b != NULL ? (struct ref_list){b->items, b->n} : (struct ref_list){NULL, 0};
}

struct ref_list ref_index_by_name(struct ref_index *index, struct str name)
{
    return list_of(index, NAMES, (struct key){.first = name});
}

struct ref_list ref_index_cluster(struct ref_index *index, struct str name)
{
    return list_of(index, PLACES, (struct key){.first = name, .is_cluster = true});
}

struct ref_list ref_index_by_place(struct ref_index *index, struct str name, struct str namespace)
{
    return list_of(index, PLACES, (struct key){.first = name, .second = namespace});
}

struct ref_list ref_index_by_origin(struct ref_index *index, struct str name, struct str namespace)
{
    return list_of(index, ORIGINS, (struct key){.first = name, .second = namespace});
}

bool ref_index_has_origin(struct ref_index *index, struct str namespace)
{
    return list_of(index, MOVED, (struct key){.first = namespace}).n > 0;
}

bool ref_index_has_move(struct ref_index *index, struct str origin, struct str namespace)
{
    return list_of(index, MOVES, (struct key){.first = origin, .second = namespace}).n > 0;
}

bool ref_index_has_cluster_move(struct ref_index *index, struct str origin)
{
    return list_of(index, MOVES, (struct key){.first = origin, .is_cluster = true}).n > 0;
}
