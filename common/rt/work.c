/* Jobs on libuv's pool: per class a queue and a cap, over all classes the usable threads.
 *
 * Everything here but run_job() is on the loop thread, so there is nothing to lock: libuv's own
 * hand-over orders what the pool thread wrote before what done() reads. */
#include "common/rt/work.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "common/base/limits.h"
#include "common/base/mem.h"

enum {
    FREE_THREADS = 2,  /* for name resolution and files of libuv itself */
    EXTRA_THREADS = 4, /* beyond the processors: jobs also wait for disks */
    MAX_THREADS = 64,
};

enum job_state { JOB_IDLE, JOB_QUEUED, JOB_RUNNING, JOB_ENDED };

struct class_state {
    struct list queue;
    size_t n_queued;
    size_t n_running;
    unsigned cap;
};

struct work {
    struct loop *loop;
    struct class_state classes[WORK_CLASS_COUNT];
    struct list running;
    size_t n_active; /* done() not yet called */
    size_t n_running;
    size_t usable;
    size_t max_queued;
    unsigned next_class; /* whose turn it is */
    bool closing;
};

static const struct {
    const char *name;
    unsigned percent;
} CLASSES[WORK_CLASS_COUNT] = {
#define WORK_CLASS(id, name, percent) {name, percent},
    WORK_CLASSES
#undef WORK_CLASS
};

static _Thread_local bool on_pool;

const char *work_class_name(enum work_class class)
{
    assert(class < WORK_CLASS_COUNT);
    return CLASSES[class].name;
}

bool work_on_pool(void)
{
    return on_pool;
}

static void set_pool_size(unsigned n_threads)
{
    char text[16];
    (void)snprintf(text, sizeof(text), "%u", n_threads);
    /* allow(setenv): libuv takes the size from nowhere else; it fails for bad names only */
    (void)setenv("UV_THREADPOOL_SIZE", text, 1);
}

/* libuv gives its threads what the soft limit says, and 2 MiB when there is none. Without the right to raise it
 * the threads get what there is. */
static void set_stack_size(void)
{
    struct rlimit stack;
    if (getrlimit(RLIMIT_STACK, &stack) != 0) {
        return;
    }
    if (stack.rlim_cur == RLIM_INFINITY || stack.rlim_cur < LIMIT_WORK_STACK_BYTES) {
        stack.rlim_cur = MIN((rlim_t)LIMIT_WORK_STACK_BYTES, stack.rlim_max);
        (void)setrlimit(RLIMIT_STACK, &stack); /* within the hard limit it does not fail */
    }
}

static unsigned cap_of(enum work_class class, unsigned wanted, size_t usable)
{
    unsigned cap = wanted != 0 ? wanted : (unsigned)(usable * CLASSES[class].percent / 100);
    return MAX(1u, MIN(cap, (unsigned)usable));
}

struct work *work_new(struct loop *loop, const struct work_options *options)
{
    static const struct work_options DEFAULTS = {0};
    ASSERT_LOOP(loop);
    options = options != NULL ? options : &DEFAULTS;
    unsigned n_threads = options->n_threads;
    if (n_threads == 0) {
        n_threads = uv_available_parallelism() + EXTRA_THREADS;
    }
    n_threads = MIN(n_threads, (unsigned)MAX_THREADS);
    set_pool_size(n_threads);
    set_stack_size();

    struct work *work = MEM_NEW(struct work);
    work->loop = loop;
    work->usable = n_threads > FREE_THREADS ? n_threads - FREE_THREADS : 1;
    work->max_queued = options->max_queued != 0 ? options->max_queued : LIMIT_WORK_QUEUE;
    list_init(&work->running);
    for (unsigned i = 0; i < WORK_CLASS_COUNT; i++) {
        list_init(&work->classes[i].queue);
        work->classes[i].cap = cap_of((enum work_class)i, options->cap[i], work->usable);
    }
    return work;
}

static bool is_idle(void *data)
{
    return ((struct work *)data)->n_active == 0;
}

