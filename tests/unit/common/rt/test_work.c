/* Jobs: caps, order, limit, cancel in every state, and a torture of all at random. */
#include <stdatomic.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "common/base/rand.h"
#include "common/rt/loop.h"
#include "common/rt/work.h"
#include "tests/lib/check.h"

struct fixture {
    struct loop *loop;
    struct work *work;
    atomic_int n_running;
    atomic_int max_running;
    atomic_bool gate; /* jobs wait for it */
    int n_done;
    int n_wanted;
    int order[64];
};

struct test_job {
    struct job job;
    struct fixture *fixture;
    int number;
    int n_done;
    bool fails;
    enum err_code code; /* given to done() */
};

static void setup(struct fixture *f, const struct work_options *options)
{
    *f = (struct fixture){.n_done = 0};
    atomic_store(&f->gate, true);
    f->loop = loop_new();
    f->work = work_new(f->loop, options);
}

static void teardown(struct fixture *f)
{
    atomic_store(&f->gate, true);
    work_free(f->work);
    loop_free(f->loop);
}

/* Touches n KiB of stack. */
__attribute__((noinline)) static int go_deep(int n)
{
    volatile char page[1024];
    page[0] = (char)n;
    return n > 0 ? go_deep(n - 1) + page[0] : 0;
}

static int run_deep(struct job *job UNUSED, struct err *err UNUSED)
{
    (void)go_deep(5 * 1024);
    return 0;
}

static void on_deep(struct job *job, const struct err *err)
{
    struct test_job *t = CONTAINER_OF(job, struct test_job, job);
    assert_null(err);
    t->n_done++;
}

static bool is_done(void *data)
{
    return ((struct test_job *)data)->n_done > 0;
}

/* First of all: threads are made once. */
static void threads_have_stack_whatever_the_process_was_given(void **state UNUSED)
{
    struct fixture f;
    struct err err;
    struct rlimit stack;
    assert_int_equal(getrlimit(RLIMIT_STACK, &stack), 0);
    stack.rlim_cur = 1024 * 1024;
    assert_int_equal(setrlimit(RLIMIT_STACK, &stack), 0);
    setup(&f, NULL);
    struct test_job t = {.fixture = &f, .job = {.run = run_deep, .done = on_deep}};
    ASSERT_OK(work_submit(f.work, WORK_RENDER, &t.job, &err));
    assert_true(loop_run_until(f.loop, is_done, &t, 20000));
    teardown(&f);
}

static int run(struct job *job, struct err *err)
{
    struct test_job *t = CONTAINER_OF(job, struct test_job, job);
    struct fixture *f = t->fixture;
    ASSERT_POOL();
    int n = atomic_fetch_add(&f->n_running, 1) + 1;
    int max = atomic_load(&f->max_running);
    while (n > max && !atomic_compare_exchange_weak(&f->max_running, &max, n)) {
    }
    while (!atomic_load(&f->gate) && !job_canceled(job)) {
        (void)sched_yield();
    }
    (void)atomic_fetch_sub(&f->n_running, 1);
    return t->fails ? err_set(err, ERR_INVALID, "job %d", t->number) : 0;
}

static void on_done(struct job *job, const struct err *err)
{
    struct test_job *t = CONTAINER_OF(job, struct test_job, job);
    struct fixture *f = t->fixture;
    assert_true(loop_on_thread(f->loop));
    assert_false(work_on_pool());
    t->n_done++;
    t->code = err != NULL ? err->code : ERR_OK;
    if (f->n_done < (int)ARRAY_LEN(f->order)) {
        f->order[f->n_done] = t->number;
    }
    f->n_done++;
}

static void job_init(struct test_job *t, struct fixture *f, int number)
{
    *t = (struct test_job){.fixture = f, .number = number};
    t->job.run = run;
    t->job.done = on_done;
}

static bool all_done(void *data)
{
    struct fixture *f = data;
    return f->n_done >= f->n_wanted;
}

static bool some_running(void *data)
{
    struct fixture *f = data;
    return atomic_load(&f->n_running) >= f->n_wanted;
}

/* The loop has nothing to wake up for while jobs run: look again soon. */
static bool wait_running(struct fixture *f, int n)
{
    f->n_wanted = n;
    for (int i = 0; i < 1000 && !some_running(f); i++) {
        (void)loop_run_until(f->loop, some_running, f, 5);
    }
    return some_running(f);
}

