/* JSON Schema: does a tree satisfy a schema, and if not, where and why.
 *
 * Drafts 4, 6, 7, 2019-09 and 2020-12, chosen by "$schema" (2020-12 without it), as Helm validates values with
 * values.schema.json: rules, messages and their order are those of santhosh-tekuri/jsonschema 6.0.3.  That library
 * visits the properties of an object in no particular order; here it is the order they have in the tree.
 *
 * Pure: schemas elsewhere are asked for through a callback.  Any thread. */
#pragma once

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct arena;
struct budget;
struct buf;
struct value;

struct schema_opts {
    struct str
        url; /* of the schema, which relative references start from; "" = file:///values.schema.json */
    /* The schema at an absolute URL without fragment: *ret in the arena; left alone when there is none.
     * NULL = there are none. A urn: nobody knows accepts everything. An error's text says which one. */
    int (*resolve)(
        void *data, struct arena *arena, struct str url, const struct value **ret, struct err *err);
    void *data;
    struct buf *warnings; /* a line for each urn: that nobody knows; NULL = nowhere */
};

/* Check instance against schema.
 *
 * arena     what is needed meanwhile.
 * schema    checked itself against the rules of its draft; borrowed.
 * budget    charged for every rule applied to every value; nesting counts as depth.
 * opts      NULL = the defaults.
 * problems  appended to as Helm prints them below the chart's name ("- at '/a': got string, want integer\n"), or
 *           what is wrong with the schema.
 *
 * Errors: ERR_INVALID when the instance does not satisfy the schema or the schema is not one, with the beginning of
 * what was appended; ERR_LIMIT; what resolve returns. */
MUST_CHECK int schema_validate(struct arena *arena,
                               const struct value *schema,
                               const struct value *instance,
                               struct budget *budget,
                               const struct schema_opts *opts,
                               struct buf *problems,
                               struct err *err);
