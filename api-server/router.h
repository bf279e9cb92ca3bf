/* From a request to the function that answers it: the table of routes.def.
 *
 * What holds for every route is done here: login, rights, content type, body, parameters, and the answer
 * to what failed. */
#pragma once

#include "common/base/str.h"

struct api_server;
struct err;
struct http_request;
struct rest_call;

enum rest_flags {
    REST_OPEN = 1 << 0,        /* answers people who are not logged in, too */
    REST_REF_IN_BODY = 1 << 1, /* appNamespace and project may stand in the body, too */
};

struct rest_route {
    const char *method;
    const char
        *path; /* "/api/v1/applications/{name}": {x} is one segment, {x...} all that follow */
    /* Answers at once or later, exactly once, and returns 0; or fails, having answered nothing: then the
     * router answers the error. */
    int (*handler)(struct rest_call *call, struct err *err);
    const char *resource; /* of the RBAC request; "" = none */
    const char *action;
    unsigned flags;
    const char *doc;
};

/* --rootpath as a prefix of paths: "" or "/belay". */
struct str router_root_path(const struct api_server *server);

/* http_request_fn; data is the struct api_server. */
void router_on_request(struct http_request *req, void *data);
