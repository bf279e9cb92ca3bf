/* TLS identities on OpenSSL: reading and checking PEM, self-signed certificates, server contexts.
 *
 * struct tls_server holds one SSL_CTX; a reload replaces it, connections keep the one they began
 * with. The error queue of OpenSSL is emptied by every function here that fails. tls_server_* is
 * loop thread only; the rest any thread. Client connections are curl's business. */
#include "common/net/tls.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "common/base/limits.h"
#include "common/base/mem.h"

enum {
    TLS_PEM_BYTES = 4 * 1024 * 1024, /* a bundle of all public CAs is 220 KiB */
    TLS_DAYS = 365,
    TLS_DAY_S = 24 * 60 * 60,
    TLS_NAME_BYTES = 300,
};

DEFINE_CLEANUP(tls_bio, BIO, BIO_free_all);
DEFINE_CLEANUP(tls_x509, X509, X509_free);
DEFINE_CLEANUP(tls_pkey, EVP_PKEY, EVP_PKEY_free);
DEFINE_CLEANUP(tls_ctx, SSL_CTX, SSL_CTX_free);

void tls_error_text(char *dst, size_t dst_size)
{
    unsigned long code = ERR_get_error();
    if (code == 0) {
        (void)snprintf(dst, dst_size, "unknown TLS error"); /* cut to size on purpose */
        return;
    }
    const char *reason = ERR_reason_error_string(code);
    (void)snprintf(dst, dst_size, "%s", reason != NULL ? reason : "unknown TLS error");
    ERR_clear_error();
}

/* "<text>: <OpenSSL's reason>" */
PRINTF(3, 4)
static int fail(struct err *err, enum err_code code, const char *fmt, ...)
{
    char text[ERR_MESSAGE_BYTES];
    char reason[ERR_MESSAGE_BYTES];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, ap); /* cut to size on purpose */
    va_end(ap);
    tls_error_text(reason, sizeof(reason));
    return err_set(err, code, "%s: %s", text, reason);
}

/* --- PEM ------------------------------------------------------------------------------------- */

void tls_pem_done(struct tls_pem *pem)
{
    mem_erase(pem->key.p, pem->key.n);
    buf_done(&pem->key);
    buf_done(&pem->cert);
}

static BIO *open_pem(struct str text)
{
    BIO *bio = BIO_new_mem_buf(text.n > 0 ? text.p : "", (int)text.n);
    assert(bio != NULL); /* else out of memory */
    return bio;
}

/* An encrypted key would otherwise ask on the terminal. */
static int no_password(char *dst UNUSED, int size UNUSED, int writing UNUSED, void *data UNUSED)
{
    return -1;
}

static int read_cert(BIO *bio, const char *what, X509 **ret, struct err *err)
{
    X509 *cert = PEM_read_bio_X509(bio, NULL, no_password, NULL);
    if (cert == NULL) {
        return fail(err, ERR_INVALID, "%s: no certificate in PEM form", what);
    }
    *ret = cert;
    return 0;
}

static int read_key(struct str text, const char *what, EVP_PKEY **ret, struct err *err)
{
    AUTO(tls_bio) BIO *bio = open_pem(text);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
    if (key == NULL) {
        return fail(err, ERR_INVALID, "%s: no unencrypted private key in PEM form", what);
    }
    *ret = key;
    return 0;
}

/* After the last certificate PEM_read says "no start line"; anything else is a broken one. */
static bool ended_cleanly(void)
{
    unsigned long code = ERR_peek_last_error();
    bool clean = ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE;
    if (clean) {
        ERR_clear_error();
    }
    return clean;
}

static int check_size(struct str text, const char *what, struct err *err)
{
    if (text.n > TLS_PEM_BYTES) {
        return err_set(err, ERR_LIMIT, "%s: larger than %d bytes", what, TLS_PEM_BYTES);
    }
    return 0;
}

int tls_pem_check(struct str cert, struct str key, const char *what, struct err *err)
{
    TRY(check_size(cert, what, err));
    TRY(check_size(key, what, err));
    AUTO(tls_x509) X509 *leaf = NULL;
    AUTO(tls_pkey) EVP_PKEY *private = NULL;
    AUTO(tls_bio) BIO *bio = open_pem(cert);
    TRY(read_cert(bio, what, &leaf, err));
    TRY(read_key(key, what, &private, err));
    if (X509_check_private_key(leaf, private) != 1) {
        return fail(err, ERR_INVALID, "%s: certificate and private key do not belong together",
                    what);
    }
    return 0;
}

