/* Settings against a fake API server. */
#include "common/rt/config.h"
#include "common/settings/settings.h"
#include "common/value/value.h"
#include "proto/repo.pb-c.h"
#include "tests/lib/fake_world.h"
#include "tests/lib/parse.h"

struct fixture {
    struct fake_world world;
    struct settings *settings;
    unsigned n_changes[SETTINGS_PROJECTS + 1];
    char project[64];
    unsigned n_synced;
    bool freed;
};

static void on_change(void *data, enum settings_part part, struct str name)
{
    struct fixture *f = data;
    f->n_changes[part]++;
    (void)snprintf(f->project, sizeof(f->project), STR_FMT, STR_ARG(name));
}

static void on_synced(void *data)
{
    ((struct fixture *)data)->n_synced++;
}

static bool is_synced(void *data)
{
    return ((struct fixture *)data)->n_synced > 0;
}

static void begin(struct fixture *f)
{
    const struct settings_opts opts = {.client = f->world.client,
                                       .namespace = STR("argocd"),
                                       .want_secret = true,
                                       .on_change = on_change,
                                       .on_synced = on_synced,
                                       .data = f};
    f->settings = settings_new(&opts);
    fake_world_wait(&f->world, is_synced, f);
    assert_true(settings_synced(f->settings));
}

static void end(struct fixture *f)
{
    settings_free(f->settings, fake_world_set, &f->freed);
    fake_world_wait(&f->world, fake_world_is_set, &f->freed);
    fake_world_done(&f->world);
}

#define OBJECT(kind, name, more)                                                               \
    "{apiVersion: v1, kind: " kind ", metadata: {name: " name ", namespace: argocd" more "}, " \
    "data: "
#define REPOSITORY ", labels: {argocd.argoproj.io/secret-type: repository}"
#define CLUSTER    ", labels: {argocd.argoproj.io/secret-type: cluster}"

static void an_empty_namespace_has_defaults(void **state UNUSED)
{
    struct fixture f = {0};
    fake_world_init(&f.world);
    begin(&f);
    assert_int_equal(settings_value(f.settings, STR("url")).n, 0);
    assert_null(settings_config(f.settings));
    assert_int_equal(settings_repositories(f.settings).n, 0);
    assert_int_equal(settings_clusters(f.settings).n, 1); /* the own one */
    assert_null(settings_project(f.settings, STR("default")));
    assert_null(settings_secret(f.settings));
    assert_int_equal(settings_secret_value(f.settings, f.world.arena, STR("x")).n, 0);
    end(&f);
}

static void put_all(struct fake_cluster *cluster)
{
    fake_cluster_put(cluster, OBJECT("ConfigMap", "argocd-cm", "") "{url: 'https://x.test'}}");
    fake_cluster_put(cluster, OBJECT("ConfigMap", "argocd-rbac-cm", "") "{policy.csv: p}}");
    fake_cluster_put(cluster,
                     OBJECT("ConfigMap", "argocd-ssh-known-hosts-cm", "") "{ssh_known_hosts: k}}");
    fake_cluster_put(cluster, OBJECT("ConfigMap", "argocd-tls-certs-cm", "") "{git.test: pem}}");
    fake_cluster_put(cluster, OBJECT("Secret", "argocd-secret", "") "{key: dmFsdWU=}}");
    fake_cluster_put(cluster,
                     OBJECT("Secret", "r", REPOSITORY) "{url: aHR0cHM6Ly9naXQudGVzdC9yZXBv, "
                                                       "username: bWU=, enableOCI: dHJ1ZQ==}}");
    fake_cluster_put(cluster, OBJECT("Secret", "broken", REPOSITORY) "{username: bWU=}}");
    fake_cluster_put(cluster,
                     OBJECT("Secret", "c", CLUSTER) "{server: aHR0cHM6Ly9jLnRlc3Q=, name: Yw==}}");
    fake_cluster_put(cluster, "{apiVersion: argoproj.io/v1alpha1, kind: AppProject, metadata: "
                              "{name: team, namespace: argocd}, spec: {sourceRepos: ['*']}}");
}

