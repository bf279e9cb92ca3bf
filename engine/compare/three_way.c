/* Three-way merge of a target into a live object, sharing everything that does not change.
 *
 * The result is what the strategic merge patch (built-in kinds) or JSON merge patch (custom resources)
 * computed by `kubectl apply` would make of the live object.  Recursion is as deep as target and live
 * both are, which LIMIT_DOC_DEPTH bounds. */
#include "engine/compare/three_way.h"

#include <stdbool.h>
#include <stddef.h>

#include "common/base/arena.h"
#include "common/kube/kube_object.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "engine/compare/canonical_internal.h"
#include "engine/compare/quantity.h"
#include "engine/compare/three_way_internal.h"
#include "engine/merge/schema.h"

struct merge {
    struct arena *arena;
    bool custom; /* lists of custom resources have no keys */
};

static const struct value *merge_map(const struct merge *m,
                                     enum schema_type type,
                                     const struct value *last,
                                     const struct value *target,
                                     const struct value *live);

/* v without null members, as a merge patch leaves it; v itself when there are none. */
static const struct value *without_nulls(const struct merge *m, const struct value *v)
{
    if (!value_is(v, VALUE_MAP)) {
        return v;
    }
    struct value_entry *entries = arena_calloc(m->arena, value_len(v), sizeof(*entries));
    size_t n = 0;
    bool changed = false;
    VALUE_MAP_FOREACH(v, entry)
    {
        const struct value *item = without_nulls(m, &entry->value);
        changed = changed || item != &entry->value || value_is(item, VALUE_NULL);
        if (!value_is(item, VALUE_NULL)) {
            entries[n++] = (struct value_entry){entry->key, *item};
        }
    }
    return changed ? value_new_map(m->arena, entries, n) : v;
}

/* live reduced to what `last` describes is equal to target: the rest of it was filled in by the server
 * or a webhook. */
static bool covers(const struct value *last, const struct value *target, const struct value *live)
{
    if (value_is(last, VALUE_MAP) && value_is(live, VALUE_MAP)) {
        size_t n_kept = 0;
        VALUE_MAP_FOREACH(last, entry)
        {
            const struct value *l = value_find(live, entry->key);
            const struct value *t = value_find(target, entry->key);
            if (l != NULL && (t == NULL || !covers(&entry->value, t, l))) {
                return false;
            }
            n_kept += l != NULL;
        }
        return value_is(target, VALUE_MAP) && n_kept == value_len(target);
    }
    if (value_is(last, VALUE_LIST) && value_is(live, VALUE_LIST)) {
        if (!value_is(target, VALUE_LIST) || value_len(target) != value_len(live)) {
            return false;
        }
        for (size_t i = 0; i < value_len(live); i++) {
            const struct value *of = value_at(last, i);
            if (!covers(of, value_at(target, i), value_at(live, i))) {
                return false;
            }
        }
        return true;
    }
    return value_equal(target, live);
}

/* A list that is replaced as a whole, unless both say the same. */
static const struct value *replace_list(const struct merge *m,
                                        const struct schema_field *field,
                                        const struct value *last,
                                        const struct value *target,
                                        const struct value *live)
{
    if (value_equal(target, live) || (m->custom && covers(last, target, live))) {
        return live;
    }
    if (field != NULL && field->type != SCHEMA_TYPE_NONE) {
        const struct value *t = canonical_field(m->arena, field, target);
        const struct value *l = canonical_field(m->arena, field, live);
        return value_equal(t, l) ? live : target;
    }
    return target;
}

static bool contains(const struct value *list, const struct value *item)
{
    VALUE_FOREACH(list, it) {
        if (value_equal(it, item)) {
            return true;
        }
    }
    return false;
}

/* Scalars merged by value: live's stay unless they were applied before and are not wanted now. */
static const struct value *merge_set(const struct merge *m,
                                     const struct value *last,
                                     const struct value *target,
                                     const struct value *live)
{
    struct value *items =
        arena_calloc(m->arena, value_len(target) + value_len(live), sizeof(*items));
    size_t n = 0;
    bool changed = false;
    VALUE_FOREACH(live, it) {
        if (!contains(target, it) && contains(last, it)) {
            changed = true;
        } else {
            items[n++] = *it;
        }
    }
    VALUE_FOREACH(target, it) {
        if (!contains(live, it)) {
            items[n++] = *it;
            changed = true;
        }
    }
    return changed ? value_new_list(m->arena, items, n) : live;
}

