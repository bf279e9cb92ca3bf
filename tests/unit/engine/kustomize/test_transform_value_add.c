/* Values into fields and file paths. */
#include "engine/kustomize/transform.h"
#include "tests/lib/kustomize_fixture.h"

static const struct mem_file FILES[] = {
    {"kustomization.yaml", ""},
    {"targets.yaml", "targets: [{fieldPath: shared}]\n"},
    {NULL, NULL},
};

static void values_are_added(void **state UNUSED)
{
    static const char *const CASES[][3] = {
        {"value: v\ntargets: [{fieldPath: a/b}]", "a: {b: old, c: 1}", "a: {b: v, c: 1}"},
        {"value: v\ntargets: [{fieldPath: a/x/y}]", "a: {}", "a: {x: {y: v}}"},
        {"value: v\ntargets: [{fieldPath: 'a\\/b'}]", "x: 1", "x: 1, a/b: v"},
        {"value: '8'\ntargets: [{fieldPath: a}, {fieldPath: b}]", "a: '1', b: 1", "a: '8', b: 8"},
        {"value: v\ntargets: [{fieldPath: 'l/[id=p]/v'}]", "l: [{id: p}]", "l: [{id: p, v: v}]"},
        {"value: v\ntargets: [{fieldPath: a, filePathPosition: 1}]", "a: pie", "a: v/pie"},
        {"value: v\ntargets: [{fieldPath: a, filePathPosition: 1}]", "a: /pie", "a: /v/pie"},
        {"value: v\ntargets: [{fieldPath: a, filePathPosition: 2}]", "a: /raw", "a: /raw/v"},
        {"value: v\ntargets: [{fieldPath: a, filePathPosition: 4}]", "a: x/nice/warm/pie",
         "a: x/nice/warm/v/pie"},
        {"value: v\ntargets: [{fieldPath: a, filePathPosition: 99}]", "a: x/y", "a: x/y/v"},
        {"value: v\ntargets: [{fieldPath: a, filePathPosition: 3}]", "a: /", "a: /v"},
        {"value: v\ntargets: [{fieldPath: a, filePathPosition: 3}]", "a: ''", "a: v"},
        {"value: v\ntargets: [{selector: {kind: Z}, fieldPath: a}]", "a: x", "a: x"},
        {"value: ' v '\ntargetFilePath: targets.yaml", "a: x", "a: x, shared: v"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct err err;
        struct kustomize_fixture f;
        kustomize_fixture_init(&f, FILES);
        kustomize_fixture_add(
            &f, arena_printf(f.arena, "{kind: X, metadata: {name: x}, %s}", CASES[i][1]).p);
        ASSERT_OK(transform_value_add(&f.layer, f.m, parse_yaml(f.arena, CASES[i][0]), &err));
        kustomize_fixture_expect(
            &f, arena_printf(f.arena, "{kind: X, metadata: {name: x}, %s}", CASES[i][2]).p);
        kustomize_fixture_done(&f);
    }
}

static void namespaces_are_set(void **state UNUSED)
{
    struct err err;
    struct kustomize_fixture f;
    kustomize_fixture_init(&f, FILES);
    kustomize_fixture_add(&f, "{kind: X, metadata: {name: x}}\n---\n"
                              "{apiVersion: v1, kind: Node, metadata: {name: n}}");
    ASSERT_OK(transform_value_add(
        &f.layer, f.m, parse_yaml(f.arena, "value: ns\ntargets: [{fieldPath: metadata/namespace}]"),
        &err));
    kustomize_fixture_expect(&f, "{kind: X, metadata: {name: x, namespace: ns}}\n---\n"
                                 "{apiVersion: v1, kind: Node, metadata: {name: n}}");
    kustomize_fixture_done(&f);
}

static void configs_are_checked(void **state UNUSED)
{
    static const char *const CASES[][2] = {
        {"value: v", "must specify at least one target"},
        {"value: v\ntargets: [{}]", "fieldPath cannot be empty"},
        {"value: v\ntargets: [{fieldPath: a, filePathPosition: -1}]",
         "value of FilePathPosition (-1) cannot be negative"},
        {"value: v\ntargets: [{fieldPath: metadata}]", "expected ScalarNode but got MappingNode"},
        {"value: v\ntargetFilePath: gone.yaml", "gone.yaml"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct err err = {0};
        struct kustomize_fixture f;
        kustomize_fixture_init(&f, FILES);
        kustomize_fixture_add(&f, "{kind: X, metadata: {name: x}}");
        assert_true(transform_value_add(&f.layer, f.m, parse_yaml(f.arena, CASES[i][0]), &err) < 0);
        check_contains(&err, CASES[i][1]);
        kustomize_fixture_done(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_added),
        cmocka_unit_test(namespaces_are_set),
        cmocka_unit_test(configs_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
