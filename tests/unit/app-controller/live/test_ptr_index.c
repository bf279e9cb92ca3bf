/* Index of pointers by hash: growth, collisions, removal in the middle of a run. */
#include "app-controller/live/ptr_index.h"
#include "common/base/macro.h"
#include "tests/lib/check.h"

enum { N_ITEMS = 1000 };

struct item {
    int key;
};

static uint64_t hash_of(const void *item)
{
    return (uint64_t)((const struct item *)item)->key % 7; /* long runs of collisions */
}

static bool has_key(const void *item, const void *key)
{
    return ((const struct item *)item)->key == *(const int *)key;
}

static struct item *find(const struct ptr_index *ix, int key)
{
    const struct item like = {key};
    return ptr_index_find(ix, hash_of(&like), has_key, &key);
}

static void items_are_found_until_removed(void **state UNUSED)
{
    static struct item items[N_ITEMS];
    struct ptr_index ix;
    ptr_index_init(&ix, hash_of);
    assert_null(find(&ix, 1));
    for (int i = 0; i < N_ITEMS; i++) {
        items[i].key = i;
        ptr_index_insert(&ix, &items[i]);
    }
    for (int i = 0; i < N_ITEMS; i += 2) {
        ptr_index_remove(&ix, &items[i]);
    }
    for (int i = 0; i < N_ITEMS; i++) {
        assert_ptr_equal(find(&ix, i), i % 2 == 0 ? NULL : &items[i]);
    }
    assert_int_equal(ix.n, N_ITEMS / 2);
    ptr_index_done(&ix);
}

static void every_item_comes_once(void **state UNUSED)
{
    struct item items[10];
    unsigned seen[10] = {0};
    struct ptr_index ix;
    size_t at = 0;
    ptr_index_init(&ix, hash_of);
    for (int i = 0; i < 10; i++) {
        items[i].key = i;
        ptr_index_insert(&ix, &items[i]);
    }
    for (const struct item *it; (it = ptr_index_next(&ix, &at)) != NULL;) {
        seen[it->key]++;
    }
    for (int i = 0; i < 10; i++) {
        assert_int_equal(seen[i], 1);
    }
    ptr_index_done(&ix);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_are_found_until_removed),
        cmocka_unit_test(every_item_comes_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
