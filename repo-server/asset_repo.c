/* Choosing repositories. Argo CD runs kustomize with the credentials of the application's own repository, whatever server
 * asks; here a password is shown to the server it is for only, and other repositories of the project have their own. */
#include "repo-server/asset_repo.h"

#include "common/ipc/ipc_convert.h"
#include "common/model/project.h"
#include "common/net/url.h"
#include "repo-server/git/repo_url.h"

/* ---- what the request says ---- */

static struct repositories list_of(struct arena *arena, Belay__Repository *const *from, size_t n)
{
    struct repository *items = arena_calloc(arena, n + 1, sizeof(*items));
    for (size_t i = 0; i < n; i++) {
        items[i] = (struct repository){.url = str_from(from[i]->url),
                                       .name = str_from(from[i]->name),
                                       .project = str_from(from[i]->project),
                                       .creds = from[i]->is_prefix};
    }
    return (struct repositories){.items = items, .n = n};
}

void asset_repos_init(struct asset_repos *repos,
                      struct arena *arena,
                      const Belay__GenerateManifestsRequest *request)
{
    struct str *patterns = arena_calloc(arena, request->n_source_repos + 1, sizeof(*patterns));
    for (size_t i = 0; i < request->n_source_repos; i++) {
        patterns[i] = str_from(request->source_repos[i]);
    }
    *repos = (struct asset_repos){
        .request = request,
        .helm = list_of(arena, request->helm_repos, request->n_helm_repos),
        .git = list_of(arena, request->git_repos, request->n_git_repos),
        .source_repos = {.items = patterns, .n = request->n_source_repos},
    };
}

static const char *ca_of_host(const struct asset_repos *repos, struct str text)
{
    const Belay__GenerateManifestsRequest *r = repos->request;
    AUTO(arena) struct arena *scratch = arena_new();
    struct url url;
    struct err ignored;
    if (url_parse(scratch, text, &url, &ignored) == 0) {
        for (size_t i = 0; i < r->n_host_cas; i++) {
            if (str_eq_c(url.host, r->host_cas[i]->host)) {
                return r->host_cas[i]->pem;
            }
        }
    }
    return "";
}

static void give_address(const struct asset_repos *repos,
                         struct arena *arena,
                         struct str url,
                         Belay__Repository *ret)
{
    ret->url = ipc_string(arena, url);
    if (ret->tls_ca[0] == '\0') {
        ret->tls_ca = ipc_string(arena, str_from(ca_of_host(repos, url)));
    }
}

/* ---- charts and files ---- */

static const Belay__Repository *helm_repo_at(const struct asset_repos *repos,
                                             const struct repository *found)
{
    return repos->request->helm_repos[found - repos->helm.items];
}

static int find_named(const struct asset_repos *repos,
                      struct str name,
                      Belay__Repository *ret,
                      struct err *err)
{
    for (size_t i = 0; i < repos->helm.n; i++) {
        const struct repository *r = &repos->helm.items[i];
        if (!r->creds && str_eq(r->name, name)) {
            *ret = *helm_repo_at(repos, r);
            return 0;
        }
    }
    return err_set(err, ERR_NOT_FOUND,
                   "the project may use no Helm repository named '" STR_FMT
                   "': add one with this name, or write its URL",
                   STR_ARG(name));
}

static void find_url(const struct asset_repos *repos,
                     struct arena *arena,
                     const struct engine_remote *what,
                     Belay__Repository *ret)
{
    struct str project = str_from(repos->request->project);
    const struct repository *found = NULL;
    belay__repository__init(ret);
    if (what->type == ENGINE_REMOTE_CHART) {
        found = repository_find(&repos->helm, what->url, project);
        found = found != NULL ? found : repository_find_prefix(&repos->helm, what->url, project);
    }
    if (found != NULL) {
        *ret = *helm_repo_at(repos, found);
    }
    give_address(repos, arena, what->url, ret);
}

/* ---- Git repositories ---- */

static bool has_credentials(const Belay__Repository *repo)
{
    return repo->username[0] != '\0' || repo->password[0] != '\0' ||
           repo->bearer_token[0] != '\0' || repo->ssh_private_key[0] != '\0' ||
           repo->tls_client_cert[0] != '\0';
}

