/* ignoreDifferences: fields that do not count when an object is compared.
 *
 * Rules come from an Application's spec and from the settings.  Applying them removes the fields from
 * a copy of the object.  Pure; any thread. */
#pragma once

#include <stddef.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct arena;
struct value;

struct ignore_rule {
    struct str group; /* glob; empty = the core group */
    struct str kind;  /* glob */
    struct str name;  /* empty = any */
    struct str namespace;
    const struct str *pointers; /* RFC 6901 */
    size_t n_pointers;
    const struct str *managers; /* fields these own in metadata.managedFields */
    size_t n_managers;
};

struct ignore_rules {
    const struct ignore_rule *rules;
    size_t n;
};

/* From the value of spec.ignoreDifferences; NULL and null give no rules. The slices borrow from it.
 *
 * Errors: ERR_INVALID for a pointer without leading '/', ERR_UNSUPPORTED for jqPathExpressions. */
MUST_CHECK int ignore_rules_parse(struct arena *arena,
                                  const struct value *list,
                                  struct ignore_rules *ret,
                                  struct err *err);

/* The rules that match an object with this identity. */
struct ignore_rules
ignore_rules_for(struct arena *arena, const struct ignore_rules *rules, const struct value *obj);

/* obj without the fields of the rules' pointers and without what `live` says their managers own; obj
 * itself when there are none. The rules are those of ignore_rules_for(). */
const struct value *ignore_apply(struct arena *arena,
                                 const struct ignore_rules *rules,
                                 const struct value *live,
                                 const struct value *obj);

/* For RespectIgnoreDifferences=true: target, in which every ignored field has the live value (or is
 * missing where live has none). target itself when there is no live object. */
const struct value *ignore_restore(struct arena *arena,
                                   const struct ignore_rules *rules,
                                   const struct value *live,
                                   const struct value *target);
