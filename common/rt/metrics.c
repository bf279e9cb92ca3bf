/* The metrics registry: families of series, keyed by their formatted labels.
 *
 * Families are made at start and never change; the series of each are under a mutex of its own,
 * held for a look-up and an addition.  Values come from any thread. */
#include "common/rt/metrics.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "common/base/limits.h"
#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/base/num.h"
#include "common/rt/metrics_internal.h"

enum {
    LABELS_MAX_BYTES = 4096, /* of one series, formatted; longer values are cut there */
    BUCKETS_MAX = 64,
};

static const struct metric_row OWN_ROWS[] = {
    [METRICS_OWN_DROPPED] = METRIC_ROW(COUNTER,
                                       "belay_metrics_dropped_series_total",
                                       "Values dropped because a metric has too many label values.",
                                       "",
                                       ""),
    [METRICS_OWN_CPU] =
        METRIC_ROW(COUNTER, "process_cpu_seconds_total", "User and system CPU time spent.", "", ""),
    [METRICS_OWN_RESIDENT] =
        METRIC_ROW(GAUGE, "process_resident_memory_bytes", "Resident memory.", "", ""),
    [METRICS_OWN_VIRTUAL] =
        METRIC_ROW(GAUGE, "process_virtual_memory_bytes", "Virtual memory.", "", ""),
    [METRICS_OWN_FDS] = METRIC_ROW(GAUGE, "process_open_fds", "Open file descriptors.", "", ""),
    [METRICS_OWN_MAX_FDS] =
        METRIC_ROW(GAUGE, "process_max_fds", "Most open file descriptors allowed.", "", ""),
    [METRICS_OWN_START] = METRIC_ROW(
        GAUGE, "process_start_time_seconds", "Unix time when the process began.", "", ""),
};

static void series_free(void *p)
{
    struct series *series = p;
    mem_free(series->counts);
    mem_free(series->labels);
    mem_free(series);
}

static struct series *series_new(const struct family *family, struct str labels)
{
    struct series *series = MEM_NEW(struct series);
    series->labels = mem_strndup(labels.p, labels.n);
    if (family->row->type == METRIC_HISTOGRAM) {
        series->counts = mem_calloc(family->n_buckets + 1, sizeof(*series->counts));
    }
    return series;
}

static void parse_labels(struct family *family)
{
    struct str rest = str_from(family->row->labels);
    struct str name;
    if (rest.n == 0) {
        return;
    }
    while (str_next(&rest, ',', &name)) {
        assert(family->n_labels < METRIC_LABELS_MAX && name.n > 0);
        family->label_names[family->n_labels++] = name;
    }
}

static void parse_buckets(struct family *family, struct arena *arena)
{
    const char *text =
        family->row->buckets[0] != '\0' ? family->row->buckets : METRIC_BUCKETS_DEFAULT;
    struct str rest = str_from(text);
    struct str bound;
    family->buckets = arena_calloc(arena, BUCKETS_MAX, sizeof(double));
    while (str_next(&rest, ',', &bound)) {
        assert(family->n_buckets < BUCKETS_MAX);
        double *at = &family->buckets[family->n_buckets];
        bool is_number = num_parse_float(bound, at);
        assert(is_number && (family->n_buckets == 0 || at[-1] < at[0]));
        (void)is_number;
        family->n_buckets++;
    }
}

static void family_init(struct family *family, const struct metric_row *row, struct arena *arena)
{
    family->row = row;
    parse_labels(family);
    if (row->type == METRIC_HISTOGRAM) {
        parse_buckets(family, arena);
    }
    (void)pthread_mutex_init(&family->mutex, NULL); /* never fails on Linux */
    family->series = map_new(series_free);
    if (family->n_labels == 0) {
        map_set(family->series, STR_EMPTY, series_new(family, STR_EMPTY));
    }
}

struct metric_set *
metrics_add_rows(struct metrics *metrics, const struct metric_row *rows, size_t n_rows)
{
    VEC_FOREACH(&metrics->sets, other) {
        if ((*other)->rows == rows) {
            return *other;
        }
    }
    struct metric_set *set = ARENA_NEW(metrics->arena, struct metric_set);
    set->metrics = metrics;
    set->rows = rows;
    set->families = arena_calloc(metrics->arena, n_rows, sizeof(*set->families));
    set->n_families = n_rows;
    for (size_t i = 0; i < n_rows; i++) {
        family_init(&set->families[i], &rows[i], metrics->arena);
    }
    vec_push(&metrics->sets, set);
    return set;
}

struct metrics *metrics_new(void)
{
    struct metrics *metrics = MEM_NEW(struct metrics);
    metrics->arena = arena_new();
    metrics->own = metrics_add_rows(metrics, OWN_ROWS, ARRAY_LEN(OWN_ROWS));
    metrics_on_collect(metrics, metrics_process_collect, metrics);
    return metrics;
}

