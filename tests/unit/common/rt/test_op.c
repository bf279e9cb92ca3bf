/* The contract of operations: once, later, cancel and deadline win, freed last; torture at
 * random. */
#include "common/base/mem.h"
#include "common/base/rand.h"
#include "common/rt/loop.h"
#include "common/rt/op.h"
#include "tests/lib/check.h"

struct fixture {
    struct loop *loop;
    int n_done;
    int n_freed;
    int n_wanted; /* freed */
};

struct probe {
    struct op op;
    struct fixture *fixture;
    struct timer finish; /* when the work would be done */
    bool fails;
    bool busy; /* holds a reference of its own until the timer fires */
    int n_aborted;
    int *n_done; /* outside, as the operation is freed */
    enum err_code *code;
};

static void on_abort(struct op *op)
{
    CONTAINER_OF(op, struct probe, op)->n_aborted++;
}

static void on_free(struct op *op)
{
    struct probe *p = CONTAINER_OF(op, struct probe, op);
    assert_int_equal(*p->n_done, 1); /* never before done */
    p->fixture->n_freed++;
    mem_free(p);
}

static const struct op_class CLASS = {"probe", on_abort, on_free};

static void on_done(struct op *op, const struct err *err, void *data)
{
    struct fixture *f = data;
    struct probe *p = CONTAINER_OF(op, struct probe, op);
    f->n_done++;
    (*p->n_done)++;
    *p->code = err != NULL ? err->code : ERR_OK;
}

static void on_finish(void *data)
{
    struct probe *p = data;
    struct err err;
    (void)err_set(&err, ERR_INVALID, "failed as asked");
    op_finish(&p->op, p->fails ? &err : NULL);
    op_finish(&p->op, NULL); /* the second one is ignored */
    p->busy = false;
    op_unref(&p->op);
}

static struct probe *start(struct fixture *f, int64_t finish_ms, int *n_done, enum err_code *code)
{
    struct probe *p = MEM_NEW(struct probe);
    *n_done = 0;
    p->fixture = f;
    p->n_done = n_done;
    p->code = code;
    p->busy = true;
    op_init(&p->op, f->loop, &CLASS, on_done, f);
    op_ref(&p->op);
    timer_init(&p->finish, f->loop, on_finish, p);
    timer_start(&p->finish, finish_ms);
    return p;
}

static bool all_freed(void *data)
{
    struct fixture *f = data;
    return f->n_freed >= f->n_wanted;
}

static bool one_done(void *data)
{
    return ((struct fixture *)data)->n_done >= 1;
}

static void finishing_at_once_still_delivers_later(void **state UNUSED)
{
    struct fixture f = {.loop = loop_new(), .n_wanted = 1};
    int n_done;
    enum err_code code = ERR_INTERNAL;
    struct probe *p = start(&f, 0, &n_done, &code);
    timer_stop(&p->finish);
    on_finish(p);
    assert_int_equal(n_done, 0);
    assert_true(op_settled(&p->op));
    assert_true(loop_run_until(f.loop, all_freed, &f, 5000));
    assert_int_equal(n_done, 1);
    assert_int_equal(code, ERR_OK);
    loop_free(f.loop);
}

static void cancel_wins_over_a_result_that_waits(void **state UNUSED)
{
    struct fixture f = {.loop = loop_new(), .n_wanted = 1};
    int n_done;
    enum err_code code = ERR_OK;
    struct probe *p = start(&f, 0, &n_done, &code);
    timer_stop(&p->finish);
    on_finish(p);
    op_cancel(&p->op);
    op_cancel(&p->op);
    assert_int_equal(n_done, 0);
    assert_int_equal(p->n_aborted, 0); /* the work was over */
    assert_true(loop_run_until(f.loop, all_freed, &f, 5000));
    assert_int_equal(code, ERR_CANCELED);
    loop_free(f.loop);
}

static void deadline_delivers_before_the_work_ends_and_frees_after(void **state UNUSED)
{
    struct fixture f = {.loop = loop_new(), .n_wanted = 1};
    int n_done;
    enum err_code code = ERR_OK;
    struct probe *p = start(&f, 60, &n_done, &code);
    op_set_deadline(&p->op, loop_now_ms(f.loop) + 5);
    assert_true(loop_run_until(f.loop, one_done, &f, 5000));
    assert_int_equal(code, ERR_TIMEOUT);
    assert_int_equal(f.n_freed, 0);
    assert_int_equal(p->n_aborted, 1);
    assert_true(loop_run_until(f.loop, all_freed, &f, 5000));
    assert_int_equal(n_done, 1);
    loop_free(f.loop);
}

enum { N_TORTURE = 3000 };

static void every_operation_ends_exactly_once_whatever_happens(void **state UNUSED)
{
    struct fixture f = {.loop = loop_new()};
    struct rand_seeded seeded;
    rand_seeded_init(&seeded, 5);
    struct rand *rand = &seeded.rand;
    int *n_done = mem_calloc(N_TORTURE, sizeof(*n_done));
    enum err_code *codes = mem_calloc(N_TORTURE, sizeof(*codes));
    bool *canceled = mem_calloc(N_TORTURE, sizeof(*canceled));
    struct probe **probes = mem_calloc(N_TORTURE, sizeof(*probes));
    for (int i = 0; i < N_TORTURE; i++) {
        probes[i] = start(&f, (int64_t)rand_below(rand, 10), &n_done[i], &codes[i]);
        probes[i]->fails = rand_below(rand, 2) == 0;
        if (rand_below(rand, 2) == 0) {
            op_set_deadline(&probes[i]->op, loop_now_ms(f.loop) + (int64_t)rand_below(rand, 10));
        }
        size_t victim = rand_below(rand, (uint64_t)i + 1);
        if (n_done[victim] == 0) { /* as a user: not after done() */
            op_cancel(&probes[victim]->op);
            canceled[victim] = true;
        }
        if (rand_below(rand, 8) == 0) {
            f.n_wanted = f.n_freed + 1;
            (void)loop_run_until(f.loop, all_freed, &f, 1);
        }
    }
    f.n_wanted = N_TORTURE;
    assert_true(loop_run_until(f.loop, all_freed, &f, 20000));
    for (int i = 0; i < N_TORTURE; i++) {
        assert_int_equal(n_done[i], 1);
        assert_true(!canceled[i] || codes[i] == ERR_CANCELED);
    }
    loop_free(f.loop);
    mem_free(n_done);
    mem_free(codes);
    mem_free(canceled);
    mem_free(probes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finishing_at_once_still_delivers_later),
        cmocka_unit_test(cancel_wins_over_a_result_that_waits),
        cmocka_unit_test(deadline_delivers_before_the_work_ends_and_frees_after),
        cmocka_unit_test(every_operation_ends_exactly_once_whatever_happens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
