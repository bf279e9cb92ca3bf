/* TLS with both sides verified: every way to be refused, and files that are not what they should
 * be. */
#include <stdio.h>
#include <stdlib.h>

#include <nng/nng.h>
#include <openssl/ssl.h>

#include "common/ipc/ipc_client.h"
#include "common/ipc/ipc_server.h"
#include "common/ipc/ipc_tls.h"
#include "common/rt/loop.h"
#include "proto/common.pb-c.h"
#include "tests/lib/certs.h"
#include "tests/lib/check.h"
#include "tests/lib/tmp_dir.h"

enum { METHOD_ECHO = 1, WAIT_MS = 20000 };

struct fixture {
    struct loop *loop;
    char dir[TMP_DIR_BYTES];
    struct certs_ca *ca;
    struct certs_ca *other_ca;
    struct ipc_server *server;
    int n_calls;
    int n_done;
    enum err_code code;
};

/* Paths of PEM files, which a struct ipc_tls points to. */
struct paths {
    char ca[128];
    char cert[128];
    char key[128];
    struct ipc_tls tls;
};

static const struct ipc_tls *
tls_of(struct paths *p, const struct fixture *f, const char *ca, const char *name)
{
    (void)snprintf(p->ca, sizeof(p->ca), "%s/%s.crt", f->dir, ca);
    (void)snprintf(p->cert, sizeof(p->cert), "%s/%s.crt", f->dir, name);
    (void)snprintf(p->key, sizeof(p->key), "%s/%s.key", f->dir, name);
    p->tls = (struct ipc_tls){
        .ca_file = p->ca, .cert_file = p->cert, .key_file = p->key, .server_name = "repo.belay"};
    return &p->tls;
}

static void on_echo(struct ipc_call *call, const ProtobufCMessage *request)
{
    ((struct fixture *)ipc_call_data(call))->n_calls++;
    ipc_reply(call, request);
}

static const struct ipc_method METHODS[] = {
    {METHOD_ECHO, "Echo", &belay__empty__descriptor, &belay__empty__descriptor, on_echo, 0},
};

static void setup(struct fixture *f, const char *server_identity)
{
    struct err err;
    struct paths paths;
    *f = (struct fixture){.loop = loop_new()};
    tmp_dir_new(f->dir);
    f->ca = certs_ca_new(f->dir, "ca");
    f->other_ca = certs_ca_new(f->dir, "other-ca");
    certs_issue(f->ca, f->dir, "repo", "repo.belay", CERTS_VALID);
    certs_issue(f->ca, f->dir, "controller", "controller.belay", CERTS_VALID);
    certs_issue(f->ca, f->dir, "expired", "repo.belay", CERTS_EXPIRED);
    certs_issue(f->other_ca, f->dir, "stranger", "repo.belay", CERTS_VALID);
    const struct ipc_server_options options = {.url = "tls+tcp://127.0.0.1:0",
                                               .tls = tls_of(&paths, f, "ca", server_identity),
                                               .methods = METHODS,
                                               .n_methods = ARRAY_LEN(METHODS),
                                               .n_contexts = 4,
                                               .data = f};
    ASSERT_OK(ipc_server_new(f->loop, &options, &f->server, &err));
}

static void teardown(struct fixture *f)
{
    ipc_server_free(f->server);
    loop_free(f->loop);
    certs_ca_free(f->ca);
    certs_ca_free(f->other_ca);
    tmp_dir_remove(f->dir);
}

static void on_done(const ProtobufCMessage *reply UNUSED, const struct err *err, void *data)
{
    struct fixture *f = data;
    f->n_done++;
    f->code = err != NULL ? err->code : ERR_OK;
}

static bool is_done(void *data)
{
    return ((struct fixture *)data)->n_done > 0;
}

/* The outcome of one call with this identity. */
static enum err_code
call(struct fixture *f, const char *url, const struct ipc_tls *tls, int64_t connect_wait_ms)
{
    struct err err;
    struct ipc_client *client;
    const struct ipc_client_options options = {
        .urls = &url, .n_urls = 1, .tls = tls, .connect_wait_ms = connect_wait_ms};
    ASSERT_OK(ipc_client_new(f->loop, &options, &client, &err));
    Belay__Empty request;
    belay__empty__init(&request);
    const struct ipc_call_options call_options = {.method = METHOD_ECHO,
                                                  .name = "Echo",
                                                  .request = &request.base,
                                                  .reply = &belay__empty__descriptor,
                                                  .timeout_ms = WAIT_MS};
    f->n_done = 0;
    (void)ipc_client_call(client, &call_options, on_done, f);
    assert_true(loop_run_until(f->loop, is_done, f, WAIT_MS + 1000));
    ipc_client_free(client);
    return f->code;
}

static void both_sides_with_certificates_of_the_ca_talk(void **state UNUSED)
{
    struct fixture f;
    struct paths paths;
    setup(&f, "repo");
    assert_int_equal(
        call(&f, ipc_server_url(f.server), tls_of(&paths, &f, "ca", "controller"), WAIT_MS),
        ERR_OK);
    assert_int_equal(f.n_calls, 1);
    teardown(&f);
}

enum { REFUSED_MS = 700 }; /* several attempts to connect */

