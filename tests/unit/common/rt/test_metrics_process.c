/* The process_* metrics hold plausible values. */
#include "common/base/clock.h"
#include "common/base/num.h"
#include "common/rt/metrics.h"
#include "tests/lib/check.h"

static double value_of(struct str page, struct str name)
{
    struct str line;
    while (str_next(&page, '\n', &line)) {
        double value;
        if (str_cut_prefix(&line, name) && str_cut_prefix(&line, STR(" ")) &&
            num_parse_float(line, &value)) {
            return value;
        }
    }
    return -1;
}

static void values_are_plausible(void **state UNUSED)
{
    struct metrics *metrics = metrics_new();
    __attribute__((cleanup(auto_cleanup_buf))) struct buf page;
    buf_init(&page, 1 << 20);
    metrics_format(metrics, &page);
    struct str text = buf_str(&page);
    double now_s = (double)clock_wall_ms(clock_system()) / 1000;
    double start_s = value_of(text, STR("process_start_time_seconds"));
    assert_true(start_s > now_s - 3600 && start_s < now_s + 5);
    double resident = value_of(text, STR("process_resident_memory_bytes"));
    assert_true(resident > 1e5 && resident <= value_of(text, STR("process_virtual_memory_bytes")));
    double n_fds = value_of(text, STR("process_open_fds"));
    assert_true(n_fds >= 3 && n_fds <= value_of(text, STR("process_max_fds")));
    assert_true(value_of(text, STR("process_cpu_seconds_total")) >= 0);
    metrics_free(metrics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_plausible),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
