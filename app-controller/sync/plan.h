/* The plan of a sync: tasks in order, as plain data.
 *
 * Built anew from the newest comparison before each step; what was done already comes in as results of
 * the operation, so that a plan needs no memory and a restart goes on where it was.  Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app-controller/compare/compare.h"
#include "app-controller/sync/options.h"
#include "common/base/str.h"
#include "common/model/application_spec.h"
#include "common/model/application_status.h"
#include "common/model/status.h"
#include "engine/health/health_override.h"

struct arena;
struct value;

struct plan_task {
    struct kube_key key;
    struct str version;
    enum sync_phase phase;
    int wave;
    const struct value *target;              /* NULL = prune */
    const struct value *live;                /* as of now; NULL = does not exist */
    const struct compare_resource *resource; /* NULL for hooks and the created namespace */
    bool hook;
    bool namespace_creation; /* the destination namespace, because of CreateNamespace=true */
    bool skip_dry_run;       /* its kind comes with a CRD of this sync, or is declared missing */
    bool in_sync;            /* nothing to do: left out with ApplyOutOfSyncOnly=true */
    bool gone; /* the caller made sure that there is no live object, not only not yet */
    bool
        lost; /* its pruning was begun, and it is no longer an object of the application: gone, or another's */
    unsigned delete_policies; /* of a hook: enum hook_delete_policy */
    struct sync_options options;
    struct str refused; /* why it may not be run at all; "" = it may */
    struct str
        invalid; /* what is wrong with its fields where the cluster does not look; "" = nothing */
    bool unknown_kind; /* refused as the cluster does not have its kind */
    bool over_budget;  /* among the deletes that need confirmation, see budget.h */
    bool stuck;        /* its live object could not be deleted; message says why */

    enum sync_result status; /* outcome so far */
    enum operation_phase operation;
    struct str message;
};

struct plan {
    struct plan_task *tasks; /* in the order they are run */
    size_t n_tasks;
    bool multi_step; /* more than one phase or wave */
    bool dry_run;
    bool prune;
    bool prune_confirmed;
    bool started;                 /* some task has a result */
    struct str over_budget;       /* why its deletes need confirmation; "" = they do not */
    struct str migration_manager; /* whose fields server-side apply takes over; "" = kubectl's */
    struct sync_options options;
    struct health_verdicts verdicts;
};

/* Why the task is not allowed; "" = it is. */
typedef struct str (*plan_refusal_fn)(void *data,
                                      struct arena *arena,
                                      const struct plan_task *task);

struct plan_input {
    const struct compare_result *compare;
    plan_refusal_fn refusal; /* NULL = everything is allowed */
    void *refusal_data;
    struct sync_options options;        /* of the operation, over those of the application */
    struct app_sync_resources selected; /* empty = all */
    bool prune;
    bool prune_confirmed; /* deletion-approved is not older than the operation */
    bool dry_run;
    bool apply_only; /* syncStrategy.apply: hooks are not run */
    bool force;
    struct str migration_manager;    /* of the annotation, see struct plan */
    const struct tracking *tracking; /* for hooks whose names are made here; or NULL */
    struct str instance;
    struct str revision; /* for names of hooks */
    struct str
        attempt; /* this try of this operation, to know its hooks by; "" = they are not marked */
    int64_t started_at_ms;
    struct str destination_namespace;
    const struct value *namespace_live; /* the destination namespace, NULL = does not exist */
    const struct value *managed_namespace_metadata; /* {labels, annotations}, or NULL */
    const struct value *const *hook_lives;          /* live objects that may be of hooks */
    size_t n_hook_lives;
    struct health_verdicts verdicts;     /* of scripts, on live objects */
    struct app_resource_results results; /* of this operation so far */
};

void plan_build(struct arena *arena, const struct plan_input *in, struct plan *ret);

/* The live object is the hook of this task, made by this try of the operation. */
bool plan_made(const struct plan_task *task, const struct value *live);

/* "group/Kind/name", as messages name a task. */
struct str plan_task_name(struct arena *arena, const struct plan_task *task);

/* The plan for people and the API: {"tasks": [{phase, wave, action, group, version, kind, namespace, name,
 * hook, status, message, refused, overBudget, changes}], "counts": {action: n}, "deletionBudget"}; action is
 * create, update, replace, unchanged, none, prune, skip-prune or confirm-prune; changes are those of
 * engine/compare/field_changes.h, secrets masked. */
const struct value *plan_to_value(struct arena *arena, const struct plan *plan);

/* The outcomes so far, for status.operationState.syncResult.resources: what `results` had and what the
 * plan's tasks have now. */
struct app_resource_results
plan_results(struct arena *arena, const struct plan *plan, struct app_resource_results results);
