/* The skeleton of the daemons: everything between main() and the component.
 *
 *     configuration -> logs -> loop, pool, metrics -> start() ... signal -> stop() -> free()
 *
 * A shutdown that takes too long ends the process where it is: every state that matters is in
 * Kubernetes, so a killed daemon continues where it was. */
#include "common/rt/daemon.h"

#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include <uv.h>

#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/rt/crash.h"
#include "common/rt/loop.h"
#include "common/rt/metrics.h"
#include "common/rt/subproc.h"
#include "common/rt/timer.h"
#include "common/rt/work.h"
#include "version.h"

enum {
    STATUS_FAILED = 1,
    STATUS_USAGE = 2,
    HELP_BYTES = 1 << 20,
    N_TABLES = 2,
    N_SIGNALS = 3,
    TIDY_MS = 30000, /* between looks for memory that can be given back */
};

struct daemon {
    const struct daemon_spec *spec;
    struct daemon_config values;
    struct config_table tables[N_TABLES];
    struct config *config;
    struct loop *loop;
    struct work *work;
    struct metrics *metrics;
    struct metric_set *metric_set;
    uv_signal_t signals[N_SIGNALS];
    struct timer shutdown_timer;
    struct timer tidy_timer;
    struct job tidy;
    bool tidying;
    void *component;
    bool ready;
    bool stopping;
    bool stopped;
    int status;
};

static const struct config_row DAEMON_ROWS[] = {
#define CONFIG(field, ...) CONFIG_ROW(struct daemon_config, field, __VA_ARGS__),
#include "common/rt/daemon.def"
#undef CONFIG
};

enum daemon_metric {
#define METRIC(id, ...) DAEMON_METRIC_##id,
#include "common/rt/metrics.def"
#undef METRIC
};

static const struct metric_row METRIC_ROWS[] = {
#define METRIC(id, ...) METRIC_ROW(__VA_ARGS__),
#include "common/rt/metrics.def"
#undef METRIC
};

struct loop *daemon_loop(struct daemon *daemon)
{
    return daemon->loop;
}

struct work *daemon_work(struct daemon *daemon)
{
    return daemon->work;
}

struct metrics *daemon_metrics(struct daemon *daemon)
{
    return daemon->metrics;
}

const struct daemon_config *daemon_config(const struct daemon *daemon)
{
    return &daemon->values;
}

const void *daemon_values(const struct daemon *daemon)
{
    return daemon->spec->values;
}

bool daemon_ready(const struct daemon *daemon)
{
    return daemon->ready;
}

void daemon_set_ready(struct daemon *daemon, bool ready)
{
    ready = ready && !daemon->stopping;
    if (ready == daemon->ready) {
        return;
    }
    daemon->ready = ready;
    if (ready) {
        log_info("ready");
    } else {
        log_info("not ready");
    }
}

void daemon_stopped(struct daemon *daemon)
{
    ASSERT_LOOP(daemon->loop);
    assert(daemon->stopping);
    daemon->stopped = true;
    loop_stop(daemon->loop);
}

static void on_shutdown_timeout(void *data)
{
    const struct daemon *daemon = data;
    log_error("running work did not end in time, exiting",
              LF_MS("timeout", daemon->values.shutdown_timeout_ms));
    _exit(STATUS_FAILED);
}

static void begin_stop(void *data)
{
    struct daemon *daemon = data;
    daemon->spec->stop(daemon, daemon->component);
}

void daemon_shutdown(struct daemon *daemon, const struct err *err)
{
    ASSERT_LOOP(daemon->loop);
    if (daemon->stopping) {
        return;
    }
    daemon_set_ready(daemon, false);
    daemon->stopping = true;
    if (err != NULL) {
        daemon->status = STATUS_FAILED;
        log_error("shutting down after a failure", LF_ERR(err));
    } else {
        log_info("shutting down");
    }
    timer_start(&daemon->shutdown_timer, daemon->values.shutdown_timeout_ms);
    loop_post(daemon->loop, begin_stop, daemon); /* start() may not have returned yet */
}

static void on_unknown_key(const struct err *err, void *data UNUSED)
{
    log_debug("parameter is not one of ours", LF_ERR(err));
}

static int load_params(struct daemon *daemon, enum config_when when, struct err *err)
{
    enum log_level level;
    if (daemon->values.params_dir[0] != '\0') {
        TRY(config_load_dir(daemon->config, when, daemon->values.params_dir, on_unknown_key, NULL,
                            err));
    }
    TRY_IN(log_level_parse(str_from(daemon->values.log_level), &level, err), err, "log level");
    log_set_level(level);
    return 0;
}

