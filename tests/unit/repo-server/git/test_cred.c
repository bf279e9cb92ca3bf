/* SSH credentials and host keys, through the callbacks as libgit2 calls them. */
#include "common/base/b64.h"
#include "repo-server/git/cred.h"
#include "tests/lib/repo_fixture.h"

#define KEY "AAAAC3NzaC1lZDI1NTE5AAAAIHwRWJLG1dLRFSVY2vxPQDDhhzqXFrhQvwVMfmjDkkzn"

struct fixture {
    struct repo_fixture repo; /* for its directory and libgit2 */
    Belay__Repository request;
    struct repo_url url;
    struct cred cred;
    git_remote_callbacks callbacks;
};

static char known_line[] = "h.example ssh-ed25519 " KEY "\n";
static char rsa_key[] = "-----BEGIN RSA PRIVATE KEY-----\nx\n";
static char some_key[] = "-----BEGIN OPENSSH PRIVATE KEY-----\nx\n";

static int setup(void **state)
{
    static struct fixture f;
    struct err err;
    memset(&f, 0, sizeof(f));
    repo_fixture_init(&f.repo);
    belay__repository__init(&f.request);
    ASSERT_OK(repo_url_parse(f.repo.arena, STR("ssh://git@h.example/x"), REPO_URL_NO_FILES, &f.url,
                             &err));
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    repo_fixture_done(&f->repo);
    return 0;
}

static void begin(struct fixture *f)
{
    struct err err;
    ASSERT_OK(cred_init(&f->cred, &f->request, &f->url, f->repo.dir, f->repo.arena, &err));
    cred_set_callbacks(&f->cred, &f->callbacks);
}

static int ask(struct fixture *f, unsigned allowed)
{
    git_credential *c = NULL;
    int rc = f->callbacks.credentials(&c, f->url.text.p, "git", allowed, f->callbacks.payload);
    git_credential_free(c);
    return rc;
}

static void gives_a_key_once(void **state)
{
    struct fixture *f = *state;
    f->request.ssh_private_key = some_key;
    begin(f);
    assert_int_equal(ask(f, GIT_CREDENTIAL_USERNAME), 0);
    assert_int_equal(ask(f, GIT_CREDENTIAL_SSH_MEMORY | GIT_CREDENTIAL_SSH_KEY), 0);
    assert_int_equal(ask(f, GIT_CREDENTIAL_SSH_MEMORY), GIT_EUSER);
    assert_int_equal(f->cred.err.code, ERR_UNAUTHENTICATED);
    check_contains(&f->cred.err, "refused the SSH key");
    assert_null(strstr(f->cred.err.message, "RSA"));
}

static void says_why_rsa_keys_are_refused(void **state)
{
    struct fixture *f = *state;
    f->request.ssh_private_key = rsa_key;
    begin(f);
    assert_int_equal(ask(f, GIT_CREDENTIAL_SSH_MEMORY), 0);
    assert_int_equal(ask(f, GIT_CREDENTIAL_SSH_MEMORY), GIT_EUSER);
    check_contains(&f->cred.err, "use an ed25519 or ecdsa key");
}

static void needs_a_key(void **state)
{
    struct fixture *f = *state;
    begin(f);
    assert_int_equal(ask(f, GIT_CREDENTIAL_SSH_MEMORY), GIT_EUSER);
    check_contains(&f->cred.err, "has no SSH private key");
}

static int show_host_key(struct fixture *f)
{
    struct str key;
    struct err err;
    ASSERT_OK(b64_decode(f->repo.arena, STR(KEY), B64_STANDARD, &key, &err));
    git_cert_hostkey cert = {.parent = {GIT_CERT_HOSTKEY_LIBSSH2},
                             .type = GIT_CERT_SSH_RAW,
                             .hostkey = key.p,
                             .hostkey_len = key.n};
    return f->callbacks.certificate_check(&cert.parent, 0, "h.example", f->callbacks.payload);
}

static void checks_host_keys(void **state)
{
    struct fixture *f = *state;
    f->request.ssh_known_hosts = known_line;
    begin(f);
    assert_int_equal(show_host_key(f), 0);
    f->request.ssh_known_hosts = some_key;
    begin(f);
    assert_int_equal(show_host_key(f), GIT_EUSER);
    assert_int_equal(f->cred.err.code, ERR_DENIED);
    check_contains(&f->cred.err, "SSH host key is unknown");
    check_contains(&f->cred.err, "argocd-ssh-known-hosts-cm: h.example ssh-ed25519 " KEY);
    f->request.insecure = true;
    begin(f);
    assert_int_equal(show_host_key(f), 0);
}

static void writes_known_hosts_for_libgit2(void **state)
{
    struct fixture *f = *state;
    struct str text;
    struct err err;
    f->request.ssh_known_hosts = known_line;
    begin(f);
    struct str path = arena_printf(f->repo.arena, "%s/.ssh/known_hosts", f->repo.dir);
    ASSERT_OK(fs_read_file(f->repo.arena, path.p, 1000, &text, &err));
    ASSERT_STR(text, known_line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(gives_a_key_once, setup, teardown),
        cmocka_unit_test_setup_teardown(says_why_rsa_keys_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(needs_a_key, setup, teardown),
        cmocka_unit_test_setup_teardown(checks_host_keys, setup, teardown),
        cmocka_unit_test_setup_teardown(writes_known_hosts_for_libgit2, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
