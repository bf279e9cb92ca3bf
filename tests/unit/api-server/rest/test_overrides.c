/* Customizations of kinds as the settings endpoint shows them. */
#include "api-server/rest/overrides.h"
#include "tests/lib/parse.h"

#define IGNORED(pointers) \
    "\"jqPathExpressions: null\\njsonPointers:" pointers "\\nmanagedFieldsManagers: null\\n\""
#define STATUS "'*/*': {ignoreDifferences: " IGNORED("\\n- /status") "}"

static void shows_what_is_said_of_kinds(void **state UNUSED)
{
    static const struct {
        const char *data;
        const char *want;
    } CASES[] = {
        {"{}", "{" STATUS "}"},
        {"{resource.compareoptions: 'ignoreResourceStatusField: none'}", "{}"},
        {"{resource.compareoptions: 'ignoreResourceStatusField: crd'}",
         "{apiextensions.k8s.io/CustomResourceDefinition: {ignoreDifferences: " IGNORED(
             "\\n- /status") "}}"},
        {"{resource.customizations.health.example.com_Widget: 'return {}', "
         "resource.customizations.useOpenLibs.example.com_Widget: 'true', "
         "resource.customizations.actions.Pod: 'discovery.lua: x', "
         "resource.customizations.knownTypeFields.a_B: '[{field: spec, type: core/v1/PodSpec}]'}",
         "{example.com/Widget: {health.lua: 'return {}', health.lua.useOpenLibs: true}, "
         "Pod: {actions: 'discovery.lua: x'}, "
         "a/B: {knownTypeFields: [{field: spec, type: core/v1/PodSpec}]}, " STATUS "}"},
        {"{resource.customizations.ignoreDifferences.all: 'jsonPointers: [/a]', "
         "resource.customizations.ignoreResourceUpdates.all: 'jsonPointers: [/b]'}",
         "{'*/*': {ignoreDifferences: " IGNORED(
             "\\n- /a\\n- /status") ", ignoreResourceUpdates: " IGNORED("\\n- /b") "}}"},
        {"{resource.customizations: 'a/B: {health.lua: old, actions: kept}', "
         "resource.customizations.health.a_B: new}",
         "{a/B: {health.lua: new, actions: kept}, " STATUS "}"},
        {"{resource.customizations: '{', resource.customizations.useOpenLibs.B: '[', "
         "resource.customizations.health: x, resource.customizations.unheard.B: x}",
         "{" STATUS "}"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        const struct value *data = parse_yaml(arena, CASES[i].data);
        assert_yaml(arena, overrides_of(arena, data), CASES[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_what_is_said_of_kinds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
