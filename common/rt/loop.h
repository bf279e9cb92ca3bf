/* struct loop: the one event loop thread of a process, on libuv.
 *
 * All mutable state of a process belongs to its loop thread; code there never blocks for more
 * than LOOP_SLOW_MS.  Callbacks run through loop_call() are timed, and whole iterations too;
 * slow ones are logged at debug level and counted.
 *
 * Other threads enter only through mailbox.h, heavy work leaves only through work.h. */
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include "common/base/cleanup.h"
#include "common/base/err.h"
#include "common/base/list.h"
#include "common/base/macro.h"

struct loop;

enum {
    LOOP_SLOW_MS = 5, /* a callback that takes longer is a bug: others wait for it */
};

/* The calling thread becomes the loop thread; SIGPIPE is ignored from now on. */
struct loop *loop_new(void);
/* Every handle on it must be closed or closing; aborts, naming them, when one is open. NULL is
 * fine. Loop thread only. */
void loop_free(struct loop *loop);
DEFINE_CLEANUP(loop, struct loop, loop_free);

/* For the few modules that make libuv handles of their own. */
uv_loop_t *loop_uv(struct loop *loop);

/* Runs until loop_stop(). Loop thread only. */
void loop_run(struct loop *loop);
/* Ends loop_run() or loop_run_until() after the current iteration. Loop thread only. */
void loop_stop(struct loop *loop);
/* Runs until cond(data) is true (asked after every iteration) or the time is over; returns the last
 * cond(data).  For tests, command line programs and shutdown; timeout_ms < 0 waits for ever. */
bool loop_run_until(struct loop *loop, bool (*cond)(void *data), void *data, int64_t timeout_ms);

/* Milliseconds of the monotonic clock, as clock_now_ms(clock_system()), cached once an
 * iteration. */
int64_t loop_now_ms(const struct loop *loop);

/* Iterations and callbacks so far that took more than LOOP_SLOW_MS. */
uint64_t loop_n_slow(const struct loop *loop);

typedef void (*loop_fn)(void *data);

/* A function to be called in the next iteration; embedded in the object it is about.  Zeroed = not
 * posted.  Memory may be reused as soon as it ran or was cancelled. */
struct loop_task {
    struct list node;
    loop_fn fn;
    void *data;
};

/* Call fn(data) once, in the next iteration, never before this returns; in the order of posting.  A
 * task that is posted already stays where it is.  Loop thread only. */
void loop_task_post(struct loop *loop, struct loop_task *task, loop_fn fn, void *data);
/* Nothing happens when it is not posted. */
void loop_task_cancel(struct loop_task *task);
bool loop_task_pending(const struct loop_task *task);

/* As loop_task_post() for what needs no cancelling. */
void loop_post(struct loop *loop, loop_fn fn, void *data);

/* Calls fn(data) at once, timed by the watchdog; `what` is a static string for its log line. */
void loop_call(struct loop *loop, const char *what, loop_fn fn, void *data);

bool loop_on_thread(const struct loop *loop);
#define ASSERT_LOOP(loop) assert(loop_on_thread(loop))

/* Conversion of a libuv failure (negative code), as err_set_errno(). */
#define err_from_uv(err, uv_code, ...) err_set_errno((err), -(uv_code), __VA_ARGS__)
