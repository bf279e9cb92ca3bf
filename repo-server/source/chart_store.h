/* struct chart_store: charts on disk, below the repo-server's cache directory.
 *
 *   <cache>/charts/index/<key>     index.yaml of one repository as seen with one set of credentials, after lines
 *                                  that say which version of it this is
 *   <cache>/charts/archive/<key>   a chart archive
 *
 * Files are written whole or not at all, and checked when they are read: what is damaged counts as missing. All
 * of it may be deleted at any time. Blocking: start-up and pool threads; any of them at once. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/cleanup.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct chart_store;

/* Creates the directories. */
MUST_CHECK int chart_store_open(const char *cache_dir, struct chart_store **ret, struct err *err);
void chart_store_close(struct chart_store *store); /* NULL is fine */
DEFINE_CLEANUP(chart_store, struct chart_store, chart_store_close);

/* Keys are hexadecimal digests: what goes into a file name. */

struct chart_stored_index {
    struct str etag;          /* of the answer; "" = none */
    struct str last_modified; /* of the answer; "" = none */
    struct str yaml;
};
/* ERR_NOT_FOUND also for what cannot be used. */
MUST_CHECK int chart_store_read_index(const struct chart_store *store,
                                      struct arena *arena,
                                      struct str key,
                                      struct chart_stored_index *ret,
                                      struct err *err);
MUST_CHECK int chart_store_write_index(const struct chart_store *store,
                                       struct str key,
                                       const struct chart_stored_index *index,
                                       struct err *err);

/* digest: 64 hexadecimal digits that the content must have; "" = any. ERR_NOT_FOUND also when it has not. */
MUST_CHECK int chart_store_read_archive(const struct chart_store *store,
                                        struct arena *arena,
                                        struct str key,
                                        struct str digest,
                                        struct str *ret,
                                        struct err *err);
MUST_CHECK int chart_store_write_archive(const struct chart_store *store,
                                         struct str key,
                                         struct str bytes,
                                         struct err *err);

/* Remove the files not used for longest until all together have at most max_bytes. */
MUST_CHECK int chart_store_evict(const struct chart_store *store,
                                 uint64_t max_bytes,
                                 uint64_t *ret_bytes,
                                 struct err *err);