int tls_ca_check(struct str bundle, const char *what, struct err *err)
{
    TRY(check_size(bundle, what, err));
    AUTO(tls_bio) BIO *bio = open_pem(bundle);
    X509 *cert = NULL;
    TRY(read_cert(bio, what, &cert, err));
    do {
        X509_free(cert);
    } while ((cert = PEM_read_bio_X509(bio, NULL, no_password, NULL)) != NULL);
    if (!ended_cleanly()) {
        return fail(err, ERR_INVALID, "%s: broken certificate", what);
    }
    return 0;
}

static int read_file(const char *path, struct buf *dst, struct err *err)
{
    AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return err_set_errno(err, errno, "cannot open %s", path);
    }
    buf_init(dst, TLS_PEM_BYTES);
    enum { CHUNK_BYTES = 64 * 1024 };
    for (;;) {
        char *p = buf_reserve(dst, CHUNK_BYTES);
        if (p == NULL) {
            return err_set(err, ERR_LIMIT, "%s is larger than %d bytes", path, TLS_PEM_BYTES);
        }
        ssize_t n = read(fd, p, CHUNK_BYTES);
        if (n < 0 && errno != EINTR) {
            return err_set_errno(err, errno, "cannot read %s", path);
        }
        if (n == 0) {
            return 0;
        }
        buf_commit(dst, n > 0 ? (size_t)n : 0);
    }
}

int tls_pem_load(const char *cert_path, const char *key_path, struct tls_pem *ret, struct err *err)
{
    AUTO(tls_pem) struct tls_pem pem = {0};
    TRY(read_file(cert_path, &pem.cert, err));
    TRY(read_file(key_path, &pem.key, err));
    char what[2 * TLS_NAME_BYTES];
    (void)snprintf(what, sizeof(what), "%s, %s", cert_path, key_path); /* cut to size on purpose */
    TRY(tls_pem_check(buf_str(&pem.cert), buf_str(&pem.key), what, err));
    *ret = pem;
    pem = (struct tls_pem){0};
    return 0;
}

/* --- self-signed certificates ---------------------------------------------------------------- */

static int add_extension(X509 *cert, int nid, const char *value, struct err *err)
{
    X509V3_CTX ctx;
    X509V3_set_ctx_nodb(&ctx);
    X509V3_set_ctx(&ctx, cert, cert, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    if (extension == NULL) {
        return fail(err, ERR_INVALID, "certificate extension '%s'", value);
    }
    int ok = X509_add_ext(cert, extension, -1);
    X509_EXTENSION_free(extension);
    return ok == 1 ? 0 : fail(err, ERR_INTERNAL, "certificate extension '%s'", value);
}

/* "DNS:a,IP:127.0.0.1" */
static int add_names(X509 *cert, const struct tls_self_signed_opts *opts, struct err *err)
{
    AUTO(buf) struct buf text;
    buf_init(&text, LIMIT_HTTP_HEADER_BYTES);
    for (size_t i = 0; i < opts->n_names; i++) {
        const char *name = opts->names[i];
        unsigned char address[sizeof(struct in6_addr)];
        bool is_ip =
            inet_pton(AF_INET, name, address) == 1 || inet_pton(AF_INET6, name, address) == 1;
        bool is_dns = name[0] != '\0' && strpbrk(name, ",:/ \t\n") == NULL;
        if (!is_ip && !is_dns) {
            return err_set(err, ERR_INVALID, "'%s' is neither a DNS name nor an IP address", name);
        }
        buf_printf(&text, "%s%s:%s", i > 0 ? "," : "", is_ip ? "IP" : "DNS", name);
    }
    TRY(buf_check(&text, "list of certificate names", err));
    return opts->n_names > 0 ? add_extension(cert, NID_subject_alt_name, text.p, err) : 0;
}

static int add_subject(X509 *cert, const char *name, struct err *err)
{
    X509_NAME *subject = X509_get_subject_name(cert);
    const unsigned char *text = (const unsigned char *)name;
    if (X509_NAME_add_entry_by_txt(subject, "O", MBSTRING_UTF8, text, -1, -1, 0) != 1 ||
        X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, text, -1, -1, 0) != 1 ||
        X509_set_issuer_name(cert, subject) != 1) {
        return fail(err, ERR_INVALID, "certificate subject '%s'", name);
    }
    return 0;
}

static int set_serial(X509 *cert, struct err *err)
{
    unsigned char random[16];
    if (RAND_bytes(random, sizeof(random)) != 1) {
        return fail(err, ERR_INTERNAL, "no random bytes");
    }
    random[0] = (random[0] & 0x7f) | 0x40; /* positive and of full length */
    BIGNUM *number = BN_bin2bn(random, sizeof(random), NULL);
    bool ok = number != NULL && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert)) != NULL;
    BN_free(number);
    return ok ? 0 : fail(err, ERR_INTERNAL, "certificate serial number");
}

