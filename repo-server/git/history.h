/* struct history: the commits a verification of a whole history has to look at, children before parents, newer ones
 * first.
 *
 * A sealed commit stands for all that is before it: what is reachable from it is passed over, but for the commits that
 * something not sealed names as its parents (as `git rev-list --boundary` has it, which is what Argo CD goes by).
 * The whole graph is read to know what is reachable; it is held, the commits are not. For the helper process. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/cleanup.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "repo-server/git/objects.h"

struct history;

/* Errors: LIMIT_SIGNED_COMMITS; those of reading. objects is borrowed. */
MUST_CHECK int history_read(struct objects *objects,
                            const struct object_id *head,
                            struct history **ret,
                            struct err *err);
void history_free(struct history *history);
DEFINE_CLEANUP(history, struct history, history_free);

/* A commit that needs no look, and seals. Before the first history_next(); one that is not here is fine. */
void history_trust(struct history *history, const struct object_id *id);
/* The next commit to look at; false at the end. */
bool history_next(struct history *history, struct object_id *ret);
/* The commit that history_next() gave last is a seal. */
void history_seal(struct history *history);
