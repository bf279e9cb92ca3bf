/* What is said of a cluster as a whole. */
#include "tests/lib/parse.h"
#include "tests/unit/app-controller/live/cache_fixture.h"

static bool is_complete(void *data)
{
    return live_cache_complete(((struct cache_fixture *)data)->cache);
}

static void a_cluster_becomes_known(void **state UNUSED)
{
    struct cache_fixture f;
    cache_fixture_init(&f);
    cache_fixture_start(&f, NULL);
    assert_false(live_cache_synced(f.cache) || live_cache_complete(f.cache));
    fake_world_wait(&f.world, is_complete, &f);
    assert_true(live_cache_synced(f.cache));
    assert_null(live_cache_error(f.cache));
    cache_fixture_done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cluster_becomes_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