static int
fill_cert(X509 *cert, EVP_PKEY *key, const struct tls_self_signed_opts *opts, struct err *err)
{
    long seconds = (long)(opts->days > 0 ? opts->days : TLS_DAYS) * TLS_DAY_S;
    if (X509_set_version(cert, X509_VERSION_3) != 1 || X509_set_pubkey(cert, key) != 1 ||
        X509_gmtime_adj(X509_getm_notBefore(cert), -(long)TLS_DAY_S) == NULL ||
        X509_gmtime_adj(X509_getm_notAfter(cert), seconds) == NULL) {
        return fail(err, ERR_INTERNAL, "cannot build a certificate");
    }
    TRY(set_serial(cert, err));
    TRY(add_subject(cert, opts->common_name, err));
    TRY(add_extension(cert, NID_basic_constraints, "critical,CA:TRUE", err));
    TRY(add_extension(cert, NID_key_usage, "critical,digitalSignature,keyCertSign", err));
    TRY(add_extension(cert, NID_ext_key_usage, "serverAuth,clientAuth", err));
    TRY(add_extension(cert, NID_subject_key_identifier, "hash", err));
    TRY(add_names(cert, opts, err));
    if (X509_sign(cert, key, EVP_sha256()) == 0) {
        return fail(err, ERR_INTERNAL, "cannot sign a certificate");
    }
    return 0;
}

static void take_bio(BIO *bio, struct buf *dst)
{
    char *p;
    long n = BIO_get_mem_data(bio, &p);
    buf_init(dst, TLS_PEM_BYTES);
    buf_put_bytes(dst, p, (size_t)n);
    mem_erase(p, (size_t)n);
}

int tls_self_signed(const struct tls_self_signed_opts *opts, struct tls_pem *ret, struct err *err)
{
    AUTO(tls_pkey) EVP_PKEY *key = EVP_EC_gen("P-256");
    AUTO(tls_x509) X509 *cert = X509_new();
    AUTO(tls_bio) BIO *cert_bio = BIO_new(BIO_s_mem());
    AUTO(tls_bio) BIO *key_bio = BIO_new(BIO_s_mem());
    if (key == NULL || cert == NULL || cert_bio == NULL || key_bio == NULL) {
        return fail(err, ERR_INTERNAL, "cannot generate a key");
    }
    TRY(fill_cert(cert, key, opts, err));
    if (PEM_write_bio_X509(cert_bio, cert) != 1 ||
        PEM_write_bio_PKCS8PrivateKey(key_bio, key, NULL, NULL, 0, NULL, NULL) != 1) {
        return fail(err, ERR_INTERNAL, "cannot write a certificate");
    }
    take_bio(cert_bio, &ret->cert);
    take_bio(key_bio, &ret->key);
    return 0;
}

/* --- server contexts ------------------------------------------------------------------------- */

/* What tells that a file was replaced. Kubernetes swaps a symbolic link, so the inode changes. */
struct file_id {
    dev_t device;
    ino_t inode;
    off_t size_bytes;
    struct timespec changed;
};

struct tls_server {
    unsigned refs;
    SSL_CTX *ctx;
    char *cert_path; /* NULL when from memory */
    char *key_path;
    struct file_id cert_id; /* of the files last tried */
    struct file_id key_id;
};

static const unsigned char alpn_protocols[] = "\x02h2\x08http/1.1";

