/* Rendering of an Application's sources by the repo-server, for answers. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/err.h"
#include "common/base/str.h"

struct application;
struct rest_call;
struct value;

struct render_request {
    const struct application *model; /* lives until done */
    size_t source;                   /* which of its sources */
    struct str revision;             /* "" = the source's targetRevision */
    bool no_cache;
    /* manifests: ManifestResponse of the REST API, secrets as they are; NULL with err set. */
    void (*done)(struct rest_call *call, const struct value *manifests, const struct err *err);
};

/* done runs exactly once, perhaps before this returns when the request cannot be sent. */
void render_start(struct rest_call *call, const struct render_request *request);
