/* What the project's sync windows say of an application. Loop thread only. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "app-controller/sync/blocked.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/model/window.h"

struct arena;
struct pass;

/* After pass_resolve(). started_ms: of the operation that asks, wall clock; 0 = none yet. ERR_INVALID: a window is wrong, and nothing
 * is allowed. */
MUST_CHECK int windows_decide(struct pass *pass,
                              bool manual,
                              int64_t started_ms,
                              struct window_verdict *ret,
                              struct err *err);
/* A verdict that does not allow, as what an operation waits for. */
struct blocked windows_blocked(struct arena *arena, const struct window_verdict *verdict);
/* Milliseconds until it may be allowed, to ask again: at most a day, as clocks and projects change. */
int64_t windows_wait_ms(const struct window_verdict *verdict);
