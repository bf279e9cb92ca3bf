/* The loop: libuv's, with posted tasks, a timer heap (timer.c) and a watchdog.
 *
 * Tasks run from an idle handle, which is active while there are any, so that polling does not
 * block then.  The watchdog looks at two things: single callbacks that go through loop_call(),
 * and the time between two polls less what libuv slept, which covers all others. */
#include "common/rt/loop.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/rt/loop_internal.h"
#include "common/rt/timer.h"

enum {
    NS_PER_MS = 1000 * 1000,
    CLOSE_ROUNDS = 100, /* iterations that closing handles and last tasks may take */
};

struct loop {
    uv_loop_t uv;
    uv_prepare_t prepare; /* before each poll; also keeps loop_run() from returning when idle */
    uv_idle_t idle;       /* active while tasks are posted */
    uv_thread_t thread;
    struct list tasks;
    struct timer_heap timers;
    bool running;
    uint64_t polled_ns; /* when the last poll began; 0 = loop was not running before */
    uint64_t idle_ns;   /* what libuv had slept until then */
    uint64_t n_slow;
};

static void note_slow(struct loop *loop, const char *what, uint64_t took_ns)
{
    if (took_ns <= (uint64_t)LOOP_SLOW_MS * NS_PER_MS) {
        return;
    }
    loop->n_slow++;
    log_debug("event loop held up", LF_CSTR("what", what), LF_MS("took", took_ns / NS_PER_MS));
}

static void on_prepare(uv_prepare_t *prepare)
{
    struct loop *loop = prepare->data;
    uint64_t now_ns = uv_hrtime();
    uint64_t idle_ns = uv_metrics_idle_time(&loop->uv);
    if (loop->polled_ns != 0) {
        uint64_t gone_ns = now_ns - loop->polled_ns;
        uint64_t slept_ns = idle_ns - loop->idle_ns;
        note_slow(loop, "iteration", gone_ns > slept_ns ? gone_ns - slept_ns : 0);
    }
    loop->polled_ns = now_ns;
    loop->idle_ns = idle_ns;
}

static void on_idle(uv_idle_t *idle)
{
    struct loop *loop = idle->data;
    struct list batch; /* what is posted meanwhile waits for the next iteration */
    list_init(&batch);
    struct list *node;
    while ((node = list_pop(&loop->tasks)) != NULL) {
        list_push(&batch, node);
    }
    while ((node = list_pop(&batch)) != NULL) {
        struct loop_task *task = CONTAINER_OF(node, struct loop_task, node);
        loop_call(loop, "task", task->fn, task->data);
    }
    if (list_empty(&loop->tasks)) {
        (void)uv_idle_stop(idle); /* never fails */
    }
}

struct loop *loop_new(void)
{
    struct loop *loop = MEM_NEW(struct loop);
    int rc = uv_loop_init(&loop->uv);
    if (rc != 0) { /* no epoll or no descriptors: the process cannot do anything */
        (void)fprintf(stderr, "event loop: %s\n", uv_strerror(rc));
        abort();
    }
    (void)signal(SIGPIPE, SIG_IGN); /* libuv writes to pipes and sockets whose reader may be gone */
    loop->uv.data = loop;
    loop->thread = uv_thread_self();
    list_init(&loop->tasks);
    (void)uv_loop_configure(&loop->uv,
                            UV_METRICS_IDLE_TIME);    /* without it only the figures suffer */
    (void)uv_prepare_init(&loop->uv, &loop->prepare); /* these never fail */
    (void)uv_idle_init(&loop->uv, &loop->idle);
    loop->prepare.data = loop;
    loop->idle.data = loop;
    (void)uv_prepare_start(&loop->prepare, on_prepare);
    timer_heap_init(&loop->timers, loop);
    return loop;
}