static void everything_is_read(void **state UNUSED)
{
    struct fixture f = {0};
    size_t at = 0;
    fake_world_init(&f.world);
    put_all(f.world.cluster);
    begin(&f);
    ASSERT_STR(settings_value(f.settings, STR("url")), "https://x.test");
    ASSERT_STR(value_dig_str(doc_root(settings_config(f.settings)), "data", "url"),
               "https://x.test");
    ASSERT_STR(settings_rbac_value(f.settings, STR("policy.csv")), "p");
    ASSERT_STR(settings_secret_value(f.settings, f.world.arena, STR("key")), "value");
    assert_int_equal(settings_repositories(f.settings).n, 1); /* one has no url */
    assert_int_equal(settings_clusters(f.settings).n, 2);
    ASSERT_STR(settings_project(f.settings, STR("team"))->name, "team");
    assert_non_null(settings_project_doc(f.settings, STR("team")));
    assert_non_null(settings_project_next(f.settings, &at));
    assert_null(settings_project_next(f.settings, &at));
    end(&f);
}

static bool has_changed_secret(void *data)
{
    return ((struct fixture *)data)->n_changes[SETTINGS_SECRET] > 0;
}

static void references_lead_to_secrets(void **state UNUSED)
{
    struct fixture f = {0};
    const struct value *tree = NULL;
    references_missing missing = {0};
    struct err err;
    fake_world_init(&f.world);
    fake_cluster_put(f.world.cluster,
                     OBJECT("ConfigMap", "argocd-cm", "") "{oidc.config: '{id: $key, secret: "
                                                          "$sso:key}', dex.config: '{'}}");
    fake_cluster_put(f.world.cluster,
                     OBJECT("Secret", "argocd-secret", "") "{key: dmFsdWU=, hook: JHNzbzprZXk=}}");
    begin(&f);
    ASSERT_OK(settings_tree(f.settings, f.world.arena, STR("oidc.config"), &missing, &tree, &err));
    assert_yaml(f.world.arena, tree, "{id: value, secret: $sso:key}");
    assert_int_equal(missing.n, 1);
    f.n_changes[SETTINGS_SECRET] = 0;
    fake_cluster_put(
        f.world.cluster,
        OBJECT("Secret", "sso", ", labels: {app.kubernetes.io/part-of: argocd}") "{key: "
                                                                                 "bGF0ZXI=}}");
    fake_world_wait(&f.world, has_changed_secret, &f);
    ASSERT_OK(settings_tree(f.settings, f.world.arena, STR("oidc.config"), &missing, &tree, &err));
    assert_yaml(f.world.arena, tree, "{id: value, secret: later}");
    ASSERT_STR(settings_secret_resolved(f.settings, f.world.arena, STR("hook"), &missing), "later");
    assert_int_equal(missing.n, 1);
    ASSERT_OK(settings_tree(f.settings, f.world.arena, STR("none"), &missing, &tree, &err));
    assert_null(tree);
    assert_int_equal(
        settings_tree(f.settings, f.world.arena, STR("dex.config"), &missing, &tree, &err),
        -ERR_INVALID);
    end(&f);
}

static void a_repository_gets_what_is_known_of_its_host(void **state UNUSED)
{
    struct fixture f = {0};
    Belay__Repository repo;
    fake_world_init(&f.world);
    put_all(f.world.cluster);
    begin(&f);
    settings_repository(f.settings, f.world.arena, STR("https://git.test/repo"), STR("default"),
                        &repo);
    assert_string_equal(repo.username, "me");
    assert_true(repo.enable_oci);
    assert_false(repo.insecure_oci_force_http);
    assert_string_equal(repo.tls_ca, "pem");
    assert_string_equal(repo.ssh_known_hosts, "k");
    settings_repository(f.settings, f.world.arena, STR("git@other.test:x"), STR("default"), &repo);
    assert_string_equal(repo.username, "");
    assert_string_equal(repo.tls_ca, "");
    end(&f);
}

#define CREDS ", labels: {argocd.argoproj.io/secret-type: repo-creds}"

/* "url project prefix? user; " of each */
static void put_repositories(struct buf *text, Belay__Repository *const *repos, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const Belay__Repository *r = repos[i];
        buf_printf(text, "%s %s%s%s; ", r->url, r->project, r->is_prefix ? "prefix " : "",
                   r->username);
    }
}

