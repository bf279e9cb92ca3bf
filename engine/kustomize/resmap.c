/* The list of a build's objects with two indexes: by kind, name and namespace, and by name alone, each for what an object is
 * now and for what it was. An index only grows: what an object is called no more is found and then passed over, so
 * that renaming costs nothing for the others. */
#include "engine/kustomize/resmap.h"

#include <stdlib.h>

#include "common/base/arena.h"
#include "common/base/limits.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "engine/engine_env.h"
#include "engine/kustomize/kschema.h"

enum { SLOTS_MIN = 8, CHUNK = 32 };

struct index_item {
    struct kres *res;
    struct index_item *next;
    uint32_t hash;
};

struct index {
    struct index_item **slots;
    size_t n_slots;          /* a power of two */
    struct index_item *room; /* for those that follow, up to the next multiple of CHUNK */
    size_t n;
};

struct resmap {
    struct engine_env *env;
    const struct kschema *schema;
    VEC(struct kres *) items;
    struct index ids;
    struct index names;
};

/* ---- indexes ---- */

static void index_grow(struct arena *arena, struct index *index)
{
    size_t n_slots = index->n_slots == 0 ? SLOTS_MIN : index->n_slots * 2;
    struct index_item **slots = arena_calloc(arena, n_slots, sizeof(struct index_item *));
    for (size_t i = 0; i < index->n_slots; i++) {
        for (struct index_item *item = index->slots[i], *next; item != NULL; item = next) {
            next = item->next;
            item->next = slots[item->hash & (n_slots - 1)];
            slots[item->hash & (n_slots - 1)] = item;
        }
    }
    index->slots = slots;
    index->n_slots = n_slots;
}

static struct index_item *index_find(const struct index *index, size_t hash)
{
    return index->n_slots == 0 ? NULL : index->slots[hash & (index->n_slots - 1)];
}

/* Maps of single files are many, so the first ones come alone. */
static struct index_item *next_item(struct arena *arena, struct index *index)
{
    if (index->n < CHUNK) {
        return arena_alloc(arena, sizeof(struct index_item));
    }
    if (index->n % CHUNK == 0) {
        index->room = arena_alloc(arena, CHUNK * sizeof(struct index_item));
    }
    return index->room++;
}

static void index_add(struct arena *arena, struct index *index, size_t hash, struct kres *res)
{
    if (index->n >= index->n_slots) {
        index_grow(arena, index);
    }
    struct index_item *item = next_item(arena, index);
    *item = (struct index_item){res, index->slots[hash & (index->n_slots - 1)], (uint32_t)hash};
    index->slots[hash & (index->n_slots - 1)] = item;
    index->n++;
}

static size_t hash_id(const struct resmap *m, const struct kid *id)
{
    static const size_t ODD = (size_t)0x9e3779b97f4a7c15;
    size_t hash = str_hash(id->name);
    hash = hash * ODD + str_hash(id->gvk.kind);
    return hash * ODD + str_hash(kid_effective_namespace(m->schema, id));
}

static size_t hash_name(struct str name)
{
    return str_hash(name);
}

static void index_id(struct resmap *m, struct kres *res, const struct kid *id)
{
    index_add(m->env->arena, &m->ids, hash_id(m, id), res);
    index_add(m->env->arena, &m->names, hash_name(id->name), res);
}

void resmap_renamed(struct resmap *m, struct kres *res)
{
    index_id(m, res, &res->id);
}

void resmap_retyped(struct resmap *m, struct kres *res)
{
    for (size_t i = 0; i < res->previous.n; i++) {
        struct kid id = kres_previous_id(res, i);
        index_id(m, res, &id);
    }
    index_id(m, res, &res->id);
}

/* ---- the list ---- */

struct resmap *resmap_new(struct engine_env *env, const struct kschema *schema)
{
    struct resmap *m = ARENA_NEW(env->arena, struct resmap);
    m->env = env;
    m->schema = schema;
    return m;
}

size_t resmap_len(const struct resmap *m)
{
    return m->items.n;
}

struct kres *resmap_at(const struct resmap *m, size_t i)
{
    return m->items.items[i];
}

static void add(struct resmap *m, struct kres *res)
{
    res->map = m;
    res->at = m->items.n;
    vec_push_in(m->env->arena, &m->items, res);
    resmap_retyped(m, res);
}

int resmap_append(struct resmap *m, struct kres *res, struct err *err)
{
    if (resmap_find(m, &res->id) != NULL) {
        return err_set(err, ERR_INVALID,
                       "may not add resource with an already registered id: " STR_FMT,
                       STR_ARG(kid_format(m->env->arena, &res->id)));
    }
    if (m->items.n >= LIMIT_KUSTOMIZE_OBJECTS) {
        return err_set(err, ERR_LIMIT, "more than %d objects", LIMIT_KUSTOMIZE_OBJECTS);
    }
    add(m, res);
    return 0;
}

