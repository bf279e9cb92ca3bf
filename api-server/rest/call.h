/* struct rest_call: one request on its way through a handler.
 *
 * It lives in the request's arena and is gone when one of the reply functions returned.
 *
 * A handler, and a function that goes on for one, answers at once or later, exactly once, and returns 0; or
 * it fails, having answered nothing, and who called it answers the error. rest_reply_err() is for callbacks
 * that have nobody to return to. Loop thread only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "common/net/http_request.h"
#include "common/net/url.h"

struct api_server;
struct arena;
struct rest_route;
struct value;

/* Who asks. */
struct principal {
    bool logged_in;
    struct str username; /* "admin"; "" = nobody */
    struct str issuer;
    struct str token_id;
    int64_t expires_s; /* Unix time; 0 = never */
};

struct rest_call {
    struct api_server *server;
    struct http_request *request;
    const struct rest_route *route;
    struct arena *arena;
    struct url_segments segments; /* of the path, unescaped */
    const struct str *params;     /* path parameters in the order of the template */
    size_t n_params;
    struct url_params query;
    const struct value *body; /* parsed JSON; NULL = none */
    struct principal who;
    int64_t started_ms;
    const char *right; /* asked for on an application instead of the route's; NULL = that one */
    void *state;       /* of the handler */
};

/* Path parameter by position. */
struct str rest_param(const struct rest_call *call, size_t i);
/* First value of a query parameter; "" when missing. */
struct str rest_query(const struct rest_call *call, const char *name);
/* "true" and "1" are true, missing is def, all else false. */
bool rest_query_bool(const struct rest_call *call, const char *name, bool def);
/* A list parameter: every value under the name. */
struct url_segments rest_query_all(const struct rest_call *call, const char *name);
/* A field of the body; NULL when missing. */
const struct value *rest_body(const struct rest_call *call, const char *name);
struct str rest_body_str(const struct rest_call *call, const char *name);

/* 200 with a tree, reduced to the query's `fields`. */
void rest_reply(struct rest_call *call, const struct value *v);
/* As rest_reply() with other fields. */
void rest_reply_fields(struct rest_call *call, const struct value *v, struct str fields);
/* 200 with "{}". */
void rest_reply_empty(struct rest_call *call);
/* The error as the gateway of Argo CD writes it. */
void rest_reply_err(struct rest_call *call, const struct err *err);
/* With a status that no code of errors has. */
void rest_reply_status(struct rest_call *call, int status, const struct err *err);
PRINTF(3, 4)
void rest_reply_error(struct rest_call *call, enum err_code code, const char *fmt, ...);
/* 200 with JSON text as it is. */
void rest_reply_json(struct rest_call *call, struct str json, struct http_headers headers);

/* {"error", "code", "message"} of an error, in the arena. */
struct str rest_error_body(struct arena *arena, const struct err *err);
