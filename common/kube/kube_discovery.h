/* Which resources an API server has, kept up to date.
 *
 * Fetches a struct kube_api (aggregated discovery where offered, else group by group), and again when it
 * is stale or invalidated.  A group that cannot be read (a broken APIService) costs only itself: its
 * error stands in the snapshot, and its resources of the snapshot before are kept.  Loop thread only. */
#pragma once

#include <stdint.h>

#include "common/base/cleanup.h"
#include "common/base/err.h"
#include "common/kube/kube_api.h"

struct kube_client;
struct kube_discovery;

/* client borrowed, must outlive it. max_age_ms 0 = 10 min; a snapshot with failures ages in 30 s. */
struct kube_discovery *kube_discovery_new(struct kube_client *client, int64_t max_age_ms);
/* Waiting callers get ERR_CANCELED. NULL is fine. */
void kube_discovery_free(struct kube_discovery *discovery);
DEFINE_CLEANUP(kube_discovery, struct kube_discovery, kube_discovery_free);

/* api is borrowed, NULL with err set. Exactly once, never before the call returned. */
typedef void (*kube_discovery_fn)(void *data, struct kube_api *api, const struct err *err);

/* The snapshot: at once from the cache when fresh, else fetched once for all who wait. */
void kube_discovery_get(struct kube_discovery *discovery, kube_discovery_fn done, void *data);
/* The next get fetches: after a CRD or APIService changed, or a kind was not found. */
void kube_discovery_invalidate(struct kube_discovery *discovery);
/* The latest snapshot, however old; NULL before the first. Borrowed. */
struct kube_api *kube_discovery_latest(const struct kube_discovery *discovery);
