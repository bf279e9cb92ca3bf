/* struct value: the one tree type, and struct doc: a shared, immutable tree.
 *
 * It serves YAML, JSON, template data, patches, differences, REST bodies and Kubernetes objects, so
 * fields nobody knows survive.  Values are immutable once built and always borrowed: they live in an
 * arena or in a doc and are valid as long as that is.  Children are stored inline: a list is an array
 * of values, a map an array of (key, value) entries in insertion order, with a hash index when large.
 *
 * Reading never fails: a missing key is NULL, and accessors take NULL and the wrong type and answer
 * with the empty result, so that chains need no checks where absence is fine. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/cleanup.h"
#include "common/base/macro.h"
#include "common/base/str.h"

enum value_type {
    VALUE_NULL,
    VALUE_BOOL,
    VALUE_INT,   /* int64_t */
    VALUE_FLOAT, /* double; integers outside int64_t as well, with their text in `lexeme` */
    VALUE_STRING,
    VALUE_LIST,
    VALUE_MAP,
    VALUE_TYPE_COUNT
};

enum value_flags {
    VALUE_SENSITIVE = 1 << 0, /* masked by every formatter, refused by the logger */
    VALUE_QUOTED = 1 << 1,    /* a string that was quoted or a block in YAML text */
    VALUE_BLANK = 1 << 2,     /* a null that YAML text has as nothing: "key:" */
    VALUE_TIGHT = 1 << 3,     /* a map owned by edits (value_edit.h) without room for more */
};

struct value_entry;
struct value_index;

struct value {
    uint8_t type;    /* enum value_type */
    uint8_t flags;   /* enum value_flags */
    uint16_t column; /* of the source text, from 1; 0 = unknown */
    uint32_t line;   /* of the source text, from 1; 0 = unknown */
    uint32_t n;      /* bytes of a string, children of a container */
    uint32_t
        lexeme_n; /* of a container: the token of the edits that own it (value_edit.h), 0 = none */
    union {
        bool b;
        int64_t i;
        double f;
        const char *s; /* NUL-terminated too */
        const struct value *items;
        const struct value_entry *entries;
    };
    union {
        const char *lexeme;              /* numbers: the text as written, when it was parsed */
        const struct value_index *index; /* maps above 8 keys: built by value_build */
    };
};

struct value_entry {
    struct str key; /* NUL-terminated too */
    struct value value;
};

extern const struct value VALUE_NULL_VALUE;
extern const struct value VALUE_EMPTY_MAP;
extern const struct value VALUE_EMPTY_LIST;
extern const struct value VALUE_TRUE;
extern const struct value VALUE_FALSE;

/* ---- reading; v may be NULL everywhere ---- */

static inline enum value_type value_type(const struct value *v)
{
    return v != NULL ? (enum value_type)v->type : VALUE_NULL;
}

static inline bool value_is(const struct value *v, enum value_type type)
{
    return v != NULL && v->type == type;
}

/* "string", "map", ... for messages. */
const char *value_type_name(enum value_type type);
/* "a string", "an integer", "null". */
const char *value_type_noun(enum value_type type);

/* Children of a list or map, bytes of a string; else 0. */
size_t value_len(const struct value *v);
/* List item, or NULL. */
const struct value *value_at(const struct value *list, size_t i);
/* Map entry by position, or NULL. */
const struct value_entry *value_entry_at(const struct value *map, size_t i);
/* The value under a key, or NULL. O(1) for maps above 8 keys. */
const struct value *value_find(const struct value *map, struct str key);
/* Nested maps: value_dig(obj, "metadata", "labels"); NULL when any step is missing. */
#define value_dig(v, ...) value_dig_path((v), (const char *const[]){__VA_ARGS__, NULL})
const struct value *value_dig_path(const struct value *v, const char *const *keys);

/* The string, or the empty slice for anything else. */
struct str value_str(const struct value *v);
/* As value_str() of value_dig(). */
#define value_dig_str(v, ...) value_str(value_dig((v), __VA_ARGS__))
/* A number as int64 (floats with an integral value too), or `def`. */
int64_t value_int(const struct value *v, int64_t def);
double value_float(const struct value *v, double def);
bool value_bool(const struct value *v, bool def);

/* for each item of a list (nothing for other types): `const struct value *it` */
#define VALUE_FOREACH(list, it)                                                               \
    for (const struct value *it = value_items_(list), *it##_end_ = it + value_items_n_(list); \
         it != it##_end_; it++)
/* for each entry of a map: `const struct value_entry *e` */
#define VALUE_MAP_FOREACH(map, e)                                                                  \
    for (const struct value_entry *e = value_entries_(map), *e##_end_ = e + value_entries_n_(map); \
         e != e##_end_; e++)

const struct value *value_items_(const struct value *list);
size_t value_items_n_(const struct value *list);
const struct value_entry *value_entries_(const struct value *map);
size_t value_entries_n_(const struct value *map);

/* Deep equality. Maps compare without regard to order; 1 and 1.0 are equal; positions and flags do not
 * count. A NULL pointer equals only a NULL pointer. */
bool value_equal(const struct value *a, const struct value *b);
/* A total order over all values (by type, then content; maps as if sorted by key). */
int value_cmp(const struct value *a, const struct value *b);
/* Equal values have equal hashes; stable across processes and releases (used in cache keys). */
uint64_t value_hash(const struct value *v);

/* A deep copy into another arena; strings included. */
const struct value *value_copy(struct arena *arena, const struct value *v);

/* ---- struct doc: an immutable tree with its arena, shared by reference count ---- */

struct doc;

/* Takes the arena; root must live in it (or be tied to it by arena_hold()). One reference. */
struct doc *doc_new(struct arena *arena, const struct value *root);
/* A doc with a deep copy of v. */
struct doc *doc_copy_of(const struct value *v);
struct doc *doc_ref(struct doc *doc);
/* Any thread; NULL is fine; the last one frees. */
void doc_unref(struct doc *doc);
const struct value *doc_root(const struct doc *doc);
/* Bytes held. */
size_t doc_size(const struct doc *doc);
/* Keep a reference to doc until the arena is freed: results may then share its values.
 * allow(name): arenas know nothing of documents, so it stands here. */
void arena_hold(struct arena *arena, struct doc *doc);

DEFINE_CLEANUP(doc, struct doc, doc_unref);
