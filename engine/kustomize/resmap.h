/* struct resmap: the ordered objects of a build, each id once, found by id in constant time. */
#pragma once

#include <stddef.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "engine/kustomize/kres.h"

struct engine_env;
struct kschema;
struct resmap;

/* All in env->arena. Not a resource twice, nor one in two maps at a time. */
struct resmap *resmap_new(struct engine_env *env, const struct kschema *schema);

size_t resmap_len(const struct resmap *m);
struct kres *resmap_at(const struct resmap *m, size_t i);
#define RESMAP_FOREACH(m, res)                                                                     \
    for (size_t res##_i_ = 0; res##_i_ < resmap_len(m); res##_i_++)                                \
        for (struct kres *res = resmap_at((m), res##_i_), *res##_once_ = res; res##_once_ != NULL; \
             res##_once_ = NULL)

/* At the end. ERR_EXISTS-like errors are ERR_INVALID: "may not add resource with an already registered id: ID". */
MUST_CHECK int resmap_append(struct resmap *m, struct kres *res, struct err *err);
MUST_CHECK int resmap_append_all(struct resmap *m, const struct resmap *from, struct err *err);
/* What generators made: create, merge into or replace what is there, by each one's behavior. */
MUST_CHECK int resmap_absorb(struct resmap *m, const struct resmap *generated, struct err *err);
/* The objects that kres_set() emptied go. */
void resmap_drop_empty(struct resmap *m);
/* Keeps those for which keep() says so. */
void resmap_filter(struct resmap *m, bool (*keep)(const struct kres *res, void *data), void *data);
/* A new order; items is a permutation of the present ones. */
void resmap_reorder(struct resmap *m, struct kres *const *items);
/* Objects and lists are copied, so that changes of one do not show in the other. */
struct resmap *resmap_copy(const struct resmap *m);
/* Scopes of kinds are now those of another schema. */
void resmap_set_schema(struct resmap *m, const struct kschema *schema);
/* ERR_INVALID when two objects have one present id (after names or namespaces changed). */
MUST_CHECK int resmap_check_unique(const struct resmap *m, struct err *err);

struct kres_list {
    struct kres *const *items; /* in the order of the map */
    size_t n;
};

/* By present id. */
struct kres *resmap_find(const struct resmap *m, const struct kid *id);
/* All whose present or an earlier id is this one. Valid until an id changes. */
struct kres_list resmap_match_any(struct resmap *m, const struct kid *id);
/* All that have this name now or had it earlier. Valid until an id changes. */
struct kres_list resmap_match_name(struct resmap *m, struct str name);

/* Called by kres_set() when the name or namespace changed: it can be found by the new one, too. */
void resmap_renamed(struct resmap *m, struct kres *res);
/* The same when the group, version or kind changed, with which the scope of all its ids may. */
void resmap_retyped(struct resmap *m, struct kres *res);
