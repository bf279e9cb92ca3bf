/* jq expressions in helper processes. This program is its own helper. */
#include "app-controller/jq.h"
#include "app-controller/jq_worker.h"
#include "common/base/clock.h"
#include "common/base/limits.h"
#include "common/rt/subproc.h"
#include "tests/lib/parse.h"

#define HANGS "[limit(1; repeat(empty))]"

static int ask(struct jq_runner *runner,
               struct arena *arena,
               const char *expression,
               const char *obj,
               const struct value **ret,
               struct err *err)
{
    const struct ignore_jq *jq = jq_runner_jq(runner);
    return jq->paths(jq->data, arena, parse_yaml(arena, obj), str_from(expression), ret, err);
}

static void paths_come_and_are_remembered(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    const struct value *paths = NULL;
    struct jq_pool *pool = jq_pool_new(20000);
    struct jq_memo *memo = NULL;
    for (int i = 0; i < 3; i++) {
        struct jq_runner *runner = jq_runner_begin(pool, memo);
        ASSERT_OK(ask(runner, arena, ".l[] | select(. > 1)", "{l: [1, 2, 3]}", &paths, &err));
        assert_json(arena, paths, "[[\"l\",1],[\"l\",2]]");
        ASSERT_ERR(ask(runner, arena, ".a |", "{}", &paths, &err), ERR_INVALID,
                   "jq expression '.a |'");
        memo = jq_runner_end(runner);
    }
    jq_memo_free(memo);
    jq_pool_free(pool);
}

static void what_hangs_hangs_once(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    const struct value *paths = NULL;
    struct jq_pool *pool = jq_pool_new(200);
    struct jq_runner *runner = jq_runner_begin(pool, NULL);
    ASSERT_ERR(ask(runner, arena, HANGS, "{}", &paths, &err), ERR_TIMEOUT,
               "takes longer than it may");
    int64_t before_ms = clock_now_ms(clock_system());
    ASSERT_ERR(ask(runner, arena, HANGS, "{}", &paths, &err), ERR_TIMEOUT, "takes longer");
    assert_true(clock_now_ms(clock_system()) - before_ms < 200);
    jq_pool_free(pool); /* while one is out */
    jq_memo_free(jq_runner_end(runner));
}

static void what_takes_all_memory_ends_only_its_helper(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    const struct value *paths = NULL;
    struct jq_pool *pool = jq_pool_new(60000);
    struct jq_runner *runner = jq_runner_begin(pool, NULL);
    if (LIMIT_JQ_BYTES > 0) {
        assert_true(ask(runner, arena, "[range(100000000)] | .[0]", "{}", &paths, &err) < 0);
    }
    ASSERT_OK(ask(runner, arena, ".a | .b", "{a: {b: 1}}", &paths, &err));
    assert_json(arena, paths, "[[\"a\",\"b\"]]");
    jq_memo_free(jq_runner_end(runner));
    jq_pool_free(pool);
    jq_pool_free(NULL);
    jq_memo_free(NULL);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_come_and_are_remembered),
        cmocka_unit_test(what_hangs_hangs_once),
        cmocka_unit_test(what_takes_all_memory_ends_only_its_helper),
    };
    subproc_child_main(&argc, argv);
    if (argc == 2 && str_eq_c(str_from(argv[1]), JQ_WORKER_FLAG)) {
        jq_worker_main();
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
