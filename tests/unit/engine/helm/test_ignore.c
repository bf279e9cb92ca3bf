/* .helmignore: rules, paths and verdicts. */
#include "engine/helm/ignore.h"
#include "tests/lib/check.h"

static const struct {
    const char *rules;
    const char *path;
    bool is_dir;
    bool ignored;
} CASES[] = {
    {"*.md", "README.md", false, true},
    {"*.md", "docs/deep/a.md", false, true},
    {"docs/*.md", "docs/a.md", false, true},
    {"docs/*.md", "docs/deep/a.md", false, false},
    {"docs/*.md", "x/docs/a.md", false, false},
    {"/a.md", "a.md", false, true},
    {"/a.md", "x/a.md", false, false},
    {"ci/", "ci", true, true},
    {"ci/", "ci", false, false},
    {"ci/", "charts/x/ci", true, true},
    {"# *.md\n\n  *.txt  \n", "a.md", false, false},
    {"# *.md\n\n  *.txt  \n", "a.txt", false, true},
    {"\xef\xbb\xbf*.txt", "a.txt", false, true},
    {"a?c", "abc", false, true},
    {"a?c", "ac", false, false},
    {"[a-c]x", "bx", false, true},
    {"[^a-c]x", "bx", false, false},
    {"[^a-c]x", "dx", false, true},
    {"\\*", "*", false, true},
    {"\\*", "a", false, false},
    {"a*b*c", "axxbyyc", false, true},
    {"a*b*c", "axxbyy", false, false},
    /* everything but the match */
    {"!keep", "other", false, true},
    {"!keep", "keep", false, false},
    {"*.txt\n!keep.txt", "keep.txt", false, true},
    {"!dir/", "file", false, true},
    /* always there */
    {"", "templates/.hidden", false, true},
    {"", "templates/.", false, false},
    {"", "charts/x/templates/.hidden", false, false},
    {".*", ".", true, false},
};

static void matches_the_table(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct ignore_rules rules;
        struct err err;
        ASSERT_OK(ignore_parse(arena, str_from(CASES[i].rules), &rules, &err));
        if (ignore_matches(&rules, str_from(CASES[i].path), CASES[i].is_dir) != CASES[i].ignored) {
            fail_msg("'%s' on '%s': wanted %d", CASES[i].rules, CASES[i].path, CASES[i].ignored);
        }
    }
}

static void refuses_what_helm_refuses(void **state UNUSED)
{
    static const char *const WRONG[] = {"a/**/b", "[a-", "[]", "[-x]", "a\\"};
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(WRONG); i++) {
        struct ignore_rules rules;
        struct err err;
        struct str text = arena_printf(arena, "ok\n%s\n", WRONG[i]);
        ASSERT_ERR(ignore_parse(arena, text, &rules, &err), ERR_INVALID, ".helmignore:2");
    }
}

static void stays_fast_on_many_stars(void **state UNUSED)
{
    char text[4001];
    memset(text, 'a', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    assert_false(ignore_glob(STR("*a*a*a*a*a*a*a*a*a*a*b"), str_from(text)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_the_table),
        cmocka_unit_test(refuses_what_helm_refuses),
        cmocka_unit_test(stays_fast_on_many_stars),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
