/* Canonical forms: defaults, zero values, quantities, and what is left alone. */
#include "engine/compare/canonical.h"
#include "tests/lib/parse.h"

static void form_is(const char *obj, const char *want)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *form = canonical_object(arena, parse_yaml(arena, obj));
    assert_yaml(arena, form, want);
    assert_ptr_equal(canonical_object(arena, form), form); /* doing it again changes nothing */
}

static void service_defaults(void **state UNUSED)
{
    form_is(
        "{apiVersion: v1, kind: Service, spec: {ports: [{port: 80, nodePort: 0}], selector: {}}}",
        "{apiVersion: v1, kind: Service, spec: {ports: [{port: 80, protocol: TCP, targetPort: "
        "80}], type: ClusterIP, sessionAffinity: None, internalTrafficPolicy: Cluster}}");
    form_is("{apiVersion: v1, kind: Service, spec: {type: ExternalName, externalName: x}}",
            "{apiVersion: v1, kind: Service, spec: {type: ExternalName, externalName: x, "
            "sessionAffinity: None}}");
}

static void nested_defaults_of_missing_structs(void **state UNUSED)
{
    form_is("{apiVersion: apps/v1, kind: Deployment, spec: {}}",
            "{apiVersion: apps/v1, kind: Deployment, spec: {replicas: 1, revisionHistoryLimit: 10, "
            "progressDeadlineSeconds: 600, strategy: {type: RollingUpdate, rollingUpdate: "
            "{maxUnavailable: 25%, maxSurge: 25%}}}}");
}

static void pull_policy_follows_the_tag(void **state UNUSED)
{
    static const char *const CASES[][2] = {
        {"nginx", "Always"},
        {"nginx:latest", "Always"},
        {"nginx:1", "IfNotPresent"},
        {"host:5000/nginx", "Always"},
        {"host:5000/nginx:1", "IfNotPresent"},
        {"nginx@sha256:00", "IfNotPresent"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        const char *pod =
            arena_printf(arena, "{apiVersion: v1, kind: Pod, spec: {containers: [{image: '%s'}]}}",
                         CASES[i][0])
                .p;
        const struct value *form = canonical_object(arena, parse_yaml(arena, pod));
        const struct value *first = value_at(value_dig(form, "spec", "containers"), 0);
        ASSERT_STR(value_dig_str(first, "imagePullPolicy"), CASES[i][1]);
    }
}

static void limit_ranges_fill_each_resource(void **state UNUSED)
{
    form_is(
        "{apiVersion: v1, kind: LimitRange, spec: {limits: [{type: Container, max: {cpu: 2000m, "
        "memory: 1024Mi}, min: {gpu: 1}, default: {cpu: 500m}}]}}",
        "{apiVersion: v1, kind: LimitRange, spec: {limits: [{type: Container, max: {cpu: '2', "
        "memory: 1Gi}, min: {gpu: '1'}, default: {cpu: 500m, memory: 1Gi}, defaultRequest: {cpu: "
        "500m, memory: 1Gi, gpu: '1'}}]}}");
}

static void presence_may_say_something(void **state UNUSED)
{
    form_is("{apiVersion: v1, kind: PersistentVolumeClaim, spec: {storageClassName: '', selector: "
            "{}, volumeName: ''}}",
            "{apiVersion: v1, kind: PersistentVolumeClaim, spec: {storageClassName: '', selector: "
            "{}, volumeMode: Filesystem}}");
}

static void custom_resources_are_left_alone(void **state UNUSED)
{
    form_is(
        "{apiVersion: x.example.com/v1, kind: Deployment, metadata: {labels: {}}, spec: {a: '', "
        "b: {}, c: 0}}",
        "{apiVersion: x.example.com/v1, kind: Deployment, spec: {a: '', b: {}, c: 0}}");
}

static void odd_types_survive(void **state UNUSED)
{
    form_is("{apiVersion: apps/v1, kind: Deployment, spec: 3, metadata: []}",
            "{apiVersion: apps/v1, kind: Deployment, spec: 3}");
    form_is("{apiVersion: v1, kind: Pod, spec: {containers: {a: b}, volumes: [x, null], "
            "terminationGracePeriodSeconds: 1, dnsPolicy: D, restartPolicy: R, schedulerName: S, "
            "enableServiceLinks: false}}",
            "{apiVersion: v1, kind: Pod, spec: {containers: {a: b}, volumes: [x, null], "
            "terminationGracePeriodSeconds: 1, dnsPolicy: D, restartPolicy: R, schedulerName: S, "
            "enableServiceLinks: false}}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(service_defaults),
        cmocka_unit_test(nested_defaults_of_missing_structs),
        cmocka_unit_test(pull_policy_follows_the_tag),
        cmocka_unit_test(limit_ranges_fill_each_resource),
        cmocka_unit_test(presence_may_say_something),
        cmocka_unit_test(custom_resources_are_left_alone),
        cmocka_unit_test(odd_types_survive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
