/* Marking and hiding sensitive values. */
#include "common/value/value_mask.h"

#include <stddef.h>
#include <string.h>

#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "common/value/value_json.h"

const struct value *value_sensitive(struct arena *arena, const struct value *v)
{
    struct value *copy = arena_alloc(arena, sizeof(*copy));
    *copy = v != NULL ? *v : VALUE_NULL_VALUE;
    copy->flags |= VALUE_SENSITIVE;
    return copy;
}

const struct value *
value_mark_sensitive_path(struct arena *arena, const struct value *v, const char *const *path)
{
    const struct value *map = value_dig_path(v, path);
    if (value_entries_n_(map) == 0) {
        return v;
    }
    struct value_entry *entries = arena_alloc(arena, map->n * sizeof(*entries));
    memcpy(entries, map->entries, map->n * sizeof(*entries));
    for (size_t i = 0; i < map->n; i++) {
        entries[i].value.flags |= VALUE_SENSITIVE;
    }
    struct value *copy = arena_alloc(arena, sizeof(*copy));
    *copy = *map;
    copy->entries = entries; /* same keys: the index still fits */
    return value_with_path(arena, v, copy, path);
}

bool value_has_sensitive(const struct value *v)
{
    if (v != NULL && (v->flags & VALUE_SENSITIVE) != 0) {
        return true;
    }
    VALUE_FOREACH(v, item) {
        if (value_has_sensitive(item)) {
            return true;
        }
    }
    VALUE_MAP_FOREACH(v, e)
    {
        if (value_has_sensitive(&e->value)) {
            return true;
        }
    }
    return false;
}

static void mask_children(struct arena *arena, struct value *v)
{
    if (v->n == 0) {
        return;
    }
    if (v->type == VALUE_LIST) {
        struct value *items = arena_alloc(arena, v->n * sizeof(*items));
        for (size_t i = 0; i < v->n; i++) {
            items[i] = *value_masked(arena, &v->items[i]);
        }
        v->items = items;
    } else if (v->type == VALUE_MAP) {
        struct value_entry *entries = arena_alloc(arena, v->n * sizeof(*entries));
        for (size_t i = 0; i < v->n; i++) {
            entries[i].key = v->entries[i].key;
            entries[i].value = *value_masked(arena, &v->entries[i].value);
        }
        v->entries = entries;
    }
}

const struct value *value_masked(struct arena *arena, const struct value *v)
{
    if (!value_has_sensitive(v)) {
        return v;
    }
    if ((v->flags & VALUE_SENSITIVE) != 0) {
        return value_new_str(arena, STR(VALUE_MASK_TEXT));
    }
    struct value *copy = arena_alloc(arena, sizeof(*copy));
    *copy = *v;
    mask_children(arena, copy);
    return copy;
}
