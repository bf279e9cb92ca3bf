/* Accumulating a kustomization: its resources and bases, and on all of them its generators, components and transformers. */
#pragma once

#include "common/base/err.h"
#include "common/base/macro.h"
#include "engine/kustomize/kbuild.h"
#include "engine/kustomize/kload.h"
#include "engine/kustomize/kustomization.h"
#include "engine/kustomize/vars.h"

struct kconfig;
struct resmap;

/* What comes of a kustomization, and travels up to the one that names it. */
struct accumulator {
    struct resmap *resources;
    const struct kconfig *config;
    struct vars vars;
};

/* One kustomization of a build. Stays where it is: layer and loads of bases point into it. */
struct accumulate_target {
    struct kload load;
    struct kustomization k;
    struct klayer layer;
};

/* layer->load is &target->load; layer->config is set here. */
void accumulate_target_init(struct accumulate_target *target,
                            struct kbuild *build,
                            struct str parent_namespace,
                            const struct korigin *origin);

void accumulator_init(struct accumulator *acc, struct kbuild *build);
/* Into acc: an empty one, or for a component that of its parent. ERR_UNAVAILABLE comes after all that is known to be needed
 * was asked of env->remote. */
MUST_CHECK int
accumulate_target(struct accumulate_target *target, struct accumulator *acc, struct err *err);
/* The schema that the kustomization asks for, unless one is set. */
MUST_CHECK int accumulate_openapi(struct kbuild *build,
                                  const struct kload *load,
                                  const struct kustomization *k,
                                  struct err *err);
