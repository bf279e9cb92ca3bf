/* The objects of a build, found by what they are and were called. */
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "engine/engine_env.h"
#include "engine/kustomize/kschema.h"
#include "engine/kustomize/resmap.h"
#include "tests/lib/parse.h"

struct fixture {
    struct arena *arena;
    struct engine_env env;
    struct resmap *m;
};

static void setup(struct fixture *f)
{
    f->arena = arena_new();
    f->env = (struct engine_env){.arena = f->arena};
    f->m = resmap_new(&f->env, kschema_builtin());
}

static struct kres *make(struct fixture *f, const char *yaml)
{
    return kres_new(f->arena, parse_yaml(f->arena, yaml));
}

static struct kres *put(struct fixture *f, const char *kind, const char *name)
{
    struct err err;
    struct kres *res = make(
        f,
        arena_printf(f->arena, "{apiVersion: v1, kind: %s, metadata: {name: %s}}", kind, name).p);
    ASSERT_OK(resmap_append(f->m, res, &err));
    return res;
}

static void rename_to(struct fixture *f, struct kres *res, const char *name)
{
    kres_remember(f->arena, res);
    kres_set(res, value_with(f->arena, res->object, value_new_str(f->arena, str_from(name)),
                             "metadata", "name"));
}

static void finds_by_every_name(void **state UNUSED)
{
    struct fixture f;
    struct err err;
    setup(&f);
    struct kres *a = put(&f, "ConfigMap", "a");
    struct kid was = a->id;
    put(&f, "Secret", "a");
    rename_to(&f, a, "b");
    rename_to(&f, a, "c");
    rename_to(&f, a, "b");
    assert_null(resmap_find(f.m, &was));
    assert_ptr_equal(resmap_find(f.m, &a->id), a);
    assert_int_equal(resmap_match_any(f.m, &was).n, 1);
    assert_int_equal(resmap_match_any(f.m, &a->id).n, 1);
    assert_int_equal(resmap_match_name(f.m, STR("a")).n, 2);
    assert_int_equal(resmap_match_name(f.m, STR("c")).n, 1);
    assert_int_equal(resmap_match_name(f.m, STR("d")).n, 0);
    put(&f, "ConfigMap", "a"); /* the id is free again */
    assert_int_equal(resmap_match_any(f.m, &was).n, 2);
    ASSERT_ERR(resmap_append(f.m, kres_copy(f.arena, a), &err), ERR_INVALID,
               "already registered id: ConfigMap.v1.[noGrp]/b.[noNs]");
    arena_free(f.arena);
}

static bool is_secret(const struct kres *res, void *data UNUSED)
{
    return str_eq_c(res->id.gvk.kind, "Secret");
}

static void drops_and_reorders(void **state UNUSED)
{
    struct fixture f;
    struct err err;
    setup(&f);
    for (int i = 0; i < 200; i++) {
        put(&f, i % 2 == 0 ? "Secret" : "ConfigMap", arena_printf(f.arena, "n%d", i).p);
    }
    struct kres *first = resmap_at(f.m, 0);
    resmap_filter(f.m, is_secret, NULL);
    assert_int_equal(resmap_len(f.m), 100);
    kres_set(first, NULL);
    assert_int_equal(resmap_match_name(f.m, STR("n0")).n, 0);
    resmap_drop_empty(f.m);
    assert_int_equal(resmap_len(f.m), 99);
    struct kres *order[99];
    for (size_t i = 0; i < 99; i++) {
        order[i] = resmap_at(f.m, 98 - i);
    }
    resmap_reorder(f.m, order);
    ASSERT_STR(resmap_at(f.m, 0)->id.name, "n198");
    struct resmap *copy = resmap_copy(f.m);
    kres_set(resmap_at(copy, 0), NULL);
    assert_non_null(resmap_at(f.m, 0)->object);
    ASSERT_OK(resmap_check_unique(f.m, &err));
    rename_to(&f, resmap_at(f.m, 0), "n4");
    ASSERT_ERR(resmap_check_unique(f.m, &err), ERR_INVALID, "n4");
    arena_free(f.arena);
}

static int absorb(struct fixture *f, const char *yaml, enum kbehavior behavior, struct err *err)
{
    struct resmap *generated = resmap_new(&f->env, kschema_builtin());
    struct kres *res = make(f, yaml);
    res->behavior = behavior;
    res->needs_hash = true;
    TRY(resmap_append(generated, res, err));
    return resmap_absorb(f->m, generated, err);
}

#define OLD                                                                                     \
    "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: ns, labels: {x: '1', y: " \
    "'1'}}, data: {k: old, l: old}}"
#define NEW                                                                                    \
    "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: ns, labels: {y: '2'}}, " \
    "data: {k: new}}"

static void absorbs_by_behavior(void **state UNUSED)
{
    static const struct {
        enum kbehavior behavior;
        const char *want;
    } CASES[] = {
        {KBEHAVIOR_MERGE, "{k: new, l: old}"},
        {KBEHAVIOR_REPLACE, "{k: new}"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct fixture f;
        struct err err;
        setup(&f);
        ASSERT_OK(absorb(&f, OLD, KBEHAVIOR_CREATE, &err));
        ASSERT_ERR(absorb(&f, NEW, KBEHAVIOR_UNSPECIFIED, &err), ERR_INVALID,
                   "can not use behavior: 'unspecified', behavior must be merge or replace");
        ASSERT_OK(absorb(&f, NEW, CASES[i].behavior, &err));
        const struct kres *res = resmap_at(f.m, 0);
        assert_int_equal(resmap_len(f.m), 1);
        assert_true(res->needs_hash);
        assert_yaml(f.arena, value_dig(res->object, "data"), CASES[i].want);
        assert_yaml(f.arena, value_dig(res->object, "metadata", "labels"), "{x: '1', y: '2'}");
        arena_free(f.arena);
    }
    struct fixture f;
    struct err err;
    setup(&f);
    ASSERT_ERR(absorb(&f, NEW, KBEHAVIOR_MERGE, &err), ERR_INVALID,
               "Name:\"a\", Namespace:\"ns\"} does not exist; cannot merge or replace");
    arena_free(f.arena);
}

static void follows_another_schema(void **state UNUSED)
{
    struct fixture f;
    struct err err;
    const struct kschema *schema;
    setup(&f);
    struct kres *a = make(&f, "{apiVersion: x/v1, kind: Wide, metadata: {name: a, namespace: m}}");
    ASSERT_OK(resmap_append(f.m, a, &err));
    struct kid other = a->id;
    other.namespace = STR("n");
    assert_null(resmap_find(f.m, &other));
    ASSERT_OK(kschema_from_openapi(
        f.arena,
        parse_json(f.arena,
                   "{\"definitions\": {}, \"paths\": {\"/apis/x/v1/wides/{name}\": {\"get\": "
                   "{\"x-kubernetes-action\": \"get\", \"x-kubernetes-group-version-kind\": "
                   "{\"group\": \"x\", \"version\": \"v1\", \"kind\": \"Wide\"}}}}}"),
        &schema, &err));
    resmap_set_schema(f.m, schema);
    assert_ptr_equal(resmap_find(f.m, &other), a);
    arena_free(f.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_by_every_name),
        cmocka_unit_test(drops_and_reorders),
        cmocka_unit_test(absorbs_by_behavior),
        cmocka_unit_test(follows_another_schema),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
