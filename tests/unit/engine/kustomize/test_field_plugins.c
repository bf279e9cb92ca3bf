/* The fields in their order. Each one's work is tested with its transformer. */
#include "engine/kustomize/field_plugins.h"
#include "tests/lib/kustomize_build.h"

static const struct mem_file FILES[] = {
    {"kustomization.yaml",
     "resources: [a.yaml]\nnamePrefix: p-\nnamespace: ns\nlabels: [{pairs: {a: b}}]\n"
     "patches:\n- patch: '[{\"op\": \"add\", \"path\": \"/data\", \"value\": {\"k\": \"v\"}}]'\n  "
     "target: {name: a}\n"
     "patchesJson6902:\n- patch: '[{\"op\": \"add\", \"path\": \"/data/m\", \"value\": \"n1\"}]'\n"
     "  target: {version: v1, kind: ConfigMap, name: a}\n"
     "configMapGenerator: [{name: g, literals: [x=1]}]\n"
     "buildMetadata: [transformerAnnotations]\n"},
    {"a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"},
    {NULL, NULL},
};

static void runs_in_order(void **state UNUSED)
{
    static const char *const KINDS[] = {"PatchTransformer",  "NamespaceTransformer",
                                        "PrefixTransformer", "LabelTransformer",
                                        "LabelTransformer",  "PatchJson6902Transformer"};
    struct kustomize_fixture f;
    struct err err;
    kustomize_fixture_init(&f, FILES);
    ASSERT_OK(kustomize_fixture_build(&f, "", &err));
    struct str rest = f.text;
    for (size_t i = 0; i < ARRAY_LEN(KINDS); i++) {
        struct str kind = arena_printf(f.arena, "kind: %s\n", KINDS[i]);
        size_t at = str_find(rest, kind);
        if (at == STR_NONE) {
            fail_msg("no %s in\n" STR_FMT, KINDS[i], STR_ARG(rest));
        }
        rest = str_sub(rest, at + kind.n, rest.n);
    }
    kustomize_fixture_done(&f);
}

static void labels_may_not_contradict(void **state UNUSED)
{
    static const struct mem_file BAD[] = {
        {"kustomization.yaml", "resources: [a.yaml]\nlabels:\n- pairs: {a: b}\n  fields:\n"
                               "  - {path: metadata/labels, create: false}\n"},
        {"a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"},
        {NULL, NULL},
    };
    struct kustomize_fixture f;
    struct err err;
    kustomize_fixture_init(&f, BAD);
    ASSERT_ERR(kustomize_fixture_build(&f, "", &err), ERR_INVALID, "conflicting fieldspecs");
    assert_true(str_starts_with(f.error_text, STR("failed to merge labels: ")));
    kustomize_fixture_done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_in_order),
        cmocka_unit_test(labels_may_not_contradict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