static const struct value *merge_list_item(const struct merge *m,
                                           const struct schema_field *field,
                                           const struct value *last,
                                           const struct value *target,
                                           const struct value *live)
{
    const struct value *merged = merge_map(m, field->type, last, target, live);
    if (merged != live && (field->flags & SCHEMA_FLAG_RETAIN_KEYS) != 0) {
        merged = three_way_retain(m->arena, merged, target);
    }
    return merged;
}

/* A list with keys: items of target in its order, then those only live has. Items keep live's order as
 * long as target does not ask for another one. */
static const struct value *merge_keyed(const struct merge *m,
                                       const struct schema_field *field,
                                       const struct value *last,
                                       const struct value *target,
                                       const struct value *live)
{
    struct three_way_pairs pairs;
    if (!three_way_pair(m->arena, field->keys, last, target, live, &pairs)) {
        return replace_list(m, field, last, target, live);
    }
    struct value *items =
        arena_calloc(m->arena, value_len(target) + value_len(live), sizeof(*items));
    size_t n = 0;
    bool changed = pairs.reordered;
    for (size_t i = 0; pairs.reordered && i < value_len(target); i++) {
        const struct three_way_pair *p = &pairs.of_target[i];
        const struct value *t = value_at(target, i);
        items[n++] = p->live == NULL ? *t : *merge_list_item(m, field, p->last, t, p->live);
    }
    for (size_t i = 0; i < value_len(live); i++) {
        const struct three_way_pair *p = &pairs.of_live[i];
        const struct value *l = value_at(live, i);
        if (p->target == NULL && p->last != NULL) {
            changed = true; /* applied before, not wanted any more */
        } else if (p->target == NULL) {
            items[n++] = *l;
        } else if (!pairs.reordered) {
            const struct value *merged = merge_list_item(m, field, p->last, p->target, l);
            changed = changed || merged != l;
            items[n++] = *merged;
        }
    }
    for (size_t i = 0; !pairs.reordered && i < value_len(target); i++) {
        if (pairs.of_target[i].live == NULL) {
            items[n++] = *value_at(target, i);
            changed = true;
        }
    }
    return changed ? value_new_list(m->arena, items, n) : live;
}

static const struct value *merge_struct(const struct merge *m,
                                        const struct schema_field *field,
                                        const struct value *last,
                                        const struct value *target,
                                        const struct value *live)
{
    if ((field->flags & SCHEMA_FLAG_REPLACE) != 0) {
        return value_equal(target, live) ? live : target;
    }
    const struct value *merged = merge_map(m, field->type, last, target, live);
    if (merged != live && (field->flags & SCHEMA_FLAG_RETAIN_KEYS) != 0) {
        return three_way_retain(m->arena, merged, target);
    }
    return merged;
}

static bool same_quantity(struct arena *arena, const struct value *a, const struct value *b)
{
    return value_equal(quantity_canonical(arena, a), quantity_canonical(arena, b));
}

/* Free keys, each amount compared as such. */
static const struct value *merge_quantities(const struct merge *m,
                                            const struct value *last,
                                            const struct value *target,
                                            const struct value *live)
{
    const struct value *merged = merge_map(m, SCHEMA_TYPE_NONE, last, target, live);
    if (merged == live || value_len(merged) != value_len(live)) {
        return merged;
    }
    VALUE_MAP_FOREACH(merged, entry)
    {
        const struct value *l = value_find(live, entry->key);
        if (l == NULL || !same_quantity(m->arena, &entry->value, l)) {
            return merged;
        }
    }
    return live;
}

