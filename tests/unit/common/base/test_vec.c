/* Growing arrays on the heap and in an arena. */
#include "common/base/vec.h"
#include "tests/lib/check.h"

static void grows_on_the_heap(void **state UNUSED)
{
    VEC(int) v = {0};
    for (int i = 0; i < 1000; i++) {
        vec_push(&v, i);
    }
    assert_int_equal(v.n, 1000);
    int want = 0;
    VEC_FOREACH(&v, it) {
        assert_int_equal(*it, want++);
    }
    assert_int_equal(want, 1000);
    vec_done(&v);
    assert_null(v.items);
    assert_int_equal(v.n, 0);
}

static void grows_in_an_arena(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    VEC(struct str) v = {0};
    for (int i = 0; i < 100; i++) {
        vec_push_in(arena, &v, arena_printf(arena, "%d", i));
    }
    ASSERT_STR(v.items[0], "0");
    ASSERT_STR(v.items[99], "99");
}

static void removes_in_order(void **state UNUSED)
{
    VEC(int) v = {0};
    for (int i = 0; i < 5; i++) {
        vec_push(&v, i);
    }
    vec_remove(&v, 0);
    vec_remove(&v, 3);
    vec_remove(&v, 1);
    assert_int_equal(v.n, 2);
    assert_int_equal(v.items[0], 1);
    assert_int_equal(v.items[1], 3);
    vec_done(&v);
}

static void loops_over_nothing_and_nest(void **state UNUSED)
{
    VEC(int) none = {0};
    VEC(int) two = {0};
    int n = 0;
    VEC_FOREACH(&none, it) {
        fail_msg("%d", *it);
    }
    vec_push(&two, 1);
    vec_push(&two, 2);
    VEC_FOREACH(&two, a) {
        VEC_FOREACH(&two, b) {
            n += *a * *b;
        }
    }
    assert_int_equal(n, 9);
    vec_done(&two);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows_on_the_heap),
        cmocka_unit_test(grows_in_an_arena),
        cmocka_unit_test(removes_in_order),
        cmocka_unit_test(loops_over_nothing_and_nest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
