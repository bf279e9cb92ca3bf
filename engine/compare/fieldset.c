/* FieldsV1 as it stands in managedFields. What cannot be read of it names no field: it comes from the cluster. */
#include "engine/compare/fieldset.h"

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/base/map.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_json.h"

/* ---- whole sets ---- */

static bool counts(const struct value *entry, struct str manager, enum fieldset_whose whose)
{
    bool same = str_eq(value_dig_str(entry, "manager"), manager);
    bool status = value_dig_str(entry, "subresource").n > 0;
    bool applied = same && !status && str_eq_c(value_dig_str(entry, "operation"), "Apply");
    switch (whose) {
    case FIELDSET_APPLIED:
        return applied;
    case FIELDSET_MANAGED:
        return same && !status;
    case FIELDSET_OTHERS:
        return !applied;
    }
    return false;
}

const struct value *
fieldset_union(struct arena *arena, const struct value *a, const struct value *b)
{
    if (a == NULL || b == NULL || a == b) {
        return a != NULL ? a : b;
    }
    struct value_entry *entries =
        arena_calloc(arena, value_len(a) + value_len(b) + 1, sizeof(*entries));
    size_t n = 0;
    VALUE_MAP_FOREACH(a, entry)
    {
        const struct value *both = fieldset_union(arena, &entry->value, value_find(b, entry->key));
        entries[n++] = (struct value_entry){entry->key, *both};
    }
    VALUE_MAP_FOREACH(b, entry)
    {
        if (value_find(a, entry->key) == NULL) {
            entries[n++] = *entry;
        }
    }
    /* a leaf owns itself, which the parts of the other set would hide */
    if (n > 0 && (value_len(a) == 0 || value_len(b) == 0) &&
        value_find(value_len(a) == 0 ? b : a, STR(".")) == NULL) {
        entries[n++] = (struct value_entry){STR("."), VALUE_EMPTY_MAP};
    }
    return value_new_map(arena, entries, n);
}

const struct value *fieldset_of(struct arena *arena,
                                const struct value *obj,
                                struct str manager,
                                enum fieldset_whose whose)
{
    const struct value *all = NULL;
    VALUE_FOREACH(value_dig(obj, "metadata", "managedFields"), entry) {
        const struct value *fields = value_dig(entry, "fieldsV1");
        if (value_is(fields, VALUE_MAP) && counts(entry, manager, whose)) {
            all = fieldset_union(arena, all, fields);
        }
    }
    return all;
}

bool fieldset_has_self(const struct value *fields)
{
    return fields != NULL && (value_len(fields) == 0 || value_find(fields, STR(".")) != NULL);
}

bool fieldset_is_leaf(const struct value *fields)
{
    size_t n = value_len(fields);
    return fields != NULL && (n == 0 || (n == 1 && value_find(fields, STR(".")) != NULL));
}

const struct value *fieldset_member(const struct value *fields, struct str name)
{
    enum { SHORT_BYTES = 256 }; /* names are seldom longer */
    char text[SHORT_BYTES];
    if (value_len(fields) == 0) {
        return NULL;
    }
    if (name.n + 2 <= sizeof(text)) {
        memcpy(text, "f:", 2);
        if (name.n > 0) {
            memcpy(text + 2, name.p, name.n);
        }
        return value_find(fields, str_of(text, name.n + 2));
    }
    VALUE_MAP_FOREACH(fields, entry)
    {
        struct str key = entry->key;
        if (str_cut_prefix(&key, STR("f:")) && str_eq(key, name)) {
            return &entry->value;
        }
    }
    return NULL;
}

/* ---- items ---- */

/* The value behind "k:" or "v:"; NULL for other elements. */
static const struct value *element_value(struct arena *arena, struct str element, char kind)
{
    const struct value *v = NULL;
    struct err unused; /* what cannot be read names no item */
    if (element.n < 3 || element.p[0] != kind || element.p[1] != ':' ||
        value_from_json(arena, str_sub(element, 2, element.n), NULL, &v, &unused) < 0) {
        return NULL;
    }
    return v;
}

static bool keys_of_element(struct arena *arena, struct str element, struct fieldset_keys *ret)
{
    const struct value *key = element_value(arena, element, 'k');
    *ret = (struct fieldset_keys){.n = 0};
    if (!value_is(key, VALUE_MAP)) {
        return element_value(arena, element, 'v') != NULL;
    }
    VALUE_MAP_FOREACH(key, entry)
    {
        if (ret->n == FIELDSET_KEYS) {
            return false;
        }
        ret->names[ret->n++] = entry->key;
    }
    return ret->n > 0;
}

bool fieldset_keys_of(struct arena *arena,
                      const struct value *const *sets,
                      size_t n_sets,
                      struct fieldset_keys *ret)
{
    for (size_t i = 0; i < n_sets; i++) {
        VALUE_MAP_FOREACH(sets[i], entry)
        {
            if (keys_of_element(arena, entry->key, ret)) {
                return true;
            }
        }
    }
    return false;
}

struct str
fieldset_item_key(struct arena *arena, const struct fieldset_keys *keys, const struct value *item)
{
    AUTO(buf) struct buf text;
    struct err unused; /* without text there is no key */
    size_t n_found = 0;
    buf_init(&text, LIMIT_DOC_BYTES);
    if (keys->n == 0) {
        return value_to_json(&text, item, NULL, &unused) < 0 ? (struct str){NULL, 0}
                                                             : buf_to_arena(&text, arena);
    }
    for (size_t i = 0; i < keys->n; i++) {
        const struct value *part = value_find(item, keys->names[i]);
        part = part != NULL ? part : keys->defaults[i];
        n_found += part != NULL;
        if (part != NULL && value_to_json(&text, part, NULL, &unused) < 0) {
            return (struct str){NULL, 0};
        }
        buf_put_char(&text, ',');
    }
    return n_found > 0 && !text.overflow ? buf_to_arena(&text, arena) : (struct str){NULL, 0};
}

/* ---- indexes ---- */

static void free_index(void *map)
{
    map_free(map);
}

static void begin_index(struct arena *arena, struct fieldset_index *ret)
{
    *ret = (struct fieldset_index){.by_key = map_new(NULL)};
    arena_defer(arena, free_index, ret->by_key);
}

static void add(struct fieldset_index *index, struct str key, const struct value *v)
{
    if (key.p == NULL || map_has(index->by_key, key)) {
        index->ambiguous = true;
        return;
    }
    map_set(index->by_key, key, (void *)(uintptr_t)v); /* only ever read */
}

void fieldset_index_list(struct arena *arena,
                         const struct fieldset_keys *keys,
                         const struct value *list,
                         struct fieldset_index *ret)
{
    begin_index(arena, ret);
    VALUE_FOREACH(list, item) {
        add(ret, fieldset_item_key(arena, keys, item), item);
    }
}

void fieldset_index_set(struct arena *arena,
                        const struct fieldset_keys *keys,
                        const struct value *fields,
                        struct fieldset_index *ret)
{
    begin_index(arena, ret);
    VALUE_MAP_FOREACH(fields, entry)
    {
        const struct value *v = element_value(arena, entry->key, keys->n > 0 ? 'k' : 'v');
        if (v != NULL) {
            add(ret, fieldset_item_key(arena, keys, v), &entry->value);
        }
    }
}

const struct value *fieldset_index_find(const struct fieldset_index *index, struct str key)
{
    return key.p != NULL ? map_find(index->by_key, key) : NULL;
}
