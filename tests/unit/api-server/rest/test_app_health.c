/* Health of an Application's resources, from the tree. */
#include "tests/lib/api_fixture.h"

#define STATUS                                                                                    \
    "status: {resources: [{group: apps, kind: Deployment, namespace: ns, name: w, version: v1}, " \
    "{kind: ConfigMap, namespace: ns, name: c}]}\n"

static void fills(struct api_fixture *f)
{
    api_fixture_login(f);
    api_fixture_app(f, "a", STATUS);
    f->answer =
        "{nodes: [{group: apps, kind: Deployment, namespace: ns, name: w, health: {status: "
        "Healthy}},"
        " {group: apps, kind: Deployment, namespace: other, name: w, health: {status: Degraded}},"
        " {kind: ConfigMap, namespace: ns, name: c}]}";
    assert_yaml(
        f->arena, value_dig(api_fixture_get(f, "/api/v1/applications/a"), "status", "resources"),
        "[{group: apps, kind: Deployment, namespace: ns, name: w, version: v1, health: {status:"
        " Healthy}}, {kind: ConfigMap, namespace: ns, name: c}]");
}

static void joins_tree_and_status(void **state UNUSED)
{
    API_TEST(fills);
}

static void without_tree(struct api_fixture *f)
{
    api_fixture_login(f);
    api_fixture_app(f, "a", STATUS);
    f->fails = ERR_UNAVAILABLE;
    const struct value *app = api_fixture_get(f, "/api/v1/applications/a");
    assert_int_equal(value_len(value_dig(app, "status", "resources")), 2);
    api_fixture_app(f, "b", "");
    unsigned before = f->n_asked;
    (void)api_fixture_get(f, "/api/v1/applications/b"); /* nothing to fill in */
    assert_int_equal(f->n_asked, before);
}

static void does_without(void **state UNUSED)
{
    API_TEST(without_tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(joins_tree_and_status),
        cmocka_unit_test(does_without),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
