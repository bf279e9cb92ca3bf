/* struct controller: everything of one app-controller process.
 *
 * It watches Applications and settings, keeps a live cache per destination cluster, and works on one
 * application at a time per queue slot (pass.h). Loop thread only. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "app-controller/compare/tracking.h"
#include "common/base/err.h"
#include "common/base/list.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "common/model/app_namespaces.h"
#include "common/rt/config.h"

struct app;
struct compare_rules;
struct controller;
struct customizations;
struct daemon;
struct http_client;
struct jq_pool;
struct doc;
struct kube_call;
struct kube_client;
struct kube_informer;
struct live_cache;
struct events;
struct live_obj;
struct map;
struct metric_set;
struct projects;
struct queue;
struct settings;
struct value;

struct controller_config {
#define CONFIG(field, type, ...) CONFIG_CTYPE_##type field;
#include "app-controller/config.def"
#undef CONFIG
};

enum controller_metric {
#define METRIC(id, ...) CONTROLLER_METRIC_##id,
#include "app-controller/metrics.def"
#undef METRIC
};

/* How much is asked for of an application; requests are merged by the highest. */
enum refresh_level {
    REFRESH_TREE,          /* only the tree changed */
    REFRESH_RECENT,        /* compare with the manifests of the last revision */
    REFRESH_LATEST,        /* resolve the revision; caches may answer */
    REFRESH_LATEST_FORCED, /* ask the remote */
    REFRESH_LEVELS
};

struct controller {
    const struct controller_config *config;
    struct daemon *daemon;
    struct loop *loop;
    struct work *work;
    struct rand *rand;
    struct metric_set *metrics;
    struct http_client *http;   /* for all API servers */
    struct kube_client *client; /* of the control plane's own cluster */
    size_t keyring_hash;        /* of argocd-gpg-keys-cm */
    struct settings *settings;
    struct arena *arena; /* as long as the process */
    struct app_namespaces namespaces;
    struct kube_informer *informer; /* Applications */
    struct map *apps;               /* "namespace/name" -> struct app */
    bool apps_known;                /* all that there are */
    struct projects *projects;
    struct map *orphan_watches; /* namespace -> struct orphan_watch */
    struct map *clusters;       /* server -> struct controller_cluster */
    struct queue *queue;
    uint64_t n_live_events;
    struct ipc_client *repo_server;
    struct ipc_server *ipc;
    struct ipc_pub *events;
    struct events *kube_events;
    struct probe_server *probes;
    struct tracking tracking;
    struct arena *tracking_strings; /* of its strings */
    struct customizations *scripts; /* of argocd-cm; NULL before it was read */
    struct compare_rules *rules;    /* as above */
    struct jq_pool *jq;             /* helpers for jq expressions */
    bool stopping;
    unsigned n_stopping; /* parts that have not reported their end */
};

/* Start everything; readiness follows when settings and Applications have been read. */
MUST_CHECK int controller_start(struct daemon *daemon, void **ret, struct err *err);
void controller_stop(struct daemon *daemon, void *component);
void controller_free(void *component);
/* Settings have new values. */
void controller_reload(struct daemon *daemon, void *component);

/* ---- for the modules around it ---- */

/* NULL = unknown. */
struct app *controller_app(struct controller *ctl, struct str namespace, struct str name);
/* By the name written into managed objects; NULL = none of ours. */
struct app *controller_app_by_instance(struct controller *ctl, struct str instance);

/* Ask for a refresh; merged with what is asked for already. */
void controller_request(struct controller *ctl, struct app *app, enum refresh_level level);
/* As above after a delay. Each level keeps its own earliest time: a turn that comes before is not more than
 * it was asked for. */
void controller_request_after(struct controller *ctl,
                              struct app *app,
                              enum refresh_level level,
                              int64_t delay_ms);

/* The cache of a destination, connected when it is used the first time. ERR_NOT_FOUND, ERR_INVALID
 * (destination), or why the cluster's credentials cannot be used. */
struct app_destination;
MUST_CHECK int controller_cluster_for(struct controller *ctl,
                                      const struct app_destination *destination,
                                      struct live_cache **ret,
                                      struct err *err);

struct controller_cluster;
struct live_cache *controller_cluster_cache(const struct controller_cluster *cluster);

/* What a cluster's cache reports: see live_cache_opts; of states those that are news. */
void controller_on_live(struct controller *ctl,
                        struct live_cache *cache,
                        int event, /* enum live_event */
                        struct live_obj *obj,
                        struct str before);
void controller_on_cluster(struct controller *ctl, struct live_cache *cache);

/* Tell the world that the tree or the managed resources of an application changed. */
void controller_publish_tree(struct controller *ctl, const struct app *app);

/* Take over an Application as the API server answered it after our own write. */
void controller_app_written(struct controller *ctl, struct doc *doc);
