/* Session tokens: JSON Web Tokens signed with HS256, as Argo CD makes them.
 *
 * Only this algorithm is accepted, whatever a token's header says. Pure; any thread. */
#pragma once

#include <stdint.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct arena;

#define TOKEN_ISSUER "argocd"

struct token_claims {
    struct str issuer;
    struct str subject; /* "admin:login", "ci:apiKey" */
    struct str id;      /* jti */
    int64_t issued_s;   /* iat, Unix time */
    int64_t not_before_s;
    int64_t expires_s; /* 0 = never */
};

/* The token, in the arena. key must not be empty. */
MUST_CHECK int token_sign(struct arena *arena,
                          struct str key,
                          const struct token_claims *claims,
                          struct str *ret,
                          struct err *err);
/* ERR_UNAUTHENTICATED: malformed, another algorithm, wrong signature, expired, not valid yet. */
MUST_CHECK int token_verify(struct arena *arena,
                            struct str key,
                            struct str token,
                            int64_t now_s,
                            struct token_claims *ret,
                            struct err *err);
