/* Logs against a scripted server: what is asked for, lines and their times, long lines, failures. */
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/kube/kube_log.h"
#include "tests/lib/check.h"
#include "tests/lib/kube_fixture.h"

struct seen {
    struct buf lines; /* "time>line|" */
    unsigned n_done;
    struct err err;
    struct kube_log *log;
    bool cancel_at_line;
};

static void on_line(void *data, struct str time, struct str line)
{
    struct seen *seen = data;
    buf_printf(&seen->lines, STR_FMT ">", STR_ARG(time));
    if (line.n < 100) {
        buf_printf(&seen->lines, STR_FMT "|", STR_ARG(line));
    } else {
        buf_printf(&seen->lines, "%zu bytes|", line.n);
    }
    if (seen->cancel_at_line) {
        kube_log_cancel(seen->log);
    }
}

static void on_done(void *data, const struct err *err)
{
    struct seen *seen = data;
    seen->n_done++;
    seen->err = err != NULL ? *err : (struct err){.code = ERR_OK};
}

static bool is_done(void *data)
{
    return ((struct seen *)data)->n_done > 0;
}

/* What a server that answers with step shows of the log. */
static void
read_log(struct kube_step step, struct kube_log_opts opts, struct seen *seen, const char *request)
{
    struct kube_fixture *f = kube_fixture_new(&step, 1, "");
    buf_init(&seen->lines, 4096);
    opts.namespace = STR("shop");
    opts.pod = STR("web-1");
    opts.on_line = on_line;
    opts.done = on_done;
    opts.data = seen;
    seen->log = kube_log_start(f->client, &opts);
    assert_int_equal(seen->n_done, 0);
    kube_fixture_wait(f, is_done, seen);
    if (request != NULL) {
        ASSERT_STR(buf_str(&f->log), request);
    }
    kube_fixture_free(f);
    assert_int_equal(seen->n_done, 1);
}

static void lines_have_times(void **state UNUSED)
{
    struct seen seen = {0};
    read_log((struct kube_step){200,
                                "2026-01-02T03:04:05.000000001Z hello world\n"
                                "2026-01-02T03:04:06Z \n"
                                "2026-01-02T03:04:07Z windows\r\n"
                                "2026-01-02T03:04:08Z no end",
                                0, NULL},
             (struct kube_log_opts){0}, &seen,
             "GET /api/v1/namespaces/shop/pods/web-1/log?timestamps=true\n");
    assert_int_equal(seen.err.code, ERR_OK);
    ASSERT_STR(buf_str(&seen.lines),
               "2026-01-02T03:04:05.000000001Z>hello world|2026-01-02T03:04:06Z>|"
               "2026-01-02T03:04:07Z>windows|2026-01-02T03:04:08Z>no end|");
    buf_done(&seen.lines);
}

static void options_are_asked_for(void **state UNUSED)
{
    struct seen seen = {0};
    int64_t tail = 0;
    read_log((struct kube_step){200, "", 0, NULL},
             (struct kube_log_opts){.container = STR("main"),
                                    .follow = true,
                                    .previous = true,
                                    .since_s = 60,
                                    .tail = &tail},
             &seen,
             "GET /api/v1/namespaces/shop/pods/web-1/log?timestamps=true&follow=true&previous=true"
             "&container=main&sinceSeconds=60&tailLines=0\n");
    ASSERT_STR(buf_str(&seen.lines), "");
    buf_done(&seen.lines);
}

static void long_lines_come_in_pieces(void **state UNUSED)
{
    struct seen seen = {0};
    AUTO(buf) struct buf body;
    buf_init(&body, LIMIT_MIB);
    buf_put_c(&body, "2026-01-02T03:04:05Z ");
    for (size_t i = 0; i < LIMIT_LOG_LINE_BYTES - 21 + 150; i++) {
        buf_put_char(&body, 'x');
    }
    buf_put_c(&body, "\n2026-01-02T03:04:06Z short\n");
    read_log((struct kube_step){200, body.p, 0, NULL}, (struct kube_log_opts){0}, &seen, NULL);
    assert_int_equal(seen.err.code, ERR_OK);
    ASSERT_STR(buf_str(&seen.lines), "2026-01-02T03:04:05Z>262123 bytes|2026-01-02T03:04:05Z>150 "
                                     "bytes|2026-01-02T03:04:06Z>short|");
    buf_done(&seen.lines);
}

static void failures_are_told(void **state UNUSED)
{
    struct seen seen = {0};
    read_log(
        (struct kube_step){400,
                           "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"reason\":\"BadRequest\","
                           "\"message\":\"container is waiting to start\",\"code\":400}",
                           0, NULL},
        (struct kube_log_opts){0}, &seen, NULL);
    assert_int_equal(seen.err.code, ERR_INVALID);
    assert_non_null(strstr(seen.err.message, "container is waiting to start"));
    assert_non_null(strstr(seen.err.message, "log of pod shop/web-1"));
    buf_done(&seen.lines);
}

static void may_be_cancelled_at_a_line(void **state UNUSED)
{
    struct seen seen = {.cancel_at_line = true};
    read_log((struct kube_step){200, "unable to retrieve\nT two\n", 0, NULL},
             (struct kube_log_opts){0}, &seen, NULL);
    assert_int_equal(seen.err.code, ERR_CANCELED);
    ASSERT_STR(buf_str(&seen.lines), ">unable to retrieve|");
    buf_done(&seen.lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_have_times),           cmocka_unit_test(options_are_asked_for),
        cmocka_unit_test(long_lines_come_in_pieces),  cmocka_unit_test(failures_are_told),
        cmocka_unit_test(may_be_cancelled_at_a_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
