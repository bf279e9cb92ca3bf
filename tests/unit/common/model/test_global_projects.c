/* What projects inherit, and from which. */
#include "common/base/macro.h"
#include "common/model/global_projects.h"
#include "common/value/value.h"
#include "tests/lib/parse.h"

struct world {
    struct arena *arena;
    const struct value *base;
    const struct value *windows;
};

static const struct value *find(void *data, struct str name)
{
    const struct world *w = data;
    if (str_eq_c(name, "base")) {
        return w->base;
    }
    return str_eq_c(name, "windows") ? w->windows : NULL;
}

static struct world world_new(struct arena *arena)
{
    return (struct world){
        .arena = arena,
        .base = parse_yaml(arena,
                           "{metadata: {name: base, labels: {a: b}}, spec: {sourceRepos: [base], "
                           "destinations: [{server: '*', namespace: base}], roles: [{name: x}], "
                           "namespaceResourceWhitelist: [{group: '', kind: Service}]}}"),
        .windows = parse_yaml(arena, "{metadata: {name: windows}, spec: {syncWindows: [{kind: "
                                     "deny}], sourceRepos: [more]}}"),
    };
}

static void labels_say_who_inherits(void **state UNUSED)
{
    static const struct {
        const char *setting;
        const char *labels;
        const char *want; /* sourceRepos */
    } CASES[] = {
        {"", "{a: b}", "[own]"},
        {"[{projectName: base, labelSelector: {matchLabels: {a: b}}}]", "{a: b}", "[own, base]"},
        {"[{projectName: base, labelSelector: {matchLabels: {a: b}}}]", "{a: c}", "[own]"},
        {"[{projectName: base, labelSelector: {matchLabels: {a: b, c: d}}}]", "{a: b}", "[own]"},
        {"[{projectName: base, labelSelector: {matchExpressions: [{key: a, operator: In, values: "
         "[b, c]}]}}]",
         "{a: c}", "[own, base]"},
        {"[{projectName: base, labelSelector: {matchExpressions: [{key: a, operator: NotIn, "
         "values: [b, c]}]}}]",
         "{a: c}", "[own]"},
        {"[{projectName: base, labelSelector: {matchExpressions: [{key: a, operator: Exists}]}}]",
         "{a: x}", "[own, base]"},
        {"[{projectName: base, labelSelector: {matchExpressions: [{key: a, operator: "
         "DoesNotExist}]}}]",
         "{a: x}", "[own]"},
        {"[{projectName: base}, {projectName: windows}]", "{}", "[own, base, more]"},
        {"[{projectName: gone}]", "{}", "[own]"},
    };
    AUTO(arena) struct arena *arena = arena_new();
    struct world w = world_new(arena);
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct global_projects globals;
        struct err err;
        ASSERT_OK(global_projects_parse(arena, str_from(CASES[i].setting), &globals, &err));
        const struct value *obj = parse_yaml(
            arena,
            arena_printf(arena, "{metadata: {name: p, labels: %s}, spec: {sourceRepos: [own]}}",
                         CASES[i].labels)
                .p);
        const struct value *got = global_projects_apply(arena, &globals, obj, find, &w);
        assert_yaml(arena, value_dig(got, "spec", "sourceRepos"), CASES[i].want);
    }
}

static void lists_are_appended_and_roles_are_not(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct world w = world_new(arena);
    struct global_projects globals;
    struct err err;
    ASSERT_OK(global_projects_parse(arena, STR("[{projectName: base}, {projectName: windows}]"),
                                    &globals, &err));
    const struct value *obj =
        parse_yaml(arena, "{metadata: {name: p}, spec: {destinations: [{server: x, namespace: "
                          "own}], syncWindows: [{kind: allow}]}}");
    assert_yaml(arena, global_projects_apply(arena, &globals, obj, find, &w),
                "{metadata: {name: p}, spec: {destinations: [{server: x, namespace: own}, {server: "
                "'*', namespace: base}], syncWindows: [{kind: allow}, {kind: deny}], sourceRepos: "
                "[base, more], namespaceResourceWhitelist: [{group: '', kind: Service}]}}");
    assert_yaml(
        arena,
        value_dig(global_projects_apply(arena, &globals, w.base, find, &w), "spec", "sourceRepos"),
        "[base, more]"); /* not from itself */
}

static void nonsense_is_explained(void **state UNUSED)
{
    static const struct {
        const char *setting;
        const char *why;
    } CASES[] = {
        {"{a: b}", "must be a list"},
        {"[{labelSelector: {}}]", "globalProjects[0]: projectName is missing"},
        {"[{projectName: a, labelSelector: {matchExpressions: [{key: a, operator: Like}]}}]",
         "operator 'Like'"},
        {"[{projectName: a, labelSelector: {matchLabels: {a: 'b,!c'}}}]", "'b,!c' in a label"},
        {"[{projectName: a, labelSelector: {matchLabels: {'a in (b),c': d}}}]", "'a in (b),c'"},
        {"[{projectName: a, labelSelector: {matchLabels: {a: 1}}}]", "is no label"},
        {"[{projectName: a, labelSelector: {matchExpressions: [{key: a, operator: In, values: "
         "['b)']}]}}]",
         "'b)' in a label"},
        {"[{projectName: a, labelSelector: {matchExpressions: [{operator: Exists}]}}]",
         "is no label"},
        {"[", "globalProjects"},
    };
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct global_projects globals;
        struct err err;
        ASSERT_ERR(global_projects_parse(arena, str_from(CASES[i].setting), &globals, &err),
                   ERR_INVALID, CASES[i].why);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_say_who_inherits),
        cmocka_unit_test(lists_are_appended_and_roles_are_not),
        cmocka_unit_test(nonsense_is_explained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
