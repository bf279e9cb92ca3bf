/* struct source: a commit as a read-only file tree (struct engine_files), straight from Git's objects, with a
 * record of everything that was looked at.
 *
 * The record is the read-set: for each file the id of its blob, for each directory listed a digest of its
 * names (and the tree's id, as a short cut), for each look-up that found nothing just that.  A later commit
 * whose tree gives the same answers would be rendered to the same result, so it need not be rendered.
 *
 * One thread at a time; blocking (object store only). */
#pragma once

#include <stdbool.h>

#include "common/base/arena.h"
#include "common/base/cleanup.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "engine/engine_env.h"
#include "repo-server/git/objects.h"

struct source;
struct read_set;

/* The tree of a commit. objects is borrowed for as long as the source. */
struct source *source_new(struct objects *objects, const struct object_id *tree);
void source_free(struct source *source);
DEFINE_CLEANUP(source, struct source, source_free);

/* How submodules are had. */
struct source_modules {
    struct str url; /* of the repository of this tree: others may be given relative to it */
    /* The tree of another repository's commit, borrowed for as long as this source. An error is passed on to who
     * looked into the submodule. */
    int (*open)(
        void *data, struct str url, struct str commit, struct source **ret, struct err *err);
    void *data;
};

/* Without it submodules are empty directories, as in a checkout that does not ask for them. Before the first look; the URL is
 * copied. */
void source_set_modules(struct source *source, const struct source_modules *modules);

struct engine_files *source_files(struct source *source);

/* The record so far, as an immutable object of its own. `uses_commit`: the render has also seen
 * the commit's id, so nothing but the same commit will do. */
struct read_set *source_read_set(struct source *source, bool uses_commit);
void read_set_free(struct read_set *set);
DEFINE_CLEANUP(read_set, struct read_set, read_set_free);
/* Bytes held: for the cache's bound. */
size_t read_set_size(const struct read_set *set);

/* 1 when every answer in the record is the same in this tree, 0 when not. Cost: one look-up per path, but
 * one for a whole directory when its tree is the same. */
MUST_CHECK int read_set_holds(const struct read_set *set, struct source *source, struct err *err);