static const struct value *merge_lists(const struct merge *m,
                                       const struct schema_field *field,
                                       const struct value *last,
                                       const struct value *target,
                                       const struct value *live)
{
    if (field != NULL && field->shape == SCHEMA_SHAPE_SET) {
        return merge_set(m, last, target, live);
    }
    if (field != NULL && field->shape == SCHEMA_SHAPE_LIST_MAP && !m->custom) {
        return merge_keyed(m, field, last, target, live);
    }
    return replace_list(m, field, last, target, live);
}

/* target and live both have the field. */
static const struct value *merge_field(const struct merge *m,
                                       const struct schema_field *field,
                                       const struct value *last,
                                       const struct value *target,
                                       const struct value *live)
{
    if (value_is(target, VALUE_MAP) && value_is(live, VALUE_MAP)) {
        if (field == NULL || field->type == SCHEMA_TYPE_NONE) {
            return merge_map(m, SCHEMA_TYPE_NONE, last, target, live);
        }
        return field->shape == SCHEMA_SHAPE_QUANTITIES ? merge_quantities(m, last, target, live)
                                                       : merge_struct(m, field, last, target, live);
    }
    if (value_is(target, VALUE_LIST) && value_is(live, VALUE_LIST)) {
        return merge_lists(m, field, last, target, live);
    }
    bool quantity = field != NULL && field->shape == SCHEMA_SHAPE_QUANTITY;
    if (value_equal(target, live) || (quantity && same_quantity(m->arena, target, live))) {
        return live;
    }
    return target;
}

static bool is_empty_container(const struct value *v)
{
    return (value_is(v, VALUE_MAP) || value_is(v, VALUE_LIST)) && value_len(v) == 0;
}

/* What becomes of a member of live; NULL when it goes. */
static const struct value *merge_member(const struct merge *m,
                                        const struct schema_field *field,
                                        const struct value *last,
                                        const struct value *target,
                                        const struct value *live)
{
    if (field != NULL && (field->flags & SCHEMA_FLAG_ALLOCATED) != 0 && target != NULL &&
        canonical_is_absent(field, target)) {
        return live;
    }
    if (target == NULL) {
        /* kubectl writes "annotations":{} where there were none: that deletes nothing */
        return last != NULL && !is_empty_container(last) ? NULL : live;
    }
    if (value_is(target, VALUE_NULL)) {
        return value_is(live, VALUE_NULL) ? live : NULL;
    }
    return merge_field(m, field, last, target, live);
}

static const struct value *merge_map(const struct merge *m,
                                     enum schema_type type,
                                     const struct value *last,
                                     const struct value *target,
                                     const struct value *live)
{
    if (!value_is(target, VALUE_MAP) || !value_is(live, VALUE_MAP)) {
        return value_equal(target, live) ? live : target;
    }
    struct value_entry *entries =
        arena_calloc(m->arena, value_len(target) + value_len(live), sizeof(*entries));
    size_t n = 0;
    bool changed = false;
    VALUE_MAP_FOREACH(live, entry)
    {
        const struct value *merged =
            merge_member(m, schema_field_find(type, entry->key), value_find(last, entry->key),
                         value_find(target, entry->key), &entry->value);
        changed = changed || merged != &entry->value;
        if (merged != NULL) {
            entries[n++] = (struct value_entry){entry->key, *merged};
        }
    }
    VALUE_MAP_FOREACH(target, entry)
    {
        const struct schema_field *field = schema_field_find(type, entry->key);
        if (value_find(live, entry->key) == NULL && !canonical_is_absent(field, &entry->value)) {
            entries[n++] = (struct value_entry){entry->key, *without_nulls(m, &entry->value)};
            changed = true;
        }
    }
    return changed ? value_new_map(m->arena, entries, n) : live;
}

const struct value *three_way_merge(struct arena *arena,
                                    const struct value *last,
                                    const struct value *target,
                                    const struct value *live)
{
    struct kube_gvk gvk = kube_gvk_of(target);
    const struct schema_kind *kind = schema_kind_find(gvk.group, gvk.kind);
    const struct merge m = {arena, kind == NULL || kind->custom};
    return merge_map(&m, kind != NULL ? kind->type : SCHEMA_TYPE_OBJECT, last, target, live);
}