/* Our order of preference; a client without a common protocol goes on without one (HTTP/1.1). */
static int on_alpn(SSL *ssl UNUSED,
                   const unsigned char **out,
                   unsigned char *out_n,
                   const unsigned char *in,
                   unsigned in_n,
                   void *data UNUSED)
{
    unsigned char *chosen;
    int rc =
        SSL_select_next_proto(&chosen, out_n, alpn_protocols, sizeof(alpn_protocols) - 1, in, in_n);
    if (rc != OPENSSL_NPN_NEGOTIATED) {
        return SSL_TLSEXT_ERR_NOACK;
    }
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

static int use_chain(SSL_CTX *ctx, struct str text, struct err *err)
{
    AUTO(tls_bio) BIO *bio = open_pem(text);
    AUTO(tls_x509) X509 *leaf = NULL;
    TRY(read_cert(bio, "server certificate", &leaf, err));
    if (SSL_CTX_use_certificate(ctx, leaf) != 1) {
        return fail(err, ERR_INVALID, "server certificate cannot be used");
    }
    for (X509 *next; (next = PEM_read_bio_X509(bio, NULL, no_password, NULL)) != NULL;) {
        if (SSL_CTX_add0_chain_cert(ctx, next) != 1) {
            X509_free(next);
            return fail(err, ERR_INVALID, "server certificate chain cannot be used");
        }
    }
    return ended_cleanly() ? 0 : fail(err, ERR_INVALID, "server certificate chain is broken");
}

static int ctx_new(const struct tls_pem *pem, SSL_CTX **ret, struct err *err)
{
    AUTO(tls_ctx) SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    AUTO(tls_pkey) EVP_PKEY *key = NULL;
    if (ctx == NULL || SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) != 1) {
        return fail(err, ERR_INTERNAL, "cannot create a TLS context");
    }
    TRY(use_chain(ctx, buf_str(&pem->cert), err));
    TRY(read_key(buf_str(&pem->key), "server key", &key, err));
    if (SSL_CTX_use_PrivateKey(ctx, key) != 1 || SSL_CTX_check_private_key(ctx) != 1) {
        return fail(err, ERR_INVALID, "server certificate and private key do not belong together");
    }
    (void)SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    (void)SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_alpn_select_cb(ctx, on_alpn, NULL);
    *ret = TAKE(ctx);
    return 0;
}

int tls_server_from_pem(const struct tls_pem *pem, struct tls_server **ret, struct err *err)
{
    SSL_CTX *ctx;
    TRY(ctx_new(pem, &ctx, err));
    struct tls_server *tls = MEM_NEW(struct tls_server);
    tls->refs = 1;
    tls->ctx = ctx;
    *ret = tls;
    return 0;
}

static int file_id(const char *path, struct file_id *ret, struct err *err)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        return err_set_errno(err, errno, "cannot open %s", path);
    }
    *ret = (struct file_id){st.st_dev, st.st_ino, st.st_size, st.st_mtim};
    return 0;
}

static bool same_file(const struct file_id *a, const struct file_id *b)
{
    return a->device == b->device && a->inode == b->inode && a->size_bytes == b->size_bytes &&
           a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec;
}

int tls_server_from_files(const char *cert_path,
                          const char *key_path,
                          struct tls_server **ret,
                          struct err *err)
{
    AUTO(tls_pem) struct tls_pem pem = {0};
    struct file_id cert_id;
    struct file_id key_id;
    TRY(file_id(cert_path, &cert_id, err));
    TRY(file_id(key_path, &key_id, err));
    TRY(tls_pem_load(cert_path, key_path, &pem, err));
    struct tls_server *tls;
    TRY(tls_server_from_pem(&pem, &tls, err));
    tls->cert_path = mem_strdup(cert_path);
    tls->key_path = mem_strdup(key_path);
    tls->cert_id = cert_id;
    tls->key_id = key_id;
    *ret = tls;
    return 0;
}

struct tls_server *tls_server_ref(struct tls_server *tls)
{
    assert(tls->refs > 0);
    tls->refs++;
    return tls;
}

void tls_server_unref(struct tls_server *tls)
{
    if (tls == NULL || --tls->refs > 0) {
        return;
    }
    SSL_CTX_free(tls->ctx);
    mem_free(tls->cert_path);
    mem_free(tls->key_path);
    mem_free(tls);
}

int tls_server_reload(struct tls_server *tls, struct err *err)
{
    if (tls->cert_path == NULL) {
        return 0;
    }
    struct file_id cert_id;
    struct file_id key_id;
    TRY(file_id(tls->cert_path, &cert_id, err));
    TRY(file_id(tls->key_path, &key_id, err));
    if (same_file(&cert_id, &tls->cert_id) && same_file(&key_id, &tls->key_id)) {
        return 0;
    }
    tls->cert_id = cert_id;
    tls->key_id = key_id;
    AUTO(tls_pem) struct tls_pem pem = {0};
    SSL_CTX *ctx;
    TRY(tls_pem_load(tls->cert_path, tls->key_path, &pem, err));
    TRY(ctx_new(&pem, &ctx, err));
    SSL_CTX_free(tls->ctx); /* connections hold their own reference */
    tls->ctx = ctx;
    return 1;
}

int tls_server_accept(struct tls_server *tls, struct ssl_st **ret, struct err *err)
{
    SSL *ssl = SSL_new(tls->ctx);
    if (ssl == NULL) {
        return fail(err, ERR_INTERNAL, "cannot create a TLS connection");
    }
    SSL_set_accept_state(ssl);
    *ret = ssl;
    return 0;
}
