/* The Git helper process: `belay-repo-server --git-worker`.
 *
 * Reads one GitWorkerRequest from standard input, does it, writes one GitWorkerReply to standard output,
 * and ends.  It knows nothing but its request and may be killed at any moment. */
#pragma once

#include "common/base/macro.h"

#define WORKER_FLAG "--git-worker"

enum { WORKER_HEADER_BYTES = 4 };

/* Ends the process; the status is 0 also when the reply carries an error. */
NORETURN void worker_main(void);
