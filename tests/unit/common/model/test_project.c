/* Projects: what they permit, as tables, and what is wrong with them. */
#include "common/base/buf.h"
#include "common/model/project.h"
#include "common/model/repository.h"
#include "common/value/value.h"
#include "tests/lib/parse.h"

static struct project decode(struct arena *arena, const char *spec)
{
    struct err err;
    struct project project = {0};
    struct str text = arena_printf(arena, "{metadata: {name: team}, spec: %s}", spec);
    ASSERT_OK(project_decode(arena, parse_yaml(arena, text.p), &project, &err));
    return project;
}

static const struct {
    const char *repos;
    const char *url;
    bool permitted;
} SOURCES[] = {
    {"['*']", "https://github.com/org/repo", true},
    {"[]", "https://github.com/org/repo", false},
    {"['https://github.com/org/*']", "https://github.com/org/repo.git", true},
    {"['https://github.com/org/*']", "https://github.com/org/sub/repo", false},
    {"['https://github.com/org/**']", "https://github.com/org/sub/repo", true},
    {"['https://github.com/org/*']", "https://github.com/other/repo", false},
    {"['https://GitHub.com/Org/Repo.git']", "https://github.com/org/repo", true},
    {"['git@github.com:org/*']", "ssh://git@github.com/org/repo", true},
    {"['*', '!https://github.com/org/*']", "https://github.com/org/repo", false},
    {"['!https://github.com/org/*', '*']", "https://github.com/org/repo", false},
    {"['*', '!https://github.com/org/*']", "https://github.com/other/repo", true},
    {"['!https://github.com/org/*']", "https://github.com/other/repo", false},
};

static void source_repositories(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(SOURCES); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        struct project project =
            decode(arena, arena_printf(arena, "{sourceRepos: %s}", SOURCES[i].repos).p);
        if (project_permits_source(&project, str_from(SOURCES[i].url)) != SOURCES[i].permitted) {
            fail_msg("row %zu: %s with %s", i, SOURCES[i].url, SOURCES[i].repos);
        }
    }
}

static void repositories_of_the_project_need_no_entry(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct repository items[] = {
        {.url = STR("https://h/own"), .project = STR("team")},
        {.url = STR("https://h/theirs"), .project = STR("other")},
    };
    const struct repositories own = {items, ARRAY_LEN(items)};
    struct project project = decode(arena, "{sourceRepos: ['!https://h/denied']}");
    project.own_repositories = &own;
    assert_true(project_permits_source(&project, STR("https://h/own.git")));
    assert_false(project_permits_source(&project, STR("https://h/theirs")));
}

static const struct {
    const char *destinations;
    const char *server;
    const char *name;
    const char *namespace;
    bool permitted;
} DESTINATIONS[] = {
    {"[]", "https://a", "a", "n", false},
    {"[{server: '*', namespace: '*'}]", "https://a", "a", "n", true},
    {"[{server: 'https://a', namespace: '*'}]", "https://a", "a", "n", true},
    {"[{server: 'https://a', namespace: '*'}]", "https://b", "b", "n", false},
    {"[{server: 'https://a', namespace: 'team-*'}]", "https://a", "a", "team-x", true},
    {"[{server: 'https://a', namespace: 'team-*'}]", "https://a", "a", "other", false},
    {"[{name: 'a', namespace: '*'}]", "https://a", "a", "n", true},
    {"[{name: 'prod-*', namespace: '*'}]", "https://a", "prod-1", "n", true},
    {"[{name: 'a', namespace: '*'}]", "https://a", "", "n", false},
    /* a pattern with "!" permits all it does not name */
    {"[{server: '!https://a', namespace: '*'}]", "https://b", "b", "n", true},
    {"[{server: '!https://a', namespace: '*'}]", "https://a", "a", "n", false},
    {"[{server: '*', namespace: '!kube-system'}]", "https://a", "a", "n", true},
    {"[{server: '*', namespace: '!kube-system'}]", "https://a", "a", "kube-system", false},
    /* a hit "!" rejects whatever other entries say */
    {"[{server: '*', namespace: '*'}, {server: '*', namespace: '!kube-*'}]", "https://a", "a",
     "kube-system", false},
    {"[{server: '*', namespace: '*'}, {server: '!https://a', namespace: '*'}]", "https://a", "a",
     "n", false},
    {"[{server: '*', namespace: '*'}, {server: '!https://a', namespace: 'x'}]", "https://a", "a",
     "n", true},
    {"[{server: '*', namespace: '*'}, {name: '!a', namespace: 'x'}]", "https://a", "a", "n", false},
    {"[{server: '*', namespace: '*'}, {server: 'https://b', namespace: '!n'}]", "https://a", "a",
     "n", true},
};

