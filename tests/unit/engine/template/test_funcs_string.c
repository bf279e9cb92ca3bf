/* Functions on strings: results of sprig 3.3 under Go 1.26. */
#include "common/base/rand.h"
#include "tests/lib/tfunc_eval.h"

static const struct tfunc_case RESULTS[] = {
    {"hello", "Hello!"},
    {"trim \"  port 80\t\n\"", "port 80"},
    {"trim \"\xc2\xa0\xe2\x80\x83wide\xe3\x80\x80\"", "wide"},
    {"trim \"   \"", ""},
    {"trim \"\"", ""},
    {"trimAll \"-/\" \"--/path/-\"", "path"},
    {"trimall \"ab\" \"abba\"", ""},
    {"trimAll \"\" \"x\"", "x"},
    {"trimAll \"\xc3\xa9\" \"\xc3\xa9"
     "a\xc3\xa9\"",
     "a"},
    {"trimPrefix \"v\" \"vv1\"", "v1"},
    {"trimPrefix \"x\" \"v1\"", "v1"},
    {"trimSuffix \".git\" \"repo.git\"", "repo"},
    {"trimSuffix \"\" \"repo\"", "repo"},
    {"substr 0 4 \"release\"", "rele"},
    {"substr 3 -1 \"release\"", "ease"},
    {"substr -1 2 \"release\"", "re"},
    {"substr 2 99 \"release\"", "lease"},
    {"substr 2 2 \"release\"", ""},
    {"trunc 3 \"release\"", "rel"},
    {"trunc -3 \"release\"", "ase"},
    {"trunc 99 \"release\"", "release"},
    {"trunc -99 \"release\"", "release"},
    {"trunc 0 \"release\"", ""},
    {"trunc 1 \"\xc3\xa9\"", "\xc3"},
    {"abbrev 6 \"deployment\"", "dep..."},
    {"abbrev 3 \"deployment\"", "deployment"},
    {"abbrev 10 \"deployment\"", "deployment"},
    {"abbrev 4 \"\"", ""},
    {"abbrevboth 5 10 \"a deployment of things\"", "...loym..."},
    {"abbrevboth 1 6 \"a deployment of things\"", "a deployment of things"},
    {"abbrevboth 18 10 \"a deployment of things\"", "... things"},
    {"abbrevboth 6 8 \"a deployment of things\"", "...oy..."},
    {"abbrevboth 0 3 \"a deployment\"", "a deployment"},
    {"abbrevboth 99 7 \"a deployment\"", "...ment"},
    {"nospace \" k 8 s\n\"", "k8s"},
    {"nospace \"k\xc3\xa9 s\"", "k\xc3\x83\xc2\xa9s"},
    {"nospace \"k\xc3\xa9\"", "k\xc3\xa9"},
    {"initials \"Service Account Token\"", "SAT"},
    {"initials \" \xc3\xa9 x\"", "\xc3\x83x"},
    {"initials \"\"", ""},
    {"wrap 10 \"a chart renders its manifests\"", "a chart\nrenders\nits\nmanifests"},
    {"wrap 10 \"ever-so-long-words stay whole\"", "ever-so-long-words\nstay whole"},
    {"wrap 4 \"justoneword\"", "justoneword"},
    {"wrap 0 \"a b\"", "a\nb"},
    {"wrap 10 \"\"", ""},
    {"wrap 3 \"   abc def\"", "abc\ndef"},
    {"wrapWith 5 \"|\" \"abcdefghijkl mn\"", "abcde|fghij|kl mn"},
    {"wrapWith 5 \"\" \"abcdefg\"", "abcde\nfg"},
    {"repeat 3 \"ab\"", "ababab"},
    {"repeat 0 \"ab\"", ""},
    {"indent 2 \"a:\n  b: 1\n\nc: 2\n\"", "  a:\n    b: 1\n  \n  c: 2\n  "},
    {"indent 0 \"x\"", "x"},
    {"indent 3 \"\"", "   "},
    {"nindent 4 \"a\nb\"", "\n    a\n    b"},
    {"nindent 2 \"\"", "\n  "},
    {"plural \"one pod\" \"pods\" 1", "one pod"},
    {"plural \"one pod\" \"pods\" 0", "pods"},
    {"contains \"port\" \"service ports\"", "true"},
    {"contains \"\" \"\"", "true"},
    {"contains \"x\" \"abc\"", "false"},
    {"hasPrefix \"ser\" \"service\"", "true"},
    {"hasPrefix \"service!\" \"service\"", "false"},
    {"hasSuffix \"ice\" \"service\"", "true"},
    {"hasSuffix \"x\" \"\"", "false"},
    {"replace \".\" \"-\" \"a.b.c\"", "a-b-c"},
    {"replace \"\" \"_\" \"a\xc3\xa9\"", "_a_\xc3\xa9_"},
    {"replace \"\" \"x\" \"\"", "x"},
    {"replace \"aa\" \"b\" \"aaa\"", "ba"},
    {"quote \"a\" nil 1 true", "\"a\" \"1\" \"true\""},
    {"quote \"tab\there \\ 'q'\"", "\"tab\\there \\\\ 'q'\""},
    {"quote 1.5 1e+20", "\"1.5\" \"1e+20\""},
    {"quote", ""},
    {"quote nil", ""},
    {"quote \"\xc3\xa9\xe2\x82\xac\x01\"", "\"\xc3\xa9\xe2\x82\xac\\x01\""},
    {"quote (list 1 \"a\")", "\"[1 a]\""},
    {"squote \"it's\" nil 2", "'it's' '2'"},
    {"squote", ""},
    {"cat \"a\" nil 1 2.5 (list 1)", "a 1 2.5 [1]"},
    {"cat", ""},
    {"cat \"  a \" \"b\"", "  a  b"},
    {"toString 1.0", "1"},
    {"toString (list \"a\" 1)", "[a 1]"},
    {"toString nil", "<nil>"},
    {"toStrings (list 1 nil \"a\" 2.5)", "[1 a 2.5]"},
    {"toStrings nil", "[]"},
    {"toStrings 7", "[7]"},
    {"typeOf (toStrings (list 1))", "[]string"},
    {"join \"-\" (list \"a\" nil 1 true)", "a-1-true"},
    {"join \",\" nil", ""},
    {"join \",\" \"single\"", "single"},
    {"join \",\" (until 3)", "0,1,2"},
    {"join \"\" (list)", ""},
    {"sortAlpha (list \"b\" \"a\" \"B\" 10 9)", "[10 9 B a b]"},
    {"sortAlpha nil", "[<nil>]"},
    {"sortAlpha \"x\"", "[x]"},
    {"sortAlpha (list)", "[]"},
    {"typeOf (sortAlpha (list 2 1))", "[]string"},
    {"splitList \",\" \"a,b,,c,\"", "[a b  c ]"},
    {"splitList \",\" \"\"", "[]"},
    {"splitList \"\" \"a\xc3\xa9"
     "b\"",
     "[a \xc3\xa9 b]"},
    {"splitList \"\" \"\"", "[]"},
    {"typeOf (splitList \",\" \"a\")", "[]string"},
    {"split \"/\" \"a/b\"", "map[_0:a _1:b]"},
    {"split \"/\" \"\"", "map[_0:]"},
    {"split \"\" \"ab\"", "map[_0:a _1:b]"},
    {"typeOf (split \"/\" \"a\")", "map[string]string"},
    {"splitn \"/\" 2 \"a/b/c\"", "map[_0:a _1:b/c]"},
    {"splitn \"/\" 0 \"a/b/c\"", "map[]"},
    {"splitn \"/\" -1 \"a/b/c\"", "map[_0:a _1:b _2:c]"},
    {"splitn \"\" 2 \"abc\"", "map[_0:a _1:bc]"},
};