static void reload(struct daemon *daemon)
{
    struct err err;
    if (load_params(daemon, CONFIG_AT_RELOAD, &err) < 0) {
        log_error("reload failed, what could not be read keeps its value", LF_ERR(&err));
        return;
    }
    log_info("configuration reloaded");
    if (daemon->spec->reload != NULL) {
        daemon->spec->reload(daemon, daemon->component);
    }
}

/* ---- parameters that are watched ---- */

struct params_news {
    struct daemon *daemon;
    unsigned n_changed;
};

static void
on_news(void *data, const struct config_row *row, enum config_news news, const struct err *err)
{
    struct params_news *seen = data;
    struct str key = str_from(row->key);
    switch (news) {
    case CONFIG_CHANGED:
        seen->n_changed++;
        log_info("parameter changed", LF_STR("key", key));
        break;
    case CONFIG_NEEDS_RESTART:
        log_warn("parameter changed, it counts after the next start", LF_STR("key", key));
        metric_set(seen->daemon->metric_set, DAEMON_METRIC_PARAMS_RESTART, 1, METRIC_LABELS(key));
        break;
    case CONFIG_REFUSED:
        log_warn("parameter keeps its value", LF_STR("key", key), LF_ERR(err));
        break;
    }
}

static void apply_log_level(const struct daemon *daemon)
{
    enum log_level level;
    struct err err;
    if (log_level_parse(str_from(daemon->values.log_level), &level, &err) < 0) {
        log_warn("parameter keeps its value", LF_CSTR("key", "log.level"), LF_ERR(&err));
        return;
    }
    log_set_level(level);
}

void daemon_set_params(struct daemon *daemon, const struct config_pairs *pairs)
{
    struct params_news seen = {.daemon = daemon};
    ASSERT_LOOP(daemon->loop);
    metric_clear(daemon->metric_set, DAEMON_METRIC_PARAMS_RESTART);
    config_set_pairs(daemon->config, pairs, on_news, &seen);
    if (seen.n_changed == 0) {
        return;
    }
    apply_log_level(daemon);
    if (daemon->spec->reload != NULL && daemon->component != NULL) {
        daemon->spec->reload(daemon, daemon->component);
    }
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct daemon *daemon = handle->data;
    if (number == SIGHUP) {
        if (!daemon->stopping) {
            reload(daemon);
        }
        return;
    }
    if (daemon->stopping) {
        log_warn("second signal, exiting at once");
        _exit(STATUS_FAILED);
    }
    daemon_shutdown(daemon, NULL);
}

static int watch_signals(struct daemon *daemon, struct err *err)
{
    static const int NUMBERS[N_SIGNALS] = {SIGTERM, SIGINT, SIGHUP};
    for (int i = 0; i < N_SIGNALS; i++) {
        (void)uv_signal_init(loop_uv(daemon->loop),
                             &daemon->signals[i]); /* the loop's pipe exists by then */
        daemon->signals[i].data = daemon;
    }
    for (int i = 0; i < N_SIGNALS; i++) {
        int rc = uv_signal_start(&daemon->signals[i], on_signal, NUMBERS[i]);
        if (rc != 0) {
            return err_from_uv(err, rc, "watching signal %d", NUMBERS[i]);
        }
    }
    return 0;
}

static void collect(void *data)
{
    struct daemon *daemon = data;
    metric_set(daemon->metric_set, DAEMON_METRIC_LOOP_SLOW, (double)loop_n_slow(daemon->loop),
               METRIC_NO_LABELS);
    for (int i = 0; i < WORK_CLASS_COUNT; i++) {
        struct work_stats stats = work_stats(daemon->work, (enum work_class)i);
        struct str name = str_from(work_class_name((enum work_class)i));
        metric_set(daemon->metric_set, DAEMON_METRIC_WORK_QUEUED, (double)stats.n_queued,
                   METRIC_LABELS(name));
        metric_set(daemon->metric_set, DAEMON_METRIC_WORK_RUNNING, (double)stats.n_running,
                   METRIC_LABELS(name));
    }
}

/* ---- what work leaves behind ---- */

static int run_tidy(struct job *job UNUSED, struct err *err UNUSED)
{
    mem_give_back();
    return 0;
}

static void on_tidied(struct job *job, const struct err *err UNUSED)
{
    CONTAINER_OF(job, struct daemon, tidy)->tidying = false;
}

static void on_tidy(void *data)
{
    struct daemon *daemon = data;
    struct err err;
    if (daemon->tidying) {
        return;
    }
    daemon->tidy = (struct job){.run = run_tidy, .done = on_tidied};
    daemon->tidying = work_submit(daemon->work, WORK_FILE, &daemon->tidy, &err) == 0;
}

