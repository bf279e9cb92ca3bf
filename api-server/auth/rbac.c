/* Rights. */
#include "api-server/auth/rbac.h"

#include "api-server/api_server.h"
#include "api-server/auth/session.h"
#include "api-server/rest/call.h"
#include "api-server/router.h"
#include "common/base/arena.h"

bool rbac_allow(const struct api_server *server,
                const struct principal *who,
                struct str resource UNUSED,
                struct str action UNUSED,
                struct str object UNUSED)
{
    if (server->config->disable_auth) {
        return true;
    }
    return who->logged_in && str_eq(who->username, STR(SESSION_ADMIN));
}

static int enforce(const struct rest_call *call,
                   const char *resource,
                   const char *action,
                   struct str object,
                   struct err *err)
{
    if (rbac_allow(call->server, &call->who, str_from(resource), str_from(action), object)) {
        return 0;
    }
    return err_set(err, ERR_DENIED, "permission denied: %s, %s, " STR_FMT ", sub: " STR_FMT,
                   resource, action, STR_ARG(object), STR_ARG(call->who.username));
}

int rbac_enforce_route(const struct rest_call *call, struct err *err)
{
    return enforce(call, call->route->resource, call->route->action, STR("*"), err);
}

static struct str app_object(const struct rest_call *call, struct str project, struct str name)
{
    return arena_printf(call->arena, STR_FMT "/" STR_FMT, STR_ARG(project), STR_ARG(name));
}

int rbac_enforce_app(const struct rest_call *call,
                     struct str project,
                     struct str name,
                     struct err *err)
{
    const char *action = call->right != NULL ? call->right : call->route->action;
    return enforce(call, call->route->resource, action, app_object(call, project, name), err);
}

int rbac_enforce_other(const struct rest_call *call,
                       const char *action,
                       struct str project,
                       struct str name,
                       struct err *err)
{
    return enforce(call, "applications", action, app_object(call, project, name), err);
}
