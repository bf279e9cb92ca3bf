/* Snapshots from both forms of discovery, failures, preferred versions. */
#include "common/kube/kube_api.h"
#include "common/value/value.h"
#include "tests/lib/parse.h"

static const char AGGREGATED[] =
    "kind: APIGroupDiscoveryList\n"
    "items:\n"
    "- metadata: {name: apps}\n"
    "  versions:\n"
    "  - version: v1\n"
    "    resources:\n"
    "    - resource: deployments\n"
    "      responseKind: {group: apps, version: v1, kind: Deployment}\n"
    "      scope: Namespaced\n"
    "      verbs: [get, list, watch, patch, proxy]\n"
    "      shortNames: [deploy]\n"
    "      subresources: [{subresource: scale}, {subresource: status}]\n"
    "    freshness: Current\n"
    "  - version: v1beta1\n"
    "    resources:\n"
    "    - {resource: deployments, responseKind: {kind: Deployment}, scope: Namespaced}\n"
    "    - {resource: olds, responseKind: {kind: Old}, scope: Cluster}\n"
    "- metadata: {name: metrics.k8s.io}\n"
    "  versions: [{version: v1, freshness: Stale}]\n";

static void aggregated_answers_have_everything(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(kube_api_builder) struct kube_api_builder *builder = kube_api_builder_new();
    struct err err;
    struct str group;
    struct str version;
    kube_api_builder_version(builder,
                             parse_yaml(arena, "{gitVersion: v1.32.1, major: '1', minor: 32+}"));
    ASSERT_OK(kube_api_builder_groups(builder, parse_yaml(arena, AGGREGATED), &err));
    assert_false(kube_api_builder_wanted(builder, 0, &group, &version));
    AUTO(kube_api) struct kube_api *api = kube_api_builder_finish(builder, NULL);
    assert_int_equal(kube_api_server_major(api), 1);
    assert_int_equal(kube_api_server_minor(api), 32);
    ASSERT_STR(kube_api_server_version(api), "v1.32.1");
    assert_int_equal(kube_api_count(api), 3);
    const struct kube_resource *r =
        kube_api_find_kind(api, STR("apps"), STR(""), STR("Deployment"));
    assert_non_null(r);
    ASSERT_STR(r->version, "v1");
    ASSERT_STR(r->resource, "deployments");
    assert_true(r->namespaced && r->preferred && !r->stale);
    assert_int_equal(r->verbs, KUBE_CAN_GET | KUBE_CAN_LIST | KUBE_CAN_WATCH | KUBE_CAN_PATCH);
    assert_true(kube_resource_has_subresource(r, STR("scale")));
    assert_false(kube_resource_has_subresource(r, STR("exec")));
    ASSERT_STR(r->short_names[0], "deploy");
    static const char *const NAMES[] = {"apps/v1", "apps/v1/Deployment", "apps/v1beta1",
                                        "apps/v1beta1/Deployment", "apps/v1beta1/Old"};
    size_t n;
    const struct str *names = kube_api_names(api, &n);
    assert_int_equal(n, ARRAY_LEN(NAMES));
    for (size_t i = 0; i < n; i++) {
        ASSERT_STR(names[i], NAMES[i]);
    }
}

static void kinds_are_found_by_version_and_preference(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(kube_api_builder) struct kube_api_builder *builder = kube_api_builder_new();
    struct err err;
    ASSERT_OK(kube_api_builder_groups(builder, parse_yaml(arena, AGGREGATED), &err));
    AUTO(kube_api) struct kube_api *api = kube_api_builder_finish(builder, NULL);
    const struct kube_resource *beta =
        kube_api_find_kind(api, STR("apps"), STR("v1beta1"), STR("Deployment"));
    assert_non_null(beta);
    assert_false(beta->preferred);
    ASSERT_STR(kube_api_find_kind(api, STR("apps"), STR(""), STR("Old"))->version, "v1beta1");
    ASSERT_STR(kube_api_find_resource(api, STR("apps"), STR(""), STR("olds"))->kind, "Old");
    assert_null(kube_api_find_kind(api, STR("apps"), STR("v1"), STR("Old")));
    assert_null(kube_api_find_kind(api, STR(""), STR(""), STR("Deployment")));
    assert_true(kube_api_has_version(api, STR("metrics.k8s.io"), STR("v1")));
    assert_false(kube_api_has_version(api, STR("apps"), STR("v2")));
    assert_true(kube_api_is_namespaced(api, STR("apps"), STR("Deployment"), false));
    assert_false(kube_api_is_namespaced(api, STR("apps"), STR("Old"), true));
    assert_true(kube_api_is_namespaced(api, STR("x"), STR("Unknown"), true));
    assert_int_equal(kube_api_failure_count(api), 1);
    ASSERT_STR(kube_api_failure_at(api, 0)->group, "metrics.k8s.io");
}

