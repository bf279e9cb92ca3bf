/* Applying a function to the fields that fieldspecs name. */
#pragma once

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "engine/kustomize/kconfig.h"

struct engine_env;
struct kbuild;
struct kres;
struct value;

enum fieldspec_create {
    FIELDSPEC_CREATE_NONE, /* whatever the spec says */
    FIELDSPEC_CREATE_SCALAR,
    FIELDSPEC_CREATE_MAP,
    FIELDSPEC_CREATE_LIST,
};

struct fieldspec_visit {
    struct engine_env *env;
    enum fieldspec_create create; /* what a missing leaf becomes where the spec has create */
    /* The new value of a leaf that exists (or was just created: null for a scalar, else an empty container);
     * *ret = leaf leaves it. */
    int (*set)(const struct fieldspec_visit *visit,
               const struct value *leaf,
               const struct value **ret,
               struct err *err);
    const void *data;
    uint32_t token;  /* of the run of edits; 0: objects are copied by every edit */
    struct str file; /* for positions in messages; "" = unknown; fieldspecs_apply() fills it in */
};

/* The object with every field that the spec's path reaches replaced; *ret == object when nothing changed, or when the token allows to
 * change it in place. The spec's gvk is not looked at. Errors name the path: ERR_INVALID. */
MUST_CHECK int fieldspec_apply(const struct fieldspec_visit *visit,
                               const struct fieldspec *spec,
                               const struct value *object,
                               const struct value **ret,
                               struct err *err);
/* For every spec whose gvk selects the resource's present one; the resource is changed. */
MUST_CHECK int fieldspecs_apply(const struct fieldspec_visit *visit,
                                struct fieldspecs specs,
                                struct kres *res,
                                struct err *err);

/* ---- for set functions ---- */

/* What a message calls the leaf that should have been `wanted` ("ScalarNode"). */
int fieldspec_wrong_kind(const struct fieldspec_visit *visit,
                         const struct value *leaf,
                         const char *wanted,
                         struct err *err);
/* A scalar or null becomes `scalar`. ERR_INVALID: it is a list or map. */
MUST_CHECK int fieldspec_set_scalar(const struct fieldspec_visit *visit,
                                    const struct value *leaf,
                                    const struct value *scalar,
                                    const struct value **ret,
                                    struct err *err);
/* Only the text of a scalar is replaced: as in kustomize, one that was not quoted is then whatever YAML makes of the
 * text. */
MUST_CHECK int fieldspec_set_text(const struct fieldspec_visit *visit,
                                  const struct value *leaf,
                                  struct str text,
                                  const struct value **ret,
                                  struct err *err);