static void begin(struct daemon *daemon)
{
    daemon->loop = loop_new();
    daemon->work = work_new(
        daemon->loop, &(struct work_options){.n_threads = (unsigned)daemon->values.worker_threads});
    daemon->metrics = metrics_new();
    daemon->metric_set = metrics_add_rows(daemon->metrics, METRIC_ROWS, ARRAY_LEN(METRIC_ROWS));
    metrics_on_collect(daemon->metrics, collect, daemon);
    metric_set(daemon->metric_set, DAEMON_METRIC_BUILD_INFO, 1,
               METRIC_LABELS(STR(BELAY_VERSION), STR(BELAY_COMMIT)));
    timer_init(&daemon->shutdown_timer, daemon->loop, on_shutdown_timeout, daemon);
    timer_init(&daemon->tidy_timer, daemon->loop, on_tidy, daemon);
    timer_start_repeating(&daemon->tidy_timer, TIDY_MS, 0, NULL);
}

static void end(struct daemon *daemon)
{
    work_free(daemon->work); /* the shutdown timer still bounds it */
    timer_stop(&daemon->shutdown_timer);
    timer_stop(&daemon->tidy_timer);
    for (int i = 0; i < N_SIGNALS; i++) {
        uv_close((uv_handle_t *)&daemon->signals[i], NULL);
    }
    metrics_free(daemon->metrics);
    loop_free(daemon->loop);
}

/* From a running configuration to the exit status. */
static int run(struct daemon *daemon)
{
    struct err err;
    crash_report_init(daemon->spec->name);
    begin(daemon);
    log_info("starting", LF_CSTR("version", BELAY_VERSION), LF_CSTR("commit", BELAY_COMMIT));
    int rc = watch_signals(daemon, &err);
    if (rc == 0) {
        rc = daemon->spec->start(daemon, &daemon->component, &err);
    }
    if (rc < 0) {
        /* what was begun is left as it is: the process ends, and its handles with it */
        log_error("cannot start", LF_ERR(&err));
        return STATUS_FAILED;
    }
    while (!daemon->stopped) {
        loop_run(daemon->loop);
    }
    daemon->spec->free(daemon->component);
    end(daemon);
    log_info("stopped", LF_INT("status", daemon->status));
    return daemon->status;
}

static void usage_error(const struct daemon_spec *spec, const struct err *err)
{
    char text[2048];
    err_format(err, text, sizeof(text));
    (void)fprintf(stderr, "%s: %s\n", spec->program, text);
}

static void print_help(const struct daemon *daemon)
{
    __attribute__((cleanup(auto_cleanup_buf))) struct buf text;
    buf_init(&text, HELP_BYTES);
    config_help(daemon->config, daemon->spec->program, daemon->spec->summary, &text);
    (void)fputs(text.p, stdout); /* a closed standard output is the reader's own doing */
}

static int configure_and_run(struct daemon *daemon, int argc, char **argv)
{
    const struct daemon_spec *spec = daemon->spec;
    enum config_request request;
    struct err err;
    if (config_parse(daemon->config, argc, argv, &request, &err) < 0) {
        usage_error(spec, &err);
        return STATUS_USAGE;
    }
    if (request == CONFIG_REQUEST_HELP) {
        print_help(daemon);
        return 0;
    }
    if (request == CONFIG_REQUEST_VERSION) {
        (void)printf("%s %s (%s)\n", spec->program, BELAY_VERSION, BELAY_COMMIT);
        return 0;
    }
    log_init(spec->name, LOG_INFO);
    if (load_params(daemon, CONFIG_AT_START, &err) < 0) {
        usage_error(spec, &err);
        return STATUS_USAGE;
    }
    int status;
    if (spec->mode != NULL && spec->mode(spec->values, &status)) {
        return status;
    }
    return run(daemon);
}

int daemon_main(int argc, char **argv, const struct daemon_spec *spec)
{
    subproc_child_main(&argc, argv);
    struct daemon daemon = {.spec = spec};
    daemon.tables[0] = (struct config_table){spec->rows, spec->n_rows, spec->values, spec->name};
    daemon.tables[1] =
        (struct config_table){DAEMON_ROWS, ARRAY_LEN(DAEMON_ROWS), &daemon.values, "Process"};
    daemon.config = config_new(daemon.tables, N_TABLES);
    int status = configure_and_run(&daemon, argc, argv);
    config_free(daemon.config);
    return status;
}
