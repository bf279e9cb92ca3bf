/* Lines of several logs: in order, and when they have to wait for each other. */
#include "api-server/rest/log_merge.h"
#include "common/base/buf.h"
#include "tests/lib/check.h"

static void put(struct log_merge *m, size_t source, int64_t ms, const char *text)
{
    log_merge_put(m,
                  &(struct log_line){
                      .ms = ms, .time = str_from(text), .text = str_from(text), .source = source});
}

/* "text@source " of all that can be had. */
static void assert_next(struct log_merge *m, bool hurry, const char *want)
{
    AUTO(buf) struct buf out;
    struct log_line line;
    buf_init(&out, 1024);
    buf_put_c(&out, "");
    while (log_merge_next(m, hurry, &line)) {
        buf_printf(&out, STR_FMT "@%zu ", STR_ARG(line.text), line.source);
    }
    assert_string_equal(out.p, want);
}

static void lines_wait_for_each_other(void **state UNUSED)
{
    AUTO(log_merge) struct log_merge *m = log_merge_new(2);
    assert_next(m, true, "");
    put(m, 0, 10, "a");
    put(m, 0, 30, "c");
    assert_next(m, false, "");
    assert_int_equal(log_merge_len(m), 2);
    put(m, 1, 20, "b");
    assert_next(m, false, "a@0 b@1 ");
    put(m, 1, 20, "d"); /* as old as what went out: too late for its place */
    assert_next(m, false, "d@1 ");
    assert_next(m, true, "c@0 ");
    assert_int_equal(log_merge_len(m), 0);
}

static void the_end_of_one_lets_the_others_go(void **state UNUSED)
{
    AUTO(log_merge) struct log_merge *m = log_merge_new(3);
    put(m, 0, 10, "a");
    put(m, 1, 5, "b");
    log_merge_end(m, 1);
    assert_next(m, false, "");
    log_merge_end(m, 2);
    assert_next(m, false, "b@1 a@0 ");
    put(m, 0, 11, "left behind");
}

static void times_of_one_millisecond_break_ties(void **state UNUSED)
{
    AUTO(log_merge) struct log_merge *m = log_merge_new(2);
    put(m, 0, 10, "10.0002");
    put(m, 1, 10, "10.0001");
    assert_next(m, false, "10.0001@1 ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_wait_for_each_other),
        cmocka_unit_test(the_end_of_one_lets_the_others_go),
        cmocka_unit_test(times_of_one_millisecond_break_ties),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
