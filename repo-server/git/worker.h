/* The Git helper process: `belay-repo-server --git-worker`.
 *
 * Reads one GitWorkerRequest from standard input, does it, writes one GitWorkerReply to standard output,
 * and ends.  It knows nothing but its request and may be killed at any moment. */
#pragma once

#define WORKER_FLAG "--git-worker"

enum { WORKER_HEADER_BYTES = 4 };

/* The exit status: 0 also when the reply carries an error. */
int worker_main(void);
