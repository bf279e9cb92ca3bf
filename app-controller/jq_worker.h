/* The jq helper process: `belay-app-controller --jq-worker`.
 *
 * A request is an expression, a zero byte and a JSON text; an answer a letter and text: P and the paths, or E and why
 * the expression is no jq. */
#pragma once

#define JQ_WORKER_FLAG "--jq-worker"

enum { JQ_WORKER_PATHS = 'P', JQ_WORKER_ERROR = 'E' };

void jq_worker_main(void);
