/* What metrics.c, metrics_format.c and metrics_process.c share. */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/vec.h"
#include "common/rt/metrics.h"

struct map;

enum { METRIC_LABELS_MAX = 12 };

/* One combination of label values. */
struct series {
    double value;     /* counter, gauge; of a histogram the sum */
    uint64_t count;   /* of a histogram */
    uint64_t *counts; /* of a histogram, per bucket, not cumulated */
    char *labels;     /* formatted: 'a="x",b="y"', "" = none */
};

struct family {
    const struct metric_row *row;
    struct str label_names[METRIC_LABELS_MAX];
    size_t n_labels;
    double *buckets; /* in the registry's arena */
    size_t n_buckets;
    pthread_mutex_t mutex; /* of series and what is in it */
    struct map *series;    /* formatted labels -> struct series */
};

struct metric_set {
    struct metrics *metrics;
    const struct metric_row *rows;
    struct family *families;
    size_t n_families;
};

struct collector {
    void (*fn)(void *data);
    void *data;
};

struct metrics {
    struct arena *arena; /* families and bucket bounds; written at start only */
    VEC(struct metric_set *) sets;
    VEC(struct collector) collectors;
    struct metric_set *own; /* belay_metrics_*, process_* */
};

enum metrics_own {
    METRICS_OWN_DROPPED,
    METRICS_OWN_CPU,
    METRICS_OWN_RESIDENT,
    METRICS_OWN_VIRTUAL,
    METRICS_OWN_FDS,
    METRICS_OWN_MAX_FDS,
    METRICS_OWN_START,
};

/* Collector of the process_* metrics: what /proc says. */
void metrics_process_collect(void *metrics);
