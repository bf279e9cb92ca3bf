/* jq expressions of ignoreDifferences for comparisons, run by helper processes.
 *
 * struct jq_pool keeps a few helpers that have nothing to do; struct jq_memo what expressions gave for objects of one
 * application, so that unchanged objects cost no helper. A struct jq_runner is both for one comparison. */
#pragma once

#include <stdint.h>

#include "common/base/cleanup.h"
#include "engine/compare/ignore.h"

struct jq_memo;
struct jq_pool;
struct jq_runner;

/* Loop thread only. timeout_ms: of one expression on one object. */
struct jq_pool *jq_pool_new(int64_t timeout_ms);
void jq_pool_free(struct jq_pool *pool);

struct jq_memo *jq_memo_new(void);
/* NULL is fine. */
void jq_memo_free(struct jq_memo *memo);

/* Takes the memo (NULL = a fresh one). Loop thread. */
struct jq_runner *jq_runner_begin(struct jq_pool *pool, struct jq_memo *memo);
/* Returns the memo, now without what this comparison did not need. Loop thread. */
struct jq_memo *jq_runner_end(struct jq_runner *runner);
/* For diff_opts; valid until the end. To be used by one thread at a time, which blocks: pool. */
const struct ignore_jq *jq_runner_jq(struct jq_runner *runner);
