/* Lists: results of sprig 3.3 under Go 1.26. */
#include "tests/lib/tfunc_eval.h"

static const struct tfunc_case RESULTS[] = {
    {"list 1 \"a\" nil", "[1 a <nil>]"},
    {"list", "[]"},
    {"tuple 1 2", "[1 2]"},
    {"append (list 1) 2", "[1 2]"},
    {"append (until 2) \"x\"", "[0 1 x]"},
    {"push (list) nil", "[<nil>]"},
    {"mustAppend (list 1) 2", "[1 2]"},
    {"mustPush (list 1) 2", "[1 2]"},
    {"prepend (list 1) 0", "[0 1]"},
    {"mustPrepend (until 2) 9", "[9 0 1]"},
    {"concat (list 1) (until 2) (list)", "[1 0 1]"},
    {"concat", "[]"},
    {"concat (list)", "[]"},
    {"first (list 1 2)", "1"},
    {"mustFirst (list)", "<nil>"},
    {"first (list)", "<nil>"},
    {"last (list 1 2)", "2"},
    {"mustLast (list)", "<nil>"},
    {"rest (list 1 2 3)", "[2 3]"},
    {"rest (list 1)", "[]"},
    {"rest (list)", "[]"},
    {"typeOf (rest (list))", "[]interface {}"},
    {"initial (list 1 2 3)", "[1 2]"},
    {"initial (list)", "[]"},
    {"initial (list 1)", "[]"},
    {"mustRest (list 1 2)", "[2]"},
    {"mustInitial (list 1 2)", "[1]"},
    {"reverse (list 1 2 3)", "[3 2 1]"},
    {"mustReverse (until 3)", "[2 1 0]"},
    {"reverse (list)", "[]"},
    {"uniq (list 1 1.0 1 \"1\" \"1\" nil nil (list 1) (list 1))", "[1 1 1 <nil> [1]]"},
    {"mustUniq (list)", "[]"},
    {"without (list 1 2 3 2) 2", "[1 3]"},
    {"without (list 1 2) 1.0", "[1 2]"},
    {"mustWithout (list \"a\" \"b\" \"c\") \"a\" \"c\"", "[b]"},
    {"without (list (list 1) 2) (list 1)", "[2]"},
    {"has 1 (list 1 2)", "true"},
    {"has 1.0 (list 1 2)", "false"},
    {"has (list 1) (list (list 1))", "true"},
    {"has 1 nil", "false"},
    {"mustHas \"b\" (list \"a\")", "false"},
    {"has 2 (until 3)", "true"},
    {"compact (list 0 1 \"\" \"a\" nil false (list) (dict) 2.5 0.0)", "[1 a 2.5]"},
    {"mustCompact (list)", "[]"},
    {"slice (list 1 2 3)", "[1 2 3]"},
    {"slice (list 1 2 3) 1", "[2 3]"},
    {"slice (list 1 2 3) 1 2", "[2]"},
    {"slice (list 1 2 3) \"1\" 3.9", "[2 3]"},
    {"slice (list) 5", "<nil>"},
    {"slice (until 5) 2 4", "[2 3]"},
    {"typeOf (slice (until 5) 2 4)", "[]int"},
    {"mustSlice (list 1 2) 2", "[]"},
    {"chunk 2 (list 1 2 3 4 5)", "[[1 2] [3 4] [5]]"},
    {"chunk 3 (list 1 2 3)", "[[1 2 3]]"},
    {"chunk 10 (list 1)", "[[1]]"},
    {"chunk 3 (list)", "[]"},
    {"mustChunk 1 (until 2)", "[[0] [1]]"},
    {"chunk -2 (list 1)", "[[1]]"},
    {"chunk -5 (list 1 2)", "[]"},
};

static void results_are_as_sprigs(void **state UNUSED)
{
    struct engine_env env = {0};
    tfunc_check(&env, RESULTS, ARRAY_LEN(RESULTS));
}

