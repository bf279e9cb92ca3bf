/* The daemon skeleton: start, readiness, signals, reload, shutdown that hangs, wrong usage.
 *
 * The daemon under test is this program, started with the argument "daemon" in front of its own. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/buf.h"
#include "common/base/log.h"
#include "common/rt/daemon.h"
#include "common/rt/loop.h"
#include "common/rt/metrics.h"
#include "common/rt/subproc.h"
#include "tests/lib/check.h"
#include "tests/lib/tmp_dir.h"

enum { WAIT_MS = 30000 };

/* --- the daemon --- */

struct test_config {
    const char *behaviour;
};

static const struct config_row ROWS[] = {
    CONFIG_ROW(struct test_config,
               behaviour,
               STR,
               "behaviour",
               "",
               "test.behaviour",
               "",
               0,
               0,
               "",
               RELOADABLE,
               "What goes wrong."),
};

static struct test_config config;

static bool behaves(const char *how)
{
    return strcmp(config.behaviour, how) == 0;
}

static bool mode(const void *values UNUSED, int *ret_status)
{
    *ret_status = 42;
    return behaves("other-mode");
}

static int start(struct daemon *daemon, void **ret, struct err *err)
{
    /* ThreadSanitizer makes room for pending signals in a thread's first blocking call, and loses one that
     * comes just then: let it be over before "ready" is told. */
    (void)poll(NULL, 0, 1);
    if (behaves("fail")) {
        return err_set(err, ERR_UNAVAILABLE, "cannot listen");
    }
    *ret = daemon;
    __attribute__((cleanup(auto_cleanup_buf))) struct buf page;
    buf_init(&page, 1 << 20);
    metrics_format(daemon_metrics(daemon), &page);
    log_info("metrics", LF_INT("status", strstr(page.p, "belay_build_info{") != NULL));
    daemon_set_ready(daemon, true);
    if (behaves("broken")) {
        struct err failure;
        (void)err_set(&failure, ERR_INTERNAL, "broke down");
        daemon_shutdown(daemon, &failure);
    }
    return 0;
}

static void stop(struct daemon *daemon, void *component)
{
    assert(component == daemon && !daemon_ready(daemon));
    if (!behaves("hang")) {
        daemon_stopped(daemon);
    }
}

static void component_free(void *component UNUSED)
{
    log_info("freed");
}

static void reload(struct daemon *daemon UNUSED, void *component UNUSED)
{
    log_info("reloaded", LF_CSTR("what", config.behaviour));
}

static const struct daemon_spec SPEC = {.name = "test",
                                        .program = "belay-test",
                                        .summary = "Is tested.",
                                        .rows = ROWS,
                                        .n_rows = ARRAY_LEN(ROWS),
                                        .values = &config,
                                        .mode = mode,
                                        .start = start,
                                        .stop = stop,
                                        .free = component_free,
                                        .reload = reload};

/* --- the tests --- */

struct fixture {
    struct loop *loop;
    struct subproc *proc;
    struct buf out;
    struct buf lines;
    const char *wanted;
    bool exited;
    int status;
};

static void on_stdout(struct subproc *proc UNUSED, struct str bytes, void *data)
{
    buf_put(&((struct fixture *)data)->out, bytes);
}

static void on_stderr_line(struct subproc *proc UNUSED, struct str line, void *data)
{
    struct fixture *f = data;
    buf_put(&f->lines, line);
    buf_put_char(&f->lines, '\n');
}

static void on_exit_cb(struct subproc *proc UNUSED, const struct err *err, void *data)
{
    struct fixture *f = data;
    f->exited = true;
    f->status = err != NULL ? err->system_code : 0;
}

static void setup(struct fixture *f, const char *arg1, const char *arg2)
{
    static const struct subproc_callbacks CALLBACKS = {on_stdout, on_stderr_line, on_exit_cb};
    struct err err;
    *f = (struct fixture){.loop = loop_new()};
    buf_init(&f->out, 1 << 20);
    buf_init(&f->lines, 1 << 20);
    const char *argv[] = {"belay-test", "daemon", arg1, arg2, NULL};
    const struct subproc_options options = {.argv = argv,
                                            .deadline_ms = loop_now_ms(f->loop) + WAIT_MS};
    ASSERT_OK(subproc_start(f->loop, &options, &CALLBACKS, f, &f->proc, &err));
}

static bool has_line(void *data)
{
    const struct fixture *f = data;
    return f->exited || strstr(f->lines.p, f->wanted) != NULL;
}

static void wait_line(struct fixture *f, const char *wanted)
{
    f->wanted = wanted;
    (void)loop_run_until(f->loop, has_line, f, WAIT_MS);
    if (strstr(f->lines.p, wanted) == NULL) {
        fail_msg("no '%s' in:\n%s", wanted, f->lines.p);
    }
}

static bool has_exited(void *data)
{
    return ((struct fixture *)data)->exited;
}

/* Ends the fixture. */
static int wait_exit(struct fixture *f)
{
    assert_true(loop_run_until(f->loop, has_exited, f, WAIT_MS));
    loop_free(f->loop);
    buf_done(&f->out);
    buf_done(&f->lines);
    return f->status;
}

static void signal_daemon(struct fixture *f, int number)
{
    assert_int_equal(kill(subproc_pid(f->proc), number), 0);
}

