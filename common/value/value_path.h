/* Addresses inside trees: JSON Pointer (RFC 6901) and dotted paths. Trees are immutable: what changes
 * them returns a new tree that shares the rest (see value_edit.h). Any thread. */
#pragma once

#include <stddef.h>

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "common/value/value.h"

/* The value at a pointer ("" = v itself), or NULL when there is none or the pointer is malformed. */
const struct value *value_pointer_get(const struct value *v, struct str pointer);
/* As above with a reason. ERR_INVALID: malformed; ERR_NOT_FOUND names the step that is missing. */
MUST_CHECK int value_pointer_find(const struct value *v,
                                  struct str pointer,
                                  const struct value **ret,
                                  struct err *err);

enum value_pointer_mode {
    VALUE_POINTER_ADD,     /* a map key is set; a list grows, "-" = at its end */
    VALUE_POINTER_REPLACE, /* the target must exist */
    VALUE_POINTER_CREATE,  /* as ADD, and maps missing on the way are made */
};

/* item goes to where the pointer says; it is shared, not copied. ERR_INVALID, ERR_NOT_FOUND. */
MUST_CHECK int value_pointer_set(struct arena *arena,
                                 const struct value *v,
                                 struct str pointer,
                                 enum value_pointer_mode mode,
                                 const struct value *item,
                                 const struct value **ret,
                                 struct err *err);
/* The target must exist; the whole document ("") cannot be removed. */
MUST_CHECK int value_pointer_remove(struct arena *arena,
                                    const struct value *v,
                                    struct str pointer,
                                    const struct value **ret,
                                    struct err *err);

/* Append one step with its '/' and escapes. */
struct buf;
void value_pointer_put(struct buf *b, struct str step);

/* "spec.template.metadata": map keys and list positions between dots; a dot in a key is written "\.".
 * NULL when missing. */
const struct value *value_dotted_get(const struct value *v, struct str path);
