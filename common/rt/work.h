/* Jobs on libuv's thread pool, with a cap per class.
 *
 * The pool is global and shared with name resolution and file operations; a cap per class and two
 * threads kept free see to it that four stuck fetches do not stop everything else.  Jobs of a class
 * start in the order they were submitted; classes take turns.
 *
 * A job owns all it touches while it runs: inputs are references or copies, outputs are its own. */
#pragma once

#include <assert.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include <uv.h>

#include "common/base/cleanup.h"
#include "common/base/err.h"
#include "common/base/list.h"
#include "common/base/macro.h"
#include "common/rt/loop.h"

/* WORK_CLASS(NAME, name, most at once as a percentage of the usable threads (at least 1)) */
#define WORK_CLASSES                                                         \
    WORK_CLASS(GIT, "git", 50)       /* object stores: disk and zlib */      \
    WORK_CLASS(RENDER, "render", 75) /* sources to manifests */              \
    WORK_CLASS(DIFF, "diff", 75)     /* comparison of many objects */        \
    WORK_CLASS(HASH, "hash", 25)     /* password hashing: slow on purpose */ \
    WORK_CLASS(FILE, "file", 50)     /* reading and writing files and trees */

enum work_class {
#define WORK_CLASS(id, name, percent) WORK_##id,
    WORK_CLASSES
#undef WORK_CLASS
        WORK_CLASS_COUNT
};

const char *work_class_name(enum work_class class);

struct work;
struct job;

/* On a pool thread; the result stays in the job.  Long ones ask job_canceled() now and then. */
typedef int (*job_run_fn)(struct job *job, struct err *err);
/* On the loop thread, exactly once, never before work_submit() returned; may free the job.  err is
 * NULL on success.  After job_cancel() it is ERR_CANCELED, also when run() had finished. */
typedef void (*job_done_fn)(struct job *job, const struct err *err);

/* Embedded in the object that holds inputs and outputs; zero it before the first use. */
struct job {
    job_run_fn run;
    job_done_fn done;
    /* private */
    struct work *work;
    struct list node;
    struct loop_task task;
    uv_work_t req;
    enum work_class class;
    int state;
    int rc;
    atomic_bool canceled;
    struct err err;
};

struct work_options {
    unsigned n_threads;             /* 0 = processors + 4, at most 64 */
    unsigned cap[WORK_CLASS_COUNT]; /* most at once; 0 = the default of the class */
    size_t max_queued;              /* waiting per class; 0 = LIMIT_WORK_QUEUE */
};

/* Sets UV_THREADPOOL_SIZE: call before anything else uses the pool; later calls in the same process
 * share the first size.  options may be NULL.  Loop thread only. */
struct work *work_new(struct loop *loop, const struct work_options *options);
/* Cancels all jobs and waits until each done() has run.  Loop thread only; NULL is fine. */
void work_free(struct work *work);
DEFINE_CLEANUP(work, struct work, work_free);

/* Takes the job until its done() is called. Errors: ERR_LIMIT (too many waiting), ERR_CANCELED
 * (work_free() has begun); then the job stays the caller's and done() is not called.  Loop
 * thread only. */
MUST_CHECK int
work_submit(struct work *work, enum work_class class, struct job *job, struct err *err);

/* A waiting job never runs; a running one is asked to stop and done() comes when run() has
 * returned. Does nothing when the job is not submitted.  Loop thread only. */
void job_cancel(struct job *job);
/* Submitted and done() not yet called. Loop thread only. */
bool job_active(const struct job *job);
/* Any thread. */
bool job_canceled(const struct job *job);

struct work_stats {
    size_t n_queued;
    size_t n_running;
    unsigned cap;
};
struct work_stats work_stats(const struct work *work, enum work_class class);

/* True on a pool thread while it runs a job. */
bool work_on_pool(void);
#define ASSERT_POOL() assert(work_on_pool())
