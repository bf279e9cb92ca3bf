/* Who may do what. */
#include "api-server/auth/rbac.h"
#include "api-server/rest/call.h"
#include "api-server/router.h"
#include "tests/lib/api_fixture.h"

static const struct principal ADMIN = {.logged_in = true, .username = STR("admin")};
static const struct principal OTHER = {.logged_in = true, .username = STR("other")};
static const struct principal NOBODY = {.username = STR("admin")};

static bool may(const struct api_config *config, const struct principal *who)
{
    const struct api_server server = {.config = config};
    return rbac_allow(&server, who, STR("applications"), STR("get"), STR("default/a"));
}

static void the_admin_may_everything(void **state UNUSED)
{
    static const struct api_config CONFIG;
    static const struct api_config OPEN = {.disable_auth = true};
    assert_true(may(&CONFIG, &ADMIN));
    assert_false(may(&CONFIG, &OTHER));
    assert_false(may(&CONFIG, &NOBODY));
    assert_true(may(&OPEN, &NOBODY));
}

static void says_what_is_missing(void **state UNUSED)
{
    static const struct api_config CONFIG;
    static const struct rest_route ROUTE = {.resource = "applications", .action = "sync"};
    AUTO(arena) struct arena *arena = arena_new();
    struct api_server server = {.config = &CONFIG};
    struct rest_call call = {.server = &server, .route = &ROUTE, .arena = arena, .who = OTHER};
    struct err err;
    ASSERT_ERR(rbac_enforce_app(&call, STR("p"), STR("a"), &err), ERR_DENIED,
               "permission denied: applications, sync, p/a, sub: other");
    ASSERT_ERR(rbac_enforce_route(&call, &err), ERR_DENIED,
               "permission denied: applications, sync, *, sub: other");
    call.who = ADMIN;
    ASSERT_OK(rbac_enforce_app(&call, STR("p"), STR("a"), &err));
    ASSERT_OK(rbac_enforce_route(&call, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_admin_may_everything),
        cmocka_unit_test(says_what_is_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
