/* The transformers: one function and one config each. Fields of a kustomization and built-in plugin configs both
 * become these structs; what a config does not say has the zero value.
 *
 * All change the resources of m in place; errors are ERR_INVALID unless stated, with the field or file. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "common/value/value_decode.h"
#include "engine/kustomize/kconfig.h"
#include "engine/kustomize/kres.h"
#include "engine/kustomize/selector.h"

struct klayer;
struct ksort;
struct resmap;
struct value;

/* ---- names, namespaces ---- */

enum subject_mode { /* setRoleBindingSubjects */
                    SUBJECTS_DEFAULT_ONLY,
                    SUBJECTS_ALL_SERVICE_ACCOUNTS,
                    SUBJECTS_NONE,
};

struct namespace_config {
    struct str namespace;
    struct fieldspecs fields;
    bool unset_only;
    enum subject_mode subjects;
};
MUST_CHECK int transform_namespace(const struct klayer *layer,
                                   struct resmap *m,
                                   const struct namespace_config *config,
                                   struct err *err);
/* The same for one object, whose earlier identities are left as they are. */
MUST_CHECK int transform_namespace_of(const struct klayer *layer,
                                      struct kres *res,
                                      const struct namespace_config *config,
                                      struct err *err);

struct affix_config {
    struct str affix; /* prefix or suffix */
    struct fieldspecs fields;
};
MUST_CHECK int transform_prefix(const struct klayer *layer,
                                struct resmap *m,
                                const struct affix_config *config,
                                struct err *err);
MUST_CHECK int transform_suffix(const struct klayer *layer,
                                struct resmap *m,
                                const struct affix_config *config,
                                struct err *err);

/* ---- labels, annotations, replicas, images ---- */

struct pairs_config {
    struct value_str_pairs pairs;
    struct fieldspecs fields;
};
MUST_CHECK int transform_labels(const struct klayer *layer,
                                struct resmap *m,
                                const struct pairs_config *config,
                                struct err *err);
MUST_CHECK int transform_annotations(const struct klayer *layer,
                                     struct resmap *m,
                                     const struct pairs_config *config,
                                     struct err *err);

struct replicas_config {
    struct str name;
    int64_t count;
    struct fieldspecs fields;
};
MUST_CHECK int transform_replicas(const struct klayer *layer,
                                  struct resmap *m,
                                  const struct replicas_config *config,
                                  struct err *err);

struct image_config {
    struct str name;
    struct str new_name;
    struct str new_tag;
    struct str digest;
    struct str tag_suffix;
    struct fieldspecs fields;
};
MUST_CHECK int transform_images(const struct klayer *layer,
                                struct resmap *m,
                                const struct image_config *config,
                                struct err *err);

/* ---- patches ---- */

struct patch_config {
    struct str path;  /* of a file, or "" */
    struct str patch; /* the text itself, or "" */
    bool has_target;
    struct selector target;
    bool allow_name_change;
    bool allow_kind_change;
};
MUST_CHECK int transform_patch(const struct klayer *layer,
                               struct resmap *m,
                               const struct patch_config *config,
                               struct err *err);

struct patch_json6902_config {
    struct str path;
    struct str json_op;
    struct selector target; /* the name is needed */
};
MUST_CHECK int transform_patch_json6902(const struct klayer *layer,
                                        struct resmap *m,
                                        const struct patch_json6902_config *config,
                                        struct err *err);

struct patch_strategic_config {
    const struct str *paths; /* each a file, or the document itself */
    size_t n_paths;
    struct str patches; /* documents */
};
MUST_CHECK int transform_patch_strategic(const struct klayer *layer,
                                         struct resmap *m,
                                         const struct patch_strategic_config *config,
                                         struct err *err);

/* ---- replacements, values ---- */

/* A list of replacements, or of {path}; as `replacements` of a kustomization. */
MUST_CHECK int transform_replacements(const struct klayer *layer,
                                      struct resmap *m,
                                      const struct value *replacements,
                                      struct err *err);
/* The config of a ValueAddTransformer. */
MUST_CHECK int transform_value_add(const struct klayer *layer,
                                   struct resmap *m,
                                   const struct value *config,
                                   struct err *err);

/* ---- at the very end of a build ---- */

/* The order of the output; what sort does not say is legacy's. */
MUST_CHECK int transform_order(const struct klayer *layer,
                               struct resmap *m,
                               const struct ksort *sort,
                               struct err *err);

/* Content hashes on the names of those that need one (needs_hash). */
MUST_CHECK int transform_hash(const struct klayer *layer, struct resmap *m, struct err *err);
/* Names in other objects follow. */
MUST_CHECK int transform_references(const struct klayer *layer, struct resmap *m, struct err *err);
