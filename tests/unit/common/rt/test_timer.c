/* Timers: order, moving, stopping (also each other), repeating, many of them at random. */
#include "common/base/mem.h"
#include "common/base/rand.h"
#include "common/rt/loop.h"
#include "common/rt/timer.h"
#include "tests/lib/check.h"

enum { N_MANY = 5000 };

struct probe {
    struct timer timer;
    struct fixture *fixture;
    int64_t want_ms; /* due */
    int n_fired;
};

struct fixture {
    struct loop *loop;
    struct probe probes[N_MANY];
    size_t n_fired;
    size_t n_wanted;
    int64_t last_due_ms;
};

static struct fixture *setup(void)
{
    struct fixture *f = MEM_NEW(struct fixture);
    f->loop = loop_new();
    for (size_t i = 0; i < N_MANY; i++) {
        f->probes[i].fixture = f;
    }
    return f;
}

static void teardown(struct fixture *f)
{
    loop_free(f->loop);
    mem_free(f);
}

static bool all_fired(void *data)
{
    struct fixture *f = data;
    return f->n_fired >= f->n_wanted;
}

static void on_probe(void *data)
{
    struct probe *p = data;
    p->n_fired++;
    p->fixture->n_fired++;
    assert_true(loop_now_ms(p->fixture->loop) >= p->want_ms);
    assert_true(p->fixture->last_due_ms <= p->want_ms);
    p->fixture->last_due_ms = p->want_ms;
}

static void fires_in_order_of_time_whatever_the_order_of_starting(void **state UNUSED)
{
    struct fixture *f = setup();
    struct rand_seeded seeded;
    rand_seeded_init(&seeded, 42);
    int64_t base_ms = loop_now_ms(f->loop) + 20;
    for (size_t i = 0; i < N_MANY; i++) {
        struct probe *p = &f->probes[i];
        p->want_ms = base_ms + (int64_t)rand_below(&seeded.rand, 60);
        timer_init(&p->timer, f->loop, on_probe, p);
        timer_start_at(&p->timer, p->want_ms);
    }
    for (size_t i = 0; i < N_MANY; i += 3) { /* move some, stop others */
        struct probe *p = &f->probes[i];
        p->want_ms = base_ms + (int64_t)rand_below(&seeded.rand, 60);
        timer_start_at(&p->timer, p->want_ms);
    }
    size_t n_stopped = 0;
    for (size_t i = 1; i < N_MANY; i += 5) {
        timer_stop(&f->probes[i].timer);
        n_stopped++;
    }
    f->n_wanted = N_MANY - n_stopped;
    assert_true(loop_run_until(f->loop, all_fired, f, 10000));
    for (size_t i = 0; i < N_MANY; i++) {
        assert_int_equal(f->probes[i].n_fired, i % 5 == 1 ? 0 : 1);
        assert_false(timer_running(&f->probes[i].timer));
    }
    teardown(f);
}

static void on_stop_other(void *data)
{
    struct probe *p = data;
    p->fixture->n_fired++;
    timer_stop(&p->fixture->probes[1].timer);
    timer_stop(&p->timer); /* itself: it is not running any more */
}

static bool second_over(void *data)
{
    return ((struct fixture *)data)->probes[2].n_fired > 0;
}

static void timer_stops_another_one_due_at_the_same_time(void **state UNUSED)
{
    struct fixture *f = setup();
    int64_t due_ms = loop_now_ms(f->loop) + 5;
    timer_init(&f->probes[0].timer, f->loop, on_stop_other, &f->probes[0]);
    timer_init(&f->probes[1].timer, f->loop, on_probe, &f->probes[1]);
    timer_init(&f->probes[2].timer, f->loop, on_probe, &f->probes[2]);
    timer_start_at(&f->probes[0].timer, due_ms);
    timer_start_at(&f->probes[1].timer, due_ms);
    timer_start_at(&f->probes[2].timer, due_ms);
    assert_true(loop_run_until(f->loop, second_over, f, 5000));
    assert_int_equal(f->probes[1].n_fired, 0);
    assert_int_equal(f->n_fired, 2);
    teardown(f);
}

static void on_repeat(void *data)
{
    struct probe *p = data;
    p->n_fired++;
    p->fixture->n_fired++;
    if (p->n_fired == 5) {
        timer_stop(&p->timer);
    }
}

static void repeats_until_stopped(void **state UNUSED)
{
    struct fixture *f = setup();
    struct rand_seeded seeded;
    rand_seeded_init(&seeded, 1);
    f->n_wanted = 5;
    timer_init(&f->probes[0].timer, f->loop, on_repeat, &f->probes[0]);
    int64_t start_ms = loop_now_ms(f->loop);
    timer_start_repeating(&f->probes[0].timer, 4, 3, &seeded.rand);
    assert_true(loop_run_until(f->loop, all_fired, f, 5000));
    assert_true(loop_now_ms(f->loop) - start_ms >= 5 * 4 - 1);
    assert_false(timer_running(&f->probes[0].timer));
    teardown(f);
}

static void on_restart(void *data)
{
    struct probe *p = data;
    p->fixture->n_fired++;
    timer_start(&p->timer, 0);
}

static void timer_that_restarts_at_once_leaves_time_for_others(void **state UNUSED)
{
    struct fixture *f = setup();
    timer_init(&f->probes[0].timer, f->loop, on_restart, &f->probes[0]);
    timer_init(&f->probes[2].timer, f->loop, on_probe, &f->probes[2]);
    timer_start(&f->probes[0].timer, 0);
    timer_start(&f->probes[2].timer, 3);
    assert_true(loop_run_until(f->loop, second_over, f, 5000));
    timer_stop(&f->probes[0].timer);
    teardown(f);
}

static void late_start_counts_from_now_not_from_the_cached_time(void **state UNUSED)
{
    struct fixture *f = setup();
    int64_t busy_until_ms = loop_now_ms(f->loop) + 30;
    while (loop_now_ms(f->loop) < busy_until_ms) {
    }
    f->probes[2].want_ms = busy_until_ms + 20;
    timer_init(&f->probes[2].timer, f->loop, on_probe, &f->probes[2]);
    timer_start(&f->probes[2].timer, 20);
    assert_true(loop_run_until(f->loop, second_over, f, 5000));
    teardown(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fires_in_order_of_time_whatever_the_order_of_starting),
        cmocka_unit_test(timer_stops_another_one_due_at_the_same_time),
        cmocka_unit_test(repeats_until_stopped),
        cmocka_unit_test(timer_that_restarts_at_once_leaves_time_for_others),
        cmocka_unit_test(late_start_counts_from_now_not_from_the_cached_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
