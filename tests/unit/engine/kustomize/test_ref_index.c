/* Objects found by what they were called, and where they are and were. */
#include "engine/kustomize/ref_index.h"
#include "engine/kustomize/transform.h"
#include "tests/lib/kustom_fixture.h"

#define CM(name, more) "{apiVersion: v1, kind: ConfigMap, metadata: {name: " name more "}}\n"

static void setup(struct kustom *f)
{
    struct err err;
    struct namespace_config to = {.namespace = STR("to")};
    struct affix_config affix = {STR("p-"), kconfig_default()->fields[KCONFIG_NAME_PREFIX]};
    kustom_setup(
        f,
        CM("a", "") "---\n" CM(
            "b", ", namespace: x") "---\n"
                                   "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, "
                                   "metadata: {name: a}}\n---\n"
                                   "{apiVersion: v1, kind: Secret, metadata: {name: a}}");
    ASSERT_OK(transform_namespace(&f->layer, f->m, &to, &err));
    ASSERT_OK(transform_prefix(&f->layer, f->m, &affix, &err));
}

static void finds_by_old_names(void **state UNUSED)
{
    struct kustom f;
    setup(&f);
    struct ref_index *index = ref_index_new(f.arena, f.m, f.build.schema);
    struct ref_list a = ref_index_by_name(index, STR("a"));
    assert_int_equal(a.n, 3);
    assert_ptr_equal(a.items[0], resmap_at(f.m, 0));
    assert_ptr_equal(a.items[2], resmap_at(f.m, 3));
    assert_int_equal(ref_index_by_name(index, STR("p-a")).n, 0);
    assert_int_equal(ref_index_cluster(index, STR("a")).n, 1);
    assert_int_equal(ref_index_by_place(index, STR("a"), STR("to")).n, 2);
    assert_int_equal(ref_index_by_place(index, STR("a"), STR("default")).n, 0);
    assert_int_equal(ref_index_by_origin(index, STR("a"), STR("default")).n, 2);
    assert_int_equal(ref_index_by_origin(index, STR("b"), STR("x")).n, 1);
    assert_int_equal(ref_index_by_origin(index, STR("b"), STR("to")).n, 0);
    kustom_done(&f);
}

static void knows_moves(void **state UNUSED)
{
    struct kustom f;
    setup(&f);
    struct ref_index *index = ref_index_new(f.arena, f.m, f.build.schema);
    assert_true(ref_index_has_origin(index, STR("x")));
    assert_true(ref_index_has_origin(index, STR("default")));
    assert_false(ref_index_has_origin(index, STR("to")));
    assert_true(ref_index_has_move(index, STR("x"), STR("to")));
    assert_false(ref_index_has_move(index, STR("x"), STR("x")));
    assert_false(ref_index_has_cluster_move(index, STR("default")));
    kustom_done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_by_old_names),
        cmocka_unit_test(knows_moves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
