/* References that follow renamed objects. */
#include "engine/kustomize/kconfig.h"
#include "engine/kustomize/transform.h"
#include "tests/lib/kustom_fixture.h"

/* A prefix, a suffix and a namespace for the objects of one base, or "". */
struct layer_case {
    const char *objects;
    const char *prefix;
    const char *suffix;
    const char *namespace;
};

struct refs_case {
    const char *name;
    const char *config; /* nameReference over the defaults, or NULL */
    struct layer_case bases[3];
    const char *want;
    const char *want_error;
};

static void rename_base(struct kustom *f, const struct layer_case *base)
{
    struct err err;
    struct fieldspecs names = kconfig_default()->fields[KCONFIG_NAME_PREFIX];
    struct namespace_config namespace = {.namespace = str_from(base->namespace)};
    struct affix_config prefix = {str_from(base->prefix), names};
    struct affix_config suffix = {str_from(base->suffix), names};
    ASSERT_OK(transform_namespace(&f->layer, f->m, &namespace, &err));
    ASSERT_OK(transform_prefix(&f->layer, f->m, &prefix, &err));
    ASSERT_OK(transform_suffix(&f->layer, f->m, &suffix, &err));
}

static void configure(struct kustom *f, const char *text)
{
    struct err err;
    const struct kconfig *config = NULL;
    if (text != NULL) {
        ASSERT_OK(kconfig_from_value(f->arena, parse_yaml(f->arena, text), &config, &err));
        ASSERT_OK(kconfig_merge(f->arena, f->layer.config, config, &f->layer.config, &err));
    }
}

/* outer: a prefix of all bases together, or "". */
static void run(const struct refs_case *c, const char *outer)
{
    struct kustom all;
    struct kustom bases[ARRAY_LEN(c->bases)];
    struct err err;
    kustom_setup(&all, "");
    for (size_t i = 0; i < ARRAY_LEN(bases); i++) {
        const struct layer_case *base = &c->bases[i];
        kustom_setup(&bases[i], base->objects != NULL ? base->objects : "");
        if (base->objects != NULL) {
            rename_base(&bases[i], base);
            ASSERT_OK(resmap_append_all(all.m, bases[i].m, &err));
        }
    }
    if (*outer != '\0') {
        rename_base(&all, &(struct layer_case){NULL, outer, "", ""});
    }
    configure(&all, c->config);
    int rc = transform_references(&all.layer, all.m, &err);
    kustom_check(&all, c->name, rc, &err, c->want, c->want_error);
    kustom_done(&all);
    for (size_t i = 0; i < ARRAY_LEN(bases); i++) {
        kustom_done(&bases[i]);
    }
}

#define V1(kind, name, rest) \
    "{apiVersion: v1, kind: " kind ", metadata: {name: " name "}" rest "}\n"
#define IN(kind, name, namespace, rest)                                                          \
    "{apiVersion: v1, kind: " kind ", metadata: {name: " name ", namespace: " namespace "}" rest \
                                                                                        "}\n"
#define RBAC(kind, metadata, rest)                                                                 \
    "{apiVersion: rbac.authorization.k8s.io/v1, kind: " kind ", metadata: {" metadata "}" rest "}" \
    "\n"
#define NEXT "---\n"

