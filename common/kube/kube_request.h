/* Requests in terms of HTTP: method, path with query, headers, body.
 *
 * Pure: what a kube_request, list or watch looks like on the wire, and what may be repeated. Any
 * thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "common/kube/kube_client.h"
#include "common/kube/kube_status.h"
#include "common/net/http_header.h"

struct arena;

/* All in the arena. */
struct kube_wire {
    const char *method;
    struct str path; /* absolute, escaped, with query */
    struct http_headers headers;
    struct str body; /* p is NULL = none */
    enum kube_repeat repeat;
    struct str what; /* "patch deployments.apps shop/web", for messages */
};

/* Errors: ERR_INVALID for a target or options that make no request (no name, no body, apply without a
 * field manager, "." as a name, ...). */
MUST_CHECK int kube_request_wire(struct arena *arena,
                                 const struct kube_request *request,
                                 struct kube_wire *ret,
                                 struct err *err);

/* One page of a list, or a watch. */
struct kube_collection {
    enum kube_verb verb; /* KUBE_LIST or KUBE_WATCH */
    struct kube_target target;
    struct str label_selector;
    struct str field_selector;
    struct str resource_version; /* "" = not sent */
    struct str continue_token;
    int64_t limit;     /* list; 0 = not sent */
    int64_t timeout_s; /* watch */
    bool metadata_only;
    bool initial_events; /* watch: stream the list first (sendInitialEvents) */
};

MUST_CHECK int kube_request_collection(struct arena *arena,
                                       const struct kube_collection *collection,
                                       struct kube_wire *ret,
                                       struct err *err);

/* "deployments.apps shop/web" */
struct str kube_request_describe(struct arena *arena, const struct kube_target *target);
/* All slices copied into the arena. */
struct kube_target kube_target_copy(struct arena *arena, const struct kube_target *target);
