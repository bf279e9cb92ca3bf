/* Steps of building a plan, for plan.c and plan_order.c. */
#pragma once

#include "app-controller/sync/plan.h"

/* Waves of prune tasks are mirrored, PruneLast ones come behind everything, and tasks get their order:
 * phase, wave, rank of the kind, name; then namespaces and CustomResourceDefinitions move in front of
 * what needs them. */
void plan_order(struct plan *plan);

/* A prune task. */
static inline bool plan_is_prune(const struct plan_task *task)
{
    return task->target == NULL;
}
