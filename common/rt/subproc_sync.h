/* struct subproc_sync: a helper process of this program that is asked one thing at a time and waited for.
 *
 * For libraries that may hang or crash on what users write: the process has limits, an answer has a deadline, and
 * whatever goes wrong ends the process and not this one; the next question starts a new one. Requests and answers
 * are frames: four bytes of length in the machine's order, then the bytes.
 *
 * A value belongs to one thread at a time. Calls block: pool threads. */
#pragma once

#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/cleanup.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct subproc_sync;

struct subproc_sync_opts {
    const char *name;          /* argv[0] */
    const char *flag;          /* the one argument: what main() goes by */
    uint64_t max_memory_bytes; /* RLIMIT_AS; 0 = not limited */
    size_t max_answer_bytes;
};

/* Starts nothing yet; strings are literals. */
struct subproc_sync *subproc_sync_new(const struct subproc_sync_opts *opts);
/* Ends the process. NULL is fine. */
void subproc_sync_free(struct subproc_sync *proc);
DEFINE_CLEANUP(subproc_sync, struct subproc_sync, subproc_sync_free);

/* One question; the answer is appended.
 *
 * Errors: ERR_TIMEOUT; ERR_LIMIT when the process ended (it had too little memory, or crashed) or answers too much;
 * those of starting it. */
MUST_CHECK int subproc_sync_call(struct subproc_sync *proc,
                                 struct str request,
                                 int64_t timeout_ms,
                                 struct buf *answer,
                                 struct err *err);

/* ---- the child's side ---- */

/* Read frames from standard input, answer them on standard output, until the end of the input. */
void subproc_sync_serve(void (*answer)(void *data, struct str request, struct buf *out),
                        void *data,
                        size_t max_request_bytes);
