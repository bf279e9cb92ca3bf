/* Tasks done ahead: each runs once, and its results are the same with any number of helpers. */
#include "common/base/arena.h"
#include "common/base/crew.h"
#include "tests/lib/check.h"

enum { N_TASKS = 500 };

struct square {
    struct crew_task task;
    size_t number;
    size_t n_runs;
    size_t *result; /* in the arena of who ran it */
};

static void run_square(struct crew_task *task, struct arena *arena)
{
    struct square *s = CONTAINER_OF(task, struct square, task);
    s->n_runs++;
    s->result = arena_alloc(arena, sizeof(*s->result));
    *s->result = s->number * s->number;
}

static void init_squares(struct square *squares)
{
    for (size_t i = 0; i < N_TASKS; i++) {
        squares[i] = (struct square){.task = {.run = run_square}, .number = i};
    }
}

static void every_task_runs_once(void **state UNUSED)
{
    for (size_t n_helpers = 0; n_helpers <= 3; n_helpers++) {
        AUTO(arena) struct arena *arena = arena_new();
        AUTO(crew) struct crew *crew = crew_new(n_helpers);
        struct square squares[N_TASKS];
        init_squares(squares);
        assert_true((crew == NULL) == (n_helpers == 0));
        for (size_t i = 0; i < N_TASKS; i++) {
            if (i % 7 != 0) {
                crew_offer(crew, &squares[i].task);
            }
        }
        for (size_t i = 0; i < N_TASKS; i++) {
            crew_take(crew, &squares[i].task, arena);
            assert_int_equal(squares[i].n_runs, 1);
            assert_int_equal(*squares[i].result, i * i);
        }
    }
}

static void a_taken_task_may_be_offered_again(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(crew) struct crew *crew = crew_new(2);
    struct square square = {.task = {.run = run_square}};
    for (size_t i = 1; i <= N_TASKS; i++) {
        square.number = i;
        crew_offer(crew, &square.task);
        crew_take(crew, &square.task, arena);
        assert_int_equal(square.n_runs, i);
        assert_int_equal(*square.result, i * i);
    }
}

static void what_is_forgotten_is_not_running(void **state UNUSED)
{
    AUTO(crew) struct crew *crew = crew_new(2);
    for (size_t round = 0; round < 20; round++) {
        struct square squares[N_TASKS];
        init_squares(squares);
        for (size_t i = 0; i < N_TASKS; i++) {
            crew_offer(crew, &squares[i].task);
        }
        crew_forget(crew);
        for (size_t i = 0; i < N_TASKS; i++) {
            assert_true(squares[i].n_runs <= 1);
        }
    }
    crew_forget(NULL);
}

/* A task that is long enough for the owner to sleep. */
static void run_long(struct crew_task *task, struct arena *arena)
{
    for (size_t i = 0; i < 200000; i++) {
        (void)arena_alloc(arena, 16);
    }
    run_square(task, arena);
}

static void the_owner_waits_for_what_is_running(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(crew) struct crew *crew = crew_new(1);
    struct square squares[8];
    for (size_t i = 0; i < ARRAY_LEN(squares); i++) {
        squares[i] = (struct square){.task = {.run = run_long}, .number = i};
        crew_offer(crew, &squares[i].task);
    }
    for (size_t i = ARRAY_LEN(squares); i-- > 0;) {
        crew_take(crew, &squares[i].task, arena);
        assert_int_equal(*squares[i].result, i * i);
    }
}

static void there_is_a_processor_for_each_helper(void **state UNUSED)
{
    assert_true(crew_idle_processors() <= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_task_runs_once),
        cmocka_unit_test(a_taken_task_may_be_offered_again),
        cmocka_unit_test(what_is_forgotten_is_not_running),
        cmocka_unit_test(the_owner_waits_for_what_is_running),
        cmocka_unit_test(there_is_a_processor_for_each_helper),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
