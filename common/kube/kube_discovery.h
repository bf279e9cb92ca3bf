/* Which resources an API server has: groups, versions, kinds, verbs, scope.
 *
 * struct kube_api is an immutable snapshot shared by reference.  kube_discovery keeps one per server,
 * fetches it (aggregated discovery where offered, else group by group) and fetches again when it is
 * stale or invalidated.  A group that cannot be read (a broken APIService) costs only itself: its
 * error stands in the snapshot, and its resources of the snapshot before are kept.  Loop thread only,
 * but for reading a snapshot. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/cleanup.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct kube_client;

enum kube_can {
    KUBE_CAN_GET = 1 << 0,
    KUBE_CAN_LIST = 1 << 1,
    KUBE_CAN_WATCH = 1 << 2,
    KUBE_CAN_CREATE = 1 << 3,
    KUBE_CAN_UPDATE = 1 << 4,
    KUBE_CAN_PATCH = 1 << 5,
    KUBE_CAN_DELETE = 1 << 6,
    KUBE_CAN_DELETECOLLECTION = 1 << 7,
};

struct kube_resource {
    struct str group;
    struct str version;
    struct str resource; /* plural */
    struct str kind;
    struct str singular;
    const struct str *short_names;
    size_t n_short_names;
    const struct str *subresources; /* "status", "scale" */
    size_t n_subresources;
    bool namespaced;
    bool preferred; /* in the version its group prefers (or the best that has the kind) */
    uint32_t verbs; /* enum kube_can */
    bool stale;     /* kept from an earlier snapshot as its group failed */
};

struct kube_group_failure {
    struct str group;
    struct str version;
    struct err err;
};

struct kube_api;

struct kube_api *kube_api_ref(struct kube_api *api);
void kube_api_unref(struct kube_api *api); /* NULL is fine */
DEFINE_CLEANUP(kube_api, struct kube_api, kube_api_unref);

size_t kube_api_count(const struct kube_api *api);
const struct kube_resource *kube_api_at(const struct kube_api *api, size_t i);
size_t kube_api_failure_count(const struct kube_api *api);
const struct kube_group_failure *kube_api_failure_at(const struct kube_api *api, size_t i);

/* version "" = the preferred one. NULL when unknown. O(1). */
const struct kube_resource *kube_api_find_kind(const struct kube_api *api,
                                               struct str group,
                                               struct str version,
                                               struct str kind);
const struct kube_resource *kube_api_find_resource(const struct kube_api *api,
                                                   struct str group,
                                                   struct str version,
                                                   struct str resource);
bool kube_api_has_version(const struct kube_api *api, struct str group, struct str version);
/* True when kind lives in namespaces; `def` when it is unknown. */
bool kube_api_is_namespaced(const struct kube_api *api,
                            struct str group,
                            struct str kind,
                            bool def);
bool kube_resource_has_subresource(const struct kube_resource *resource, struct str name);

/* "v1.20.2", and its numbers. */
struct str kube_api_server_version(const struct kube_api *api);
int kube_api_server_minor(const struct kube_api *api);
int kube_api_server_major(const struct kube_api *api);

/* ---- the loader ---- */

struct kube_discovery;

/* client borrowed, must outlive it. max_age_ms 0 = 10 min. */
struct kube_discovery *kube_discovery_new(struct kube_client *client, int64_t max_age_ms);
/* Waiting callers get ERR_CANCELED. */
void kube_discovery_free(struct kube_discovery *discovery);
DEFINE_CLEANUP(kube_discovery, struct kube_discovery, kube_discovery_free);

/* api is a borrowed reference, NULL with err set. Exactly once, never before the call returned. */
typedef void (*kube_discovery_fn)(void *data, struct kube_api *api, const struct err *err);

/* The snapshot: at once from the cache when fresh, else fetched once for all who wait. */
void kube_discovery_get(struct kube_discovery *discovery, kube_discovery_fn done, void *data);
/* The next get fetches: after a CRD or APIService changed, or a kind was not found. */
void kube_discovery_invalidate(struct kube_discovery *discovery);
/* The latest snapshot, however old; NULL before the first. Borrowed. */
struct kube_api *kube_discovery_latest(const struct kube_discovery *discovery);
