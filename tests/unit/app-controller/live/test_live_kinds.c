/* Which kinds are treated in another way. */
#include "app-controller/live/live_kinds.h"
#include "tests/lib/check.h"

static void some_kinds_are_special(void **state)
{
    (void)state;
    assert_true(live_kinds_are_lazy(STR("extensions")));
    assert_false(live_kinds_are_lazy(STR("apps")));
    assert_true(live_kinds_start_full(STR(""), STR("Pod")));
    assert_false(live_kinds_start_full(STR("metrics.k8s.io"), STR("Pod")));
    assert_true(live_kinds_announces(STR("CustomResourceDefinition")));
    assert_false(live_kinds_announces(STR("Pod")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(some_kinds_are_special)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
