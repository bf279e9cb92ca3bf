/* Patterns: which way to answer is chosen, and the answers. */
#include "common/base/arena.h"
#include "common/rbac/rbac_pattern.h"
#include "tests/lib/check.h"

static const struct {
    const char *pattern;
    const char *text;
    enum rbac_mode mode;
    enum rbac_pattern_kind kind;
    enum rbac_match want;
} CASES[] = {
    {"*", "", RBAC_GLOB, RBAC_PATTERN_ANY, RBAC_MATCH_YES},
    {"*", "a/b", RBAC_GLOB, RBAC_PATTERN_ANY, RBAC_MATCH_YES},
    {"get", "get", RBAC_GLOB, RBAC_PATTERN_EXACT, RBAC_MATCH_YES},
    {"get", "gets", RBAC_GLOB, RBAC_PATTERN_EXACT, RBAC_MATCH_NO},
    {"", "", RBAC_GLOB, RBAC_PATTERN_EXACT, RBAC_MATCH_YES},
    {"team/*", "team/ns/web", RBAC_GLOB, RBAC_PATTERN_PREFIX, RBAC_MATCH_YES},
    {"team/*", "team/", RBAC_GLOB, RBAC_PATTERN_PREFIX, RBAC_MATCH_YES},
    {"team/*", "team", RBAC_GLOB, RBAC_PATTERN_PREFIX, RBAC_MATCH_NO},
    {"*/*", "team/ns/web", RBAC_GLOB, RBAC_PATTERN_GLOB, RBAC_MATCH_YES},
    {"*/*", "team", RBAC_GLOB, RBAC_PATTERN_GLOB, RBAC_MATCH_NO},
    {"{get,sync}", "sync", RBAC_GLOB, RBAC_PATTERN_GLOB, RBAC_MATCH_YES},
    {"t\\*", "t*", RBAC_GLOB, RBAC_PATTERN_GLOB, RBAC_MATCH_YES},
    {"a[", "a[", RBAC_GLOB, RBAC_PATTERN_NEVER, RBAC_MATCH_NO},
    {"team/.*", "a-team/web", RBAC_REGEX, RBAC_PATTERN_REGEX, RBAC_MATCH_YES},
    {"^team/.*", "a-team/web", RBAC_REGEX, RBAC_PATTERN_REGEX, RBAC_MATCH_NO},
    {".*", "x", RBAC_REGEX, RBAC_PATTERN_ANY, RBAC_MATCH_YES},
    {"*", "x", RBAC_REGEX, RBAC_PATTERN_BROKEN, RBAC_MATCH_BROKEN},
    {"^(a|aa|aaa)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", RBAC_REGEX,
     RBAC_PATTERN_REGEX, RBAC_MATCH_BROKEN},
};

static void matches(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        struct rbac_pattern p;
        struct err err;
        int rc = rbac_pattern_init(arena, CASES[i].mode, str_from(CASES[i].pattern), &p, &err);
        bool malformed = p.kind == RBAC_PATTERN_NEVER || p.kind == RBAC_PATTERN_BROKEN;
        assert_int_equal(rc < 0, malformed);
        assert_int_equal(p.kind, CASES[i].kind);
        assert_int_equal(rbac_pattern_match(&p, str_from(CASES[i].text)), CASES[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
