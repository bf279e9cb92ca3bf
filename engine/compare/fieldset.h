/* Sets of fields as metadata.managedFields keeps them ("FieldsV1"): maps in which "f:name" is a member of a
 * map, "k:{...}" and "v:..." an item of a list by its keys or its value, and "." the thing itself.
 *
 * A set is the value tree as it was read; NULL is the empty set.  Pure; any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/str.h"

struct arena;
struct value;

enum fieldset_whose {
    FIELDSET_APPLIED, /* what the manager owns by server-side apply */
    FIELDSET_MANAGED, /* what the manager owns by whatever operation */
    FIELDSET_OTHERS,  /* what is owned by others, or by the manager not through apply */
};

/* The union of the entries in obj's managedFields; those of subresources count for OTHERS only. NULL when there
 * is none. */
const struct value *fieldset_of(struct arena *arena,
                                const struct value *obj,
                                struct str manager,
                                enum fieldset_whose whose);

/* Either may be NULL. */
const struct value *
fieldset_union(struct arena *arena, const struct value *a, const struct value *b);

/* Everything below is owned with it: nothing is said about parts. */
bool fieldset_is_leaf(const struct value *fields);
/* The thing itself is in the set. */
bool fieldset_has_self(const struct value *fields);

/* What the set says of a member of a map; NULL = not in it. */
const struct value *fieldset_member(const struct value *fields, struct str name);

/* ---- items of lists ---- */

enum {
    FIELDSET_KEYS = 8
}; /* names of keys that count; lists of Kubernetes' own kinds have up to three */

/* How items of a list are told apart: by the values of some members, or (n == 0) by their own value. */
struct fieldset_keys {
    struct str names[FIELDSET_KEYS];
    const struct value *defaults[FIELDSET_KEYS]; /* of missing members; NULL = none */
    size_t n;
};

/* The names in the first "k:" element of the sets (each may be NULL), or values if there are "v:" elements.
 * False when no set says anything about items. */
bool fieldset_keys_of(struct arena *arena,
                      const struct value *const *sets,
                      size_t n_sets,
                      struct fieldset_keys *ret);

/* What tells an item apart, as text in the arena; p is NULL when it has no key. */
struct str
fieldset_item_key(struct arena *arena, const struct fieldset_keys *keys, const struct value *item);

/* Items of a list, or elements of a set, by their keys. */
struct fieldset_index {
    struct map *by_key; /* text -> struct value, goes with the arena */
    bool ambiguous;     /* an item had no key, or two had the same */
};

/* list may be NULL or no list. */
void fieldset_index_list(struct arena *arena,
                         const struct fieldset_keys *keys,
                         const struct value *list,
                         struct fieldset_index *ret);
void fieldset_index_set(struct arena *arena,
                        const struct fieldset_keys *keys,
                        const struct value *fields,
                        struct fieldset_index *ret);
/* NULL when missing. */
const struct value *fieldset_index_find(const struct fieldset_index *index, struct str key);
