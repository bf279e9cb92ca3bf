/* Identities and how messages show them. */
#include "engine/kustomize/kid.h"
#include "engine/kustomize/kschema.h"
#include "tests/lib/parse.h"

static void reads_objects(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    static const struct {
        const char *object;
        const char *want;
    } CASES[] = {
        {"{apiVersion: apps/v1, kind: Deployment, metadata: {name: a, namespace: b}}",
         "Deployment.v1.apps/a.b"},
        {"{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}", "ConfigMap.v1.[noGrp]/a.[noNs]"},
        {"{apiVersion: a/b/c, kind: X, metadata: {name: 12}}", "X.b/c.a/12.[noNs]"},
        {"{}", "[noKind].[noVer].[noGrp]/[noName].[noNs]"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct kid id = kid_from_object(parse_yaml(arena, CASES[i].object));
        ASSERT_STR(kid_format(arena, &id), CASES[i].want);
    }
}

static void compares_by_effective_namespace(void **state UNUSED)
{
    const struct kschema *schema = kschema_builtin();
    struct kid a = {{STR(""), STR("v1"), STR("ConfigMap")}, STR("x"), STR("")};
    struct kid b = a;
    b.namespace = STR("default");
    assert_true(kid_eq(schema, &a, &b));
    b.namespace = STR("other");
    assert_false(kid_eq(schema, &a, &b));
    a.gvk.kind = b.gvk.kind = STR("Namespace");
    assert_true(kid_eq(schema, &a, &b));
    ASSERT_STR(kid_effective_namespace(schema, &b), "_non_namespaceable_");
    b.gvk.version = STR("v2");
    assert_false(kid_eq(schema, &a, &b));
}

static void selects_by_parts(void **state UNUSED)
{
    struct kgvk gvk = kgvk_from(STR("apps/v1"), STR("Deployment"));
    struct kgvk by = {STR(""), STR(""), STR("Deployment")};
    assert_true(kgvk_selects(&by, &gvk));
    by.group = STR("extensions");
    assert_false(kgvk_selects(&by, &gvk));
    assert_false(kgvk_eq(&by, &gvk));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_objects),
        cmocka_unit_test(compares_by_effective_namespace),
        cmocka_unit_test(selects_by_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
