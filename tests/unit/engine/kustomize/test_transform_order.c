/* What sortOptions may say. The orders are cases of test_kustomize.c. */
#include "engine/kustomize/transform.h"
#include "tests/lib/kustomize_build.h"

static void refuses_contradictions(void **state UNUSED)
{
    static const struct {
        const char *sort;
        const char *part;
    } CASES[] = {
        {"{order: random}", "the field 'sortOptions.order' must be one of [fifo, legacy]"},
        {"{}", "the field 'sortOptions.order' must be one of [fifo, legacy]"},
        {"{order: fifo, legacySortOptions: {orderFirst: [A]}}",
         "the field 'sortOptions.legacySortOptions' is set but the selected sort order is 'fifo', "
         "not 'legacy'"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct kustomize_fixture f;
        struct err err;
        struct mem_file files[] = {
            {"kustomization.yaml", NULL},
            {"a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"},
            {NULL, NULL},
        };
        kustomize_fixture_init(&f, files);
        files[0].text =
            arena_printf(f.arena, "resources: [a.yaml]\nsortOptions: %s\n", CASES[i].sort).p;
        ASSERT_ERR(kustomize_fixture_build(&f, "", &err), ERR_INVALID, CASES[i].part);
        kustomize_fixture_done(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(refuses_contradictions)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
