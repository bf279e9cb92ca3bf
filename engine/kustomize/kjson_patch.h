/* JSON patches as kustomize applies them: with evanphx/json-patch v4, which takes more than RFC 6902 has. Negative
 * positions count from the end, `replace` makes a key that is missing, `copy` and `add` of nothing give null. */
#pragma once

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct engine_env;
struct value;

/* A list of operations, in JSON when it begins with '[', else in YAML (its first document). ERR_INVALID. */
MUST_CHECK int kjson_patch_parse(struct engine_env *env,
                                 struct str text,
                                 const struct value **ret,
                                 struct err *err);
/* Results share what did not change. ERR_INVALID in the words of that library; ERR_LIMIT. */
MUST_CHECK int kjson_patch_apply(struct engine_env *env,
                                 const struct value *object,
                                 const struct value *patch,
                                 const struct value **ret,
                                 struct err *err);
