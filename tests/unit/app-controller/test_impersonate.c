/* Service accounts of projects. */
#include "app-controller/impersonate.h"
#include "common/model/project.h"
#include "tests/lib/controller_apps.h"
#include "tests/lib/parse.h"

#define ACCOUNTS                                                                      \
    "[{server: 'https://a', namespace: 'team-*', defaultServiceAccount: deployer},"   \
    " {server: 'https://*', namespace: shared, defaultServiceAccount: 'ops:shared'}," \
    " {server: 'https://c', namespace: '*', defaultServiceAccount: 'bad*'},"          \
    " {server: 'https://d', namespace: '', defaultServiceAccount: own}]"

static const struct {
    const char *server;
    const char *namespace;
    bool enabled;
    bool enforced;
    enum err_code code;
    const char *want;
} CASES[] = {
    {"https://a", "team-x", false, true, ERR_OK, ""},
    {"https://a", "team-x", true, true, ERR_OK, "system:serviceaccount:team-x:deployer"},
    {"https://b", "shared", true, true, ERR_OK, "system:serviceaccount:ops:shared"},
    {"https://d", "", true, true, ERR_OK, "system:serviceaccount:argocd:own"},
    {"https://b", "team-x", true, true, ERR_DENIED, "server https://b and namespace team-x"},
    {"https://b", "team-x", true, false, ERR_OK, ""},
    {"https://c", "x", true, false, ERR_INVALID, "contains invalid chars 'bad*'"},
};

static void the_first_match_counts(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        struct project project;
        struct str user;
        struct err err = {.code = ERR_OK};
        ASSERT_OK(project_decode(
            arena, parse_yaml(arena, "{spec: {destinationServiceAccounts: " ACCOUNTS "}}"),
            &project, &err));
        const struct impersonate_input in = {
            .rules = {CASES[i].enabled, CASES[i].enforced},
            .project = &project,
            .server = str_from(CASES[i].server),
            .namespace = str_from(CASES[i].namespace),
            .app_namespace = STR("argocd"),
        };
        assert_int_equal(impersonate_user(arena, &in, &user, &err), -(int)CASES[i].code);
        if (CASES[i].code == ERR_OK) {
            ASSERT_STR(user, CASES[i].want);
        } else {
            assert_non_null(strstr(err.message, CASES[i].want));
        }
    }
}

static void on(struct controller_fixture *f, const char *accounts)
{
    fake_cluster_put(
        f->cluster,
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: argocd-cm, namespace: argocd, labels: "
        "{app.kubernetes.io/part-of: argocd}}, data: {application.sync.impersonation.enabled: "
        "'true'}}");
    fake_cluster_put(f->cluster,
                     arena_printf(f->arena,
                                  "{apiVersion: argoproj.io/v1alpha1, kind: AppProject, metadata: "
                                  "{name: team, namespace: argocd}, spec: {sourceRepos: ['*'], "
                                  "destinations: [{server: '*', namespace: '*'}], "
                                  "destinationServiceAccounts: [%s]}}",
                                  accounts)
                         .p);
}

static void refused_body(struct controller_fixture *f)
{
    on(f, "");
    controller_fixture_begin(f, "[" CONFIG_MAP("a", "one") "]", "project: team");
    controller_fixture_sync_until(f, "", "Error");
    controller_fixture_says(f, "failed to find a matching service account to impersonate");
    assert_null(fake_cluster_get(f->cluster, "ConfigMap", "ns", "a"));
    on(f, "{server: '*', namespace: '*', defaultServiceAccount: deployer}");
    controller_fixture_sync_until(f, "", "Succeeded");
}

static void without_an_account_nothing_is_done(void **state UNUSED)
{
    CONTROLLER_TEST(refused_body);
}

static void dry_run_body(struct controller_fixture *f)
{
    on(f, "");
    fake_cluster_put(f->cluster, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: "
                                 "ns}, data: {text: other}}");
    fake_repo_set(f->repo, "r1", "[" CONFIG_MAP("a", "one") "]");
    fake_cluster_forget_log(f->cluster);
    controller_fixture_app(
        f, "web", "annotations: {argocd.argoproj.io/compare-options: ServerSideDiff=true}", "");
    controller_fixture_until_condition(f, "web", "ComparisonError",
                                       "no matching service account found");
    assert_int_equal(fake_cluster_count(f->cluster, "PATCH ", "dryRun=All"), 0);
}

static void without_an_account_no_dry_run_is_made(void **state UNUSED)
{
    CONTROLLER_TEST(dry_run_body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_match_counts),
        cmocka_unit_test(without_an_account_nothing_is_done),
        cmocka_unit_test(without_an_account_no_dry_run_is_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
