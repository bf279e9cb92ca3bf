/* main() of the daemons: configuration, logs, signals, loop, readiness, ordered shutdown.
 *
 *     int main(int argc, char **argv)
 *     {
 *         static struct controller_config config;
 *         static const struct daemon_spec spec = {.name = "app-controller", ..., .values = &config};
 *         return daemon_main(argc, argv, &spec);
 *     }
 *
 * SIGTERM and SIGINT: not ready; stop() of the component, which takes no more work, cancels what
 * runs and calls daemon_stopped(); after --shutdown-timeout (10 s) it ends all the same, with
 * status 1.  A second signal ends it at once.  SIGHUP: reloads the parameter directory, then
 * reload().  SIGPIPE is ignored.
 *
 * Settings of every daemon stand in common/rt/daemon.def.  Loop thread only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/rt/config.h"
#include "common/rt/work.h"

struct daemon;
struct loop;
struct metrics;
struct work;

struct daemon_config {
#define CONFIG(field, type, ...) CONFIG_CTYPE_##type field;
#include "common/rt/daemon.def"
#undef CONFIG
};

struct daemon_spec {
    const char *name;    /* "app-controller": logs, --help, --version */
    const char *program; /* "belay-app-controller" */
    const char *summary; /* one sentence for --help */
    const struct config_row *rows;
    size_t n_rows;
    void *values; /* the config struct that rows fill */
    /* Modes of the binary that are not the daemon (a helper process): true when it is one, then
     * *ret_status is the exit status. Called after the configuration was read; may be NULL. */
    bool (*mode)(const void *values, int *ret_status);
    /* Create the component and begin; *ret is handed to the others. A failure ends the process
     * with its message and status 1; start() leaves nothing behind then.  Calls
     * daemon_set_ready() when it can serve, now or later. */
    int (*start)(struct daemon *daemon, void **ret, struct err *err);
    /* Take no more work, cancel what runs, then call daemon_stopped(), now or later. */
    void (*stop)(struct daemon *daemon, void *component);
    /* After daemon_stopped(), or after the time was over: free it. */
    void (*free)(void *component);
    /* RELOADABLE settings have changed; may be NULL. */
    void (*reload)(struct daemon *daemon, void *component);
};

/* The exit status: 0 after an ordered shutdown, 1 after a failure, 2 for wrong usage. */
int daemon_main(int argc, char **argv, const struct daemon_spec *spec);

struct loop *daemon_loop(struct daemon *daemon);
struct work *daemon_work(struct daemon *daemon);
struct metrics *daemon_metrics(struct daemon *daemon);
const struct daemon_config *daemon_config(const struct daemon *daemon);
/* spec->values */
const void *daemon_values(const struct daemon *daemon);

/* For readiness probes; logged when it changes. False at the start and from the first signal on. */
void daemon_set_ready(struct daemon *daemon, bool ready);
bool daemon_ready(const struct daemon *daemon);
/* The component has stopped. */
void daemon_stopped(struct daemon *daemon);
/* argocd-cmd-params-cm as it is now, for components that watch it: what may change while running does, and
 * reload() is called; what may not is logged and shown by the metric belay_params_restart_needed. */
void daemon_set_params(struct daemon *daemon, const struct config_pairs *pairs);
/* As SIGTERM; with an error the exit status is 1 and the error is logged. err may be NULL. */
void daemon_shutdown(struct daemon *daemon, const struct err *err);
