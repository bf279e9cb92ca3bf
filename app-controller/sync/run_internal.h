/* Parts of running an operation, for run.c, run_end.c and run_tasks.c. */
#pragma once

#include "app-controller/pass.h"
#include "app-controller/sync/apply.h"
#include "app-controller/sync/blocked.h"
#include "app-controller/sync/plan.h"
#include "app-controller/sync/step.h"
#include "app-controller/targets.h"
#include "common/rt/timer.h"

/* That the operation has begun is told when its sources take long. */
struct run_slow {
    struct timer timer;
    bool telling; /* a write is under way */
    bool fetched; /* meanwhile: this */
    struct targets *targets;
    struct err err; /* code ERR_OK = none */
    targets_done_fn then;
};

struct run {
    pass_fn next;        /* what the pass goes on with */
    size_t n_conditions; /* of the pass before the operation looked at anything */
    struct plan plan;
    struct step step;
    struct blocked blocked; /* written with the next state */
    size_t group_from;      /* tasks of step.run before this are done */
    size_t n_open;          /* tasks under way */
    size_t next_task;       /* of the list being worked on */
    struct plan_task **list;
    size_t n_list;
    void (*each)(const struct apply_request *request);
    bool validate_only;
    struct str as_user; /* in the cluster; "" = ourselves */
    bool terminating;   /* asked for, or out of time: not tried again */
    pass_fn fetched;    /* goes on with op_targets */
    struct run_slow slow;
    pass_fn after_list;
};

static inline struct run *run_of(struct pass *pass)
{
    return pass->step;
}

static inline struct app_operation_state *run_state(struct pass *pass)
{
    return &pass->model.status.operation_state;
}

/* Milliseconds since 1970; 0 = no time. */
int64_t run_wall_ms(struct str rfc3339);

/* The pass goes on with what comes after the operation; conditions found on the way were the operation's. */
void run_leave(struct pass *pass);
/* The same, and the operation is looked at again when the time is up that nothing may happen in. */
void run_leave_and_recheck(struct pass *pass);
/* How long the operation may still take; a lot when there is no limit. */
int64_t run_time_left_ms(struct pass *pass);

/* Between these two sources are fetched. End: true = `then` is called with this a little later. */
void run_slow_begin(struct pass *pass, targets_done_fn then);
bool run_slow_end(struct pass *pass, struct targets *targets, const struct err *err);

/* The patch from the stored status to one with this operationState and history; NULL = nothing to write. */
const struct value *run_state_patch(struct pass *pass,
                                    const struct app_operation_state *state,
                                    struct app_histories history);
/* Store the state if it says something new; then next. */
void run_write_state(struct pass *pass, const struct app_operation_state *state, pass_step_fn next);
/* For run_write_state(): wait for what happens. */
void run_written_wait(struct pass *pass, const struct err *err);
/* For run_write_state(): the same at once again, after the pause if there is one: there is more to do. */
void run_written_more(struct pass *pass, const struct err *err);

/* Ends the operation with phase and message, or puts it off to the next attempt: then it is Running with
 * a time of finishing. */
void run_end(struct pass *pass,
             struct app_operation_state *state,
             enum operation_phase phase,
             struct str message);
void run_fail(struct pass *pass, enum operation_phase phase, const struct err *err);

/* Notes which tasks the cluster would take in spite of what is wrong with them; then next, or the end of the pass. */
void run_check_fields(struct pass *pass, pass_fn next);

/* `each` for every task of the list, groups of a step one after another; then after. */
void run_tasks(struct pass *pass,
               struct plan_task **list,
               size_t n,
               void (*each)(const struct apply_request *request),
               pass_fn after);
