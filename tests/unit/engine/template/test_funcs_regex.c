/* The regex functions: results of sprig 3.3 under Go 1.26. */
#include "tests/lib/tfunc_eval.h"

static const struct tfunc_case RESULTS[] = {
    {"regexMatch \"^v[0-9]+$\" \"v12\"", "true"},
    {"regexMatch \"^v[0-9]+$\" \"v12 \"", "false"},
    {"regexMatch \"(\" \"x\"", "false"},
    {"mustRegexMatch \"a|b\" \"cb\"", "true"},
    {"regexFind \"[a-z]+\" \"12ab34cd\"", "ab"},
    {"regexFind \"x\" \"abc\"", ""},
    {"mustRegexFind \"\\w+$\" \"one two\"", "two"},
    {"regexFindAll \"[0-9]\" \"a1b2c3\" -1", "[1 2 3]"},
    {"regexFindAll \"[0-9]\" \"a1b2c3\" 2", "[1 2]"},
    {"regexFindAll \"[0-9]\" \"a1b2c3\" 0", "[]"},
    {"regexFindAll \"x\" \"a1b2c3\" -1", "[]"},
    {"regexFindAll \"a*\" \"baac\" -1", "[ aa ]"},
    {"typeOf (regexFindAll \"x\" \"a\" -1)", "[]string"},
    {"mustRegexFindAll \".\" \"\xc3\xa9"
     "1\" -1",
     "[\xc3\xa9 1]"},
    {"regexSplit \",\" \"a,b,,c,,\" -1", "[a b  c  ]"},
    {"regexSplit \",\" \"a,b,c\" 2", "[a b,c]"},
    {"regexSplit \",\" \"a,b\" 0", "[]"},
    {"regexSplit \"\" \"abc\" -1", "[a b c]"},
    {"regexSplit \"a*\" \"baab\" -1", "[b b]"},
    {"regexSplit \",\" \"\" -1", "[]"},
    {"mustRegexSplit \" +\" \"a  b c\" -1", "[a b c]"},
    {"regexReplaceAll \"a(x*)b\" \"-ab-axxb-\" \"${1}W\"", "-W-xxW-"},
    {"regexReplaceAll \"a(x*)b\" \"-ab-axxb-\" \"$1W\"", "---"},
    {"regexReplaceAll \"(?P<key>\\w+)=(?P<val>\\w*)\" \"a=1, b=\" \"$val:$key$$\"", "1:a$, :b$"},
    {"regexReplaceAll \"x*\" \"abxd\" \"-\"", "-a-b-d-"},
    {"mustRegexReplaceAll \"(?i)A\" \"aAb\" \"[$0]\"", "[a][A]b"},
    {"regexReplaceAllLiteral \"a(x*)b\" \"-axb-\" \"${1}\"", "-${1}-"},
    {"mustRegexReplaceAllLiteral \"^\" \"x\" \"$0\"", "$0x"},
    {"regexQuoteMeta \"a.b*[c]{d}(e)|f^$\\?+\"",
     "a\\.b\\*\\[c\\]\\{d\\}\\(e\\)\\|f\\^\\$\\\\\\?\\+"},
    {"regexQuoteMeta \"plain_text-1\"", "plain_text-1"},
};

static const struct tfunc_case ERRORS[] = {
    {"mustRegexMatch \"a{2,1}\" \"x\"", "error parsing regexp: invalid repeat count: `{2,1}`"},
    {"regexFind \"*\" \"x\"",
     "regexp: Compile(`*`): error parsing regexp: missing argument to repetition operator: `*`"},
    {"regexFind \"a`*(\" \"x\"",
     "regexp: Compile(\"a`*(\"): error parsing regexp: missing closing ): `a`*(`"},
    {"mustRegexFind \"[b-a]\" \"x\"", "error parsing regexp: invalid character class range: `b-a`"},
    {"regexFindAll \"a++\" \"x\" -1",
     "regexp: Compile(`a++`): error parsing regexp: invalid nested repetition operator: `++`"},
    {"mustRegexFindAll \"(?<n\" \"x\" -1", "error parsing regexp: invalid named capture: `(?<n`"},
    {"regexSplit \"[\" \"x\" -1",
     "regexp: Compile(`[`): error parsing regexp: missing closing ]: `[`"},
    {"mustRegexSplit \"x**\" \"x\" -1",
     "error parsing regexp: invalid nested repetition operator: `**`"},
    {"regexReplaceAll \"[\" \"x\" \"y\"",
     "regexp: Compile(`[`): error parsing regexp: missing closing ]: `[`"},
    {"mustRegexReplaceAll \")\" \"x\" \"y\"", "error parsing regexp: unexpected ): `)`"},
    {"regexReplaceAllLiteral \"\\\" \"x\" \"y\"",
     "regexp: Compile(`\\`): error parsing regexp: trailing backslash at end of expression: ``"},
    {"mustRegexReplaceAllLiteral \"(?=x)\" \"x\" \"y\"",
     "error parsing regexp: invalid or unsupported Perl syntax: `(?=`"},
};

static void gives_what_sprig_gives(void **state UNUSED)
{
    tfunc_check(NULL, RESULTS, ARRAY_LEN(RESULTS));
}

static void fails_as_sprig_does(void **state UNUSED)
{
    tfunc_check_errors(NULL, ERRORS, ARRAY_LEN(ERRORS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_what_sprig_gives),
        cmocka_unit_test(fails_as_sprig_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
