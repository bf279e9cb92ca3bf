/* What kubectl checks of an object before it sends it to an API server that would take unknown fields without a
 * word, as those before Kubernetes 1.25 do: fields and types by the cluster's OpenAPI v2 document, in kubectl's
 * words.  Pure. */
#pragma once

#include "common/base/str.h"

struct arena;
struct value;

/* "" = nothing is wrong, or the document does not describe the kind; else "error validating data: ValidationError(
 * Deployment.spec): unknown field ...", in the arena.
 *
 * api  a document of shape_reduce_openapi() with SHAPE_KEEP_TYPES.
 *
 * Of more than LIMIT_VALIDATION_PROBLEMS the first are told. */
struct str validate_object(struct arena *arena, const struct value *api, const struct value *obj);
