/* libgit2's failures as struct err. They are thread-local: convert at once, on the same thread. */
#pragma once

#include "common/base/err.h"
#include "common/base/macro.h"

/* For a negative result of a local operation: "<what>: <libgit2's message>". */
#define err_from_git(err, git_rc, ...) err_from_git_at((err), (git_rc), ERR_ORIGIN, __VA_ARGS__)
PRINTF(4, 5)
int err_from_git_at(struct err *err, int git_rc, const char *origin, const char *fmt, ...);

/* For a failure to talk to a remote: the code says what the user can do, the message what happened to
 * the repository; shown is its URL without credentials. */
int err_from_git_remote(struct err *err, int git_rc, const char *shown);
