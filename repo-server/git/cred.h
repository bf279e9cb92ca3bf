/* Logging in to a remote and checking who it is: libgit2's callbacks for one request of the helper.
 *
 * Only the helper process; credentials are those of its request and go to the host they are for. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <git2.h>

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "proto/repo.pb-c.h"
#include "repo-server/git/repo_url.h"

struct cred {
    const Belay__Repository *repo; /* borrowed */
    const struct repo_url *url;    /* borrowed */
    struct arena *arena;           /* borrowed */
    uint64_t max_bytes;            /* of a fetched pack, for remote.c; 0 = no limit */
    bool tried;                    /* a server that asks again has refused them */
    struct err err;                /* why a callback refused; code ERR_OK = it did not */
};

/* For SSH, write what libgit2 reads as files below home (this process's HOME). */
MUST_CHECK int cred_init(struct cred *c,
                         const Belay__Repository *repo,
                         const struct repo_url *url,
                         const char *home,
                         struct arena *arena,
                         struct err *err);
/* Set the callbacks; c is their payload. */
void cred_set_callbacks(struct cred *c, git_remote_callbacks *callbacks);
