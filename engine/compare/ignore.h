/* ignoreDifferences: fields that do not count when an object is compared.
 *
 * Rules come from an Application's spec and from the settings.  Applying them removes the fields from
 * a copy of the object.  Pure; any thread. */
#pragma once

#include <stddef.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/model/application_spec.h"

struct arena;
struct value;

/* Rules of several lists together, borrowed from them. */
struct ignore_rules {
    const struct app_ignore_difference **rules;
    size_t n;
};

/* Checks the rules of a list. ERR_INVALID for a JSON pointer without leading '/' or a malformed glob,
 * ERR_UNSUPPORTED for jqPathExpressions. */
MUST_CHECK int ignore_check(const struct app_ignore_differences *list, struct err *err);

/* The rules of both lists (each may be NULL) that match obj. */
struct ignore_rules ignore_rules_for(struct arena *arena,
                                     const struct app_ignore_differences *app,
                                     const struct app_ignore_differences *system,
                                     const struct value *obj);

/* obj without the fields of the rules' pointers and without what `live` (may be NULL) says their
 * managers own; obj itself when there are none. */
const struct value *ignore_apply(struct arena *arena,
                                 struct ignore_rules rules,
                                 const struct value *live,
                                 const struct value *obj);

/* For RespectIgnoreDifferences=true: target, in which every ignored field has the value of live (or is
 * missing where live has none). target itself when live is NULL. */
const struct value *ignore_restore(struct arena *arena,
                                   struct ignore_rules rules,
                                   const struct value *live,
                                   const struct value *target);
