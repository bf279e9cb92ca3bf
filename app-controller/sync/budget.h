/* Deletion budget: how much of an application a sync may delete without being asked again.
 *
 * Ours, not Argo CD's. Without settings nothing is limited.  Pure, any thread. */
#pragma once

#include <stddef.h>

#include "common/base/str.h"

struct arena;
struct plan;

#define BUDGET_ANNOTATION           "belay.dev/deletion-budget"
#define BUDGET_PROTECTED_ANNOTATION "belay.dev/deletion-protected-kinds"
#define BUDGET_SETTING              "belay.deletion.budget"
#define BUDGET_PROTECTED_SETTING    "belay.deletion.protectedKinds"

struct budget {
    struct str limit;     /* "5", "25%", "5,25%": the smallest counts; "" or "none" = no limit */
    struct str protected; /* "apps/StatefulSet, PersistentVolumeClaim": kinds that are never deleted
                             without confirmation; "" or "none" = none */
};

/* Sets plan->over_budget to what is too much about the deletes of the plan ("" = nothing), and marks the tasks it
 * is about. A limit that cannot be read allows none.
 *
 * n_objects  live objects of the application, those already deleted by this sync included. */
void budget_check(struct arena *arena,
                  const struct budget *budget,
                  size_t n_objects,
                  struct plan *plan);