static const struct app_source CHART = {.chart = {"web", 3}, .tree = &VALUE_EMPTY_MAP};

static const char *helm_repos(struct fixture *f, const char *project)
{
    Belay__GenerateManifestsRequest request;
    AUTO(buf) struct buf text;
    belay__generate_manifests_request__init(&request);
    settings_fill_remotes(f->settings, f->world.arena, &CHART, str_from(project), &request);
    buf_init(&text, 1000);
    put_repositories(&text, request.helm_repos, request.n_helm_repos);
    assert_int_equal(request.n_git_repos, 0);
    assert_int_equal(request.n_host_cas, 1);
    assert_string_equal(request.host_cas[0]->host, "git.test");
    assert_string_equal(request.host_cas[0]->pem, "pem");
    assert_int_equal(request.n_value_file_schemes, 2);
    assert_string_equal(request.value_file_schemes[1], "s3");
    assert_string_equal(request.kustomize_build_options, "--enable-helm");
    return buf_to_arena(&text, f->world.arena).p;
}

static void charts_get_the_repositories_of_their_project(void **state UNUSED)
{
    struct fixture f = {0};
    fake_world_init(&f.world);
    put_all(f.world.cluster);
    fake_cluster_put(
        f.world.cluster,
        OBJECT(
            "ConfigMap", "argocd-cm",
            "") "{helm.valuesFileSchemes: 'https, s3,', kustomize.buildOptions: --enable-helm}}");
    fake_cluster_put(f.world.cluster,
                     "{apiVersion: argoproj.io/v1alpha1, kind: AppProject, metadata: "
                     "{name: other, namespace: argocd}, spec: {sourceRepos: "
                     "['https://c.test/*']}}");
    /* https://c.test/x, https://d.test, https://e.test of team, h.test/ as prefix */
    fake_cluster_put(
        f.world.cluster,
        OBJECT("Secret", "h1", REPOSITORY) "{type: aGVsbQ==, "
                                           "url: aHR0cHM6Ly9jLnRlc3QveA==, username: bWU=}}");
    fake_cluster_put(f.world.cluster,
                     OBJECT("Secret", "h2", REPOSITORY) "{type: aGVsbQ==, "
                                                        "url: aHR0cHM6Ly9kLnRlc3Q=}}");
    fake_cluster_put(
        f.world.cluster,
        OBJECT("Secret", "h3", REPOSITORY) "{type: aGVsbQ==, "
                                           "url: aHR0cHM6Ly9lLnRlc3Q=, project: dGVhbQ==}}");
    fake_cluster_put(f.world.cluster,
                     OBJECT("Secret", "h4", CREDS) "{type: aGVsbQ==, "
                                                   "url: aC50ZXN0Lw==, username: bWU=}}");
    begin(&f);
    assert_string_equal(helm_repos(&f, "team"),
                        "https://git.test/repo me; https://c.test/x me; https://d.test ; "
                        "https://e.test team; h.test/ prefix me; ");
    assert_string_equal(helm_repos(&f, "other"), "https://c.test/x me; ");
    assert_string_equal(helm_repos(&f, "none"), "");
    end(&f);
}

static const char *git_repos(struct fixture *f, const char *project, const char *source)
{
    Belay__GenerateManifestsRequest request;
    const struct app_source parsed = {.tree = parse_yaml(f->world.arena, source)};
    AUTO(buf) struct buf text;
    belay__generate_manifests_request__init(&request);
    settings_fill_remotes(f->settings, f->world.arena, &parsed, str_from(project), &request);
    buf_init(&text, 1000);
    put_repositories(&text, request.git_repos, request.n_git_repos);
    for (size_t i = 0; i < request.n_source_repos; i++) {
        buf_printf(&text, "%s", request.source_repos[i]);
    }
    return buf_to_arena(&text, f->world.arena).p;
}

