/* Changes that take jq to be ignored. This program is its own helper. */
#include "app-controller/jq.h"
#include "app-controller/jq_worker.h"
#include "app-controller/live/live_hush.h"
#include "common/rt/loop.h"
#include "common/rt/subproc.h"
#include "common/rt/work.h"
#include "engine/compare/rules.h"
#include "tests/lib/parse.h"

enum { WAIT_MS = 60000, SEEN_MAX = 8 };

#define NOISE                                                                        \
    "{resource.customizations.ignoreResourceUpdates.A: 'jqPathExpressions: [\".a | " \
    "getpath([\\\"noise\\\"])\"]'}"
#define BROKEN \
    "{resource.customizations.ignoreResourceUpdates.A: 'jqPathExpressions: [\".a | nonsense\"]'}"
#define OBJECT(name, version, a) \
    "{kind: A, metadata: {name: " name ", resourceVersion: '" version "'}, a: " a "}"

struct fixture {
    struct arena *arena;
    struct loop *loop;
    struct work *work;
    struct jq_pool *jq;
    struct live_hush *hush;
    struct live_hushed seen[SEEN_MAX];
    size_t n_seen;
    size_t n_wanted;
    bool idle;
};

static void on_hushed(void *data, const struct live_hushed *what)
{
    struct fixture *f = data;
    assert_true(f->n_seen < SEEN_MAX);
    f->seen[f->n_seen++] = (struct live_hushed){
        .resource_version = arena_str(f->arena, what->resource_version),
        .hash = what->hash,
        .told = what->told,
    };
}

static void on_idle(void *data)
{
    ((struct fixture *)data)->idle = true;
}

static bool has_seen(void *data)
{
    const struct fixture *f = data;
    return f->n_seen >= f->n_wanted;
}

static bool is_idle(void *data)
{
    return live_hush_is_idle(((struct fixture *)data)->hush);
}

static void begin(struct fixture *f)
{
    *f = (struct fixture){.arena = arena_new(), .loop = loop_new()};
    f->work = work_new(f->loop, NULL);
    f->jq = jq_pool_new(20000);
    const struct live_hush_opts opts = {
        .loop = f->loop,
        .work = f->work,
        .jq = f->jq,
        .on_hushed = on_hushed,
        .on_idle = on_idle,
        .data = f,
    };
    f->hush = live_hush_new(&opts);
}

static void end(struct fixture *f)
{
    live_hush_stop(f->hush);
    assert_true(loop_run_until(f->loop, is_idle, f, WAIT_MS));
    live_hush_free(f->hush);
    jq_pool_free(f->jq);
    work_free(f->work);
    loop_free(f->loop);
    arena_free(f->arena);
}

static void add(struct fixture *f, const char *config, const char *obj, bool told)
{
    AUTO(compare_rules) struct compare_rules *rules = NULL;
    struct err err;
    ASSERT_OK(compare_rules_new(parse_yaml(f->arena, config), &rules, &err));
    live_hush_add(f->hush, rules, parse_yaml(f->arena, obj), true, told);
}

static void wait_for(struct fixture *f, size_t n)
{
    f->n_wanted = n;
    assert_true(loop_run_until(f->loop, has_seen, f, WAIT_MS));
}

static void what_is_ignored_has_no_part_in_the_hash(void **state UNUSED)
{
    struct fixture f;
    begin(&f);
    add(&f, NOISE, OBJECT("x", "1", "{noise: 1, more: 1}"), true);
    wait_for(&f, 1);
    add(&f, NOISE, OBJECT("x", "2", "{noise: 2, more: 1}"), false);
    wait_for(&f, 2);
    add(&f, NOISE, OBJECT("x", "3", "{noise: 2, more: 2}"), false);
    wait_for(&f, 3);
    assert_true(f.seen[0].told && !f.seen[1].told && f.seen[0].hash != 0);
    assert_true(f.seen[0].hash == f.seen[1].hash && f.seen[1].hash != f.seen[2].hash);
    ASSERT_STR(f.seen[2].resource_version, "3");
    end(&f);
}

static void the_last_state_counts(void **state UNUSED)
{
    struct fixture f;
    begin(&f);
    add(&f, NOISE, OBJECT("first", "1", "{}"), false); /* its job is under way */
    add(&f, NOISE, OBJECT("x", "2", "{}"), false);
    add(&f, NOISE, OBJECT("x", "3", "{}"), false);
    wait_for(&f, 2);
    assert_true(loop_run_until(f.loop, is_idle, &f, WAIT_MS));
    assert_int_equal(f.n_seen, 2);
    ASSERT_STR(f.seen[1].resource_version, "3");
    assert_true(f.idle);
    end(&f);
}

static void rules_that_fail_make_changes_count(void **state UNUSED)
{
    struct fixture f;
    begin(&f);
    add(&f, BROKEN, OBJECT("first", "1", "{}"), false);
    add(&f, BROKEN, OBJECT("x", "1", "{}"), false);
    add(&f, BROKEN, OBJECT("y", "1", "{}"), false);
    wait_for(&f, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(f.seen[i].hash, 0);
    }
    end(&f);
}

static void may_be_stopped_at_any_time(void **state UNUSED)
{
    struct fixture f;
    begin(&f);
    add(&f, NOISE, OBJECT("x", "1", "{}"), false);
    end(&f);
    assert_int_equal(f.n_seen, 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_ignored_has_no_part_in_the_hash),
        cmocka_unit_test(the_last_state_counts),
        cmocka_unit_test(rules_that_fail_make_changes_count),
        cmocka_unit_test(may_be_stopped_at_any_time),
    };
    subproc_child_main(&argc, argv);
    if (argc == 2 && str_eq_c(str_from(argv[1]), JQ_WORKER_FLAG)) {
        jq_worker_main();
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
