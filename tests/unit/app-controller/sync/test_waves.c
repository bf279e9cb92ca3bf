/* Waves and the order of kinds. */
#include "app-controller/sync/waves.h"
#include "tests/lib/parse.h"

static int wave(const char *annotations)
{
    AUTO(arena) struct arena *arena = arena_new();
    return wave_of(
        parse_yaml(arena, arena_printf(arena, "{metadata: {annotations: {%s}}}", annotations).p));
}

static void waves_of_annotations(void **state UNUSED)
{
    assert_int_equal(wave(""), 0);
    assert_int_equal(wave("argocd.argoproj.io/sync-wave: '5'"), 5);
    assert_int_equal(wave("argocd.argoproj.io/sync-wave: '-10'"), -10);
    assert_int_equal(wave("argocd.argoproj.io/sync-wave: '+2'"), 2);
    assert_int_equal(wave("argocd.argoproj.io/sync-wave: x, helm.sh/hook-weight: '3'"), 3);
    assert_int_equal(wave("argocd.argoproj.io/sync-wave: '1', helm.sh/hook-weight: '3'"), 1);
    assert_int_equal(wave("argocd.argoproj.io/sync-wave: '1.5'"), 0);
    assert_int_equal(wave("argocd.argoproj.io/sync-wave: '-'"), 0);
    assert_int_equal(wave("argocd.argoproj.io/sync-wave: '99999999999'"), 0);
}

static void kinds_that_others_need_come_first(void **state UNUSED)
{
    static const char *const ORDER[] = {"Namespace",  "Secret",  "CustomResourceDefinition",
                                        "Role",       "Service", "Deployment",
                                        "APIService", "Thing"};
    for (size_t i = 1; i < ARRAY_LEN(ORDER); i++) {
        assert_true(wave_kind_rank(str_from(ORDER[i - 1])) < wave_kind_rank(str_from(ORDER[i])));
    }
    assert_int_equal(wave_kind_rank(STR("Thing")), wave_kind_rank(STR("Other")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waves_of_annotations),
        cmocka_unit_test(kinds_that_others_need_come_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
