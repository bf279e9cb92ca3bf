/* The hash of an object's content that kustomize appends to names. */
#pragma once

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct arena;
struct value;

enum { HASH_BYTES = 10 };

/* Of a ConfigMap or Secret as kustomize computes it, so that names are the same; of other kinds, where kustomize's depends
 * on how the YAML was written, of the object's JSON. ERR_INVALID: what JSON cannot hold. */
MUST_CHECK int
hash_object(struct arena *arena, const struct value *object, struct str *ret, struct err *err);
