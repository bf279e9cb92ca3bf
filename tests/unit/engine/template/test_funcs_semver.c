/* semver and semverCompare: results of sprig 3.3 under Go 1.26. */
#include "tests/lib/tfunc_eval.h"

static const struct tfunc_case RESULTS[] = {
    {"semver \"v1.2\"", "1.2.0"},
    {"semver \"1.2.3-rc.1+build.5\"", "1.2.3-rc.1+build.5"},
    {"typeOf (semver \"1.2.3\")", "*semver.Version"},
    {"kindOf (semver \"1.2.3\")", "ptr"},
    {"semverCompare \">=1.19-0\" \"v1.29.3-gke.100\"", "true"},
    {"semverCompare \"^1.2 || 3.x\" \"3.9.0\"", "true"},
    {"semverCompare \"<1.2\" \"1.2.0\"", "false"},
};

static const struct tfunc_case ERRORS[] = {
    {"semver \"one\"", "invalid semantic version"},
    {"semver \"1.2.3-01\"", "version segment starts with 0"},
    {"semverCompare \"\" \"1.2.0\"", "improper constraint: \"\""},
    {"semverCompare \"1.x.y\" \"1.2.0\"", "improper constraint: \"1.x.y\""},
    {"semverCompare \"*\" \"abc\"", "invalid semantic version"},
};

static void gives_what_sprig_gives(void **state UNUSED)
{
    tfunc_check(NULL, RESULTS, ARRAY_LEN(RESULTS));
}

static void fails_as_sprig_does(void **state UNUSED)
{
    tfunc_check_errors(NULL, ERRORS, ARRAY_LEN(ERRORS));
}

struct member_case {
    const char *version;
    const char *member;
    const char *want;
};

static void has_the_fields_and_methods(void **state UNUSED)
{
    static const struct member_case CASES[] = {
        {"v1.2.3-rc.1+b", "Major", "1"},
        {"v1.2.3-rc.1+b", "Minor", "2"},
        {"v1.2.3-rc.1+b", "Patch", "3"},
        {"v1.2.3-rc.1+b", "Prerelease", "rc.1"},
        {"v1.2.3-rc.1+b", "Metadata", "b"},
        {"v1.2.3-rc.1+b", "Original", "v1.2.3-rc.1+b"},
        {"v1.2.3-rc.1+b", "String", "1.2.3-rc.1+b"},
        {"v1.2.3-rc.1+b", "IncPatch", "1.2.3"},
        {"v1.2.3", "IncPatch", "1.2.4"},
        {"v1.2.3", "IncMinor", "1.3.0"},
        {"v1.2.3", "IncMajor", "2.0.0"},
        {"v1.2.3", "Nothing", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        struct budget budget = budget_unlimited();
        struct tcall call = {.arena = arena, .budget = &budget};
        struct tval name = tval_str(str_from(CASES[i].version));
        struct err err;
        struct tval v;
        struct tval member;
        ASSERT_OK(tfunc_find(STR("semver"))->fn(&call, &name, 1, &v, &err));
        bool found = v.obj->class->field(&call, v.obj->data, str_from(CASES[i].member), &member);
        assert_int_equal(found, CASES[i].want != NULL);
        if (found) {
            ASSERT_STR(tval_text(arena, member), CASES[i].want);
        }
    }
}

static void compares_with_another_version(void **state UNUSED)
{
    static const struct {
        const char *method;
        const char *other;
        const char *want;
    } CASES[] = {
        {"Compare", "1.2.4", "-1"},
        {"Compare", "1.2.3", "0"},
        {"Compare", "1.2.3-a", "1"},
        {"LessThan", "1.3", "true"},
        {"LessThanEqual", "1", "false"},
        {"GreaterThan", "1", "true"},
        {"GreaterThanEqual", "1.2.3", "true"},
        {"Equal", "1.2.3+x", "true"},
    };
    AUTO(arena) struct arena *arena = arena_new();
    struct budget budget = budget_unlimited();
    struct tcall call = {.arena = arena, .budget = &budget};
    struct err err;
    struct tval v;
    struct tval other;
    struct tval ret;
    ASSERT_OK(tfunc_eval(NULL, arena, "semver \"1.2.3\"", &v, &err));
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct tval text = tval_str(str_from(CASES[i].other));
        ASSERT_OK(tfunc_find(STR("semver"))->fn(&call, &text, 1, &other, &err));
        struct str method = str_from(CASES[i].method);
        assert_int_equal(v.obj->class->method(&call, v.obj->data, method, &other, 1, &ret, &err),
                         1);
        ASSERT_STR(tval_text(arena, ret), CASES[i].want);
    }
    struct str compare = STR("Compare");
    assert_int_equal(v.obj->class->method(&call, v.obj->data, STR("No"), &other, 1, &ret, &err), 0);
    ASSERT_ERR(v.obj->class->method(&call, v.obj->data, compare, NULL, 0, &ret, &err), ERR_INVALID,
               "wrong number of args for Compare: want 1 got 0");
    other = tval_int(1);
    ASSERT_ERR(v.obj->class->method(&call, v.obj->data, compare, &other, 1, &ret, &err),
               ERR_INVALID, "expected *semver.Version");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_what_sprig_gives),
        cmocka_unit_test(fails_as_sprig_does),
        cmocka_unit_test(has_the_fields_and_methods),
        cmocka_unit_test(compares_with_another_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
