/* semver and semverCompare: results of sprig 3.3 under Go 1.26. */
#include "tests/lib/template_fixture.h"
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

static void has_the_methods_of_a_version(void **state UNUSED)
{
    static const struct template_row CASES[] = {
        {"{{with semver \"v1.2.3-rc.1+b\"}}{{.Major}} {{.Minor}} {{.Patch}} {{.Prerelease}} "
         "{{.Metadata}} {{.Original}} {{.String}} {{.IncPatch}}{{end}}",
         "{}", "1 2 3 rc.1 b v1.2.3-rc.1+b 1.2.3-rc.1+b 1.2.3"},
        {"{{with semver \"v1.2.3\"}}{{.IncPatch}} {{.IncMinor}} {{.IncMajor}} "
         "{{.IncMajor.Original}} {{typeOf .IncMajor}} {{typeOf .}}{{end}}",
         "{}", "1.2.4 1.3.0 2.0.0 v2.0.0 semver.Version *semver.Version"},
        {"{{$v := semver \"1.2.3\"}}{{$v.Compare (semver \"1.2.4\")}} "
         "{{$v.Compare (semver \"1.2.3\")}} {{$v.Compare (semver \"1.2.3-a\")}} "
         "{{$v.LessThan (semver \"1.3\")}} {{$v.LessThanEqual (semver \"1\")}} "
         "{{$v.GreaterThan (semver \"1\")}} {{$v.GreaterThanEqual (semver \"1.2.3\")}} "
         "{{$v.Equal (semver \"1.2.3+x\")}}",
         "{}", "-1 0 1 true false true true true"},
        {"{{(semver \"1.2.3\").Nothing}}", "{}",
         "t:1:10\n  executing \"t\" at <\"1.2.3\">:\n    can't evaluate field "
         "Nothing in type *semver.Version"},
        {"{{(semver \"1.2.3\").Equal 1}}", "{}",
         "t:1:25\n  executing \"t\" at <1>:\n    can't handle 1 for arg of type *semver.Version"},
        {"{{(semver \"1.2.3\").Equal}}", "{}",
         "t:1:10\n  executing \"t\" at <\"1.2.3\">:\n    wrong number of args for "
         "Equal: want 1 got 0"},
    };
    template_fixture_check(CASES, ARRAY_LEN(CASES));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_what_sprig_gives),
        cmocka_unit_test(fails_as_sprig_does),
        cmocka_unit_test(has_the_methods_of_a_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