static void take_login(Belay__Repository *repo, const Belay__Repository *from)
{
    repo->username = from->username;
    repo->password = from->password;
    repo->bearer_token = from->bearer_token;
    repo->tls_client_cert = from->tls_client_cert;
    repo->tls_client_key = from->tls_client_key;
    repo->force_basic_auth |= from->force_basic_auth;
    repo->insecure |= from->insecure;
}

static void take_proxy(Belay__Repository *repo, const Belay__Repository *from)
{
    if (repo->proxy[0] == '\0') {
        repo->proxy = from->proxy;
        repo->no_proxy = from->no_proxy;
    }
}

/* Nothing of what a URL says can be trusted: it stands in a file of the repository. */
static bool is_same_server(struct str a, struct str b)
{
    AUTO(arena) struct arena *scratch = arena_new();
    struct repo_url x;
    struct repo_url y;
    struct err ignored;
    return repo_url_parse(scratch, a, REPO_URL_NO_FILES, &x, &ignored) == 0 &&
           repo_url_parse(scratch, b, REPO_URL_NO_FILES, &y, &ignored) == 0 &&
           x.transport == y.transport && x.port == y.port && str_eq_nocase(x.host, y.host);
}

static void inherit(Belay__Repository *repo, const Belay__Repository *app, struct str url)
{
    if (app == NULL) {
        return;
    }
    if (is_same_server(url, str_from(app->url))) {
        take_login(repo, app);
    }
    repo->ssh_private_key = app->ssh_private_key;
    take_proxy(repo, app);
}

static const Belay__Repository *entry_of(const struct asset_repos *repos,
                                         const struct repository *found)
{
    return found != NULL ? repos->request->git_repos[found - repos->git.items] : NULL;
}

/* Secrets that the project has a right to. */
static void find_git(const struct asset_repos *repos,
                     struct str url,
                     const Belay__Repository **ret_own,
                     const Belay__Repository **ret_prefix)
{
    struct str project_name = str_from(repos->request->project);
    const struct project project = {.name = project_name, .source_repos = repos->source_repos};
    const struct repository *own = repository_find(&repos->git, url, project_name);
    const struct repository *prefix = repository_find_prefix(&repos->git, url, project_name);
    bool permitted = project_permits_source(&project, url);
    bool own_ok = own != NULL && (permitted || own->project.n > 0);
    bool prefix_ok = prefix != NULL && (permitted || prefix->project.n > 0);
    *ret_own = entry_of(repos, own_ok ? own : NULL);
    *ret_prefix = entry_of(repos, prefix_ok ? prefix : NULL);
}

static void choose_git(const struct asset_repos *repos,
                       struct arena *arena,
                       struct str url,
                       Belay__Repository *ret)
{
    const Belay__Repository *own;
    const Belay__Repository *prefix;
    const Belay__Repository *app = repos->request->repo;
    find_git(repos, url, &own, &prefix);
    belay__repository__init(ret);
    if (own != NULL) {
        *ret = *own;
    }
    if (!has_credentials(ret) && prefix != NULL) {
        take_login(ret, prefix);
        ret->ssh_private_key = prefix->ssh_private_key;
        take_proxy(ret, prefix);
    }
    if (!has_credentials(ret)) {
        inherit(ret, app, url);
    }
    give_address(repos, arena, url, ret);
    ret->ssh_known_hosts = app != NULL ? app->ssh_known_hosts : ret->ssh_known_hosts;
}

int asset_repos_choose(const struct asset_repos *repos,
                       struct arena *arena,
                       const struct engine_remote *what,
                       Belay__Repository *ret,
                       struct err *err)
{
    struct str name = what->url;
    if (what->type == ENGINE_REMOTE_GIT) {
        choose_git(repos, arena, what->url, ret);
        return 0;
    }
    if (str_cut_prefix(&name, STR("@")) || str_cut_prefix(&name, STR("alias:"))) {
        return find_named(repos, name, ret, err);
    }
    find_url(repos, arena, what, ret);
    return 0;
}
