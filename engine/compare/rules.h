/* struct compare_rules: what argocd-cm says about comparing, watching and refreshing, as it was at one time.
 *
 * resource.customizations.{ignoreDifferences,ignoreResourceUpdates,knownTypeFields}.<group>_<Kind> and the map of all
 * kinds older versions have, resource.compareoptions, resource.exclusions, resource.inclusions and what belongs to
 * them. Immutable and counted; any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/cleanup.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "common/model/application_spec.h"

struct compare_rules;
struct value;

/* resource.respectRBAC */
enum compare_rbac {
    COMPARE_RBAC_OFF,    /* a list that is refused is an error of the cluster */
    COMPARE_RBAC_NORMAL, /* ... a kind that is not watched */
    COMPARE_RBAC_STRICT, /* ... and rights are asked for first */
};

/* From the data of argocd-cm, which is copied; NULL gives the defaults.
 * Errors: ERR_INVALID naming the key. */
MUST_CHECK int
compare_rules_new(const struct value *data, struct compare_rules **ret, struct err *err);
/* NULL is fine. */
struct compare_rules *compare_rules_ref(struct compare_rules *rules);
void compare_rules_unref(struct compare_rules *rules);
DEFINE_CLEANUP(compare_rules, struct compare_rules, compare_rules_unref);
/* They were made of the same text. NULL is as the defaults. */
bool compare_rules_same(const struct compare_rules *a, const struct compare_rules *b);

/* ---- comparing; rules may be NULL everywhere ---- */

/* What is ignored for all applications; may be empty, never NULL. */
const struct app_ignore_differences *compare_rules_ignore(const struct compare_rules *rules);
/* resource.compareoptions: status of the kind is compared. */
bool compare_rules_keep_status(const struct compare_rules *rules,
                               struct str group,
                               struct str kind);
bool compare_rules_ignore_aggregated(const struct compare_rules *rules);

/* Fields of a custom resource that are of a type of Kubernetes' own. */
struct known_field {
    struct str group;
    struct str kind;
    struct str path; /* "spec.template.spec": steps go into every item of a list */
    struct str type; /* "core/v1/PodSpec" */
};
struct known_fields {
    const struct known_field *items;
    size_t n;
};
struct known_fields compare_rules_known(const struct compare_rules *rules);

/* ---- watching ---- */

/* The kind is not watched on that cluster: by resource.exclusions and inclusions, and those that never are. */
bool compare_rules_excluded(const struct compare_rules *rules,
                            struct str group,
                            struct str kind,
                            struct str server);
enum compare_rbac compare_rules_rbac(const struct compare_rules *rules);

/* ---- refreshing ---- */

/* Changes in these fields alone refresh nothing; NULL when that is turned off. */
const struct app_ignore_differences *compare_rules_updates(const struct compare_rules *rules);
/* Keys of annotations whose values are masked. */
struct app_strs compare_rules_masked(const struct compare_rules *rules);
