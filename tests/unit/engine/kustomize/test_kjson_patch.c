/* JSON patches with what kustomize's library allows beyond the RFC. */
#include "common/base/budget.h"
#include "engine/engine_env.h"
#include "engine/kustomize/kjson_patch.h"
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

static int apply(const char *object, const char *patch, const struct value **ret, struct err *err)
{
    const struct value *ops = NULL;
    TRY(kjson_patch_parse(&env, str_from(patch), &ops, err));
    return kjson_patch_apply(&env, parse_yaml(arena, object), ops, ret, err);
}

#define DOCUMENT "{a: {b: 1}, l: [1, 2, 3], n: null, t/x~y: 2, s: text}"

static void operations(void **state UNUSED)
{
    static const char *const CASES[][2] = {
        {"- {op: add, path: /a/c, value: 2}", "{a: {b: 1, c: 2}}"},
        {"- {op: add, path: /a/c}", "{a: {b: 1, c: null}}"},
        {"- {op: replace, path: /a/new, value: 3}", "{a: {b: 1, new: 3}}"},
        {"- {op: replace, path: '', value: {z: 1}}", "{z: 1}"},
        {"- {op: remove, path: /a/b}", "{a: {}}"},
        {"- {op: copy, from: /nothing, path: /a/c}", "{a: {b: 1, c: null}}"},
        {"- {op: copy, from: /a, path: /a/c}", "{a: {b: 1, c: {b: 1}}}"},
        {"- {op: move, from: /a/b, path: /b}", "{a: {}, b: 1}"},
        {"- {op: test, path: /a, value: {b: 1}}", "{a: {b: 1}}"},
        {"[{\"op\": \"test\", \"path\": \"/n\", \"value\": null}]", "{a: {b: 1}}"},
        {"- {op: add, path: x/a/c, value: 2}", "{a: {b: 1, c: 2}}"},
        {"- {op: add, path: /l/-, value: 4}", "{l: [1, 2, 3, 4]}"},
        {"- {op: add, path: /l/0, value: 4}", "{l: [4, 1, 2, 3]}"},
        {"- {op: add, path: /l/-1, value: 4}", "{l: [1, 2, 3, 4]}"},
        {"- {op: add, path: /l/-2, value: 4}", "{l: [1, 2, 4, 3]}"},
        {"- {op: replace, path: /l/-1, value: 4}", "{l: [1, 2, 4]}"},
        {"- {op: remove, path: /l/-3}", "{l: [2, 3]}"},
        {"- {op: remove, path: /l/+1}", "{l: [1, 3]}"},
        {"- {op: replace, path: /t~1x~0y, value: 3}", "{t/x~y: 3}"},
        {"", "{}"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct err err;
        const struct value *is = NULL;
        ASSERT_OK(apply(DOCUMENT, CASES[i][0], &is, &err));
        VALUE_MAP_FOREACH(parse_yaml(arena, CASES[i][1]), e)
        {
            if (!value_equal(value_find(is, e->key), &e->value)) {
                fail_msg("%s\n  gives " STR_FMT, CASES[i][0], STR_ARG(print_json(arena, is, NULL)));
            }
        }
    }
}

static void refuses(void **state UNUSED)
{
    static const char *const CASES[][2] = {
        {"- {op: remove, path: /a/zz}", "Unable to remove nonexistent key: zz: missing value"},
        {"- {op: remove, path: /a/zz}", "error in remove for path: '/a/zz': "},
        {"- {op: add, path: /x/y, value: 1}",
         "add operation does not apply: doc is missing path: \"/x/y\""},
        {"- {op: add, path: /n/y, value: 1}", "doc is missing path"},
        {"- {op: add, path: /s/y, value: 1}", "doc is missing path"},
        {"- {op: add, path: '', value: 1}", "doc is missing path"},
        {"- {op: add, path: /l/4, value: 1}", "Unable to access invalid index: 4"},
        {"- {op: add, path: /l/x, value: 1}", "value was not a proper array index: 'x'"},
        {"- {op: replace, path: /l/3, value: 1}", "Unable to access invalid index: 3"},
        {"- {op: replace, path: '', value: 1}", "must be object or array"},
        {"- {op: remove, path: /l/-4}", "Unable to access invalid index: -4"},
        {"- {op: move, from: /zz, path: /b}", "Unable to remove nonexistent key"},
        {"- {op: move, path: /b}", "move operation failed to decode from"},
        {"- {op: test, path: /a/b, value: 2}", "testing value /a/b failed"},
        {"- {op: jump, path: /a}", "Unexpected kind: jump"},
        {"- {path: /a}", "Unexpected kind: unknown"},
        {"- {op: remove}", "remove operation failed to decode path"},
        {"{op: remove}", "cannot unmarshal object into Go value of type jsonpatch.Patch"},
        {"- remove", "cannot unmarshal string into Go value of type jsonpatch.Operation"},
        {"[{]", "1:3"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct err err = {0};
        const struct value *is = NULL;
        ASSERT_ERR(apply(DOCUMENT, CASES[i][0], &is, &err), ERR_INVALID, CASES[i][1]);
    }
}

static void copies_are_limited(void **state UNUSED)
{
    static const char OP[] = "- {op: copy, from: /a, path: /a/x}\n";
    struct err err;
    const struct value *is = NULL;
    struct str patch = STR_EMPTY;
    for (int i = 0; i < 40; i++) {
        patch =
            arena_printf(arena, STR_FMT "- {op: copy, from: /a, path: /a/%d}\n", STR_ARG(patch), i);
    }
    ASSERT_ERR(apply("{a: {}}", patch.p, &is, &err), ERR_LIMIT, "more than");
    ASSERT_OK(apply("{a: {}}", OP, &is, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(operations, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses, setup, teardown),
        cmocka_unit_test_setup_teardown(copies_are_limited, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
