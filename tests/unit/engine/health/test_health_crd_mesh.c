/* Health of the kinds in health_crd_mesh.c, by the objects in tests/data/health/families/mesh.yaml. */
#include "tests/unit/engine/health/health_cases.h"

static void objects_have_their_health(void **state UNUSED)
{
    health_family_file("mesh");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_have_their_health),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
