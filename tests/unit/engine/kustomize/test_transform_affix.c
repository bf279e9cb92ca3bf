/* namePrefix and nameSuffix. */
#include "engine/kustomize/transform.h"
#include "tests/lib/kustom_fixture.h"

static const struct {
    const char *name;
    const char *fields;
    const char *objects;
    const char *prefixed; /* with "a-" */
    const char *suffixed; /* with "-z" */
} CASES[] = {
    {"names", "[{path: metadata/name}]", "{apiVersion: v1, kind: Pod, metadata: {name: n}}",
     "{apiVersion: v1, kind: Pod, metadata: {name: a-n}}",
     "{apiVersion: v1, kind: Pod, metadata: {name: n-z}}"},
    {"of definitions stay", "[{path: metadata/name}]",
     "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: n}}",
     "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: n}}",
     "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: n}}"},
    {"of namespaces stay", "[{path: metadata/name}]",
     "{apiVersion: v1, kind: Namespace, metadata: {name: n}}",
     "{apiVersion: v1, kind: Namespace, metadata: {name: n}}",
     "{apiVersion: v1, kind: Namespace, metadata: {name: n}}"},
    {"of API services stay, of that group", "[{path: metadata/name}]",
     "{apiVersion: apiregistration.k8s.io/v1, kind: APIService, metadata: {name: n}}\n---\n"
     "{apiVersion: g/v1, kind: APIService, metadata: {name: n}}",
     "{apiVersion: apiregistration.k8s.io/v1, kind: APIService, metadata: {name: n}}\n---\n"
     "{apiVersion: g/v1, kind: APIService, metadata: {name: a-n}}",
     "{apiVersion: apiregistration.k8s.io/v1, kind: APIService, metadata: {name: n}}\n---\n"
     "{apiVersion: g/v1, kind: APIService, metadata: {name: n-z}}"},
    {"other fields of some kinds", "[{path: spec/ref}, {path: spec/other, kind: Other}]",
     "{apiVersion: v1, kind: Pod, metadata: {name: n}, spec: {ref: 12, other: o}}",
     "{apiVersion: v1, kind: Pod, metadata: {name: n}, spec: {ref: a-12, other: o}}",
     "{apiVersion: v1, kind: Pod, metadata: {name: n}, spec: {ref: 12-z, other: o}}"},
};

static void puts_on(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        for (int suffix = 0; suffix < 2; suffix++) {
            struct kustom f;
            struct err err;
            kustom_setup(&f, CASES[i].objects);
            struct affix_config config = {.affix = suffix ? STR("-z") : STR("a-")};
            ASSERT_OK(fieldspecs_from_value(f.arena, parse_yaml(f.arena, CASES[i].fields),
                                            &config.fields, &err));
            ASSERT_OK(suffix ? transform_suffix(&f.layer, f.m, &config, &err)
                             : transform_prefix(&f.layer, f.m, &config, &err));
            kustom_assert(&f, CASES[i].name, suffix ? CASES[i].suffixed : CASES[i].prefixed);
            kustom_done(&f);
        }
    }
}

static void remembers(void **state UNUSED)
{
    struct kustom f;
    struct err err;
    struct affix_config config = {STR("a-"), kconfig_default()->fields[KCONFIG_NAME_PREFIX]};
    kustom_setup(&f, "{apiVersion: v1, kind: Pod, metadata: {name: n}}");
    const struct kres *res = resmap_at(f.m, 0);
    ASSERT_OK(transform_prefix(&f.layer, f.m, &config, &err));
    config.affix = STR("b-");
    ASSERT_OK(transform_prefix(&f.layer, f.m, &config, &err));
    config.affix = STR("-z");
    ASSERT_OK(transform_suffix(&f.layer, f.m, &config, &err));
    config.affix = STR_EMPTY;
    ASSERT_OK(transform_suffix(&f.layer, f.m, &config, &err));
    ASSERT_STR(res->id.name, "b-a-n-z");
    assert_int_equal(res->previous.n, 3);
    ASSERT_STR(res->previous.items[2].name, "b-a-n");
    assert_int_equal(res->prefixes.n, 2);
    ASSERT_STR(res->prefixes.items[1], "b-");
    assert_int_equal(res->suffixes.n, 1);
    kustom_done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(puts_on),
        cmocka_unit_test(remembers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
