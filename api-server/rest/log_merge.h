/* Lines of several logs, put in the order of their times. Pure; one thread at a time. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/cleanup.h"
#include "common/base/str.h"

struct log_merge;

struct log_line {
    int64_t ms;      /* Unix time */
    struct str time; /* as it was written; breaks ties */
    struct str text;
    size_t source;
};

struct log_merge *log_merge_new(size_t n_sources);
void log_merge_free(struct log_merge *m);
DEFINE_CLEANUP(log_merge, struct log_merge, log_merge_free);

/* A line of its source, which is not ended; copied. */
void log_merge_put(struct log_merge *m, const struct log_line *line);
/* No more lines of this one. */
void log_merge_end(struct log_merge *m, size_t source);
/* Lines put and not taken. */
size_t log_merge_len(const struct log_merge *m);
/* Take the oldest line. False: there is none, or, without `hurry`, a source that has not ended has none, so
 * that an older one may still come. The line is valid until the next call of any function. */
bool log_merge_next(struct log_merge *m, bool hurry, struct log_line *ret);
