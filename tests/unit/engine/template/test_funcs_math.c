/* Numbers, defaults and types: results of sprig 3.3 under Go 1.26. */
#include "common/base/rand.h"
#include "tests/lib/tfunc_eval.h"

static const struct tfunc_case RESULTS[] = {
    {"add 1 2 3", "6"},
    {"add", "0"},
    {"add 1.9 -1.9 \"5\" nil true", "6"},
    {"add \"0x10\" \"012\" \"5.0\" \"x\"", "31"},
    {"add1 41", "42"},
    {"sub 1 5", "-4"},
    {"mul 2 3 4", "24"},
    {"mul 9223372036854775807 2", "-2"},
    {"div 7 2", "3"},
    {"div -7 2", "-3"},
    {"div -9223372036854775808 -1", "-9223372036854775808"},
    {"mod 7 3", "1"},
    {"mod -7 3", "-1"},
    {"mod -9223372036854775808 -1", "0"},
    {"max 1 5 3", "5"},
    {"biggest 1 -5", "1"},
    {"min 4 2 8", "2"},
    {"addf 0.1 0.2", "0.3"},
    {"addf 1.5 2 3", "6.5"},
    {"add1f 0.1", "1.1"},
    {"subf 0.3 0.1", "0.2"},
    {"subf 10 1 2", "7"},
    {"mulf 1.1 1.1", "1.21"},
    {"mulf 2 0.5 3", "3"},
    {"mulf 1e300 1e300", "+Inf"},
    {"mulf 1e-300 1e-300", "0"},
    {"divf 1 3", "0.3333333333333333"},
    {"divf 2 3", "0.6666666666666667"},
    {"divf -2 3", "-0.6666666666666667"},
    {"divf 1 -3", "-0.3333333333333333"},
    {"divf 10 4 5", "0.5"},
    {"divf 0 5", "0"},
    {"divf -0.00000000000000005 1", "-1e-16"},
    {"divf 1e300 1e-300", "+Inf"},
    {"maxf 1 2.5 2", "2.5"},
    {"minf 3 1.5 2", "1.5"},
    {"maxf \"NaN\" 1", "NaN"},
    {"floor 1.9", "1"},
    {"floor -1.1", "-2"},
    {"ceil 1.1", "2"},
    {"ceil \"2.5\"", "3"},
    {"round 123.5555 3", "123.556"},
    {"round 123.5555 3 0.5", "123.556"},
    {"round 123.49999999 0", "123"},
    {"round 123.5 0", "124"},
    {"round 123.55 1 0.6", "123.5"},
    {"round -1.5 0", "-2"},
    {"round 1234 -2", "1200"},
    {"round 5.015 2", "5.01"},
    {"until 3", "[0 1 2]"},
    {"until -3", "[0 -1 -2]"},
    {"until 0", "[]"},
    {"untilStep 0 10 3", "[0 3 6 9]"},
    {"untilStep 10 0 -4", "[10 6 2]"},
    {"untilStep 0 5 -1", "[]"},
    {"untilStep 5 0 1", "[]"},
    {"untilStep 0 0 1", "[]"},
    {"seq 5", "1 2 3 4 5"},
    {"seq -3", "1 0 -1 -2 -3"},
    {"seq 2 5", "2 3 4 5"},
    {"seq 5 2", "5 4 3 2"},
    {"seq 0 2 10", "0 2 4 6 8 10"},
    {"seq 10 -3 0", "10 7 4 1"},
    {"seq 5 1 2", ""},
    {"seq 5 0 2", ""},
    {"seq 2 0 5", ""},
    {"seq 1 2 3 4", ""},
    {"seq", ""},
    {"seq 0", "1 0"},
    {"seq 1", "1"},
    {"seq 2 -1 5", ""},
    {"atoi \"-7\"", "-7"},
    {"atoi \"12x\"", "0"},
    {"atoi \"+5\"", "5"},
    {"atoi \"\"", "0"},
    {"atoi \"-\"", "0"},
    {"atoi \"99999999999999999999\"", "9223372036854775807"},
    {"atoi \"-99999999999999999999\"", "-9223372036854775808"},
    {"atoi \"1_000\"", "0"},
    {"int \"012\"", "10"},
    {"int \"0b11\"", "3"},
    {"int 1.9", "1"},
    {"int64 \"1_000\"", "1000"},
    {"float64 \"1.5\"", "1.5"},
    {"float64 true", "1"},
    {"toDecimal \"777\"", "511"},
    {"toDecimal 644", "420"},
    {"toDecimal \"8\"", "0"},
    {"toDecimal \"-10\"", "-8"},
    {"toDecimal nil", "0"},
    {"toDecimal 6.5", "0"},
    {"toDecimal \"1777777777777777777777\"", "0"},
    {"default \"d\" \"\"", "d"},
    {"default \"d\" \"x\"", "x"},
    {"default \"d\" 0", "d"},
    {"default \"d\"", "d"},
    {"default 1 (list)", "1"},
    {"default 1 false", "1"},
    {"coalesce 0 \"\" nil \"x\" \"y\"", "x"},
    {"coalesce 0", "<nil>"},
    {"coalesce", "<nil>"},
    {"ternary \"a\" \"b\" true", "a"},
    {"ternary \"a\" \"b\" false", "b"},
    {"empty \"\"", "true"},
    {"empty (dict)", "true"},
    {"empty \"x\"", "false"},
    {"all 1 \"a\" true", "true"},
    {"all 1 0", "false"},
    {"all", "true"},
    {"any 0 \"\" 1", "true"},
    {"any 0 \"\"", "false"},
    {"any", "false"},
    {"typeOf 1", "int"},
    {"typeOf 1.5", "float64"},
    {"typeOf nil", "<nil>"},
    {"typeOf (list 1)", "[]interface {}"},
    {"typeOf (dict)", "map[string]interface {}"},
    {"typeOf (until 2)", "[]int"},
    {"typeOf (int64 1)", "int64"},
    {"typeIs \"string\" \"x\"", "true"},
    {"typeIs \"int\" 1.5", "false"},
    {"typeIsLike \"int\" 1", "true"},
    {"typeIsLike \"*int\" 1", "false"},
    {"kindOf nil", "invalid"},
    {"kindOf (list)", "slice"},
    {"kindOf (dict)", "map"},
    {"kindOf \"s\"", "string"},
    {"kindIs \"map\" (dict)", "true"},
    {"kindIs \"slice\" (dict)", "false"},
    {"deepEqual (list 1 2) (list 1 2)", "true"},
    {"deepEqual 1 1.0", "false"},
    {"deepEqual (dict \"a\" 1) (dict \"a\" 1)", "true"},
    {"deepEqual (list 1) (until 1)", "false"},
    {"deepCopy (list 1 (dict \"a\" nil))", "[1 map[a:<nil>]]"},
};

