/* Structured merge: three trees are walked together with two sets of fields, what the manager applied last and
 * what others own. A step is a struct spot. */
#include "engine/compare/structured.h"

#include <stdbool.h>
#include <stddef.h>

#include "common/base/arena.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "engine/compare/fieldset.h"
#include "engine/compare/shape.h"

/* One place in all of them; each may be NULL. */
struct spot {
    const struct value *target;
    const struct value *live;
    const struct value *last;   /* set: what the manager applied */
    const struct value *others; /* set: what others own */
};

static const struct value *merge(struct arena *arena, struct shape shape, struct spot at);

/* v without null members: they say that there is nothing. */
static const struct value *without_nulls(struct arena *arena, const struct value *v)
{
    if (!value_is(v, VALUE_MAP)) {
        return v;
    }
    struct value_entry *entries = arena_calloc(arena, value_len(v) + 1, sizeof(*entries));
    size_t n = 0;
    bool changed = false;
    VALUE_MAP_FOREACH(v, entry)
    {
        const struct value *item = without_nulls(arena, &entry->value);
        changed = changed || item != &entry->value || value_is(item, VALUE_NULL);
        if (!value_is(item, VALUE_NULL)) {
            entries[n++] = (struct value_entry){entry->key, *item};
        }
    }
    return changed ? value_new_map(arena, entries, n) : v;
}

/* ---- maps ---- */

static const struct value *merge_map(struct arena *arena, struct shape shape, struct spot at)
{
    struct value_entry *entries =
        arena_calloc(arena, value_len(at.target) + value_len(at.live) + 1, sizeof(*entries));
    size_t n = 0;
    bool changed = false;
    VALUE_MAP_FOREACH(at.live, entry)
    {
        struct spot member = {
            .target = value_find(at.target, entry->key),
            .live = &entry->value,
            .last = fieldset_member(at.last, entry->key),
            .others = fieldset_member(at.others, entry->key),
        };
        const struct value *merged = merge(arena, shape_member(shape, entry->key), member);
        changed = changed || merged != member.live;
        if (merged != NULL) {
            entries[n++] = (struct value_entry){entry->key, *merged};
        }
    }
    VALUE_MAP_FOREACH(at.target, entry)
    {
        if (value_find(at.live, entry->key) == NULL && !value_is(&entry->value, VALUE_NULL)) {
            const struct value *item = without_nulls(arena, &entry->value);
            entries[n++] = (struct value_entry){entry->key, *item};
            changed = true;
        }
    }
    return changed ? value_new_map(arena, entries, n) : at.live;
}

/* ---- lists ---- */

struct list_merge {
    struct arena *arena;
    struct shape item_shape;
    struct fieldset_keys keys;
    struct fieldset_index targets;
    struct fieldset_index lives;
    struct fieldset_index last;
    struct fieldset_index others;
    struct value *items; /* of the result */
    size_t n;
    bool changed;
};

/* How items are told apart; where no schema says it, as the owners of items tell it. */
static bool
list_keys(struct arena *arena, struct shape shape, struct spot at, struct fieldset_keys *ret)
{
    enum shape_merge how = shape_merge(shape);
    if (how == SHAPE_MERGE_KEYS || how == SHAPE_MERGE_SET) {
        *ret = shape_keys(arena, shape);
        return true;
    }
    const struct value *const sets[] = {at.last, at.others};
    return how == SHAPE_MERGE_PARTS && !shape_is_known(shape) &&
           fieldset_keys_of(arena, sets, ARRAY_LEN(sets), ret);
}

static bool begin_list(struct list_merge *m, struct shape shape, struct spot at)
{
    m->item_shape = shape_item(shape);
    if (!list_keys(m->arena, shape, at, &m->keys)) {
        return false;
    }
    fieldset_index_list(m->arena, &m->keys, at.target, &m->targets);
    fieldset_index_list(m->arena, &m->keys, at.live, &m->lives);
    fieldset_index_set(m->arena, &m->keys, at.last, &m->last);
    fieldset_index_set(m->arena, &m->keys, at.others, &m->others);
    m->items =
        arena_calloc(m->arena, value_len(at.target) + value_len(at.live) + 1, sizeof(*m->items));
    return !m->targets.ambiguous && !m->lives.ambiguous;
}

static void put_live(struct list_merge *m, const struct value *item, struct str key)
{
    struct spot spot = {
        .target = fieldset_index_find(&m->targets, key),
        .live = item,
        .last = fieldset_index_find(&m->last, key),
        .others = fieldset_index_find(&m->others, key),
    };
    const struct value *merged = merge(m->arena, m->item_shape, spot);
    m->changed = m->changed || merged != item;
    if (merged != NULL) {
        m->items[m->n++] = *merged;
    }
}

