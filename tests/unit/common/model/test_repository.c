/* Repositories: URLs as tables, choice of credentials. */
#include "common/base/arena.h"
#include "common/model/repository.h"
#include "common/value/value.h"
#include "common/value/value_yaml.h"
#include "tests/lib/check.h"

static const struct {
    const char *url;
    const char *want;
} URLS[] = {
    {" https://GitHub.com/Org/Repo.git ", "https://github.com/org/repo"},
    {"https://user:pw@github.com/org/repo/", "https://github.com/org/repo"},
    {"git@github.com:org/repo.git", "ssh://github.com/org/repo"},
    {"git@github.com:/org/repo.git", "ssh://github.com/org/repo"},
    {"ssh://git@github.com/org/repo", "ssh://github.com/org/repo"},
    {"ssh://git@github.com:2222/org/repo", "ssh://github.com:2222/org/repo"},
    {"https://host/a@b/c", "https://host/a@b/c"},
    {"oci://registry/charts", "oci://registry/charts"},
    {"registry.example.com/charts", "registry.example.com/charts"},
    {"*", "*"},
    {"", ""},
};

static void urls_are_normalised(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(URLS); i++) {
        ASSERT_STR(repository_url_normalize(arena, str_from(URLS[i].url)), URLS[i].want);
    }
    assert_true(
        repository_url_same(STR("git@github.com:a/b"), STR("ssh://git@github.com/a/b.git")));
    assert_false(repository_url_same(STR("https://github.com/a/b"), STR("git@github.com:a/b")));
}

static int decode(struct arena *arena, const char *text, struct repository *ret, struct err *err)
{
    const struct value *secret = NULL;
    TRY(value_from_yaml(arena, str_from(text), NULL, &secret, err));
    return repository_decode(arena, secret, ret, err);
}

static void secrets_are_read(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    struct repository repo;
    ASSERT_OK(
        decode(arena,
               "metadata: {name: s, labels: {argocd.argoproj.io/secret-type: repo-creds}}\n"
               "stringData: {url: 'https://x/ ', username: u, password: p, insecure: 'true',\n"
               "  githubAppID: '7', depth: '1'}\n",
               &repo, &err));
    ASSERT_STR(repo.url, "https://x/");
    ASSERT_STR(repo.type, "git");
    assert_true(repo.creds && repo.insecure);
    assert_int_equal(repo.github_app_id, 7);
    assert_int_equal(repo.depth, 1);
    assert_true(repository_has_credentials(&repo));
    ASSERT_ERR(decode(arena, "metadata: {name: s}", &repo, &err), ERR_INVALID, "has no url");
    ASSERT_ERR(
        decode(arena, "{metadata: {name: s}, stringData: {url: x, depth: deep}}", &repo, &err),
        ERR_INVALID, "depth");
}

#define TEXT(s)            \
    {                      \
        (s), sizeof(s) - 1 \
    }

static const struct repository LIST[] = {
    {.url = TEXT("https://h/org"), .creds = true, .type = TEXT("git"), .username = TEXT("org")},
    {.url = TEXT("https://h/org/team/"), .creds = true, .username = TEXT("team")},
    {.url = TEXT("https://h/org/secret"),
     .creds = true,
     .project = TEXT("p"),
     .username = TEXT("p-creds")},
    {.url = TEXT("https://h/org/a"), .type = TEXT("git"), .insecure = true},
    {.url = TEXT("https://h/org/b.git"), .type = TEXT("git"), .username = TEXT("b")},
    {.url = TEXT("https://h/org/b"),
     .type = TEXT("git"),
     .project = TEXT("p"),
     .username = TEXT("b-of-p")},
    {.url = TEXT("https://charts/x"), .type = TEXT("helm"), .name = TEXT("x")},
};

static const struct {
    const char *url;
    const char *project;
    const char *username;
} CHOICES[] = {
    {"https://h/org/a", "q", "org"},        {"https://h/org/team/a.git", "q", "team"},
    {"https://h/org/team", "q", "team"},    {"https://h/org/teamwork", "q", "org"},
    {"https://h/organisation/a", "q", ""},  {"https://h/org/b", "q", "b"},
    {"https://h/org/b", "p", "b-of-p"},     {"https://h/org/secret/x", "p", "p-creds"},
    {"https://h/org/secret/x", "q", "org"}, {"https://elsewhere/a", "q", ""},
    {"https://H/Org/B.git", "q", "b"},
};

static void credentials_are_chosen_by_project_and_longest_prefix(void **state UNUSED)
{
    const struct repositories list = {LIST, ARRAY_LEN(LIST)};
    for (size_t i = 0; i < ARRAY_LEN(CHOICES); i++) {
        struct repository repo;
        repository_for_url(&list, str_from(CHOICES[i].url), str_from(CHOICES[i].project), &repo);
        ASSERT_STR(repo.username, CHOICES[i].username);
        ASSERT_STR(repo.url, CHOICES[i].url);
    }
}

static void settings_of_the_repository_stay_when_credentials_are_added(void **state UNUSED)
{
    const struct repositories list = {LIST, ARRAY_LEN(LIST)};
    struct repository repo;
    repository_for_url(&list, STR("https://h/org/a"), STR(""), &repo);
    assert_true(repo.insecure);
    repository_for_url(&list, STR("https://charts/x"), STR(""), &repo);
    ASSERT_STR(repo.type, "helm");
    repository_for_url(&list, STR("https://none/x"), STR(""), &repo);
    ASSERT_STR(repo.type, "git");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(urls_are_normalised),
        cmocka_unit_test(secrets_are_read),
        cmocka_unit_test(credentials_are_chosen_by_project_and_longest_prefix),
        cmocka_unit_test(settings_of_the_repository_stay_when_credentials_are_added),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
