/* The tables of fields: every field is known, and messages name it as kustomize does. */
#include "engine/kustomize/kustomization_fields.h"
#include "tests/lib/parse.h"

static const char EVERY_FIELD[] =
    "{apiVersion: a, kind: b, metadata: {name: a, namespace: b, labels: {a: b}, annotations: {a: "
    "b}}, openapi: {path: p}, namePrefix: p, nameSuffix: s, namespace: ns, commonLabels: {a: b}, "
    "labels: [{pairs: {a: b}, includeSelectors: true, includeTemplates: true, "
    "includeVolumeClaimTemplates: true, fields: [{group: g, version: v, kind: k, path: p, create: "
    "true}]}], commonAnnotations: {a: b}, patchesStrategicMerge: [p], patchesJson6902: [{path: p, "
    "target: {group: g, version: v, kind: k, name: a, namespace: b, labelSelector: l, "
    "annotationSelector: a}}], patches: [{patch: p, options: {allowNameChange: true, "
    "allowKindChange: true}}], images: [{name: a, newName: b, newTag: c, digest: d, tagSuffix: "
    "e}], imageTags: [], replacements: [{path: p}, {source: {group: g, version: v, kind: k, name: "
    "a, namespace: b, fieldPath: f, options: {delimiter: d, index: 1, encoding: e, create: "
    "true}}, sourceValue: v, targets: [{select: {name: a}, reject: [{name: b}], fieldPaths: [f], "
    "options: {create: true}}]}], replicas: [{name: a, count: 3}], vars: [{name: V, objref: "
    "{apiVersion: a, group: g, version: v, kind: k, name: a, namespace: b}, fieldref: {fieldPath: "
    "f}}], sortOptions: {order: fifo, legacySortOptions: {orderFirst: [a], orderLast: [b]}}, "
    "resources: [a], components: [a], crds: [a], bases: [a], configMapGenerator: [{name: a, "
    "namespace: b, behavior: c, files: [f], envs: [e], env: e, literals: [l], options: {labels: "
    "{a: b}, annotations: {a: b}, disableNameSuffixHash: true, immutable: true}}], "
    "secretGenerator: [{name: a, type: t}], helmGlobals: {chartHome: c, configHome: d}, "
    "helmCharts: [{name: a, version: b, repo: c, releaseName: d, namespace: e, "
    "additionalValuesFiles: [f], valuesFile: g, valuesInline: {a: b}, valuesMerge: m, "
    "includeCRDs: true, skipHooks: true, skipTests: true, apiVersions: [v], kubeVersion: k, "
    "nameTemplate: t, debug: true, devel: true}], helmChartInflationGenerator: [{chartName: a, "
    "chartVersion: b, chartRepoUrl: c, chartHome: d, chartRepoName: e, helmBin: f, helmHome: g, "
    "values: v, valuesLocal: {}, valuesMerge: m, releaseName: r, releaseNamespace: s, extraArgs: "
    "[x]}], generatorOptions: {immutable: true}, configurations: [a], generators: [a], "
    "transformers: [a], validators: [a], buildMetadata: [a]}";

static void knows_every_field(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    struct kustomization_fields f = {0};
    ASSERT_OK(kdecode_map(arena, parse_yaml(arena, EVERY_FIELD), &KUSTOMIZATION_TABLE,
                          KDECODE_STRICT, &f, &err));
    const struct helm_chart *chart = f.k.helm_charts.items;
    assert_true(chart->include_crds && chart->skip_hooks && chart->skip_tests && chart->devel);
    ASSERT_STR(chart->name_template, "t");
    assert_true(f.k.has_sort && f.k.sort.has_legacy);
    ASSERT_STR(f.k.sort.last.items[0], "b");
    assert_true(f.k.generator_options.immutable);
    assert_int_equal(value_len(f.k.replacements), 2);
    assert_true(f.old.has_helm_globals);
}

static void names_fields_as_kustomize(void **state UNUSED)
{
    static const struct {
        const char *yaml;
        const char *part;
    } CASES[] = {
        {"{patches: [{target: {name: 5}}]}",
         "Go struct field Selector.patches.target.ResId.name of type string"},
        {"{configMapGenerator: [{literals: 5}]}",
         "Go struct field ConfigMapArgs.configMapGenerator.GeneratorArgs.KvPairSources.literals of "
         "type []string"},
        {"{configMapGenerator: [{options: {labels: {a: 1}}}]}",
         "Go struct field GeneratorOptions.configMapGenerator.GeneratorArgs.options.labels of type "
         "string"},
        {"{replacements: [{targets: [{select: {name: 3}}]}]}",
         "Go struct field Selector.replacements.Replacement.targets.select.ResId.name of type "
         "string"},
        {"{sortOptions: {order: 3}}",
         "Go struct field SortOptions.sortOptions.order of type types.SortOrder"},
        {"{patchesStrategicMerge: 3}",
         "Go struct field Kustomization.patchesStrategicMerge of type []types.PatchStrategicMerge"},
        {"{labels: [{fields: [{create: 3}]}]}",
         "Go struct field FieldSpec.labels.fields.create of type bool"},
        {"{vars: [{objref: {what: 3}}]}", "unknown field \"what\""},
    };
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct err err;
        struct kustomization_fields f = {0};
        ASSERT_ERR(kdecode_map(arena, parse_yaml(arena, CASES[i].yaml), &KUSTOMIZATION_TABLE,
                               KDECODE_STRICT, &f, &err),
                   ERR_INVALID, CASES[i].part);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_every_field),
        cmocka_unit_test(names_fields_as_kustomize),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
