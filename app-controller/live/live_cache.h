/* struct live_cache: one cluster as the controller sees it: connection, resource types, objects.
 *
 * Watches every kind the cluster can list and watch, metadata only, until somebody needs whole objects
 * of a kind; then that kind is watched in full. New kinds (CRDs, aggregated APIs) are noticed by
 * themselves. Trouble with one kind or with the whole cluster is reported as state and retried for
 * ever. Loop thread only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app-controller/compare/tracking.h"
#include "app-controller/live/live_store.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct compare_rules;
struct arena;
struct customizations;
struct health;
struct http_client;
struct jq_pool;
struct kube_api;
struct kube_client;
struct kube_config;
struct kube_stat;
struct live_cache;
struct live_schemas;
struct live_types;
struct loop;
struct work;

enum live_event {
    LIVE_EVENT_ADDED,
    LIVE_EVENT_MODIFIED,
    LIVE_EVENT_DELETED, /* the record still holds the last state */
};

struct live_cache_opts {
    struct loop *loop;
    struct http_client *http;   /* borrowed; outlives the cache */
    struct kube_config *config; /* takes */
    struct str server;          /* as in Application destinations; copied */
    struct str name;
    struct str project;           /* of a project-scoped cluster, or "" */
    const struct str *namespaces; /* copied; none = all */
    size_t n_namespaces;
    bool cluster_resources;         /* cluster-scoped kinds too although there are namespaces */
    struct work *work;              /* borrowed; for scripts */
    struct jq_pool *jq;             /* borrowed; NULL = changes that need jq to be ignored count */
    struct customizations *scripts; /* borrowed until live_cache_new() returned; NULL = none */
    struct compare_rules *rules; /* as above; which kinds are watched, and which changes told of */
    struct tracking tracking;    /* how objects say whose they are; strings copied */
    double qps;                  /* 0 = default */
    int burst;

    /* An object changed. before = the instance name that tracked it until now ("" = none). */
    void (*on_change)(void *data,
                      struct live_cache *cache,
                      enum live_event event,
                      struct live_obj *obj,
                      struct str before);
    /* Something reconciliations may wait for has happened: synced, a kind became full, the error came
     * or went. */
    void (*on_state)(void *data, struct live_cache *cache);
    /* A change nobody needs to hear of was passed over. NULL = not told. */
    void (*on_quiet)(void *data, struct live_cache *cache, const struct live_obj *obj);
    void (*on_stat)(void *data, const struct kube_stat *stat);
    void *data;
};

MUST_CHECK int
live_cache_new(const struct live_cache_opts *opts, struct live_cache **ret, struct err *err);
/* Who works with the cache keeps it from going away meanwhile; each use has its release. */
void live_cache_use(struct live_cache *cache);
void live_cache_release(struct live_cache *cache);
/* Stops everything; `freed` (may be NULL) runs when the last handle is closed and the last user has released
 * it. Until then what was known can still be read; nothing changes any more. */
void live_cache_free(struct live_cache *cache, void (*freed)(void *data), void *data);

struct str live_cache_server(const struct live_cache *cache);
struct str live_cache_name(const struct live_cache *cache);
struct str live_cache_project(const struct live_cache *cache);
/* Objects of this namespace are managed; "" = cluster-scoped ones. */
bool live_cache_covers(const struct live_cache *cache, struct str namespace);
struct kube_client *live_cache_client(struct live_cache *cache);
struct live_store *live_cache_store(struct live_cache *cache);
/* NULL before the first discovery. Borrowed. */
struct kube_api *live_cache_api(struct live_cache *cache);

/* Every kind has been listed once, or its list was refused (live_cache_kind_error): one kind whose
 * extension server is down does not hold up the others. */
bool live_cache_synced(const struct live_cache *cache);
/* As synced, and no kind was refused for a reason that passes: nothing is overlooked. */
bool live_cache_complete(const struct live_cache *cache);
/* NULL = connected. Otherwise why not; objects are as they were last seen. Refusals of single kinds do not
 * count, as long as others are served. */
const struct err *live_cache_error(const struct live_cache *cache);

enum live_readiness {
    LIVE_READY,
    LIVE_NOT_YET,      /* on_state will tell */
    LIVE_NO_SUCH_KIND, /* the cluster does not have it */
};

/* Make sure that whole objects of a kind are kept for those who track or want them. version: the first
 * one asked for is the one watched ("" = any), so that objects come as sources write them. */
enum live_readiness live_cache_want_full(struct live_cache *cache,
                                         struct str group,
                                         struct str kind,
                                         struct str version);
/* The kind's record; NULL when the cluster does not have the kind. */
struct live_kind *live_cache_kind(struct live_cache *cache, struct str group, struct str kind);

/* Get one object whole that is only known by its metadata; on_state tells when it is there. */
void live_cache_fetch(struct live_cache *cache, struct live_obj *obj);
/* Take over an object as the API server answered it after our own write, unless it is older than what is
 * known: the next comparison includes it. */
void live_cache_put(struct live_cache *cache, const struct value *obj);
/* The same with the answer to a deletion: what is not known (any more) stays so. */
void live_cache_put_deleted(struct live_cache *cache, const struct value *obj);
/* Why the kind cannot be listed or watched at the moment; NULL = it can. */
const struct err *
live_cache_kind_error(struct live_cache *cache, struct str group, struct str kind);

/* OpenAPI documents, kept for those who compare; forgotten when the cluster's kinds are discovered anew. */
struct live_schemas *live_cache_schemas(struct live_cache *cache);
/* The types of all kinds, for clusters that do not check fields themselves. */
struct live_types *live_cache_types(struct live_cache *cache);

/* Look for new kinds now: something named one that is not known. */
void live_cache_rediscover(struct live_cache *cache);
/* Takes a reference. Kinds that are excluded now go, others come. */
void live_cache_set_rules(struct live_cache *cache, struct compare_rules *rules);
enum live_verdict {
    LIVE_NO_SCRIPT, /* the rules decide */
    LIVE_JUDGED,    /* *ret is what the script says */
    LIVE_UNDECIDED, /* not yet; on_change will tell */
};
/* Health of an object whose kind may have a script; the message is in the arena. */
enum live_verdict live_cache_verdict(struct live_cache *cache,
                                     struct arena *arena,
                                     struct live_obj *obj,
                                     struct health *ret);
/* Health scripts are others now: objects of the kinds concerned are read again. */
void live_cache_set_scripts(struct live_cache *cache, struct customizations *scripts);
/* Hard refresh: list everything again. */
void live_cache_relist(struct live_cache *cache);
