/* The loop: posted tasks, running until a condition, the watchdog. */
#include "common/base/clock.h"
#include "common/rt/loop.h"
#include "tests/lib/check.h"

struct trace {
    struct loop *loop;
    struct loop_task task;
    int order[8];
    size_t n;
};

static void note(struct trace *t, int what)
{
    assert_true(t->n < ARRAY_LEN(t->order));
    t->order[t->n++] = what;
}

static void on_first(void *data)
{
    note(data, 1);
}

static void on_second(void *data)
{
    note(data, 2);
}

static bool has_two(void *data)
{
    return ((struct trace *)data)->n >= 2;
}

static void posted_functions_run_later_and_in_order(void **state UNUSED)
{
    AUTO(loop) struct loop *loop = loop_new();
    struct trace t = {.loop = loop};
    loop_post(loop, on_first, &t);
    loop_post(loop, on_second, &t);
    assert_int_equal(t.n, 0);
    assert_true(loop_run_until(loop, has_two, &t, 5000));
    assert_int_equal(t.order[0], 1);
    assert_int_equal(t.order[1], 2);
}

static void canceled_task_does_not_run_and_posting_twice_runs_once(void **state UNUSED)
{
    AUTO(loop) struct loop *loop = loop_new();
    struct trace t = {.loop = loop};
    struct loop_task canceled = {.fn = NULL};
    loop_task_post(loop, &canceled, on_first, &t);
    loop_task_cancel(&canceled);
    assert_false(loop_task_pending(&canceled));
    loop_task_post(loop, &t.task, on_second, &t);
    loop_task_post(loop, &t.task, on_second, &t);
    assert_true(loop_task_pending(&t.task));
    loop_post(loop, on_second, &t);
    assert_true(loop_run_until(loop, has_two, &t, 5000));
    assert_int_equal(t.n, 2);
    assert_int_equal(t.order[0], 2);
}

static void on_repost(void *data)
{
    struct trace *t = data;
    note(t, 3);
    if (t->n < ARRAY_LEN(t->order)) {
        loop_task_post(t->loop, &t->task, on_repost, t);
    } else {
        loop_stop(t->loop);
    }
}

static void task_may_post_itself_again(void **state UNUSED)
{
    AUTO(loop) struct loop *loop = loop_new();
    struct trace t = {.loop = loop};
    loop_task_post(loop, &t.task, on_repost, &t);
    loop_run(loop);
    assert_int_equal(t.n, ARRAY_LEN(t.order));
}

static void on_cancel_next(void *data)
{
    struct trace *t = data;
    note(t, 4);
    loop_task_cancel(&t->task); /* in the same batch */
}

static void task_cancels_the_next_one_of_its_batch(void **state UNUSED)
{
    AUTO(loop) struct loop *loop = loop_new();
    struct trace t = {.loop = loop};
    loop_post(loop, on_cancel_next, &t);
    loop_task_post(loop, &t.task, on_first, &t);
    loop_post(loop, on_second, &t);
    assert_true(loop_run_until(loop, has_two, &t, 5000));
    assert_int_equal(t.order[0], 4);
    assert_int_equal(t.order[1], 2);
}

static bool never(void *data UNUSED)
{
    return false;
}

static void waiting_ends_at_its_time(void **state UNUSED)
{
    AUTO(loop) struct loop *loop = loop_new();
    int64_t start_ms = clock_now_ms(clock_system());
    assert_false(loop_run_until(loop, never, NULL, 30));
    assert_true(clock_now_ms(clock_system()) - start_ms >= 29);
}

static void on_slow(void *data UNUSED)
{
    int64_t end_ms = clock_now_ms(clock_system()) + 3 * LOOP_SLOW_MS;
    while (clock_now_ms(clock_system()) < end_ms) {
    }
}

static void slow_callbacks_are_counted(void **state UNUSED)
{
    AUTO(loop) struct loop *loop = loop_new();
    assert_int_equal(loop_n_slow(loop), 0);
    loop_post(loop, on_slow, NULL);
    assert_false(loop_run_until(loop, never, NULL, 30));
    assert_true(loop_n_slow(loop) >= 1);
}

static void time_agrees_with_the_clock(void **state UNUSED)
{
    AUTO(loop) struct loop *loop = loop_new();
    int64_t difference_ms = loop_now_ms(loop) - clock_now_ms(clock_system());
    assert_true(difference_ms >= -1000 && difference_ms <= 1);
    assert_true(loop_on_thread(loop));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(posted_functions_run_later_and_in_order),
        cmocka_unit_test(canceled_task_does_not_run_and_posting_twice_runs_once),
        cmocka_unit_test(task_may_post_itself_again),
        cmocka_unit_test(task_cancels_the_next_one_of_its_batch),
        cmocka_unit_test(waiting_ends_at_its_time),
        cmocka_unit_test(slow_callbacks_are_counted),
        cmocka_unit_test(time_agrees_with_the_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
