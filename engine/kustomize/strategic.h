/* Strategic merge patches as kustomize applies them, which is not quite what kubectl does: lists are merged with
 * the patch's elements first, $retainKeys, $setElementOrder and $deleteFromPrimitiveList are fields like others, and
 * all of the object is visited, so that duplicates in merged lists go. */
#pragma once

#include "common/base/err.h"
#include "common/base/macro.h"

struct engine_env;
struct kschema;
struct value;

/* *ret is NULL when the patch deletes the object. Results share what did not change with the inputs. ERR_INVALID with
 * the patch's position: different kinds of values, an unknown $patch. ERR_LIMIT. Cost: the object and the patch; for
 * lists with several keys, or with elements that lack theirs, their length squared. */
MUST_CHECK int strategic_merge(struct engine_env *env,
                               const struct kschema *schema,
                               const struct value *object,
                               const struct value *patch,
                               const struct value **ret,
                               struct err *err);
