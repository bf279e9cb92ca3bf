/* Logging in and out over REST. */
#include "tests/lib/api_fixture.h"

static struct api_answer
login(struct api_fixture *f, const char *username, const char *password, const char *header)
{
    struct str body =
        arena_printf(f->arena, "{\"username\":\"%s\",\"password\":\"%s\"}", username, password);
    struct http_call_opts opts = {
        .method = "POST", .headers = api_fixture_headers(f, "POST"), .body = body};
    return api_fixture_send(f, opts, "/api/v1/session", header);
}

static void in_and_out(struct api_fixture *f)
{
    struct api_answer a = login(f, "admin", API_PASSWORD, "set-cookie");
    assert_int_equal(a.status, 200);
    struct str token = value_dig_str(a.json, "token");
    struct str cookie = arena_printf(
        f->arena, "argocd.token=" STR_FMT "; path=/; SameSite=Lax; HttpOnly", STR_ARG(token));
    /* the fixture keeps the beginning */
    assert_true(str_starts_with(cookie, str_from(a.header)));
    assert_true(str_starts_with(str_from(a.header), STR("argocd.token=ey")));
    assert_yaml(f->arena, api_fixture_get(f, "/api/v1/session/userinfo"), "{loggedIn: false}");
    f->token = arena_str(f->arena, token).p;
    assert_yaml(f->arena, api_fixture_get(f, "/api/v1/session/userinfo"),
                "{loggedIn: true, username: admin, iss: argocd}");
    struct http_call_opts opts = {.method = "DELETE", .headers = api_fixture_headers(f, "DELETE")};
    a = api_fixture_send(f, opts, "/api/v1/session", "set-cookie");
    ASSERT_STR(a.text, "{\"token\":\"\"}");
    assert_string_equal(a.header, "argocd.token=; path=/; SameSite=Lax; HttpOnly; Max-Age=0");
    assert_yaml(f->arena, api_fixture_get(f, "/api/v1/session/userinfo"), "{loggedIn: false}");
    a = api_fixture_send(f, opts, "/api/v1/session", NULL); /* once more does no harm */
    assert_int_equal(a.status, 200);
}

static void log_in_and_out(void **state UNUSED)
{
    API_TEST(in_and_out);
}

static void wrong(struct api_fixture *f)
{
    api_fixture_check(login(f, "admin", "wrong", NULL), 401, 16, "Invalid username or password");
    api_fixture_check(login(f, "nobody", "wrong", NULL), 401, 16, "Invalid username or password");
    api_fixture_check(login(f, "", "x", NULL), 401, 16, "no credentials supplied");
    api_fixture_check(login(f, "admin", "", NULL), 401, 16, "no credentials supplied");
    api_fixture_check(login(f, "123456789012345678901234567890123", "x", NULL), 400, 3,
                      "Username is too long (32 bytes max)");
    API_REFUSED(f, "POST", "/api/v1/session", "[]", 401, 16, "no credentials supplied");
    API_REFUSED(f, "POST", "/api/v1/session", "{\"username\":1,\"password\":2}", 401, 16,
                "no cred");
    for (int i = 0; i < 4; i++) {
        api_fixture_check(login(f, "admin", "wrong", NULL), 401, 16, "Invalid");
    }
    /* locked now, even with the right one */
    api_fixture_check(login(f, "admin", API_PASSWORD, NULL), 401, 16, "Invalid username");
}

static void refuses_wrong_ones(void **state UNUSED)
{
    API_TEST(wrong);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(log_in_and_out),
        cmocka_unit_test(refuses_wrong_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
