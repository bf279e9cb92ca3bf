/* What is brought to one form on both sides before two objects are compared.
 *
 * Kind-specific rules (Secret.stringData, empty rules of a Role, Endpoints) and what never counts
 * (status, server-written metadata).  Types, defaults and quantities are canonical.h's.  Pure. */
#pragma once

#include <stdbool.h>

struct arena;
struct value;

struct normalize_opts {
    bool ignore_aggregated_roles; /* rules of roles with an aggregationRule do not count */
    bool keep_status;             /* compare status too */
};

/* opts: NULL = all defaults. obj itself when there is nothing to change; NULL gives NULL. */
const struct value *
normalize_object(struct arena *arena, const struct value *obj, const struct normalize_opts *opts);
