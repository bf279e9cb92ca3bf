/* The intrusive list. */
#include "common/base/list.h"
#include "tests/lib/check.h"

struct job {
    int number;
    struct list node;
};

static int sum_in_order(struct list *l)
{
    int digits = 0;
    LIST_FOREACH(l, n) {
        digits = digits * 10 + CONTAINER_OF(n, struct job, node)->number;
    }
    return digits;
}

static void keeps_order_at_both_ends(void **state UNUSED)
{
    struct list l;
    struct job jobs[3] = {{.number = 1}, {.number = 2}, {.number = 3}};
    list_init(&l);
    assert_true(list_empty(&l));
    assert_null(list_pop(&l));
    list_push(&l, &jobs[0].node);
    list_push(&l, &jobs[1].node);
    list_push_front(&l, &jobs[2].node);
    assert_int_equal(sum_in_order(&l), 312);
    list_remove(&jobs[0].node);
    assert_true(list_empty(&jobs[0].node));
    assert_int_equal(sum_in_order(&l), 32);
    list_insert_after(&jobs[2].node, &jobs[0].node);
    assert_int_equal(sum_in_order(&l), 312);
    assert_ptr_equal(list_pop(&l), &jobs[2].node);
    assert_int_equal(sum_in_order(&l), 12);
}

static void the_node_seen_may_be_removed(void **state UNUSED)
{
    struct list l;
    struct job jobs[4] = {{.number = 1}, {.number = 2}, {.number = 3}, {.number = 4}};
    list_init(&l);
    for (size_t i = 0; i < ARRAY_LEN(jobs); i++) {
        list_push(&l, &jobs[i].node);
    }
    LIST_FOREACH(&l, n) {
        if (CONTAINER_OF(n, struct job, node)->number % 2 == 0) {
            list_remove(n);
        }
    }
    assert_int_equal(sum_in_order(&l), 13);
}

static void removing_a_loose_node_does_nothing(void **state UNUSED)
{
    struct job zeroed = {0};
    list_remove(&zeroed.node);
    assert_true(list_empty(&zeroed.node));
    struct job alone;
    list_init(&alone.node);
    list_remove(&alone.node);
    assert_true(list_empty(&alone.node));
}

static void loops_nest(void **state UNUSED)
{
    struct list l;
    struct job jobs[3] = {{.number = 1}, {.number = 2}, {.number = 3}};
    int pairs = 0;
    list_init(&l);
    for (size_t i = 0; i < ARRAY_LEN(jobs); i++) {
        list_push(&l, &jobs[i].node);
    }
    LIST_FOREACH(&l, a) {
        LIST_FOREACH(&l, b) {
            pairs += a != b;
        }
    }
    assert_int_equal(pairs, 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_order_at_both_ends),
        cmocka_unit_test(the_node_seen_may_be_removed),
        cmocka_unit_test(removing_a_loose_node_does_nothing),
        cmocka_unit_test(loops_nest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
