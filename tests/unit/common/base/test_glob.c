/* Glob patterns: a table of pattern, text and verdict, with and without a separator. */
#include "common/base/glob.h"
#include "tests/lib/check.h"

static const struct glob_case {
    const char *pattern;
    const char *text;
    char separator;
    bool match;
} CASES[] = {
    {"hello", "hello", 0, true},
    {"hello", "hell", 0, false},
    {"hell*", "hello", 0, true},
    {"e*", "hello", 0, false},
    {"", "", 0, true},
    {"*", "", 0, true},
    {"*", "a/b/c", 0, true},
    {"*", "a/b/c", '/', false},
    {"**", "a/b/c", '/', true},
    {"*.yaml", "a/b.yaml", 0, true},
    {"*.yaml", "a/b.yaml", '/', false},
    {"**/*.yaml", "a/b/c.yaml", '/', true},
    {"a*b*c", "axbxbxc", 0, true},
    {"a*b/**/d", "axb/x/y/d", '/', true},
    {"a*b/**/d", "ax/b/x/y/d", '/', false},
    {"?", "\xc3\xa9", 0, true},
    {"?", "/", '/', false},
    {"??", "a", 0, false},
    {"[a-c]x", "bx", 0, true},
    {"[!a-c]x", "bx", 0, false},
    {"[!a-c]x", "dx", 0, true},
    {"[abc]", "c", 0, true},
    {"[a-zA-Z0-9]", "Q", 0, true},
    {"[]]", "]", 0, true},
    {"\\*", "*", 0, true},
    {"\\*", "x", 0, false},
    {"{a,b}.yaml", "b.yaml", 0, true},
    {"{a,b}.yaml", "c.yaml", 0, false},
    {"{a,{b,c}d}*", "cd.yaml", 0, true},
    {"*.{yaml,yml,json}", "dir/x.yml", 0, true},
    {"{config.yaml,env-use2/*}", "env-use2/a.yaml", 0, true},
    {"{a\\,b,c}", "a,b", 0, true},
    {"{,x}y", "y", 0, true},
    {"{a", "{a", 0, false},
    {"e[[a*", "e[[a*", 0, false},
    {"a}", "a}", 0, true},
};

static void matches_the_table(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        const struct glob_case *c = &CASES[i];
        if (glob_match(str_from(c->pattern), str_from(c->text), c->separator) != c->match) {
            fail_msg("'%s' on '%s': wanted %d", c->pattern, c->text, c->match);
        }
    }
}

static void stays_linear_on_hostile_patterns(void **state UNUSED)
{
    char pattern[511];
    char text[4096];
    for (size_t i = 0; i < sizeof(pattern); i++) {
        pattern[i] = i % 2 == 0 ? 'a' : '*';
    }
    pattern[sizeof(pattern) - 1] = 'b';
    memset(text, 'a', sizeof(text));
    assert_false(glob_match(str_of(pattern, sizeof(pattern)), str_of(text, sizeof(text)), 0));
}

static void refuses_what_is_too_large(void **state UNUSED)
{
    struct err err;
    ASSERT_ERR(
        glob_check(STR("{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}"), &err),
        ERR_INVALID, "alternatives");
    ASSERT_ERR(glob_check(STR("a\\"), &err), ERR_INVALID, "backslash");
    ASSERT_ERR(glob_check(STR("[a"), &err), ERR_INVALID, "unclosed '['");
    char longer[GLOB_PATTERN_BYTES];
    memset(longer, 'a', sizeof(longer));
    ASSERT_ERR(glob_check(str_of(longer, sizeof(longer)), &err), ERR_INVALID, "longer");
    ASSERT_OK(glob_check(str_of(longer, sizeof(longer) - 1), &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_the_table),
        cmocka_unit_test(stays_linear_on_hostile_patterns),
        cmocka_unit_test(refuses_what_is_too_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
