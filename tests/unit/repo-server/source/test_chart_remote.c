/* Chart repositories: kinds, keys, credentials, which server is the same. */
#include "tests/lib/chart_fixture.h"

static void knows_kinds_and_urls(void **state UNUSED)
{
    static const struct {
        const char *url;
        bool enable_oci, force_http;
        enum chart_remote_kind kind;
        const char *scheme, *host, *path;
    } CASES[] = {
        {"https://h/charts/", false, false, CHART_REMOTE_HTTP, "https", "h", "/charts"},
        {"http://h", false, false, CHART_REMOTE_HTTP, "http", "h", ""},
        {"oci://h/a/b", false, false, CHART_REMOTE_OCI, "https", "h", "/a/b"},
        {"h.example/a", true, false, CHART_REMOTE_OCI, "https", "h.example", "/a"},
        {"https://h/a", true, false, CHART_REMOTE_OCI, "https", "h", "/a"},
        {"oci://h/a", false, true, CHART_REMOTE_OCI, "http", "h", "/a"},
        {"h.example:5000/a", false, false, CHART_REMOTE_OCI, "https", "h.example", "/a"},
        {"docker.io/me", false, false, CHART_REMOTE_OCI, "https",
         "registry-1."
         "docker.io",
         "/me"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        Belay__Repository repo = chart_fixture_repo(CASES[i].url, NULL, NULL);
        repo.enable_oci = CASES[i].enable_oci;
        repo.insecure_oci_force_http = CASES[i].force_http;
        AUTO(chart_remote) struct chart_remote *r = chart_fixture_remote(&repo);
        assert_int_equal(chart_remote_kind(r), CASES[i].kind);
        ASSERT_STR(chart_remote_url(r)->scheme, CASES[i].scheme);
        ASSERT_STR(chart_remote_url(r)->host, CASES[i].host);
        ASSERT_STR(chart_remote_url(r)->path, CASES[i].path);
        ASSERT_STR(chart_remote_authorization(r), "");
        assert_ptr_equal(chart_remote_own_target(r), chart_remote_foreign_target(r));
    }
}

static void has_credentials_that_are_not_shown(void **state UNUSED)
{
    Belay__Repository repo = chart_fixture_repo("https://me:hidden@h/c", NULL, NULL);
    AUTO(chart_remote) struct chart_remote *of_url = chart_fixture_remote(&repo);
    ASSERT_STR(chart_remote_authorization(of_url), "Basic bWU6aGlkZGVu");
    assert_string_equal(chart_remote_shown(of_url), "https://h/c");
    AUTO(arena) struct arena *arena = arena_new();
    ASSERT_STR(chart_remote_shown_of(arena, &repo), "https://h/c");
    Belay__Repository broken = chart_fixture_repo("", NULL, NULL);
    ASSERT_STR(chart_remote_shown_of(arena, &broken), "");
    assert_null(chart_remote_url(of_url)->password.p);
    repo = chart_fixture_repo("https://h/c", "u", "p:w");
    AUTO(chart_remote) struct chart_remote *basic = chart_fixture_remote(&repo);
    ASSERT_STR(chart_remote_authorization(basic), "Basic dTpwOnc=");
    repo = chart_fixture_repo("https://h/c", NULL, NULL);
    repo.bearer_token = (char *)(uintptr_t) "tok";
    AUTO(chart_remote) struct chart_remote *bearer = chart_fixture_remote(&repo);
    ASSERT_STR(chart_remote_authorization(bearer), "Bearer tok");
    assert_false(str_eq(chart_remote_key(bearer), chart_remote_key(basic)));
}

static void knows_the_same_server(void **state UNUSED)
{
    static const struct {
        const char *trusted, *url;
        bool same;
    } CASES[] = {
        {"https://h/a", "https://h/b", true},      {"https://h", "https://h:443/", true},
        {"http://h", "https://h", true},           {"https://h", "http://h", false},
        {"http://h:8080", "https://h:443", false}, {"http://h", "https://h:8443", false},
        {"https://h", "https://h:8443", false},    {"https://h", "https://h.evil", false},
    };
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct url a;
        struct url b;
        struct err err;
        ASSERT_OK(url_parse(arena, str_from(CASES[i].trusted), &a, &err));
        ASSERT_OK(url_parse(arena, str_from(CASES[i].url), &b, &err));
        if (chart_remote_same_server(&a, &b) != CASES[i].same) {
            fail_msg("%s and %s", CASES[i].trusted, CASES[i].url);
        }
    }
}

static void refuses(void **state UNUSED)
{
    struct chart_remote *r;
    struct err err;
    Belay__Repository repo = chart_fixture_repo("ftp://h/x", NULL, NULL);
    ASSERT_ERR(chart_remote_new(&repo, STR_EMPTY, &r, &err), ERR_UNSUPPORTED, "scheme 'ftp'");
    repo = chart_fixture_repo("file:///x", NULL, NULL);
    ASSERT_ERR(chart_remote_new(&repo, STR_EMPTY, &r, &err), ERR_UNSUPPORTED, "scheme 'file'");
    repo = chart_fixture_repo("", NULL, NULL);
    ASSERT_ERR(chart_remote_new(&repo, STR_EMPTY, &r, &err), ERR_INVALID, "chart repository URL");
    repo = chart_fixture_repo("https://u:hidden@h h/", NULL, NULL);
    ASSERT_ERR(chart_remote_new(&repo, STR_EMPTY, &r, &err), ERR_INVALID, "chart repository URL");
    assert_null(strstr(err.message, "hidden"));
    repo = chart_fixture_repo("https://h/x", NULL, NULL);
    repo.tls_ca = (char *)(uintptr_t) "nonsense";
    ASSERT_ERR(chart_remote_new(&repo, STR_EMPTY, &r, &err), ERR_INVALID, "CA certificates");
    repo.tls_ca = (char *)(uintptr_t) "";
    repo.bearer_token = (char *)(uintptr_t) "a\nb";
    ASSERT_ERR(chart_remote_new(&repo, STR_EMPTY, &r, &err), ERR_INVALID, "control character");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_kinds_and_urls),
        cmocka_unit_test(has_credentials_that_are_not_shown),
        cmocka_unit_test(knows_the_same_server),
        cmocka_unit_test(refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
