/* ignoreDifferences: fields that do not count when an object is compared.
 *
 * Rules come from an Application's spec and from the settings.  Applying them removes the fields from
 * a copy of the object.  Pure; any thread. */
#pragma once

#include <stddef.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "common/model/application_spec.h"

struct arena;
struct value;

/* Rules of several lists together, borrowed from them. */
struct ignore_rules {
    const struct app_ignore_difference **rules;
    size_t n;
};

/* Runs a jq expression: the paths of the places it names in obj, as jq's [path(expression)]. ERR_INVALID when it is no
 * jq, ERR_TIMEOUT, ERR_LIMIT; no paths where jq refuses to look into obj. */
struct ignore_jq {
    int (*paths)(void *data,
                 struct arena *arena,
                 const struct value *obj,
                 struct str expression,
                 const struct value **ret,
                 struct err *err);
    void *data;
};

/* Checks the rules of a list. ERR_INVALID for a JSON pointer without leading '/' or a malformed glob. */
MUST_CHECK int ignore_check(const struct app_ignore_differences *list, struct err *err);

/* The rules of both lists (each may be NULL) that match obj. */
struct ignore_rules ignore_rules_for(struct arena *arena,
                                     const struct app_ignore_differences *app,
                                     const struct app_ignore_differences *system,
                                     const struct value *obj);

/* obj without the fields of the rules' pointers and expressions and without what `live` (may be NULL) says their
 * managers own; obj itself when there are none.
 *
 * jq: for expressions that are no plain paths; NULL makes those ERR_UNSUPPORTED. */
MUST_CHECK int ignore_apply(struct arena *arena,
                            struct ignore_rules rules,
                            const struct ignore_jq *jq,
                            const struct value *live,
                            const struct value *obj,
                            const struct value **ret,
                            struct err *err);

/* For RespectIgnoreDifferences=true: target, in which every ignored field has the value of live (or is
 * missing where live has none). target itself when live is NULL. */
MUST_CHECK int ignore_restore(struct arena *arena,
                              struct ignore_rules rules,
                              const struct ignore_jq *jq,
                              const struct value *live,
                              const struct value *target,
                              const struct value **ret,
                              struct err *err);
