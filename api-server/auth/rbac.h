/* May somebody do something? One function decides for the whole server.
 *
 * The local admin may do everything, nobody else anything; policies of argocd-rbac-cm and of projects
 * come in through rbac_allow(). Pure but for the settings read. */
#pragma once

#include <stdbool.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct api_server;
struct principal;
struct rest_call;

bool rbac_allow(const struct api_server *server,
                const struct principal *who,
                struct str resource,
                struct str action,
                struct str object);

/* The right the route names, on any object. ERR_DENIED. */
MUST_CHECK int rbac_enforce_route(const struct rest_call *call, struct err *err);
/* The right the route or the call names on one application; ERR_DENIED says which right is missing. */
MUST_CHECK int rbac_enforce_app(const struct rest_call *call,
                                struct str project,
                                struct str name,
                                struct err *err);
/* Another right than the route's, on one application. */
MUST_CHECK int rbac_enforce_other(const struct rest_call *call,
                                  const char *action,
                                  struct str project,
                                  struct str name,
                                  struct err *err);
