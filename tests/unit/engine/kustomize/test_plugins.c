/* Configs of plugins. What they do is in the case plugins of test_kustomize.c. */
#include "engine/kustomize/plugins.h"
#include "tests/lib/kustomize_build.h"

static void says_what_a_config_lacks(void **state UNUSED)
{
    static const struct {
        const char *field;
        const char *config;
        const char *want;
    } CASES[] = {
        {"transformers", "{apiVersion: x/v1, kind: Mine, metadata: {name: a}}",
         "external plugins disabled; unable to load external plugin 'Mine'"},
        {"transformers", "{apiVersion: builtin, kind: SortOrderTransformer, metadata: {name: a}}",
         "unable to load builtin SortOrderTransformer.builtin.[noGrp]"},
        {"transformers", "{apiVersion: builtin, kind: SecretGenerator, metadata: {name: a}}",
         "plugin SecretGenerator.builtin.[noGrp]/a.[noNs] not a transformer"},
        {"generators", "{apiVersion: builtin, kind: PrefixTransformer, metadata: {name: a}}",
         "loading generator plugins: failed to load generator: plugin "
         "PrefixTransformer.builtin.[noGrp]/a.[noNs] not a generator"},
        {"transformers", "{apiVersion: builtin, kind: PrefixTransformer, metadata: {name: a}}",
         "plugin PrefixTransformer.builtin.[noGrp]/a.[noNs] fails configuration: fieldSpecs is not "
         "expected to be nil"},
        {"transformers",
         "{apiVersion: builtin, kind: PrefixSuffixTransformer, metadata: {name: a}, fieldSpecs: "
         "[], prefix: [a]}",
         "fails configuration: error unmarshaling JSON: while decoding JSON: json: cannot "
         "unmarshal "
         "array into Go struct field PrefixSuffixTransformerPlugin.prefix of type string"},
        {"transformers",
         "{apiVersion: builtin, kind: NamespaceTransformer, metadata: {name: a}, "
         "setRoleBindingSubjects: some}",
         "invalid value \"some\" for setRoleBindingSubjects: must be one of \"defaultOnly\", "
         "\"none\" or \"allServiceAccounts\""},
        {"generators",
         "{apiVersion: builtin, kind: HelmChartInflationGenerator, metadata: {name: a}}",
         "must specify --enable-helm"},
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
        files[0].text = arena_printf(f.arena, "resources: [a.yaml]\n%s:\n- '%s'\n", CASES[i].field,
                                     CASES[i].config)
                            .p;
        int rc = kustomize_fixture_build(&f, "", &err);
        if (rc == 0 || str_find(f.error_text, str_from(CASES[i].want)) == STR_NONE) {
            fail_msg("error is\n" STR_FMT "\nwanted\n%s", STR_ARG(f.error_text), CASES[i].want);
        }
        kustomize_fixture_done(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(says_what_a_config_lacks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
