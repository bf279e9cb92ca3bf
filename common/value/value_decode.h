/* Decoding trees into structs by tables, and printing what a table says.
 *
 *     static const struct value_field SOURCE_FIELDS[] = {
 *         {"repoURL", FIELD_STR, offsetof(struct source, repo_url), FIELD_REQUIRED, NULL, "where from"},
 *         {"helm", FIELD_STRUCT, offsetof(struct source, helm), FIELD_OPTIONAL, &HELM_TABLE, "..."},
 *     };
 *     static const struct value_table SOURCE_TABLE = VALUE_TABLE(struct source, SOURCE_FIELDS);
 *
 * Strings, trees and keys are borrowed from the decoded value, arrays live in the arena: the struct is
 * valid as long as both.  Absent and null fields keep what the struct had before: preset defaults.
 * Pure, any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "common/value/value.h"

enum value_field_type {
    FIELD_STR,   /* struct str */
    FIELD_TEXT,  /* struct str; numbers and booleans are taken as their text (int-or-string) */
    FIELD_BOOL,  /* bool */
    FIELD_INT,   /* int64_t; floats with a whole value too */
    FIELD_FLOAT, /* double */
    FIELD_VALUE, /* const struct value *: the tree as written, of any type */
    FIELD_MAP,   /* const struct value *: must be a map */
    FIELD_SET,   /* bool: whether the field is there and not null; may stand beside another row */
    FIELD_DURATION, /* int64_t milliseconds, from Go's duration text or a number of seconds */
    FIELD_TIME,     /* int64_t Unix milliseconds, from RFC 3339 text */
    FIELD_STRUCT,   /* the struct of `table` by value */
    FIELD_STR_LIST, /* struct value_strs, or any struct that begins with the same two members */
    FIELD_LIST,     /* of structs: as struct value_slice, items of `table` */
    FIELD_STR_MAP,  /* struct value_str_pairs: a map with string values, in order */
    FIELD_TYPE_COUNT
};

enum {
    FIELD_OPTIONAL = 0,
    FIELD_REQUIRED = 1 << 0, /* must be there and not null */
    FIELD_NOT_EMPTY = 1 << 1 /* when there: not "", not an empty list or map */
};

struct value_table;

struct value_field {
    const char *name;
    enum value_field_type type;
    size_t offset;
    unsigned flags;
    const struct value_table *table; /* FIELD_STRUCT, FIELD_LIST */
    const char *doc;
};

struct value_table {
    const struct value_field *fields;
    size_t n;
    size_t size_bytes; /* of the struct */
};

#define VALUE_TABLE(type, rows)                \
    {                                          \
        (rows), ARRAY_LEN(rows), sizeof(type), \
    }

struct value_slice {
    const void *items;
    size_t n;
};

struct value_strs {
    const struct str *items;
    size_t n;
};

struct value_str_pair {
    struct str key;
    struct str value;
};

struct value_str_pairs {
    const struct value_str_pair *items;
    size_t n;
};

enum value_decode_mode {
    VALUE_DECODE_LAX,    /* unknown fields are passed over */
    VALUE_DECODE_STRICT, /* unknown fields are errors: our own configuration */
};

/* Decode a map (NULL and null: an empty one) into the struct at `ret`. Errors (ERR_INVALID) name the
 * field's path ("spec.sources[1].repoURL must be a string, not a list") and its position. On an error
 * some fields may have been set. */
MUST_CHECK int value_decode(struct arena *arena,
                            const struct value *v,
                            const struct value_table *table,
                            enum value_decode_mode mode,
                            void *ret,
                            struct err *err);

/* As above for a value below `path` of a larger document ("spec"). */
MUST_CHECK int value_decode_at(struct arena *arena,
                               const struct value *v,
                               const char *path,
                               const struct value_table *table,
                               enum value_decode_mode mode,
                               void *ret,
                               struct err *err);

/* One row of a Markdown table for each field with its path, type and documentation, nested tables
 * included. prefix: "" or "spec." */
struct buf;
void value_table_print(struct buf *b, const struct value_table *table, const char *prefix);