int resmap_append_all(struct resmap *m, const struct resmap *from, struct err *err)
{
    for (size_t i = 0; i < from->items.n; i++) {
        TRY(resmap_append(m, from->items.items[i], err));
    }
    return 0;
}

void resmap_filter(struct resmap *m, bool (*keep)(const struct kres *res, void *data), void *data)
{
    size_t n = 0;
    for (size_t i = 0; i < m->items.n; i++) {
        struct kres *res = m->items.items[i];
        if (keep(res, data)) {
            res->at = n;
            m->items.items[n++] = res;
        } else {
            res->map = NULL;
        }
    }
    m->items.n = n;
}

static bool has_object(const struct kres *res, void *data UNUSED)
{
    return value_len(res->object) > 0;
}

void resmap_drop_empty(struct resmap *m)
{
    resmap_filter(m, has_object, NULL);
}

void resmap_reorder(struct resmap *m, struct kres *const *items)
{
    for (size_t i = 0; i < m->items.n; i++) {
        m->items.items[i] = items[i];
        items[i]->at = i;
    }
}

struct resmap *resmap_copy(const struct resmap *m)
{
    struct resmap *copy = resmap_new(m->env, m->schema);
    for (size_t i = 0; i < m->items.n; i++) {
        add(copy, kres_copy(m->env->arena, m->items.items[i]));
    }
    return copy;
}

void resmap_set_schema(struct resmap *m, const struct kschema *schema)
{
    if (m->schema == schema) {
        return;
    }
    m->schema = schema;
    m->ids = (struct index){0};
    m->names = (struct index){0};
    for (size_t i = 0; i < m->items.n; i++) {
        resmap_retyped(m, m->items.items[i]);
    }
}

/* ---- look-ups ---- */

/* In the map, and with an object: emptied ones are about to go. */
static bool is_here(const struct resmap *m, const struct kres *res)
{
    return res->map == m && res->object != NULL;
}

struct kres *resmap_find(const struct resmap *m, const struct kid *id)
{
    struct kres *found = NULL;
    size_t hash = hash_id(m, id);
    for (const struct index_item *item = index_find(&m->ids, hash); item != NULL;
         item = item->next) {
        if (item->hash == (uint32_t)hash && is_here(m, item->res) &&
            kid_eq(m->schema, id, &item->res->id) && (found == NULL || item->res->at < found->at)) {
            found = item->res;
        }
    }
    return found;
}

int resmap_check_unique(const struct resmap *m, struct err *err)
{
    for (size_t i = 0; i < m->items.n; i++) {
        const struct kres *res = m->items.items[i];
        if (res->object != NULL && resmap_find(m, &res->id) != res) {
            return err_set(err, ERR_INVALID,
                           "may not add resource with an already registered id: " STR_FMT,
                           STR_ARG(kid_format(m->env->arena, &res->id)));
        }
    }
    return 0;
}

static int compare_places(const void *a, const void *b)
{
    const struct kres *x = *(struct kres *const *)a;
    const struct kres *y = *(struct kres *const *)b;
    return x->at < y->at ? -1 : x->at > y->at;
}

struct found {
    VEC(struct kres *) items;
};

static struct kres_list in_order(struct found *found)
{
    size_t n = 0;
    if (found->items.n > 1) {
        qsort(found->items.items, found->items.n, sizeof(*found->items.items), compare_places);
    }
    for (size_t i = 0; i < found->items.n; i++) { /* one that was renamed back is there twice */
        if (n == 0 || found->items.items[n - 1] != found->items.items[i]) {
            found->items.items[n++] = found->items.items[i];
        }
    }
    return (struct kres_list){found->items.items, n};
}

struct kres_list resmap_match_any(struct resmap *m, const struct kid *id)
{
    struct found found = {0};
    size_t hash = hash_id(m, id);
    for (struct index_item *item = index_find(&m->ids, hash); item != NULL; item = item->next) {
        if (item->hash == (uint32_t)hash && is_here(m, item->res) &&
            kres_has_id(item->res, m->schema, id, false)) {
            vec_push_in(m->env->arena, &found.items, item->res);
        }
    }
    return in_order(&found);
}

static bool has_name(const struct kres *res, struct str name)
{
    for (size_t i = 0; i < res->previous.n; i++) {
        if (str_eq(res->previous.items[i].name, name)) {
            return true;
        }
    }
    return str_eq(res->id.name, name);
}

struct kres_list resmap_match_name(struct resmap *m, struct str name)
{
    struct found found = {0};
    size_t hash = hash_name(name);
    for (struct index_item *item = index_find(&m->names, hash); item != NULL; item = item->next) {
        if (item->hash == (uint32_t)hash && is_here(m, item->res) && has_name(item->res, name)) {
            vec_push_in(m->env->arena, &found.items, item->res);
        }
    }
    return in_order(&found);
}

/* ---- generated objects ---- */

