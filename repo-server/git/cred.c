/* Credentials and host checks of one request.
 *
 * Passwords go through libgit2's credential callback, which is asked for each host; tokens and forced basic
 * authentication are headers, so redirects are refused with them.  libgit2 orders the host key types it asks
 * for by ~/.ssh/known_hosts, so the lines of the request are written there; the verdict is ours. */
#include "repo-server/git/cred.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/b64.h"
#include "common/base/buf.h"
#include "common/base/fs.h"
#include "common/base/limits.h"
#include "common/net/url.h"
#include "repo-server/git/err_git.h"
#include "repo-server/git/known_hosts.h"

#define SYSTEM_CA_FILE "/etc/ssl/certs/ca-certificates.crt"

static bool is_set(const char *s)
{
    return s != NULL && s[0] != '\0';
}

/* ---- callbacks ---- */

static int refuse(struct cred *c)
{
    git_error_set_str(GIT_ERROR_CALLBACK, c->err.message);
    return GIT_EUSER;
}

/* A redirect may have led elsewhere: what the user gave is for the host of the repository. */
static bool is_our_host(struct cred *c, const char *url_text)
{
    struct url url;
    struct err ignored; /* what is no URL is not our host */
    return url_parse_git(c->arena, str_from(url_text), &url, &ignored) == 0 &&
           str_eq(url.host, c->url->host);
}

static const char *user_name(const struct cred *c, const char *from_url)
{
    if (is_set(c->repo->username) && c->url->transport != REPO_SSH) {
        return c->repo->username;
    }
    return is_set(from_url) ? from_url : "git";
}

static int on_credentials(git_credential **ret,
                          const char *url,
                          const char *user_from_url,
                          unsigned allowed,
                          void *payload)
{
    struct cred *c = payload;
    const char *user = user_name(c, user_from_url);
    if ((allowed & GIT_CREDENTIAL_USERNAME) != 0) {
        return git_credential_username_new(ret, user);
    }
    if (c->tried) {
        (void)err_set(&c->err, ERR_UNAUTHENTICATED,
                      "repository '%s': authentication failed: the server refused the credentials",
                      c->url->shown.p);
        return refuse(c);
    }
    c->tried = true;
    if (!is_our_host(c, url)) {
        (void)err_set(&c->err, ERR_DENIED,
                      "repository '%s': redirected to another host, which asks for credentials",
                      c->url->shown.p);
        return refuse(c);
    }
    if ((allowed & GIT_CREDENTIAL_SSH_MEMORY) != 0 && is_set(c->repo->ssh_private_key)) {
        return git_credential_ssh_key_memory_new(ret, user, NULL, c->repo->ssh_private_key, NULL);
    }
    if ((allowed & GIT_CREDENTIAL_USERPASS_PLAINTEXT) != 0 &&
        (is_set(c->repo->password) || is_set(c->repo->username))) {
        const char *password = is_set(c->repo->password) ? c->repo->password : "";
        return git_credential_userpass_plaintext_new(ret, user, password);
    }
    (void)err_set(&c->err, ERR_UNAUTHENTICATED,
                  "repository '%s': authentication required, but the repository has no %s",
                  c->url->shown.p,
                  c->url->transport == REPO_SSH ? "SSH private key" : "user name and password");
    return refuse(c);
}

static const char *const VERDICTS[] = {
    [KNOWN_HOSTS_UNKNOWN] = "SSH host key is unknown",
    [KNOWN_HOSTS_MISMATCH] = "SSH host key is not the known one (someone may be listening in)",
    [KNOWN_HOSTS_REVOKED] = "SSH host key is revoked",
};

static int check_host_key(struct cred *c, const git_cert_hostkey *cert)
{
    if ((cert->type & GIT_CERT_SSH_RAW) == 0) {
        (void)err_set(&c->err, ERR_UNSUPPORTED, "repository '%s': SSH host key was not given",
                      c->url->shown.p);
        return refuse(c);
    }
    struct str key = str_of(cert->hostkey, cert->hostkey_len);
    enum known_hosts_verdict verdict =
        known_hosts_check(str_from(c->repo->ssh_known_hosts), c->url->host, c->url->port, key);
    if (verdict == KNOWN_HOSTS_MATCH) {
        return 0;
    }
    AUTO(buf) struct buf line;
    buf_init(&line, ERR_MESSAGE_BYTES / 2);
    known_hosts_put_line(&line, c->url->host, c->url->port, key);
    (void)err_set(&c->err, ERR_DENIED,
                  "repository '%s': %s; if it is right, add it to argocd-ssh-known-hosts-cm: %s",
                  c->url->shown.p, VERDICTS[verdict], line.p);
    return refuse(c);
}

static int on_certificate(git_cert *cert, int valid, const char *host, void *payload)
{
    struct cred *c = payload;
    if (c->repo->insecure) {
        return 0;
    }
    if (cert->cert_type == GIT_CERT_HOSTKEY_LIBSSH2) {
        return check_host_key(c, (const git_cert_hostkey *)(const void *)cert);
    }
    if (valid) {
        return 0;
    }
    (void)err_set(&c->err, ERR_DENIED,
                  "repository '%s': TLS certificate of '%s' is not trusted: %s; add its CA to "
                  "argocd-tls-certs-cm",
                  c->url->shown.p, host != NULL ? host : "",
                  git_error_last() != NULL ? git_error_last()->message : "verification failed");
    return refuse(c);
}

