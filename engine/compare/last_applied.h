/* kubectl.kubernetes.io/last-applied-configuration: what was applied last, kept on the object itself, so
 * that fields removed from the source can be removed from the cluster.  Pure. */
#pragma once

#include <stdbool.h>

#include "common/base/err.h"
#include "common/base/macro.h"

struct arena;
struct value;

#define LAST_APPLIED_ANNOTATION "kubectl.kubernetes.io/last-applied-configuration"

/* What the annotation of a live object says; NULL in *ret when there is none. ERR_INVALID when it is not
 * a JSON object. */
MUST_CHECK int last_applied_of(struct arena *arena,
                               const struct value *live,
                               const struct value **ret,
                               struct err *err);

/* target with the annotation that describes it, as kubectl apply writes it. ERR_LIMIT when it would
 * be larger than Kubernetes allows annotations to be (256 KiB): such objects need
 * ServerSideApply=true. */
MUST_CHECK int last_applied_set(struct arena *arena,
                                const struct value *target,
                                const struct value **ret,
                                struct err *err);
