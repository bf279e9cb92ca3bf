/* What the built-in roles may do, and nothing more. */
#include "common/base/arena.h"
#include "common/rbac/rbac.h"
#include "common/rbac/rbac_builtin.h"
#include "tests/lib/check.h"

static const struct {
    const char *subject;
    const char *resource;
    const char *action;
    const char *object;
    bool allowed;
} CASES[] = {
    {"role:readonly", "applications", "get", "team/web", true},
    {"role:readonly", "logs", "get", "team/web", true},
    {"role:readonly", "exec", "create", "team/web", false},
    {"role:readonly", "applications", "sync", "team/web", false},
    {"role:readonly", "gpgkeys", "get", "0123", true},
    {"role:readonly", "extensions", "invoke", "metrics", false},
    {"role:admin", "applications", "delete/apps/Deployment/ns/web", "team/web", true},
    {"role:admin", "applications", "action/apps/Deployment/restart", "team/ns/web", true},
    {"role:admin", "accounts", "update", "alice", true},
    {"role:admin", "accounts", "create", "alice", false},
    {"role:admin", "certificates", "get", "host", true},
    {"role:admin", "exec", "create", "team/web", true},
    {"role:admin", "extensions", "invoke", "metrics", false},
    {"admin", "clusters", "create", "https://a.example", true},
    {"admin", "write-repositories", "delete", "team/https://git.example/r", true},
    {"alice", "applications", "get", "team/web", false},
};

/* With regular expressions, too, in which "*" means nothing. */
static void built_in_roles(void **state UNUSED)
{
    for (int mode = RBAC_GLOB; mode <= RBAC_REGEX; mode++) {
        AUTO(arena) struct arena *arena = arena_new();
        AUTO(rbac_policy) struct rbac_policy *policy = NULL;
        struct err err;
        struct rbac_opts opts = {.mode = (enum rbac_mode)mode};
        ASSERT_OK(rbac_policy_new(&opts, &policy, &err));
        assert_int_equal(rbac_policy_problems(policy).n, 0);
        for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
            struct rbac_question q = {.policy = policy,
                                      .user = str_from(CASES[i].subject),
                                      .resource = str_from(CASES[i].resource),
                                      .action = str_from(CASES[i].action),
                                      .object = str_from(CASES[i].object)};
            struct rbac_decision decision = rbac_decide(arena, &q);
            if (decision.allowed != CASES[i].allowed) {
                fail_msg("%s %s %s %s", CASES[i].subject, CASES[i].action, CASES[i].resource,
                         CASES[i].object);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(built_in_roles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
