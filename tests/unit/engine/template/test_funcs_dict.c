/* Maps and merging: results of sprig 3.3 with mergo 1.0.1 under Go 1.26. */
#include "tests/lib/tfunc_eval.h"

static const struct tfunc_case RESULTS[] = {
    {"dict \"a\" 1 \"b\" 2", "map[a:1 b:2]"},
    {"dict \"a\"", "map[a:]"},
    {"dict 1 2 nil 3 1.5 4", "map[1:2 1.5:4 <nil>:3]"},
    {"dict \"a\" 1 \"a\" 2", "map[a:2]"},
    {"dict", "map[]"},
    {"get (dict \"a\" 1) \"a\"", "1"},
    {"get (dict \"a\" nil) \"a\"", "<nil>"},
    {"set (dict \"a\" 1) \"b\" 2", "map[a:1 b:2]"},
    {"unset (dict \"a\" 1 \"b\" 2) \"a\"", "map[b:2]"},
    {"unset (dict) \"a\"", "map[]"},
    {"hasKey (dict \"a\" nil) \"a\"", "true"},
    {"hasKey (dict) \"a\"", "false"},
    {"keys (dict \"b\" 1)", "[b]"},
    {"keys (dict \"a\" 1) (dict \"a\" 2)", "[a a]"},
    {"typeOf (keys)", "[]string"},
    {"values (dict \"a\" 1)", "[1]"},
    {"pick (dict \"a\" 1 \"b\" 2 \"c\" 3) \"a\" \"c\" \"x\"", "map[a:1 c:3]"},
    {"omit (dict \"a\" 1 \"b\" 2 \"c\" 3) \"a\" \"x\"", "map[b:2 c:3]"},
    {"omit (dict \"a\" 1)", "map[a:1]"},
    {"pluck \"a\" (dict \"a\" 1) (dict \"b\" 2) (dict \"a\" nil)", "[1 <nil>]"},
    {"dig \"a\" \"b\" \"d\" (dict \"a\" (dict \"b\" 1))", "1"},
    {"dig \"a\" \"x\" \"d\" (dict \"a\" (dict \"b\" 1))", "d"},
    {"dig \"x\" \"b\" \"d\" (dict)", "d"},
    {"dig \"a\" \"d\" (dict \"a\" nil)", "<nil>"},
    {"merge (dict \"a\" 1) (dict \"a\" 2 \"b\" 3)", "map[a:1 b:3]"},
    {"merge (dict \"a\" 0 \"b\" \"\" \"c\" false \"d\" nil \"e\" (list) \"f\" (dict)) (dict \"a\" "
     "1 \"b\" \"x\" \"c\" true \"d\" 4 \"e\" (list 1) \"f\" (dict \"y\" 1))",
     "map[a:1 b:x c:true d:4 e:[1] f:map[y:1]]"},
    {"merge (dict \"a\" (dict \"b\" 1)) (dict \"a\" (dict \"b\" 2 \"c\" 3))",
     "map[a:map[b:1 c:3]]"},
    {"merge (dict \"a\" \"s\") (dict \"a\" (dict \"b\" 2))", "map[a:s]"},
    {"merge (dict \"a\" (dict \"b\" 2)) (dict \"a\" \"s\")", "map[a:map[b:2]]"},
    {"merge (dict \"a\" (dict)) (dict \"a\" \"s\")", "map[a:s]"},
    {"merge (dict \"a\" (list 1)) (dict \"a\" (list 2 3))", "map[a:[1]]"},
    {"merge (dict \"a\" \"x\") (dict \"a\" (list 2 3))", "map[a:x]"},
    {"merge (dict) (dict \"n\" nil \"z\" 0 \"l\" (list))", "map[l:[] z:0]"},
    {"merge (dict \"a\" 1) (dict \"a\" 2) (dict \"b\" 5) (dict \"b\" 6)", "map[a:1 b:5]"},
    {"merge (dict \"a\" 0) (dict \"a\" \"\")", "map[a:]"},
    {"merge (dict \"a\" 1)", "map[a:1]"},
    {"mustMerge (dict \"a\" 1) (dict \"b\" 2)", "map[a:1 b:2]"},
    {"mergeOverwrite (dict \"a\" 1 \"b\" 2) (dict \"a\" 3)", "map[a:3 b:2]"},
    {"mergeOverwrite (dict \"a\" 1 \"b\" 1 \"c\" 1 \"d\" 1 \"e\" 1 \"f\" (dict \"x\" 1)) (dict "
     "\"a\" 0 \"b\" \"\" \"c\" false \"d\" nil \"e\" (list) \"f\" (dict))",
     "map[a:0 b: c:false d:<nil> e:[] f:map[x:1]]"},
    {"mergeOverwrite (dict \"a\" (dict \"b\" 1 \"c\" 2)) (dict \"a\" (dict \"b\" 3))",
     "map[a:map[b:3 c:2]]"},
    {"mergeOverwrite (dict \"a\" 1) (dict \"a\" (dict \"b\" 2))", "map[a:map[b:2]]"},
    {"mergeOverwrite (dict \"a\" (dict \"b\" 2)) (dict \"a\" 1)", "map[a:1]"},
    {"mergeOverwrite (dict \"a\" (dict \"b\" 2)) (dict \"a\" nil)", "map[a:<nil>]"},
    {"mergeOverwrite (dict \"a\" nil) (dict \"a\" (dict \"b\" 2))", "map[a:map[b:2]]"},
    {"mergeOverwrite (dict \"a\" (list 1 2)) (dict \"a\" (list 3))", "map[a:[3]]"},
    {"mergeOverwrite (dict \"a\" (list 1 2)) (dict \"a\" \"x\")", "map[a:x]"},
    {"mergeOverwrite (dict \"a\" (dict \"x\" (dict \"y\" 1))) (dict \"a\" (dict \"x\" (dict \"z\" "
     "2)) \"b\" nil)",
     "map[a:map[x:map[y:1 z:2]] b:<nil>]"},
    {"mustMergeOverwrite (dict \"a\" 1) (dict \"a\" 2) (dict \"a\" 3)", "map[a:3]"},
    {"mergeOverwrite (dict \"a\" (dict \"b\" (list 1))) (dict \"a\" (dict \"b\" nil \"c\" 0))",
     "map[a:map[b:<nil> c:0]]"},
    {"merge (dict \"a\" (dict \"b\" nil \"c\" 0)) (dict \"a\" (dict \"b\" (list 1) \"c\" (dict)))",
     "map[a:map[b:[1] c:map[]]]"},
};

