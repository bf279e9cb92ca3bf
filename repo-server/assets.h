/* struct assets: what a render needs from elsewhere than its trees: charts of repositories, files at URLs, commits of
 * other Git repositories.
 *
 *   render asks (pool) ─▶ not here: noted ─▶ render gives up ─▶ load (loop) ─▶ render again
 *
 * The loop and one job use it in turns, never at once. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "engine/engine_env.h"
#include "proto/repo.pb-c.h"
#include "repo-server/manifest_cache.h"
#include "repo-server/source/helm_repo.h"

struct assets;
struct fetcher;
struct loop;

struct assets_options {
    struct loop *loop;                              /* borrowed */
    struct helm_repo *helm_repo;                    /* borrowed; NULL: no charts and files */
    struct fetcher *fetcher;                        /* borrowed; NULL: no repositories */
    const Belay__GenerateManifestsRequest *request; /* what it says of repositories is copied */
    enum helm_repo_freshness freshness;             /* of indexes */
};

struct assets *assets_new(const struct assets_options *options);
/* Nothing may be loading. NULL is fine. */
void assets_free(struct assets *assets);

/* Valid as long as the assets. */
struct assets_found {
    struct str bytes;    /* CHART: the archive; FILE: the content */
    struct str revision; /* CHART: the version; GIT: the commit */
    struct str mirror;   /* GIT: where the commit is */
    const struct engine_remote *asset;
};

/* ---- on the pool ---- */

/* From now on what is found counts as used. */
void assets_begin(struct assets *assets);
/* 1 = *ret; 0 = not here yet, and noted. ERR_DENIED (scheme), ERR_LIMIT (number), and for a file why it
 * cannot be had (system_code: the HTTP status, if that is why). */
MUST_CHECK int assets_find(struct assets *assets,
                           const struct engine_remote *asset,
                           struct assets_found *ret,
                           struct err *err);
/* The mirror that it was found in cannot be read. */
void assets_spoil(struct assets *assets, const struct engine_remote *asset);
/* 1 = it is still the same; 0 = not, or not here yet, and noted. */
MUST_CHECK int
assets_holds(struct assets *assets, const struct manifest_asset *known, struct err *err);
/* What was used since assets_begin(), copied into the arena. */
void assets_used(const struct assets *assets, struct arena *arena, struct manifest_inputs *ret);

/* ---- on either ---- */

/* Something was asked for that is not here. */
bool assets_awaited(const struct assets *assets);

/* ---- on the loop ---- */

/* What was used since assets_begin() may change elsewhere: a failure need not be one of the commits. */
bool assets_may_mend(const struct assets *assets);
/* Have the mirrors that could not be read made anew by the next fetch; false: there are none. */
bool assets_tell_spoiled(struct assets *assets);

/* Note one that comes from this repository, which is copied, whatever the request's list says. */
void assets_want(struct assets *assets,
                 const struct engine_remote *asset,
                 const Belay__Repository *repo);
/* Get all that is awaited; done is called exactly once, never before this returned, with the first error or NULL. */
void assets_load(struct assets *assets,
                 void (*done)(const struct err *err, void *data),
                 void *data);
