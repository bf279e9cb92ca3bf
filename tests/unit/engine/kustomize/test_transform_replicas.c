/* Numbers of replicas. */
#include "common/value/value_edit.h"
#include "engine/kustomize/transform.h"
#include "tests/lib/kustom_fixture.h"

#define OBJECT(kind, name, rest) \
    "{apiVersion: apps/v1, kind: " kind ", metadata: {name: " name "}" rest "}\n"

static void sets_counts(void **state UNUSED)
{
    static const struct {
        const char *name;
        const char *objects;
        const char *want;
        const char *want_error;
    } CASES[] = {
        {"by name and kind",
         OBJECT("Deployment", "d", ", spec: {replicas: 1}") "---\n" OBJECT(
             "Deployment", "e", "") "---\n" OBJECT("DaemonSet", "d", ""),
         OBJECT("Deployment", "d", ", spec: {replicas: 5}") "---\n" OBJECT(
             "Deployment", "e", "") "---\n" OBJECT("DaemonSet", "d", ""),
         NULL},
        {"several kinds, created and null",
         OBJECT("Deployment", "d", "") "---\n" OBJECT("StatefulSet", "d",
                                                      ", spec: {replicas: null}"),
         OBJECT("Deployment", "d", ", spec: {replicas: 5}") "---\n" OBJECT("StatefulSet", "d",
                                                                           ", spec: {replicas: 5}"),
         NULL},
        {"none", OBJECT("DaemonSet", "d", ""), NULL,
         "resource with name d does not match a config with the following GVK "
         "[Deployment.[noVer].[noGrp] StatefulSet.[noVer].[noGrp] ReplicaSet.[noVer].[noGrp] "
         "ReplicationController.[noVer].[noGrp]]"},
        {"a list", OBJECT("Deployment", "d", ", spec: {replicas: [1]}"), NULL,
         "expected ScalarNode"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct kustom f;
        struct err err;
        struct replicas_config config = {STR("d"), 5, kconfig_default()->fields[KCONFIG_REPLICAS]};
        kustom_setup(&f, CASES[i].objects);
        int rc = transform_replicas(&f.layer, f.m, &config, &err);
        kustom_check(&f, CASES[i].name, rc, &err, CASES[i].want, CASES[i].want_error);
        kustom_done(&f);
    }
}

static void finds_earlier_names(void **state UNUSED)
{
    struct kustom f;
    struct err err;
    struct replicas_config config = {STR("d"), 5, kconfig_default()->fields[KCONFIG_REPLICAS]};
    struct affix_config affix = {STR("a-"), kconfig_default()->fields[KCONFIG_NAME_PREFIX]};
    kustom_setup(&f, OBJECT("ReplicaSet", "d", ""));
    ASSERT_OK(transform_prefix(&f.layer, f.m, &affix, &err));
    ASSERT_OK(transform_replicas(&f.layer, f.m, &config, &err));
    kustom_assert(&f, "renamed", OBJECT("ReplicaSet", "a-d", ", spec: {replicas: 5}"));
    kustom_done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sets_counts),
        cmocka_unit_test(finds_earlier_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
