/* Actions of action_flux.c, by the objects in tests/data/actions/flux.yaml. */
#include "tests/unit/engine/actions/action_cases.h"

static void objects_have_their_actions(void **state UNUSED)
{
    action_family_file("flux");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_have_their_actions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
