/* The rows of common/ipc/metrics.def; only for common/ipc. */
#pragma once

struct metric_set;
struct metrics;

enum ipc_metric {
#define METRIC(id, ...) IPC_METRIC_##id,
#include "common/ipc/metrics.def"
#undef METRIC
};

/* The set in a registry, made at the first call; NULL gives NULL. */
struct metric_set *ipc_metrics_set(struct metrics *metrics);
