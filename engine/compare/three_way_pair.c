/* Pairing of list items by key.
 *
 * Lists are mostly in the same order, so an item's counterpart is looked for at the place behind the
 * last one found first; only then an index sorted by key is made and searched. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "common/base/arena.h"
#include "common/base/macro.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "engine/compare/three_way_internal.h"
#include "engine/merge/schema.h"

struct index_row {
    const struct schema_keys *keys;
    const struct value *item;
    size_t at;
};

struct lookup {
    struct arena *arena;
    const struct schema_keys *keys;
    const struct value *list;
    size_t next;             /* most likely place */
    bool *taken;             /* items paired already */
    struct index_row *index; /* NULL until it is needed */
};

static int cmp_key(const struct schema_key *key, const struct value *a, const struct value *b)
{
    if (key->name == NULL) {
        return 0;
    }
    struct value fallback = value_of_str(str_from(key->fallback != NULL ? key->fallback : ""));
    const struct value *x = value_find(a, str_from(key->name));
    const struct value *y = value_find(b, str_from(key->name));
    return value_cmp(x != NULL ? x : &fallback, y != NULL ? y : &fallback);
}

static int cmp_items(const struct schema_keys *keys, const struct value *a, const struct value *b)
{
    int c = cmp_key(&keys->key[0], a, b);
    return c != 0 ? c : cmp_key(&keys->key[1], a, b);
}

/* By key, then by place, so that duplicates are found in their order. */
static int cmp_rows(const void *a, const void *b)
{
    const struct index_row *x = a;
    const struct index_row *y = b;
    int c = cmp_items(x->keys, x->item, y->item);
    return c != 0 ? c : (x->at > y->at) - (x->at < y->at);
}

static void make_index(struct lookup *lookup)
{
    size_t n = value_len(lookup->list);
    lookup->index = arena_calloc(lookup->arena, n, sizeof(*lookup->index));
    for (size_t i = 0; i < n; i++) {
        lookup->index[i] = (struct index_row){lookup->keys, value_at(lookup->list, i), i};
    }
    qsort(lookup->index, n, sizeof(*lookup->index), cmp_rows);
}

/* The first row whose key is not smaller than the item's. */
static size_t lower_bound(const struct lookup *lookup, const struct value *item)
{
    size_t from = 0;
    size_t to = value_len(lookup->list);
    assert(to == 0 || lookup->index != NULL);
    while (from < to) {
        size_t mid = from + (to - from) / 2;
        if (cmp_items(lookup->keys, lookup->index[mid].item, item) < 0) {
            from = mid + 1;
        } else {
            to = mid;
        }
    }
    return from;
}

/* The place of the next untaken item with the key of `item`, or SIZE_MAX. */
static size_t look_up(struct lookup *lookup, const struct value *item)
{
    size_t n = value_len(lookup->list);
    size_t next = lookup->next;
    if (next < n && !lookup->taken[next] &&
        cmp_items(lookup->keys, value_at(lookup->list, next), item) == 0) {
        lookup->taken[next] = true;
        lookup->next++;
        return next;
    }
    if (n > 0 && lookup->index == NULL) {
        make_index(lookup);
    }
    for (size_t i = lower_bound(lookup, item); i < n; i++) {
        size_t at = lookup->index[i].at;
        if (cmp_items(lookup->keys, lookup->index[i].item, item) != 0) {
            break;
        }
        if (!lookup->taken[at]) {
            lookup->taken[at] = true;
            lookup->next = at + 1;
            return at;
        }
    }
    return SIZE_MAX;
}

static struct lookup
lookup_in(struct arena *arena, const struct schema_keys *keys, const struct value *list)
{
    return (struct lookup){arena, keys, list, 0, arena_calloc(arena, value_len(list), sizeof(bool)),
                           NULL};
}

static bool have_keys(const struct schema_keys *keys, const struct value *list)
{
    VALUE_FOREACH(list, item) {
        if (value_find(item, str_from(keys->key[0].name)) == NULL) {
            return false;
        }
    }
    return true;
}

bool three_way_pair(struct arena *arena,
                    const struct schema_keys *keys,
                    const struct value *last,
                    const struct value *target,
                    const struct value *live,
                    struct three_way_pairs *ret)
{
    if (!have_keys(keys, target) || !have_keys(keys, live)) {
        return false;
    }
    last = have_keys(keys, last) ? last : NULL;
    struct lookup in_live = lookup_in(arena, keys, live);
    struct lookup in_last = lookup_in(arena, keys, last);
    *ret = (struct three_way_pairs){arena_calloc(arena, value_len(target), sizeof(*ret->of_target)),
                                    arena_calloc(arena, value_len(live), sizeof(*ret->of_live)),
                                    false};
    size_t end = 0; /* behind the highest place in live found so far */
    for (size_t i = 0; i < value_len(target); i++) {
        const struct value *t = value_at(target, i);
        size_t l = look_up(&in_live, t);
        size_t o = look_up(&in_last, t);
        const struct value *before = o != SIZE_MAX ? value_at(last, o) : NULL;
        if (l == SIZE_MAX) {
            ret->of_target[i] = (struct three_way_pair){before, t, NULL};
            continue;
        }
        ret->reordered = ret->reordered || l < end;
        end = MAX(end, l + 1);
        ret->of_target[i] = (struct three_way_pair){before, t, value_at(live, l)};
        ret->of_live[l] = ret->of_target[i];
    }
    for (size_t i = 0; i < value_len(live); i++) {
        if (ret->of_live[i].target == NULL) {
            size_t o = look_up(&in_last, value_at(live, i));
            ret->of_live[i] = (struct three_way_pair){o != SIZE_MAX ? value_at(last, o) : NULL,
                                                      NULL, value_at(live, i)};
        }
    }
    return true;
}

const struct value *
three_way_retain(struct arena *arena, const struct value *merged, const struct value *target)
{
    if (!value_is(merged, VALUE_MAP)) {
        return merged;
    }
    struct value_entry *entries = arena_calloc(arena, value_len(merged), sizeof(*entries));
    size_t n = 0;
    VALUE_MAP_FOREACH(merged, entry)
    {
        if (value_find(target, entry->key) != NULL) {
            entries[n++] = *entry;
        }
    }
    return n < value_len(merged) ? value_new_map(arena, entries, n) : merged;
}
