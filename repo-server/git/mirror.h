/* Mirrors on disk: one bare repository per repository URL below the cache directory.
 *
 *   <cache>/lock             held by the process that uses the directory
 *   <cache>/git/<key>.git    a mirror; <key>.lock beside it is held by the helper that fetches
 *   <cache>/tmp/             directories of running helpers; emptied at start
 *
 * Everything here may be deleted while no server runs: it is fetched again.  A process killed at any
 * moment leaves whole packs, or temporary files that the next fetch removes.
 *
 * Blocking: start-up, pool threads and helpers. */
#pragma once

#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/cleanup.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct mirror_store;

/* Create what is missing, take the lock, remove leftovers. ERR_CONFLICT when another process has the
 * directory. */
MUST_CHECK int mirror_store_open(const char *cache_dir, struct mirror_store **ret, struct err *err);
void mirror_store_close(struct mirror_store *store);
DEFINE_CLEANUP(mirror_store, struct mirror_store, mirror_store_close);

/* The directory of a mirror; NUL-terminated. key: repo_url.key. */
struct str mirror_path(const struct mirror_store *store, struct arena *arena, const char *key);
/* A new empty directory below tmp. */
MUST_CHECK int mirror_temp_dir(const struct mirror_store *store,
                               struct arena *arena,
                               struct str *ret,
                               struct err *err);

/* Note that a mirror was used now. A missing one is fine. */
void mirror_touch(const char *mirror);

/* Remove the mirrors not used for longest until all together have at most max_bytes; those whose
 * keys are in `busy` (NULL-terminated) stay. */
MUST_CHECK int mirror_evict(const char *cache_dir,
                            uint64_t max_bytes,
                            const char *const *busy,
                            uint64_t *ret_bytes,
                            struct err *err);

/* For the helper: wait for the mirror's lock; the descriptor holds it until it is closed. */
MUST_CHECK int mirror_lock(const char *mirror, int *ret_fd, struct err *err);
/* For the holder of the lock: remove what a killed fetch has left behind. */
MUST_CHECK int mirror_sweep(const char *mirror, struct err *err);
