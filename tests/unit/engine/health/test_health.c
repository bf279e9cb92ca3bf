/* Health of applications: which resources count, how the worst wins, and what the message says. */
#include "engine/health/health.h"
#include "tests/lib/parse.h"

static struct health_resource
resource(struct arena *arena, const char *kind, const char *name, enum health_status status)
{
    const struct value *live =
        parse_yaml(arena, "{apiVersion: apps/v1, kind: X, metadata: {name: x}}");
    return (struct health_resource){
        .key = {STR("apps"), str_from(kind), STR("shop"), str_from(name)},
        .live = live,
        .has_target = true,
        .health = {status, STR_EMPTY},
    };
}

static void nothing_is_healthy(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct health h = health_of_app(arena, NULL, 0);
    assert_int_equal(h.status, HEALTH_STATUS_HEALTHY);
    assert_int_equal(health_of(arena, NULL).status, HEALTH_STATUS_NONE);
}

static void the_worst_counts_and_is_named(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct health_resource r[] = {
        resource(arena, "Deployment", "a", HEALTH_STATUS_PROGRESSING),
        resource(arena, "Deployment", "b", HEALTH_STATUS_DEGRADED),
        resource(arena, "ConfigMap", "c", HEALTH_STATUS_NONE),
        resource(arena, "Job", "d", HEALTH_STATUS_DEGRADED),
    };
    struct health h = health_of_app(arena, r, ARRAY_LEN(r));
    assert_int_equal(h.status, HEALTH_STATUS_DEGRADED);
    ASSERT_STR(h.message, "Caused by Deployment shop/b, Job shop/d");
}

static void at_most_three_causes_are_named(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct health_resource r[5];
    for (size_t i = 0; i < ARRAY_LEN(r); i++) {
        r[i] = resource(arena, "Pod", "p", HEALTH_STATUS_PROGRESSING);
    }
    ASSERT_STR(health_of_app(arena, r, ARRAY_LEN(r)).message,
               "Caused by Pod shop/p, Pod shop/p, Pod shop/p and 2 more");
}

static void some_resources_do_not_count(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct health_resource r[7];
    for (size_t i = 0; i < ARRAY_LEN(r); i++) {
        r[i] = resource(arena, "Deployment", "a", HEALTH_STATUS_DEGRADED);
    }
    r[0].hook = true;
    r[1].skipped = true;
    r[2].self = true;
    r[3].live = NULL;
    r[4].live = parse_yaml(arena, "{apiVersion: apps/v1, kind: X, metadata: {name: x, annotations: "
                                  "{argocd.argoproj.io/ignore-healthcheck: 'true'}}}");
    r[5].key = (struct kube_key){STR("argoproj.io"), STR("Application"), STR("a"), STR("child")};
    r[5].health.status = HEALTH_STATUS_UNKNOWN;
    r[6].health.status = HEALTH_STATUS_SUSPENDED;
    assert_int_equal(health_of_app(arena, r, ARRAY_LEN(r)).status, HEALTH_STATUS_SUSPENDED);
}

static void targets_without_any_live_object_are_missing(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct health_resource r[2] = {
        resource(arena, "ConfigMap", "a", HEALTH_STATUS_NONE),
        resource(arena, "Deployment", "b", HEALTH_STATUS_NONE),
    };
    r[0].live = r[1].live = NULL;
    assert_int_equal(health_of_app(arena, r, 2).status, HEALTH_STATUS_MISSING);
    r[0].live = parse_yaml(arena, "{kind: ConfigMap}");
    assert_int_equal(health_of_app(arena, r, 2).status, HEALTH_STATUS_HEALTHY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_healthy),
        cmocka_unit_test(the_worst_counts_and_is_named),
        cmocka_unit_test(at_most_three_causes_are_named),
        cmocka_unit_test(some_resources_do_not_count),
        cmocka_unit_test(targets_without_any_live_object_are_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