static void result_and_error_reach_done(void **state UNUSED)
{
    struct fixture f;
    struct err err;
    struct test_job good;
    struct test_job bad;
    setup(&f, NULL);
    job_init(&good, &f, 1);
    job_init(&bad, &f, 2);
    bad.fails = true;
    ASSERT_OK(work_submit(f.work, WORK_DIFF, &good.job, &err));
    ASSERT_OK(work_submit(f.work, WORK_FILE, &bad.job, &err));
    assert_int_equal(f.n_done, 0);
    assert_true(job_active(&good.job));
    f.n_wanted = 2;
    assert_true(loop_run_until(f.loop, all_done, &f, 10000));
    assert_int_equal(good.code, ERR_OK);
    assert_int_equal(bad.code, ERR_INVALID);
    assert_string_equal(bad.job.err.message, "job 2");
    assert_false(job_active(&good.job));
    teardown(&f);
}

static void class_keeps_its_cap_and_order(void **state UNUSED)
{
    struct fixture f;
    struct err err;
    struct test_job jobs[20];
    setup(&f, &(struct work_options){.n_threads = 8, .cap = {[WORK_GIT] = 1}});
    for (int i = 0; i < 20; i++) {
        job_init(&jobs[i], &f, i);
        ASSERT_OK(work_submit(f.work, WORK_GIT, &jobs[i].job, &err));
    }
    assert_int_equal(work_stats(f.work, WORK_GIT).n_queued, 19);
    assert_int_equal(work_stats(f.work, WORK_GIT).n_running, 1);
    f.n_wanted = 20;
    assert_true(loop_run_until(f.loop, all_done, &f, 10000));
    assert_int_equal(atomic_load(&f.max_running), 1);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(f.order[i], i);
    }
    teardown(&f);
}

static void two_threads_stay_free(void **state UNUSED)
{
    struct fixture f;
    struct err err;
    struct test_job jobs[10];
    /* the pool of this process has the size of the first test: only what we start at once counts */
    setup(&f, &(struct work_options){.n_threads = 5, .cap = {[WORK_GIT] = 5, [WORK_DIFF] = 5}});
    atomic_store(&f.gate, false);
    for (int i = 0; i < 10; i++) {
        job_init(&jobs[i], &f, i);
        ASSERT_OK(work_submit(f.work, i % 2 == 0 ? WORK_GIT : WORK_DIFF, &jobs[i].job, &err));
    }
    assert_int_equal(
        work_stats(f.work, WORK_GIT).n_running + work_stats(f.work, WORK_DIFF).n_running, 3);
    atomic_store(&f.gate, true);
    f.n_wanted = 10;
    assert_true(loop_run_until(f.loop, all_done, &f, 10000));
    teardown(&f);
}

static void classes_take_turns(void **state UNUSED)
{
    struct fixture f;
    struct err err;
    struct test_job jobs[12];
    setup(&f, &(struct work_options){.n_threads = 3});
    for (int i = 0; i < 12; i++) { /* ten of one class, then two of another */
        job_init(&jobs[i], &f, i);
        ASSERT_OK(work_submit(f.work, i < 10 ? WORK_GIT : WORK_HASH, &jobs[i].job, &err));
    }
    f.n_wanted = 12;
    assert_true(loop_run_until(f.loop, all_done, &f, 10000));
    assert_true(f.order[1] >= 10); /* not behind all of the first class */
    teardown(&f);
}

static void queue_is_limited(void **state UNUSED)
{
    struct fixture f;
    struct err err;
    struct test_job jobs[5];
    setup(&f, &(struct work_options){.n_threads = 3, .max_queued = 3});
    for (int i = 0; i < 5; i++) {
        job_init(&jobs[i], &f, i);
    }
    atomic_store(&f.gate, false);
    for (int i = 0; i < 4; i++) { /* one runs, three wait */
        ASSERT_OK(work_submit(f.work, WORK_HASH, &jobs[i].job, &err));
    }
    ASSERT_ERR(work_submit(f.work, WORK_HASH, &jobs[4].job, &err), ERR_LIMIT, "3 hash jobs");
    assert_false(job_active(&jobs[4].job));
    atomic_store(&f.gate, true);
    f.n_wanted = 4;
    assert_true(loop_run_until(f.loop, all_done, &f, 10000));
    assert_int_equal(jobs[4].n_done, 0);
    teardown(&f);
}