void metrics_free(struct metrics *metrics)
{
    if (metrics == NULL) {
        return;
    }
    VEC_FOREACH(&metrics->sets, set) {
        for (size_t i = 0; i < (*set)->n_families; i++) {
            map_free((*set)->families[i].series);
            (void)pthread_mutex_destroy(&(*set)->families[i].mutex);
        }
    }
    vec_done(&metrics->sets);
    vec_done(&metrics->collectors);
    arena_free(metrics->arena);
    mem_free(metrics);
}

void metrics_on_collect(struct metrics *metrics, void (*fn)(void *data), void *data)
{
    struct collector collector = {fn, data};
    vec_push(&metrics->collectors, collector);
}

static struct family *family_get(struct metric_set *set, int id)
{
    assert(id >= 0 && (size_t)id < set->n_families);
    return &set->families[id];
}

/* Backslash, quote and newline are escaped, as the text format wants it. */
static void put_label_value(struct buf *out, struct str value)
{
    for (size_t i = 0; i < value.n; i++) {
        char c = value.p[i];
        if (c == '\\' || c == '"') {
            buf_put_char(out, '\\');
            buf_put_char(out, c);
        } else if (c == '\n') {
            buf_put_c(out, "\\n");
        } else {
            buf_put_char(out, c);
        }
    }
}

static void format_labels(const struct family *family, const struct str *labels, struct buf *out)
{
    assert((labels != NULL) == (family->n_labels > 0));
    for (size_t i = 0; i < family->n_labels; i++) {
        buf_printf(out, "%s" STR_FMT "=\"", i > 0 ? "," : "", STR_ARG(family->label_names[i]));
        put_label_value(out, labels[i]);
        buf_put_char(out, '"');
    }
}

/* Under the family's mutex; NULL when there is no room for another one. */
static struct series *series_get(struct family *family, struct str key)
{
    struct series *series = map_find(family->series, key);
    if (series == NULL && map_len(family->series) < LIMIT_METRIC_SERIES) {
        series = series_new(family, key);
        map_set(family->series, key, series);
    }
    return series;
}

static void histogram_add(const struct family *family, struct series *series, double value)
{
    size_t bucket = 0;
    while (bucket < family->n_buckets && value > family->buckets[bucket]) {
        bucket++;
    }
    series->counts[bucket]++;
    series->count++;
    series->value += value;
}

enum change { CHANGE_ADD, CHANGE_SET, CHANGE_OBSERVE };

static void
apply(const struct family *family, struct series *series, enum change change, double value)
{
    switch (change) {
    case CHANGE_ADD:
        series->value += value;
        break;
    case CHANGE_SET:
        series->value = value;
        break;
    case CHANGE_OBSERVE:
        histogram_add(family, series, value);
        break;
    }
}

static void
update(struct metric_set *set, int id, enum change change, double value, const struct str *labels)
{
    if (set == NULL) {
        return;
    }
    struct family *family = family_get(set, id);
    assert((change == CHANGE_OBSERVE) == (family->row->type == METRIC_HISTOGRAM));
    __attribute__((cleanup(auto_cleanup_buf))) struct buf key;
    buf_init(&key, LABELS_MAX_BYTES);
    format_labels(family, labels, &key);
    (void)pthread_mutex_lock(&family->mutex);
    struct series *series = key.overflow ? NULL : series_get(family, buf_str(&key));
    if (series != NULL) {
        apply(family, series, change, value);
    }
    (void)pthread_mutex_unlock(&family->mutex);
    if (series == NULL) {
        metric_add(set->metrics->own, METRICS_OWN_DROPPED, 1, METRIC_NO_LABELS);
    }
}

void metric_add(struct metric_set *set, int id, double value, const struct str *labels)
{
    update(set, id, CHANGE_ADD, value, labels);
}

void metric_set(struct metric_set *set, int id, double value, const struct str *labels)
{
    update(set, id, CHANGE_SET, value, labels);
}

void metric_observe(struct metric_set *set, int id, double value, const struct str *labels)
{
    update(set, id, CHANGE_OBSERVE, value, labels);
}

void metric_remove(struct metric_set *set, int id, const struct str *labels)
{
    if (set == NULL) {
        return;
    }
    struct family *family = family_get(set, id);
    __attribute__((cleanup(auto_cleanup_buf))) struct buf key;
    buf_init(&key, LABELS_MAX_BYTES);
    format_labels(family, labels, &key);
    (void)pthread_mutex_lock(&family->mutex);
    (void)map_remove(family->series, buf_str(&key)); /* it may never have been set */
    (void)pthread_mutex_unlock(&family->mutex);
}

void metric_clear(struct metric_set *set, int id)
{
    if (set == NULL) {
        return;
    }
    struct family *family = family_get(set, id);
    (void)pthread_mutex_lock(&family->mutex);
    map_clear(family->series);
    (void)pthread_mutex_unlock(&family->mutex);
}
