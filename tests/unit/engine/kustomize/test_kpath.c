/* Field paths: splitting, getting, editing. */
#include "common/base/budget.h"
#include "common/value/value_build.h"
#include "engine/engine_env.h"
#include "engine/kustomize/kpath.h"
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

static void paths_are_split(void **state UNUSED)
{
    static const struct {
        const char *path;
        char separator;
        const char *want; /* steps between '|' */
    } CASES[] = {
        {"a.b.c", '.', "a|b|c"},
        {".a.b", '.', "a|b"},
        {"", '.', ""},
        {"a\\.b.c\\.d\\.e", '.', "a.b|c.d.e"},
        {"a.[b.c/d].e", '.', "a|b.c/d|e"},
        {"a.[b=c.d].e", '.', "a|[b=c.d]|e"},
        {"a.[b=c].0.*", '.', "a|[b=c]|0|*"},
        {"a.[b", '.', "a|b"},
        {"a.[b=c", '.', "a|[b=c"},
        {"a/b\\/c", '/', "a|b/c"},
        {"a..b", '.', "a||b"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct kpath path = kpath_split(arena, str_from(CASES[i].path), CASES[i].separator);
        struct str text = STR_EMPTY;
        for (size_t j = 0; j < path.n; j++) {
            text = arena_printf(arena, STR_FMT "%s" STR_FMT, STR_ARG(text), j > 0 ? "|" : "",
                                STR_ARG(path.steps[j]));
        }
        ASSERT_STR(text, CASES[i].want);
    }
}

#define DOCUMENT                                                                      \
    "{a: {b: 1, x.y/z: 2}, l: [{id: p, v: 1}, {id: q, v: 2}], s: [x, '5'], t: text, " \
    "j: '{k: [1, 2]}', nil: null}"

static void values_are_got(void **state UNUSED)
{
    static const char *const CASES[][2] = {
        {"a.b", "1"},         {"a.x\\.y/z", "2"},  {"a.[x.y/z]", "2"}, {"l.1.v", "2"},
        {"l.[id=p].v", "1"},  {"s.[=x]", "\"x\""}, {"s.-", "\"5\""},   {"l.[v=2].id", "\"q\""},
        {"a. b ", "1"},       {"a..b", "1"},       {"gone.x", NULL},   {"l.7", NULL},
        {"l.[id=z].v", NULL}, {"nil.x", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct err err;
        const struct value *is = NULL;
        struct kpath path = kpath_split(arena, str_from(CASES[i][0]), '.');
        ASSERT_OK(kpath_get(&env, parse_yaml(arena, DOCUMENT), path, &is, &err));
        assert_int_equal(is == NULL, CASES[i][1] == NULL);
        if (is != NULL) {
            assert_json(arena, is, CASES[i][1]);
        }
    }
}

static void bad_steps_are_refused(void **state UNUSED)
{
    static const char *const CASES[][2] = {
        {"a.0", "expected SequenceNode but got MappingNode"},
        {"l.id", "expected MappingNode but got SequenceNode"},
        {"t.x", "expected MappingNode but got ScalarNode"},
        {"l.*", "wildcard is not supported"},
        {"l.[id]", "must contain fieldName=fieldValue"},
        {"l.-1", "array index -1 cannot be negative"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct err err;
        const struct value *is = NULL;
        struct kpath path = kpath_split(arena, str_from(CASES[i][0]), '.');
        ASSERT_ERR(kpath_get(&env, parse_yaml(arena, DOCUMENT), path, &is, &err), ERR_INVALID,
                   CASES[i][1]);
    }
}

static int set_new(const struct kpath_edit *edit,
                   const struct value *leaf UNUSED,
                   const struct value **ret,
                   struct err *err UNUSED)
{
    *ret = value_new_str(edit->env->arena, STR("NEW"));
    return 0;
}

enum create {
    AS_IT_IS,
    CREATE,
};

static void leaves_are_edited(void **state UNUSED)
{
    static const struct {
        const char *path;
        enum create create;
        size_t n;
        const char *field; /* of the document, as it is afterwards */
        const char *want;
    } CASES[] = {
        {"a.b", AS_IT_IS, 1, "a", "{b: NEW, x.y/z: 2}"},
        {"a.gone", AS_IT_IS, 0, "a", "{b: 1, x.y/z: 2}"},
        {"a.c.d", CREATE, 1, "a", "{b: 1, x.y/z: 2, c: {d: NEW}}"},
        {"new.[k=v].w", CREATE, 1, "new", "[{k: v, w: NEW}]"},
        {"new.0.w", CREATE, 1, "new", "[{w: NEW}]"},
        {"new.[=v]", CREATE, 1, "new", "[NEW]"},
        {"l.*.v", AS_IT_IS, 2, "l", "[{id: p, v: NEW}, {id: q, v: NEW}]"},
        {"l.[id=.].v", AS_IT_IS, 2, "l", "[{id: p, v: NEW}, {id: q, v: NEW}]"},
        {"l.[id=^q$].v", AS_IT_IS, 1, "l", "[{id: p, v: 1}, {id: q, v: NEW}]"},
        {"l.1.v", AS_IT_IS, 1, "l", "[{id: p, v: 1}, {id: q, v: NEW}]"},
        {"l.2.v", CREATE, 1, "l", "[{id: p, v: 1}, {id: q, v: 2}, {v: NEW}]"},
        {"l.[id=z].v", CREATE, 1, "l", "[{id: p, v: 1}, {id: q, v: 2}, {id: z, v: NEW}]"},
        {"s.[=5]", AS_IT_IS, 1, "s", "[x, NEW]"},
        {"s.[=^5$]", AS_IT_IS, 0, "s", "[x, '5']"}, /* its YAML has quotes */
        {"a", AS_IT_IS, 1, "a", "NEW"},
        {"j.k.0", AS_IT_IS, 1, "j", "'{k: [1, 2]}'"}, /* found in the text, and lost */
        {"j.z", AS_IT_IS, 0, "j", "'{k: [1, 2]}'"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct err err;
        size_t n = 0;
        const struct value *is = NULL;
        struct kpath_edit edit = {.env = &env,
                                  .create = CASES[i].create == CREATE,
                                  .created = VALUE_STRING,
                                  .set = set_new};
        struct kpath path = kpath_split(arena, str_from(CASES[i].path), '.');
        ASSERT_OK(kpath_edit(&edit, parse_yaml(arena, DOCUMENT), path, &is, &n, &err));
        if (n != CASES[i].n) {
            fail_msg("%s: %zu found, not %zu", CASES[i].path, n, CASES[i].n);
        }
        assert_yaml(arena, value_find(is, str_from(CASES[i].field)), CASES[i].want);
    }
}

static void bad_edits_are_refused(void **state UNUSED)
{
    static const char *const CASES[][2] = {
        {"l.5.v", "index 5 specified but only 2 elements found"},
        {"l.[id=(].v", "error parsing regexp"},
        {"l.[id].v", "must contain fieldName=fieldValue"},
        {"a.*", "expected SequenceNode but got MappingNode"},
        {"t.x", "expected MappingNode but got ScalarNode"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct err err;
        size_t n = 0;
        const struct value *is = NULL;
        struct kpath_edit edit = {.env = &env, .set = set_new};
        struct kpath path = kpath_split(arena, str_from(CASES[i][0]), '.');
        ASSERT_ERR(kpath_edit(&edit, parse_yaml(arena, DOCUMENT), path, &is, &n, &err), ERR_INVALID,
                   CASES[i][1]);
    }
}

static void created_leaves_are_told_apart(void **state UNUSED)
{
    assert_true(kpath_is_created(&KPATH_CREATED));
    assert_false(kpath_is_created(&VALUE_NULL_VALUE));
    assert_false(kpath_is_created(value_find(parse_yaml(arena, "a:\n"), STR("a"))));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(paths_are_split, setup, teardown),
        cmocka_unit_test_setup_teardown(values_are_got, setup, teardown),
        cmocka_unit_test_setup_teardown(bad_steps_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(leaves_are_edited, setup, teardown),
        cmocka_unit_test_setup_teardown(bad_edits_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(created_leaves_are_told_apart, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
