/* Path-copying edits: each changed container is copied one level deep, everything below is shared. */
#include "common/value/value_edit.h"

#include <assert.h>
#include <string.h>

#include "common/value/value_internal.h"

/* A copy of the container's head, with room for n entries that the caller fills. */
static struct value *
new_map(struct arena *arena, const struct value *old, size_t n, struct value_entry **ret_entries)
{
    struct value *map = arena_alloc(arena, sizeof(*map));
    *map = value_is(old, VALUE_MAP) ? *old : VALUE_EMPTY_MAP;
    map->lexeme_n = 0;
    *ret_entries = arena_alloc(arena, n * sizeof(**ret_entries));
    return map;
}

static void copy_entries(struct value_entry *dst, const struct value *map, size_t from, size_t to)
{
    if (to > from) {
        memcpy(dst, map->entries + from, (to - from) * sizeof(*dst));
    }
}

const struct value *value_map_set(struct arena *arena,
                                  const struct value *map,
                                  struct str key,
                                  const struct value *item)
{
    assert(value_type(map) == VALUE_NULL || map->type == VALUE_MAP);
    size_t n = value_entries_n_(map);
    size_t at = n > 0 ? value_entry_number(map, key) : STR_NONE;
    struct value_entry *entries = NULL;
    struct value *copy = new_map(arena, map, n + 1, &entries);
    copy_entries(entries, map, 0, n);
    if (at != STR_NONE) {
        entries[at].value = item != NULL ? *item : VALUE_NULL_VALUE;
        copy->entries = entries; /* same keys: the index still fits */
        return copy;
    }
    entries[n].key = arena_str(arena, key);
    entries[n].value = item != NULL ? *item : VALUE_NULL_VALUE;
    value_map_finish(arena, copy, entries, n + 1, NULL);
    return copy;
}

const struct value *value_map_remove(struct arena *arena, const struct value *map, struct str key)
{
    if (!value_is(map, VALUE_MAP)) {
        return map;
    }
    size_t at = value_entry_number(map, key);
    if (at == STR_NONE) {
        return map;
    }
    struct value_entry *entries = NULL;
    struct value *copy = new_map(arena, map, map->n - 1, &entries);
    copy_entries(entries, map, 0, at);
    copy_entries(entries + at, map, at + 1, map->n);
    value_map_finish(arena, copy, entries, map->n - 1, NULL);
    return copy;
}

static struct value *
new_list(struct arena *arena, const struct value *old, size_t n, struct value **ret_items)
{
    assert(value_type(old) == VALUE_NULL || old->type == VALUE_LIST);
    assert(n < UINT32_MAX);
    struct value *list = arena_alloc(arena, sizeof(*list));
    *list = value_is(old, VALUE_LIST) ? *old : VALUE_EMPTY_LIST;
    list->lexeme_n = 0;
    *ret_items = arena_alloc(arena, n * sizeof(**ret_items));
    list->items = *ret_items;
    list->n = (uint32_t)n;
    return list;
}

static void copy_items(struct value *dst, const struct value *list, size_t from, size_t to)
{
    if (to > from) {
        memcpy(dst, list->items + from, (to - from) * sizeof(*dst));
    }
}

const struct value *
value_list_append(struct arena *arena, const struct value *list, const struct value *item)
{
    return value_list_insert(arena, list, value_items_n_(list), item);
}

const struct value *value_list_insert(struct arena *arena,
                                      const struct value *list,
                                      size_t at,
                                      const struct value *item)
{
    size_t n = value_items_n_(list);
    struct value *items = NULL;
    assert(at <= n);
    struct value *copy = new_list(arena, list, n + 1, &items);
    copy_items(items, list, 0, at);
    items[at] = item != NULL ? *item : VALUE_NULL_VALUE;
    copy_items(items + at + 1, list, at, n);
    return copy;
}

const struct value *
value_list_set(struct arena *arena, const struct value *list, size_t at, const struct value *item)
{
    size_t n = value_items_n_(list);
    struct value *items = NULL;
    assert(at < n);
    struct value *copy = new_list(arena, list, n, &items);
    copy_items(items, list, 0, n);
    items[at] = item != NULL ? *item : VALUE_NULL_VALUE;
    return copy;
}

const struct value *value_list_remove(struct arena *arena, const struct value *list, size_t at)
{
    size_t n = value_items_n_(list);
    struct value *items = NULL;
    assert(at < n);
    struct value *copy = new_list(arena, list, n - 1, &items);
    copy_items(items, list, 0, at);
    copy_items(items + at, list, at + 1, n);
    return copy;
}

/* ---- many edits of one tree ---- */