static void kustomizations_get_the_repositories_of_their_project(void **state UNUSED)
{
    struct fixture f = {0};
    fake_world_init(&f.world);
    put_all(f.world.cluster);
    fake_cluster_put(f.world.cluster,
                     "{apiVersion: argoproj.io/v1alpha1, kind: AppProject, metadata: "
                     "{name: other, namespace: argocd}, spec: {sourceRepos: "
                     "['https://c.test/*']}}");
    /* https://c.test/x, https://d.test of team, https://e.test, https://c.test as prefix */
    fake_cluster_put(f.world.cluster,
                     OBJECT("Secret", "g1", REPOSITORY) "{url: aHR0cHM6Ly9jLnRlc3QveA==, "
                                                        "username: bWU=}}");
    fake_cluster_put(f.world.cluster,
                     OBJECT("Secret", "g2", REPOSITORY) "{url: aHR0cHM6Ly9kLnRlc3Q=, "
                                                        "project: dGVhbQ==, insecure: dHJ1ZQ==}}");
    fake_cluster_put(f.world.cluster,
                     OBJECT("Secret", "g3", REPOSITORY) "{url: aHR0cHM6Ly9lLnRlc3Q=}}");
    fake_cluster_put(f.world.cluster, OBJECT("Secret", "g4", CREDS) "{url: aHR0cHM6Ly9jLnRlc3Q=, "
                                                                    "username: eW91}}");
    begin(&f);
    assert_string_equal(git_repos(&f, "team", "{}"),
                        "https://c.test/x me; https://d.test team; https://c.test prefix you; *");
    assert_string_equal(git_repos(&f, "other", "{kustomize: {}}"),
                        "https://c.test/x me; https://c.test prefix you; https://c.test/*");
    assert_string_equal(git_repos(&f, "none", "{}"), "");
    assert_string_equal(git_repos(&f, "team", "{helm: {}}"), "");
    assert_string_equal(git_repos(&f, "team", "{directory: {}}"), "");
    end(&f);
}

static void kustomizations_get_the_options_of_their_version(void **state UNUSED)
{
    struct fixture f = {0};
    Belay__GenerateManifestsRequest request;
    fake_world_init(&f.world);
    put_all(f.world.cluster);
    fake_cluster_put(f.world.cluster,
                     OBJECT("ConfigMap", "argocd-cm", "") "{kustomize.buildOptions: --enable-helm,"
                                                          " kustomize.buildOptions.v5: --x}}");
    begin(&f);
    const struct value *block = parse_yaml(f.world.arena, "{version: v5}");
    const struct app_source source = {.tree = &VALUE_EMPTY_MAP, .kustomize = block};
    belay__generate_manifests_request__init(&request);
    settings_fill_remotes(f.settings, f.world.arena, &source, STR("team"), &request);
    assert_string_equal(request.kustomize_build_options, "--x");
    end(&f);
}

static void sources_may_be_referred_to(void **state UNUSED)
{
    struct fixture f = {0};
    Belay__GenerateManifestsRequest request;
    const struct app_source items[] = {
        {.repo_url = STR("https://git.test/repo"), .target_revision = STR("main")},
        {.repo_url = STR("https://git.test/repo"), .target_revision = STR("v1"), .ref = STR("a")},
        {.repo_url = STR("https://c.test"), .chart = STR("web"), .ref = STR("b")},
    };
    const struct app_sources sources = {items, ARRAY_LEN(items)};
    const struct str revisions[] = {STR("r0"), STR("r1"), STR_EMPTY};
    struct settings_refs refs = {&sources, NULL, STR("team")};
    fake_world_init(&f.world);
    put_all(f.world.cluster);
    begin(&f);
    belay__generate_manifests_request__init(&request);
    settings_fill_refs(f.settings, f.world.arena, &refs, &request);
    assert_int_equal(request.n_refs, 2);
    assert_string_equal(request.refs[0]->name, "a");
    assert_string_equal(request.refs[0]->revision, "v1");
    assert_string_equal(request.refs[0]->repo->username, "me");
    assert_string_equal(request.refs[1]->chart, "web");
    belay__generate_manifests_request__init(&request);
    refs.revisions = revisions;
    settings_fill_refs(f.settings, f.world.arena, &refs, &request);
    assert_string_equal(request.refs[0]->revision, "r1");
    end(&f);
}

