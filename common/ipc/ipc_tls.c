/* PEM files to nng's TLS settings.  OpenSSL is used only to find out at start what would
 * otherwise show as failing handshakes; the connections are nng's, by its mbed TLS engine. */
#include "common/ipc/ipc_tls.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "common/base/buf.h"
#include "common/base/cleanup.h"
#include "common/base/mem.h"
#include "common/ipc/ipc_socket.h"

enum { PEM_BYTES = 1 << 20 };

static int read_pem(const char *path, const char *what, struct buf *out, struct err *err)
{
    if (path == NULL || path[0] == '\0') {
        return err_set(err, ERR_INVALID, "tls+tcp:// needs a %s file", what);
    }
    AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return err_set_errno(err, errno, "opening %s file '%s'", what, path);
    }
    for (;;) {
        char *room = buf_reserve(out, 4096);
        if (room == NULL) {
            return err_set(err, ERR_LIMIT, "%s file '%s' has more than %d bytes", what, path,
                           PEM_BYTES);
        }
        ssize_t n = read(fd, room, 4096);
        if (n == 0) {
            return 0;
        }
        if (n < 0 && errno != EINTR) {
            return err_set_errno(err, errno, "reading %s file '%s'", what, path);
        }
        buf_commit(out, n > 0 ? (size_t)n : 0);
    }
}

struct pem_files {
    struct buf ca;
    struct buf cert;
    struct buf key;
};

static void pem_files_done(struct pem_files *pem)
{
    mem_erase(pem->key.p, pem->key.n);
    buf_done(&pem->ca);
    buf_done(&pem->cert);
    buf_done(&pem->key);
}

/* nng takes a key of another certificate, and then no handshake succeeds. */
static int check_pair(const struct pem_files *pem, struct err *err)
{
    BIO *cert_bio = BIO_new_mem_buf(pem->cert.p, (int)pem->cert.n);
    BIO *key_bio = BIO_new_mem_buf(pem->key.p, (int)pem->key.n);
    X509 *cert = PEM_read_bio_X509(cert_bio, NULL, NULL, NULL);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(key_bio, NULL, NULL, NULL);
    int rc = 0;
    if (cert == NULL || key == NULL) {
        rc = err_set(err, ERR_INVALID, "not a PEM %s", cert == NULL ? "certificate" : "key");
    } else if (X509_check_private_key(cert, key) != 1) {
        rc = err_set(err, ERR_INVALID, "the key is not the certificate's");
    }
    ERR_clear_error(); /* OpenSSL's queue of this thread */
    EVP_PKEY_free(key);
    X509_free(cert);
    BIO_free_all(key_bio);
    BIO_free_all(cert_bio);
    return rc;
}

static int fill_tls(nng_tls_config *config,
                    const struct ipc_tls *tls,
                    const struct pem_files *pem,
                    const char *server_name,
                    struct err *err)
{
    int rc = nng_tls_config_ca_chain(config, pem->ca.p, NULL);
    if (rc != 0) {
        return err_from_nng(err, rc, "CA file '%s'", tls->ca_file);
    }
    rc = nng_tls_config_own_cert(config, pem->cert.p, pem->key.p, NULL);
    if (rc != 0) {
        return err_from_nng(err, rc, "certificate '%s' and key '%s'", tls->cert_file,
                            tls->key_file);
    }
    rc = nng_tls_config_auth_mode(config, NNG_TLS_AUTH_MODE_REQUIRED);
    if (rc == 0 && server_name != NULL) {
        rc = nng_tls_config_server_name(config, server_name);
    }
    if (rc == 0) {
        rc = nng_tls_config_version(config, NNG_TLS_1_2, NNG_TLS_1_3);
    }
    if (rc == NNG_ENOTSUP) { /* an engine without TLS 1.3: mbed TLS 2 */
        rc = nng_tls_config_version(config, NNG_TLS_1_2, NNG_TLS_1_2);
    }
    return rc == 0 ? 0 : err_from_nng(err, rc, "TLS settings");
}

/* server_name NULL = we are the server. */
static int config_new(const struct ipc_tls *tls,
                      const char *server_name,
                      nng_tls_config **ret,
                      struct err *err)
{
    if (tls == NULL) {
        return err_set(err, ERR_INVALID, "tls+tcp:// needs CA, certificate and key files");
    }
    __attribute__((cleanup(pem_files_done))) struct pem_files pem;
    buf_init(&pem.ca, PEM_BYTES);
    buf_init(&pem.cert, PEM_BYTES);
    buf_init(&pem.key, PEM_BYTES);
    TRY(read_pem(tls->ca_file, "CA", &pem.ca, err));
    TRY(read_pem(tls->cert_file, "certificate", &pem.cert, err));
    TRY(read_pem(tls->key_file, "key", &pem.key, err));
    TRY_IN(check_pair(&pem, err), err, "certificate '%s' and key '%s'", tls->cert_file,
           tls->key_file);
    nng_tls_config *config;
    int rc = nng_tls_config_alloc(&config,
                                  server_name == NULL ? NNG_TLS_MODE_SERVER : NNG_TLS_MODE_CLIENT);
    if (rc != 0) {
        return err_from_nng(err, rc, "TLS");
    }
    rc = fill_tls(config, tls, &pem, server_name, err);
    if (rc < 0) {
        nng_tls_config_free(config);
        return rc;
    }
    *ret = config;
    return 0;
}

int ipc_tls_server_config(const struct ipc_tls *tls, nng_tls_config **ret, struct err *err)
{
    return config_new(tls, NULL, ret, err);
}

int ipc_tls_client_config(const struct ipc_tls *tls,
                          const char *server_name,
                          nng_tls_config **ret,
                          struct err *err)
{
    return config_new(tls, server_name, ret, err);
}
