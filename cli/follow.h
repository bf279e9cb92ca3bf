/* Following one Application until it is in a wanted state: through the event stream, which is opened again
 * whenever it breaks, with a look at the Application itself each time. Blocking. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cli/app_ref.h"
#include "cli/wait.h"
#include "common/base/err.h"
#include "common/base/macro.h"

struct cli;
struct value;

struct follow {
    struct app_ref ref;
    struct wait wait;
    int64_t timeout_ms; /* 0 = none */
    bool progress;      /* lines on standard error */
};

/* 0 when the state is reached; CLI_EXIT_NO when the time was over before, which is told on standard error
 * together with what is missing.
 * Errors: ERR_NOT_FOUND when it does not exist, or vanished; what the
 * server refuses. A server that cannot be reached is waited for until the timeout, or for a minute. */
MUST_CHECK int follow_app(struct cli *cli, const struct follow *follow, struct err *err);
