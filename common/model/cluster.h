/* Clusters, from secrets of type cluster. Borrowing as in application.h. Pure, any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "common/model/application.h"

struct arena;
struct value;

#define CLUSTER_SKIP_ANNOTATION   "argocd.argoproj.io/skip-reconcile"
#define CLUSTER_IN_CLUSTER_SERVER "https://kubernetes.default.svc"
#define CLUSTER_IN_CLUSTER_NAME   "in-cluster"

struct cluster {
    struct str secret_name; /* "" for the built-in in-cluster entry */
    struct str name;
    struct str server;
    struct str config_json;     /* for kube_config_from_secret(); sensitive */
    struct app_strs namespaces; /* empty = all */
    bool cluster_resources;     /* cluster-scoped kinds too although namespaces are listed */
    struct str project;
    int64_t shard; /* -1 = none */
    const struct value *labels;
    const struct value *annotations;
};

struct clusters {
    const struct cluster *items;
    size_t n;
    bool own_disabled; /* the cluster we run in is none of them, by cluster.inClusterEnabled */
};

/* ERR_INVALID without a server. */
MUST_CHECK int cluster_decode(struct arena *arena,
                              const struct value *secret,
                              struct cluster *ret,
                              struct err *err);

/* The cluster the controller runs in, when no secret describes it. */
struct cluster cluster_in_cluster(void);

/* Resolve a destination by server or by name. ERR_NOT_FOUND, also for the own cluster when that is disabled; ERR_INVALID when both or none is given
 * or a name is not unique. */
MUST_CHECK int cluster_find(const struct clusters *list,
                            const struct app_destination *destination,
                            const struct cluster **ret,
                            struct err *err);

/* Applications of the cluster are not worked on: annotation argocd.argoproj.io/skip-reconcile of its secret. */
bool cluster_is_skipped(const struct cluster *cluster);

/* Servers compare without a slash at the end. */
bool cluster_server_same(struct str a, struct str b);

/* An object in this namespace ("" = cluster-scoped) may be watched and managed. */
bool cluster_covers(const struct cluster *cluster, struct str namespace);
