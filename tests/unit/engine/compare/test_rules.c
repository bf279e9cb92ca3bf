/* argocd-cm as rules for comparing. */
#include "engine/compare/rules.h"
#include "tests/lib/parse.h"

static struct compare_rules *rules_of(struct arena *arena, const char *yaml)
{
    struct err err;
    struct compare_rules *rules = NULL;
    ASSERT_OK(compare_rules_new(parse_yaml(arena, yaml), &rules, &err));
    return rules;
}

static void no_settings_are_the_defaults(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(compare_rules) struct compare_rules *rules = rules_of(arena, "{}");
    struct compare_rules *const both[] = {rules, NULL};
    for (size_t i = 0; i < ARRAY_LEN(both); i++) {
        assert_int_equal(compare_rules_ignore(both[i])->n, 0);
        assert_false(compare_rules_keep_status(both[i], STR("apps"), STR("Deployment")));
        assert_false(compare_rules_ignore_aggregated(both[i]));
        assert_int_equal(compare_rules_known(both[i]).n, 0);
        assert_int_equal(compare_rules_updates(both[i])->n, 0);
        assert_int_equal(compare_rules_masked(both[i]).n, 0);
        assert_int_equal(compare_rules_rbac(both[i]), COMPARE_RBAC_OFF);
        assert_true(
            compare_rules_excluded(both[i], STR("coordination.k8s.io"), STR("Lease"), STR("s")));
        assert_false(compare_rules_excluded(both[i], STR(""), STR("Secret"), STR("s")));
    }
    assert_true(compare_rules_same(rules, NULL));
}

static void rules_of_kinds(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(compare_rules)
    struct compare_rules *rules = rules_of(
        arena, "resource.customizations.ignoreDifferences.apps_Deployment: 'jsonPointers: "
               "[/spec/replicas]'\n"
               "resource.customizations.ignoreDifferences.ConfigMap: 'jqPathExpressions: [.data]'\n"
               "resource.customizations.ignoreDifferences.all: 'managedFieldsManagers: [hpa]'\n"
               "resource.customizations.ignoreResourceUpdates.all: 'jsonPointers: [/status]'\n"
               "resource.customizations.knownTypeFields.x.io_Thing: '[{field: spec.pod, type: "
               "core/v1/PodSpec}]'\n"
               "resource.customizations.health.x.io_Thing: 'return {}'\n"
               "resource.customizations: |\n"
               "  batch/Job:\n"
               "    ignoreDifferences: |\n"
               "      jsonPointers: [/spec/suspend]\n"
               "    knownTypeFields: [{field: spec.size, type: core/Quantity}]\n"
               "    health.lua: x\n"
               "other: unseen\n");
    const struct app_ignore_differences *ignore = compare_rules_ignore(rules);
    static const struct {
        const char *group;
        const char *kind;
    } WANT[] = {{"batch", "Job"}, {"apps", "Deployment"}, {"", "ConfigMap"}, {"*", "*"}};
    assert_int_equal(ignore->n, ARRAY_LEN(WANT));
    for (size_t i = 0; i < ARRAY_LEN(WANT); i++) {
        ASSERT_STR(ignore->items[i].group, WANT[i].group);
        ASSERT_STR(ignore->items[i].kind, WANT[i].kind);
    }
    ASSERT_STR(ignore->items[2].jq_path_expressions.items[0], ".data");
    ASSERT_STR(ignore->items[3].managed_fields_managers.items[0], "hpa");
    assert_int_equal(compare_rules_updates(rules)->n, 1);
    struct known_fields known = compare_rules_known(rules);
    assert_int_equal(known.n, 2);
    ASSERT_STR(known.items[1].path, "spec.pod");
    AUTO(compare_rules) struct compare_rules *other = rules_of(arena, "{other: changed}");
    assert_false(compare_rules_same(rules, other));
    assert_true(compare_rules_same(NULL, other));
}