static void put_target(struct list_merge *m, const struct value *item)
{
    m->items[m->n++] = *without_nulls(m->arena, item);
    m->changed = true;
}

static struct str key_at(const struct list_merge *m, const struct value *list, size_t i)
{
    return fieldset_item_key(m->arena, &m->keys, value_at(list, i));
}

/* Where the next item of the target is that live has too, from i on; the length when there is none. */
static size_t next_shared(const struct list_merge *m, const struct value *target, size_t i)
{
    while (i < value_len(target) && fieldset_index_find(&m->lives, key_at(m, target, i)) == NULL) {
        i++;
    }
    return i;
}

/* The API server's order: items of both are in the target's, those of live alone keep their place between them, and new
 * ones stand before what follows them in the target. */
static void put_items(struct list_merge *m, const struct value *target, const struct value *live)
{
    size_t t = 0;
    size_t l = 0;
    size_t shared = next_shared(m, target, 0); /* at t or behind it */
    while (t < value_len(target) || l < value_len(live)) {
        struct str live_key = l < value_len(live) ? key_at(m, live, l) : (struct str){NULL, 0};
        const struct value *wanted = fieldset_index_find(&m->targets, live_key);
        if (live_key.p != NULL && wanted == NULL) {
            put_live(m, value_at(live, l++), live_key);
        } else if (wanted != NULL && wanted != value_at(target, shared)) {
            m->changed = true; /* its turn was before, or comes */
            l++;
        } else if (t < shared) {
            put_target(m, value_at(target, t++));
        } else {
            struct str key = key_at(m, target, t);
            put_live(m, fieldset_index_find(&m->lives, key), key);
            l += wanted != NULL;
            shared = next_shared(m, target, ++t);
        }
    }
}

static const struct value *merge_list(struct arena *arena, struct shape shape, struct spot at)
{
    struct list_merge m = {.arena = arena};
    if (!begin_list(&m, shape, at)) {
        return at.target == NULL || value_equal(at.target, at.live) ? at.live : at.target;
    }
    put_items(&m, at.target, at.live);
    return m.changed ? value_new_list(arena, m.items, m.n) : at.live;
}

/* ---- one place ---- */

static bool has_parts(struct arena *arena, struct shape shape, struct spot at)
{
    struct fieldset_keys keys;
    if (value_is(at.live, VALUE_MAP)) {
        return shape_merge(shape) != SHAPE_MERGE_ATOMIC;
    }
    return value_is(at.live, VALUE_LIST) && list_keys(arena, shape, at, &keys);
}

/* The target has nothing here. */
static const struct value *prune(struct arena *arena, struct shape shape, struct spot at)
{
    if (at.last == NULL) {
        return at.live;
    }
    if (at.others == NULL && fieldset_has_self(at.last)) {
        return NULL;
    }
    if (fieldset_is_leaf(at.last) || !has_parts(arena, shape, at)) {
        return at.live; /* somebody else owns it, or some of it */
    }
    const struct value *rest =
        value_is(at.live, VALUE_MAP) ? merge_map(arena, shape, at) : merge_list(arena, shape, at);
    return value_len(rest) == 0 && value_len(at.live) > 0 && at.others == NULL ? NULL : rest;
}

static const struct value *merge(struct arena *arena, struct shape shape, struct spot at)
{
    if (value_is(at.target, VALUE_NULL)) {
        return value_is(at.live, VALUE_NULL) ? at.live : NULL;
    }
    if (at.target == NULL) {
        return prune(arena, shape, at);
    }
    if (at.target->type == at.live->type && has_parts(arena, shape, at)) {
        return value_is(at.live, VALUE_MAP) ? merge_map(arena, shape, at)
                                            : merge_list(arena, shape, at);
    }
    return value_equal(at.target, at.live) ? at.live : without_nulls(arena, at.target);
}

const struct value *structured_merge(struct arena *arena,
                                     const struct value *api,
                                     const struct value *target,
                                     const struct value *live,
                                     struct str manager)
{
    struct spot at = {
        .target = target,
        .live = live,
        .last = fieldset_of(arena, live, manager, FIELDSET_APPLIED),
        .others = fieldset_of(arena, live, manager, FIELDSET_OTHERS),
    };
    return merge_map(arena, shape_of(api, target), at);
}
