/* Metrics to text: Prometheus' exposition format 0.0.4, families in the order of their tables. */
#include <math.h>

#include "common/base/map.h"
#include "common/base/num.h"
#include "common/rt/metrics_internal.h"

static const char *const TYPE_NAMES[] = {
    [METRIC_COUNTER] = "counter",
    [METRIC_GAUGE] = "gauge",
    [METRIC_HISTOGRAM] = "histogram",
};

static void put_number(struct buf *out, double value)
{
    char text[NUM_FLOAT_BYTES];
    if (fabs(value) < 1e15 && value == trunc(value)) { /* counters and bytes read better whole */
        buf_put_int(out, (int64_t)value);
        return;
    }
    buf_put_bytes(out, text, num_format_g(value, text));
}

/* name{labels} value */
static void put_sample(struct buf *out,
                       const struct family *family,
                       const char *suffix,
                       const struct series *series,
                       double value)
{
    buf_printf(out, "%s%s", family->row->name, suffix);
    if (series->labels[0] != '\0') {
        buf_printf(out, "{%s}", series->labels);
    }
    buf_put_char(out, ' ');
    put_number(out, value);
    buf_put_char(out, '\n');
}

static void put_bucket(struct buf *out,
                       const struct family *family,
                       const struct series *series,
                       double bound,
                       uint64_t count)
{
    buf_printf(out, "%s_bucket{%s%sle=\"", family->row->name, series->labels,
               series->labels[0] != '\0' ? "," : "");
    put_number(out, bound);
    buf_printf(out, "\"} %llu\n", (unsigned long long)count);
}

static void put_histogram(struct buf *out, const struct family *family, const struct series *series)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < family->n_buckets; i++) {
        sum += series->counts[i];
        put_bucket(out, family, series, family->buckets[i], sum);
    }
    put_bucket(out, family, series, (double)INFINITY, series->count);
    put_sample(out, family, "_sum", series, series->value);
    put_sample(out, family, "_count", series, (double)series->count);
}

static void put_family(struct buf *out, struct family *family)
{
    buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", family->row->name, family->row->help,
               family->row->name, TYPE_NAMES[family->row->type]);
    (void)pthread_mutex_lock(&family->mutex);
    MAP_FOREACH(family->series, entry) {
        const struct series *series = entry.value;
        if (family->row->type == METRIC_HISTOGRAM) {
            put_histogram(out, family, series);
        } else {
            put_sample(out, family, "", series, series->value);
        }
    }
    (void)pthread_mutex_unlock(&family->mutex);
}

void metrics_format(struct metrics *metrics, struct buf *out)
{
    VEC_FOREACH(&metrics->collectors, collector) {
        collector->fn(collector->data);
    }
    VEC_FOREACH(&metrics->sets, set) {
        for (size_t i = 0; i < (*set)->n_families; i++) {
            put_family(out, &(*set)->families[i]);
        }
    }
}
