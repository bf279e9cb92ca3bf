/* argocd-rbac-cm: which keys are policies, in which order, and the scopes. */
#include "common/rbac/rbac_config.h"
#include "tests/lib/parse.h"

static void policies_in_order(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct rbac_opts opts;
    const struct value *data =
        parse_yaml(arena, "{policy.z.csv: z, policy.csv: main, policy.a.csv: a, policy.default: "
                          "'role:x', policy.matchMode: regex, other.csv: o, policy.note: n}");
    rbac_config_read(arena, data, &opts);
    assert_int_equal(opts.n_texts, 3);
    ASSERT_STR(opts.texts[0].name, "policy.csv");
    ASSERT_STR(opts.texts[0].text, "main");
    ASSERT_STR(opts.texts[1].name, "policy.a.csv");
    ASSERT_STR(opts.texts[2].text, "z");
    ASSERT_STR(opts.default_role, "role:x");
    assert_int_equal(opts.mode, RBAC_REGEX);
    assert_false(opts.no_builtin);
}

static void nothing_set(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct rbac_opts opts;
    rbac_config_read(arena, NULL, &opts);
    assert_int_equal(opts.n_texts, 1);
    assert_int_equal(opts.texts[0].text.n, 0);
    assert_int_equal(opts.mode, RBAC_GLOB);
    rbac_config_read(arena, parse_yaml(arena, "{policy.matchMode: fuzzy}"), &opts);
    assert_int_equal(opts.mode, RBAC_GLOB);
}

static const struct {
    const char *data;
    const char *want; /* separated by spaces; or */
    const char *error;
} SCOPES[] = {
    {"{}", "groups ", NULL},
    {"{scopes: ''}", "groups ", NULL},
    {"{scopes: '[email, team]'}", "email team ", NULL},
    {"{scopes: '[]'}", "", NULL},
    {"{scopes: email}", NULL, "must be a list"},
    {"{scopes: '[1]'}", NULL, "must be a list"},
    {"{scopes: '[a'}", NULL, "scopes"},
};

static void scopes(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(SCOPES); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        struct app_strs list;
        struct err err;
        const struct value *data = parse_yaml(arena, SCOPES[i].data);
        if (SCOPES[i].error != NULL) {
            ASSERT_ERR(rbac_config_scopes(arena, data, &list, &err), ERR_INVALID, SCOPES[i].error);
            continue;
        }
        ASSERT_OK(rbac_config_scopes(arena, data, &list, &err));
        struct str all = STR_EMPTY;
        for (size_t k = 0; k < list.n; k++) {
            all = arena_printf(arena, STR_FMT STR_FMT " ", STR_ARG(all), STR_ARG(list.items[k]));
        }
        ASSERT_STR(all, SCOPES[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(policies_in_order),
        cmocka_unit_test(nothing_set),
        cmocka_unit_test(scopes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
