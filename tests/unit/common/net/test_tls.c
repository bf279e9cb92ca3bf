/* Certificates: self-signed ones, checks of PEM, loading, reloading a replaced file. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <openssl/ssl.h>

#include "common/net/tls.h"
#include "tests/lib/check.h"

static const char *const names[] = {"belay.example", "*.belay.example", "127.0.0.1", "::1"};

static void make(const char *common_name, struct tls_pem *ret)
{
    struct err err;
    struct tls_self_signed_opts opts = {
        .common_name = common_name, .names = names, .n_names = ARRAY_LEN(names)};
    ASSERT_OK(tls_self_signed(&opts, ret, &err));
}

static void self_signed_certificate_fits_its_key(void **state UNUSED)
{
    struct err err;
    AUTO(tls_pem) struct tls_pem pem = {0};
    AUTO(tls_pem) struct tls_pem other = {0};
    make("one", &pem);
    make("two", &other);
    ASSERT_OK(tls_pem_check(buf_str(&pem.cert), buf_str(&pem.key), "x", &err));
    ASSERT_OK(tls_ca_check(buf_str(&pem.cert), "x", &err));
    ASSERT_ERR(tls_pem_check(buf_str(&pem.cert), buf_str(&other.key), "the pair", &err),
               ERR_INVALID, "the pair: certificate and private key do not belong together");
}

static void refuses_names_that_are_none(void **state UNUSED)
{
    static const char *const bad[] = {"", "a b", "a,DNS:evil", "https://x"};
    struct err err;
    struct tls_pem pem = {0};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct tls_self_signed_opts opts = {.common_name = "x", .names = &bad[i], .n_names = 1};
        ASSERT_ERR(tls_self_signed(&opts, &pem, &err), ERR_INVALID, "neither a DNS name");
    }
}

static void refuses_broken_pem(void **state UNUSED)
{
    struct err err;
    AUTO(tls_pem) struct tls_pem pem = {0};
    make("x", &pem);
    struct str cert = buf_str(&pem.cert);
    struct str half = str_sub(cert, 0, cert.n / 2);
    ASSERT_ERR(tls_ca_check(STR(""), "CA", &err), ERR_INVALID, "CA: no certificate");
    ASSERT_ERR(tls_ca_check(half, "CA", &err), ERR_INVALID, "CA: no certificate");
    ASSERT_ERR(tls_pem_check(STR("x"), buf_str(&pem.key), "c", &err), ERR_INVALID,
               "no certificate");
    ASSERT_ERR(tls_pem_check(cert, STR("x"), "c", &err), ERR_INVALID, "private key");
    AUTO(buf) struct buf bundle;
    buf_init(&bundle, 100000);
    buf_put(&bundle, cert);
    buf_put(&bundle, cert);
    ASSERT_OK(tls_ca_check(buf_str(&bundle), "CA", &err));
    buf_put(&bundle, half);
    ASSERT_ERR(tls_ca_check(buf_str(&bundle), "CA", &err), ERR_INVALID, "CA: broken certificate");
}

/* A new file under the name, as a rename does it. */
static void replace(const char *path, struct str text)
{
    char next[256];
    (void)snprintf(next, sizeof(next), "%s.next", path);
    int fd = open(next, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text.p, text.n), text.n);
    assert_int_equal(close(fd), 0);
    assert_int_equal(rename(next, path), 0);
}

struct files {
    char folder[64];
    char cert[80];
    char key[80];
};

static int make_files(void **state)
{
    static struct files files;
    (void)snprintf(files.folder, sizeof(files.folder), "/tmp/belay-test-tls-XXXXXX");
    if (mkdtemp(files.folder) == NULL) {
        return -1;
    }
    (void)snprintf(files.cert, sizeof(files.cert), "%s/tls.crt", files.folder);
    (void)snprintf(files.key, sizeof(files.key), "%s/tls.key", files.folder);
    *state = &files;
    return 0;
}

