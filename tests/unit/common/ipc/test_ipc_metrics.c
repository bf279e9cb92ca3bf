/* The shared table: one set per registry, none without. */
#include "common/ipc/ipc_metrics.h"
#include "common/rt/metrics.h"
#include "tests/lib/check.h"

static void one_set_per_registry(void **state UNUSED)
{
    struct metrics *metrics = metrics_new();
    struct metric_set *set = ipc_metrics_set(metrics);
    assert_non_null(set);
    assert_ptr_equal(ipc_metrics_set(metrics), set);
    assert_null(ipc_metrics_set(NULL));
    metrics_free(metrics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_set_per_registry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