static const char RESOURCES[] =
    "kind: APIResourceList\n"
    "resources:\n"
    "- {name: pods, namespaced: true, kind: Pod, verbs: [get, delete],\n"
    "   shortNames: [po]}\n"
    "- {name: pods/log, namespaced: true, kind: Pod, verbs: [get]}\n"
    "- {name: namespaces, namespaced: false, kind: Namespace, verbs: [list]}\n";

static const char GROUPS[] = "kind: APIGroupList\n"
                             "groups:\n"
                             "- name: batch\n"
                             "  versions: [{version: v1beta1}, {version: v1}]\n"
                             "  preferredVersion: {version: v1}\n";

static struct kube_api_builder *classic(struct arena *arena)
{
    struct kube_api_builder *builder = kube_api_builder_new();
    struct err err;
    ASSERT_OK(kube_api_builder_groups(
        builder, parse_yaml(arena, "{kind: APIVersions, versions: [v1]}"), &err));
    ASSERT_OK(kube_api_builder_groups(builder, parse_yaml(arena, GROUPS), &err));
    return builder;
}

static void classic_answers_come_one_by_one(void **state UNUSED)
{
    static const char *const WANTED[] = {"/v1", "batch/v1", "batch/v1beta1"};
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(kube_api_builder) struct kube_api_builder *builder = classic(arena);
    struct str group;
    struct str version;
    for (size_t i = 0; i < ARRAY_LEN(WANTED); i++) {
        assert_true(kube_api_builder_wanted(builder, i, &group, &version));
        ASSERT_STR(arena_printf(arena, STR_FMT "/" STR_FMT, STR_ARG(group), STR_ARG(version)),
                   WANTED[i]);
    }
    assert_false(kube_api_builder_wanted(builder, 3, &group, &version));
    /* in any order */
    kube_api_builder_resources(
        builder, 2, parse_yaml(arena, "{resources: [{name: jobs, kind: Job, namespaced: true}]}"));
    kube_api_builder_resources(
        builder, 1, parse_yaml(arena, "{resources: [{name: jobs, kind: Job, namespaced: true}]}"));
    kube_api_builder_resources(builder, 0, parse_yaml(arena, RESOURCES));
    AUTO(kube_api) struct kube_api *api = kube_api_builder_finish(builder, NULL);
    assert_int_equal(kube_api_count(api), 4);
    const struct kube_resource *pods = kube_api_at(api, 0);
    ASSERT_STR(pods->kind, "Pod");
    assert_true(kube_resource_has_subresource(pods, STR("log")));
    ASSERT_STR(kube_api_find_kind(api, STR("batch"), STR(""), STR("Job"))->version, "v1");
}

static void a_failing_group_keeps_what_was_known(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(kube_api_builder) struct kube_api_builder *first = classic(arena);
    AUTO(kube_api_builder) struct kube_api_builder *second = classic(arena);
    struct err err;
    kube_api_builder_resources(first, 0, parse_yaml(arena, RESOURCES));
    AUTO(kube_api) struct kube_api *old = kube_api_builder_finish(first, NULL);
    (void)err_set(&err, ERR_UNAVAILABLE, "away");
    kube_api_builder_failed(second, 0, &err);
    AUTO(kube_api) struct kube_api *api = kube_api_builder_finish(second, old);
    kube_api_unref(TAKE(old));
    const struct kube_resource *pods = kube_api_find_kind(api, STR(""), STR("v1"), STR("Pod"));
    assert_non_null(pods);
    assert_true(pods->stale);
    ASSERT_STR(pods->short_names[0], "po");
    assert_int_equal(kube_api_failure_count(api), 1);
    assert_string_equal(kube_api_failure_at(api, 0)->err.message, "away");
}

static void other_answers_are_refused(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(kube_api_builder) struct kube_api_builder *builder = kube_api_builder_new();
    struct err err;
    ASSERT_ERR(kube_api_builder_groups(builder, parse_yaml(arena, "kind: Pod"), &err), ERR_INVALID,
               "answers discovery with 'Pod'");
    ASSERT_ERR(kube_api_builder_groups(builder, NULL, &err), ERR_INVALID, "discovery");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(aggregated_answers_have_everything),
        cmocka_unit_test(kinds_are_found_by_version_and_preference),
        cmocka_unit_test(classic_answers_come_one_by_one),
        cmocka_unit_test(a_failing_group_keeps_what_was_known),
        cmocka_unit_test(other_answers_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
