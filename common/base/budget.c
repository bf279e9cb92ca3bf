/* Step, byte, node, depth and time accounting. Pure but for the injected clock. */
#include "common/base/budget.h"

#include "common/base/clock.h"

enum {
    DEADLINE_CHECK_STEPS = 1024, /* a clock read costs about 25 ns */
};

struct budget budget_unlimited(void)
{
    return (struct budget){
        .steps = UINT64_MAX,
        .bytes = UINT64_MAX,
        .nodes = UINT64_MAX,
        .depth = UINT32_MAX,
    };
}

static int charge(uint64_t *left, uint64_t n, const char *what, struct err *err)
{
    if (n > *left) {
        *left = 0;
        return err_set(err, ERR_LIMIT, "limit of %s reached", what);
    }
    *left -= n;
    return 0;
}

int budget_steps(struct budget *b, uint64_t n, struct err *err)
{
    uint64_t before = b->steps;
    TRY(charge(&b->steps, n, "steps", err));
    bool crossed = before / DEADLINE_CHECK_STEPS != b->steps / DEADLINE_CHECK_STEPS;
    if (crossed && b->deadline_ms != 0 && clock_now_ms(b->clock) > b->deadline_ms) {
        return err_set(err, ERR_TIMEOUT, "deadline passed");
    }
    return 0;
}

int budget_bytes(struct budget *b, uint64_t n, struct err *err)
{
    return charge(&b->bytes, n, "output bytes", err);
}

int budget_nodes(struct budget *b, uint64_t n, struct err *err)
{
    return charge(&b->nodes, n, "values", err);
}

int budget_enter(struct budget *b, struct err *err)
{
    if (b->depth == 0) {
        return err_set(err, ERR_LIMIT, "limit of nesting depth reached");
    }
    b->depth--;
    return 0;
}

void budget_leave(struct budget *b)
{
    b->depth++;
}

struct budget budget_fork(const struct budget *b)
{
    struct budget fork = budget_unlimited();
    fork.depth = b->depth;
    fork.deadline_ms = b->deadline_ms;
    fork.clock = b->clock;
    return fork;
}

int budget_join(struct budget *b, const struct budget *fork, struct err *err)
{
    TRY(budget_steps(b, UINT64_MAX - fork->steps, err));
    TRY(budget_bytes(b, UINT64_MAX - fork->bytes, err));
    return budget_nodes(b, UINT64_MAX - fork->nodes, err);
}
