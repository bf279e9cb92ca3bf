/* Status of an Application: what a pass found, as the smallest merge patch.
 *
 * Nothing is written when nothing changed: the time of the last comparison alone is no reason. */
#pragma once

#include "app-controller/pass.h"
#include "common/model/application_status.h"

struct status_change {
    struct app_status status;       /* the whole new status */
    const struct value *operation;  /* an operation to start with it, or NULL */
    const struct value *finalizers; /* of the Application from now on; NULL = as they are */
    unsigned evaluated;             /* CONDITION_BIT()s this pass looked at */
};

/* Start from the stored status. evaluated: spec, comparison and sync errors. */
struct status_change status_write_unchanged(struct pass *pass);
/* Everything of pass->evaluation, and the finalizers for the hooks of deletion there are. */
struct status_change status_write_evaluated(struct pass *pass);

/* The summary of the application's tree as it is now; pass->cache is in use. */
void status_write_summary(struct pass *pass, struct status_change *change);
/* The same resources, of which nothing is known. */
struct app_resources status_write_unknown(struct arena *arena, const struct app_resources *of);
/* Health with its transition time. */
void status_write_health(struct pass *pass,
                         struct status_change *change,
                         enum health_status health,
                         struct str message);
/* sync.comparedTo is the spec of this pass. */
void status_write_compared_to(struct pass *pass, struct status_change *change);

/* The merge patch of the Application, with the refresh annotation removed and pass->conditions merged in;
 * NULL = nothing to write. It carries the resourceVersion when it starts an operation or sets finalizers. */
const struct value *status_write_patch(struct pass *pass, struct status_change *change);
