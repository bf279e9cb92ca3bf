/* Whose request it is: tokens in headers and cookies, and what ends them. */
#include "api-server/auth/token.h"
#include "common/base/b64.h"
#include "common/base/clock.h"
#include "tests/lib/api_fixture.h"

static int64_t now_s(void)
{
    return clock_wall_ms(clock_system()) / 1000;
}

/* A token with the server's own key. */
static struct str sign(struct api_fixture *f, struct token_claims claims)
{
    struct str key;
    struct str token;
    struct err err;
    ASSERT_OK(b64_decode(f->arena, STR(API_KEY), B64_STANDARD, &key, &err));
    ASSERT_OK(token_sign(f->arena, key, &claims, &token, &err));
    return token;
}

static struct token_claims good(void)
{
    return (struct token_claims){.issuer = STR(TOKEN_ISSUER),
                                 .subject = STR("admin:login"),
                                 .id = STR("id-1"),
                                 .issued_s = now_s(),
                                 .expires_s = now_s() + 100};
}

static bool known(struct api_fixture *f, struct http_headers headers)
{
    struct http_call_opts opts = {.headers = headers};
    struct api_answer a = api_fixture_send(f, opts, "/api/v1/session/userinfo", NULL);
    return value_bool(value_dig(a.json, "loggedIn"), false);
}

static bool known_as(struct api_fixture *f, const char *header, struct str value)
{
    return known(f, HTTP_HEADERS({str_from(header), value}));
}

static void headers(struct api_fixture *f)
{
    struct str token = sign(f, good());
    struct arena *a = f->arena;
    assert_true(known_as(f, "authorization", arena_printf(a, "Bearer " STR_FMT, STR_ARG(token))));
    assert_true(known_as(f, "authorization", arena_printf(a, "bearer " STR_FMT, STR_ARG(token))));
    assert_false(known_as(f, "authorization", token));
    assert_false(known_as(f, "authorization", arena_printf(a, "Basic " STR_FMT, STR_ARG(token))));
    assert_true(
        known_as(f, "cookie", arena_printf(a, "x=y; argocd.token=" STR_FMT, STR_ARG(token))));
    struct str one = str_sub(token, 0, 10);
    struct str two = str_sub(token, 10, 50);
    struct str three = str_sub(token, 50, token.n);
    struct str pieces = arena_printf(
        a, "argocd.token-2=" STR_FMT "; argocd.token=3:" STR_FMT "; argocd.token-1=" STR_FMT,
        STR_ARG(three), STR_ARG(one), STR_ARG(two));
    assert_true(known_as(f, "cookie", pieces));
    assert_false(known_as(f, "cookie", str_sub(pieces, 16, pieces.n)));
}

static void tokens_are_found(void **state UNUSED)
{
    API_TEST(headers);
}

static bool known_with(struct api_fixture *f, struct token_claims claims)
{
    return known_as(f, "authorization",
                    arena_printf(f->arena, "Bearer " STR_FMT, STR_ARG(sign(f, claims))));
}

static void claims(struct api_fixture *f)
{
    struct token_claims c = good();
    assert_true(known_with(f, c));
    c.issuer = STR("somebody");
    assert_false(known_with(f, c));
    c = good();
    c.subject = STR("admin:apiKey");
    assert_false(known_with(f, c));
    c.subject = STR("admin");
    assert_false(known_with(f, c));
    c.subject = STR("other:login");
    assert_false(known_with(f, c));
    c = good();
    c.expires_s = now_s() - 1;
    assert_false(known_with(f, c));
    c.expires_s = 0;
    assert_true(known_with(f, c));
}

static void only_logins_of_the_admin_count(void **state UNUSED)
{
    API_TEST(claims);
}

struct watched {
    struct api_fixture *f;
    struct token_claims claims;
};

/* Turns the loop itself: not for loop_run_until(). */
static void until_unknown(struct watched *w)
{
    for (int i = 0; i < 2000 && known_with(w->f, w->claims); i++) {
    }
    assert_false(known_with(w->f, w->claims));
}

static void new_password(struct api_fixture *f)
{
    struct watched w = {f, good()};
    char now[CLOCK_RFC3339_BYTES];
    assert_true(known_with(f, w.claims));
    clock_rfc3339((now_s() + 10) * 1000, now);
    struct str data = arena_printf(f->arena, "{data: {admin.passwordMtime: " STR_FMT "}}",
                                   STR_ARG(b64_encode_in(f->arena, str_from(now), B64_STANDARD)));
    fake_cluster_patch(f->cluster, "Secret", "argocd", "argocd-secret", data.p);
    until_unknown(&w);
    w.claims.issued_s = now_s() + 11;
    assert_true(known_with(f, w.claims));
}

static void no_admin(struct api_fixture *f)
{
    struct watched w = {f, good()};
    assert_true(known_with(f, w.claims));
    fake_cluster_put(
        f->cluster,
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: argocd-cm, namespace: argocd,"
        " labels: {app.kubernetes.io/part-of: argocd}}, data: {admin.enabled: 'false'}}");
    until_unknown(&w);
}

static void logged_out(struct api_fixture *f)
{
    struct token_claims other = good();
    other.id = STR("id-2");
    f->token = sign(f, good()).p;
    assert_int_equal(api_fixture_call(f, "DELETE", "/api/v1/session", NULL).status, 200);
    assert_false(known_with(f, good()));
    assert_true(known_with(f, other));
}

static void sessions_end(void **state UNUSED)
{
    API_TEST(new_password);
    API_TEST(no_admin);
    API_TEST(logged_out);
}

static void open_to_all(struct api_fixture *f)
{
    assert_true(known(f, (struct http_headers){0}));
    assert_int_equal(api_fixture_call(f, "GET", "/api/v1/applications", NULL).status, 200);
}

static void authentication_can_be_disabled(void **state UNUSED)
{
    static const char *const ARGS[] = {"--disable-auth", NULL};
    assert_int_equal(api_fixture_run(open_to_all, ARGS), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_are_found),
        cmocka_unit_test(only_logins_of_the_admin_count),
        cmocka_unit_test(sessions_end),
        cmocka_unit_test(authentication_can_be_disabled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
