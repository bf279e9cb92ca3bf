/* libgit2's failures and what they become. */
#include <git2.h>

#include "repo-server/git/err_git.h"
#include "repo-server/git/gitlib.h"
#include "tests/lib/check.h"

static const struct {
    int git_rc;
    int class;
    const char *message;
    enum err_code code;
    const char *text;
} CASES[] = {
    {-1, GIT_ERROR_NET, "failed to resolve address for h: Name or service not known",
     ERR_UNAVAILABLE, "host name cannot be resolved"},
    {-1, GIT_ERROR_OS, "failed to connect to h: Connection refused", ERR_UNAVAILABLE,
     "host cannot be reached"},
    {-1, GIT_ERROR_SSH, "Failed to authenticate SSH session: Waiting for USERAUTH response",
     ERR_UNAUTHENTICATED, "authentication failed"},
    {-1, GIT_ERROR_SSH, "ERROR: Repository not found.", ERR_NOT_FOUND, "repository not found"},
    {-1, GIT_ERROR_NET, "fatal: '/x' does not appear to be a git repository", ERR_NOT_FOUND,
     "repository not found"},
    {-1, GIT_ERROR_OS, "failed to resolve path '/x': No such file or directory", ERR_NOT_FOUND,
     "repository not found"},
    {-1, GIT_ERROR_NET, "early EOF", ERR_UNAVAILABLE, "connection was closed"},
    {-1, GIT_ERROR_SSH, "something new", ERR_UNAVAILABLE, "failed: something new"},
    {GIT_EAUTH, GIT_ERROR_SSH, "no", ERR_UNAUTHENTICATED, "authentication failed"},
    {GIT_ECERTIFICATE, GIT_ERROR_SSH, "no", ERR_DENIED, "no"},
    {-1, GIT_ERROR_ODB, "object is broken", ERR_INTERNAL, "object is broken"},
};

static void tells_remote_failures_apart(void **state UNUSED)
{
    struct err err;
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        git_error_set_str(CASES[i].class, CASES[i].message);
        ASSERT_ERR(err_from_git_remote(&err, CASES[i].git_rc, "ssh://h/x"), CASES[i].code,
                   CASES[i].text);
        check_contains(&err, "repository 'ssh://h/x'");
        assert_int_equal(err.system_code, CASES[i].git_rc);
    }
}

static void keeps_what_was_tried(void **state UNUSED)
{
    struct err err;
    git_error_set_str(GIT_ERROR_ODB, "gone");
    ASSERT_ERR(err_from_git(&err, GIT_ENOTFOUND, "reading %s", "x"), ERR_NOT_FOUND,
               "reading x: gone");
    git_error_clear();
    ASSERT_ERR(err_from_git(&err, -1, "y"), ERR_INTERNAL, "y: unknown failure");
}

int main(void)
{
    struct err err;
    if (gitlib_init(&err) < 0) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_remote_failures_apart),
        cmocka_unit_test(keeps_what_was_tried),
    };
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    gitlib_done();
    return rc;
}
