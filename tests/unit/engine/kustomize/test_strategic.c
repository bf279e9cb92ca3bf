/* Strategic merge patches; what is wanted is what kustomize 5.8 prints. */
#include "common/base/budget.h"
#include "engine/engine_env.h"
#include "engine/kustomize/kschema.h"
#include "engine/kustomize/strategic.h"
#include "tests/lib/parse.h"

static struct arena *arena;
static struct budget budget;
static struct engine_env env;

static int setup(void **state UNUSED)
{
    arena = arena_new();
    budget = budget_unlimited();
    env = (struct engine_env){.arena = arena, .budget = &budget};
    return 0;
}

static int teardown(void **state UNUSED)
{
    arena_free(arena);
    return 0;
}

static const struct value *core(const char *text)
{
    struct err err;
    const struct value *v = NULL;
    const struct value_yaml_opts opts = {.schema = VALUE_YAML_CORE};
    ASSERT_OK(value_from_yaml(arena, str_from(text), &opts, &v, &err));
    return v;
}

struct row {
    const char *point;
    const char *object;
    const char *patch;
    const char *want; /* NULL: deleted */
};

/* head and tail go around each text but `want` NULL */
static void run_rows(const struct row *rows, size_t n, const char *head, const char *tail)
{
    for (size_t i = 0; i < n; i++) {
        struct err err;
        const struct value *is = NULL;
        struct str object = arena_printf(arena, "%s%s%s", head, rows[i].object, tail);
        struct str patch = arena_printf(arena, "%s%s%s", head, rows[i].patch, tail);
        ASSERT_OK(
            strategic_merge(&env, kschema_builtin(), core(object.p), core(patch.p), &is, &err));
        if (rows[i].want == NULL) {
            assert_null(is);
            continue;
        }
        struct str want = arena_printf(arena, "%s%s%s", head, rows[i].want, tail);
        struct str a = print_json(arena, is, NULL);
        struct str b = print_json(arena, core(want.p), NULL);
        if (!str_eq(a, b)) {
            fail_msg("%s\n  is:     " STR_FMT "\n  wanted: " STR_FMT, rows[i].point, STR_ARG(a),
                     STR_ARG(b));
        }
    }
}

static void maps_and_scalars(void **state UNUSED)
{
    static const struct row ROWS[] = {
        {"fields are added, replaced and removed", "a: 1, b: 2, c: {d: 1, e: 2}",
         "a: 3, b: null, c: {e: null, f: 4}", "a: 3, c: {d: 1, f: 4}"},
        {"what replaces quoted text is text", "a: '8', b: 'true', c: 5, d: x",
         "a: 9, b: false, c: '6', d: 7", "a: '9', b: 'false', c: '6', d: 7"},
        {"written nulls stay, blank ones go", "a: , b: null, c: ~, d: 1", "d: 2",
         "b: null, c: null, d: 2"},
        {"nulls in what is added go", "d: 1", "a: {b: null, c: {e: null}}", "a: {c: {}}, d: 1"},
        {"$patch: delete removes a map", "a: {b: 1}, c: 1", "a: {$patch: delete}", "c: 1"},
        {"$patch: delete of nothing", "c: 1", "a: {$patch: delete, b: 1}", "c: 1"},
        {"$patch: replace", "a: {b: 1, c: 2}", "a: {$patch: replace, d: 3, e: null}", "a: {d: 3}"},
        {"$patch: merge", "a: {b: 1}", "a: {$patch: merge, c: 2}", "a: {b: 1, c: 2}"},
        {"the object deleted", "a: 1", "$patch: delete", NULL},
        {"the object replaced: nothing happens", "a: 1", "$patch: replace, b: 2", "a: 1"},
        {"lists nobody knows are replaced", "a: [1, 2], b: [{name: x}]", "a: [3], b: [{name: y}]",
         "a: [3], b: [{name: y}]"},
        {"directives in them stay", "a: [1]", "a: [{$patch: delete, b: null}]",
         "a: [{$patch: delete, b: null}]"},
        {"an empty list", "a: [1]", "a: []", "a: []"},
        {"an object inside has its own kind",
         "a: {apiVersion: v1, kind: Service, spec: {ports: [{port: 1}]}}",
         "a: {apiVersion: v1, kind: Service, spec: {ports: [{port: 2}]}}",
         "a: {apiVersion: v1, kind: Service, spec: {ports: [{port: 2}, {port: 1}]}}"},
    };
    run_rows(ROWS, ARRAY_LEN(ROWS), "{apiVersion: example.com/v1, kind: Thing, ", "}");
}