static void results_are_as_sprigs(void **state UNUSED)
{
    struct engine_env env = {0};
    tfunc_check(&env, RESULTS, ARRAY_LEN(RESULTS));
}

static const struct tfunc_case FAILURES[] = {
    {"div 1 0", "runtime error: integer divide by zero"},
    {"mod 1 0", "runtime error: integer divide by zero"},
    {"divf 1 0", "decimal division by 0"},
    {"addf \"NaN\"", "Cannot create a Decimal from NaN"},
    {"randInt 5 5", "invalid argument to Intn"},
    {"deepCopy nil", "reflect: call of reflect.Value.Type on zero Value"},
    {"mustDeepCopy nil", "reflect: call of reflect.Value.Type on zero Value"},
};

static void failures_are_as_sprigs(void **state UNUSED)
{
    struct engine_env env = {0};
    tfunc_check_errors(&env, FAILURES, ARRAY_LEN(FAILURES));
}

static void random_integers_stay_in_range(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct rand_seeded seeded;
    rand_seeded_init(&seeded, 7);
    struct engine_env env = {.rand = &seeded.rand};
    for (int i = 0; i < 100; i++) {
        struct err err;
        struct tval v = tval_nil();
        ASSERT_OK(tfunc_eval(&env, arena, "randInt -3 4", &v, &err));
        assert_int_equal(v.kind, TVAL_INT);
        assert_in_range(v.i + 3, 0, 6);
    }
}

static void long_ranges_are_refused(void **state UNUSED)
{
    static const struct tfunc_case CASES[] = {
        {"until 1000001", "a range has more than 1000000 numbers"},
        {"until -9223372036854775808", "a range has more than 1000000 numbers"},
        {"untilStep -9223372036854775808 9223372036854775807 1",
         "a range has more than 1000000 numbers"},
        {"seq 0 1000000", "a range has more than 1000000 numbers"},
    };
    struct engine_env env = {0};
    tfunc_check_errors(&env, CASES, ARRAY_LEN(CASES));
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    struct tval v = tval_nil();
    ASSERT_OK(tfunc_eval(&env, arena, "until 1000000", &v, &err));
    assert_int_equal(tval_len(v), 1000000);
}

static void copies_are_deep(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct engine_env env = {0};
    struct err err;
    struct tval v = tval_nil();
    ASSERT_OK(tfunc_eval(&env, arena, "dict \"a\" (dict \"b\" 1)", &v, &err));
    struct budget budget = budget_unlimited();
    struct tcall call = {.arena = arena, .budget = &budget};
    struct tval copy = tval_nil();
    ASSERT_OK(tfunc_find(STR("deepCopy"))->fn(&call, &v, 1, &copy, &err));
    assert_true(tval_equal(v, copy));
    tmap_set(tmap_find(copy.map, STR("a"))->map, STR("b"), tval_int(2));
    assert_false(tval_equal(v, copy));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_are_as_sprigs),
        cmocka_unit_test(failures_are_as_sprigs),
        cmocka_unit_test(random_integers_stay_in_range),
        cmocka_unit_test(long_ranges_are_refused),
        cmocka_unit_test(copies_are_deep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