static void sources_are_verified_as_their_project_says(void **state UNUSED)
{
    struct fixture f = {0};
    Belay__GenerateManifestsRequest request;
    const struct app_source items[] = {
        {.repo_url = STR("https://git.test/repo"), .target_revision = STR("main")},
        {.repo_url = STR("https://git.test/open"), .ref = STR("a")},
        {.repo_url = STR("https://git.test/ref"), .target_revision = STR("v1"), .ref = STR("b")},
        {.repo_url = STR("https://git.test/charts"), .chart = STR("web")},
        {.repo_url = STR("oci://git.test/charts")},
    };
    const struct app_sources sources = {items, ARRAY_LEN(items)};
    const struct app_sources charts = {&items[3], 2};
    struct settings_refs refs = {&sources, NULL, STR("signed")};
    fake_world_init(&f.world);
    fake_cluster_put(f.world.cluster,
                     OBJECT("ConfigMap", "argocd-gpg-keys-cm",
                            ", labels: {app.kubernetes.io/part-of: argocd}") "{K: armored}}");
    fake_cluster_put(
        f.world.cluster,
        "{apiVersion: argoproj.io/v1alpha1, kind: AppProject, metadata: {name: "
        "signed, namespace: argocd}, spec: {sourceIntegrity: {git: {policies: ["
        "{repos: [{url: '*'}, {url: '!*/open'}], gpg: {mode: strict, keys: [K]}}]}}}}");
    begin(&f);
    belay__generate_manifests_request__init(&request);
    settings_fill_refs(f.settings, f.world.arena, &refs, &request);
    settings_fill_integrity(f.settings, f.world.arena, &refs, &items[0], &request);
    assert_string_equal(request.integrity->mode, "strict");
    assert_string_equal(request.integrity->keys[0], "K");
    assert_string_equal(request.integrity->target_revision, "main");
    assert_null(request.refs[0]->integrity);
    assert_string_equal(request.refs[1]->integrity->target_revision, "v1");
    assert_int_equal(request.n_keyring, 1);
    assert_string_equal(request.keyring[0]->armored, "armored");
    assert_true(settings_keyring_hash(f.settings) != 0);
    assert_true(settings_verifies(f.settings, &sources, STR("signed")));
    assert_false(settings_verifies(f.settings, &charts, STR("signed")));
    assert_false(settings_verifies(f.settings, &sources, STR("default")));
    end(&f);
}

static bool has_changed(void *data)
{
    const struct fixture *f = data;
    return f->n_changes[SETTINGS_REPOSITORIES] > 0 && f->n_changes[SETTINGS_CLUSTERS] > 0 &&
           f->n_changes[SETTINGS_PROJECTS] > 1 && f->n_changes[SETTINGS_CONFIG] > 4 &&
           f->n_changes[SETTINGS_SECRET] > 1;
}

static void changes_are_told_by_part(void **state UNUSED)
{
    struct fixture f = {0};
    fake_world_init(&f.world);
    put_all(f.world.cluster);
    begin(&f);
    assert_int_equal(f.n_changes[SETTINGS_CLUSTERS], 0);
    fake_cluster_remove(f.world.cluster, "Secret", "argocd", "c");
    fake_cluster_remove(f.world.cluster, "Secret", "argocd", "r");
    fake_cluster_remove(f.world.cluster, "Secret", "argocd", "argocd-secret");
    fake_cluster_remove(f.world.cluster, "AppProject", "argocd", "team");
    fake_cluster_patch(f.world.cluster, "ConfigMap", "argocd", "argocd-cm", "data: {url: other}");
    fake_world_wait(&f.world, has_changed, &f);
    assert_int_equal(settings_repositories(f.settings).n, 0);
    assert_int_equal(settings_clusters(f.settings).n, 1);
    assert_null(settings_project(f.settings, STR("team")));
    ASSERT_STR(settings_value(f.settings, STR("url")), "other");
    assert_int_equal(f.n_synced, 1);
    end(&f);
}

#define PROJECT(name, labels, repos)                                              \
    "{apiVersion: argoproj.io/v1alpha1, kind: AppProject, metadata: {name: " name \
    ", namespace: argocd, labels: {" labels "}}, spec: {sourceRepos: [" repos "]}}"