static void results_are_as_sprigs(void **state UNUSED)
{
    struct engine_env env = {0};
    tfunc_check(&env, RESULTS, ARRAY_LEN(RESULTS));
}

static const struct tfunc_case FAILURES[] = {
    {"dig \"a\" (dict)", "dig needs at least three arguments"},
    {"dig \"a\" \"b\" \"d\" (dict \"a\" \"s\")",
     "interface conversion: interface {} is string, not map[string]interface {}"},
    {"dig \"a\" \"b\" \"d\" (dict \"a\" nil)",
     "interface conversion: interface {} is nil, not map[string]interface {}"},
    {"dig \"a\" \"b\" \"d\" (dict \"a\" (list))",
     "interface conversion: interface {} is []interface {}, not map[string]interface {}"},
    {"dig 1 \"d\" (dict)", "interface conversion: interface {} is int, not string"},
    {"dig \"a\" \"d\" \"x\"",
     "interface conversion: interface {} is string, not map[string]interface {}"},
    {"dig \"a\" \"d\" nil",
     "interface conversion: interface {} is nil, not map[string]interface {}"},
};

static void failures_are_as_sprigs(void **state UNUSED)
{
    struct engine_env env = {0};
    tfunc_check_errors(&env, FAILURES, ARRAY_LEN(FAILURES));
}

struct fixture {
    struct arena *arena;
    struct budget budget;
    struct tcall call;
};

static void fixture_init(struct fixture *f)
{
    f->arena = arena_new();
    f->budget = budget_unlimited();
    f->call = (struct tcall){.arena = f->arena, .budget = &f->budget};
}