static void destinations(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(DESTINATIONS); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        struct project project = decode(
            arena, arena_printf(arena, "{destinations: %s}", DESTINATIONS[i].destinations).p);
        const struct project_cluster cluster = {
            .server = str_from(DESTINATIONS[i].server),
            .name = str_from(DESTINATIONS[i].name),
        };
        bool permitted =
            project_permits_destination(&project, &cluster, str_from(DESTINATIONS[i].namespace));
        if (permitted != DESTINATIONS[i].permitted) {
            fail_msg("row %zu: %s", i, DESTINATIONS[i].destinations);
        }
    }
}

static void project_scoped_clusters_can_be_demanded(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct project project = decode(arena, "{destinations: [{server: '*', namespace: '*'}], "
                                           "permitOnlyProjectScopedClusters: true}");
    struct project_cluster cluster = {.server = STR("https://a")};
    assert_false(project_permits_destination(&project, &cluster, STR("n")));
    cluster.project = STR("team");
    assert_true(project_permits_destination(&project, &cluster, STR("n")));
}

static const struct {
    const char *spec;
    const char *group;
    const char *kind;
    const char *name;
    bool namespaced;
    bool permitted;
} KINDS[] = {
    {"{}", "", "ConfigMap", "x", true, true},
    {"{}", "", "Namespace", "x", false, false},
    {"{namespaceResourceWhitelist: []}", "", "ConfigMap", "x", true, false},
    {"{namespaceResourceWhitelist: [{group: apps, kind: '*'}]}", "apps", "Deployment", "x", true,
     true},
    {"{namespaceResourceWhitelist: [{group: apps, kind: '*'}]}", "", "ConfigMap", "x", true, false},
    {"{namespaceResourceBlacklist: [{group: '', kind: Secret}]}", "", "Secret", "x", true, false},
    {"{namespaceResourceBlacklist: [{group: '', kind: Secret}]}", "", "ConfigMap", "x", true, true},
    {"{namespaceResourceWhitelist: [{group: '*', kind: '*'}],\n"
     "  namespaceResourceBlacklist: [{group: '*', kind: Sec*}]}",
     "", "Secret", "x", true, false},
    {"{clusterResourceWhitelist: [{group: '*', kind: '*'}]}", "", "Namespace", "x", false, true},
    {"{clusterResourceWhitelist: [{group: '', kind: Namespace, name: 'team-*'}]}", "", "Namespace",
     "team-a", false, true},
    {"{clusterResourceWhitelist: [{group: '', kind: Namespace, name: 'team-*'}]}", "", "Namespace",
     "other", false, false},
    {"{clusterResourceWhitelist: [{group: '*', kind: '*'}],\n"
     "  clusterResourceBlacklist: [{group: rbac.*, kind: '*'}]}",
     "rbac.authorization.k8s.io", "ClusterRole", "x", false, false},
};

static void kinds(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(KINDS); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        struct project project = decode(arena, KINDS[i].spec);
        bool permitted =
            project_permits_kind(&project, str_from(KINDS[i].group), str_from(KINDS[i].kind),
                                 str_from(KINDS[i].name), KINDS[i].namespaced);
        if (permitted != KINDS[i].permitted) {
            fail_msg("row %zu: %s", i, KINDS[i].spec);
        }
    }
}

