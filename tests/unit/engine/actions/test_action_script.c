/* Actions of argocd-cm: what they offer, what they make, and what is wrong with them. */
#include "common/base/clock.h"
#include "engine/actions/action_script.h"
#include "engine/lua/customize.h"
#include "tests/lib/parse.h"

#define CONFIG(kind, text) "resource.customizations.actions." kind ": |\n" text
#define DISCOVERY(script)  "  discovery.lua: |\n    " script "\n"
#define DEFINITION(name, script) \
    "  definitions:\n  - name: " name "\n    action.lua: |\n      " script "\n"
#define DB          "{apiVersion: ex.io/v1, kind: Db, metadata: {name: d}, spec: {size: 1, opts: {}}}"
#define OF_DB(text) CONFIG("ex.io_Db", text)

static struct customizations *scripts_of(struct arena *arena, const char *config)
{
    struct customizations *scripts = NULL;
    struct err err;
    ASSERT_OK(customizations_new(parse_yaml(arena, config), &scripts, &err));
    return scripts;
}

static void what_is_offered(void **state UNUSED)
{
    static const struct {
        const char *config;
        const char *object;
        const char *want;
    } ROWS[] = {
        {OF_DB(DISCOVERY("return {grow = {}, backup = {disabled = obj.spec.size == 1, iconClass = "
                         "'i', displayName = 'D', params = {{name = 'to', default = 's3'}, {name = "
                         "'count', default = 3}}}}")),
         DB,
         "[{name: backup, disabled: true, iconClass: i, displayName: D, params: [{name: to, "
         "default: s3}, {name: count, default: '3'}]}, {name: grow, disabled: false}]"},
        {OF_DB(DISCOVERY("return {}")), DB, "[]"},
        {OF_DB(DEFINITION("grow", "return obj")), DB, "[]"},
        {CONFIG("apps_DaemonSet", DISCOVERY("return {drain = {}}")),
         "{apiVersion: apps/v1, kind: DaemonSet}", "[{name: drain, disabled: false}]"},
        {CONFIG(
             "apps_DaemonSet",
             DISCOVERY("return {drain = {}, restart = {disabled = true}}") "  mergeBuiltinActions: "
                                                                           "true\n"),
         "{apiVersion: apps/v1, kind: DaemonSet}",
         "[{name: drain, disabled: false}, {name: restart, disabled: true}]"},
        {"{resource.customizations: \"ex.io/Db: {actions: \\\"{discovery.lua: 'return {a = "
         "{}}'}\\\"}\"}",
         DB, "[{name: a, disabled: false}]"},
        {"{}", DB, "[]"},
    };
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        AUTO(customizations) struct customizations *scripts = scripts_of(arena, ROWS[i].config);
        struct action_list list;
        struct err err;
        ASSERT_OK(action_script_discover(arena, scripts, clock_system(),
                                         parse_yaml(arena, ROWS[i].object), &list, &err));
        assert_yaml(arena, action_list_to_value(arena, &list), ROWS[i].want);
    }
}

static void what_is_made(void **state UNUSED)
{
    static const struct {
        const char *script;
        const char *want; /* operations with their objects */
    } ROWS[] = {
        {"obj.spec.size = tonumber(actionParams.n); return obj",
         "[{patch: {apiVersion: ex.io/v1, kind: Db, metadata: {name: d}, spec: {size: 7, opts: "
         "{}}}}]"},
        {"obj.spec.opts = {}; return obj", "[{patch: " DB "}]"},
        {"return {{operation = 'create', resource = {apiVersion = 'v1', kind = 'ConfigMap', data = "
         "obj.spec.opts}}, {operation = 'patch', resource = obj}}",
         "[{create: {apiVersion: v1, kind: ConfigMap, data: {}}}, {patch: " DB "}]"},
        {"return {}", "[]"},
    };
    const struct action_arg args[] = {{STR("n"), STR("7")}};
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        const char *config = arena_printf(arena, OF_DB(DEFINITION("go", "%s")), ROWS[i].script).p;
        AUTO(customizations) struct customizations *scripts = scripts_of(arena, config);
        const struct action_run run = {
            .live = parse_yaml(arena, DB), .name = STR("go"), .args = args, .n_args = 1};
        const struct value *want = parse_yaml(arena, ROWS[i].want);
        struct action_changes changes;
        struct err err;
        ASSERT_OK(action_script_run(arena, scripts, clock_system(), &run, &changes, &err));
        assert_int_equal(changes.n, value_len(want));
        for (size_t k = 0; k < changes.n; k++) {
            const char *op = changes.items[k].op == ACTION_CREATE ? "create" : "patch";
            const struct value *object = value_find(value_at(want, k), str_from(op));
            if (!value_equal(changes.items[k].object, object)) {
                fail_msg("%s: change %zu differs", ROWS[i].script, k);
            }
        }
    }
}

