/* Health of the kinds in health_crd_ops.c, by the objects in tests/data/health/families/ops.yaml. */
#include "tests/unit/engine/health/health_cases.h"

static void objects_have_their_health(void **state UNUSED)
{
    health_family_file("ops");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_have_their_health),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