static void namespaces_of_applications(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct project project = decode(arena, "{sourceNamespaces: ['team-*', '/^ops[0-9]+$/']}");
    assert_true(project_permits_namespace(&project, STR("argocd"), STR("argocd")));
    assert_true(project_permits_namespace(&project, STR("team-a"), STR("argocd")));
    assert_true(project_permits_namespace(&project, STR("ops12"), STR("argocd")));
    assert_false(project_permits_namespace(&project, STR("opsx"), STR("argocd")));
    assert_false(project_permits_namespace(&project, STR("other"), STR("argocd")));
}

static void the_default_project_permits_everything(void **state UNUSED)
{
    const struct project_cluster cluster = {.server = STR("https://a")};
    const struct project *project = &PROJECT_DEFAULT;
    assert_true(project_permits_source(project, STR("https://x/y/z")));
    assert_true(project_permits_destination(project, &cluster, STR("n")));
    assert_true(project_permits_kind(project, STR(""), STR("Namespace"), STR("n"), false));
    assert_true(project_permits_kind(project, STR("apps"), STR("Deployment"), STR("n"), true));
}

#define ROLE_NAME                                                                            \
    ". Must consist of alphanumeric characters, '-' or '_', and must start and end with an " \
    "alphanumeric character\n"
#define WINDOW(more) "{kind: deny, schedule: '* * * * *', duration: 1h, " more "}"

/* The texts, one per line. */
static const struct {
    const char *spec;
    const char *want;
} PROBLEMS[] = {
    {"{sourceRepos: ['*'], destinations: [{server: '*', namespace: '*'}]}", ""},
    {"{sourceRepos: ['!*', a, a]}", "source repository has an invalid format, '!*'\n"
                                    "source repository 'a' already added\n"},
    {"{destinations: [{server: '!*', namespace: '!*'}, {server: s}, {server: s}]}",
     "server has an invalid format, '!*'\nnamespace has an invalid format, '!*'\n"
     "destination 's/' already added\n"},
    {"{roles: [{name: r, policies: ['p, proj:team:r, applications, get, team/*, allow']}]}", ""},
    {"{roles: [{name: r, policies: ['p, proj:other:r, applications, get, team/*, allow']}]}",
     "invalid policy rule 'p, proj:other:r, applications, get, team/*, allow': policy subject "
     "must be of the project's role\n"},
    {"{roles: [{name: r, policies: ['p, proj:team:r, applications, get, */*, allow']}]}",
     "invalid policy rule 'p, proj:team:r, applications, get, */*, allow': object must be of the "
     "project\n"},
    {"{roles: [{name: r, policies: ['g, a, b', 'p, proj:team:r, exec, b, team/x, maybe']}]}",
     "invalid policy rule 'g, a, b': must be of the form: 'p, sub, res, act, obj, eft'\n"
     "invalid policy rule 'p, proj:team:r, exec, b, team/x, maybe': effect must be 'allow' or "
     "'deny'\n"},
    {"{roles: [{name: r}, {name: r}]}", "role 'r' already exists\n"},
    {"{destinations: [{name: '!*', namespace: x}, {name: a, namespace: x}, {name: b, namespace: x},"
     " {name: a, namespace: x}], sourceNamespaces: [a, b, a]}",
     "source namespace 'a' already added\nname has an invalid format, '!*'\n"
     "destination 'a/x' already added\n"},
    {"{destinationServiceAccounts: [{server: '!*', namespace: '!*'}, {server: s, namespace: ns},"
     " {server: s, namespace: ns, defaultServiceAccount: other}]}",
     "server has an invalid format, '!*'\nnamespace has an invalid format, '!*'\n"
     "destinationServiceAccount 's/ns' already added\n"},
    {"{roles: [{name: -r}, {name: a_b-c}, {name: ''}, {name: 'a,b'}]}",
     "invalid role name '-r'" ROLE_NAME "invalid role name ''" ROLE_NAME
     "invalid role name 'a,b'" ROLE_NAME},
    {"{roles: [{name: r, groups: [a, 'ok: x', 'no,x', a]}]}",
     "invalid group name 'no,x'\ngroup 'a' already exists for role 'r'\n"},
    {"{roles: [{name: r, policies: ['p, proj:team:r, applications, get, team/*, allow',"
     " 'p, proj:team:r, applications, get, team/*, allow', 'p, proj:team:r, certificates, get, "
     "team/*, allow', 'p, proj:team:r, logs, , team/*, deny']}]}",
     "policy 'p, proj:team:r, applications, get, team/*, allow' already exists for role 'r'\n"
     "invalid policy rule 'p, proj:team:r, certificates, get, team/*, allow': project resource "
     "must be: 'applications', 'applicationsets', 'repositories', 'exec', 'logs' or 'clusters'\n"
     "invalid policy rule 'p, proj:team:r, logs, , team/*, deny': action must not be empty\n"},
    {"{syncWindows: [" WINDOW("clusters: [x]") ", " WINDOW("clusters: [z]") ", " WINDOW(
         "clusters: [x], timeZone: UTC") ", " WINDOW("clusters: [x], manualSync: true") "]}",
     "window 'deny':'* * * * *':'1h' already exists, update or edit\n"},
    {"{syncWindows: [{kind: maybe, schedule: '* * * * *', duration: 1h, clusters: [x]},"
     " {kind: deny, schedule: '* * * * *', duration: 1x}]}",
     "syncWindows[0]: kind 'maybe' must be allow or deny\n"
     "syncWindows[1]: needs at least one of applications, namespaces and clusters\n"
     "syncWindows[1]: cannot parse duration: '1x' is not a duration; write for example 90s, 5m or "
     "1h30m\n"},
};

