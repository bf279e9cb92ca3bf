/* Budgets: each limit at N and N + 1, and the deadline. */
#include "common/base/budget.h"
#include "common/base/clock.h"
#include "tests/lib/check.h"

static void steps_bytes_and_nodes_end_at_their_limit(void **state UNUSED)
{
    struct err err;
    struct budget b = budget_unlimited();
    b.steps = 3;
    b.bytes = 3;
    b.nodes = 3;
    ASSERT_OK(budget_steps(&b, 1, &err));
    ASSERT_OK(budget_steps(&b, 2, &err));
    ASSERT_ERR(budget_steps(&b, 1, &err), ERR_LIMIT, "limit of steps reached");
    ASSERT_OK(budget_bytes(&b, 3, &err));
    ASSERT_ERR(budget_bytes(&b, 1, &err), ERR_LIMIT, "output bytes");
    ASSERT_ERR(budget_nodes(&b, 4, &err), ERR_LIMIT, "values");
    ASSERT_ERR(budget_nodes(&b, 1, &err), ERR_LIMIT, "values"); /* used up, not started anew */
}

static void depth_is_given_back(void **state UNUSED)
{
    struct err err;
    struct budget b = budget_unlimited();
    b.depth = 2;
    ASSERT_OK(budget_enter(&b, &err));
    ASSERT_OK(budget_enter(&b, &err));
    ASSERT_ERR(budget_enter(&b, &err), ERR_LIMIT, "nesting depth");
    budget_leave(&b);
    ASSERT_OK(budget_enter(&b, &err));
}

static void a_fork_is_charged_when_it_is_joined(void **state UNUSED)
{
    struct err err;
    struct budget b = budget_unlimited();
    b.steps = 10;
    b.depth = 1;
    struct budget fork = budget_fork(&b);
    ASSERT_OK(budget_steps(&fork, 8, &err));
    ASSERT_OK(budget_enter(&fork, &err));
    ASSERT_ERR(budget_enter(&fork, &err), ERR_LIMIT, "nesting depth");
    assert_int_equal(b.steps, 10);
    ASSERT_OK(budget_join(&b, &fork, &err));
    assert_int_equal(b.steps, 2);
    ASSERT_ERR(budget_join(&b, &fork, &err), ERR_LIMIT, "steps");
}

struct fixed_clock {
    struct clock base;
    int64_t ms;
};

static int64_t fixed_ms(const struct clock *clk)
{
    return ((const struct fixed_clock *)(const void *)clk)->ms;
}

static void deadline_is_noticed_after_some_steps(void **state UNUSED)
{
    struct err err;
    struct fixed_clock clk = {{fixed_ms, fixed_ms}, 1000};
    struct budget b = budget_unlimited();
    b.deadline_ms = 1000;
    b.clock = &clk.base;
    ASSERT_OK(budget_steps(&b, 5000, &err)); /* at the deadline, not past it */
    clk.ms = 1001;
    int rc = 0;
    int n = 0;
    while (rc == 0 && n++ < 2000) {
        rc = budget_steps(&b, 1, &err);
    }
    ASSERT_ERR(rc, ERR_TIMEOUT, "deadline passed");
}

static void unlimited_is_enough_for_anything(void **state UNUSED)
{
    struct err err;
    struct budget b = budget_unlimited();
    ASSERT_OK(budget_steps(&b, UINT64_MAX / 2, &err));
    ASSERT_OK(budget_bytes(&b, UINT64_MAX, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_bytes_and_nodes_end_at_their_limit),
        cmocka_unit_test(depth_is_given_back),
        cmocka_unit_test(a_fork_is_charged_when_it_is_joined),
        cmocka_unit_test(deadline_is_noticed_after_some_steps),
        cmocka_unit_test(unlimited_is_enough_for_anything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
