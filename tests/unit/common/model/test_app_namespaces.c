/* Which namespaces Applications may be in, and which are watched for it. */
#include "common/base/arena.h"
#include "common/base/macro.h"
#include "common/model/app_namespaces.h"
#include "tests/lib/check.h"

static void a_pattern_is_a_name_a_glob_or_an_expression(void **state UNUSED)
{
    static const struct {
        const char *pattern;
        const char *namespace;
        bool want;
    } CASES[] = {
        {"team", "team", true},
        {"team", "team-a", false},
        {"team-*", "team-a", true},
        {"*", "anything", true},
        {"{a,b}-apps", "b-apps", true},
        {"team-?", "team-ab", false},
        {"/^team-[0-9]+$/", "team-12", true},
        {"/^team-[0-9]+$/", "team-x", false},
        {"/eam/", "team", true},
        {"/^(?:a|team)-\\d{2}$/", "team-12", true},
        {"/^(?!kube-).*$/", "team", true}, /* all but some */
        {"/^(?!kube-).*$/", "kube-system", false},
        {"/^((?!(secret|internal)).)*$/", "team-internal", false},

        {"/(/", "team", false},
        {"//", "team", false},
        {"", "team", false},
        {"Team", "team", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        bool is = app_namespaces_match(str_from(CASES[i].pattern), str_from(CASES[i].namespace));
        if (is != CASES[i].want) {
            fail_msg("'%s' and '%s': %d", CASES[i].pattern, CASES[i].namespace, is);
        }
    }
}

static struct app_namespaces of(const struct str *patterns, size_t n)
{
    return (struct app_namespaces){STR("argocd"), {patterns, n}};
}

static void the_own_one_is_always_permitted(void **state UNUSED)
{
    const struct str patterns[] = {STR("team-*"), STR("ops")};
    struct app_namespaces none = of(NULL, 0);
    struct app_namespaces some = of(patterns, 2);
    assert_true(app_namespaces_permit(&none, STR("argocd")));
    assert_false(app_namespaces_permit(&none, STR("ops")));
    assert_true(app_namespaces_permit(&some, STR("argocd")));
    assert_true(app_namespaces_permit(&some, STR("ops")));
    assert_true(app_namespaces_permit(&some, STR("team-a")));
    assert_false(app_namespaces_permit(&some, STR("kube-system")));
}

static void names_are_watched_one_by_one(void **state UNUSED)
{
    const struct str patterns[] = {STR("ops"), STR("argocd"), STR(""), STR("ops"), STR("web")};
    struct app_namespaces in = of(patterns, ARRAY_LEN(patterns));
    AUTO(arena) struct arena *arena = arena_new();
    struct app_strs watched = app_namespaces_watched(arena, &in);
    assert_int_equal(watched.n, 3);
    ASSERT_STR(watched.items[0], "argocd");
    ASSERT_STR(watched.items[1], "ops");
    ASSERT_STR(watched.items[2], "web");
}

static void for_a_pattern_all_are_watched(void **state UNUSED)
{
    const char *const patterns[] = {"team-*", "/ops/", "te?m"};
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(patterns); i++) {
        const struct str list[] = {STR("web"), str_from(patterns[i])};
        struct app_namespaces in = of(list, 2);
        struct app_strs watched = app_namespaces_watched(arena, &in);
        assert_int_equal(watched.n, 1);
        ASSERT_STR(watched.items[0], "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pattern_is_a_name_a_glob_or_an_expression),
        cmocka_unit_test(the_own_one_is_always_permitted),
        cmocka_unit_test(names_are_watched_one_by_one),
        cmocka_unit_test(for_a_pattern_all_are_watched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
