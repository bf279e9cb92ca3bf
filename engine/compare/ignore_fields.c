/* Fields named by JSON pointers and by managedFields, removed from copies of objects.
 *
 * Depth is that of the pointer or of the object's own managedFields, bounded by LIMIT_DOC_DEPTH. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/macro.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "common/value/value_json.h"
#include "common/value/value_path.h"
#include "engine/compare/ignore_internal.h"

const struct value *
ignore_without_pointer(struct arena *arena, const struct value *obj, struct str pointer)
{
    const struct value *bare = obj;
    struct err unused; /* it is there, so that only "" cannot be removed */
    if (value_pointer_get(obj, pointer) == NULL ||
        value_pointer_remove(arena, obj, pointer, &bare, &unused) < 0) {
        return obj;
    }
    return bare;
}

/* ---- managedFields ---- */

static const struct value *
without_owned(struct arena *arena, const struct value *v, const struct value *fields);

/* Owned as a whole: nothing is said about parts of it. */
static bool is_leaf(const struct value *fields)
{
    size_t n = value_len(fields);
    return n == 0 || (n == 1 && value_find(fields, STR(".")) != NULL);
}

/* item has the values of the key map ("k:{...}"). */
static bool has_key(const struct value *item, const struct value *key)
{
    VALUE_MAP_FOREACH(key, entry)
    {
        if (!value_equal(value_find(item, entry->key), &entry->value)) {
            return false;
        }
    }
    return value_is(item, VALUE_MAP) && value_is(key, VALUE_MAP);
}

/* The place "i:<text>" means; SIZE_MAX when there is none. */
static size_t list_place(struct str text, size_t n)
{
    size_t at = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9' || at > n) {
            return SIZE_MAX;
        }
        at = at * 10 + (size_t)(text.p[i] - '0');
    }
    return text.n > 0 && at < n ? at : SIZE_MAX;
}

/* The item a path element means: k:{keys}, v:value or i:index. SIZE_MAX when there is none. */
static size_t find_item(struct arena *arena, const struct value *list, struct str element)
{
    struct str kind = str_sub(element, 0, 2);
    struct str text = str_sub(element, 2, element.n);
    if (str_eq_c(kind, "i:")) {
        return list_place(text, value_len(list));
    }
    const struct value *what = NULL;
    struct err unused; /* what cannot be read names no item */
    if (value_from_json(arena, text, NULL, &what, &unused) < 0) {
        return SIZE_MAX;
    }
    for (size_t i = 0; i < value_len(list); i++) {
        const struct value *item = value_at(list, i);
        if (str_eq_c(kind, "v:") ? value_equal(item, what) : has_key(item, what)) {
            return i;
        }
    }
    return SIZE_MAX;
}

static const struct value *
list_without_owned(struct arena *arena, const struct value *list, const struct value_entry *owned)
{
    size_t at = find_item(arena, list, owned->key);
    if (at == SIZE_MAX) {
        return list;
    }
    if (is_leaf(&owned->value)) {
        return value_list_remove(arena, list, at);
    }
    const struct value *old = value_at(list, at);
    const struct value *item = without_owned(arena, old, &owned->value);
    return item != old ? value_list_set(arena, list, at, item) : list;
}

static const struct value *
map_without_owned(struct arena *arena, const struct value *map, const struct value_entry *owned)
{
    struct str key = owned->key;
    if (!str_cut_prefix(&key, STR("f:"))) {
        return map;
    }
    const struct value *old = value_find(map, key);
    if (old == NULL) {
        return map;
    }
    if (is_leaf(&owned->value)) {
        return value_map_remove(arena, map, key);
    }
    const struct value *item = without_owned(arena, old, &owned->value);
    return item != old ? value_map_set(arena, map, key, item) : map;
}

static const struct value *
without_owned(struct arena *arena, const struct value *v, const struct value *fields)
{
    VALUE_MAP_FOREACH(fields, owned)
    {
        if (value_is(v, VALUE_MAP)) {
            v = map_without_owned(arena, v, owned);
        } else if (value_is(v, VALUE_LIST) && !str_eq_c(owned->key, ".")) {
            v = list_without_owned(arena, v, owned);
        }
    }
    return v;
}

const struct value *ignore_without_managed(struct arena *arena,
                                           const struct value *obj,
                                           const struct value *live,
                                           struct str manager)
{
    VALUE_FOREACH(value_dig(live, "metadata", "managedFields"), entry) {
        if (str_eq(value_dig_str(entry, "manager"), manager)) {
            obj = without_owned(arena, obj, value_dig(entry, "fieldsV1"));
        }
    }
    return obj;
}

/* ---- taking over ---- */

static const struct value *take_over_list(struct arena *arena,
                                          const struct value *bare,
                                          const struct value *live,
                                          const struct value *live_bare)
{
    if (value_len(live) != value_len(live_bare) || value_len(live) != value_len(bare)) {
        return live;
    }
    for (size_t i = 0; i < value_len(live); i++) {
        const struct value *old = value_at(bare, i);
        const struct value *item =
            ignore_take_over(arena, old, value_at(live, i), value_at(live_bare, i));
        bare = item != old ? value_list_set(arena, bare, i, item) : bare;
    }
    return bare;
}

const struct value *ignore_take_over(struct arena *arena,
                                     const struct value *bare,
                                     const struct value *live,
                                     const struct value *live_bare)
{
    if (live == live_bare || value_equal(live, live_bare)) {
        return bare;
    }
    if (value_is(bare, VALUE_LIST) && value_is(live, VALUE_LIST)) {
        return take_over_list(arena, bare, live, live_bare);
    }
    if (!value_is(bare, VALUE_MAP) || !value_is(live, VALUE_MAP)) {
        return bare;
    }
    VALUE_MAP_FOREACH(live, entry)
    {
        const struct value *kept = value_find(live_bare, entry->key);
        const struct value *old = value_find(bare, entry->key);
        const struct value *item = &entry->value;
        if (kept != NULL) {
            item = old != NULL ? ignore_take_over(arena, old, item, kept) : NULL;
        }
        if (item != NULL && item != old) {
            bare = value_map_set(arena, bare, entry->key, item);
        }
    }
    return bare;
}
