/* Decoding maps into structs by tables, as Go's encoding/json does it with kustomize's types: names without regard to case, null
 * leaves a field alone, and errors in Go's words, which users know from kustomize.
 *
 * Strings and trees are borrowed from the value, arrays live in the arena. Pure. */
#pragma once

#include <stddef.h>

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/value/value_decode.h"

struct value;
struct ktable;

enum kfield_type {
    KFIELD_STR,      /* struct str */
    KFIELD_BOOL,     /* bool */
    KFIELD_INT,      /* int64_t */
    KFIELD_STR_LIST, /* struct value_strs */
    KFIELD_STR_MAP,  /* struct value_str_pairs */
    KFIELD_STRUCT,   /* the struct of `table`, by value */
    KFIELD_LIST,     /* struct value_slice of structs of `table` */
    KFIELD_TREE,     /* const struct value *: as it is, of any type */
    KFIELD_TREE_MAP, /* const struct value *: a map */
    /* const struct value *: a list of what `table` describes, checked by it and kept as it is */
    KFIELD_CHECKED_LIST,
    KFIELD_SET, /* bool: the field is there and not null; may stand beside another row */
};

struct kfield {
    const char *name;
    enum kfield_type type;
    size_t offset;
    const struct ktable *table;
    const char *via;     /* of embedded structs, for messages: "ResId." */
    const char *go_type; /* of a string or its items when it has a name of its own, for messages */
};

struct ktable {
    const char *go_name; /* "Label" */
    const struct kfield *fields;
    size_t n;
    size_t size_bytes; /* of the struct */
};

#define KTABLE(go_name, type, rows)                       \
    {                                                     \
        (go_name), (rows), ARRAY_LEN(rows), sizeof(type), \
    }

enum kdecode_mode {
    KDECODE_STRICT,
    KDECODE_LAX, /* unknown fields are passed over; numbers and booleans are text where that is wanted */
};

/* v: a map, or null, which changes nothing. ret: of the table's struct; what is not in v stays as it was.
 * ERR_INVALID with the position ("json: unknown field \"foo\""). */
MUST_CHECK int kdecode_map(struct arena *arena,
                           const struct value *v,
                           const struct ktable *table,
                           enum kdecode_mode mode,
                           void *ret,
                           struct err *err);
