/* Repositories: secrets, credentials by prefix, comparable URLs. */
#include "common/model/repository.h"

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/model/secret.h"
#include "common/value/value.h"

#define KEY(name, type, member)                             \
    {                                                       \
        (name), (type), offsetof(struct repository, member) \
    }

static const struct secret_field FIELDS[] = {
    KEY("url", SECRET_STR, url),
    KEY("type", SECRET_STR, type),
    KEY("name", SECRET_STR, name),
    KEY("project", SECRET_STR, project),
    KEY("username", SECRET_STR, username),
    KEY("password", SECRET_STR, password),
    KEY("bearerToken", SECRET_STR, bearer_token),
    KEY("sshPrivateKey", SECRET_STR, ssh_private_key),
    KEY("tlsClientCertData", SECRET_STR, tls_client_cert_data),
    KEY("tlsClientCertKey", SECRET_STR, tls_client_cert_key),
    KEY("githubAppID", SECRET_INT, github_app_id),
    KEY("githubAppInstallationID", SECRET_INT, github_app_installation_id),
    KEY("githubAppEnterpriseBaseUrl", SECRET_STR, github_app_enterprise_base_url),
    KEY("githubAppPrivateKey", SECRET_STR, github_app_private_key),
    KEY("gcpServiceAccountKey", SECRET_STR, gcp_service_account_key),
    KEY("proxy", SECRET_STR, proxy),
    KEY("noProxy", SECRET_STR, no_proxy),
    KEY("depth", SECRET_INT, depth),
    KEY("insecure", SECRET_BOOL, insecure),
    KEY("enableLfs", SECRET_BOOL, enable_lfs),
    KEY("enableOCI", SECRET_BOOL, enable_oci),
    KEY("insecureOCIForceHttp", SECRET_BOOL, insecure_oci_force_http),
    KEY("forceHttpBasicAuth", SECRET_BOOL, force_http_basic_auth),
    KEY("useAzureWorkloadIdentity", SECRET_BOOL, use_azure_workload_identity),
};

static bool is_creds_type(struct str type)
{
    return str_eq_c(type, SECRET_TYPE_REPO_CREDS) || str_eq_c(type, SECRET_TYPE_REPO_WRITE_CREDS);
}

int repository_decode(struct arena *arena,
                      const struct value *secret,
                      struct repository *ret,
                      struct err *err)
{
    struct repository repo = {.secret_name = value_dig_str(secret, "metadata", "name")};
    TRY(secret_decode(arena, secret, FIELDS, ARRAY_LEN(FIELDS), &repo, err));
    repo.url = str_trim(repo.url);
    if (repo.url.n == 0) {
        return err_set(err, ERR_INVALID, "secret '" STR_FMT "' has no url",
                       STR_ARG(repo.secret_name));
    }
    if (repo.type.n == 0) {
        repo.type = STR("git");
    }
    repo.creds = is_creds_type(value_dig_str(secret, "metadata", "labels", SECRET_TYPE_LABEL));
    *ret = repo;
    return 0;
}

bool repository_has_credentials(const struct repository *repo)
{
    return repo->username.n > 0 || repo->password.n > 0 || repo->bearer_token.n > 0 ||
           repo->ssh_private_key.n > 0 || repo->tls_client_cert_data.n > 0 ||
           repo->github_app_private_key.n > 0 || repo->gcp_service_account_key.n > 0 ||
           repo->use_azure_workload_identity;
}

/* ---- choosing ---- */

/* Everybody's, or the project's own. */
static bool is_open_to(const struct repository *repo, struct str project)
{
    return repo->project.n == 0 || str_eq(repo->project, project);
}

/* Registries are written with and without a scheme. */
static struct str comparable(struct arena *arena, struct str url)
{
    struct str plain = repository_url_normalize(arena, url);
    (void)str_cut_prefix(&plain, STR("oci://")); /* without it is as good */
    return plain;
}

const struct repository *
repository_find(const struct repositories *list, struct str url, struct str project)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct str wanted = comparable(arena, url);
    const struct repository *found = NULL;
    for (size_t i = 0; i < list->n; i++) {
        const struct repository *repo = &list->items[i];
        if (repo->creds || !is_open_to(repo, project) ||
            !str_eq(comparable(arena, repo->url), wanted)) {
            continue;
        }
        if (found == NULL || (found->project.n == 0 && repo->project.n > 0)) {
            found = repo;
        }
    }
    return found;
}

/* A prefix ends where a part of the URL ends, so that credentials for ".../team" are not sent to
 * ".../team-of-others". */
static bool is_url_prefix(struct str url, struct str prefix)
{
    return prefix.n > 0 && str_starts_with(url, prefix) &&
           (url.n == prefix.n || prefix.p[prefix.n - 1] == '/' || url.p[prefix.n] == '/' ||
            url.p[prefix.n] == ':');
}

