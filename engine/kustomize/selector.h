/* struct selector: the `target` of patches, and `select` and `reject` of replacements. */
#pragma once

#include <stdbool.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "engine/kustomize/kid.h"
#include "engine/kustomize/resmap.h"

struct engine_env;
struct kres;
struct kschema;

struct selector {
    struct kid id; /* each part a regular expression, anchored; "" = any */
    struct str label_selector;
    struct str annotation_selector;
};

/* Compiled once, matched often. */
struct selector_match;

/* ERR_INVALID: an expression or a label selector that cannot be read. Lives in env->arena; matching charges the budget. */
MUST_CHECK int selector_compile(struct engine_env *env,
                                const struct selector *selector,
                                struct selector_match **ret,
                                struct err *err);
/* As `target` of patches selects: kind, group and version of now, name and effective namespace of now or of the beginning;
 * labels and annotations. In the order of the map; emptied ones are left out. */
MUST_CHECK int selector_select(struct selector_match *match,
                               const struct kschema *schema,
                               struct resmap *m,
                               struct kres_list *ret,
                               struct err *err);
/* As `select` of replacements does: any identity, of now or earlier; labels and annotations. */
MUST_CHECK int selector_select_any(struct selector_match *match,
                                   const struct kschema *schema,
                                   struct resmap *m,
                                   struct kres_list *ret,
                                   struct err *err);
/* Whether the labels and annotations of the object fulfil it. */
bool selector_matches_labels(const struct selector_match *match, const struct kres *res);
/* Whether any identity fulfils it, of now or earlier. Returns 1, 0 or an error. */
MUST_CHECK int selector_matches_id(struct selector_match *match,
                                   const struct kschema *schema,
                                   const struct kres *res,
                                   struct err *err);
