/* The registry: values of each type, label escaping, the limit of series, threads. */
#include <pthread.h>
#include <stdio.h>

#include "common/base/limits.h"
#include "common/rt/metrics.h"
#include "tests/lib/check.h"

enum { COUNT, LEVEL, TIMES, BY_APP };

static const struct metric_row ROWS[] = {
    [COUNT] = METRIC_ROW(COUNTER, "test_total", "Counts.", "", ""),
    [LEVEL] = METRIC_ROW(GAUGE, "test_level", "Levels.", "name,phase", ""),
    [TIMES] = METRIC_ROW(HISTOGRAM, "test_seconds", "Times.", "", "0.1,1"),
    [BY_APP] = METRIC_ROW(GAUGE, "test_by_app", "By application.", "app", ""),
};

struct fixture {
    struct metrics *metrics;
    struct metric_set *set;
    struct buf page;
};

static void setup(struct fixture *f)
{
    f->metrics = metrics_new();
    f->set = metrics_add_rows(f->metrics, ROWS, ARRAY_LEN(ROWS));
    buf_init(&f->page, LIMIT_METRICS_BYTES);
}

static void teardown(struct fixture *f)
{
    buf_done(&f->page);
    metrics_free(f->metrics);
}

/* One line of the page. */
static void assert_line(struct fixture *f, const char *line)
{
    buf_reset(&f->page);
    metrics_format(f->metrics, &f->page);
    struct str rest = buf_str(&f->page);
    struct str at;
    while (str_next(&rest, '\n', &at)) {
        if (str_eq_c(at, line)) {
            return;
        }
    }
    fail_msg("no line '%s' in:\n%s", line, f->page.p);
}

static void values_of_each_type_add_up(void **state UNUSED)
{
    struct fixture f;
    setup(&f);
    assert_line(&f, "test_total 0");
    metric_add(f.set, COUNT, 2, METRIC_NO_LABELS);
    metric_add(f.set, COUNT, 0.5, METRIC_NO_LABELS);
    assert_line(&f, "test_total 2.5");
    metric_set(f.set, LEVEL, 3, METRIC_LABELS(STR("a"), STR("x")));
    metric_set(f.set, LEVEL, 4, METRIC_LABELS(STR("b"), STR("x")));
    metric_add(f.set, LEVEL, -1, METRIC_LABELS(STR("a"), STR("x")));
    assert_line(&f, "test_level{name=\"a\",phase=\"x\"} 2");
    assert_line(&f, "test_level{name=\"b\",phase=\"x\"} 4");
    teardown(&f);
}

static void histogram_counts_into_cumulated_buckets(void **state UNUSED)
{
    struct fixture f;
    setup(&f);
    metric_observe(f.set, TIMES, 0.1, METRIC_NO_LABELS); /* bounds are inclusive */
    metric_observe(f.set, TIMES, 0.5, METRIC_NO_LABELS);
    metric_observe(f.set, TIMES, 30, METRIC_NO_LABELS);
    assert_line(&f, "test_seconds_bucket{le=\"0.1\"} 1");
    assert_line(&f, "test_seconds_bucket{le=\"1\"} 2");
    assert_line(&f, "test_seconds_bucket{le=\"+Inf\"} 3");
    assert_line(&f, "test_seconds_sum 30.6");
    assert_line(&f, "test_seconds_count 3");
    teardown(&f);
}

static void label_values_are_escaped_and_may_go(void **state UNUSED)
{
    struct fixture f;
    setup(&f);
    metric_set(f.set, BY_APP, 1, METRIC_LABELS(STR("a\"b\\c\nd")));
    assert_line(&f, "test_by_app{app=\"a\\\"b\\\\c\\nd\"} 1");
    metric_remove(f.set, BY_APP, METRIC_LABELS(STR("a\"b\\c\nd")));
    buf_reset(&f.page);
    metrics_format(f.metrics, &f.page);
    assert_null(strstr(f.page.p, "test_by_app{"));
    metric_set(f.set, BY_APP, 1, METRIC_LABELS(STR("x")));
    metric_clear(f.set, BY_APP);
    buf_reset(&f.page);
    metrics_format(f.metrics, &f.page);
    assert_null(strstr(f.page.p, "test_by_app{"));
    metric_add(NULL, COUNT, 1, METRIC_NO_LABELS); /* without a registry nothing happens */
    teardown(&f);
}

static void series_are_limited_and_what_is_dropped_is_counted(void **state UNUSED)
{
    struct fixture f;
    setup(&f);
    for (size_t i = 0; i <= LIMIT_METRIC_SERIES; i++) {
        char app[16];
        int n = snprintf(app, sizeof(app), "%zu", i);
        metric_set(f.set, BY_APP, 1, METRIC_LABELS(str_of(app, (size_t)n)));
    }
    assert_line(&f, "belay_metrics_dropped_series_total 1");
    teardown(&f);
}

static void same_rows_give_the_same_set(void **state UNUSED)
{
    struct fixture f;
    setup(&f);
    assert_ptr_equal(metrics_add_rows(f.metrics, ROWS, ARRAY_LEN(ROWS)), f.set);
    teardown(&f);
}

enum { N_THREADS = 4, N_EACH = 5000 };

static void *count(void *data)
{
    struct fixture *f = data;
    for (int i = 0; i < N_EACH; i++) {
        metric_add(f->set, COUNT, 1, METRIC_NO_LABELS);
        metric_add(f->set, BY_APP, 1, METRIC_LABELS(STR("shared")));
        metric_observe(f->set, TIMES, 0.5, METRIC_NO_LABELS);
    }
    return NULL;
}

static void threads_lose_nothing(void **state UNUSED)
{
    struct fixture f;
    pthread_t threads[N_THREADS];
    setup(&f);
    for (int i = 0; i < N_THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, count, &f), 0);
    }
    metrics_format(f.metrics, &f.page);
    for (int i = 0; i < N_THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    assert_line(&f, "test_total 20000");
    assert_line(&f, "test_by_app{app=\"shared\"} 20000");
    assert_line(&f, "test_seconds_count 20000");
    teardown(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_of_each_type_add_up),
        cmocka_unit_test(histogram_counts_into_cumulated_buckets),
        cmocka_unit_test(label_values_are_escaped_and_may_go),
        cmocka_unit_test(series_are_limited_and_what_is_dropped_is_counted),
        cmocka_unit_test(same_rows_give_the_same_set),
        cmocka_unit_test(threads_lose_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
