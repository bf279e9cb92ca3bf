/* struct budget: what an input-driven computation may still use.
 *
 * Loops whose length is chosen by input charge it and pass on ERR_LIMIT, whose message names the
 * limit. Not thread-safe; belongs to one request. */
#pragma once

#include <stdint.h>

#include "common/base/err.h"
#include "common/base/macro.h"

struct clock;

struct budget {
    uint64_t steps;            /* remaining */
    uint64_t bytes;            /* remaining output */
    uint64_t nodes;            /* remaining values created */
    uint32_t depth;            /* remaining nesting */
    int64_t deadline_ms;       /* on clock; 0 = none */
    const struct clock *clock; /* borrowed; needed with a deadline */
};

/* Every field at its maximum, no deadline. */
struct budget budget_unlimited(void);

/* What another thread uses in its stead: unlimited but for depth and deadline. */
struct budget budget_fork(const struct budget *b);
/* Charge what was used of a fork. */
MUST_CHECK int budget_join(struct budget *b, const struct budget *fork, struct err *err);

MUST_CHECK int budget_steps(struct budget *b, uint64_t n, struct err *err);
MUST_CHECK int budget_bytes(struct budget *b, uint64_t n, struct err *err);
MUST_CHECK int budget_nodes(struct budget *b, uint64_t n, struct err *err);
/* Each successful enter is followed by a leave. */
MUST_CHECK int budget_enter(struct budget *b, struct err *err);
void budget_leave(struct budget *b);
