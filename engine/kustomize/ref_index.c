/* A hash table from (what is known, name, namespace) to lists of objects. It is made once, in the order of the map, so that every
 * list is in that order, too. */
#include "engine/kustomize/ref_index.h"

#include "common/base/vec.h"
#include "engine/kustomize/kschema.h"
#include "engine/kustomize/resmap.h"

enum { SLOTS_MIN = 64 };

enum key_kind {
    BY_NAME,          /* name */
    BY_CLUSTER,       /* name */
    BY_PLACE,         /* name, namespace of now */
    BY_ORIGIN,        /* name, namespace of the beginning */
    HAS_ORIGIN,       /* namespace of the beginning */
    HAS_MOVE,         /* namespace of the beginning, and of now as written */
    HAS_CLUSTER_MOVE, /* namespace of the beginning */
};

struct key {
    enum key_kind kind;
    struct str first;
    struct str second;
};

struct bucket {
    struct key key;
    size_t hash;
    VEC(struct kres *) items;
    struct bucket *next;
};

struct ref_index {
    struct arena *arena;
    struct bucket **slots;
    size_t n_slots; /* a power of two */
};

static size_t hash_of(const struct key *key)
{
    static const size_t ODD = (size_t)0x9e3779b97f4a7c15;
    return ((str_hash(key->first) * ODD) + str_hash(key->second)) * ODD + key->kind;
}

static struct bucket *find(const struct ref_index *index, const struct key *key, size_t hash)
{
    struct bucket *b = index->slots[hash & (index->n_slots - 1)];
    while (b != NULL &&
           (b->hash != hash || b->key.kind != key->kind || !str_eq(b->key.first, key->first) ||
            !str_eq(b->key.second, key->second))) {
        b = b->next;
    }
    return b;
}

static void add(struct ref_index *index,
                enum key_kind kind,
                struct str first,
                struct str second,
                struct kres *res)
{
    struct key key = {kind, first, second};
    size_t hash = hash_of(&key);
    struct bucket *b = find(index, &key, hash);
    if (b == NULL) {
        struct bucket **slot = &index->slots[hash & (index->n_slots - 1)];
        b = ARENA_NEW(index->arena, struct bucket);
        b->key = key;
        b->hash = hash;
        b->next = *slot;
        *slot = b;
    }
    if (b->items.n == 0 || b->items.items[b->items.n - 1] != res) {
        vec_push_in(index->arena, &b->items, res);
    }
}

static bool is_cluster_scoped(const struct kschema *schema, const struct kid *id)
{
    return kschema_scope(schema, &id->gvk) == KSCOPE_CLUSTER;
}

static void add_origin(struct ref_index *index, struct kres *res, const struct kschema *schema)
{
    struct kid original = kres_original_id(res);
    struct str origin = kid_effective_namespace(schema, &original);
    if (is_cluster_scoped(schema, &original)) {
        return;
    }
    add(index, HAS_ORIGIN, origin, STR_EMPTY, res);
    if (is_cluster_scoped(schema, &res->id)) {
        add(index, HAS_CLUSTER_MOVE, origin, STR_EMPTY, res);
    } else {
        add(index, HAS_MOVE, origin, res->id.namespace, res);
    }
    for (size_t i = 0; i < res->previous.n; i++) {
        add(index, BY_ORIGIN, res->previous.items[i].name, origin, res);
    }
}

static void add_names(struct ref_index *index, struct kres *res, const struct kschema *schema)
{
    bool is_cluster = is_cluster_scoped(schema, &res->id);
    struct str place = is_cluster ? STR_EMPTY : kid_effective_namespace(schema, &res->id);
    for (size_t i = 0; i < res->previous.n; i++) {
        struct str name = res->previous.items[i].name;
        add(index, BY_NAME, name, STR_EMPTY, res);
        add(index, is_cluster ? BY_CLUSTER : BY_PLACE, name, place, res);
    }
}

struct ref_index *
ref_index_new(struct arena *arena, const struct resmap *m, const struct kschema *schema)
{
    struct ref_index *index = ARENA_NEW(arena, struct ref_index);
    index->arena = arena;
    index->n_slots = SLOTS_MIN;
    while (index->n_slots < resmap_len(m) * 4) {
        index->n_slots *= 2;
    }
    index->slots = arena_calloc(arena, index->n_slots, sizeof(struct bucket *));
    RESMAP_FOREACH(m, res)
    {
        if (res->object != NULL) {
            add_origin(index, res, schema);
            add_names(index, res, schema);
        }
    }
    return index;
}

static struct ref_list
list_of(const struct ref_index *index, enum key_kind kind, struct str first, struct str second)
{
    struct key key = {kind, first, second};
    const struct bucket *b = find(index, &key, hash_of(&key));
    return b != NULL ? (struct ref_list){b->items.items, b->items.n} : (struct ref_list){NULL, 0};
}

struct ref_list ref_index_by_name(const struct ref_index *index, struct str name)
{
    return list_of(index, BY_NAME, name, STR_EMPTY);
}

struct ref_list ref_index_cluster(const struct ref_index *index, struct str name)
{
    return list_of(index, BY_CLUSTER, name, STR_EMPTY);
}

struct ref_list
ref_index_by_place(const struct ref_index *index, struct str name, struct str namespace)
{
    return list_of(index, BY_PLACE, name, namespace);
}

struct ref_list
ref_index_by_origin(const struct ref_index *index, struct str name, struct str namespace)
{
    return list_of(index, BY_ORIGIN, name, namespace);
}

bool ref_index_has_origin(const struct ref_index *index, struct str namespace)
{
    return list_of(index, HAS_ORIGIN, namespace, STR_EMPTY).n > 0;
}

bool ref_index_has_move(const struct ref_index *index, struct str origin, struct str namespace)
{
    return list_of(index, HAS_MOVE, origin, namespace).n > 0;
}

bool ref_index_has_cluster_move(const struct ref_index *index, struct str origin)
{
    return list_of(index, HAS_CLUSTER_MOVE, origin, STR_EMPTY).n > 0;
}
