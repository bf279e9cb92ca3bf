/* The page as a whole: order, help and type lines, numbers, collectors. */
#include "common/rt/metrics.h"
#include "tests/lib/check.h"

enum { PLAIN, LABELLED };

static const struct metric_row ROWS[] = {
    [PLAIN] = METRIC_ROW(GAUGE, "zzz_bytes", "Big numbers.", "", ""),
    [LABELLED] = METRIC_ROW(HISTOGRAM, "zzz_seconds", "With a label.", "op", "1"),
};

static void on_collect(void *data)
{
    metric_set(data, PLAIN, 123456789012, METRIC_NO_LABELS);
}

static void page_has_the_text_format(void **state UNUSED)
{
    struct metrics *metrics = metrics_new();
    struct metric_set *set = metrics_add_rows(metrics, ROWS, ARRAY_LEN(ROWS));
    metrics_on_collect(metrics, on_collect, set);
    metric_observe(set, LABELLED, 0.25, METRIC_LABELS(STR("get")));
    __attribute__((cleanup(auto_cleanup_buf))) struct buf page;
    buf_init(&page, 1 << 20);
    metrics_format(metrics, &page);
    assert_true(str_ends_with(buf_str(&page), STR("# HELP zzz_bytes Big numbers.\n"
                                                  "# TYPE zzz_bytes gauge\n"
                                                  "zzz_bytes 123456789012\n"
                                                  "# HELP zzz_seconds With a label.\n"
                                                  "# TYPE zzz_seconds histogram\n"
                                                  "zzz_seconds_bucket{op=\"get\",le=\"1\"} 1\n"
                                                  "zzz_seconds_bucket{op=\"get\",le=\"+Inf\"} 1\n"
                                                  "zzz_seconds_sum{op=\"get\"} 0.25\n"
                                                  "zzz_seconds_count{op=\"get\"} 1\n")));
    metrics_free(metrics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(page_has_the_text_format),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
