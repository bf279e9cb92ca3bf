/* struct index_load: the index of a chart repository, from disk when the server says that it is still right.
 *
 * Parsing and the disk are on the pool. Loop thread only. */
#pragma once

#include <stdint.h>

#include "common/base/err.h"
#include "repo-server/source/chart_env.h"

struct chart_remote;
struct helm_index;
struct index_load;

/* index is NULL on failure, else borrowed. Exactly once, never before index_load_start() returned. Errors:
 * those of downloads, ERR_INVALID (no index), ERR_LIMIT. */
typedef void (*index_load_fn)(struct helm_index *index, const struct err *err, void *data);

/* known: what was loaded last, NULL = look on disk. All arguments are borrowed or get references. */
struct index_load *index_load_start(const struct chart_env *env,
                                    struct chart_remote *remote,
                                    struct helm_index *known,
                                    index_load_fn done,
                                    void *data);
/* done follows with ERR_CANCELED. */
void index_load_cancel(struct index_load *load);
