/* Repository URLs: transports, keys, what is shown. */
#include "repo-server/git/repo_url.h"
#include "tests/lib/check.h"

static struct repo_url parse(struct arena *arena, const char *text)
{
    struct repo_url url;
    struct err err;
    ASSERT_OK(repo_url_parse(arena, str_from(text), REPO_URL_FILES, &url, &err));
    return url;
}

static void takes_urls_apart(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct repo_url u = parse(arena, "https://me:secret@Git.Example:8443/a/b.git");
    assert_int_equal(u.transport, REPO_HTTPS);
    assert_int_equal(u.port, 8443);
    ASSERT_STR(u.host, "git.example");
    ASSERT_STR(u.user, "me");
    ASSERT_STR(u.shown, "https://git.example:8443/a/b.git");
    assert_null(strstr(u.text.p, "secret"));
    u = parse(arena, "git@git.example:org/repo.git");
    assert_int_equal(u.transport, REPO_SSH);
    assert_int_equal(u.port, 22);
    ASSERT_STR(u.user, "git");
    u = parse(arena, "file:///srv/my%20repo");
    ASSERT_STR(u.path, "/srv/my repo");
}

static void spellings_of_one_repository_have_one_key(void **state UNUSED)
{
    static const struct {
        const char *a, *b;
        bool same;
    } CASES[] = {
        {"https://h/a/b", "https://h/a/b.git", true},
        {"https://h/a/b", "https://H:443/a/b/", true},
        {"https://x:y@h/a/b", "https://h/a/b", true},
        {"git@h:a/b.git", "ssh://git@h:22/a/b", true},
        {"https://h/a/b", "https://h/a/B", false},
        {"https://h/a/b", "http://h/a/b", false},
        {"https://h/a/b", "https://h:8443/a/b", false},
        {"https://h/a/b", "https://i/a/b", false},
    };
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        bool same = strcmp(parse(arena, CASES[i].a).key, parse(arena, CASES[i].b).key) == 0;
        if (same != CASES[i].same) {
            fail_msg("%s and %s", CASES[i].a, CASES[i].b);
        }
    }
}

static void refuses(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct repo_url url;
    struct err err;
    ASSERT_ERR(repo_url_parse(arena, STR("file:///x"), REPO_URL_NO_FILES, &url, &err), ERR_DENIED,
               "file URLs are not allowed");
    ASSERT_ERR(repo_url_parse(arena, STR("/srv/x"), REPO_URL_NO_FILES, &url, &err), ERR_DENIED,
               "not allowed");
    ASSERT_ERR(repo_url_parse(arena, STR("ftp://h/x"), REPO_URL_FILES, &url, &err), ERR_UNSUPPORTED,
               "scheme 'ftp'");
    ASSERT_ERR(repo_url_parse(arena, STR("https://h/"), REPO_URL_FILES, &url, &err), ERR_INVALID,
               "no host or no path");
    ASSERT_ERR(repo_url_parse(arena, STR("https://u:hidden@h h/"), REPO_URL_FILES, &url, &err),
               ERR_INVALID, "repository URL");
    assert_null(strstr(err.message, "hidden"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_urls_apart),
        cmocka_unit_test(spellings_of_one_repository_have_one_key),
        cmocka_unit_test(refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
