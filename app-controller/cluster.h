/* The clusters of a controller: which exist, how to reach them, and their caches.
 *
 * A cache is connected when an application first needs it; it goes when the cluster's secret changes or
 * disappears. Loop thread only. */
#pragma once

#include <stddef.h>

#include "common/base/err.h"
#include "common/base/macro.h"

struct controller;
struct kube_config;

/* The cluster the control plane itself runs in. */
MUST_CHECK int
cluster_own_config(const struct controller *ctl, struct kube_config **ret, struct err *err);
/* Secrets of clusters or the way of tracking may have changed: drop what is not current. */
void cluster_reload(struct controller *ctl);
/* Stop every cache; stopped(ctl) is called once for each of the number returned. */
unsigned cluster_stop_all(struct controller *ctl, void (*stopped)(void *data));