static int remove_files(void **state)
{
    struct files *files = *state;
    (void)unlink(files->cert); /* a test may not have made it */
    (void)unlink(files->key);
    return rmdir(files->folder);
}

static void loading_names_the_file(void **state)
{
    struct files *files = *state;
    struct err err;
    struct tls_pem loaded = {0};
    AUTO(tls_pem) struct tls_pem pem = {0};
    make("x", &pem);
    ASSERT_ERR(tls_pem_load(files->cert, files->key, &loaded, &err), ERR_NOT_FOUND, "tls.crt");
    replace(files->cert, buf_str(&pem.cert));
    ASSERT_ERR(tls_pem_load(files->cert, files->key, &loaded, &err), ERR_NOT_FOUND, "tls.key");
    replace(files->key, STR("nonsense"));
    ASSERT_ERR(tls_pem_load(files->cert, files->key, &loaded, &err), ERR_INVALID, "tls.key");
    replace(files->key, buf_str(&pem.key));
    ASSERT_OK(tls_pem_load(files->cert, files->key, &loaded, &err));
    assert_true(str_eq(buf_str(&loaded.cert), buf_str(&pem.cert)));
    tls_pem_done(&loaded);
}

static void common_name_of(struct tls_server *tls, char *dst, int size)
{
    struct err err;
    struct ssl_st *ssl;
    ASSERT_OK(tls_server_accept(tls, &ssl, &err));
    X509 *cert = SSL_get_certificate(ssl);
    assert_true(X509_NAME_get_text_by_NID(X509_get_subject_name(cert), NID_commonName, dst, size) >
                0);
    SSL_free(ssl);
}

static void reloads_what_was_replaced(void **state)
{
    struct files *files = *state;
    struct err err;
    char name[64];
    AUTO(tls_server) struct tls_server *tls = NULL;
    AUTO(tls_pem) struct tls_pem first = {0};
    AUTO(tls_pem) struct tls_pem second = {0};
    make("first", &first);
    make("second", &second);
    replace(files->cert, buf_str(&first.cert));
    replace(files->key, buf_str(&first.key));
    ASSERT_OK(tls_server_from_files(files->cert, files->key, &tls, &err));
    assert_int_equal(tls_server_reload(tls, &err), 0);
    /* only one of the two is new yet: they do not fit, the old ones stay */
    replace(files->cert, buf_str(&second.cert));
    assert_int_equal(tls_server_reload(tls, &err), -ERR_INVALID);
    assert_int_equal(tls_server_reload(tls, &err), 0);
    common_name_of(tls, name, sizeof(name));
    assert_string_equal(name, "first");
    replace(files->key, buf_str(&second.key));
    assert_int_equal(tls_server_reload(tls, &err), 1);
    common_name_of(tls, name, sizeof(name));
    assert_string_equal(name, "second");
    assert_int_equal(unlink(files->key), 0);
    ASSERT_ERR(tls_server_reload(tls, &err), ERR_NOT_FOUND, "tls.key");
}

static void memory_is_not_reloaded(void **state UNUSED)
{
    struct err err;
    AUTO(tls_server) struct tls_server *tls = NULL;
    AUTO(tls_pem) struct tls_pem pem = {0};
    make("x", &pem);
    ASSERT_OK(tls_server_from_pem(&pem, &tls, &err));
    assert_int_equal(tls_server_reload(tls, &err), 0);
    struct tls_server *second = tls_server_ref(tls);
    tls_server_unref(second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(self_signed_certificate_fits_its_key),
        cmocka_unit_test(refuses_names_that_are_none),
        cmocka_unit_test(refuses_broken_pem),
        cmocka_unit_test_setup_teardown(loading_names_the_file, make_files, remove_files),
        cmocka_unit_test_setup_teardown(reloads_what_was_replaced, make_files, remove_files),
        cmocka_unit_test(memory_is_not_reloaded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