static void lists_by_key(void **state UNUSED)
{
    static const struct row ROWS[] = {
        {"the patch's elements come first", "[{name: a, x: 1}, {name: b}, {name: c}]",
         "[{name: b, x: 2}, {name: n}, {name: a, y: 3}]",
         "[{name: b, x: 2}, {name: n}, {name: a, x: 1, y: 3}, {name: c}]"},
        {"an element is deleted", "[{name: a}, {name: b}]", "[{name: a, $patch: delete}]",
         "[{name: b}]"},
        {"all are deleted", "[{name: a}]", "[{name: a, $patch: delete}]", "[]"},
        {"an element replaced stays as it was", "[{name: a, x: 1}]",
         "[{name: a, $patch: replace, y: 2}]", "[{name: a, x: 1}]"},
        {"an element nobody has is not deleted", "[{name: a}]", "[{name: b, $patch: delete}]",
         "[{name: a}]"},
        {"the list is replaced", "[{name: a}]", "[{$patch: replace}, {name: b}]", "[{name: b}]"},
        {"duplicates of the object: the last wins", "[{name: a, x: 1}, {name: b}, {name: a, x: 2}]",
         "[{name: c}]", "[{name: c}, {name: a, x: 2}, {name: b}]"},
        {"an element without the key pushes others out", "[{name: a}, {x: 1}, {name: b}]",
         "[{name: c}]", "[{x: 1}]"},
        {"nothing is merged with nothing", "[]", "[]", "[]"},
    };
    run_rows(ROWS, ARRAY_LEN(ROWS), "{apiVersion: v1, kind: Pod, spec: {containers: ", "}}");
}

static void lists_by_keys(void **state UNUSED)
{
    static const struct row ROWS[] = {
        {"the object's order with several keys",
         "[{port: 1, protocol: TCP}, {port: 1, protocol: UDP}]",
         "[{port: 1, protocol: UDP, name: u}, {port: 2, protocol: TCP}]",
         "[{port: 2, protocol: TCP}, {port: 1, protocol: TCP}, {port: 1, protocol: UDP, name: u}]"},
        {"a key nobody has", "[{port: 1, name: a}, {port: 2}]", "[{port: 1, name: b}]",
         "[{port: 1, name: b}, {port: 2}]"},
        {"a key that is missing in the patch: the object's element stays",
         "[{port: 1, protocol: TCP, name: a}]", "[{port: 1, name: b}]",
         "[{port: 1, protocol: TCP, name: a}]"},
        {"a key that is missing in the object: the same", "[{port: 1, name: a}]",
         "[{port: 1, protocol: TCP, name: b}]", "[{port: 1, name: a}]"},
        {"an element deleted", "[{port: 1, protocol: TCP}, {port: 2, protocol: TCP}]",
         "[{port: 1, protocol: TCP, $patch: delete}]", "[{port: 2, protocol: TCP}]"},
    };
    run_rows(ROWS, ARRAY_LEN(ROWS), "{apiVersion: v1, kind: Service, spec: {ports: ", "}}");
}

static void lists_by_value(void **state UNUSED)
{
    static const struct row ROWS[] = {
        {"the patch's first", "[a, b, c]", "[b, n]", "[b, n, a, c]"},
        {"duplicates go", "[a, a, b]", "[c, c]", "[c, a, b]"},
    };
    run_rows(ROWS, ARRAY_LEN(ROWS), "{apiVersion: v1, kind: Pod, metadata: {finalizers: ", "}}");
}

static void refuses(void **state UNUSED)
{
    static const struct {
        const char *object, *patch, *want;
    } CASES[] = {
        {"{a: {b: 1}}", "{a: 1}", "1:5: wrong node kind: expected MappingNode but got ScalarNode"},
        {"{a: 1}", "{a: [1]}", "expected ScalarNode but got SequenceNode"},
        {"{a: {b: 1}}", "{a: {$patch: gone}}", "unknown patch strategy 'gone'"},
        {"{apiVersion: v1, kind: Pod, metadata: {finalizers: [a]}}",
         "{apiVersion: v1, kind: Pod, metadata: {finalizers: [{a: 1}]}}",
         "expected ScalarNode but got MappingNode"},
        {"{apiVersion: v1, kind: Pod, spec: {containers: [{name: a}]}}",
         "{apiVersion: v1, kind: Pod, spec: {containers: [{$patch: x}]}}",
         "unknown patch strategy 'x'"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct err err = {0};
        const struct value *is = NULL;
        ASSERT_ERR(strategic_merge(&env, kschema_builtin(), core(CASES[i].object),
                                   core(CASES[i].patch), &is, &err),
                   ERR_INVALID, CASES[i].want);
    }
}

static void depth_is_limited(void **state UNUSED)
{
    struct err err;
    const struct value *is = NULL;
    const struct value *v = core("{a: {b: {c: 1}}}");
    budget.depth = 4;
    ASSERT_OK(strategic_merge(&env, kschema_builtin(), v, v, &is, &err));
    budget.depth = 3;
    ASSERT_ERR(strategic_merge(&env, kschema_builtin(), v, v, &is, &err), ERR_LIMIT, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(maps_and_scalars, setup, teardown),
        cmocka_unit_test_setup_teardown(lists_by_key, setup, teardown),
        cmocka_unit_test_setup_teardown(lists_by_keys, setup, teardown),
        cmocka_unit_test_setup_teardown(lists_by_value, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses, setup, teardown),
        cmocka_unit_test_setup_teardown(depth_is_limited, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
