/* The generators and transformers that the fields of a kustomization stand for, in kustomize's order. */
#pragma once

#include "common/base/err.h"
#include "common/base/macro.h"

struct klayer;
struct kustomization;
struct resmap;

/* configMapGenerator, secretGenerator, helmCharts: each is absorbed by m. */
MUST_CHECK int field_plugins_generate(const struct klayer *layer,
                                      const struct kustomization *k,
                                      struct resmap *m,
                                      struct err *err);
/* All that changes objects. layer->config has the fields. */
MUST_CHECK int field_plugins_transform(const struct klayer *layer,
                                       const struct kustomization *k,
                                       struct resmap *m,
                                       struct err *err);