static void clients_that_cannot_prove_themselves_are_refused(void **state UNUSED)
{
    struct fixture f;
    struct paths paths;
    setup(&f, "repo");
    const char *url = ipc_server_url(f.server);
    /* signed by another CA; expired; and without TLS at all, which is no valid beginning either */
    assert_int_equal(call(&f, url, tls_of(&paths, &f, "ca", "stranger"), REFUSED_MS),
                     ERR_UNAVAILABLE);
    assert_int_equal(call(&f, url, tls_of(&paths, &f, "ca", "expired"), REFUSED_MS),
                     ERR_UNAVAILABLE);
    assert_int_equal(call(&f, url + strlen("tls+"), NULL, REFUSED_MS), ERR_UNAVAILABLE);
    assert_int_equal(f.n_calls, 0);
    teardown(&f);
}

/* Not through our client, which always shows a certificate: a TLS handshake by hand. */
static void client_without_a_certificate_is_refused(void **state UNUSED)
{
    struct fixture f;
    struct paths paths;
    setup(&f, "repo");
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    assert_non_null(context);
    (void)tls_of(&paths, &f, "ca", "controller");
    assert_int_equal(SSL_CTX_load_verify_file(context, paths.ca), 1);
    BIO *bio = BIO_new_ssl_connect(context);
    assert_non_null(bio);
    assert_int_equal(BIO_set_conn_hostname(bio, ipc_server_url(f.server) + strlen("tls+tcp://")),
                     1);
    char byte;
    /* in TLS 1.3 the handshake may look complete to us; the first read tells */
    assert_true(BIO_do_connect(bio) <= 0 || BIO_read(bio, &byte, 1) <= 0);
    BIO_free_all(bio);
    assert_int_equal(SSL_CTX_use_certificate_file(context, paths.cert, SSL_FILETYPE_PEM), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey_file(context, paths.key, SSL_FILETYPE_PEM), 1);
    bio = BIO_new_ssl_connect(context); /* the same with one is taken: SP's greeting is 8 bytes */
    assert_int_equal(BIO_set_conn_hostname(bio, ipc_server_url(f.server) + strlen("tls+tcp://")),
                     1);
    assert_int_equal(BIO_do_connect(bio), 1);
    assert_int_equal(BIO_read(bio, &byte, 1), 1);
    assert_int_equal(byte, '\0');
    BIO_free_all(bio);
    SSL_CTX_free(context);
    teardown(&f);
}

static void servers_that_cannot_prove_themselves_are_refused(void **state UNUSED)
{
    static const char *const IDENTITIES[] = {"stranger", "expired"};
    for (size_t i = 0; i < ARRAY_LEN(IDENTITIES); i++) {
        struct fixture f;
        struct paths paths;
        setup(&f, IDENTITIES[i]);
        assert_int_equal(
            call(&f, ipc_server_url(f.server), tls_of(&paths, &f, "ca", "controller"), REFUSED_MS),
            ERR_UNAVAILABLE);
        assert_int_equal(f.n_calls, 0);
        teardown(&f);
    }
}

static void server_with_another_name_is_refused(void **state UNUSED)
{
    struct fixture f;
    struct paths paths;
    setup(&f, "controller"); /* of the right CA, for another host */
    assert_int_equal(
        call(&f, ipc_server_url(f.server), tls_of(&paths, &f, "ca", "repo"), REFUSED_MS),
        ERR_UNAVAILABLE);
    assert_int_equal(f.n_calls, 0);
    teardown(&f);
}

static void bad_files_are_named(void **state UNUSED)
{
    struct fixture f;
    struct paths paths;
    struct err err;
    struct ipc_server *server;
    setup(&f, "repo");
    struct ipc_server_options options = {.url = "tls+tcp://127.0.0.1:0", .n_contexts = 1};
    ASSERT_ERR(ipc_server_new(f.loop, &options, &server, &err), ERR_INVALID,
               "CA, certificate and key");
    options.tls = tls_of(&paths, &f, "missing", "repo");
    ASSERT_ERR(ipc_server_new(f.loop, &options, &server, &err), ERR_NOT_FOUND, "missing.crt");
    options.tls = tls_of(&paths, &f, "ca", "repo");
    (void)snprintf(paths.key, sizeof(paths.key), "%s/ca.key", f.dir); /* of another certificate */
    ASSERT_ERR(ipc_server_new(f.loop, &options, &server, &err), ERR_INVALID,
               "the key is not the certificate's");
    options.tls = tls_of(&paths, &f, "ca", "repo");
    (void)snprintf(paths.key, sizeof(paths.key), "%s/ca.crt", f.dir);
    ASSERT_ERR(ipc_server_new(f.loop, &options, &server, &err), ERR_INVALID, "not a PEM key");
    teardown(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_sides_with_certificates_of_the_ca_talk),
        cmocka_unit_test(clients_that_cannot_prove_themselves_are_refused),
        cmocka_unit_test(client_without_a_certificate_is_refused),
        cmocka_unit_test(servers_that_cannot_prove_themselves_are_refused),
        cmocka_unit_test(server_with_another_name_is_refused),
        cmocka_unit_test(bad_files_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
