/* Any policy, in both modes: it is refused or answers. A line added that allows everything changes nothing but from
 * "nobody allows it" to allowed. Input: the policy. */
#include "common/base/arena.h"
#include "common/rbac/rbac.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_BYTES = 8192 };

static void check(struct str text, enum rbac_mode mode)
{
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(rbac_policy) struct rbac_policy *policy = NULL;
    AUTO(rbac_policy) struct rbac_policy *more = NULL;
    struct err err;
    struct rbac_text texts[] = {{STR("p"), text},
                                {STR("all"), STR("p, bob, applications, get, team/web, allow")}};
    struct rbac_opts opts = {.mode = mode, .texts = texts, .n_texts = 1, .default_role = STR("d")};
    if (rbac_policy_new(&opts, &policy, &err) < 0) {
        FUZZ_CHECK(err.code == ERR_INVALID && err.pos.line > 0);
        return;
    }
    opts.n_texts = 2;
    FUZZ_OK(rbac_policy_new(&opts, &more, &err));
    struct rbac_question q = {.policy = policy,
                              .user = STR("bob"),
                              .groups = &STR("crew"),
                              .n_groups = 1,
                              .resource = STR("applications"),
                              .action = STR("get"),
                              .object = STR("team/web")};
    struct rbac_decision before = rbac_decide(arena, &q);
    FUZZ_CHECK(!before.allowed || before.place != NULL);
    q.policy = more;
    struct rbac_decision after = rbac_decide(arena, &q);
    FUZZ_CHECK(after.allowed == (before.allowed || before.place == NULL));
    (void)rbac_explain(arena, &after);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size <= MAX_BYTES) {
        check(str_of((const char *)data, size), RBAC_GLOB);
        check(str_of((const char *)data, size), RBAC_REGEX);
    }
    return 0;
}
