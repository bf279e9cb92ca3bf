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
/* Each is bound to the one object that matches; then `more` is added to `all`. */
MUST_CHECK int vars_merge(const struct klayer *layer,
                          struct resmap *m,
                          struct vars *all,
                          struct vars more,
                          struct err *err);
MUST_CHECK int
vars_expand(const struct klayer *layer, struct resmap *m, const struct vars *vars, struct err *err);
