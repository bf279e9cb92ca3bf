/* The plan of an operation on an application that was compared: what everybody who asks for a plan agrees on.
 * Loop thread or pool; nothing is written. */
#pragma once

#include "app-controller/sync/plan.h"

struct app_operation_state;
struct evaluation;
struct settings;

/* ev        finished; borrowed by the plan.
 * state     the operation, when it began and what it has done so far.
 * settings  defaults of the deletion budget. */
void plan_app_build(struct arena *arena,
                    const struct evaluation *ev,
                    const struct app_operation_state *state,
                    const struct settings *settings,
                    struct plan *ret);
