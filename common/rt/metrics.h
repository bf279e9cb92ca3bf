/* Metrics in Prometheus' text format 0.0.4.
 *
 * A component lists its metrics in <component>/metrics.def, one row each:
 *
 *     METRIC(ID, TYPE, "name", "help", "labels", "buckets")
 *
 *   ID         C identifier, upper case
 *   TYPE       COUNTER GAUGE HISTOGRAM
 *   "name"     with its unit: _seconds, _bytes, _total
 *   "help"     one sentence
 *   "labels"   comma-separated names, "" = none; values must be bounded (application yes, revision no)
 *   "buckets"  comma-separated ascending upper bounds of a HISTOGRAM; "" = METRIC_BUCKETS_DEFAULT
 *
 *     enum controller_metric {
 *     #define METRIC(id, ...) CONTROLLER_METRIC_##id,
 *     #include "app-controller/metrics.def"
 *     #undef METRIC
 *     };
 *     static const struct metric_row ROWS[] = {
 *     #define METRIC(id, ...) METRIC_ROW(__VA_ARGS__),
 *     #include "app-controller/metrics.def"
 *     #undef METRIC
 *     };
 *     struct metric_set *set = metrics_add_rows(metrics, ROWS, ARRAY_LEN(ROWS));
 *     metric_add(set, CONTROLLER_METRIC_SYNC, 1, METRIC_LABELS(name, phase));
 *
 * Setting values: any thread. A metric has at most LIMIT_METRIC_SERIES label combinations; more are
 * dropped and counted in belay_metrics_dropped_series_total. */
#pragma once

#include <stddef.h>

#include "common/base/buf.h"
#include "common/base/cleanup.h"
#include "common/base/str.h"

#define METRIC_BUCKETS_DEFAULT "0.005,0.01,0.025,0.05,0.1,0.25,0.5,1,2.5,5,10"

enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

struct metric_row {
    enum metric_type type;
    const char *name;
    const char *help;
    const char *labels;
    const char *buckets;
};

#define METRIC_ROW(type, name, help, labels, buckets)      \
    {                                                      \
        METRIC_##type, (name), (help), (labels), (buckets) \
    }

struct metrics;
struct metric_set;

/* With the process_* and belay_metrics_* metrics in it. */
struct metrics *metrics_new(void);
void metrics_free(struct metrics *metrics);
DEFINE_CLEANUP(metrics, struct metrics, metrics_free);

/* Rows are borrowed for ever (static tables); the same rows again give the same set. The set
 * belongs to the registry. Metrics without labels are there at once with value 0. */
struct metric_set *
metrics_add_rows(struct metrics *metrics, const struct metric_row *rows, size_t n_rows);

/* Label values in the order of the row. */
#define METRIC_LABELS(...) ((const struct str[]){__VA_ARGS__})
#define METRIC_NO_LABELS   ((const struct str *)NULL)

/* Counter (value >= 0) or gauge. A NULL set is fine here and below: nothing happens. */
void metric_add(struct metric_set *set, int id, double value, const struct str *labels);
/* Gauge, or a counter kept elsewhere and copied when collected. */
void metric_set(struct metric_set *set, int id, double value, const struct str *labels);
/* Histogram. */
void metric_observe(struct metric_set *set, int id, double value, const struct str *labels);
/* Forget one combination of labels, or all of them: before a collector writes anew. */
void metric_remove(struct metric_set *set, int id, const struct str *labels);
void metric_clear(struct metric_set *set, int id);

/* fn is called at the start of every metrics_format(), on its thread, to set gauges. */
void metrics_on_collect(struct metrics *metrics, void (*fn)(void *data), void *data);
/* Append the whole page. Loop thread. */
void metrics_format(struct metrics *metrics, struct buf *out);
#define METRICS_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"
