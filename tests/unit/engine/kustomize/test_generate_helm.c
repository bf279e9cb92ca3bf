/* Charts as generators: where they come from and which values they get. */
#include "engine/kustomize/generate.h"
#include "tests/lib/kustomize_build.h"

static const char CHART[] = "apiVersion: v2\nname: web\nversion: 0.1.0\n";
static const char TEMPLATE[] =
    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\n  namespace: {{ "
    ".Release.Namespace }}\ndata:\n  a: {{ .Values.a | quote }}\n  kube: {{ "
    ".Capabilities.KubeVersion.Version }}\n";

static int
build(struct kustomize_fixture *f, const char *charts, const struct mem_file *more, struct err *err)
{
    static struct mem_file files[8];
    size_t n = 0;
    files[n++] = (struct mem_file){"k/kustomization.yaml", charts};
    files[n++] = (struct mem_file){"k/charts/web/Chart.yaml", CHART};
    files[n++] = (struct mem_file){"k/charts/web/values.yaml", "a: chart\n"};
    files[n++] = (struct mem_file){"k/charts/web/templates/a.yaml", TEMPLATE};
    while (more != NULL && more->path != NULL) {
        files[n++] = *more++;
    }
    files[n] = (struct mem_file){NULL, NULL};
    kustomize_fixture_init(f, files);
    f->options.enable_helm = true;
    f->env.now_ms = 1700000000000;
    return kustomize_fixture_build(f, "k", err);
}

static void takes_values_and_names(void **state UNUSED)
{
    static const struct mem_file MORE[] = {{"k/v.yaml", "a: file\n"}, {NULL, NULL}};
    static const struct {
        const char *charts;
        const char *part;
    } CASES[] = {
        {"helmCharts: [{name: web, releaseName: r}]\n", "a: chart\n"},
        {"helmCharts: [{name: web, releaseName: r}]\n", "namespace: default\n"},
        {"namespace: top\nhelmCharts: [{name: web, releaseName: r}]\n", "namespace: top\n"},
        {"helmCharts: [{name: web}]\n", "name: web-1700000000\n"},
        {"helmCharts: [{name: web, nameTemplate: '{{ upper \"x\" | lower }}-t'}]\n", "name: x-t\n"},
        {"helmCharts: [{name: web, releaseName: r, valuesFile: v.yaml}]\n", "a: file\n"},
        {"helmCharts: [{name: web, releaseName: r, additionalValuesFiles: [v.yaml]}]\n",
         "a: file\n"},
        {"helmCharts: [{name: web, releaseName: r, valuesInline: {a: inline}}]\n", "a: inline\n"},
        {"helmCharts: [{name: web, releaseName: r, valuesInline: {a: inline}, valuesMerge: "
         "merge}]\n",
         "a: chart\n"},
        {"helmCharts: [{name: web, releaseName: r, valuesInline: {b: inline}, valuesMerge: "
         "replace}]\n",
         "a: chart\n"},
        {"helmCharts: [{name: web, releaseName: r, kubeVersion: 1.29.3}]\n", "kube: v1.29.3\n"},
        {"helmChartInflationGenerator: [{chartName: web, releaseName: old, values: v.yaml}]\n",
         "a: file\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct kustomize_fixture f;
        struct err err;
        ASSERT_OK(build(&f, CASES[i].charts, MORE, &err));
        if (str_find(f.text, str_from(CASES[i].part)) == STR_NONE) {
            fail_msg("no '%s' in\n" STR_FMT, CASES[i].part, STR_ARG(f.text));
        }
        kustomize_fixture_done(&f);
    }
}

static void says_what_is_wrong(void **state UNUSED)
{
    static const struct {
        const char *charts;
        const char *part;
    } CASES[] = {
        {"helmCharts: [{releaseName: r}]\n", "chart name cannot be empty"},
        {"helmCharts: [{name: none}]\n",
         "no repo specified for pull, no chart found at '/k/charts/none'"},
        {"helmCharts: [{name: none, repo: 'https://charts.example.com'}]\n", "no access"},
        {"helmCharts: [{name: web, valuesMerge: mix}]\n",
         "valuesMerge must be one of [merge override replace]"},
        {"helmCharts: [{name: web, releaseName: r, valuesFile: ../v.yaml}]\n", "security; file"},
        {"helmCharts: [{name: web, releaseName: r, additionalValuesFiles: [none]}]\n",
         "could not load additionalValuesFile"},
        {"helmCharts: [{name: web, releaseName: r, nameTemplate: x}]\n",
         "cannot set --name-template and also specify a name"},
        {"helmGlobals: {chartHome: ../../..}\nhelmCharts: [{name: web}]\n", "chartHome"},
    };
    static const struct mem_file MORE[] = {{"v.yaml", "a: file\n"}, {NULL, NULL}};
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct kustomize_fixture f;
        struct err err;
        int rc = build(&f, CASES[i].charts, MORE, &err);
        assert_true(rc < 0);
        check_contains(&err, CASES[i].part);
        kustomize_fixture_done(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_values_and_names),
        cmocka_unit_test(says_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
