/* Rendering of an Application's sources by the repo-server, for answers. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/macro.h"
#include "common/base/str.h"

struct application;
struct err;
struct rest_call;
struct value;

struct render_request {
    const struct application *model; /* lives until done */
    size_t source;                   /* which of its sources */
    struct str revision;             /* "" = the source's targetRevision */
    bool no_cache;
    bool describe; /* done gets {"type", ...} of engine/describe.h instead */
    /* manifests: ManifestResponse of the REST API, secrets as they are. Goes on as a handler does
     * (rest/call.h). */
    int (*done)(struct rest_call *call, const struct value *manifests, struct err *err);
    /* Instead of done when there are none; err says why, and may be changed or answered differently.
     * NULL = err is answered. */
    int (*failed)(struct rest_call *call, struct err *err);
};

/* One of the two functions runs, exactly once, never before this returned; none when this fails. */
MUST_CHECK int
render_start(struct rest_call *call, const struct render_request *request, struct err *err);
