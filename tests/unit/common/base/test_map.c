/* The ordered map: order, replacement, removal during iteration, growth, ownership. */
#include <stdio.h>
#include <string.h>

#include "common/base/map.h"
#include "tests/lib/check.h"

static int n_freed;

static void count_free(void *value UNUSED)
{
    n_freed++;
}

static void keeps_insertion_order(void **state UNUSED)
{
    AUTO(map) struct map *m = map_new(NULL);
    int one = 1;
    int two = 2;
    map_set(m, STR("z"), &one);
    map_set(m, STR("a"), &one);
    map_set(m, STR(""), NULL);
    map_set(m, STR("z"), &two); /* keeps its place */
    char order[16] = "";
    MAP_FOREACH(m, e) {
        (void)snprintf(order + strlen(order), sizeof(order) - strlen(order), "%s,", e.key.p);
    }
    assert_string_equal(order, "z,a,,");
    assert_ptr_equal(map_find(m, STR("z")), &two);
    assert_true(map_has(m, STR("")));
    assert_null(map_find(m, STR("")));
    assert_false(map_has(m, STR("zz")));
    assert_int_equal(map_len(m), 3);
}

static void owns_its_values(void **state UNUSED)
{
    int value[4];
    n_freed = 0;
    struct map *m = map_new(count_free);
    map_set(m, STR("a"), &value[0]);
    map_set(m, STR("a"), &value[0]); /* the same one is not freed */
    assert_int_equal(n_freed, 0);
    map_set(m, STR("a"), &value[1]);
    assert_int_equal(n_freed, 1);
    map_set(m, STR("b"), &value[2]);
    assert_true(map_remove(m, STR("b")));
    assert_false(map_remove(m, STR("b")));
    assert_int_equal(n_freed, 2);
    map_set(m, STR("c"), &value[3]);
    assert_ptr_equal(map_take(m, STR("c")), &value[3]);
    assert_null(map_take(m, STR("c")));
    assert_int_equal(n_freed, 2);
    map_clear(m);
    assert_int_equal(n_freed, 3);
    assert_int_equal(map_len(m), 0);
    map_set(m, STR("a"), &value[0]);
    map_free(m);
    assert_int_equal(n_freed, 4);
    map_free(NULL);
}

static void survives_growth_and_removal(void **state UNUSED)
{
    AUTO(map) struct map *m = map_new(NULL);
    enum { N = 5000 };
    static int values[N];
    char key[16];
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < N; i++) {
            (void)snprintf(key, sizeof(key), "key-%d", i);
            map_set(m, str_from(key), &values[i]);
        }
        int seen = 0;
        MAP_FOREACH(m, e) {
            seen++;
            if ((size_t)((int *)e.value - values) % 3 != 0) {
                assert_true(map_remove(m, e.key));
            }
        }
        assert_int_equal(seen, N);
        assert_int_equal(map_len(m), (N + 2) / 3);
    }
    assert_ptr_equal(map_find(m, STR("key-4998")), &values[4998]);
    assert_null(map_find(m, STR("key-4999")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_insertion_order),
        cmocka_unit_test(owns_its_values),
        cmocka_unit_test(survives_growth_and_removal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
