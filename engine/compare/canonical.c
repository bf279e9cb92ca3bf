/* Canonical form of objects, driven by the schema and the defaults.
 *
 * Recursion follows the schema's types, so its depth is that of the tables, not of the input; what has
 * no type is taken as it is. */
#include "engine/compare/canonical.h"

#include <stdbool.h>
#include <stddef.h>

#include "common/base/arena.h"
#include "common/kube/kube_object.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "engine/compare/canonical_internal.h"
#include "engine/compare/defaults.h"
#include "engine/compare/quantity.h"

static bool is_zero(const struct value *v)
{
    switch (value_type(v)) {
    case VALUE_BOOL:
        return !v->b;
    case VALUE_INT:
        return v->i == 0;
    case VALUE_FLOAT:
        return v->f <= 0 && v->f >= 0;
    case VALUE_NULL:
    case VALUE_STRING:
    case VALUE_LIST:
    case VALUE_MAP:
    case VALUE_TYPE_COUNT:
        break;
    }
    return false;
}

/* A map nothing is known about may be a choice made by its mere presence ("emptyDir: {}"). */
static bool is_empty(const struct schema_field *field, const struct value *v)
{
    bool map = value_is(v, VALUE_MAP) && field->shape != SCHEMA_SHAPE_UNLISTED;
    return (map || value_is(v, VALUE_STRING) || value_is(v, VALUE_LIST)) && value_len(v) == 0;
}

bool canonical_is_absent(const struct schema_field *field, const struct value *v)
{
    if (v == NULL || value_is(v, VALUE_NULL)) {
        return true;
    }
    if (field == NULL) {
        return false;
    }
    return ((field->flags & SCHEMA_FLAG_DROP) != 0) ||
           ((field->flags & SCHEMA_FLAG_ZERO) != 0 && is_zero(v)) ||
           ((field->flags & SCHEMA_FLAG_EMPTY) == 0 && is_empty(field, v));
}

static const struct value *
canonical_struct(struct arena *arena, enum schema_type type, const struct value *v);

/* A map with free keys: null means "" there, as Go reads it into a map of strings. */
static const struct value *
free_map(struct arena *arena, const struct schema_field *field, const struct value *v)
{
    if (!value_is(v, VALUE_MAP)) {
        return v;
    }
    bool quantities = field->shape == SCHEMA_SHAPE_QUANTITIES;
    struct value_entry *entries = arena_calloc(arena, value_len(v), sizeof(*entries));
    size_t n = 0;
    bool changed = false;
    VALUE_MAP_FOREACH(v, entry)
    {
        const struct value *item = &entry->value;
        struct value empty = value_of_str(STR_EMPTY);
        const struct value *form = quantities ? quantity_canonical(arena, item) : item;
        form = value_is(form, VALUE_NULL) ? &empty : form;
        changed = changed || form != item;
        entries[n++] = (struct value_entry){entry->key, *form};
    }
    return changed ? value_new_map(arena, entries, n) : v;
}

static const struct value *
list_of(struct arena *arena, enum schema_type type, const struct value *v)
{
    if (!value_is(v, VALUE_LIST) || type == SCHEMA_TYPE_NONE) {
        return v;
    }
    struct value *items = arena_calloc(arena, value_len(v), sizeof(*items));
    size_t n = 0;
    bool changed = false;
    VALUE_FOREACH(v, item) {
        const struct value *form = canonical_struct(arena, type, item);
        changed = changed || form != item;
        items[n++] = *form;
    }
    return changed ? value_new_list(arena, items, n) : v;
}

const struct value *
canonical_field(struct arena *arena, const struct schema_field *field, const struct value *v)
{
    const struct value *form = v;
    if (field == NULL) {
        return canonical_is_absent(NULL, v) ? NULL : v;
    }
    switch (field->shape) {
    case SCHEMA_SHAPE_QUANTITY:
        form = quantity_canonical(arena, v);
        break;
    case SCHEMA_SHAPE_QUANTITIES:
    case SCHEMA_SHAPE_FREE_MAP:
        form = free_map(arena, field, v);
        break;
    case SCHEMA_SHAPE_STRUCT:
        form = canonical_struct(arena, field->type, v);
        break;
    case SCHEMA_SHAPE_LIST:
    case SCHEMA_SHAPE_LIST_MAP:
        form = list_of(arena, field->type, v);
        break;
    case SCHEMA_SHAPE_UNLISTED:
    case SCHEMA_SHAPE_SCALAR:
    case SCHEMA_SHAPE_SET:
        break;
    }
    return canonical_is_absent(field, form) ? NULL : form;
}

/* What a missing struct looks like once its own defaults are filled in. */
static void
fill_structs(struct arena *arena, enum schema_type type, struct defaults_map *map, size_t n_given)
{
    size_t n = n_given;
    for (size_t i = n_given; i < map->n; i++) {
        struct value_entry entry = map->entries[i];
        const struct schema_field *field = schema_field_find(type, entry.key);
        const struct value *form = &entry.value;
        if (field != NULL && field->shape == SCHEMA_SHAPE_STRUCT) {
            form = canonical_field(arena, field, form);
        }
        if (form != NULL) {
            map->entries[n++] = (struct value_entry){entry.key, *form};
        }
    }
    map->n = n;
}

static const struct value *
canonical_struct(struct arena *arena, enum schema_type type, const struct value *v)
{
    if (!value_is(v, VALUE_MAP) || type == SCHEMA_TYPE_NONE) {
        return v;
    }
    struct defaults_map map = {.cap = value_len(v) + defaults_room(type)};
    map.entries = arena_calloc(arena, map.cap, sizeof(*map.entries));
    bool changed = false;
    VALUE_MAP_FOREACH(v, entry)
    {
        const struct schema_field *field = schema_field_find(type, entry->key);
        const struct value *form = canonical_field(arena, field, &entry->value);
        changed = changed || form != &entry->value;
        if (form != NULL) {
            map.entries[map.n++] = (struct value_entry){entry->key, *form};
        }
    }
    size_t n_given = map.n;
    defaults_fill(arena, type, &map);
    if (map.n > n_given) {
        fill_structs(arena, type, &map, n_given);
        changed = true;
    }
    return changed ? value_new_map(arena, map.entries, map.n) : v;
}

const struct value *canonical_object(struct arena *arena, const struct value *obj)
{
    struct kube_gvk gvk = kube_gvk_of(obj);
    const struct schema_kind *kind = schema_kind_find(gvk.group, gvk.kind);
    return canonical_struct(arena, kind != NULL ? kind->type : SCHEMA_TYPE_OBJECT, obj);
}
