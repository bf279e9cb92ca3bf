/* Fields of a dry run taken over by owner. Items of lists are told apart as the sets of fields tell it. */
#include "engine/compare/server_side.h"

#include <stdbool.h>
#include <stddef.h>

#include "common/base/arena.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "engine/compare/fieldset.h"

/* One place in both; each may be NULL. */
struct spot {
    const struct value *live;
    const struct value *dry;
    const struct value *now;    /* set: what the manager owns after the apply */
    const struct value *before; /* set: what it owned */
};

static const struct value *take(struct arena *arena, struct spot at);

static struct spot member_of(struct spot at, struct str name)
{
    return (struct spot){
        .live = value_find(at.live, name),
        .dry = value_find(at.dry, name),
        .now = fieldset_member(at.now, name),
        .before = fieldset_member(at.before, name),
    };
}

static const struct value *take_map(struct arena *arena, struct spot at)
{
    struct value_entry *entries =
        arena_calloc(arena, value_len(at.live) + value_len(at.dry) + 1, sizeof(*entries));
    size_t n = 0;
    bool changed = false;
    VALUE_MAP_FOREACH(at.live, entry)
    {
        const struct value *item = take(arena, member_of(at, entry->key));
        changed = changed || item != &entry->value;
        if (item != NULL) {
            entries[n++] = (struct value_entry){entry->key, *item};
        }
    }
    VALUE_MAP_FOREACH(at.dry, entry)
    {
        if (value_find(at.live, entry->key) != NULL) {
            continue;
        }
        const struct value *item = take(arena, member_of(at, entry->key));
        if (item != NULL) {
            entries[n++] = (struct value_entry){entry->key, *item};
            changed = true;
        }
    }
    return changed ? value_new_map(arena, entries, n) : at.live;
}

/* ---- lists ---- */

struct list_take {
    struct arena *arena;
    struct fieldset_keys keys;
    struct fieldset_index lives;
    struct fieldset_index dries;
    struct fieldset_index now;
    struct fieldset_index before;
    struct value *items; /* of the result */
    size_t n;
    bool changed;
};

/* item with the members that tell it apart. */
static const struct value *
with_keys(const struct list_take *t, const struct value *item, const struct value *whole)
{
    size_t n = value_len(item);
    struct value_entry *entries = arena_calloc(t->arena, n + t->keys.n + 1, sizeof(*entries));
    n = 0;
    VALUE_MAP_FOREACH(item, entry)
    {
        entries[n++] = *entry;
    }
    for (size_t i = 0; i < t->keys.n; i++) {
        const struct value *part = value_find(whole, t->keys.names[i]);
        if (part != NULL && value_find(item, t->keys.names[i]) == NULL) {
            entries[n++] = (struct value_entry){t->keys.names[i], *part};
        }
    }
    return value_new_map(t->arena, entries, n);
}

static void take_item(struct list_take *t, struct str key)
{
    struct spot spot = {
        .live = fieldset_index_find(&t->lives, key),
        .dry = fieldset_index_find(&t->dries, key),
        .now = fieldset_index_find(&t->now, key),
        .before = fieldset_index_find(&t->before, key),
    };
    const struct value *item = take(t->arena, spot);
    if (item != NULL && spot.live == NULL && value_is(item, VALUE_MAP)) {
        item = with_keys(t, item, spot.dry);
    }
    t->changed = t->changed || item != spot.live;
    if (item != NULL) {
        t->items[t->n++] = *item;
    }
}

/* Items that both have come in another order after the apply. */
static bool is_reordered(const struct list_take *t, const struct value *dry)
{
    const struct value *before = NULL;
    VALUE_FOREACH(dry, item) {
        const struct value *l =
            fieldset_index_find(&t->lives, fieldset_item_key(t->arena, &t->keys, item));
        if (l != NULL && before != NULL && l < before) {
            return true;
        }
        before = l != NULL ? l : before;
    }
    return false;
}

static void take_items(struct list_take *t,
                       const struct value *first,
                       const struct value *second,
                       const struct fieldset_index *in_first)
{
    VALUE_FOREACH(first, item) {
        take_item(t, fieldset_item_key(t->arena, &t->keys, item));
    }
    VALUE_FOREACH(second, item) {
        struct str key = fieldset_item_key(t->arena, &t->keys, item);
        if (fieldset_index_find(in_first, key) == NULL) {
            take_item(t, key);
        }
    }
}

/* keys are known. The order is that of live, unless the apply makes another one. */
static const struct value *
take_list(struct arena *arena, const struct fieldset_keys *keys, struct spot at)
{
    struct list_take t = {.arena = arena, .keys = *keys};
    fieldset_index_list(arena, keys, at.live, &t.lives);
    fieldset_index_list(arena, keys, at.dry, &t.dries);
    fieldset_index_set(arena, keys, at.now, &t.now);
    fieldset_index_set(arena, keys, at.before, &t.before);
    if (t.lives.ambiguous || t.dries.ambiguous) {
        return at.dry;
    }
    t.items = arena_calloc(arena, value_len(at.live) + value_len(at.dry) + 1, sizeof(*t.items));
    t.changed = is_reordered(&t, at.dry);
    if (t.changed) {
        take_items(&t, at.dry, at.live, &t.dries);
    } else {
        take_items(&t, at.live, at.dry, &t.lives);
    }
    return t.changed ? value_new_list(arena, t.items, t.n) : at.live;
}

/* ---- one place ---- */

static bool has_items(struct arena *arena, struct spot at, struct fieldset_keys *ret)
{
    const struct value *const sets[] = {at.now, at.before};
    return fieldset_keys_of(arena, sets, ARRAY_LEN(sets), ret);
}

static const struct value *take_parts(struct arena *arena, struct spot at)
{
    struct fieldset_keys keys;
    if (at.live != NULL && at.live->type != at.dry->type) {
        return at.dry;
    }
    if (value_is(at.dry, VALUE_MAP)) {
        const struct value *map = take_map(arena, at);
        return map != NULL ? map : &VALUE_EMPTY_MAP;
    }
    if (value_is(at.dry, VALUE_LIST) && has_items(arena, at, &keys)) {
        const struct value *list = take_list(arena, &keys, at);
        return list != NULL ? list : &VALUE_EMPTY_LIST;
    }
    return at.now != NULL ? at.dry : at.live;
}

static const struct value *take(struct arena *arena, struct spot at)
{
    if (at.dry == NULL) {
        return at.before != NULL ? NULL : at.live; /* ours went, or somebody else's */
    }
    if (at.now == NULL && at.before == NULL) {
        return at.live;
    }
    if (fieldset_is_leaf(at.now)) {
        return at.dry;
    }
    return take_parts(arena, at);
}

const struct value *server_side_own(struct arena *arena,
                                    const struct value *live,
                                    const struct value *dry_run,
                                    struct str manager)
{
    struct spot at = {
        .live = live,
        .dry = dry_run,
        .now = fieldset_of(arena, dry_run, manager, FIELDSET_MANAGED),
        .before = fieldset_of(arena, live, manager, FIELDSET_MANAGED),
    };
    return take_map(arena, at);
}
