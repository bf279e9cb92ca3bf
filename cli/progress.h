/* struct progress: what happens to an Application, as lines: one for each thing that has changed. Pure. */
#pragma once

#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/cleanup.h"

struct progress;
struct value;

struct progress *progress_new(void);
void progress_free(struct progress *progress);
DEFINE_CLEANUP(progress, struct progress, progress_free);

/* Append lines for what differs from the last time: the Application's status, its operation, each of its
 * resources. wall_ms: Unix time, which begins each line. */
void progress_update(struct progress *progress,
                     const struct value *app,
                     int64_t wall_ms,
                     struct buf *out);
