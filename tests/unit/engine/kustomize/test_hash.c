/* Hashes as kustomize computes them. */
#include "engine/kustomize/hash.h"
#include "engine/kustomize/transform.h"
#include "tests/lib/kustomize_fixture.h"

static const struct mem_file FILES[] = {{"kustomization.yaml", ""}, {NULL, NULL}};

static void hashes_are_kustomizes(void **state UNUSED)
{
    static const char *const CASES[][2] = {
        {"{kind: ConfigMap}", "6ct58987ht"},
        {"{kind: ConfigMap, metadata: {name: any}}", "6ct58987ht"},
        {"{kind: Secret, type: Opaque, data: {}}", "46f8b28mk5"},
        {"{kind: Secret, type: Opaque, data: {a: Yg==}}", "k695gkmbtk"},
    };
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct err err;
        struct str hash = STR_EMPTY;
        ASSERT_OK(hash_object(arena, parse_yaml(arena, CASES[i][0]), &hash, &err));
        ASSERT_STR(hash, CASES[i][1]);
    }
}

static void names_get_them(void **state UNUSED)
{
    struct err err;
    struct kustomize_fixture f;
    kustomize_fixture_init(&f, FILES);
    kustomize_fixture_add(&f, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\n"
                              "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n");
    resmap_at(f.m, 0)->needs_hash = true;
    ASSERT_OK(transform_hash(&f.layer, f.m, &err));
    kustomize_fixture_expect(
        &f, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a-6ct58987ht}\n---\n"
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n");
    ASSERT_STR(kres_original_id(resmap_at(f.m, 0)).name, "a");
    kustomize_fixture_done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes_are_kustomizes),
        cmocka_unit_test(names_get_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