void work_free(struct work *work)
{
    if (work == NULL) {
        return;
    }
    ASSERT_LOOP(work->loop);
    work->closing = true;
    for (unsigned i = 0; i < WORK_CLASS_COUNT; i++) {
        LIST_FOREACH(&work->classes[i].queue, node) {
            job_cancel(CONTAINER_OF(node, struct job, node));
        }
    }
    LIST_FOREACH(&work->running, node) {
        job_cancel(CONTAINER_OF(node, struct job, node));
    }
    (void)loop_run_until(work->loop, is_idle, work, -1); /* without a time-out it is true */
    mem_free(work);
}

/* The job goes back to its owner, who may free it. */
static void on_ended(void *data)
{
    struct job *job = data;
    job->state = JOB_IDLE;
    job->work->n_active--;
    if (job_canceled(job)) {
        job->rc =
            err_set(&job->err, ERR_CANCELED, "%s job was canceled", work_class_name(job->class));
    }
    job->done(job, job->rc < 0 ? &job->err : NULL);
}

static void run_job(uv_work_t *req)
{
    struct job *job = req->data;
    if (job_canceled(job)) {
        return;
    }
    on_pool = true;
    job->rc = job->run(job, &job->err);
    on_pool = false;
}

static void dispatch(struct work *work);

static void on_ran(uv_work_t *req, int status UNUSED)
{
    struct job *job = req->data;
    struct work *work = job->work;
    list_remove(&job->node);
    work->classes[job->class].n_running--;
    work->n_running--;
    job->state = JOB_ENDED;
    dispatch(work);
    loop_call(work->loop, "job done", on_ended, job);
}

static void start(struct work *work, struct class_state *class)
{
    struct job *job = CONTAINER_OF(list_pop(&class->queue), struct job, node);
    class->n_queued--;
    class->n_running++;
    work->n_running++;
    list_push(&work->running, &job->node);
    job->state = JOB_RUNNING;
    job->req.data = job;
    /* fails only without a function to call */
    (void)uv_queue_work(loop_uv(work->loop), &job->req, run_job, on_ran);
}

/* Start what may start, one of each class in turn. */
static void dispatch(struct work *work)
{
    unsigned n_without = 0;
    while (work->n_running < work->usable && n_without < WORK_CLASS_COUNT) {
        struct class_state *class = &work->classes[work->next_class];
        work->next_class = (work->next_class + 1) % WORK_CLASS_COUNT;
        if (class->n_queued == 0 || class->n_running >= class->cap) {
            n_without++;
            continue;
        }
        start(work, class);
        n_without = 0;
    }
}

int work_submit(struct work *work, enum work_class class, struct job *job, struct err *err)
{
    ASSERT_LOOP(work->loop);
    assert(class < WORK_CLASS_COUNT && job->state == JOB_IDLE && job->run != NULL);
    struct class_state *state = &work->classes[class];
    if (work->closing) {
        return err_set(err, ERR_CANCELED, "shutting down");
    }
    if (state->n_queued >= work->max_queued) {
        return err_set(err, ERR_LIMIT, "%zu %s jobs are waiting already", state->n_queued,
                       work_class_name(class));
    }
    job->work = work;
    job->class = class;
    job->rc = 0;
    job->err.code = ERR_OK;
    job->state = JOB_QUEUED;
    atomic_store(&job->canceled, false);
    list_push(&state->queue, &job->node);
    state->n_queued++;
    work->n_active++;
    dispatch(work);
    return 0;
}

void job_cancel(struct job *job)
{
    if (!job_active(job)) {
        return;
    }
    ASSERT_LOOP(job->work->loop);
    atomic_store(&job->canceled, true);
    if (job->state == JOB_QUEUED) {
        list_remove(&job->node);
        job->work->classes[job->class].n_queued--;
        job->state = JOB_ENDED;
        loop_task_post(job->work->loop, &job->task, on_ended, job);
    } else if (job->state == JOB_RUNNING) {
        (void)uv_cancel((uv_req_t *)&job->req); /* works only when no thread has taken it yet */
    }
}

bool job_active(const struct job *job)
{
    return job->state != JOB_IDLE;
}

bool job_canceled(const struct job *job)
{
    return atomic_load(&job->canceled);
}

struct work_stats work_stats(const struct work *work, enum work_class class)
{
    assert(class < WORK_CLASS_COUNT);
    const struct class_state *state = &work->classes[class];
    return (struct work_stats){state->n_queued, state->n_running, state->cap};
}
