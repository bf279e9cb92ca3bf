/* Metrics and probes of the controller. Loop thread only. */
#pragma once

#include "common/base/err.h"
#include "common/base/macro.h"

struct controller;
struct kube_stat;
struct live_cache;
struct live_obj;
struct metrics;

void observe_init(struct controller *ctl, struct metrics *metrics);
/* data is the controller. */
void observe_kube_request(void *data, const struct kube_stat *stat);
void observe_event(struct controller *ctl,
                   const struct live_cache *cache,
                   const struct live_obj *obj);
/* A change of an object that was passed over. */
void observe_quiet(struct controller *ctl,
                   const struct live_cache *cache,
                   const struct live_obj *obj);