static void signal_ends_it_in_order(void **state UNUSED)
{
    static const int NUMBERS[] = {SIGTERM, SIGINT};
    for (size_t i = 0; i < ARRAY_LEN(NUMBERS); i++) {
        struct fixture f;
        setup(&f, NULL, NULL);
        wait_line(&f, "\"msg\":\"ready\"");
        assert_non_null(strstr(f.lines.p, "\"msg\":\"metrics\",\"status\":1"));
        signal_daemon(&f, NUMBERS[i]);
        wait_line(&f, "\"msg\":\"not ready\"");
        wait_line(&f, "\"msg\":\"shutting down\"");
        wait_line(&f, "\"msg\":\"freed\"");
        wait_line(&f, "\"msg\":\"stopped\",\"status\":0");
        assert_int_equal(wait_exit(&f), 0);
    }
}

static void failed_start_is_logged_once_with_status_1(void **state UNUSED)
{
    struct fixture f;
    setup(&f, "--behaviour=fail", NULL);
    wait_line(&f, "\"msg\":\"cannot start\",\"error\":\"cannot listen\",\"code\":\"UNAVAILABLE\"");
    assert_int_equal(wait_exit(&f), 1);
}

static void component_may_ask_for_the_end(void **state UNUSED)
{
    struct fixture f;
    setup(&f, "--behaviour=broken", NULL);
    wait_line(&f, "\"msg\":\"shutting down after a failure\",\"error\":\"broke down\"");
    wait_line(&f, "\"msg\":\"freed\"");
    assert_int_equal(wait_exit(&f), 1);
}

static void shutdown_that_hangs_is_cut_off(void **state UNUSED)
{
    struct fixture f;
    setup(&f, "--behaviour=hang", "--shutdown-timeout=50ms");
    wait_line(&f, "\"msg\":\"ready\"");
    signal_daemon(&f, SIGTERM);
    wait_line(&f, "did not end in time");
    assert_int_equal(wait_exit(&f), 1);
}

static void second_signal_ends_it_at_once(void **state UNUSED)
{
    struct fixture f;
    setup(&f, "--behaviour=hang", "--shutdown-timeout=4m");
    wait_line(&f, "\"msg\":\"ready\"");
    signal_daemon(&f, SIGTERM);
    wait_line(&f, "\"msg\":\"shutting down\"");
    signal_daemon(&f, SIGINT);
    wait_line(&f, "second signal");
    assert_int_equal(wait_exit(&f), 1);
}

static void a_fault_is_told(void **state UNUSED)
{
    struct fixture f;
    setup(&f, NULL, NULL);
    wait_line(&f, "\"msg\":\"ready\"");
    signal_daemon(&f, SIGABRT);
    wait_line(&f, "\"component\":\"test\",\"msg\":\"crashed\",\"signal\":\"SIGABRT\"");
    wait_line(&f, "belay-test(+0x"); /* where it was */
    assert_int_not_equal(wait_exit(&f), 0);
}

static void sighup_reads_the_parameters_again(void **state UNUSED)
{
    struct fixture f;
    char dir[TMP_DIR_BYTES];
    char flag[128];
    tmp_dir_new(dir);
    (void)snprintf(flag, sizeof(flag), "--params-dir=%s", dir);
    setup(&f, flag, NULL);
    wait_line(&f, "\"msg\":\"ready\"");
    tmp_dir_put(dir, "test.behaviour", "new");
    signal_daemon(&f, SIGHUP);
    wait_line(&f, "\"msg\":\"reloaded\",\"what\":\"new\"");
    tmp_dir_put(dir, "log.level", "loud");
    signal_daemon(&f, SIGHUP);
    wait_line(&f, "\"msg\":\"reload failed");
    signal_daemon(&f, SIGTERM);
    assert_int_equal(wait_exit(&f), 0);
    tmp_dir_remove(dir);
}

static void wrong_usage_has_status_2(void **state UNUSED)
{
    struct fixture f;
    setup(&f, "--behavior=x", NULL);
    wait_line(&f, "belay-test: unknown flag --behavior; did you mean --behaviour?");
    assert_int_equal(wait_exit(&f), 2);
    setup(&f, "--log-level=loud", NULL);
    wait_line(&f, "belay-test: log level: 'loud'");
    assert_int_equal(wait_exit(&f), 2);
}

static void help_version_and_modes(void **state UNUSED)
{
    struct fixture f;
    setup(&f, "--help", NULL);
    assert_true(loop_run_until(f.loop, has_exited, &f, WAIT_MS));
    assert_non_null(strstr(f.out.p, "Is tested.\n\nUsage: belay-test [flags]"));
    assert_non_null(strstr(f.out.p, "--shutdown-timeout <duration>"));
    assert_int_equal(wait_exit(&f), 0);
    setup(&f, "--version", NULL);
    assert_true(loop_run_until(f.loop, has_exited, &f, WAIT_MS));
    assert_true(str_starts_with(buf_str(&f.out), STR("belay-test ")));
    assert_int_equal(wait_exit(&f), 0);
    setup(&f, "--behaviour=other-mode", NULL);
    assert_int_equal(wait_exit(&f), 42);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signal_ends_it_in_order),
        cmocka_unit_test(failed_start_is_logged_once_with_status_1),
        cmocka_unit_test(component_may_ask_for_the_end),
        cmocka_unit_test(shutdown_that_hangs_is_cut_off),
        cmocka_unit_test(second_signal_ends_it_at_once),
        cmocka_unit_test(a_fault_is_told),
        cmocka_unit_test(sighup_reads_the_parameters_again),
        cmocka_unit_test(wrong_usage_has_status_2),
        cmocka_unit_test(help_version_and_modes),
    };
    subproc_child_main(&argc, argv);
    if (argc > 1 && strcmp(argv[1], "daemon") == 0) {
        argv[1] = argv[0];
        return daemon_main(argc - 1, argv + 1, &SPEC);
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
