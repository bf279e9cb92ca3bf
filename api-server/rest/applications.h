/* Applications: list, get, create, change, delete. */
#pragma once

#include <stdbool.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "common/value/value.h"

struct api_server;
struct arena;
struct doc;
struct label_selector;
struct kube_reply;
struct rest_call;

MUST_CHECK int applications_list(struct rest_call *call, struct err *err);
MUST_CHECK int applications_get(struct rest_call *call, struct err *err);
MUST_CHECK int applications_create(struct rest_call *call, struct err *err);
MUST_CHECK int applications_update(struct rest_call *call, struct err *err);
MUST_CHECK int applications_update_spec(struct rest_call *call, struct err *err);
MUST_CHECK int applications_patch(struct rest_call *call, struct err *err);
MUST_CHECK int applications_delete(struct rest_call *call, struct err *err);

/* ---- shared with operations, resources and streams ---- */

/* The Application the route names (its first parameter), which the caller may use as the route says.
 * ERR_DENIED also when it does not exist, unless the query says which project it is of: its existence is
 * nobody's business. Borrowed. */
MUST_CHECK int applications_find(struct rest_call *call, struct doc **ret, struct err *err);
struct str application_project(const struct value *app);
/* As rights name it: "name", or "namespace/name" outside the control plane's namespace ("" is that, too). */
struct str application_object(const struct rest_call *call, struct str namespace, struct str name);
/* ERR_DENIED: Applications are not served of this namespace ("" = the control plane's). */
MUST_CHECK int
application_check_namespace(const struct rest_call *call, struct str namespace, struct err *err);
/* "namespace/name", in the arena. */
struct str application_key(struct arena *arena, const struct value *app);
/* NULL = there is none. */
struct doc *application_lookup(const struct rest_call *call, struct str namespace, struct str name);

/* Does an Application pass the filters of a list or stream request (name, project(s), repo, selector)? */
struct app_filter {
    struct str name;
    const struct str *projects;
    size_t n_projects;
    struct str repo;
    const struct label_selector *selector;
    struct str namespace;
};
MUST_CHECK int app_filter_of(struct rest_call *call, struct app_filter *ret, struct err *err);
bool app_filter_matches(const struct app_filter *filter, const struct value *app);

/* An informer event: requests that wait for one look again. */
void applications_changed(struct api_server *server, struct doc *before, struct doc *after);
/* The server stops: answer who still waits. */
void applications_stop_waiting(struct api_server *server);
