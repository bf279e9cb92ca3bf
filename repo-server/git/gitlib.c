/* libgit2's global settings. */
#include "repo-server/git/gitlib.h"

#include <sys/types.h>

#include <git2.h>

#include "common/base/limits.h"
#include "repo-server/git/err_git.h"

enum {
    /* parsed objects kept by all open repositories together */
    OBJECT_CACHE_BYTES = 32 * 1024 * 1024,
};

/* Configuration of the machine or a home directory (insteadOf, proxies, credential helpers) must not
 * change what a render sees. */
static int forget_config_files(void)
{
    static const git_config_level_t LEVELS[] = {GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_XDG,
                                                GIT_CONFIG_LEVEL_GLOBAL,
                                                GIT_CONFIG_LEVEL_PROGRAMDATA};
    for (size_t i = 0; i < ARRAY_LEN(LEVELS); i++) {
        int rc = git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, LEVELS[i], "");
        if (rc < 0) {
            return rc;
        }
    }
    return 0;
}

int gitlib_init(struct err *err)
{
    int rc = git_libgit2_init();
    if (rc > 1) {
        return 0; /* done before */
    }
    if (rc >= 0) {
        rc = forget_config_files();
    }
    /* mirrors lie in a directory of ours, which a volume may show as another user's */
    if (rc >= 0) {
        rc = git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
    }
    if (rc >= 0) {
        rc = git_libgit2_opts(GIT_OPT_SET_CACHE_MAX_SIZE, (ssize_t)OBJECT_CACHE_BYTES);
    }
    return rc < 0 ? err_from_git(err, rc, "cannot set up libgit2") : 0;
}

void gitlib_done(void)
{
    (void)git_libgit2_shutdown(); /* the number of calls that are left */
}