static void cancel_waiting_and_running(void **state UNUSED)
{
    struct fixture f;
    struct err err;
    struct test_job running;
    struct test_job waiting;
    setup(&f, &(struct work_options){.n_threads = 3});
    atomic_store(&f.gate, false);
    job_init(&running, &f, 1);
    job_init(&waiting, &f, 2);
    ASSERT_OK(work_submit(f.work, WORK_GIT, &running.job, &err));
    ASSERT_OK(work_submit(f.work, WORK_GIT, &waiting.job, &err));
    assert_true(wait_running(&f, 1));
    job_cancel(&waiting.job);
    job_cancel(&waiting.job);
    assert_int_equal(f.n_done, 0);
    f.n_wanted = 1;
    assert_true(loop_run_until(f.loop, all_done, &f, 10000));
    assert_int_equal(waiting.code, ERR_CANCELED);
    job_cancel(&running.job);
    f.n_wanted = 2;
    assert_true(loop_run_until(f.loop, all_done, &f, 10000));
    assert_int_equal(running.code, ERR_CANCELED);
    job_cancel(&running.job); /* nothing to cancel any more */
    teardown(&f);
}

static void freeing_cancels_all(void **state UNUSED)
{
    struct fixture f;
    struct err err;
    struct test_job jobs[30];
    setup(&f, NULL);
    atomic_store(&f.gate, false);
    for (int i = 0; i < 30; i++) {
        job_init(&jobs[i], &f, i);
        ASSERT_OK(work_submit(f.work, (enum work_class)(i % WORK_CLASS_COUNT), &jobs[i].job, &err));
    }
    work_free(f.work);
    loop_free(f.loop);
    for (int i = 0; i < 30; i++) {
        assert_int_equal(jobs[i].n_done, 1);
        assert_int_equal(jobs[i].code, ERR_CANCELED);
    }
}

enum { N_TORTURE = 2000 };

static void every_job_is_done_exactly_once_whatever_happens(void **state UNUSED)
{
    struct fixture f;
    struct err err;
    struct rand_seeded seeded;
    rand_seeded_init(&seeded, 99);
    setup(&f, NULL);
    struct test_job *jobs = mem_calloc(N_TORTURE, sizeof(*jobs));
    for (int i = 0; i < N_TORTURE; i++) {
        job_init(&jobs[i], &f, i);
        jobs[i].fails = rand_below(&seeded.rand, 3) == 0;
        enum work_class class = (enum work_class)rand_below(&seeded.rand, WORK_CLASS_COUNT);
        ASSERT_OK(work_submit(f.work, class, &jobs[i].job, &err));
        if (rand_below(&seeded.rand, 2) == 0) {
            struct test_job *victim = &jobs[rand_below(&seeded.rand, (uint64_t)i + 1)];
            bool was_active = job_active(&victim->job);
            int n_before = victim->n_done;
            job_cancel(&victim->job);
            assert_int_equal(victim->n_done, n_before); /* never from cancel itself */
            assert_int_equal(job_active(&victim->job), was_active);
        }
        if (rand_below(&seeded.rand, 16) == 0) {
            f.n_wanted = f.n_done + 1;
            (void)loop_run_until(f.loop, all_done, &f, 1);
        }
    }
    f.n_wanted = N_TORTURE;
    assert_true(loop_run_until(f.loop, all_done, &f, 60000));
    for (int i = 0; i < N_TORTURE; i++) {
        assert_int_equal(jobs[i].n_done, 1);
        enum err_code want = job_canceled(&jobs[i].job) ? ERR_CANCELED
                             : jobs[i].fails            ? ERR_INVALID
                                                        : ERR_OK;
        assert_int_equal(jobs[i].code, want);
    }
    teardown(&f);
    mem_free(jobs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_have_stack_whatever_the_process_was_given),
        cmocka_unit_test(result_and_error_reach_done),
        cmocka_unit_test(class_keeps_its_cap_and_order),
        cmocka_unit_test(two_threads_stay_free),
        cmocka_unit_test(classes_take_turns),
        cmocka_unit_test(queue_is_limited),
        cmocka_unit_test(cancel_waiting_and_running),
        cmocka_unit_test(freeing_cancels_all),
        cmocka_unit_test(every_job_is_done_exactly_once_whatever_happens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
