/* URLs of repositories. */
#include "engine/kustomize/krepo.h"
#include "tests/lib/check.h"

static void tells_repositories(void **state UNUSED)
{
    static const struct {
        const char *entry;
        const char *want; /* "url|dir|ref|timeout|submodules", or "" */
    } CASES[] = {
        {"../base", ""},
        {"base/sub", ""},
        {"/abs/path.git", ""},
        {"deploy.yaml", ""},
        {"a@b", ""},
        {"https://git.example.com/a", ""},
        {"https://git.example.com/a/b/../../../c", ""},
        {"https://git.example.com/team/app", "https://git.example.com/team/app|||27000|1"},
        {"HTTPS://git.example.com/team/app/deploy/prod?ref=v1",
         "https://git.example.com/team/app|deploy/prod|v1|27000|1"},
        {"https://git.example.com/team/sub/app//deploy?version=x&timeout=90&submodules=false",
         "https://git.example.com/team/sub/app|deploy|x|90000|0"},
        {"https://git.example.com/a/b/c.git/d?ref=a%2Fb&timeout=2m",
         "https://git.example.com/a/b/c.git|d|a/b|120000|1"},
        {"https://dev.example.com/org/project/_git/repo/dir/x",
         "https://dev.example.com/org/project/_git/repo|dir/x||27000|1"},
        {"github.com/org/repo/dir", "https://github.com/org/repo|dir||27000|1"},
        {"ssh://git@github.com/org/repo", "git@github.com:org/repo|||27000|1"},
        {"git@github.com:org/repo.git//x", "git@github.com:org/repo.git|x||27000|1"},
        {"git@git.example.com:org/repo", "git@git.example.com:org/repo|||27000|1"},
        {"git::https://git.example.com/org/repo?ref=&timeout=0&submodules=no",
         "https://git.example.com/org/repo|||27000|1"},
        {"file:///srv/repos/app//deploy", "file:///srv/repos/app|deploy||27000|1"},
        {"file:///srv/repos/app", "file:///srv/repos/app|||27000|1"},
        {"https://git.example.com/org/repo?ref=a;b", "https://git.example.com/org/repo|||27000|1"},
        {"https://git.example.com/org/repo?ref=%zz", "https://git.example.com/org/repo|||27000|1"},
    };
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct krepo r;
        struct str got = STR_EMPTY;
        if (krepo_parse(arena, str_from(CASES[i].entry), &r)) {
            got =
                arena_printf(arena, STR_FMT "|" STR_FMT "|" STR_FMT "|%lld|%d", STR_ARG(r.url),
                             STR_ARG(r.dir), STR_ARG(r.ref), (long long)r.timeout_ms, r.submodules);
        }
        ASSERT_STR(got, CASES[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(tells_repositories)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
