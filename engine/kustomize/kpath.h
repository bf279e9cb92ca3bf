/* Field paths of replacements: "spec.containers.[name=web].env.0.value", "metadata.annotations.a\.b/c", "spec.[a.b].*". */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "common/value/value.h"

struct arena;
struct engine_env;

struct kpath {
    const struct str *steps;
    size_t n;
};

/* At `separator`, which a backslash escapes; brackets hold a step with separators together. */
struct kpath kpath_split(struct arena *arena, struct str path, char separator);
/* The first n steps, or those after them. */
struct kpath kpath_head(struct kpath path, size_t n);
struct kpath kpath_tail(struct kpath path, size_t n);

/* The one value at the path, NULL when there is none: [key=value] is the first element with that text. ERR_INVALID: a
 * step that does not fit what is there. */
MUST_CHECK int kpath_get(struct engine_env *env,
                         const struct value *v,
                         struct kpath path,
                         const struct value **ret,
                         struct err *err);

enum kpath_match {
    KPATH_REGEX, /* [key=value]: all elements whose text the expression matches */
    KPATH_EXACT, /* the first that has the text */
};

struct kpath_edit {
    struct engine_env *env;
    enum kpath_match match;
    bool create;             /* what is missing on the way, and at its end: */
    enum value_type created; /* VALUE_MAP, VALUE_LIST, or a scalar */
    /* The new value of a leaf; kpath_is_created() for a scalar that was just made. */
    int (*set)(const struct kpath_edit *edit,
               const struct value *leaf,
               const struct value **ret,
               struct err *err);
    const void *data;
};

extern const struct value KPATH_CREATED;
bool kpath_is_created(const struct value *leaf);

/* Every leaf of the path replaced, *ret_n of them. A path that goes on below a scalar is looked up in the text of that,
 * which stays as it is: that is for callers. ERR_INVALID, ERR_LIMIT. */
MUST_CHECK int kpath_edit(const struct kpath_edit *edit,
                          const struct value *v,
                          struct kpath path,
                          const struct value **ret,
                          size_t *ret_n,
                          struct err *err);
