/* Open-addressing pointer set: insert, find, remove under churn. */
#include "app-controller/live/ptr_index.h"
#include "common/base/str.h"
#include "tests/lib/check.h"

struct item {
    uint64_t hash;
    int id;
};

static uint64_t hash_of(const void *p)
{
    return ((const struct item *)p)->hash;
}

static bool id_is(const void *p, const void *key)
{
    return ((const struct item *)p)->id == *(const int *)key;
}

static void *find(const struct ptr_index *ix, const struct item *it)
{
    return ptr_index_find(ix, it->hash, id_is, &it->id);
}

static void finds_what_is_in_and_nothing_else(void **state UNUSED)
{
    struct ptr_index ix;
    struct item a = {7, 1};
    struct item b = {7, 2};
    ptr_index_init(&ix, hash_of);
    assert_null(find(&ix, &a));
    ptr_index_insert(&ix, &a);
    assert_ptr_equal(find(&ix, &a), &a);
    assert_null(find(&ix, &b));
    ptr_index_done(&ix);
}

static void colliding_items_survive_removals_before_them(void **state UNUSED)
{
    struct ptr_index ix;
    struct item items[8];
    ptr_index_init(&ix, hash_of);
    for (int i = 0; i < 8; i++) {
        items[i] = (struct item){15, i}; /* the last slot: the run wraps around */
        ptr_index_insert(&ix, &items[i]);
    }
    for (int i = 0; i < 8; i++) {
        ptr_index_remove(&ix, &items[i]);
        assert_null(find(&ix, &items[i]));
        for (int k = i + 1; k < 8; k++) {
            assert_ptr_equal(find(&ix, &items[k]), &items[k]);
        }
    }
    assert_int_equal(ix.n, 0);
    ptr_index_done(&ix);
}

static void grows_and_shrinks_under_churn(void **state UNUSED)
{
    enum { N = 5000 };
    static struct item items[N];
    struct ptr_index ix;
    ptr_index_init(&ix, hash_of);
    for (int i = 0; i < N; i++) {
        items[i] = (struct item){(uint64_t)i * 0x9e3779b97f4a7c15U >> 20, i};
        ptr_index_insert(&ix, &items[i]);
    }
    for (int i = 0; i < N; i += 2) {
        ptr_index_remove(&ix, &items[i]);
    }
    for (int i = 0; i < N; i++) {
        assert_ptr_equal(find(&ix, &items[i]), i % 2 == 0 ? NULL : &items[i]);
    }
    size_t at = 0;
    size_t n = 0;
    while (ptr_index_next(&ix, &at) != NULL) {
        n++;
    }
    assert_int_equal(n, N / 2);
    for (int i = 1; i < N; i += 2) {
        ptr_index_remove(&ix, &items[i]);
    }
    assert_true(ix.size <= 16);
    ptr_index_done(&ix);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_is_in_and_nothing_else),
        cmocka_unit_test(colliding_items_survive_removals_before_them),
        cmocka_unit_test(grows_and_shrinks_under_churn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