/* "key=value " of each, "+" at the end when there may be more */
static const char *params_of(struct fixture *f)
{
    struct config_pairs pairs = settings_params(f->settings, f->world.arena);
    AUTO(buf) struct buf text;
    buf_init(&text, 1000);
    for (size_t i = 0; i < pairs.n; i++) {
        buf_printf(&text, STR_FMT "=" STR_FMT " ", STR_ARG(pairs.items[i].key),
                   STR_ARG(pairs.items[i].value));
    }
    buf_put_c(&text, pairs.partial ? "+" : "");
    return buf_to_arena(&text, f->world.arena).p;
}

struct wanted_params {
    struct fixture *f;
    const char *text;
};

static bool has_params(void *data)
{
    const struct wanted_params *wanted = data;
    return strcmp(params_of(wanted->f), wanted->text) == 0;
}

static void until_params(struct fixture *f, const char *text)
{
    struct wanted_params wanted = {f, text};
    fake_world_wait(&f->world, has_params, &wanted);
}

static void parameters_are_read_from_both_maps(void **state UNUSED)
{
    struct fixture f = {0};
    fake_world_init(&f.world);
    begin(&f);
    assert_string_equal(params_of(&f), "+");
    end(&f);
    f = (struct fixture){0};
    fake_world_init(&f.world);
    fake_cluster_put(f.world.cluster, OBJECT("ConfigMap", "argocd-cm",
                                             "") "{timeout.reconciliation: ' 60s', url: x}}");
    fake_cluster_put(f.world.cluster, OBJECT("ConfigMap", "argocd-cmd-params-cm",
                                             "") "{log.level: debug, "
                                                 "timeout.reconciliation: 9s}}");
    begin(&f);
    assert_string_equal(params_of(&f), "timeout.reconciliation=60s log.level=debug "
                                       "timeout.reconciliation=9s ");
    fake_cluster_patch(f.world.cluster, "ConfigMap", "argocd", "argocd-cmd-params-cm",
                       "data: null");
    until_params(&f, "timeout.reconciliation=60s "); /* empty, not unknown */
    end(&f);
}

struct permitted {
    struct fixture *f;
    const char *project;
    const char *url;
    bool want;
};

static bool is_permitted(void *data)
{
    const struct permitted *p = data;
    const struct project *project = settings_project(p->f->settings, str_from(p->project));
    return project != NULL && project_permits_source(project, str_from(p->url)) == p->want;
}

static void until_permitted(struct fixture *f, const char *project, const char *url, bool want)
{
    struct permitted p = {f, project, url, want};
    fake_world_wait(&f->world, is_permitted, &p);
}

static void projects_inherit_from_global_ones(void **state UNUSED)
{
    struct fixture f = {0};
    fake_world_init(&f.world);
    fake_cluster_put(f.world.cluster, PROJECT("team", "tier: one", "'https://own.test/*'"));
    fake_cluster_put(f.world.cluster, PROJECT("other", "", "'https://own.test/*'"));
    begin(&f);
    until_permitted(&f, "team", "https://base.test/x", false);
    fake_cluster_put(f.world.cluster,
                     OBJECT("ConfigMap", "argocd-cm", "") "{globalProjects: '[{projectName: base, "
                                                          "labelSelector: {matchLabels: {tier: "
                                                          "one}}}]'}}");
    fake_cluster_put(f.world.cluster, PROJECT("base", "", "'https://base.test/*'"));
    until_permitted(&f, "team", "https://base.test/x", true);
    assert_string_equal(f.project, "team"); /* told of */
    until_permitted(&f, "other", "https://base.test/x", false);
    assert_int_equal(value_len(value_dig(doc_root(settings_project_doc(f.settings, STR("team"))),
                                         "spec", "sourceRepos")),
                     2);
    fake_cluster_put(f.world.cluster, PROJECT("base", "", "'https://new.test/*'"));
    until_permitted(&f, "team", "https://base.test/x", false);
    until_permitted(&f, "team", "https://new.test/x", true);
    fake_cluster_remove(f.world.cluster, "AppProject", "argocd", "base");
    until_permitted(&f, "team", "https://new.test/x", false);
    end(&f);
}

static bool has_problem(void *data)
{
    return settings_problem(((struct fixture *)data)->settings) != NULL;
}

