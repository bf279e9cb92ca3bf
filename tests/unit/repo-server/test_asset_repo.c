/* Whose credentials go where: to the server they are for, and to projects that may have them. */
#include "repo-server/asset_repo.h"
#include "tests/lib/check.h"

#define TEXT(s) ((char *)(uintptr_t)(s))

struct entry {
    const char *url;
    const char *project;
    const char *user;
    bool prefix;
    bool insecure;
};

struct git_case {
    const char *url;
    struct entry repos[3];
    const char *source_repos; /* of the project */
    const char *app_url;
    const char *expected; /* "user password key insecure proxy" */
};

static const struct git_case GIT_CASES[] = {
    /* its own, whatever way it is written */
    {"https://h/o/base.git",
     {{"https://h/o/base", "", "own", 0, 0}},
     "*",
     "https://a/app",
     "own pw - 0 -"},
    {"https://h/o/base.git",
     {{"https://h/o/base", "", "own", 0, 0}},
     "https://a/*",
     "https://a/app",
     "- - key 0 px"},
    {"https://h/o/base.git",
     {{"https://h/o/base", "team", "own", 0, 0}},
     "",
     "https://a/app",
     "own pw - 0 -"},
    {"https://h/o/base.git",
     {{"https://h/o/base", "them", "own", 0, 0}},
     "*",
     "https://a/app",
     "- - key 0 px"},
    /* templates */
    {"https://h/o/base.git",
     {{"https://h/o", "", "tpl", 1, 0}},
     "*",
     "https://a/app",
     "tpl pw - 0 -"},
    {"https://h/o/base.git",
     {{"https://h/o", "", "tpl", 1, 0}},
     "https://h/o/*",
     "https://a/app",
     "tpl pw - 0 -"},
    {"https://h/o/base.git",
     {{"https://h/o", "", "tpl", 1, 0}},
     "https://h/x/*",
     "https://a/app",
     "- - key 0 px"},
    {"https://h/o2/base", {{"https://h/o", "", "tpl", 1, 0}}, "*", "https://a/app", "- - key 0 px"},
    {"https://h:x@evil/o/base",
     {{"https://h", "", "tpl", 1, 0}},
     "*",
     "https://a/app",
     "- - key 0 px"},
    {"https://h@evil/o/base",
     {{"https://h", "", "tpl", 1, 0}},
     "*",
     "https://a/app",
     "- - key 0 px"},
    {"https://h/o/base",
     {{"https://h/o", "", "tpl", 1, 0}, {"https://h/o/base", "", "", 0, 1}},
     "*",
     "https://a/app",
     "tpl pw - 1 -"},
    {"https://h/o/base",
     {{"https://h/", "", "one", 1, 0}, {"https://h/o/", "", "two", 1, 0}},
     "*",
     "https://a/app",
     "two pw - 0 -"},
    /* the application's: passwords to its server only */
    {"https://a/base", {{0}}, "*", "https://a/app", "app apppw key 1 px"},
    {"https://a/base", {{0}}, "", "https://A:443/app", "app apppw key 1 px"},
    {"https://a:8443/base", {{0}}, "*", "https://a/app", "- - key 0 px"},
    {"http://a/base", {{0}}, "*", "https://a/app", "- - key 0 px"},
    {"https://a.evil/base", {{0}}, "*", "https://a/app", "- - key 0 px"},
    {"https://evil/a/base", {{0}}, "*", "https://a/app", "- - key 0 px"},
    {"https://a@evil/base", {{0}}, "*", "https://a/app", "- - key 0 px"},
    {"git@h:o/base", {{0}}, "*", "ssh://git@a/app", "- - key 0 px"},
    {"git@a:o/base", {{0}}, "*", "ssh://git@a/app", "app apppw key 1 px"},
    {"file:///base", {{0}}, "*", "file:///app", "- - key 0 px"},
};

static const char *or_dash(const char *s)
{
    return s[0] != '\0' ? s : "-";
}

static size_t fill(const struct git_case *c, Belay__Repository *repos, Belay__Repository **list)
{
    size_t n = 0;
    for (; n < ARRAY_LEN(c->repos) && c->repos[n].url != NULL; n++) {
        const struct entry *e = &c->repos[n];
        list[n] = &repos[n];
        belay__repository__init(&repos[n]);
        repos[n].url = TEXT(e->url);
        repos[n].project = TEXT(e->project);
        repos[n].username = TEXT(e->user);
        repos[n].password = TEXT(e->user[0] != '\0' ? "pw" : "");
        repos[n].is_prefix = e->prefix;
        repos[n].insecure = e->insecure;
    }
    return n;
}

static const char *choose(struct arena *arena, const struct git_case *c)
{
    Belay__Repository repos[3];
    Belay__Repository *list[3];
    Belay__Repository app;
    Belay__Repository chosen;
    Belay__GenerateManifestsRequest request;
    struct asset_repos known;
    struct err err;
    char *patterns[] = {TEXT(c->source_repos)};
    const struct engine_remote what = {.type = ENGINE_REMOTE_GIT, .url = str_from(c->url)};
    belay__generate_manifests_request__init(&request);
    belay__repository__init(&app);
    app.url = TEXT(c->app_url);
    app.username = TEXT("app");
    app.password = TEXT("apppw");
    app.ssh_private_key = TEXT("key");
    app.ssh_known_hosts = TEXT("hosts");
    app.proxy = TEXT("px");
    app.insecure = true;
    request.repo = &app;
    request.project = TEXT("team");
    request.git_repos = list;
    request.n_git_repos = fill(c, repos, list);
    request.source_repos = patterns;
    request.n_source_repos = c->source_repos[0] != '\0';
    asset_repos_init(&known, arena, &request);
    ASSERT_OK(asset_repos_choose(&known, arena, &what, &chosen, &err));
    assert_string_equal(chosen.url, c->url);
    assert_string_equal(chosen.ssh_known_hosts, "hosts");
    return arena_printf(arena, "%s %s %s %d %s", or_dash(chosen.username), or_dash(chosen.password),
                        or_dash(chosen.ssh_private_key), chosen.insecure, or_dash(chosen.proxy))
        .p;
}

static void git_repositories_get_the_credentials_meant_for_them(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(GIT_CASES); i++) {
        const char *got = choose(arena, &GIT_CASES[i]);
        if (strcmp(got, GIT_CASES[i].expected) != 0) {
            fail_msg("case %zu, %s: %s", i, GIT_CASES[i].url, got);
        }
    }
}

static void servers_have_their_certificates(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    Belay__GenerateManifestsRequest request;
    Belay__HostCa ca;
    Belay__HostCa *cas[] = {&ca};
    Belay__Repository chosen;
    struct asset_repos known;
    struct err err;
    struct engine_remote what = {.type = ENGINE_REMOTE_GIT, .url = STR("https://h/base")};
    belay__generate_manifests_request__init(&request);
    belay__host_ca__init(&ca);
    ca.host = TEXT("h");
    ca.pem = TEXT("pem");
    request.host_cas = cas;
    request.n_host_cas = 1;
    asset_repos_init(&known, arena, &request);
    ASSERT_OK(asset_repos_choose(&known, arena, &what, &chosen, &err));
    assert_string_equal(chosen.tls_ca, "pem");
    assert_string_equal(chosen.username, "");
    what.url = STR("https://g/base");
    ASSERT_OK(asset_repos_choose(&known, arena, &what, &chosen, &err));
    assert_string_equal(chosen.tls_ca, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(git_repositories_get_the_credentials_meant_for_them),
        cmocka_unit_test(servers_have_their_certificates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
