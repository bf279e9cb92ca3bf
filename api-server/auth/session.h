/* Sessions: from credentials to a token, and from a request's token to a principal.
 *
 * Tokens come as bearer or in the cookie argocd.token (in pieces when long). A changed password, a log-out
 * and the end of a token's time end a session. Loop thread only. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct api_server;
struct rest_call;
struct settings;

#define SESSION_COOKIE "argocd.token"
#define SESSION_ADMIN  "admin" /* the local user */

/* Not when admin.enabled of argocd-cm is false: its sessions are void then, too. */
bool session_admin_enabled(const struct settings *settings);

/* Sets call->who; nobody when there is no valid token. */
void session_identify(struct rest_call *call);

/* The token of a request; "" = none. */
struct str session_token_of(const struct rest_call *call);

/* A new token for a user whose password was checked. */
MUST_CHECK int
session_issue(struct rest_call *call, struct str username, struct str *ret_token, struct err *err);

/* The request's token is worth nothing from now on (in this process). */
void session_revoke(struct rest_call *call);
void session_forget_revoked(struct api_server *server);
