/* Does a live object differ from its target, and what would it become?
 *
 * As it is applied, so it is compared: by kubectl's three-way merge, by a server-side apply computed here, or by
 * the answer of the server to a dry run.  Both results are normalised: what is equal to the API server is equal
 * here.  Pure; any thread. */
#pragma once

#include <stdbool.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "engine/compare/ignore.h"
#include "engine/compare/normalize.h"
#include "engine/compare/rules.h"

struct arena;
struct value;

#define DIFF_MANAGER "argocd-controller"

enum diff_mode {
    DIFF_THREE_WAY, /* without a last-applied annotation the target stands in for it */
    DIFF_STRUCTURED,
    DIFF_SERVER_SIDE,
};

struct diff_opts {
    enum diff_mode mode;
    struct str manager;         /* that applies; empty = DIFF_MANAGER */
    const struct value *api;    /* DIFF_STRUCTURED: shape_reduce_openapi()'s document, or NULL */
    const struct value *answer; /* DIFF_SERVER_SIDE: the object the dry run gave */
    bool keep_mutations;        /* DIFF_SERVER_SIDE: what webhooks made of it is a difference */
    struct normalize_opts normalize;
    const struct app_ignore_differences *ignore;        /* of the application, or NULL */
    const struct app_ignore_differences *system_ignore; /* of the settings, or NULL */
    const struct ignore_jq *jq;                         /* or NULL: ignore.h */
    struct known_fields known;                          /* of the settings */
};

struct diff_result {
    bool modified;
    const struct value *normalized_live; /* NULL when there is no live object */
    const struct value *predicted_live;  /* after applying the target; NULL without target */
};

/* "three-way", "structured-merge", "server-side". */
const char *diff_mode_name(enum diff_mode mode);
MUST_CHECK int diff_mode_parse(struct str name, enum diff_mode *ret, struct err *err);

/* One of target and live may be NULL: a missing live object is a modification, a missing target is
 * not. opts: NULL = all defaults. Results share with the inputs.
 *
 * Errors: ERR_INVALID when the last-applied annotation is not JSON, or the answer of the dry run is missing; those of
 * jq expressions. */
MUST_CHECK int diff_objects(struct arena *arena,
                            const struct value *target,
                            const struct value *live,
                            const struct diff_opts *opts,
                            struct diff_result *ret,
                            struct err *err);
