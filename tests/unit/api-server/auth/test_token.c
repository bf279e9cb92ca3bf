#include "api-server/auth/token.h"
#include "common/base/arena.h"
#include "common/base/b64.h"
#include "tests/lib/check.h"

enum { NOW_S = 1700000000 };

#define KEY STR("0123456789abcdef0123456789abcdef")

static const struct token_claims CLAIMS = {
    .issuer = STR(TOKEN_ISSUER),
    .subject = STR("admin:login"),
    .id = STR("abc"),
    .issued_s = NOW_S,
    .not_before_s = NOW_S,
    .expires_s = NOW_S + 60,
};

static struct str sign(struct arena *arena, struct str key, struct token_claims claims)
{
    struct str token;
    struct err err;
    ASSERT_OK(token_sign(arena, key, &claims, &token, &err));
    return token;
}

/* A token of any two texts, with the signature of another one. */
static struct str forge(struct arena *arena, const char *head, const char *body, struct str like)
{
    struct str h = b64_encode_in(arena, str_from(head), B64_URL);
    struct str b = b64_encode_in(arena, str_from(body), B64_URL);
    return arena_printf(arena, STR_FMT "." STR_FMT "." STR_FMT, STR_ARG(h), STR_ARG(b),
                        STR_ARG(str_sub(like, str_rfind_char(like, '.') + 1, like.n)));
}

static void comes_back(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct token_claims found;
    struct err err;
    ASSERT_OK(token_verify(arena, KEY, sign(arena, KEY, CLAIMS), NOW_S, &found, &err));
    ASSERT_STR(found.issuer, "argocd");
    ASSERT_STR(found.subject, "admin:login");
    ASSERT_STR(found.id, "abc");
    assert_int_equal(found.issued_s, NOW_S);
    assert_int_equal(found.expires_s, NOW_S + 60);
}

/* The example of RFC 7515, appendix A.1: made elsewhere, with another layout of its JSON. */
static void reads_tokens_of_others(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct token_claims found;
    struct str key;
    struct err err;
    ASSERT_OK(b64_decode(arena,
                         STR("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0i"
                             "PS4hcgUuTwjAzZr1Z9CAow"),
                         B64_URL, &key, &err));
    struct str token = STR("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
                           "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxl"
                           "LmNvbS9pc19yb290Ijp0cnVlfQ."
                           "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    ASSERT_OK(token_verify(arena, key, token, 1300819379, &found, &err));
    ASSERT_STR(found.issuer, "joe");
    assert_int_equal(found.expires_s, 1300819380);
    ASSERT_ERR(token_verify(arena, key, token, 1300819380, &found, &err), ERR_UNAUTHENTICATED,
               "expired");
}

static void ends_and_begins(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct token_claims found;
    struct err err;
    struct str token = sign(arena, KEY, CLAIMS);
    ASSERT_OK(token_verify(arena, KEY, token, NOW_S + 59, &found, &err));
    ASSERT_ERR(token_verify(arena, KEY, token, NOW_S + 60, &found, &err), ERR_UNAUTHENTICATED,
               "token has expired");
    ASSERT_OK(token_verify(arena, KEY, token, NOW_S - 5, &found, &err)); /* another clock */
    ASSERT_ERR(token_verify(arena, KEY, token, NOW_S - 6, &found, &err), ERR_UNAUTHENTICATED,
               "not valid yet");
    struct token_claims forever = CLAIMS;
    forever.expires_s = 0;
    ASSERT_OK(token_verify(arena, KEY, sign(arena, KEY, forever), INT64_MAX / 2, &found, &err));
}

static void refuses_what_was_changed(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct token_claims found;
    struct err err;
    struct str token = sign(arena, KEY, CLAIMS);
    ASSERT_ERR(token_verify(arena, STR("another key"), token, NOW_S, &found, &err),
               ERR_UNAUTHENTICATED, "signature is invalid");
    for (size_t i = 0; i < token.n; i++) {
        char *copy = arena_strdup(arena, token.p);
        copy[i] = (char)(copy[i] == 'A' ? 'B' : 'A');
        if (token_verify(arena, KEY, str_from(copy), NOW_S, &found, &err) == 0) {
            /* the last letter has bits that stand for nothing */
            assert_int_equal(i, token.n - 1);
        }
        assert_true(token_verify(arena, KEY, str_sub(token, 0, i), NOW_S, &found, &err) < 0);
    }
}

static void knows_one_algorithm(void **state UNUSED)
{
    static const char *const HEADS[] = {
        "{\"alg\":\"none\"}",
        "{\"alg\":\"None\"}",
        "{\"alg\":\"RS256\"}",
        "{\"alg\":\"HS384\"}",
        "{\"alg\":\"\"}",
        "{\"alg\":[\"HS256\"]}",
        "{}",
    };
    AUTO(arena) struct arena *arena = arena_new();
    struct token_claims found;
    struct err err;
    struct str token = sign(arena, KEY, CLAIMS);
    for (size_t i = 0; i < ARRAY_LEN(HEADS); i++) {
        struct str forged = forge(arena, HEADS[i], "{\"iss\":\"argocd\"}", token);
        ASSERT_ERR(token_verify(arena, KEY, forged, NOW_S, &found, &err), ERR_UNAUTHENTICATED,
                   "not HS256");
        struct str bare = str_sub(forged, 0, str_rfind_char(forged, '.') + 1);
        ASSERT_ERR(token_verify(arena, KEY, bare, NOW_S, &found, &err), ERR_UNAUTHENTICATED,
                   "not HS256");
    }
}

static void refuses_what_is_no_token(void **state UNUSED)
{
    static const char *const TEXTS[] = {"",
                                        ".",
                                        "..",
                                        "...",
                                        "a",
                                        "a.b",
                                        "e30",
                                        "e30.e30",
                                        "e30.e30.",
                                        "!.!.!",
                                        "bnVsbA.e30.e30",
                                        "W10.W10.W10"};
    AUTO(arena) struct arena *arena = arena_new();
    struct token_claims found;
    struct err err;
    for (size_t i = 0; i < ARRAY_LEN(TEXTS); i++) {
        ASSERT_ERR(token_verify(arena, KEY, str_from(TEXTS[i]), NOW_S, &found, &err),
                   ERR_UNAUTHENTICATED, "invalid session");
    }
    char *big = arena_bytes(arena, 16 * 1024 + 1);
    memset(big, '.', 16 * 1024 + 1);
    ASSERT_ERR(token_verify(arena, KEY, str_of(big, 16 * 1024 + 1), NOW_S, &found, &err),
               ERR_UNAUTHENTICATED, "malformed");
}

static void needs_a_key(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct token_claims found;
    struct str token;
    struct err err;
    ASSERT_ERR(token_sign(arena, STR_EMPTY, &CLAIMS, &token, &err), ERR_INTERNAL, "no key");
    token = sign(arena, KEY, CLAIMS);
    assert_true(token_verify(arena, STR_EMPTY, token, NOW_S, &found, &err) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_back),          cmocka_unit_test(reads_tokens_of_others),
        cmocka_unit_test(ends_and_begins),     cmocka_unit_test(refuses_what_was_changed),
        cmocka_unit_test(knows_one_algorithm), cmocka_unit_test(refuses_what_is_no_token),
        cmocka_unit_test(needs_a_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
