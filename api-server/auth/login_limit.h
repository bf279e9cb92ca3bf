/* Against guessing: after some failures of a user within a window, logins of that user are refused for a
 * while; only so many logins are checked at once. Pure but for the time given. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/cleanup.h"
#include "common/base/str.h"

struct login_limit;

enum {
    LOGIN_FAILURES_MAX = 5,
    LOGIN_WINDOW_MS = 300 * 1000,
    LOGIN_CONCURRENT_MAX = 50,
};

struct login_limit *login_limit_new(void);
void login_limit_free(struct login_limit *limit);
DEFINE_CLEANUP(login_limit, struct login_limit, login_limit_free);

/* May this login be checked now? True is followed by one login_limit_end() or login_limit_cancel(). */
bool login_limit_begin(struct login_limit *limit, struct str username, int64_t now_ms);
/* It was checked. */
void login_limit_end(struct login_limit *limit, struct str username, bool success, int64_t now_ms);
/* It could not be checked: failures count on. */
void login_limit_cancel(struct login_limit *limit);
