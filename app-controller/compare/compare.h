/* Comparison of an Application: what is wanted, what is there, and how they differ.
 *
 * Targets and live objects are paired by group, kind, namespace and name, each pair is compared and
 * classified, and the application's sync status follows.  Pure: the caller brings rendered targets,
 * candidates from its live cache, and what it knows about the cluster.  Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "app-controller/compare/tracking.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "common/kube/kube_object.h"
#include "common/model/application_spec.h"
#include "common/model/conditions.h"
#include "common/model/status.h"
#include "engine/compare/diff.h"

struct arena;
struct value;

enum compare_scope {
    COMPARE_SCOPE_UNKNOWN, /* the cluster does not know the kind (yet) */
    COMPARE_SCOPE_CLUSTER,
    COMPARE_SCOPE_NAMESPACED,
};

/* What the comparison asks about cluster and project. Called on the caller's thread during
 * compare_app(); `data` is passed through. Each may be NULL: unknown scope, nothing excluded, all
 * permitted, compared by three-way merge. */
struct compare_env {
    enum compare_scope (*scope)(void *data, struct str group, struct str kind);
    bool (*excluded)(void *data, struct str group, struct str kind);
    /* the project permits managing this object; a live one it does not permit is not seen */
    bool (*permitted)(void *data, struct kube_key key, enum compare_scope scope);
    /* the project permits objects of this kind (and name), wherever they are */
    bool (*kind_permitted)(void *data, struct kube_key key, enum compare_scope scope);
    /* How a pair is compared: fills *opts, which has the rules of what is ignored already, and may give *live in
     * another version. An error is that of the one object. */
    int (*how)(void *data,
               const struct value *target,
               const struct value **live,
               struct diff_opts *opts,
               struct err *err);
    const struct ignore_jq *jq; /* NULL = only plain paths of jq */
    void *data;
};

struct compare_input {
    struct str instance; /* app_instance_name() of the Application */
    struct str app_name;
    struct str app_namespace;
    struct str destination_namespace;
    const struct tracking *tracking;
    const struct compare_env *env;

    const struct value *const *targets; /* rendered objects, in the order of the sources */
    size_t n_targets;
    /* Live objects whose tracking names the instance, and those with the key of a target. Others may
     * be among them; they are left out. */
    const struct value *const *lives;
    size_t n_lives;

    const struct app_ignore_differences *ignore_differences;        /* of the spec, or NULL */
    const struct app_ignore_differences *system_ignore_differences; /* of the settings, or NULL */
    bool confirm_deletions; /* sync option Prune=confirm or Delete=confirm of the application */
    bool namespace_meta_changed; /* managedNamespaceMetadata differs from what was synced */
};

struct compare_resource {
    struct kube_key key;
    struct str version;
    const struct value *target; /* with namespace and tracking metadata; NULL = left the source */
    const struct value *live;   /* NULL = missing; in the target's version */
    const struct value *seen;   /* the live object as it was given */
    const struct value *respected; /* target with the live values of what is ignored */
    const struct value *normalized_live;
    const struct value *predicted_live;
    enum sync_status status; /* NONE: hook, skipped, or not self-referenced */
    bool modified;           /* live differs from target; true for a missing live object */
    bool hook;
    bool skipped; /* hook annotation Skip, or a Helm hook that is never run */
    bool self_reference;
    bool requires_pruning;
    bool requires_deletion_confirmation;
    bool self; /* the Application object itself */
    int wave;
    struct str error; /* why it could not be compared; empty = fine */
};

/* The condition types a comparison evaluates, for conditions_merge(); ComparisonError for objects that
 * could not be compared and InvalidSpecError for those without a namespace, beside what the caller adds of these
 * types. */
#define COMPARE_CONDITIONS                                                                     \
    (CONDITION_BIT(CONDITION_COMPARISON_ERROR) | CONDITION_BIT(CONDITION_INVALID_SPEC_ERROR) | \
     CONDITION_BIT(CONDITION_SHARED_RESOURCE_WARNING) |                                        \
     CONDITION_BIT(CONDITION_REPEATED_RESOURCE_WARNING) |                                      \
     CONDITION_BIT(CONDITION_EXCLUDED_RESOURCE_WARNING))

struct compare_result {
    enum sync_status status;
    struct compare_resource
        *resources; /* by key; hooks that have no live object are not among them */
    size_t n_resources;
    const struct value **hooks; /* targets that are hooks of a sync, in source order */
    size_t n_hooks;
    const struct value **delete_hooks; /* targets that are only PreDelete or PostDelete hooks */
    size_t n_delete_hooks;
    bool has_pre_delete_hooks;
    bool has_post_delete_hooks;
    struct conditions conditions; /* warnings of the types COMPARE_CONDITIONS; without times */
};

/* Everything in *ret lives in the arena or is shared with the input.
 *
 * Errors: ERR_INVALID for targets that are no Kubernetes objects or ignore rules that cannot be
 * understood; ERR_LIMIT above LIMIT_APP_OBJECTS targets. What concerns one object alone is in its
 * `error`. */
MUST_CHECK int compare_app(struct arena *arena,
                           const struct compare_input *in,
                           struct compare_result *ret,
                           struct err *err);

/* NULL when missing. */
const struct compare_resource *compare_find(const struct compare_result *result,
                                            struct kube_key key);
