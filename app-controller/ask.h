/* Asking a cluster what a comparison needs to know: dry runs of server-side applies, OpenAPI documents.
 *
 * Loop thread only. */
#pragma once

#include "common/base/str.h"

struct err;
struct how;
struct kube_api;
struct live_cache;

struct ask_opts {
    struct live_cache *cache; /* used until the end */
    struct kube_api *api;     /* borrowed until the end */
    struct how *how;          /* its questions get their answers */
    struct str as_user;       /* of dry runs; "" = ourselves */
    const struct err *denied; /* why dry runs are not made; or NULL */
    void (*done)(void *data);
    void *data;
};

/* done runs exactly once, never before this returned; failures stand beside their questions. */
void ask_start(const struct ask_opts *opts);
