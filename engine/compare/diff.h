/* Does a live object differ from its target, and what would it become?
 *
 * With a last-applied annotation the comparison is three-way, else the target stands in for it.  Both
 * results are normalised: what is equal to the API server is equal here.  Pure; any thread. */
#pragma once

#include <stdbool.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "engine/compare/ignore.h"
#include "engine/compare/normalize.h"

struct arena;
struct value;

struct diff_opts {
    struct normalize_opts normalize;
    const struct app_ignore_differences *ignore;        /* of the application, or NULL */
    const struct app_ignore_differences *system_ignore; /* of the settings, or NULL */
};

struct diff_result {
    bool modified;
    const struct value *normalized_live; /* NULL when there is no live object */
    const struct value *predicted_live;  /* after applying the target; NULL without target */
};

/* One of target and live may be NULL: a missing live object is a modification, a missing target is
 * not. opts: NULL = all defaults. Results share with the inputs.
 *
 * Errors: ERR_INVALID when the last-applied annotation is not JSON. */
MUST_CHECK int diff_objects(struct arena *arena,
                            const struct value *target,
                            const struct value *live,
                            const struct diff_opts *opts,
                            struct diff_result *ret,
                            struct err *err);
