/* Making values: single ones, and whole trees with a stack builder.
 *
 *     AUTO(value_builder) struct value_builder b;
 *     value_builder_init(&b, arena, VALUE_DUP_LAST);
 *     value_build_map(&b);
 *     value_build_key(&b, STR("name"));
 *     value_build_str(&b, name);
 *     value_build_end(&b);
 *     const struct value *v = value_build_finish(&b);
 *
 * Children end up contiguous in the arena; the builder's own stack is on the heap and goes with
 * value_builder_done(). Not thread-safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/str.h"
#include "common/value/value.h"

/* ---- values by value: for arrays of items and entries. Strings are borrowed and must be
 *      NUL-terminated (literals, arena_str(), strings of other values). ---- */

struct value value_of_null(void);
struct value value_of_bool(bool b);
struct value value_of_int(int64_t i);
struct value value_of_float(double f);
struct value value_of_str(struct str terminated);

/* ---- values in an arena; strings are copied ---- */

const struct value *value_new_bool(struct arena *arena, bool b);
const struct value *value_new_int(struct arena *arena, int64_t i);
const struct value *value_new_float(struct arena *arena, double f);
const struct value *value_new_str(struct arena *arena, struct str s);
PRINTF(2, 3) const struct value *value_new_printf(struct arena *arena, const char *fmt, ...);
/* The array is copied, what it points to is shared. */
const struct value *value_new_list(struct arena *arena, const struct value *items, size_t n);
/* As above; of equal keys the last value stays, at the first one's place. Keys are NUL-terminated and
 * shared. */
const struct value *value_new_map(struct arena *arena, const struct value_entry *entries, size_t n);
/* Lists and maps of strings. */
const struct value *value_new_str_list(struct arena *arena, const struct str *items, size_t n);

/* ---- the stack builder ---- */

/* What to do with a key that a map has already. */
enum value_dup {
    VALUE_DUP_LAST, /* the last value stays, at the first one's place: Go's encoding/json, go-yaml v2 */
    VALUE_DUP_ERROR, /* remember the first such key: value_builder_duplicate() */
};

struct value_frame {
    size_t start; /* of its children on the stack */
    struct value container;
    struct str key; /* the container's own key in its parent */
};

struct value_builder {
    struct arena *arena; /* borrowed */
    enum value_dup dup;
    struct value_entry *stack; /* children of all open containers; keys unused in lists */
    size_t n;
    size_t cap;
    struct value_frame *frames; /* the open containers */
    size_t n_frames;
    size_t cap_frames;
    struct str key; /* for the next child of a map; p is NULL when there is none */
    struct value_entry duplicate;
};

void value_builder_init(struct value_builder *b, struct arena *arena, enum value_dup dup);
void value_builder_done(struct value_builder *b);

static inline void auto_cleanup_value_builder(struct value_builder *b)
{
    value_builder_done(b);
}

void value_build_map(struct value_builder *b);
void value_build_list(struct value_builder *b);
/* Ends the innermost map or list. */
void value_build_end(struct value_builder *b);
/* Before each child of a map. The key is copied. */
void value_build_key(struct value_builder *b, struct str key);

void value_build_null(struct value_builder *b);
void value_build_bool(struct value_builder *b, bool v);
void value_build_int(struct value_builder *b, int64_t v);
void value_build_float(struct value_builder *b, double v);
/* Copied. */
void value_build_str(struct value_builder *b, struct str s);
/* Shares what v points to; NULL is null. */
void value_build_value(struct value_builder *b, const struct value *v);

/* Key and value in one call; keys are literals or otherwise outlive the result. */
void value_build_field_str(struct value_builder *b, const char *key, struct str s);
void value_build_field_int(struct value_builder *b, const char *key, int64_t v);
void value_build_field_bool(struct value_builder *b, const char *key, bool v);
void value_build_field(struct value_builder *b, const char *key, const struct value *v);
/* As value_build_field_str(), nothing at all for an empty string (Go's omitempty). */
void value_build_field_str_opt(struct value_builder *b, const char *key, struct str s);
/* A key with a map or list that is open afterwards. */
void value_build_field_map(struct value_builder *b, const char *key);
void value_build_field_list(struct value_builder *b, const char *key);

/* The tree, in the arena; everything opened has been ended, and exactly one value was built. */
const struct value *value_build_finish(struct value_builder *b);

/* With VALUE_DUP_ERROR: the first repeated entry found in a map ended so far, or NULL. */
const struct value_entry *value_builder_duplicate(const struct value_builder *b);

/* ---- for parsers: nothing is copied, the container's position and flags are the caller's ---- */

void value_build_open(struct value_builder *b, struct value container);
void value_build_push(struct value_builder *b, struct value v);

/* The key is NUL-terminated and outlives the result. */
static inline void value_build_key_borrowed(struct value_builder *b, struct str key)
{
    b->key = key;
}
