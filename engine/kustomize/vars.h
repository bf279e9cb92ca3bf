/* Variables (deprecated by kustomize): $(NAME) in known fields becomes a field of another object. */
#pragma once

#include <stddef.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "engine/kustomize/kid.h"

struct klayer;
struct kres;
struct resmap;
struct value;

struct var {
    struct str name;
    struct kid object;     /* gvk parts may be empty */
    struct str field_path; /* "" = metadata.name */
    struct kres *bound;    /* by vars_bind() */
};

struct vars {
    struct var *items;
    size_t n;
};

/* `vars` of a kustomization. */
MUST_CHECK int vars_from_value(const struct klayer *layer,
                               const struct value *list,
                               struct vars *ret,
                               struct err *err);
/* Of the layer's own vars each is bound to the one object that matches; then they are added to `all`. ERR_INVALID: several
 * objects match, or a var of the name is there already. */
MUST_CHECK int vars_merge(const struct klayer *layer,
                          struct resmap *m,
                          struct vars *all,
                          struct vars more,
                          struct err *err);
/* Those of a base are added as they are. */
MUST_CHECK int
vars_add(const struct klayer *layer, struct vars *all, struct vars more, struct err *err);
/* $(NAME) becomes the value in the fields of the layer's varReference. ERR_INVALID: a var is bound to nothing, or to
 * an object without the field. */
MUST_CHECK int
vars_expand(const struct klayer *layer, struct resmap *m, const struct vars *vars, struct err *err);
