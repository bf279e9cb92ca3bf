/* What live_cache.c and its parts know of a cache.  Loop thread only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "app-controller/live/live_cache.h"
#include "common/base/err.h"
#include "common/rt/backoff.h"
#include "common/rt/loop.h"
#include "common/rt/timer.h"

/* What is made of a list that may not be read: resource.respectRBAC. */
enum refusal {
    REFUSAL_NONE,     /* or it is tried again and again */
    REFUSAL_DUE,      /* to be left out */
    REFUSAL_LEFT_OUT, /* until the kinds are discovered anew */
};

struct kind_watch {
    struct live_cache *cache;
    struct live_kind *kind;
    struct kube_watch *watch; /* NULL = not watched (yet) */
    bool full;
    bool pinned; /* the version is one that somebody asked for */
    bool synced;
    bool seen; /* by the discovery being taken over */
    bool failing;
    struct err err; /* when failing */
    enum refusal refusal;
    bool asking; /* for the rights */
};

struct live_cache {
    struct live_cache_opts opts; /* strings in `strings` */
    struct arena *strings;
    struct live_store *store;
    struct live_judge *judge;
    struct live_hush *hush;      /* NULL without jq */
    struct compare_rules *rules; /* a reference; NULL = the defaults */
    struct kube_client *client;
    struct kube_discovery *discovery;
    struct kube_api *api;
    struct live_schemas *schemas;
    struct live_types *types;
    struct timer rediscover;
    struct backoff retry;
    bool discovering;
    bool again; /* another discovery was asked for meanwhile */
    bool invalidate;
    bool failing; /* discovery */
    struct err err;
    struct loop_task settle; /* of refusals */
    size_t n_pending; /* watches on their way out, calls under way: they keep the cache allocated */
    bool closing;
    void (*freed)(void *data);
    void *freed_data;
};

void live_cache_state_changed(struct live_cache *cache);
/* Something is under way that needs the cache; let_go may free it. */
void live_cache_hold(struct live_cache *cache);
void live_cache_let_go(struct live_cache *cache);
/* Not from a callback of the watch. */
void live_cache_watch_stop(struct kind_watch *kw);