/* ---- preparation ---- */

static int write_known_hosts(const struct cred *c, const char *home, struct err *err)
{
    char path[LIMIT_PATH_BYTES];
    int n = snprintf(path, sizeof(path), "%s/.ssh", home);
    if (n < 0 || (size_t)n + sizeof("/known_hosts") > sizeof(path)) {
        return err_set(err, ERR_INVALID, "path of the home directory is too long");
    }
    TRY(fs_make_dirs(path, 0700, err));
    memcpy(path + n, "/known_hosts", sizeof("/known_hosts"));
    TRY(fs_write_atomic(path, str_from(c->repo->ssh_known_hosts), 0600, err));
    int rc = git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, GIT_CONFIG_LEVEL_GLOBAL, home);
    return rc < 0 ? err_from_git(err, rc, "cannot set the home directory") : 0;
}

/* The system's certificates and the repository's own, in one file. */
static int load_ca(struct cred *c, const char *home, struct err *err)
{
    struct str system = STR_EMPTY;
    if (fs_read_file(c->arena, SYSTEM_CA_FILE, LIMIT_DOC_BYTES, &system, err) < 0 &&
        err->code != ERR_NOT_FOUND) {
        return -(int)err->code;
    }
    struct str path = arena_printf(c->arena, "%s/ca.pem", home);
    struct str both = arena_printf(c->arena, STR_FMT "\n%s\n", STR_ARG(system), c->repo->tls_ca);
    TRY(fs_write_atomic(path.p, both, 0600, err));
    int rc = git_libgit2_opts(GIT_OPT_SET_SSL_CERT_LOCATIONS, path.p, NULL);
    if (rc < 0) {
        return err_from_git(err, rc, "repository '%s': CA certificates", c->url->shown.p);
    }
    return 0;
}

static void add_header(struct cred *c)
{
    const Belay__Repository *r = c->repo;
    struct str value;
    if (is_set(r->bearer_token)) {
        value = arena_printf(c->arena, "Authorization: Bearer %s", r->bearer_token);
    } else if (r->force_basic_auth && is_set(r->password)) {
        struct str pair =
            arena_printf(c->arena, "%s:%s", user_name(c, c->url->user.p), r->password);
        value = arena_printf(c->arena, "Authorization: Basic %s",
                             b64_encode_in(c->arena, pair, B64_STANDARD).p);
    } else {
        return;
    }
    c->headers[c->n_headers++] = arena_strdup(c->arena, value.p);
}

int cred_init(struct cred *c,
              const Belay__Repository *repo,
              const struct repo_url *url,
              const char *home,
              struct arena *arena,
              struct err *err)
{
    *c = (struct cred){.repo = repo, .url = url, .arena = arena};
    if (is_set(repo->tls_client_cert) || is_set(repo->tls_client_key)) {
        return err_set(err, ERR_UNSUPPORTED,
                       "repository '%s': TLS client certificates are not supported for Git",
                       url->shown.p);
    }
    if (url->transport == REPO_SSH) {
        return write_known_hosts(c, home, err);
    }
    if (url->transport == REPO_HTTPS && is_set(repo->tls_ca)) {
        TRY(load_ca(c, home, err));
    }
    if (url->transport != REPO_FILE) {
        add_header(c);
    }
    return 0;
}

void cred_set_callbacks(struct cred *c, git_remote_callbacks *callbacks)
{
    callbacks->credentials = on_credentials;
    callbacks->certificate_check = on_certificate;
    callbacks->payload = c;
}

/* "a.example,.b.example,*": exact names and everything below them. */
static bool in_no_proxy(struct str list, struct str host)
{
    struct str rest = list;
    struct str part;
    while (str_next(&rest, ',', &part)) {
        struct str name = str_trim(part);
        if (str_eq_c(name, "*")) {
            return true;
        }
        (void)str_cut_prefix(&name, STR("."));
        bool below = host.n > name.n && host.p[host.n - name.n - 1] == '.' &&
                     str_eq_nocase(str_sub(host, host.n - name.n, host.n), name);
        if (name.n > 0 && (below || str_eq_nocase(host, name))) {
            return true;
        }
    }
    return false;
}

void cred_set_proxy(const struct cred *c, git_proxy_options *proxy)
{
    if (!is_set(c->repo->proxy)) {
        proxy->type = GIT_PROXY_AUTO; /* the environment's */
    } else if (in_no_proxy(str_from(c->repo->no_proxy), c->url->host)) {
        proxy->type = GIT_PROXY_NONE;
    } else {
        proxy->type = GIT_PROXY_SPECIFIED;
        proxy->url = c->repo->proxy;
    }
}

git_strarray cred_headers(struct cred *c)
{
    return (git_strarray){c->headers, c->n_headers};
}

git_remote_redirect_t cred_redirects(const struct cred *c)
{
    return c->n_headers > 0 ? GIT_REMOTE_REDIRECT_NONE : GIT_REMOTE_REDIRECT_INITIAL;
}