static const struct tfunc_case ERRORS[] = {
    {"substr 5 2 \"release\"", "runtime error: slice bounds out of range [5:2]"},
    {"substr 9 -1 \"release\"", "runtime error: slice bounds out of range [9:7]"},
    {"substr -1 99 \"release\"", "runtime error: slice bounds out of range [:99] with length 7"},
    {"substr -1 -5 \"release\"", "runtime error: slice bounds out of range [:-5]"},
    {"repeat -1 \"ab\"", "strings: negative Repeat count"},
    {"indent -1 \"x\"", "strings: negative Repeat count"},
};

static void gives_what_sprig_gives(void **state UNUSED)
{
    tfunc_check(NULL, RESULTS, ARRAY_LEN(RESULTS));
}

static void fails_as_sprig_does(void **state UNUSED)
{
    tfunc_check_errors(NULL, ERRORS, ARRAY_LEN(ERRORS));
}

static void shuffles_with_the_given_chance(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct rand_seeded seeded;
    struct engine_env env = {.rand = &seeded.rand};
    struct err err;
    struct tval v;
    rand_seeded_init(&seeded, 7);
    ASSERT_OK(tfunc_eval(&env, arena, "shuffle \"abc\xc3\xa9\"", &v, &err));
    assert_int_equal(v.s.n, 5);
    assert_true(str_find(v.s, STR("\xc3\xa9")) != STR_NONE);
    ASSERT_OK(tfunc_eval(&env, arena, "shuffle \"\"", &v, &err));
    ASSERT_STR(v.s, "");
    ASSERT_ERR(tfunc_eval(NULL, arena, "shuffle \"ab\"", &v, &err), ERR_UNSUPPORTED, "random");
}

static void sorts_strings_in_place(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct budget budget = budget_unlimited();
    struct tcall call = {.arena = arena, .budget = &budget};
    struct err err;
    struct str items[] = {STR("b"), STR("a")};
    struct tval list = tval_strings(arena, items, 2);
    struct tval sorted;
    ASSERT_OK(tfunc_find(STR("sortAlpha"))->fn(&call, &list, 1, &sorted, &err));
    ASSERT_STR(list.list->items[0].s, "a");
    assert_ptr_equal(sorted.list, list.list);
}

static void large_results_are_refused(void **state UNUSED)
{
    static const char *const EXPRESSIONS[] = {
        "repeat 9000000 \"12345678\"",
        "nindent 70000000 \"\"",
        "indent 20000000 \"a\nb\nc\nd\"",
        "replace \"\" (repeat 1000000 \"x\") (repeat 100 \"y\")",
        "join (repeat 40000000 \"x\") (list 1 2 3)",
    };
    for (size_t i = 0; i < ARRAY_LEN(EXPRESSIONS); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        struct err err;
        struct tval v;
        ASSERT_ERR(tfunc_eval(NULL, arena, EXPRESSIONS[i], &v, &err), ERR_LIMIT, "a string");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_what_sprig_gives),         cmocka_unit_test(fails_as_sprig_does),
        cmocka_unit_test(shuffles_with_the_given_chance), cmocka_unit_test(sorts_strings_in_place),
        cmocka_unit_test(large_results_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
