/* struct targets: what an Application's sources say should be, at certain revisions.
 *
 * Immutable and shared by reference: a comparison, a running sync and the application may hold the same
 * one. targets_fetch() asks the repo-server for every source. Loop thread only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/cleanup.h"
#include "common/base/err.h"
#include "common/base/str.h"
#include "common/model/application.h"

struct arena;
struct ipc_client;
struct kube_api;
struct settings;
struct targets_fetch;
struct value;

struct targets {
    unsigned refs;
    struct arena *arena; /* of everything below */
    const struct value **objects;
    size_t n_objects;
    struct str *revisions; /* resolved, one per source */
    enum source_type *types;
    size_t n_sources;
    uint64_t hash; /* equal hashes: equal objects */
};

struct targets *targets_ref(struct targets *targets);
void targets_unref(struct targets *targets); /* NULL is fine */
DEFINE_CLEANUP(targets, struct targets, targets_unref);

/* Targets of objects given as JSON texts: a local sync. revisions: one per source, or NULL = none known.
 * ERR_INVALID. */
MUST_CHECK int targets_from_manifests(struct app_strs manifests,
                                      const struct str *revisions,
                                      size_t n_sources,
                                      struct targets **ret,
                                      struct err *err);

/* All borrowed until targets_fetch() returned. */
struct targets_request {
    struct ipc_client *repo_server;
    const struct app_sources *sources;
    const struct str *revisions; /* one per source, or NULL: targetRevision of each */
    struct str instance;
    struct str project;
    struct str namespace;            /* of the destination */
    const struct settings *settings; /* repositories and their credentials */
    const struct kube_api *api;      /* what charts see of the cluster */
    bool no_cache;                   /* render again */
    bool no_revision_cache;          /* ask the remote for the revision now */
    int64_t revision_max_age_ms;     /* when not; 0 = as the repo-server thinks fit */
    int64_t revision_age_ms;         /* what the remote said this long ago is as good as now */
    int64_t timeout_ms;
    struct targets *known; /* answers with equal objects are returned as this one; or NULL */
};

/* ret: a new reference, NULL with err set. */
typedef void (*targets_done_fn)(void *data, struct targets *ret, const struct err *err);

/* done is called exactly once, never before this returned, unless this fails. */
MUST_CHECK int targets_fetch(const struct targets_request *request,
                             targets_done_fn done,
                             void *data,
                             struct targets_fetch **ret,
                             struct err *err);
/* done gets ERR_CANCELED. NULL is fine. */
void targets_fetch_cancel(struct targets_fetch *fetch);
