/* Applying or pruning one object: the requests one task of a sync takes.
 *
 * Client-side apply as kubectl does it (last-applied annotation, three-way merge), server-side apply, replace,
 * force, delete. Conflicting writers are met by reading again and merging again. Loop thread only. */
#pragma once

#include <stdbool.h>

#include "app-controller/sync/plan.h"
#include "common/base/str.h"

struct arena;
struct live_cache;
struct loop;

#define APPLY_FIELD_MANAGER "argocd-controller"

struct apply_request {
    struct loop *loop;
    struct arena *arena; /* of the task's messages */
    struct live_cache *cache;
    const struct plan *plan;
    struct plan_task *task; /* borrowed; gets status, operation and message before done */
    struct str as_user;     /* to be in the cluster; "" = ourselves */
    bool validate_only;     /* is the kind there? Nothing is written */
    const bool
        *stopping; /* true: do not wait for what may come; the task stays as it was. Or NULL */
    void (*done)(void *data);
    void *data;
};

/* done runs exactly once, never before this returned. There is no cancel: a write that was sent is waited
 * for, and every wait has a deadline. Pauses between tries end early when *stopping is set. */
void apply_start(const struct apply_request *request);

/* Ask the API server for the task's object: sets its `live`, or `gone`. */
void apply_look(const struct apply_request *request);
/* Delete a live object, e.g. a hook that has served; a missing one is fine. */
void apply_delete(const struct apply_request *request);
/* Take the hook finalizer off the task's live object. */
void apply_release(const struct apply_request *request);