static void large_numbers_survive(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(customizations)
    struct customizations *scripts =
        scripts_of(arena, OF_DB(DEFINITION("go", "obj.b = 1; return obj")));
    const struct action_run run = {
        .live = parse_yaml(arena, "{apiVersion: ex.io/v1, kind: Db, a: [9007199254740993, 0.1]}"),
        .name = STR("go"),
    };
    struct action_changes changes;
    struct err err;
    ASSERT_OK(action_script_run(arena, scripts, clock_system(), &run, &changes, &err));
    assert_yaml(arena, changes.items[0].object,
                "{apiVersion: ex.io/v1, kind: Db, a: [9007199254740993, 0.1], b: 1}");
}

static void what_is_not_defined_is_built_in(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(customizations)
    struct customizations *scripts = scripts_of(
        arena, CONFIG("batch_Job", DEFINITION("suspend", "obj.mine = true; return obj")));
    struct action_run run = {
        .live = parse_yaml(arena, "{apiVersion: batch/v1, kind: Job, spec: {suspend: true}}"),
        .name = STR("suspend"),
    };
    struct action_changes changes;
    struct err err;
    ASSERT_OK(action_script_run(arena, scripts, clock_system(), &run, &changes, &err));
    assert_true(value_bool(value_dig(changes.items[0].object, "mine"), false));
    run.name = STR("resume");
    ASSERT_OK(action_script_run(arena, scripts, clock_system(), &run, &changes, &err));
    assert_false(value_bool(value_dig(changes.items[0].object, "spec", "suspend"), true));
    run.name = STR("nonsense");
    ASSERT_ERR(action_script_run(arena, scripts, clock_system(), &run, &changes, &err),
               ERR_NOT_FOUND, "nonsense");
}

static void mistakes_are_told_with_their_place(void **state UNUSED)
{
    static const struct {
        const char *config;
        const char *message;
    } ROWS[] = {
        {OF_DB("  - x\n"), "resource.customizations.actions.ex.io_Db: not a map"},
        {OF_DB("  a: [\n"), "resource.customizations.actions.ex.io_Db"},
        {OF_DB(DISCOVERY("return 1") DEFINITION("go", "return 'x'")), "expect table output"},
        {OF_DB(DISCOVERY("error('no', 0)") DEFINITION("go", "error('no', 0)")), "no"},
        {OF_DB(DISCOVERY("return nil") DEFINITION("go", "return nil")), "not nil"},
        {OF_DB(DISCOVERY("return {1}")
                   DEFINITION("go", "return {{operation = 'delete', resource = obj}}")),
         ""},
        {OF_DB(DISCOVERY("x") DEFINITION("go", "return {{operation = 'create'}}")), ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        AUTO(customizations) struct customizations *scripts = scripts_of(arena, ROWS[i].config);
        const struct action_run run = {.live = parse_yaml(arena, DB), .name = STR("go")};
        struct action_changes changes;
        struct action_list list;
        struct err err;
        ASSERT_ERR(action_script_discover(arena, scripts, clock_system(), run.live, &list, &err),
                   ERR_INVALID, ROWS[i].message);
        ASSERT_ERR(action_script_run(arena, scripts, clock_system(), &run, &changes, &err),
                   ERR_INVALID, ROWS[i].message);
        check_contains(&err, "resource.customizations.actions.ex.io_Db");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_offered),
        cmocka_unit_test(what_is_made),
        cmocka_unit_test(large_numbers_survive),
        cmocka_unit_test(what_is_not_defined_is_built_in),
        cmocka_unit_test(mistakes_are_told_with_their_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
