/* Objects that wait for a look on the pool. */
#include "app-controller/live/live_queue.h"
#include "common/base/arena.h"
#include "common/rt/loop.h"
#include "common/rt/work.h"
#include "tests/lib/parse.h"

enum { WAIT_MS = 30000, MANY = 150 };

struct thing {
    struct live_queued queued;
    bool looked_at;
};

struct fixture {
    struct arena *arena;
    struct loop *loop;
    struct work *work;
    struct live_queue *queue;
    size_t n_begun; /* jobs */
    size_t n_looked;
    char version[16]; /* of the last */
};

static void *begin(void *data)
{
    struct fixture *f = data;
    f->n_begun++;
    return f;
}

static void end(void *context)
{
    assert_true(((struct fixture *)context)->n_begun > 0);
}

static void look(void *context UNUSED, struct live_queued *queued)
{
    CONTAINER_OF(queued, struct thing, queued)->looked_at = true;
}

static void on_looked(void *data, struct live_queued *queued)
{
    struct fixture *f = data;
    assert_true(CONTAINER_OF(queued, struct thing, queued)->looked_at);
    ASSERT_STR(queued->key.kind, "A");
    (void)snprintf(f->version, sizeof(f->version), STR_FMT, STR_ARG(queued->resource_version));
    f->n_looked++;
}

static void on_idle(void *data UNUSED)
{
}

static bool is_idle(void *data)
{
    return live_queue_is_idle(((struct fixture *)data)->queue);
}

static void setup(struct fixture *f, const struct work_options *options)
{
    *f = (struct fixture){.arena = arena_new(), .loop = loop_new()};
    f->work = work_new(f->loop, options);
    const struct live_queue_opts opts = {
        .loop = f->loop,
        .work = f->work,
        .purpose = "a test",
        .begin = begin,
        .end = end,
        .look = look,
        .on_looked = on_looked,
        .on_idle = on_idle,
        .data = f,
    };
    f->queue = live_queue_new(&opts);
}

static void teardown(struct fixture *f)
{
    live_queue_stop(f->queue);
    assert_true(loop_run_until(f->loop, is_idle, f, WAIT_MS));
    live_queue_free(f->queue);
    work_free(f->work);
    loop_free(f->loop);
    arena_free(f->arena);
}

static void add(struct fixture *f, const char *name, const char *version)
{
    struct arena *arena = arena_new();
    struct thing *thing = ARENA_NEW(arena, struct thing);
    struct str text = arena_printf(
        f->arena, "{kind: A, metadata: {name: %s, resourceVersion: '%s'}}", name, version);
    thing->queued.arena = arena;
    live_queue_add(f->queue, &thing->queued, parse_yaml(f->arena, text.p));
}

static void the_last_state_counts(void **state UNUSED)
{
    struct fixture f;
    setup(&f, NULL);
    add(&f, "first", "1"); /* its job is under way */
    add(&f, "x", "2");
    add(&f, "x", "3");
    assert_true(loop_run_until(f.loop, is_idle, &f, WAIT_MS));
    assert_int_equal(f.n_begun, 2);
    assert_int_equal(f.n_looked, 2);
    assert_string_equal(f.version, "3");
    teardown(&f);
}

static void many_are_looked_at_in_turns(void **state UNUSED)
{
    struct fixture f;
    setup(&f, NULL);
    for (size_t i = 0; i < MANY; i++) {
        add(&f, arena_printf(f.arena, "x%zu", i).p, "1");
    }
    assert_true(loop_run_until(f.loop, is_idle, &f, WAIT_MS));
    assert_int_equal(f.n_looked, MANY);
    assert_true(f.n_begun > 2);
    teardown(&f);
}

static void what_waits_may_be_dropped(void **state UNUSED)
{
    struct fixture f;
    setup(&f, NULL);
    add(&f, "x", "1");
    add(&f, "y", "1");
    live_queue_stop(f.queue);
    add(&f, "z", "1");
    assert_true(loop_run_until(f.loop, is_idle, &f, WAIT_MS));
    assert_int_equal(f.n_looked, 0);
    teardown(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_state_counts),
        cmocka_unit_test(many_are_looked_at_in_turns),
        cmocka_unit_test(what_waits_may_be_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
