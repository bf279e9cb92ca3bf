/* How the parts of an object merge in a server-side apply: which maps and lists are one value, which lists have
 * items with keys of their own or are sets.
 *
 * Known from the cluster's OpenAPI document of the object's group and version, else from the tables of built-in
 * kinds; of anything else maps have members and lists are one value, as the API server takes it.  Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "engine/compare/fieldset.h"
#include "engine/merge/schema.h"

struct arena;
struct value;

/* Any of them may be missing. */
struct shape {
    const struct value *api;          /* shape_reduce_openapi()'s document */
    const struct value *node;         /* in it */
    const struct schema_field *field; /* of a built-in kind */
    enum schema_type type;
};

enum shape_merge {
    SHAPE_MERGE_PARTS,  /* a map by its members, a list as one value */
    SHAPE_MERGE_ATOMIC, /* one value */
    SHAPE_MERGE_SET,    /* a list by the values of its items */
    SHAPE_MERGE_KEYS,   /* a list by the keys of its items */
};

enum shape_keep {
    SHAPE_KEEP_MERGING, /* what comparison needs */
    SHAPE_KEEP_TYPES,   /* what engine/compare/validate.h needs, too */
};

/* A small part of an OpenAPI document: v3 of one group and version, or v2 of a whole cluster. ERR_INVALID when it is
 * neither. */
MUST_CHECK int shape_reduce_openapi(struct arena *arena,
                                    const struct value *document,
                                    enum shape_keep keep,
                                    const struct value **ret,
                                    struct err *err);

/* The name of the schema of the object's kind in a reduced document; "" when it has none. */
struct str shape_schema_name(const struct value *api, const struct value *obj);
/* The schema a reference leads to, or node itself; NULL when it leads nowhere. *ret_name is the schema's name, and
 * stays when nothing is referred to. */
const struct value *
shape_resolve(const struct value *api, const struct value *node, struct str *ret_name);

/* api: a reduced document, or NULL. */
struct shape shape_of(const struct value *api, const struct value *obj);
struct shape shape_member(struct shape shape, struct str name);
struct shape shape_item(struct shape shape);
enum shape_merge shape_merge(struct shape shape);
/* A document or a table describes it. */
bool shape_is_known(struct shape shape);
/* Of a list of SHAPE_MERGE_KEYS or _SET. */
struct fieldset_keys shape_keys(struct arena *arena, struct shape shape);
