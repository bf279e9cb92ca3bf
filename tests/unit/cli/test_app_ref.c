/* Names of Applications and the paths they lead to. */
#include "cli/app_ref.h"
#include "common/base/arena.h"
#include "tests/lib/check.h"

static void names_may_have_a_namespace(void **state UNUSED)
{
    struct app_ref ref;
    struct err err;
    ASSERT_OK(app_ref_parse("shop", &ref, &err));
    ASSERT_STR(ref.name, "shop");
    assert_int_equal(ref.namespace.n, 0);
    ASSERT_OK(app_ref_parse("team/shop", &ref, &err));
    ASSERT_STR(ref.namespace, "team");
    ASSERT_STR(ref.name, "shop");
}

static void other_texts_are_no_names(void **state UNUSED)
{
    static const char *const TEXTS[] = {"", "/shop", "team/", "a/b/c"};
    struct app_ref ref;
    struct err err;
    for (size_t i = 0; i < ARRAY_LEN(TEXTS); i++) {
        ASSERT_ERR(app_ref_parse(TEXTS[i], &ref, &err), ERR_INVALID, TEXTS[i]);
    }
}

static void paths_are_escaped(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct app_ref bare = {STR_EMPTY, STR("a?b")};
    const struct app_ref full = {STR("team"), STR("shop")};
    const struct app_param params[] = {
        {"refresh", STR("hard")}, {"unset", STR_EMPTY}, {"q", STR("a b&c")}, {NULL, STR_EMPTY}};
    ASSERT_STR(app_ref_path(arena, &bare, NULL, NULL), "/api/v1/applications/a%3Fb");
    ASSERT_STR(app_ref_path(arena, &full, "sync", NULL),
               "/api/v1/applications/shop/sync?appNamespace=team");
    ASSERT_STR(app_ref_path(arena, &full, NULL, params),
               "/api/v1/applications/shop?appNamespace=team&refresh=hard&q=a%20b%26c");
    ASSERT_STR(app_params_path(arena, "/api/x", params), "/api/x?refresh=hard&q=a%20b%26c");
    ASSERT_STR(app_params_path(arena, "/api/x", NULL), "/api/x");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_may_have_a_namespace),
        cmocka_unit_test(other_texts_are_no_names),
        cmocka_unit_test(paths_are_escaped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
