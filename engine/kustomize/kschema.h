/* struct kschema: what kustomize knows of kinds: whether they are cluster-scoped, and which of their lists are merged.
 *
 * The built-in part is kustomize's own snapshot of the OpenAPI of Kubernetes 1.21 (not Kubernetes' present facts, which
 * engine/merge/schema.h has); a schema of `openapi.path` replaces it. Pure; immutable once made. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "engine/kustomize/kid.h"

struct kschema;
struct value;

/* The built-in one. */
const struct kschema *kschema_builtin(void);
/* From an OpenAPI document with definitions, as `openapi.path` names it. The document is borrowed.
 * ERR_INVALID. */
MUST_CHECK int kschema_from_openapi(struct arena *arena,
                                    const struct value *document,
                                    const struct kschema **ret,
                                    struct err *err);

enum kscope {
    KSCOPE_UNKNOWN, /* counts as namespaced */
    KSCOPE_NAMESPACED,
    KSCOPE_CLUSTER,
};

enum kscope kschema_scope(const struct kschema *schema, const struct kgvk *gvk);

/* A place in the schema of one kind, by value. */
struct kschema_at {
    const struct kschema *schema;
    const void *place; /* NULL: nothing is known here and below */
};

/* The root of a kind. */
struct kschema_at kschema_kind(const struct kschema *schema, const struct kgvk *gvk);
/* A field of a map (also of a free-form map, where every key has one type). */
struct kschema_at kschema_field(struct kschema_at at, struct str name);
/* The items of a list. */
struct kschema_at kschema_items(struct kschema_at at);

enum kmerge {
    KMERGE_REPLACE, /* the default */
    KMERGE_KEYS,    /* list of maps, by kmerge_keys */
    KMERGE_SET,     /* list of scalars, by value */
};

enum { KMERGE_KEYS_MAX = 6 };

struct kmerge_rule {
    enum kmerge merge;
    struct str keys[KMERGE_KEYS_MAX];
    size_t n_keys;
};

/* How the list at this place is merged. */
struct kmerge_rule kschema_merge_rule(struct kschema_at at);
