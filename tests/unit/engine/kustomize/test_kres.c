/* Resources and their earlier identities. */
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "engine/kustomize/kres.h"
#include "engine/kustomize/kschema.h"
#include "tests/lib/parse.h"

static struct kres *res_of(struct arena *arena, const char *yaml)
{
    return kres_new(arena, parse_yaml(arena, yaml));
}

static void remembers_what_it_was(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct kschema *schema = kschema_builtin();
    struct kres *res = res_of(arena, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}");
    kres_remember(arena, res);
    kres_set(res,
             value_with(arena, res->object, value_new_str(arena, STR("p-a")), "metadata", "name"));
    struct kid original = kres_original_id(res);
    ASSERT_STR(res->id.name, "p-a");
    ASSERT_STR(original.name, "a");
    assert_true(kres_has_id(res, schema, &original, false));
    assert_true(kres_has_id(res, schema, &res->id, false));
    original.name = STR("b");
    assert_false(kres_has_id(res, schema, &original, false));
    struct kid loose = {{STR(""), STR(""), STR("ConfigMap")}, STR("a"), STR("default")};
    assert_true(kres_has_id(res, schema, &loose, true));
    assert_false(kres_has_id(res, schema, &loose, false));
}

static void copies_apart(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct kres *res = res_of(arena, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}");
    kres_remember(arena, res);
    struct kres *copy = kres_copy(arena, res);
    kres_remember(arena, copy);
    kres_set(copy, NULL);
    assert_int_equal(res->previous.n, 1);
    assert_int_equal(copy->previous.n, 2);
    assert_non_null(res->object);
}

static void takes_settings_from_annotations(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct kres *res =
        res_of(arena, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, annotations: "
                      "{internal.config.kubernetes.io/needsHashSuffix: enabled, "
                      "internal.config.kubernetes.io/generatorBehavior: merge}}}");
    assert_true(res->needs_hash);
    assert_int_equal(res->behavior, KBEHAVIOR_MERGE);
    assert_int_equal(kbehavior_parse(STR("replace")), KBEHAVIOR_REPLACE);
    assert_int_equal(kbehavior_parse(STR("other")), KBEHAVIOR_UNSPECIFIED);
}

static void earlier_identities_may_stand_in_annotations(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct kres *res =
        res_of(arena, "{apiVersion: v1, kind: B, metadata: {name: x-b, annotations: "
                      "{internal.config.kubernetes.io/previousNames: 'a,b', "
                      "internal.config.kubernetes.io/previousNamespaces: 'n,default', "
                      "internal.config.kubernetes.io/previousKinds: 'A,B'}}}");
    assert_int_equal(res->previous.n, 2);
    struct kid original = kres_original_id(res);
    ASSERT_STR(original.name, "a");
    ASSERT_STR(original.namespace, "n");
    ASSERT_STR(original.gvk.kind, "A");
    ASSERT_STR(res->previous.items[1].name, "b");
}

static void shows_scalars_as_written(void **state UNUSED)
{
    static const char *const CASES[][2] = {
        {"x", "x"}, {"0x1F", "0x1F"}, {"1.50", "1.50"}, {"true", "true"}, {"null", ""}, {"[a]", ""},
    };
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        ASSERT_STR(kres_text(arena, parse_yaml(arena, CASES[i][0])), CASES[i][1]);
    }
    ASSERT_STR(kres_text(arena, value_new_int(arena, -3)), "-3");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(remembers_what_it_was),
        cmocka_unit_test(copies_apart),
        cmocka_unit_test(earlier_identities_may_stand_in_annotations),
        cmocka_unit_test(takes_settings_from_annotations),
        cmocka_unit_test(shows_scalars_as_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