static const struct tfunc_case FAILURES[] = {
    {"append nil 1", "runtime error: invalid memory address or nil pointer dereference"},
    {"append \"x\" 1", "Cannot push on type string"},
    {"prepend 1 2", "Cannot prepend on type int"},
    {"first \"abc\"", "Cannot find first on type string"},
    {"mustFirst \"abc\"", "Cannot find first on type string"},
    {"first nil", "runtime error: invalid memory address or nil pointer dereference"},
    {"last (dict)", "Cannot find last on type map"},
    {"rest 1.5", "Cannot find rest on type float64"},
    {"initial true", "Cannot find initial on type bool"},
    {"reverse \"x\"", "Cannot find reverse on type string"},
    {"uniq \"x\"", "Cannot find uniq on type string"},
    {"without \"x\" 1", "Cannot find without on type string"},
    {"has 1 \"x\"", "Cannot find has on type string"},
    {"compact 1", "Cannot compact on type int"},
    {"slice \"abc\" 1", "list should be type of slice or array but string"},
    {"slice (list 1 2) 0 3", "reflect.Value.Slice: slice index out of bounds"},
    {"slice (list 1 2) -1", "reflect.Value.Slice: slice index out of bounds"},
    {"slice (list 1 2) 2 1", "reflect.Value.Slice: slice index out of bounds"},
    {"concat (list) \"x\"", "Cannot concat type string as list"},
    {"concat (list) nil", "runtime error: invalid memory address or nil pointer dereference"},
    {"chunk 0 (list 1 2)", "runtime error: makeslice: len out of range"},
    {"chunk 0 (list)", "runtime error: makeslice: len out of range"},
    {"chunk -1 (list 1 2 3)", "runtime error: makeslice: len out of range"},
    {"chunk -1 (list 1)", "runtime error: makeslice: len out of range"},
    {"chunk 2 \"x\"", "Cannot chunk type string"},
};

static void failures_are_as_sprigs(void **state UNUSED)
{
    struct engine_env env = {0};
    tfunc_check_errors(&env, FAILURES, ARRAY_LEN(FAILURES));
}

static void slices_share_and_others_copy(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct budget budget = budget_unlimited();
    struct tcall call = {.arena = arena, .budget = &budget};
    struct err err;
    struct tval args[2] = {tval_list_new(arena, TVAL_OF_ANY, 2), tval_int(1)};
    struct tval ret = tval_nil();
    ASSERT_OK(tfunc_find(STR("slice"))->fn(&call, args, 2, &ret, &err));
    assert_ptr_equal(ret.list->items, args[0].list->items + 1);
    ASSERT_OK(tfunc_find(STR("reverse"))->fn(&call, args, 1, &ret, &err));
    assert_ptr_not_equal(ret.list->items, args[0].list->items);
}

static void bytes_are_lists(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct budget budget = budget_unlimited();
    struct tcall call = {.arena = arena, .budget = &budget};
    struct err err;
    struct tval args[2] = {{.kind = TVAL_BYTES, .s = STR("abc")}, tval_int(1)};
    struct tval ret = tval_nil();
    ASSERT_OK(tfunc_find(STR("slice"))->fn(&call, args, 2, &ret, &err));
    assert_int_equal(ret.kind, TVAL_BYTES);
    ASSERT_STR(ret.s, "bc");
    ASSERT_OK(tfunc_find(STR("last"))->fn(&call, args, 1, &ret, &err));
    assert_int_equal(ret.kind, TVAL_UINT8);
    assert_int_equal(ret.i, 'c');
}

static void comparing_is_charged(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct budget budget = budget_unlimited();
    budget.steps = 10;
    struct tcall call = {.arena = arena, .budget = &budget};
    struct err err;
    struct tval list = tval_list_new(arena, TVAL_OF_ANY, 20);
    for (size_t i = 0; i < 20; i++) {
        list.list->items[i] = tval_int((int64_t)i);
    }
    struct tval ret = tval_nil();
    ASSERT_ERR(tfunc_find(STR("uniq"))->fn(&call, &list, 1, &ret, &err), ERR_LIMIT, "steps");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_are_as_sprigs),        cmocka_unit_test(failures_are_as_sprigs),
        cmocka_unit_test(slices_share_and_others_copy), cmocka_unit_test(bytes_are_lists),
        cmocka_unit_test(comparing_is_charged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