/* As Go prints an id with %#v, which is what users see. */
static struct str id_in_go(const struct resmap *m, const struct kid *id)
{
    bool cluster = kschema_scope(m->schema, &id->gvk) == KSCOPE_CLUSTER;
    return arena_printf(m->env->arena,
                        "resid.ResId{Gvk:resid.Gvk{Group:\"" STR_FMT "\", Version:\"" STR_FMT
                        "\", Kind:\"" STR_FMT "\", isClusterScoped:%s}, Name:\"" STR_FMT
                        "\", Namespace:\"" STR_FMT "\"}",
                        STR_ARG(id->gvk.group), STR_ARG(id->gvk.version), STR_ARG(id->gvk.kind),
                        cluster ? "true" : "false", STR_ARG(id->name), STR_ARG(id->namespace));
}

/* A map of strings with what is in `over` put over what is in `under`; NULL when both have nothing. */
static const struct value *
merge_texts(struct arena *arena, const struct value *under, const struct value *over)
{
    const struct value *out = NULL;
    VALUE_MAP_FOREACH(under, e)
    {
        out = value_map_set(arena, out, e->key, value_new_str(arena, kres_text(arena, &e->value)));
    }
    VALUE_MAP_FOREACH(over, f)
    {
        out = value_map_set(arena, out, f->key, value_new_str(arena, kres_text(arena, &f->value)));
    }
    return out;
}

static const struct value *
set_or_remove(struct arena *arena, const struct value *map, const char *key, const struct value *v)
{
    return v != NULL ? value_map_set(arena, map, str_from(key), v)
                     : value_map_remove(arena, map, str_from(key));
}

/* The new object with the name, namespace, labels and annotations that the old one adds. */
static const struct value *
merge_metadata(struct arena *arena, const struct value *old, const struct value *new)
{
    static const char *const MAPS[] = {"labels", "annotations"};
    static const char *const NAMES[] = {"name", "namespace"};
    const struct value *from = value_dig(old, "metadata");
    const struct value *metadata = value_dig(new, "metadata");
    for (size_t i = 0; i < ARRAY_LEN(MAPS); i++) {
        struct str key = str_from(MAPS[i]);
        metadata =
            set_or_remove(arena, metadata, MAPS[i],
                          merge_texts(arena, value_find(from, key), value_find(metadata, key)));
    }
    for (size_t i = 0; i < ARRAY_LEN(NAMES); i++) {
        metadata = set_or_remove(arena, metadata, NAMES[i], value_find(from, str_from(NAMES[i])));
    }
    return value_map_set(arena, new, STR("metadata"), metadata);
}

static const struct value *
merge_data(struct arena *arena, const struct value *old, const struct value *new)
{
    static const char *const MAPS[] = {"data", "binaryData"};
    for (size_t i = 0; i < ARRAY_LEN(MAPS); i++) {
        struct str key = str_from(MAPS[i]);
        new = set_or_remove(arena, new, MAPS[i],
                            merge_texts(arena, value_find(old, key), value_find(new, key)));
    }
    return new;
}

/* The old resource stays, as vars and references may point to it; it takes the new one's content. */
static int absorb_into(struct resmap *m, struct kres *old, const struct kres *new, struct err *err)
{
    struct arena *arena = m->env->arena;
    if (new->behavior != KBEHAVIOR_MERGE &&new->behavior != KBEHAVIOR_REPLACE) {
        return err_set(err, ERR_INVALID,
                       "id " STR_FMT " exists; can not use behavior: '%s', behavior must be merge "
                       "or replace",
                       STR_ARG(id_in_go(m, &new->id)),
                       new->behavior == KBEHAVIOR_CREATE ? "create" : "unspecified");
    }
    const struct value *object = merge_metadata(arena, old->object, new->object);
    if (new->behavior == KBEHAVIOR_MERGE) {
        object = merge_data(arena, old->object, object);
    }
    if (new->origin != NULL && (new->behavior == KBEHAVIOR_REPLACE || old->origin == NULL)) {
        old->origin = new->origin;
    }
    old->needs_hash = old->needs_hash && new->needs_hash;
    kres_set(old, object);
    return 0;
}

static int absorb_one(struct resmap *m, struct kres *res, struct err *err)
{
    struct kres_list matches = resmap_match_any(m, &res->id);
    if (matches.n > 1) {
        return err_set(err, ERR_INVALID,
                       "found multiple objects that could accept merge of " STR_FMT,
                       STR_ARG(kid_format(m->env->arena, &res->id)));
    }
    if (matches.n == 1) {
        return absorb_into(m, matches.items[0], res, err);
    }
    if (res->behavior == KBEHAVIOR_MERGE || res->behavior == KBEHAVIOR_REPLACE) {
        return err_set(err, ERR_INVALID, "id " STR_FMT " does not exist; cannot merge or replace",
                       STR_ARG(id_in_go(m, &res->id)));
    }
    return resmap_append(m, res, err);
}

int resmap_absorb(struct resmap *m, const struct resmap *generated, struct err *err)
{
    for (size_t i = 0; i < generated->items.n; i++) {
        TRY(absorb_one(m, generated->items.items[i], err));
    }
    return 0;
}