static void options(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(compare_rules)
    struct compare_rules *rules = rules_of(
        arena,
        "resource.compareoptions: '{ignoreAggregatedRoles: true, ignoreResourceStatusField: crd, "
        "ignoreDifferencesOnResourceUpdates: true}'\n"
        "resource.customizations.ignoreDifferences.all: 'jsonPointers: [/a]'\n"
        "resource.respectRBAC: strict\n"
        "resource.sensitive.mask.annotations: 'a/b, c,'\n");
    assert_true(compare_rules_ignore_aggregated(rules));
    assert_true(compare_rules_keep_status(rules, STR("apps"), STR("Deployment")));
    assert_false(compare_rules_keep_status(rules, STR("apiextensions.k8s.io"),
                                           STR("CustomResourceDefinition")));
    assert_int_equal(compare_rules_updates(rules)->n, 1);
    assert_int_equal(compare_rules_rbac(rules), COMPARE_RBAC_STRICT);
    assert_int_equal(compare_rules_masked(rules).n, 2);
    AUTO(compare_rules)
    struct compare_rules *off =
        rules_of(arena, "resource.ignoreResourceUpdatesEnabled: 'false'\n"
                        "resource.compareoptions: '{ignoreResourceStatusField: none}'\n");
    assert_null(compare_rules_updates(off));
    assert_true(compare_rules_keep_status(off, STR(""), STR("Pod")));
}

static void kinds_that_are_not_watched(void **state UNUSED)
{
    static const struct {
        const char *group;
        const char *kind;
        const char *server;
        bool excluded;
    } CASES[] = {
        {"", "Secret", "https://a", true},          {"", "Secret", "https://b", false},
        {"cilium.io", "CiliumIdentity", "x", true}, {"", "ConfigMap", "x", false},
        {"apps", "Deployment", "x", true},          {"batch", "Job", "x", false},
    };
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(compare_rules)
    struct compare_rules *rules =
        rules_of(arena, "resource.exclusions: |\n"
                        "  - {apiGroups: [''], kinds: [Secret], clusters: ['https://a*']}\n"
                        "  - {apiGroups: ['cilium.io'], kinds: ['*Identity']}\n"
                        "resource.inclusions: |\n"
                        "  - {apiGroups: ['', 'cilium.io']}\n"
                        "  - {kinds: [Job]}\n");
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        bool is = compare_rules_excluded(rules, str_from(CASES[i].group), str_from(CASES[i].kind),
                                         str_from(CASES[i].server));
        if (is != CASES[i].excluded) {
            fail_msg("%s/%s on %s: %d", CASES[i].group, CASES[i].kind, CASES[i].server, is);
        }
    }
}

static void what_cannot_be_read_names_its_key(void **state UNUSED)
{
    static const struct {
        const char *data;
        const char *part;
    } CASES[] = {
        {"resource.exclusions: '{'", "resource.exclusions"},
        {"resource.inclusions: '7'", "resource.inclusions"},
        {"resource.compareoptions: '[1]'", "resource.compareoptions"},
        {"resource.customizations: '{apps/X: {ignoreDifferences: 7}}'",
         "apps/X: ignoreDifferences"},
        {"resource.customizations.ignoreDifferences.apps_X: 'jsonPointers: x'",
         "ignoreDifferences.apps_X"},
        {"resource.customizations.knownTypeFields.apps_X: '{a: 1}'", "knownTypeFields.apps_X"},
    };
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct err err;
        struct compare_rules *rules = NULL;
        ASSERT_ERR(compare_rules_new(parse_yaml(arena, CASES[i].data), &rules, &err), ERR_INVALID,
                   CASES[i].part);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_settings_are_the_defaults),
        cmocka_unit_test(rules_of_kinds),
        cmocka_unit_test(options),
        cmocka_unit_test(kinds_that_are_not_watched),
        cmocka_unit_test(what_cannot_be_read_names_its_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
