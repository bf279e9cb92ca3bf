/* Changes that count, and those that do not. */
#include "app-controller/live/live_quiet.h"
#include "common/base/arena.h"
#include "engine/compare/rules.h"
#include "tests/lib/parse.h"

static const struct {
    const char *config;
    const char *before;
    const char *after;
    bool tracked;
    bool quiet;
} CASES[] = {
    {"{}", "{kind: A, metadata: {resourceVersion: '1', generation: 1}, status: {a: 1}}",
     "{kind: A, metadata: {resourceVersion: '2', generation: 2}, status: {a: 2}}", true, true},
    {"{}", "{kind: A, spec: 1}", "{kind: A, spec: 2}", true, false},
    {"{}", "{kind: A, status: 1}", "{kind: A, status: 2}", false, false},
    {"{}",
     "{kind: A, metadata: {annotations: {argocd.argoproj.io/ignore-resource-updates: 'true'}}, "
     "status: 1}",
     "{kind: A, metadata: {annotations: {argocd.argoproj.io/ignore-resource-updates: 'true'}}, "
     "status: 2}",
     false, true},
    {"{}",
     "{kind: A, metadata: {annotations: {argocd.argoproj.io/ignore-resource-updates: 'false'}}, "
     "status: 1}",
     "{kind: A, metadata: {annotations: {argocd.argoproj.io/ignore-resource-updates: 'false'}}, "
     "status: 2}",
     true, false},
    {"{}", "{apiVersion: argoproj.io/v1alpha1, kind: Application, status: 1}",
     "{apiVersion: argoproj.io/v1alpha1, kind: Application, status: 2}", true, false},
    {"resource.customizations.ignoreResourceUpdates.all: 'jqPathExpressions: [\".a.b\"]'",
     "{kind: A, a: {b: 1}}", "{kind: A, a: {b: 2}}", true, true},
    {"resource.customizations.ignoreResourceUpdates.all: 'jqPathExpressions: [\".a.b\"]'",
     "{kind: A, status: 1}", "{kind: A, status: 2}", true, false},
    {"resource.customizations.ignoreResourceUpdates.all: 'jqPathExpressions: [\"..\"]'",
     "{kind: A}", "{kind: A}", true, false},
    {"resource.ignoreResourceUpdatesEnabled: 'false'", "{kind: A, status: 1}",
     "{kind: A, status: 2}", true, false},
};

static void cases(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        AUTO(compare_rules) struct compare_rules *rules = NULL;
        struct err err;
        ASSERT_OK(compare_rules_new(parse_yaml(arena, CASES[i].config), &rules, &err));
        bool needs_jq = false;
        const struct value *obj = parse_yaml(arena, CASES[i].before);
        uint64_t before = live_quiet_hash(arena, rules, NULL, obj, CASES[i].tracked, &needs_jq);
        bool is_path = strstr(CASES[i].config, "\"..\"") == NULL;
        obj = parse_yaml(arena, CASES[i].after);
        uint64_t after = live_quiet_hash(arena, rules, NULL, obj, CASES[i].tracked, &needs_jq);
        if ((before == after && before != 0) != CASES[i].quiet || needs_jq == is_path) {
            fail_msg("case %zu", i);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(cases)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
