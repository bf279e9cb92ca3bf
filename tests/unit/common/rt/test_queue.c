/* The keyed queue: once per key, never twice at the same time, levels, delays, back-off,
 * shutdown. */
#include <stdio.h>

#include "common/base/mem.h"
#include "common/base/rand.h"
#include "common/rt/loop.h"
#include "common/rt/queue.h"
#include "common/rt/timer.h"
#include "tests/lib/check.h"

enum { WAIT_MS = 20000, N_KEYS = 40 };

struct fixture {
    struct loop *loop;
    struct queue *queue;
    char log[256]; /* "key:level " of each run */
    int n_runs;
    int n_wanted;
    int n_running;
    int max_running;
    bool hold; /* runs end when the test says so */
    bool drained;
    bool busy[N_KEYS]; /* for the torture */
    int seen[N_KEYS];
    struct rand *rand;
};

static const struct backoff_policy RETRY = {.base_ms = 2, .factor = 2, .cap_ms = 50};

static void on_process(struct queue *queue, struct str key, int level, void *data)
{
    struct fixture *f = data;
    size_t used = strlen(f->log);
    f->n_runs++;
    f->n_running++;
    f->max_running = MAX(f->max_running, f->n_running);
    (void)snprintf(f->log + used, sizeof(f->log) - used, STR_FMT ":%d ", STR_ARG(key), level);
    if (!f->hold) {
        f->n_running--;
        queue_done(queue, key);
    }
}

/* Keys that begin with a capital have a lane of their own. */
static size_t lane_of(struct str key, void *data UNUSED)
{
    return key.p[0] >= 'A' && key.p[0] <= 'Z';
}

static void setup_lanes(struct fixture *f)
{
    *f = (struct fixture){.loop = loop_new(), .hold = true};
    const struct queue_options options = {.name = "test",
                                          .process = on_process,
                                          .data = f,
                                          .lane_of = lane_of,
                                          .n_lanes = 2,
                                          .lane_max = {2, 1},
                                          .order = QUEUE_FIFO,
                                          .retry = &RETRY};
    f->queue = queue_new(f->loop, &options);
}

static void setup(struct fixture *f, size_t max_running, enum queue_order order)
{
    *f = (struct fixture){.loop = loop_new()};
    const struct queue_options options = {.name = "test",
                                          .process = on_process,
                                          .data = f,
                                          .max_running = max_running,
                                          .order = order,
                                          .retry = &RETRY};
    f->queue = queue_new(f->loop, &options);
}

static void teardown(struct fixture *f)
{
    queue_free(f->queue);
    loop_free(f->loop);
}

static bool has_run(void *data)
{
    const struct fixture *f = data;
    return f->n_runs >= f->n_wanted;
}

static void wait_runs(struct fixture *f, int n)
{
    f->n_wanted = n;
    assert_true(loop_run_until(f->loop, has_run, f, WAIT_MS));
}

static void finish(struct fixture *f, struct str key)
{
    f->n_running--;
    queue_done(f->queue, key);
}

static bool never(void *data UNUSED)
{
    return false;
}

static void same_key_runs_once_with_the_highest_level(void **state UNUSED)
{
    struct fixture f;
    setup(&f, 1, QUEUE_FIFO);
    queue_add(f.queue, STR("a"), 1);
    queue_add(f.queue, STR("b"), 0);
    queue_add(f.queue, STR("a"), 3);
    queue_add(f.queue, STR("a"), 2);
    assert_int_equal(f.n_runs, 0);
    wait_runs(&f, 2);
    assert_string_equal(f.log, "a:3 b:0 ");
    assert_int_equal(queue_stats(f.queue).n_added, 4);
    assert_int_equal(queue_stats(f.queue).n_due, 0);
    teardown(&f);
}

static void key_added_while_running_runs_again_afterwards(void **state UNUSED)
{
    struct fixture f;
    setup(&f, 2, QUEUE_FIFO);
    f.hold = true;
    queue_add(f.queue, STR("a"), 5);
    wait_runs(&f, 1);
    queue_add(f.queue, STR("a"), 1);
    queue_add(f.queue, STR("a"), 2);
    (void)loop_run_until(f.loop, never, &f, 10);
    assert_int_equal(f.n_runs, 1);
    finish(&f, STR("a"));
    wait_runs(&f, 2);
    assert_string_equal(f.log, "a:5 a:2 ");
    finish(&f, STR("a"));
    teardown(&f);
}

static void no_more_than_the_maximum_run_at_once(void **state UNUSED)
{
    struct fixture f;
    setup(&f, 3, QUEUE_FIFO);
    f.hold = true;
    for (int i = 0; i < 10; i++) {
        char key[8];
        int n = snprintf(key, sizeof(key), "%d", i);
        queue_add(f.queue, str_of(key, (size_t)n), 0);
    }
    wait_runs(&f, 3);
    (void)loop_run_until(f.loop, never, &f, 10);
    assert_int_equal(f.n_runs, 3);
    assert_int_equal(queue_stats(f.queue).n_running, 3);
    finish(&f, STR("1"));
    wait_runs(&f, 4);
    finish(&f, STR("0"));
    finish(&f, STR("2"));
    finish(&f, STR("3"));
    queue_shutdown(f.queue, NULL, NULL);
    assert_string_equal(f.log, "0:0 1:0 2:0 3:0 ");
    teardown(&f);
}

