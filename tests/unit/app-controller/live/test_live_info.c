/* What the resource tree shows of an object, by kind. */
#include "app-controller/live/live_info.h"
#include "common/value/value_json.h"
#include "tests/lib/parse.h"

#define POD(status)                                                                    \
    "{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: ns, labels: {a: b}}, " \
    "spec: {nodeName: n1, containers: [{image: one}, {image: two}]}, status: {" status "}}"

/* Only `field` of the info is compared. */
static const struct {
    const char *object;
    const char *field;
    const char *want;
} CASES[] = {
    {POD("phase: Running, containerStatuses: [{ready: true, restartCount: 2}, {ready: false}]"),
     "info",
     "[{name: Status Reason, value: Running}, {name: Node, value: n1}, {name: Containers, value: "
     "1/2}, "
     "{name: Restart Count, value: '2'}]"},
    {POD("phase: Running, containerStatuses: [{state: {waiting: {reason: CrashLoopBackOff}}}]"),
     "info",
     "[{name: Status Reason, value: CrashLoopBackOff}, {name: Node, value: n1}, {name: Containers, "
     "value: 0/2}]"},
    {POD("phase: Failed, containerStatuses: [{state: {terminated: {exitCode: 3}}}]"), "info",
     "[{name: Status Reason, value: 'ExitCode:3'}, {name: Node, value: n1}, {name: Containers, "
     "value: "
     "0/2}]"},
    {POD("phase: Failed, containerStatuses: [{state: {terminated: {signal: 9}}}]"), "info",
     "[{name: Status Reason, value: 'Signal:9'}, {name: Node, value: n1}, {name: Containers, "
     "value: "
     "0/2}]"},
    {POD("phase: Pending, initContainerStatuses: [{state: {terminated: {reason: Completed}}}, "
         "{state: "
         "{running: {}}}]"),
     "info",
     "[{name: Status Reason, value: 'Init:1/2'}, {name: Node, value: n1}, {name: Containers, "
     "value: "
     "0/2}]"},
    {POD("phase: Pending, initContainerStatuses: [{state: {waiting: {reason: ErrImagePull}}}]"),
     "info",
     "[{name: Status Reason, value: 'Init:ErrImagePull'}, {name: Node, value: n1}, {name: "
     "Containers, "
     "value: 0/2}]"},
    {POD("phase: Running"), "images", "[one, two]"},
    {POD("phase: Running"), "networkingInfo", "{labels: {a: b}}"},
    {"{apiVersion: apps/v1, kind: ReplicaSet, metadata: {annotations: "
     "{deployment.kubernetes.io/revision: '4'}}}",
     "info", "[{name: Revision, value: 'Rev:4'}]"},
    {"{apiVersion: batch/v1, kind: CronJob, spec: {jobTemplate: {spec: {template: {spec: "
     "{initContainers: [{image: i}], containers: [{image: c}]}}}}}}",
     "images", "[i, c]"},
    {"{apiVersion: v1, kind: Service, metadata: {name: s, namespace: ns}, spec: {type: "
     "LoadBalancer, "
     "selector: {app: x}}, status: {loadBalancer: {ingress: [{ip: 192.0.2.1}]}}}",
     "networkingInfo", "{targetLabels: {app: x}, ingress: [{ip: 192.0.2.1}]}"},
};

static void fields_are_shown_by_kind(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        const struct value *info = NULL;
        struct err err;
        ASSERT_OK(value_from_json(arena,
                                  live_info_of(arena, parse_yaml(arena, CASES[i].object), NULL),
                                  NULL, &info, &err));
        assert_yaml(arena, value_dig(info, CASES[i].field), CASES[i].want);
    }
}

static void an_ingress_names_its_services_and_addresses(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *info = NULL;
    struct err err;
    const struct value *ingress = parse_yaml(
        arena, "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: i, namespace: "
               "ns}, spec: {rules: [{host: a.test, http: {paths: [{path: /x, backend: {service: "
               "{name: s}}}]}}]}, status: {loadBalancer: {ingress: [{ip: 192.0.2.1}]}}}");
    ASSERT_OK(value_from_json(arena, live_info_of(arena, ingress, NULL), NULL, &info, &err));
    const struct value *net = value_dig(info, "networkingInfo");
    ASSERT_STR(value_dig_str(value_at(value_dig(net, "targetRefs"), 0), "name"), "s");
    assert_true(value_len(value_dig(net, "externalURLs")) > 0);
}

static void health_is_part_of_it(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *info = NULL;
    struct err err;
    const struct value *job =
        parse_yaml(arena, "{apiVersion: batch/v1, kind: Job, status: {conditions: [{type: "
                          "Complete, status: 'True'}]}}");
    ASSERT_OK(value_from_json(arena, live_info_of(arena, job, NULL), NULL, &info, &err));
    ASSERT_STR(value_dig_str(info, "health", "status"), "Healthy");
}

static void plain_objects_have_none(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *map = parse_yaml(arena, "{apiVersion: v1, kind: ConfigMap, data: {a: b}}");
    assert_int_equal(live_info_of(arena, map, NULL).n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_shown_by_kind),
        cmocka_unit_test(an_ingress_names_its_services_and_addresses),
        cmocka_unit_test(health_is_part_of_it),
        cmocka_unit_test(plain_objects_have_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
