/* Targets: what is checked, that everything is copied. */
#include "common/net/http_target.h"
#include "common/net/tls.h"
#include "tests/lib/check.h"

static int one_token(void *data UNUSED, struct buf *dst, struct err *err UNUSED)
{
    buf_put_c(dst, "t");
    return 0;
}

static void copies_what_it_is_given(void **state UNUSED)
{
    struct err err;
    char bearer[] = "secret";
    struct http_target *target;
    struct http_target_opts opts = {.bearer = str_from(bearer), .server_name = "a", .proxy = ""};
    ASSERT_OK(http_target_new(&opts, &target, &err));
    bearer[0] = 'X';
    ASSERT_STR(http_target_get(target)->bearer, "secret");
    assert_string_equal(http_target_get(target)->server_name, "a");
    assert_string_equal(http_target_get(target)->proxy, "");
    struct http_target *second = http_target_ref(target);
    http_target_unref(target);
    ASSERT_STR(http_target_get(second)->bearer, "secret");
    http_target_unref(second);
}

static void refuses_contradictions(void **state UNUSED)
{
    struct err err;
    struct http_target *target;
    struct http_target_opts both = {.bearer = STR("a"), .user = STR("u")};
    ASSERT_ERR(http_target_new(&both, &target, &err), ERR_INVALID, "either");
    struct http_target_opts two = {.bearer = STR("a"), .token = one_token};
    ASSERT_ERR(http_target_new(&two, &target, &err), ERR_INVALID, "either");
    struct http_target_opts lines = {.bearer = STR("a\r\nEvil: b")};
    ASSERT_ERR(http_target_new(&lines, &target, &err), ERR_INVALID, "control character");
}

static void checks_certificates(void **state UNUSED)
{
    struct err err;
    struct http_target *target;
    AUTO(tls_pem) struct tls_pem pem = {0};
    struct tls_self_signed_opts opts = {.common_name = "x"};
    ASSERT_OK(tls_self_signed(&opts, &pem, &err));
    struct http_target_opts alone = {.cert_pem = buf_str(&pem.cert)};
    ASSERT_ERR(http_target_new(&alone, &target, &err), ERR_INVALID, "together");
    struct http_target_opts broken = {.ca_pem = STR("x")};
    ASSERT_ERR(http_target_new(&broken, &target, &err), ERR_INVALID, "CA certificates");
    struct http_target_opts good = {
        .ca_pem = buf_str(&pem.cert), .cert_pem = buf_str(&pem.cert), .key_pem = buf_str(&pem.key)};
    ASSERT_OK(http_target_new(&good, &target, &err));
    http_target_unref(target);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies_what_it_is_given),
        cmocka_unit_test(refuses_contradictions),
        cmocka_unit_test(checks_certificates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