static void put_lines(struct buf *out, struct app_strs problems)
{
    for (size_t i = 0; i < problems.n; i++) {
        buf_put(out, problems.items[i]);
        buf_put_char(out, '\n');
    }
}

static void problems_of_projects_are_listed(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(PROBLEMS); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        AUTO(buf) struct buf out;
        buf_init(&out, 4096);
        struct project project = decode(arena, PROBLEMS[i].spec);
        put_lines(&out, project_problems(arena, &project));
        ASSERT_STR(buf_str(&out), PROBLEMS[i].want);
    }
}

static void problems_of_applications_are_listed(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(buf) struct buf out;
    const struct project_cluster cluster = {.server = STR("https://a")};
    const struct app_source source = {.repo_url = STR("https://x/y")};
    const struct app_spec spec = {
        .sources = {&source, 1},
        .destination = {.server = STR("https://a"), .namespace = STR("n")},
    };
    struct project project = decode(arena, "{}");
    buf_init(&out, 4096);
    put_lines(&out, project_app_problems(arena, &project, &spec, &cluster));
    ASSERT_STR(buf_str(&out),
               "application repo https://x/y is not permitted in project 'team'\n"
               "application destination server 'https://a' and namespace 'n' do not match any of "
               "the allowed destinations in project 'team'\n");
    assert_int_equal(project_app_problems(arena, &PROJECT_DEFAULT, &spec, &cluster).n, 0);
}

static void the_rest_of_a_project_is_read(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct project project = decode(
        arena,
        "{description: d, orphanedResources: {warn: false, ignore: [{kind: Pod}]},\n"
        "destinationServiceAccounts: [{server: s, namespace: ns, defaultServiceAccount: a}],\n"
        "syncWindows: [{kind: allow, schedule: '* * * * *', duration: 1h, manualSync: true,\n"
        "  applications: ['*'], timeZone: UTC}]}");
    ASSERT_STR(project.description, "d");
    assert_true(project.has_orphaned);
    assert_false(project.orphaned_warn);
    ASSERT_STR(project.orphaned_ignore.items[0].kind, "Pod");
    ASSERT_STR(project.service_accounts.items[0].account, "a");
    assert_true(project.windows.items[0].manual_sync);
    ASSERT_STR(project.windows.items[0].time_zone, "UTC");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(source_repositories),
        cmocka_unit_test(repositories_of_the_project_need_no_entry),
        cmocka_unit_test(destinations),
        cmocka_unit_test(project_scoped_clusters_can_be_demanded),
        cmocka_unit_test(kinds),
        cmocka_unit_test(namespaces_of_applications),
        cmocka_unit_test(the_default_project_permits_everything),
        cmocka_unit_test(problems_of_projects_are_listed),
        cmocka_unit_test(problems_of_applications_are_listed),
        cmocka_unit_test(the_rest_of_a_project_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
