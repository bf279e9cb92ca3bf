/* The namespace transformer. */
#include "engine/kustomize/transform.h"
#include "tests/lib/kustom_fixture.h"

struct namespace_case {
    const char *name;
    const char *fields; /* NULL: the defaults */
    bool unset_only;
    enum subject_mode subjects;
    const char *objects;
    const char *want;
    const char *want_error;
};

static void run(const struct namespace_case *c)
{
    struct kustom f;
    struct err err;
    kustom_setup(&f, c->objects);
    struct namespace_config config = {
        .namespace = STR("to"),
        .fields = kconfig_default()->fields[KCONFIG_NAMESPACE],
        .unset_only = c->unset_only,
        .subjects = c->subjects,
    };
    if (c->fields != NULL) {
        ASSERT_OK(
            fieldspecs_from_value(f.arena, parse_yaml(f.arena, c->fields), &config.fields, &err));
    }
    int rc = transform_namespace(&f.layer, f.m, &config, &err);
    kustom_check(&f, c->name, rc, &err, c->want, c->want_error);
    kustom_done(&f);
}

#define CM(metadata) "{apiVersion: v1, kind: ConfigMap, metadata: " metadata "}\n"
#define RBAC         "{apiVersion: rbac.authorization.k8s.io/v1, "
#define BINDING(subjects) \
    RBAC "kind: ClusterRoleBinding, metadata: {name: b}, subjects: [" subjects "]}\n"

static void sets_namespaces(void **state UNUSED)
{
    static const struct namespace_case CASES[] = {
        {"absent, other and null", NULL, false, 0,
         CM("{name: a}") "---\n" CM("{name: b, namespace: x}") "---\n" CM(
             "{name: c, namespace: null}"),
         CM("{name: a, namespace: to}") "---\n" CM("{name: b, namespace: to}") "---\n" CM(
             "{name: c, namespace: to}"),
         NULL},
        {"only where there is none", NULL, true, 0,
         CM("{name: a}") "---\n" CM("{name: b, namespace: x}") "---\n" CM(
             "{name: c, namespace: \"\"}"),
         CM("{name: a, namespace: to}") "---\n" CM("{name: b, namespace: x}") "---\n" CM(
             "{name: c, namespace: to}"),
         NULL},
        {"cluster-scoped kinds have none", NULL, false, 0,
         RBAC "kind: ClusterRole, metadata: {name: a}}",
         RBAC "kind: ClusterRole, metadata: {name: a}}", NULL},
        {"unknown kinds have one", NULL, false, 0,
         "{apiVersion: g/v1, kind: X, metadata: {name: a}}",
         "{apiVersion: g/v1, kind: X, metadata: {name: a, namespace: to}}", NULL},
        {"a Namespace is named", NULL, false, 0,
         "{apiVersion: v1, kind: Namespace, metadata: {name: a}}",
         "{apiVersion: v1, kind: Namespace, metadata: {name: to}}", NULL},
        {"a Namespace of another group is not", NULL, false, 0,
         "{apiVersion: g/v1, kind: Namespace, metadata: {name: a}}",
         "{apiVersion: g/v1, kind: Namespace, metadata: {name: a, namespace: to}}", NULL},
        {"services of webhooks, where there", NULL, false, 0,
         "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: "
         "a}, "
         "spec: {conversion: {webhook: {clientConfig: {service: {namespace: x}}}}}}",
         "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: "
         "a}, "
         "spec: {conversion: {webhook: {clientConfig: {service: {namespace: to}}}}}}",
         NULL},
        {"other fields", "[{path: spec/ns, create: true}, {path: metadata/namespace}]", false, 0,
         RBAC "kind: ClusterRole, metadata: {name: a}}",
         RBAC "kind: ClusterRole, metadata: {name: a}, spec: {ns: to}}", NULL},
        {"fields that are no scalars", "[{path: data}]", false, 0,
         "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {}}", NULL,
         "namespace field specs must target scalar nodes"},
        {"two with one id", NULL, false, 0, CM("{name: a, namespace: x}") "---\n" CM("{name: a}"),
         NULL, "namespace transformation produces ID conflict"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        run(&CASES[i]);
    }
}

static void sets_subjects(void **state UNUSED)
{
    static const struct namespace_case CASES[] = {
        {"named default", NULL, false, SUBJECTS_DEFAULT_ONLY,
         BINDING(
             "{kind: ServiceAccount, name: default}, {kind: User, name: default, namespace: x}, "
             "{kind: ServiceAccount, name: a}, null"),
         BINDING(
             "{kind: ServiceAccount, name: default, namespace: to}, "
             "{kind: User, name: default, namespace: to}, {kind: ServiceAccount, name: a}, null"),
         NULL},
        {"service accounts", NULL, false, SUBJECTS_ALL_SERVICE_ACCOUNTS,
         BINDING("{kind: User, name: default}, {kind: ServiceAccount, name: a}"),
         BINDING("{kind: User, name: default}, {kind: ServiceAccount, name: a, namespace: to}"),
         NULL},
        {"none", NULL, false, SUBJECTS_NONE, BINDING("{kind: ServiceAccount, name: default}"),
         BINDING("{kind: ServiceAccount, name: default}"), NULL},
        {"unset ones", NULL, true, SUBJECTS_DEFAULT_ONLY,
         BINDING("{name: default}, {name: default, namespace: x}"),
         BINDING("{name: default, namespace: to}, {name: default, namespace: x}"), NULL},
        {"not by a field of its own", "[{kind: ClusterRoleBinding, path: subjects/namespace}]",
         false, SUBJECTS_DEFAULT_ONLY, BINDING("{name: a, namespace: x}"),
         BINDING("{name: a, namespace: x}"), NULL},
        {"subjects that are no maps", NULL, false, 0, BINDING("default"), NULL,
         "setting namespace on (cluster)role binding subjects"},
        {"subjects that are no list", NULL, false, 0,
         RBAC "kind: RoleBinding, metadata: {name: a}, subjects: {name: default}}", NULL,
         "expected SequenceNode"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        run(&CASES[i]);
    }
}

static void remembers(void **state UNUSED)
{
    struct kustom f;
    struct err err;
    struct namespace_config config = {.namespace = STR("to")};
    kustom_setup(&f, CM("{name: a, namespace: x}") "---\n" CM("{name: h, namespace: x}"));
    resmap_at(f.m, 1)->from_helm = true;
    ASSERT_OK(transform_namespace(&f.layer, f.m, &config, &err));
    ASSERT_STR(resmap_at(f.m, 0)->id.namespace, "to");
    ASSERT_STR(kres_original_id(resmap_at(f.m, 0)).namespace, "x");
    ASSERT_STR(resmap_at(f.m, 1)->id.namespace, "x"); /* the chart had it */
    config.namespace = STR_EMPTY;
    ASSERT_OK(transform_namespace(&f.layer, f.m, &config, &err));
    ASSERT_STR(resmap_at(f.m, 0)->id.namespace, "to");
    kustom_done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sets_namespaces),
        cmocka_unit_test(sets_subjects),
        cmocka_unit_test(remembers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
