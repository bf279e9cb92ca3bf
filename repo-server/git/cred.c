/* SSH: keys from memory, host keys against known_hosts.
 *
 * libgit2 orders the host key types it asks for by ~/.ssh/known_hosts, so the lines of the request are written
 * there; the verdict is ours. HTTP is the business of http_transport.c. */
#include "repo-server/git/cred.h"

#include <stdio.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/fs.h"
#include "common/base/limits.h"
#include "repo-server/git/err_git.h"
#include "repo-server/git/known_hosts.h"

static bool is_set(const char *s)
{
    return s != NULL && s[0] != '\0';
}

/* ---- callbacks ---- */

/* In OpenSSH's own format the name of the key type stands at a fixed place, so its base64 is always this. */
static bool is_rsa_key(const char *pem)
{
    return strstr(pem, "BEGIN RSA PRIVATE KEY") != NULL || strstr(pem, "AAAAdzc2gtcn") != NULL;
}

static int refuse(struct cred *c)
{
    git_error_set_str(GIT_ERROR_CALLBACK, c->err.message);
    return GIT_EUSER;
}

static void say_refused(struct cred *c)
{
    const char *hint = is_rsa_key(c->repo->ssh_private_key)
                           ? " (RSA keys are signed for with SHA-1 here, which current servers "
                             "refuse: use an ed25519 or ecdsa key)"
                           : "";
    (void)err_set(&c->err, ERR_UNAUTHENTICATED,
                  "repository '%s': authentication failed: the server refused the SSH key%s",
                  c->url->shown.p, hint);
}

static int on_credentials(git_credential **ret,
                          const char *url UNUSED,
                          const char *user_from_url,
                          unsigned allowed,
                          void *payload)
{
    struct cred *c = payload;
    const char *user = is_set(user_from_url) ? user_from_url : "git";
    if ((allowed & GIT_CREDENTIAL_USERNAME) != 0) {
        return git_credential_username_new(ret, user);
    }
    if (c->tried) {
        say_refused(c);
        return refuse(c);
    }
    c->tried = true;
    if ((allowed & GIT_CREDENTIAL_SSH_MEMORY) != 0 && is_set(c->repo->ssh_private_key)) {
        return git_credential_ssh_key_memory_new(ret, user, NULL, c->repo->ssh_private_key, NULL);
    }
    (void)err_set(&c->err, ERR_UNAUTHENTICATED,
                  "repository '%s': authentication required, but the repository has no SSH private "
                  "key",
                  c->url->shown.p);
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

static int on_certificate(git_cert *cert, int valid UNUSED, const char *host UNUSED, void *payload)
{
    struct cred *c = payload;
    if (c->repo->insecure) {
        return 0;
    }
    if (cert->cert_type == GIT_CERT_HOSTKEY_LIBSSH2) {
        return check_host_key(c, (const git_cert_hostkey *)(const void *)cert);
    }
    (void)err_set(&c->err, ERR_INTERNAL, "repository '%s': unexpected kind of certificate",
                  c->url->shown.p);
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

int cred_init(struct cred *c,
              const Belay__Repository *repo,
              const struct repo_url *url,
              const char *home,
              struct arena *arena,
              struct err *err)
{
    *c = (struct cred){.repo = repo, .url = url, .arena = arena};
    return url->transport == REPO_SSH ? write_known_hosts(c, home, err) : 0;
}

void cred_set_callbacks(struct cred *c, git_remote_callbacks *callbacks)
{
    callbacks->credentials = on_credentials;
    callbacks->certificate_check = on_certificate;
    callbacks->payload = c;
}
