/* Requests to registries: which login is used where, and for how long. */
#include "repo-server/source/oci_get.h"
#include "tests/lib/chart_fixture.h"

#define BASIC "Basic dTpw"

struct outcome {
    bool done;
    int status;
    struct err err;
};

static void on_done(const struct chart_answer *answer, const struct err *err, void *data)
{
    struct outcome *o = data;
    assert_false(o->done);
    o->done = true;
    if (err != NULL) {
        o->err = *err;
        return;
    }
    o->status = answer->status;
}

static struct outcome run(struct chart_fixture *f, const Belay__Repository *repo, bool cancel)
{
    struct outcome o = {0};
    AUTO(chart_remote) struct chart_remote *remote = chart_fixture_remote(repo);
    struct url url = *chart_remote_url(remote);
    url.path = STR("/v2/a/tags/list");
    struct oci_get_options options = {
        .env = &f->env,
        .remote = remote,
        .name = STR("a"),
        .url = &url,
        .accept = STR("x/y"),
        .max_bytes = LIMIT_MIB,
        .timeout_ms = HTTP_FIXTURE_WAIT_MS,
    };
    struct oci_get *g = oci_get_start(&options, on_done, &o);
    assert_false(o.done);
    if (cancel) {
        oci_get_cancel(g);
    }
    chart_fixture_wait(f, &o.done);
    return o;
}

static Belay__Repository registry(struct chart_fixture *f, const char *user)
{
    const char *url =
        arena_printf(f->arena, "oci" STR_FMT, STR_ARG(str_sub(f->url, 4, f->url.n))).p;
    Belay__Repository repo = chart_fixture_repo(url, user, "p");
    repo.insecure_oci_force_http = true;
    return repo;
}

static void page(struct chart_fixture *f, const char *authorization, const char *challenge)
{
    struct chart_page p = {.path = "/v2/a/tags/list",
                           .body = STR("{}"),
                           .authorization = authorization,
                           .challenge = challenge};
    chart_fixture_page(f, &p);
}

static void tokens(struct chart_fixture *f, const char *json)
{
    static char challenge[256];
    (void)snprintf(challenge, sizeof(challenge), "Bearer realm=\"%s/token?x=1\",service=\"reg\"",
                   f->other_url.p);
    page(f, "Bearer tok", challenge);
    struct chart_page p = {.path = "/token?x=1&service=reg&scope=repository%3Aa%3Apull",
                           .body = str_from(json)};
    chart_fixture_page(f, &p);
}

static int setup(void **state)
{
    *state = chart_fixture_new();
    return 0;
}

static int teardown(void **state)
{
    chart_fixture_free(*state);
    return 0;
}

#define TOKEN_LINE ":/token?x=1&service=reg&scope=repository%3Aa%3Apull"

static void fetches_a_token_and_remembers_it(void **state)
{
    struct chart_fixture *f = *state;
    Belay__Repository repo = registry(f, "u");
    tokens(f, "{\"token\":\"tok\",\"expires_in\":300}");
    assert_int_equal(run(f, &repo, false).status, 200);
    assert_string_equal(chart_fixture_log(f),
                        "/v2/a/tags/list\n" TOKEN_LINE " " BASIC "\n/v2/a/tags/list Bearer tok\n");
    assert_int_equal(run(f, &repo, false).status, 200);
    assert_string_equal(chart_fixture_log(f), "/v2/a/tags/list Bearer tok\n");
    Belay__Repository anonymous = registry(f, NULL);
    assert_int_equal(run(f, &anonymous, false).status, 200);
    assert_string_equal(chart_fixture_log(f),
                        "/v2/a/tags/list\n" TOKEN_LINE "\n/v2/a/tags/list Bearer tok\n");
}

static void gets_another_when_one_ends_or_is_refused(void **state)
{
    struct chart_fixture *f = *state;
    Belay__Repository repo = registry(f, "u");
    tokens(f, "{\"token\":\"tok\",\"expires_in\":1}");
    assert_int_equal(run(f, &repo, false).status, 200);
    (void)chart_fixture_log(f);
    assert_int_equal(run(f, &repo, false).status, 200);
    assert_string_equal(chart_fixture_log(f),
                        "/v2/a/tags/list\n" TOKEN_LINE " " BASIC "\n/v2/a/tags/list Bearer tok\n");
    tokens(f, "{\"token\":\"old\",\"expires_in\":300}");
    assert_int_equal(run(f, &repo, false).status, 401);
    (void)chart_fixture_log(f);
    tokens(f, "{\"token\":\"tok\",\"expires_in\":300}");
    assert_int_equal(run(f, &repo, false).status, 200);
    assert_string_equal(chart_fixture_log(f), "/v2/a/tags/list Bearer old\n" TOKEN_LINE " " BASIC
                                              "\n/v2/a/tags/list Bearer tok\n");
}

static void uses_user_and_password_or_a_given_token(void **state)
{
    struct chart_fixture *f = *state;
    Belay__Repository repo = registry(f, "u");
    page(f, BASIC, "Basic realm=\"x\"");
    assert_int_equal(run(f, &repo, false).status, 200);
    assert_string_equal(chart_fixture_log(f), "/v2/a/tags/list\n/v2/a/tags/list " BASIC "\n");
    assert_int_equal(run(f, &repo, false).status, 200);
    assert_string_equal(chart_fixture_log(f), "/v2/a/tags/list " BASIC "\n");
    Belay__Repository anonymous = registry(f, NULL);
    assert_int_equal(run(f, &anonymous, false).status, 401);
    anonymous.bearer_token = (char *)(uintptr_t) "given";
    page(f, "Bearer given", "Bearer realm=\"http://127.0.0.1:1/\"");
    assert_int_equal(run(f, &anonymous, false).status, 200);
    page(f, "Bearer other", "Bearer realm=\"http://127.0.0.1:1/\"");
    assert_int_equal(run(f, &anonymous, false).status, 401);
}

static void reports_what_goes_wrong(void **state)
{
    struct chart_fixture *f = *state;
    Belay__Repository repo = registry(f, "u");
    page(f, "x", "Bearer realm=\"ftp://h/\"");
    struct outcome o = run(f, &repo, false);
    assert_int_equal(o.err.code, ERR_DENIED);
    page(f, "x", "Bearer realm=\"/token\"");
    assert_int_equal(run(f, &repo, false).err.code, ERR_INVALID);
    tokens(f, "{}");
    o = run(f, &repo, false);
    check_contains(&o.err, "asking for a token");
    chart_fixture_page(
        f, &(struct chart_page){.path = "/token?x=1&service=reg&scope=repository%3Aa%3Apull",
                                .status = 401});
    o = run(f, &repo, false);
    assert_int_equal(o.err.code, ERR_UNAUTHENTICATED);
    check_contains(&o.err, "authentication failed");
    assert_int_equal(run(f, &repo, true).err.code, ERR_CANCELED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(fetches_a_token_and_remembers_it, setup, teardown),
        cmocka_unit_test_setup_teardown(gets_another_when_one_ends_or_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(uses_user_and_password_or_a_given_token, setup, teardown),
        cmocka_unit_test_setup_teardown(reports_what_goes_wrong, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