static void follows_names(void **state UNUSED)
{
    static const struct refs_case CASES[] = {
        {"scalars in lists of a pod",
         NULL,
         {{V1("ConfigMap", "a", "") NEXT V1(
               "Pod", "a",
               ", spec: {volumes: [{configMap: {name: a}}, {configMap: {name: b}}], "
               "containers: [{env: [{valueFrom: {configMapKeyRef: {name: a}}}], envFrom: null}]}"),
           "p-", "-s", ""}},
         V1("ConfigMap", "p-a-s", "")
             NEXT V1("Pod", "p-a-s",
                     ", spec: {volumes: [{configMap: {name: p-a-s}}, {configMap: {name: b}}], "
                     "containers: [{env: [{valueFrom: {configMapKeyRef: {name: p-a-s}}}], envFrom: "
                     "null}]}"),
         NULL},
        {"only of the kind",
         NULL,
         {{V1("Secret", "a", "") NEXT V1("Pod", "b", ", spec: {volumes: [{configMap: {name: a}}]}"),
           "p-", "", ""}},
         V1("Secret", "p-a", "")
             NEXT V1("Pod", "p-b", ", spec: {volumes: [{configMap: {name: a}}]}"),
         NULL},
        {"lists of names",
         NULL,
         {{V1("Secret", "a", "") NEXT RBAC(
               "Role", "name: r", ", rules: [{resourceNames: [a, b, null]}, {verbs: [get]}]"),
           "p-", "", ""}},
         V1("Secret", "p-a", "") NEXT RBAC(
             "Role", "name: p-r", ", rules: [{resourceNames: [p-a, b, null]}, {verbs: [get]}]"),
         NULL},
        {"slashes in keys",
         NULL,
         {{V1("Secret", "a", "") NEXT
           "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: i, "
           "annotations: {nginx.ingress.kubernetes.io/auth-secret: a}}}",
           "p-", "", ""}},
         V1("Secret", "p-a", "") NEXT
         "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: p-i, "
         "annotations: {nginx.ingress.kubernetes.io/auth-secret: p-a}}}",
         NULL},
        {"roles by kind and group",
         NULL,
         {{RBAC("Role", "name: r", "") NEXT RBAC("ClusterRole", "name: r", "") NEXT RBAC(
               "RoleBinding", "name: b",
               ", roleRef: {kind: ClusterRole, apiGroup: rbac.authorization.k8s.io, name: r}"),
           "p-", "", ""}},
         RBAC("Role", "name: p-r", "") NEXT RBAC("ClusterRole", "name: p-r", "") NEXT RBAC(
             "RoleBinding", "name: p-b",
             ", roleRef: {kind: ClusterRole, apiGroup: rbac.authorization.k8s.io, name: p-r}"),
         NULL},
        {"fields of configurations",
         "nameReference: [{kind: Foo, fieldSpecs: [{path: ref, kind: Bar}]}]",
         {{V1("Foo", "a", "") NEXT V1("Bar", "b", ", ref: a"), "p-", "", ""}},
         V1("Foo", "p-a", "") NEXT V1("Bar", "p-b", ", ref: p-a"),
         NULL},
        {"what does not match its path",
         NULL,
         {{V1("ConfigMap", "a", "") NEXT V1("Pod", "b", ", spec: {volumes: a}"), "p-", "", ""}},
         NULL,
         "updating name reference in 'spec/volumes/configMap/name' field of "
         "'Pod.v1.[noGrp]/p-b.[noNs]'"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        run(&CASES[i], "");
    }
}

#define BINDING(kind, metadata, subject) \
    RBAC(kind, metadata, ", subjects: [{kind: ServiceAccount, " subject "}]")

static void follows_namespaces(void **state UNUSED)
{
    static const struct refs_case CASES[] = {
        {"a subject takes both",
         NULL,
         {{IN("ServiceAccount", "a", "x", "")
               NEXT BINDING("ClusterRoleBinding", "name: b", "name: a, namespace: x"),
           "p-", "", "to"}},
         IN("ServiceAccount", "p-a", "to", "")
             NEXT BINDING("ClusterRoleBinding", "name: p-b", "name: p-a, namespace: to"),
         NULL},
        {"a subject of another namespace does not",
         NULL,
         {{IN("ServiceAccount", "a", "x", "")
               NEXT BINDING("ClusterRoleBinding", "name: b", "name: a, namespace: y"),
           "p-", "", "to"}},
         IN("ServiceAccount", "p-a", "to", "")
             NEXT BINDING("ClusterRoleBinding", "name: p-b", "name: a, namespace: y"),
         NULL},
        {"a subject that says the new one",
         NULL,
         {{IN("ServiceAccount", "a", "x", "")
               NEXT BINDING("ClusterRoleBinding", "name: b", "name: a, namespace: to"),
           "p-", "", "to"}},
         IN("ServiceAccount", "p-a", "to", "")
             NEXT BINDING("ClusterRoleBinding", "name: p-b", "name: p-a, namespace: to"),
         NULL},
        {"a role binding looks where its accounts are",
         NULL,
         {{IN("ServiceAccount", "a", "x", ""), "p-", "", ""},
          {BINDING("RoleBinding", "name: b, namespace: y", "name: a, namespace: x"), "", "", ""}},
         IN("ServiceAccount", "p-a", "x", "")
             NEXT BINDING("RoleBinding", "name: b, namespace: y", "name: p-a, namespace: x"),
         NULL},
        {"others only at home",
         NULL,
         {{IN("ConfigMap", "a", "x", ""), "p-", "", ""},
          {IN("Pod", "b", "y", ", spec: {volumes: [{configMap: {name: a}}]}"), "", "", ""}},
         IN("ConfigMap", "p-a", "x", "")
             NEXT IN("Pod", "b", "y", ", spec: {volumes: [{configMap: {name: a}}]}"),
         NULL},
        {"cluster-scoped ones everywhere",
         NULL,
         {{IN("Service", "a", "x", ""), "p-", "", ""},
          {"{apiVersion: admissionregistration.k8s.io/v1, kind: MutatingWebhookConfiguration, "
           "metadata: {name: h}, webhooks: [{clientConfig: {service: {name: a, namespace: x}}}, "
           "{clientConfig: {url: u}}]}",
           "", "", ""}},
         IN("Service", "p-a", "x", "") NEXT
         "{apiVersion: admissionregistration.k8s.io/v1, kind: MutatingWebhookConfiguration, "
         "metadata: {name: h}, webhooks: [{clientConfig: {service: {name: p-a, namespace: x}}}, "
         "{clientConfig: {url: u}}]}",
         NULL},
        {"a map without a name",
         NULL,
         {{RBAC("ClusterRoleBinding", "name: b", ", subjects: [{kind: User}]"), "p-", "", ""}},
         NULL,
         "path config error; no 'name' field in node"},
        {"an account's namespace that is no text",
         NULL,
         {{BINDING("RoleBinding", "name: b", "name: a, namespace: null"), "p-", "", ""}},
         NULL,
         "Invalid Input: namespace is blank for resource"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        run(&CASES[i], "");
    }
}

#define POD V1("Pod", "b", ", spec: {volumes: [{configMap: {name: a}}]}")

static void chooses(void **state UNUSED)
{
    static const struct refs_case CASES[] = {
        {"by prefix",
         NULL,
         {{V1("ConfigMap", "a", "") NEXT POD, "x-", "", ""},
          {V1("ConfigMap", "a", "") NEXT POD, "y-", "", ""}},
         V1("ConfigMap", "x-a", "")
             NEXT V1("Pod", "x-b", ", spec: {volumes: [{configMap: {name: x-a}}]}")
                 NEXT V1("ConfigMap", "y-a", "")
                     NEXT V1("Pod", "y-b", ", spec: {volumes: [{configMap: {name: y-a}}]}"),
         NULL},
        {"by suffix",
         NULL,
         {{V1("ConfigMap", "a", "") NEXT POD, "", "-x", ""},
          {V1("ConfigMap", "a", "") NEXT POD, "", "-y", ""}},
         V1("ConfigMap", "a-x", "")
             NEXT V1("Pod", "b-x", ", spec: {volumes: [{configMap: {name: a-x}}]}")
                 NEXT V1("ConfigMap", "a-y", "")
                     NEXT V1("Pod", "b-y", ", spec: {volumes: [{configMap: {name: a-y}}]}"),
         NULL},
        {"not at all",
         NULL,
         {{V1("ConfigMap", "a", ""), "x-", "", ""},
          {V1("ConfigMap", "a", "") NEXT "{apiVersion: apiextensions.k8s.io/v1, "
                                         "kind: CustomResourceDefinition, metadata: {name: b}}",
           "y-", "", ""}},
         V1("ConfigMap", "x-a", "") NEXT V1("ConfigMap", "y-a", "") NEXT
         "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: "
         "b}}",
         NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        run(&CASES[i], "");
    }
}

static void refuses_to_choose(void **state UNUSED)
{
    static const struct refs_case CASE = {
        "among several",
        NULL,
        {{V1("ConfigMap", "a", ""), "x-", "", ""},
         {V1("ConfigMap", "a", ""), "y-", "", ""},
         {POD, "", "", ""}},
        NULL,
        "found multiple possible referrals: ConfigMap.v1.[noGrp]/o-x-a.[noNs], "
        "ConfigMap.v1.[noGrp]/o-y-a.[noNs]"};
    run(&CASE, "o-");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows_names),
        cmocka_unit_test(follows_namespaces),
        cmocka_unit_test(chooses),
        cmocka_unit_test(refuses_to_choose),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
