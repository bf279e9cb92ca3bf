/* What the list says of an action besides its name. */
#include "engine/actions/action.h"
#include "tests/lib/parse.h"

static void names_icons_and_parameters(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct action_list list = action_discover(
        arena, parse_yaml(arena, "{apiVersion: apps/v1, kind: Deployment, spec: {replicas: 3}}"));
    assert_int_equal(list.n, 4);
    ASSERT_STR(list.items[3].name, "scale");
    ASSERT_STR(list.items[3].params[0].name, "replicas");
    ASSERT_STR(list.items[3].params[0].def, "3");
    ASSERT_STR(list.items[1].icon_class, "fa fa-fw fa-redo");
    list = action_discover(arena, parse_yaml(arena, "{apiVersion: batch/v1, kind: CronJob}"));
    ASSERT_STR(list.items[0].display_name, "Create Job");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_icons_and_parameters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
