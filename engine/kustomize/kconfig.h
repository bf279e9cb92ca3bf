/* Transformer configuration: which fields of which kinds the transformers work on.
 *
 * Kustomize's defaults stand in tables; `configurations` and `crds` add to them for a layer and those above it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "engine/kustomize/kid.h"

struct value;

/* A field of the kinds that gvk selects. */
struct fieldspec {
    struct kgvk gvk;
    struct str path; /* steps between '/'; "\/" is a slash; "[]" after a step: it must be a list */
    bool create;
};

struct fieldspecs {
    const struct fieldspec *items;
    size_t n;
};

/* Where names of `target` objects are referred to. */
struct namereference {
    struct kgvk target;
    struct fieldspecs referrers;
};

struct namereferences {
    const struct namereference *items;
    size_t n;
};

enum kconfig_field {
    KCONFIG_NAME_PREFIX,
    KCONFIG_NAME_SUFFIX,
    KCONFIG_NAMESPACE,
    KCONFIG_COMMON_LABELS,
    KCONFIG_LABELS,
    KCONFIG_TEMPLATE_LABELS,
    KCONFIG_VOLUME_CLAIM_TEMPLATE_LABELS,
    KCONFIG_COMMON_ANNOTATIONS,
    KCONFIG_VAR_REFERENCE,
    KCONFIG_IMAGES,
    KCONFIG_REPLICAS,
    KCONFIG_FIELD_COUNT
};

/* Immutable: merging makes a new one. */
struct kconfig {
    struct fieldspecs fields[KCONFIG_FIELD_COUNT];
    struct namereferences name_references;
};

/* Kustomize's defaults. */
const struct kconfig *kconfig_default(void);
/* One document of a `configurations` file; strict. ERR_INVALID. */
MUST_CHECK int kconfig_from_value(struct arena *arena,
                                  const struct value *v,
                                  const struct kconfig **ret,
                                  struct err *err);
/* What a `crds` file implies. ERR_INVALID. */
MUST_CHECK int kconfig_from_crds(struct arena *arena,
                                 const struct value *document,
                                 const struct kconfig **ret,
                                 struct err *err);
/* ERR_INVALID: "conflicting fieldspecs". */
MUST_CHECK int kconfig_merge(struct arena *arena,
                             const struct kconfig *a,
                             const struct kconfig *b,
                             const struct kconfig **ret,
                             struct err *err);
/* The same for one list. */
MUST_CHECK int fieldspecs_merge(struct arena *arena,
                                struct fieldspecs a,
                                struct fieldspecs b,
                                struct fieldspecs *ret,
                                struct err *err);
/* A list of fieldSpecs as plugin configs have them. NULL is empty. */
MUST_CHECK int fieldspecs_from_value(struct arena *arena,
                                     const struct value *list,
                                     struct fieldspecs *ret,
                                     struct err *err);