const struct repository *
repository_find_prefix(const struct repositories *list, struct str url, struct str project)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct str wanted = comparable(arena, url);
    const struct repository *found = NULL;
    size_t found_n = 0;
    for (size_t i = 0; i < list->n; i++) {
        const struct repository *repo = &list->items[i];
        struct str prefix = comparable(arena, repo->url);
        if (repo->creds && is_open_to(repo, project) && is_url_prefix(wanted, prefix) &&
            prefix.n > found_n) {
            found = repo;
            found_n = prefix.n;
        }
    }
    return found;
}

static void take_credentials(struct repository *repo, const struct repository *creds)
{
    repo->username = creds->username;
    repo->password = creds->password;
    repo->bearer_token = creds->bearer_token;
    repo->ssh_private_key = creds->ssh_private_key;
    repo->tls_client_cert_data = creds->tls_client_cert_data;
    repo->tls_client_cert_key = creds->tls_client_cert_key;
    repo->github_app_private_key = creds->github_app_private_key;
    repo->github_app_enterprise_base_url = creds->github_app_enterprise_base_url;
    repo->github_app_id = creds->github_app_id;
    repo->github_app_installation_id = creds->github_app_installation_id;
    repo->gcp_service_account_key = creds->gcp_service_account_key;
    repo->use_azure_workload_identity = creds->use_azure_workload_identity;
    repo->force_http_basic_auth |= creds->force_http_basic_auth;
    repo->insecure_oci_force_http |= creds->insecure_oci_force_http;
    repo->enable_oci |= creds->enable_oci;
    repo->insecure |= creds->insecure;
    if (repo->proxy.n == 0) {
        repo->proxy = creds->proxy;
        repo->no_proxy = creds->no_proxy;
    }
}

void repository_for_url(const struct repositories *list,
                        struct str url,
                        struct str project,
                        struct repository *ret)
{
    const struct repository *own = repository_find(list, url, project);
    struct repository repo = {.url = url, .type = STR("git")};
    if (own != NULL) {
        repo = *own;
        repo.url = url;
    }
    const struct repository *creds =
        repository_has_credentials(&repo) ? NULL : repository_find_prefix(list, url, project);
    if (creds != NULL) {
        take_credentials(&repo, creds);
        repo.type = own != NULL ? repo.type : creds->type;
    }
    *ret = repo;
}

/* ---- URLs ---- */

/* "git@host:path" without a scheme. */
static bool is_scp_like(struct str url)
{
    size_t at = str_find_char(url, '@');
    size_t slash = str_find_char(url, '/');
    return str_find(url, STR("://")) == STR_NONE && at != STR_NONE &&
           (slash == STR_NONE || at < slash);
}

static void put_lower(struct buf *out, struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        buf_put_char(out, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
    }
}

/* The authority and path behind the scheme, without a user. */
static struct str cut_user(struct str rest)
{
    size_t slash = str_find_char(rest, '/');
    struct str authority = str_sub(rest, 0, slash == STR_NONE ? rest.n : slash);
    size_t at = str_rfind_char(authority, '@');
    return at == STR_NONE ? rest : str_sub(rest, at + 1, rest.n);
}

static struct str cut_end(struct str url)
{
    while (str_cut_suffix(&url, STR("/"))) {
    }
    if (str_cut_suffix(&url, STR(".git")) || str_cut_suffix(&url, STR(".GIT"))) {
        while (str_cut_suffix(&url, STR("/"))) {
        }
    }
    return url;
}

struct str repository_url_normalize(struct arena *arena, struct str url)
{
    AUTO(buf) struct buf out;
    struct str scheme;
    struct str rest;
    url = cut_end(str_trim(url));
    buf_init(&out, url.n + 16);
    if (is_scp_like(url)) {
        struct str host;
        struct str path;
        (void)str_cut(cut_user(url), ':', &host, &path); /* without ":" all is host */
        (void)str_cut_prefix(&path, STR("/"));           /* "host:/path" is the same place */
        buf_put_c(&out, "ssh://");
        put_lower(&out, host);
        if (path.n > 0) {
            buf_put_char(&out, '/');
            put_lower(&out, path);
        }
        return buf_to_arena(&out, arena);
    }
    size_t colon = str_find(url, STR("://"));
    if (colon == STR_NONE) {
        put_lower(&out, url);
        return buf_to_arena(&out, arena);
    }
    scheme = str_sub(url, 0, colon + 3);
    rest = cut_user(str_sub(url, colon + 3, url.n));
    put_lower(&out, scheme);
    put_lower(&out, rest);
    return buf_to_arena(&out, arena);
}

bool repository_url_same(struct str a, struct str b)
{
    AUTO(arena) struct arena *arena = arena_new();
    return str_eq(repository_url_normalize(arena, a), repository_url_normalize(arena, b));
}