static struct tval eval(struct fixture *f, const char *expr)
{
    struct err err;
    struct tval v = tval_nil();
    ASSERT_OK(tfunc_eval(NULL, f->arena, expr, &v, &err));
    return v;
}

static struct tval call2(struct fixture *f, const char *name, struct tval first, struct tval second)
{
    struct err err;
    struct tval args[2] = {first, second};
    struct tval ret = tval_nil();
    ASSERT_OK(tfunc_find(str_from(name))->fn(&f->call, args, 2, &ret, &err));
    return ret;
}

static void arguments_change_in_place(void **state UNUSED)
{
    struct fixture f;
    fixture_init(&f);
    struct tval map = eval(&f, "dict \"a\" 1 \"b\" 2");
    assert_ptr_equal(call2(&f, "unset", map, tval_str(STR("a"))).map, map.map);
    assert_int_equal(tmap_len(map.map), 1);
    assert_ptr_equal(call2(&f, "merge", map, eval(&f, "dict \"c\" 3")).map, map.map);
    assert_int_equal(tmap_len(map.map), 2);
    assert_ptr_not_equal(call2(&f, "omit", map, tval_str(STR("c"))).map, map.map);
    assert_int_equal(tmap_len(map.map), 2);
    arena_free(f.arena);
}

static void merging_shares_what_was_missing(void **state UNUSED)
{
    static const char *const FUNCS[] = {"merge", "mergeOverwrite"};
    for (size_t i = 0; i < ARRAY_LEN(FUNCS); i++) {
        struct fixture f;
        fixture_init(&f);
        struct tval src =
            eval(&f, "dict \"new\" (dict \"x\" 1) \"both\" (dict \"y\" 1) \"empty\" (dict)");
        struct tval dst = eval(&f, "dict \"both\" (dict \"x\" 1) \"empty\" (dict)");
        (void)call2(&f, FUNCS[i], dst, src);
        assert_ptr_equal(tmap_get(dst.map, STR("new")).map, tmap_get(src.map, STR("new")).map);
        assert_ptr_equal(tmap_get(dst.map, STR("empty")).map, tmap_get(src.map, STR("empty")).map);
        assert_ptr_not_equal(tmap_get(dst.map, STR("both")).map,
                             tmap_get(src.map, STR("both")).map);
        assert_int_equal(tmap_len(tmap_get(dst.map, STR("both")).map), 2);
        assert_int_equal(tmap_len(tmap_get(src.map, STR("both")).map), 1);
        arena_free(f.arena);
    }
}

static void merging_a_loop_ends(void **state UNUSED)
{
    struct fixture f;
    fixture_init(&f);
    f.budget.depth = 100;
    struct tval args[2] = {eval(&f, "dict \"a\" 1"), eval(&f, "dict \"a\" 2")};
    tmap_set(args[0].map, STR("self"), args[0]);
    tmap_set(args[1].map, STR("self"), args[1]);
    struct err err;
    struct tval ret = tval_nil();
    ASSERT_ERR(tfunc_find(STR("merge"))->fn(&f.call, args, 2, &ret, &err), ERR_LIMIT, "depth");
    assert_int_equal(f.budget.depth, 100);
    arena_free(f.arena);
}

static void named_maps_are_not_dug(void **state UNUSED)
{
    static const struct tclass VALUES = {.type = "common.Values", .kind = "map"};
    struct fixture f;
    fixture_init(&f);
    struct tval map = tval_map(tmap_new(f.arena, TVAL_OF_ANY, &VALUES, NULL));
    struct tval args[3] = {tval_str(STR("a")), tval_int(1), map};
    struct err err;
    struct tval ret = tval_nil();
    ASSERT_ERR(tfunc_find(STR("dig"))->fn(&f.call, args, 3, &ret, &err), ERR_INVALID,
               "interface conversion: interface {} is common.Values, not map[string]interface {}");
    arena_free(f.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_are_as_sprigs),
        cmocka_unit_test(failures_are_as_sprigs),
        cmocka_unit_test(arguments_change_in_place),
        cmocka_unit_test(merging_shares_what_was_missing),
        cmocka_unit_test(merging_a_loop_ends),
        cmocka_unit_test(named_maps_are_not_dug),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