static void higher_levels_come_first_when_asked_for(void **state UNUSED)
{
    struct fixture f;
    setup(&f, 1, QUEUE_LEVEL_FIRST);
    queue_add(f.queue, STR("low"), 0);
    queue_add(f.queue, STR("mid"), 1);
    queue_add(f.queue, STR("high"), 2);
    queue_add(f.queue, STR("risen"), 0);
    queue_add(f.queue, STR("risen"), 2);
    wait_runs(&f, 4);
    assert_string_equal(f.log, "high:2 risen:2 mid:1 low:0 ");
    teardown(&f);
}

static void earliest_time_and_highest_level_win(void **state UNUSED)
{
    struct fixture f;
    setup(&f, 1, QUEUE_FIFO);
    queue_add_after(f.queue, STR("a"), 1, 60000);
    queue_add_after(f.queue, STR("a"), 3, 20);
    queue_add_after(f.queue, STR("a"), 2, 60000);
    assert_int_equal(queue_stats(f.queue).n_waiting, 1);
    wait_runs(&f, 1);
    assert_string_equal(f.log, "a:3 ");
    assert_int_equal(queue_stats(f.queue).n_waiting, 0);
    teardown(&f);
}

static void adding_now_does_not_forget_what_waits(void **state UNUSED)
{
    struct fixture f;
    setup(&f, 1, QUEUE_FIFO);
    queue_add_after(f.queue, STR("a"), 4, 20);
    queue_add(f.queue, STR("a"), 1);
    wait_runs(&f, 2);
    assert_string_equal(f.log, "a:1 a:4 ");
    queue_add(f.queue, STR("b"), 0); /* what is due is not put off */
    queue_add_after(f.queue, STR("b"), 5, 60000);
    wait_runs(&f, 3);
    assert_string_equal(f.log, "a:1 a:4 b:5 ");
    assert_int_equal(queue_stats(f.queue).n_waiting, 0);
    teardown(&f);
}

static void failures_wait_longer_until_forgotten(void **state UNUSED)
{
    struct fixture f;
    setup(&f, 1, QUEUE_FIFO);
    static const int64_t WANT[] = {2, 4, 8, 16, 32, 50, 50};
    for (size_t i = 0; i < ARRAY_LEN(WANT); i++) {
        assert_int_equal(queue_add_rate_limited(f.queue, STR("a"), 0), WANT[i]);
        wait_runs(&f, (int)i + 1);
    }
    assert_int_equal(queue_n_failures(f.queue, STR("a")), ARRAY_LEN(WANT));
    queue_forget(f.queue, STR("a"));
    assert_int_equal(queue_n_failures(f.queue, STR("a")), 0);
    assert_int_equal(queue_add_rate_limited(f.queue, STR("a"), 0), 2);
    wait_runs(&f, (int)ARRAY_LEN(WANT) + 1);
    teardown(&f);
}

static void removed_key_does_not_run(void **state UNUSED)
{
    struct fixture f;
    setup(&f, 1, QUEUE_FIFO);
    queue_add(f.queue, STR("a"), 1);
    queue_add_after(f.queue, STR("b"), 1, 1);
    queue_add(f.queue, STR("c"), 1);
    queue_remove(f.queue, STR("a"));
    queue_remove(f.queue, STR("b"));
    queue_remove(f.queue, STR("unknown"));
    wait_runs(&f, 1);
    (void)loop_run_until(f.loop, never, &f, 10);
    assert_string_equal(f.log, "c:1 ");
    teardown(&f);
}

static void on_drained(struct queue *queue UNUSED, void *data)
{
    ((struct fixture *)data)->drained = true;
}

static bool is_drained(void *data)
{
    return ((struct fixture *)data)->drained;
}

static void shutdown_waits_for_what_runs_and_drops_the_rest(void **state UNUSED)
{
    struct fixture f;
    setup(&f, 1, QUEUE_FIFO);
    f.hold = true;
    queue_add(f.queue, STR("a"), 0);
    wait_runs(&f, 1);
    queue_add(f.queue, STR("a"), 0);
    queue_add(f.queue, STR("b"), 0);
    queue_add_after(f.queue, STR("c"), 0, 1);
    queue_shutdown(f.queue, on_drained, &f);
    queue_add(f.queue, STR("d"), 0);
    assert_false(loop_run_until(f.loop, is_drained, &f, 10));
    finish(&f, STR("a"));
    assert_false(f.drained);
    assert_true(loop_run_until(f.loop, is_drained, &f, WAIT_MS));
    assert_int_equal(f.n_runs, 1);
    teardown(&f);
}

/* --- torture: keys end at random times, are added, delayed and removed at random --- */

struct run {
    struct timer timer;
    struct fixture *fixture;
    struct str key;
    int number;
};

