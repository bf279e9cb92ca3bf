/* One step of a running sync, decided: wait, run these tasks, or finish.
 *
 *     plan_build(); step_next(); -> act; store results; again when something changes
 *
 * The caller does what the step says and records the outcome in the tasks (status, operation, message),
 * then asks step_after_run().  Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "app-controller/sync/plan.h"
#include "common/base/str.h"
#include "common/model/status.h"

struct arena;

enum step_kind {
    STEP_DRY_RUN, /* validate the tasks in `run`; nothing was done yet in this operation */
    STEP_RUN,     /* run the tasks in `run`, then step_after_run() */
    STEP_WAIT,    /* nothing to do until something changes */
    STEP_FINISH,  /* the operation ends with phase and message */
};

/* What a STEP_WAIT waits for. */
enum step_wait {
    STEP_WAITS_NOT, /* there is more to do */
    STEP_WAITS_HEALTH,
    STEP_WAITS_HOOK,
    STEP_WAITS_DELETION, /* objects that are going */
    STEP_WAITS_CONFIRMATION,
    STEP_WAITS_BUDGET, /* confirmation of more deletes than the budget allows */
};

struct step {
    enum step_kind kind;
    enum operation_phase phase; /* of the operation */
    struct str message;
    struct plan_task **run; /* one phase and wave, in order */
    size_t n_run;
    enum step_wait wait;
    struct plan_task **waits_for;
    size_t n_waits_for;
    struct plan_task *
        *release; /* completed hooks: remove the hook finalizer of their live objects */
    size_t n_release;
    struct plan_task **delete_hooks; /* hooks to delete now, because of their delete policy */
    size_t n_delete_hooks;
    bool last_wave; /* no pause is needed after the run */
    bool sync_fail; /* `run` are SyncFail hooks: the operation fails whatever they do */
};

/* Brings the state of running tasks up to date with the health of their live objects, then decides.
 *
 * `release` and `delete_hooks` are to be done with STEP_WAIT and STEP_FINISH; with the other kinds
 * they can wait: what is still to be done comes again with the next step. */
void step_next(struct arena *arena, struct plan *plan, struct step *ret);

/* Marks what a STEP_RUN is about to delete, and says how many that are: to be stored before anything is deleted, since
 * afterwards nobody could tell what became of it. */
size_t step_note_prunes(const struct plan *plan, struct step *step);

/* After the tasks of a STEP_DRY_RUN or STEP_RUN were run. For a dry run: STEP_FINISH when a task failed,
 * else what is next. */
void step_after_run(struct arena *arena,
                    struct plan *plan,
                    const struct step *ran,
                    struct step *ret);

/* How tasks of a step that may run side by side are cut: the number of tasks from `from` on that form
 * one group. Groups run one after another. */
size_t step_group(const struct step *step, size_t from);

/* What running a prune task means. */
enum step_prune {
    STEP_PRUNE_DELETE,
    STEP_PRUNE_SKIP,    /* *ret_message says why */
    STEP_PRUNE_CONFIRM, /* waits for approval; nothing of the step runs */
};
enum step_prune
step_prune_action(const struct plan *plan, const struct plan_task *task, struct str *ret_message);
