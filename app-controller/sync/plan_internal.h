/* Steps of building a plan, for plan.c and plan_order.c. */
#pragma once

#include "app-controller/sync/plan.h"

/* Waves of prune tasks are mirrored, PruneLast ones come behind everything, and tasks get their order:
 * phase, wave, rank of the kind, name; then namespaces and CustomResourceDefinitions move in front of
 * what needs them. */
void plan_order(struct plan *plan);

/* Noted before the request: a process that goes on knows what its predecessor was about to delete. */
static inline bool plan_is_begun_prune(const struct app_resource_result *r)
{
    return r->status == SYNC_RESULT_PRUNED && r->hook_phase == OPERATION_PHASE_RUNNING;
}

/* A prune task. */
static inline bool plan_is_prune(const struct plan_task *task)
{
    return task->target == NULL;
}
