/* struct op: the contract of every asynchronous operation.
 *
 *  1. done() runs exactly once, on the loop thread, never before the start function returned.
 *  2. After op_cancel() it gets ERR_CANCELED, after the deadline ERR_TIMEOUT, whatever the work does.
 *  3. The operation is freed after done() returned, when nothing of its work is running any more; the
 *     one who started it forgets it in done() at the latest.
 *
 * The provider embeds a struct op in its own, and calls op_finish() with the outcome.  For each
 * thing that still points to the operation (a job, an aio) it holds a reference with op_ref(). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/rt/loop.h"
#include "common/rt/timer.h"

struct op;

/* err is NULL on success. */
typedef void (*op_done_fn)(struct op *op, const struct err *err, void *data);

struct op_class {
    const char *name; /* for messages: "IPC call" */
    /* Cancelled or late: stop the work as soon as possible. The outcome is settled already. May be
     * NULL.  Never called after op_finish(). */
    void (*abort)(struct op *op);
    /* No reference is left; done() has run. */
    void (*free)(struct op *op);
};

struct op { /* private */
    struct loop *loop;
    const struct op_class *class;
    op_done_fn done;
    void *data;
    struct loop_task task;
    struct timer deadline;
    int64_t started_ms;
    unsigned n_refs;
    int state;
    struct err err; /* code ERR_OK = success */
};

/* The operation has one reference, which done() uses up. Loop thread only, as all here. */
void op_init(
    struct op *op, struct loop *loop, const struct op_class *class, op_done_fn done, void *data);
/* End it with ERR_TIMEOUT at this time of loop_now_ms(); 0 = none. */
void op_set_deadline(struct op *op, int64_t deadline_ms);
/* Provider: the outcome; err is copied, NULL = success.  The first one counts, later ones (also
 * after cancel or deadline) are ignored. */
void op_finish(struct op *op, const struct err *err);
/* User: give up. Allowed until done() is called; several times are fine. */
void op_cancel(struct op *op);
/* The outcome is settled: the provider should do no more for it. */
bool op_settled(const struct op *op);

void op_ref(struct op *op);
void op_unref(struct op *op);