static int number_of(struct str key)
{
    return (key.p[0] - '0') * 10 + (key.p[1] - '0');
}

static void on_run_over(void *data)
{
    struct run *run = data;
    struct fixture *f = run->fixture;
    f->busy[run->number] = false;
    f->n_running--;
    struct str key = run->key;
    mem_free(run);
    queue_done(f->queue, key);
}

static void on_torture(struct queue *queue UNUSED, struct str key, int level, void *data)
{
    struct fixture *f = data;
    int number = number_of(key);
    assert_false(f->busy[number]); /* never twice at the same time */
    assert_in_range(level, 0, QUEUE_LEVELS - 1);
    f->busy[number] = true;
    f->seen[number]++;
    f->n_runs++;
    f->n_running++;
    assert_in_range(f->n_running, 1, 5);
    struct run *run = MEM_NEW(struct run);
    run->fixture = f;
    run->key = key;
    run->number = number;
    timer_init(&run->timer, f->loop, on_run_over, run);
    timer_start(&run->timer, (int64_t)rand_below(f->rand, 3));
}

static bool is_idle(void *data)
{
    const struct fixture *f = data;
    struct queue_stats stats = queue_stats(f->queue);
    return stats.n_due + stats.n_waiting + stats.n_running == 0;
}

static void keys_never_overlap_and_none_is_lost(void **state UNUSED)
{
    struct fixture f;
    struct rand_seeded seeded;
    rand_seeded_init(&seeded, 17);
    setup(&f, 1, QUEUE_FIFO);
    queue_free(f.queue);
    f.rand = &seeded.rand;
    const struct queue_options options = {.name = "torture",
                                          .process = on_torture,
                                          .data = &f,
                                          .max_running = 5,
                                          .order = QUEUE_LEVEL_FIRST,
                                          .retry = &RETRY};
    f.queue = queue_new(f.loop, &options);
    int last_add[N_KEYS] = {0}; /* runs of the key when it was last added */
    for (int i = 0; i < 4000; i++) {
        int number = (int)rand_below(f.rand, N_KEYS);
        char text[8];
        (void)snprintf(text, sizeof(text), "%02d", number);
        int level = (int)rand_below(f.rand, QUEUE_LEVELS);
        last_add[number] = f.seen[number];
        switch (rand_below(f.rand, 3)) {
        case 0:
            queue_add(f.queue, str_of(text, 2), level);
            break;
        case 1:
            queue_add_after(f.queue, str_of(text, 2), level, (int64_t)rand_below(f.rand, 5));
            break;
        default:
            (void)queue_add_rate_limited(f.queue, str_of(text, 2), level);
            queue_forget(f.queue, str_of(text, 2));
            break;
        }
        if (rand_below(f.rand, 10) == 0) {
            (void)loop_run_until(f.loop, never, &f, 1);
        }
    }
    assert_true(loop_run_until(f.loop, is_idle, &f, WAIT_MS));
    for (int i = 0; i < N_KEYS; i++) {
        assert_true(f.seen[i] > last_add[i]); /* each addition is followed by a run */
    }
    teardown(&f);
}

static void a_full_lane_holds_up_no_other(void **state UNUSED)
{
    struct fixture f;
    setup_lanes(&f);
    static const char *const KEYS[] = {"A", "B", "C", "a", "b", "c"};
    for (size_t i = 0; i < ARRAY_LEN(KEYS); i++) {
        queue_add(f.queue, str_from(KEYS[i]), 0);
    }
    wait_runs(&f, 3);
    (void)loop_run_until(f.loop, never, &f, 10);
    assert_string_equal(f.log, "A:0 a:0 b:0 ");
    assert_int_equal(queue_stats(f.queue).n_due, 3);
    queue_add(f.queue, STR("B"), 2); /* while it is held */
    queue_remove(f.queue, STR("C"));
    finish(&f, STR("A"));
    wait_runs(&f, 4);
    finish(&f, STR("a"));
    wait_runs(&f, 5);
    assert_string_equal(f.log, "A:0 a:0 b:0 B:2 c:0 ");
    finish(&f, STR("B"));
    finish(&f, STR("b"));
    finish(&f, STR("c"));
    (void)loop_run_until(f.loop, never, &f, 10);
    assert_int_equal(f.n_runs, 5);
    assert_int_equal(queue_stats(f.queue).n_due, 0);
    teardown(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_key_runs_once_with_the_highest_level),
        cmocka_unit_test(key_added_while_running_runs_again_afterwards),
        cmocka_unit_test(no_more_than_the_maximum_run_at_once),
        cmocka_unit_test(higher_levels_come_first_when_asked_for),
        cmocka_unit_test(earliest_time_and_highest_level_win),
        cmocka_unit_test(adding_now_does_not_forget_what_waits),
        cmocka_unit_test(failures_wait_longer_until_forgotten),
        cmocka_unit_test(removed_key_does_not_run),
        cmocka_unit_test(a_full_lane_holds_up_no_other),
        cmocka_unit_test(shutdown_waits_for_what_runs_and_drops_the_rest),
        cmocka_unit_test(keys_never_overlap_and_none_is_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
