/* Passwords as bcrypt hashes (crypt(3)). Slow on purpose: pool only. */
#pragma once

#include <stdbool.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct arena;
struct rand;

enum {
    PASSWORD_BYTES_MAX = 72, /* bcrypt looks at no more */
};

/* False also for a hash of another kind. Takes the same time whether or not it fits. */
bool password_matches(struct str password, struct str hash);

/* "$2a$10$..." in the arena. ERR_INVALID: longer than PASSWORD_BYTES_MAX or with a NUL. */
MUST_CHECK int password_hash(
    struct arena *arena, struct rand *rand, struct str password, struct str *ret, struct err *err);
