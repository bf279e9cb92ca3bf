/* libgit2's settings for this program. */
#include <git2.h>

#include "repo-server/git/gitlib.h"
#include "tests/lib/check.h"

static void knows_no_configuration_files(void **state UNUSED)
{
    struct err err;
    git_buf path = {0};
    ASSERT_OK(gitlib_init(&err));
    ASSERT_OK(gitlib_init(&err));
    assert_int_equal(git_libgit2_opts(GIT_OPT_GET_SEARCH_PATH, GIT_CONFIG_LEVEL_GLOBAL, &path), 0);
    assert_string_equal(path.ptr != NULL ? path.ptr : "", "");
    git_buf_dispose(&path);
    gitlib_done();
    gitlib_done();
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(knows_no_configuration_files)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
