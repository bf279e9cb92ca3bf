/* Variables of the build environment. */
#include "common/base/arena.h"
#include "engine/build_env.h"
#include "engine/engine_env.h"
#include "tests/lib/check.h"

static struct str revision(struct engine_env *env UNUSED)
{
    return STR("0123456789abcdef");
}

static void variables_are_replaced(void **state UNUSED)
{
    static const struct {
        const char *text;
        const char *want;
    } CASES[] = {
        {"plain", "plain"},
        {"$ARGOCD_APP_NAME", "shop"},
        {"a-${ARGOCD_APP_NAME}-b", "a-shop-b"},
        {"$ARGOCD_APP_NAMESPACE/$ARGOCD_APP_PROJECT_NAME", "prod/team"},
        {"$ARGOCD_APP_SOURCE_PATH", "charts/web"},
        {"$ARGOCD_APP_SOURCE_REPO_URL@$ARGOCD_APP_SOURCE_TARGET_REVISION", "https://git/x@main"},
        {"$ARGOCD_APP_REVISION", "0123456789abcdef"},
        {"$ARGOCD_APP_REVISION_SHORT", "0123456"},
        {"$ARGOCD_APP_REVISION_SHORT_8", "01234567"},
        {"$NOBODY.", "."},
        {"$$HOME", "$HOME"},
        {"100$", "100$"},
        {"${open", "${open"},
        {"$-", "$-"},
    };
    AUTO(arena) struct arena *arena = arena_new();
    struct engine_env env = {
        .arena = arena,
        .revision = revision,
        .app = {.name = STR("shop"),
                .namespace = STR("prod"),
                .project = STR("team"),
                .repo_url = STR("https://git/x"),
                .target_revision = STR("main")},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        ASSERT_STR(build_env_expand(&env, STR("charts/web"), str_from(CASES[i].text)),
                   CASES[i].want);
    }
}

static void without_a_commit_there_is_no_revision(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct engine_env env = {.arena = arena};
    ASSERT_STR(build_env_expand(&env, STR_EMPTY, STR("[$ARGOCD_APP_REVISION]")), "[]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(variables_are_replaced),
        cmocka_unit_test(without_a_commit_there_is_no_revision),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
