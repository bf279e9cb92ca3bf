/* Generators, transformers and validators that are named with a config of their own: kustomize's built-in ones. */
#pragma once

#include "common/base/err.h"
#include "common/base/macro.h"

struct klayer;
struct kres;
struct resmap;

/* What the config generates, into an empty map. ERR_INVALID (not a generator, its config), ERR_UNSUPPORTED (not built in). */
MUST_CHECK int plugins_generate(const struct klayer *layer,
                                const struct kres *config,
                                struct resmap *m,
                                struct err *err);
/* As above for a transformer on all of m. */
MUST_CHECK int plugins_transform(const struct klayer *layer,
                                 const struct kres *config,
                                 struct resmap *m,
                                 struct err *err);