static void a_bad_setting_of_global_projects_is_told(void **state UNUSED)
{
    struct fixture f = {0};
    fake_world_init(&f.world);
    begin(&f);
    assert_false(has_problem(&f));
    fake_cluster_put(f.world.cluster,
                     OBJECT("ConfigMap", "argocd-cm", "") "{globalProjects: '{a: b}'}}");
    fake_world_wait(&f.world, has_problem, &f);
    check_contains(settings_problem(f.settings), "globalProjects: must be a list");
    end(&f);
}

static void a_project_may_use_its_own_repositories(void **state UNUSED)
{
    struct fixture f = {0};
    fake_world_init(&f.world);
    fake_cluster_put(f.world.cluster, PROJECT("team", "", ""));
    fake_cluster_put(f.world.cluster, PROJECT("other", "", ""));
    begin(&f);
    until_permitted(&f, "team", "https://d.test", false);
    fake_cluster_put(f.world.cluster,
                     OBJECT("Secret", "g", REPOSITORY) "{url: aHR0cHM6Ly9kLnRlc3Q=, "
                                                       "project: dGVhbQ==}}");
    until_permitted(&f, "team", "https://d.test", true);
    until_permitted(&f, "other", "https://d.test", false);
    fake_cluster_remove(f.world.cluster, "Secret", "argocd", "g");
    until_permitted(&f, "team", "https://d.test", false);
    end(&f);
}

static bool is_disabled(void *data)
{
    return settings_clusters(((struct fixture *)data)->settings).own_disabled;
}

static bool is_enabled(void *data)
{
    return !is_disabled(data);
}

static void the_own_cluster_can_be_disabled(void **state UNUSED)
{
    const struct app_destination own = {.name = STR("in-cluster")};
    struct fixture f = {0};
    struct err err;
    const struct cluster *cluster = NULL;
    fake_world_init(&f.world);
    fake_cluster_put(f.world.cluster,
                     OBJECT("ConfigMap", "argocd-cm", "") "{cluster.inClusterEnabled: 'false'}}");
    begin(&f);
    struct clusters clusters = settings_clusters(f.settings);
    assert_int_equal(clusters.n, 0);
    ASSERT_ERR(cluster_find(&clusters, &own, &cluster, &err), ERR_NOT_FOUND,
               "cluster 'in-cluster' is disabled by cluster.inClusterEnabled");
    fake_cluster_patch(f.world.cluster, "ConfigMap", "argocd", "argocd-cm",
                       "data: {cluster.inClusterEnabled: 'true'}");
    fake_world_wait(&f.world, is_enabled, &f);
    assert_int_equal(f.n_changes[SETTINGS_CLUSTERS], 1);
    clusters = settings_clusters(f.settings);
    ASSERT_OK(cluster_find(&clusters, &own, &cluster, &err));
    fake_cluster_remove(f.world.cluster, "ConfigMap", "argocd", "argocd-cm");
    fake_cluster_put(f.world.cluster,
                     OBJECT("ConfigMap", "argocd-cm", "") "{cluster.inClusterEnabled: 'false'}}");
    fake_world_wait(&f.world, is_disabled, &f);
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_namespace_has_defaults),
        cmocka_unit_test(everything_is_read),
        cmocka_unit_test(references_lead_to_secrets),
        cmocka_unit_test(a_repository_gets_what_is_known_of_its_host),
        cmocka_unit_test(charts_get_the_repositories_of_their_project),
        cmocka_unit_test(kustomizations_get_the_repositories_of_their_project),
        cmocka_unit_test(kustomizations_get_the_options_of_their_version),
        cmocka_unit_test(sources_may_be_referred_to),
        cmocka_unit_test(sources_are_verified_as_their_project_says),
        cmocka_unit_test(changes_are_told_by_part),
        cmocka_unit_test(parameters_are_read_from_both_maps),
        cmocka_unit_test(projects_inherit_from_global_ones),
        cmocka_unit_test(a_bad_setting_of_global_projects_is_told),
        cmocka_unit_test(a_project_may_use_its_own_repositories),
        cmocka_unit_test(the_own_cluster_can_be_disabled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
