/* Sensitive values: marking them in a tree, and hiding them. Any thread. */
#pragma once

#include <stdbool.h>

#include "common/base/arena.h"
#include "common/value/value.h"

/* v with VALUE_SENSITIVE at its root: formatters asked to mask hide it with all below it. */
const struct value *value_sensitive(struct arena *arena, const struct value *v);

/* Mark every value of the map at a path: value_mark_sensitive(arena, secret, "data"). Returns v itself
 * when there is no such map. */
#define value_mark_sensitive(arena, v, ...) \
    value_mark_sensitive_path((arena), (v), (const char *const[]){__VA_ARGS__, NULL})
const struct value *
value_mark_sensitive_path(struct arena *arena, const struct value *v, const char *const *path);

/* A tree in which each sensitive value is the string VALUE_MASK_TEXT; v itself when there is none. */
const struct value *value_masked(struct arena *arena, const struct value *v);
bool value_has_sensitive(const struct value *v);
