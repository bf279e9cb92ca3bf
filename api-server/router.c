/* Matching and the checks common to all routes. */
#include "api-server/router.h"

#include <string.h>

#include "api-server/api_server.h"
#include "api-server/auth/rbac.h"
#include "api-server/auth/session.h"
#include "api-server/rest/about.h"
#include "api-server/rest/applications.h"
#include "api-server/rest/call.h"
#include "api-server/rest/details.h"
#include "api-server/rest/fields.h"
#include "api-server/rest/gpg_keys.h"
#include "api-server/rest/inventory.h"
#include "api-server/rest/logs.h"
#include "api-server/rest/operations.h"
#include "api-server/rest/plan.h"
#include "api-server/rest/repository_test.h"
#include "api-server/rest/resource_actions.h"
#include "api-server/rest/resources.h"
#include "api-server/rest/session.h"
#include "api-server/rest/windows.h"
#include "api-server/stream.h"
#include "common/base/arena.h"
#include "common/net/http_request.h"
#include "common/net/url.h"
#include "common/rt/loop.h"
#include "common/value/value_json.h"

static const struct rest_route ROUTES[] = {
#define ROUTE(method, path, handler, resource, action, flags, doc) \
    {method, path, handler, resource, action, flags, doc},
#include "api-server/routes.def"
#undef ROUTE
};

enum match { MATCH_NONE, MATCH_PATH, MATCH_ALL };

static enum match
match_route(const struct rest_route *route, const struct rest_call *call, struct str *params)
{
    struct str rest = str_sub(str_from(route->path), 1, (size_t)-1);
    struct str part;
    size_t n_params = 0;
    size_t i = 0;
    if (rest.n == 0) {
        rest = str_of(NULL, 0);
    }
    while (str_next(&rest, '/', &part)) {
        if (i >= call->segments.n) {
            return MATCH_NONE;
        }
        if (part.n > 0 && part.p[0] == '{') {
            if (call->segments.items[i].n == 0) {
                return MATCH_NONE;
            }
            params[n_params++] = call->segments.items[i];
        } else if (!str_eq(part, call->segments.items[i])) {
            return MATCH_NONE;
        }
        i++;
    }
    if (i != call->segments.n) {
        return MATCH_NONE;
    }
    struct str method = http_request_method(call->request);
    bool head = str_eq(method, STR("HEAD")) && str_eq_c(STR("GET"), route->method);
    return head || str_eq_c(method, route->method) ? MATCH_ALL : MATCH_PATH;
}

static size_t count_params(const struct rest_route *route)
{
    size_t n = 0;
    for (const char *c = route->path; *c != '\0'; c++) {
        n += *c == '{';
    }
    return n;
}

/* status 0: the one of the error's code. */
static void fail(struct rest_call *call, const struct err *err, int status)
{
    if (status == 0) {
        rest_reply_err(call, err);
        return;
    }
    rest_reply_status(call, status, err);
}

/* NULL after an error was answered. */
static const struct rest_route *find_route(struct rest_call *call)
{
    struct str *params = arena_calloc(call->arena, call->segments.n, sizeof(*params));
    bool other_method = false;
    for (size_t i = 0; i < ARRAY_LEN(ROUTES); i++) {
        enum match m = match_route(&ROUTES[i], call, params);
        if (m == MATCH_ALL) {
            call->params = params;
            call->n_params = count_params(&ROUTES[i]);
            return &ROUTES[i];
        }
        other_method |= m == MATCH_PATH;
    }
    struct err err;
    if (other_method) {
        (void)err_set(&err, ERR_UNSUPPORTED, "method " STR_FMT " is not allowed here",
                      STR_ARG(http_request_method(call->request)));
        fail(call, &err, 405);
    } else {
        (void)err_set(&err, ERR_NOT_FOUND, "Not Found");
        fail(call, &err, 0);
    }
    return NULL;
}

struct str router_root_path(const struct api_server *server)
{
    struct str root = str_from(server->config->root_path);
    while (str_cut_suffix(&root, STR("/"))) {
    }
    return root;
}

/* Probes of the kubelet know no root path. */
static bool below_root(const struct api_server *server, struct str *path)
{
    struct str rest = *path;
    if (str_eq(rest, STR("/healthz"))) {
        return true;
    }
    if (!str_cut_prefix(&rest, router_root_path(server)) ||
        (rest.n > 0 && !str_starts_with(rest, STR("/")))) {
        return false;
    }
    *path = rest.n > 0 ? rest : STR("/");
    return true;
}

static int parse_url(struct rest_call *call, struct err *err)
{
    struct str path = http_request_path(call->request);
    if (!below_root(call->server, &path)) {
        return err_set(err, ERR_NOT_FOUND, "Not Found");
    }
    TRY(url_path_segments(call->arena, path, &call->segments, err));
    TRY(url_query_parse(call->arena, http_request_query(call->request), &call->query, err));
    return fields_check(rest_query(call, "fields"), err);
}

/* Only exactly this type: a form of another site cannot send it. */
static int check_content_type(struct rest_call *call, struct err *err)
{
    struct str method = http_request_method(call->request);
    if (str_eq(method, STR("GET")) || str_eq(method, STR("HEAD"))) {
        return 0;
    }
    struct str type = http_request_header(call->request, STR("content-type"));
    if (!str_eq_nocase(type, STR("application/json"))) {
        return err_set(err, ERR_UNSUPPORTED, "Invalid content type");
    }
    return 0;
}

static int parse_body(struct rest_call *call, struct err *err)
{
    struct str body = http_request_body(call->request);
    if (str_trim(body).n == 0) {
        return 0;
    }
    TRY_IN(value_from_json(call->arena, body, NULL, &call->body, err), err, "request body");
    return 0;
}

static int check_rights(struct rest_call *call, struct err *err)
{
    session_identify(call);
    if ((call->route->flags & REST_OPEN) != 0) {
        return 0;
    }
    if (!call->who.logged_in) {
        return err_set(err, ERR_UNAUTHENTICATED, "no session information");
    }
    return rbac_enforce_route(call, err);
}

void router_on_request(struct http_request *req, void *data)
{
    struct api_server *server = data;
    struct rest_call *call = ARENA_NEW(http_request_arena(req), struct rest_call);
    struct err err;
    call->server = server;
    call->request = req;
    call->arena = http_request_arena(req);
    call->started_ms = loop_now_ms(server->loop);
    if (parse_url(call, &err) < 0) {
        fail(call, &err, 0);
        return;
    }
    call->route = find_route(call);
    if (call->route == NULL) {
        return;
    }
    if (check_content_type(call, &err) < 0) {
        fail(call, &err, 415);
    } else if (check_rights(call, &err) < 0 || parse_body(call, &err) < 0 ||
               call->route->handler(call, &err) < 0) {
        fail(call, &err, 0);
    }
}
