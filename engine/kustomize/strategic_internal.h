/* What the parts of the strategic merge share. */
#pragma once

#include <stdbool.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "common/value/value.h"
#include "engine/engine_env.h"
#include "engine/kustomize/kschema.h"

struct strategic {
    struct engine_env *env;
    const struct kschema *schema;
};

/* The two sides of one place. NULL: it has nothing there. */
struct strategic_pair {
    const struct value *object;
    const struct value *patch; /* the same as object: what the patch adds is merged with itself */
};

struct strategic_merged {
    const struct value *v; /* NULL: nothing is left */
    bool is_patch;         /* v comes from the patch, with what the object has left aside */
};

enum strategic_directive {
    STRATEGIC_MERGE,
    STRATEGIC_REPLACE,
    STRATEGIC_DELETE,
    STRATEGIC_UNKNOWN,
};

/* Missing or null. */
bool strategic_is_absent(const struct value *v);
/* The text kustomize compares: a scalar's, "null", or "" for maps, lists and nothing. */
struct str strategic_text(struct strategic *s, const struct value *v);
/* "wrong node kind: expected MappingNode but got ScalarNode" */
int strategic_wrong_kind(enum value_type want, const struct value *got, struct err *err);

MUST_CHECK int strategic_walk(struct strategic *s,
                              struct kschema_at at,
                              struct strategic_pair pair,
                              struct strategic_merged *ret,
                              struct err *err);
/* $patch of a map; *ret_rest is the map without it when the directive is known. */
enum strategic_directive
strategic_directive_of(struct strategic *s, const struct value *map, const struct value **ret_rest);

/* Lists merged by keys and by value: both are there and not null. */
MUST_CHECK int strategic_merge_keyed(struct strategic *s,
                                     struct kschema_at at,
                                     const struct kmerge_rule *rule,
                                     struct strategic_pair pair,
                                     const struct value **ret,
                                     struct err *err);
MUST_CHECK int strategic_merge_set(struct strategic *s,
                                   struct strategic_pair pair,
                                   const struct value **ret,
                                   struct err *err);
/* The same for any keys and elements, in strategic_steps.c. */
MUST_CHECK int strategic_merge_stepwise(struct strategic *s,
                                        struct kschema_at at,
                                        const struct kmerge_rule *rule,
                                        struct strategic_pair pair,
                                        const struct value **ret,
                                        struct err *err);