void loop_free(struct loop *loop)
{
    if (loop == NULL) {
        return;
    }
    ASSERT_LOOP(loop);
    assert(!loop->running);
    int rc = UV_EBUSY;
    for (int i = 0; i < CLOSE_ROUNDS && !list_empty(&loop->tasks); i++) {
        (void)uv_run(&loop->uv, UV_RUN_NOWAIT);
    }
    uv_close((uv_handle_t *)&loop->prepare, NULL);
    uv_close((uv_handle_t *)&loop->idle, NULL);
    timer_heap_done(&loop->timers);
    for (int i = 0; i < CLOSE_ROUNDS && rc == UV_EBUSY; i++) {
        (void)uv_run(&loop->uv, UV_RUN_NOWAIT);
        rc = uv_loop_close(&loop->uv);
    }
    if (rc != 0) {
        uv_print_all_handles(&loop->uv, stderr);
        assert(!"handles or requests are open on a loop that is freed");
    }
    mem_free(loop);
}

uv_loop_t *loop_uv(struct loop *loop)
{
    return &loop->uv;
}

struct timer_heap *loop_timer_heap(struct loop *loop)
{
    return &loop->timers;
}

void loop_refresh_time(struct loop *loop)
{
    if (!loop->running) {
        uv_update_time(&loop->uv);
    }
}

static void run_begin(struct loop *loop)
{
    ASSERT_LOOP(loop);
    assert(!loop->running); /* libuv is not reentrant */
    loop->running = true;
    loop->polled_ns = 0;
}

void loop_run(struct loop *loop)
{
    run_begin(loop);
    (void)uv_run(&loop->uv, UV_RUN_DEFAULT);
    loop->running = false;
}

void loop_stop(struct loop *loop)
{
    ASSERT_LOOP(loop);
    uv_stop(&loop->uv);
}

static void on_until_timeout(void *data)
{
    bool *timed_out = data;
    *timed_out = true;
}

bool loop_run_until(struct loop *loop, bool (*cond)(void *data), void *data, int64_t timeout_ms)
{
    bool timed_out = false;
    struct timer timer;
    timer_init(&timer, loop, on_until_timeout, &timed_out);
    if (timeout_ms >= 0) {
        timer_start(&timer, timeout_ms);
    }
    run_begin(loop);
    while (!cond(data) && !timed_out) {
        (void)uv_run(&loop->uv, UV_RUN_ONCE);
    }
    loop->running = false;
    timer_stop(&timer);
    return cond(data);
}

int64_t loop_now_ms(const struct loop *loop)
{
    return loop->running ? (int64_t)uv_now(&loop->uv) : (int64_t)(uv_hrtime() / NS_PER_MS);
}

uint64_t loop_n_slow(const struct loop *loop)
{
    return loop->n_slow;
}

bool loop_task_pending(const struct loop_task *task)
{
    return !list_empty(&task->node);
}

void loop_task_post(struct loop *loop, struct loop_task *task, loop_fn fn, void *data)
{
    ASSERT_LOOP(loop);
    if (loop_task_pending(task)) {
        return;
    }
    task->fn = fn;
    task->data = data;
    list_push(&loop->tasks, &task->node);
    (void)uv_idle_start(&loop->idle, on_idle); /* cannot fail with a callback */
}

void loop_task_cancel(struct loop_task *task)
{
    list_remove(&task->node);
}

struct posted {
    struct loop_task task;
    loop_fn fn;
    void *data;
};

static void on_posted(void *data)
{
    struct posted *posted = data;
    loop_fn fn = posted->fn;
    void *fn_data = posted->data;
    mem_free(posted);
    fn(fn_data);
}

void loop_post(struct loop *loop, loop_fn fn, void *data)
{
    struct posted *posted = MEM_NEW(struct posted);
    posted->fn = fn;
    posted->data = data;
    loop_task_post(loop, &posted->task, on_posted, posted);
}

void loop_call(struct loop *loop, const char *what, loop_fn fn, void *data)
{
    uint64_t start_ns = uv_hrtime();
    fn(data);
    note_slow(loop, what, uv_hrtime() - start_ns);
}

bool loop_on_thread(const struct loop *loop)
{
    uv_thread_t self = uv_thread_self();
    return uv_thread_equal(&loop->thread, &self) != 0;
}
