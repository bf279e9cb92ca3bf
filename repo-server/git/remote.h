/* Talking to a remote repository: listing its references, fetching into a mirror.
 *
 * Blocking without any time limit of its own, as libgit2 has none: only in the helper process, which is
 * killed at its deadline. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "repo-server/git/refs.h"

struct cred;

struct remote_adverts {
    const struct refs_advert *items;
    size_t n;
};

/* What the server advertises. Errors name the repository, without credentials: ERR_UNAVAILABLE,
 * ERR_UNAUTHENTICATED, ERR_DENIED, ERR_NOT_FOUND. */
MUST_CHECK int
remote_list(struct cred *cred, struct arena *arena, struct remote_adverts *ret, struct err *err);

struct remote_fetch {
    const char *mirror;       /* created when it is missing; the caller holds its lock */
    const char *const *wants; /* commits and full reference names beside heads and tags */
    size_t n_wants;
};

struct remote_fetched {
    uint64_t bytes;
    uint64_t objects;
};

/* All heads and tags, pruned, and what is wanted besides.  A mirror that libgit2 cannot read is made anew.
 * Errors as above; ERR_NOT_FOUND for a wanted commit that the server does not give; ERR_LIMIT. */
MUST_CHECK int remote_fetch(struct cred *cred,
                            struct arena *arena,
                            const struct remote_fetch *options,
                            struct remote_fetched *ret,
                            struct err *err);
