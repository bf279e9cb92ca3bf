/* The data of argocd-rbac-cm as somebody wrote it. */
#include "common/base/arena.h"
#include "common/rbac/rbac_config.h"
#include "common/value/value.h"
#include "common/value/value_yaml.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_BYTES = 16 * 1024 };

static void ask(struct arena *arena, const struct rbac_opts *opts, struct app_strs scopes)
{
    AUTO(rbac_policy) struct rbac_policy *policy = NULL;
    struct err err;
    if (rbac_policy_new(opts, &policy, &err) < 0) {
        FUZZ_CHECK(err.code == ERR_INVALID);
        return;
    }
    struct rbac_question q = {.policy = policy,
                              .user = STR("bob"),
                              .groups = scopes.items,
                              .n_groups = scopes.n,
                              .resource = STR("applications"),
                              .action = STR("get"),
                              .object = STR("team/web")};
    struct rbac_decision decision = rbac_decide(arena, &q);
    (void)rbac_explain(arena, &decision);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err;
    struct rbac_opts opts;
    struct app_strs scopes = {NULL, 0};
    const struct value *config = NULL;
    if (size > MAX_BYTES) {
        return 0;
    }
    AUTO(arena) struct arena *arena = arena_new();
    if (value_from_yaml(arena, str_of((const char *)data, size), NULL, &config, &err) < 0) {
        return 0;
    }
    rbac_config_read(arena, config, &opts);
    FUZZ_CHECK(opts.n_texts > 0 && str_eq_c(opts.texts[0].name, "policy.csv"));
    if (rbac_config_scopes(arena, config, &scopes, &err) < 0) {
        FUZZ_CHECK(err.code == ERR_INVALID || err.code == ERR_LIMIT);
    }
    ask(arena, &opts, scopes);
    return 0;
}