static bool is_owned(const struct value *v, uint32_t token)
{
    return token != 0 && v != NULL && v->lexeme_n == token;
}

/* Owned containers are in this module's own allocations, which are not constant. */
static void *writable(const void *p)
{
    return (void *)(uintptr_t)p;
}

void value_own(const struct value *tree, uint32_t token)
{
    if (!value_is(tree, VALUE_LIST) && !value_is(tree, VALUE_MAP)) {
        return;
    }
    struct value *v = writable(tree);
    v->lexeme_n = token;
    v->flags |= VALUE_TIGHT;
    VALUE_FOREACH(tree, item) {
        value_own(item, token);
    }
    VALUE_MAP_FOREACH(tree, e)
    {
        value_own(&e->value, token);
    }
}

/* Owned entries have room up to the next multiple of this, unless they are tight. */
enum { ROOM = 4 };

static struct value_entry *entries_new(struct arena *arena, size_t n)
{
    return arena_alloc(arena, (n + ROOM - 1) / ROOM * ROOM * sizeof(struct value_entry));
}

struct value_entry *value_map_own(struct arena *arena,
                                  const struct value *map,
                                  uint32_t token,
                                  const struct value **ret)
{
    assert(map->type == VALUE_MAP);
    *ret = map;
    if (is_owned(map, token)) {
        return writable(map->entries);
    }
    struct value_entry *entries = entries_new(arena, map->n);
    struct value *copy = arena_alloc(arena, sizeof(*copy));
    *copy = *map;
    copy_entries(entries, map, 0, map->n);
    copy->entries = entries; /* same keys: the index still fits */
    copy->flags &= (uint8_t)~VALUE_TIGHT;
    copy->lexeme_n = token;
    *ret = copy;
    return entries;
}

struct value *value_list_own(struct arena *arena,
                             const struct value *list,
                             uint32_t token,
                             const struct value **ret)
{
    assert(list->type == VALUE_LIST);
    *ret = list;
    if (is_owned(list, token)) {
        return writable(list->items);
    }
    struct value *items = NULL;
    struct value *copy = new_list(arena, list, list->n, &items);
    copy_items(items, list, 0, list->n);
    copy->lexeme_n = token;
    *ret = copy;
    return items;
}

const struct value *value_map_put_all(struct arena *arena,
                                      const struct value *map,
                                      const struct value_entry *items,
                                      size_t n_items,
                                      uint32_t token)
{
    size_t n = value_len(map);
    struct value *head = is_owned(map, token) ? writable(map) : arena_alloc(arena, sizeof(*head));
    struct value_entry *entries;
    bool is_tight = map != NULL && (map->flags & VALUE_TIGHT) != 0;
    if (is_owned(map, token) && !is_tight && n % ROOM != 0 && n % ROOM + n_items <= ROOM) {
        entries = writable(map->entries);
    } else {
        entries = entries_new(arena, n + n_items);
        copy_entries(entries, map, 0, n);
    }
    memcpy(entries + n, items, n_items * sizeof(*items));
    *head = map != NULL ? *map : VALUE_EMPTY_MAP;
    value_map_finish(arena, head, entries, n + n_items, NULL);
    head->flags &= (uint8_t)~VALUE_TIGHT;
    head->lexeme_n = token;
    return head;
}

const struct value *value_map_put(struct arena *arena,
                                  const struct value *map,
                                  struct str key,
                                  const struct value *item,
                                  uint32_t token)
{
    const struct value *ret;
    size_t at = value_len(map) > 0 ? value_entry_number(map, key) : STR_NONE;
    if (at == STR_NONE) {
        struct value_entry e = {arena_str(arena, key), *item};
        return value_map_put_all(arena, map, &e, 1, token);
    }
    value_map_own(arena, map, token, &ret)[at].value = *item;
    return ret;
}

const struct value *value_with_path(struct arena *arena,
                                    const struct value *v,
                                    const struct value *item,
                                    const char *const *path)
{
    if (path[0] == NULL) {
        return item;
    }
    struct str key = str_from(path[0]);
    const struct value *child = value_with_path(arena, value_find(v, key), item, path + 1);
    return value_map_set(arena, value_is(v, VALUE_MAP) ? v : NULL, key, child);
}

const struct value *
value_without_path(struct arena *arena, const struct value *v, const char *const *path)
{
    struct str key = str_from(path[0]);
    const struct value *old = value_find(v, key);
    if (old == NULL) {
        return v;
    }
    if (path[1] == NULL) {
        return value_map_remove(arena, v, key);
    }
    const struct value *child = value_without_path(arena, old, path + 1);
    return child == old ? v : value_map_set(arena, v, key, child);
}
