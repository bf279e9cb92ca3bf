/* Asynchronous operations: settle once, deliver once, free when nobody points to it any more.
 *
 *     RUNNING --op_finish/op_cancel/deadline--> SETTLED --next iteration: done()--> DELIVERED */
#include "common/rt/op.h"

#include <string.h>

#include "common/base/clock.h"

enum { STATE_RUNNING, STATE_SETTLED, STATE_DELIVERED };

static void on_deliver(void *data)
{
    struct op *op = data;
    op->state = STATE_DELIVERED;
    op->done(op, op->err.code != ERR_OK ? &op->err : NULL, op->data);
    op_unref(op);
}

static void settle(struct op *op)
{
    op->state = STATE_SETTLED;
    timer_stop(&op->deadline);
    loop_task_post(op->loop, &op->task, on_deliver, op);
}

/* The outcome stands in op->err; the provider is told to stop. */
static void settle_and_abort(struct op *op)
{
    settle(op);
    if (op->class->abort != NULL) {
        op->class->abort(op);
    }
}

static void on_deadline(void *data)
{
    struct op *op = data;
    char waited[CLOCK_DURATION_BYTES];
    clock_format_duration(loop_now_ms(op->loop) - op->started_ms, waited);
    (void)err_set(&op->err, ERR_TIMEOUT, "%s took longer than %s", op->class->name, waited);
    settle_and_abort(op);
}

void op_init(
    struct op *op, struct loop *loop, const struct op_class *class, op_done_fn done, void *data)
{
    ASSERT_LOOP(loop);
    memset(op, 0, sizeof(*op));
    op->loop = loop;
    op->class = class;
    op->done = done;
    op->data = data;
    op->started_ms = loop_now_ms(loop);
    op->n_refs = 1;
    op->state = STATE_RUNNING;
    timer_init(&op->deadline, loop, on_deadline, op);
}

void op_set_deadline(struct op *op, int64_t deadline_ms)
{
    ASSERT_LOOP(op->loop);
    if (op->state != STATE_RUNNING) {
        return;
    }
    if (deadline_ms == 0) {
        timer_stop(&op->deadline);
        return;
    }
    timer_start_at(&op->deadline, deadline_ms);
}

void op_finish(struct op *op, const struct err *err)
{
    ASSERT_LOOP(op->loop);
    if (op->state != STATE_RUNNING) {
        return;
    }
    if (err != NULL) {
        assert(err->code != ERR_OK);
        op->err = *err;
    }
    settle(op);
}

void op_cancel(struct op *op)
{
    ASSERT_LOOP(op->loop);
    assert(op->state != STATE_DELIVERED);
    bool was_running = op->state == STATE_RUNNING;
    (void)err_set(&op->err, ERR_CANCELED, "%s was canceled", op->class->name);
    if (was_running) {
        settle_and_abort(op);
    }
}

bool op_settled(const struct op *op)
{
    return op->state != STATE_RUNNING;
}

void op_ref(struct op *op)
{
    ASSERT_LOOP(op->loop);
    assert(op->n_refs > 0);
    op->n_refs++;
}

void op_unref(struct op *op)
{
    ASSERT_LOOP(op->loop);
    assert(op->n_refs > 0);
    if (--op->n_refs == 0) {
        op->class->free(op);
    }
}
