/* A whole app-controller in the test's process, with a fake cluster and a fake repo-server.
 *
 * The test's body runs inside the daemon's start, before the loop does, and turns the loop itself with the
 * functions here. When it returns the daemon shuts down in order, which is checked each time. A header,
 * because only tests of app-controller link its code. */
#pragma once

#include <stdio.h>
#include <unistd.h>

#include "app-controller/app.h"
#include "app-controller/controller.h"
#include "common/base/buf.h"
#include "common/base/map.h"
#include "common/kube/kube_object.h"
#include "common/model/application.h"
#include "common/rt/daemon.h"
#include "common/rt/loop.h"
#include "common/rt/queue.h"
#include "common/value/value.h"
#include "tests/lib/daemon_run.h"
#include "tests/lib/fake_cluster.h"
#include "tests/lib/fake_repo.h"
#include "tests/lib/parse.h"
#include "tests/lib/tmp_dir.h"

enum { CONTROLLER_WAIT_MS = 30 * 1000 };

struct controller_fixture {
    char dir[TMP_DIR_BYTES];
    struct daemon *daemon;
    struct loop *loop;
    struct fake_cluster *cluster;
    struct fake_repo *repo;
    struct controller *ctl;
    void (*body)(struct controller_fixture *f);
    struct arena *arena; /* for the test's texts */
};

/* One at a time: daemon_main() hands the component no data of ours. */
static struct controller_fixture *controller_fixture_now;

static inline bool controller_fixture_is_ready(void *data)
{
    return daemon_ready(((struct controller_fixture *)data)->daemon);
}

/* Runs the loop until cond(data); fails the test after a deadline. */
static inline void
controller_fixture_wait(struct controller_fixture *f, bool (*cond)(void *data), void *data)
{
    if (!loop_run_until(f->loop, cond, data, CONTROLLER_WAIT_MS)) {
        fail_msg("nothing happened for %d ms; requests:\n%s", CONTROLLER_WAIT_MS,
                 fake_cluster_log(f->cluster));
    }
}

static inline int controller_fixture_start(struct daemon *daemon, void **ret, struct err *err)
{
    struct controller_fixture *f = controller_fixture_now;
    f->daemon = daemon;
    f->loop = daemon_loop(daemon);
    /* what the command line could not name yet */
    struct controller_config *config = (struct controller_config *)(uintptr_t)daemon_values(daemon);
    f->cluster = fake_cluster_new(f->loop);
    f->repo = fake_repo_new(f->loop);
    fake_cluster_kubeconfig(f->cluster, f->dir);
    const char *url = fake_repo_url(f->repo);
    config->repo_server.items = &url;
    config->repo_server.n = 1;
    fake_cluster_put(f->cluster, "{apiVersion: v1, kind: Namespace, metadata: {name: argocd}}");
    fake_cluster_put(f->cluster, "{apiVersion: v1, kind: Namespace, metadata: {name: ns}}");
    TRY(controller_start(daemon, ret, err));
    f->ctl = *ret;
    controller_fixture_wait(f, controller_fixture_is_ready, f);
    f->body(f);
    daemon_shutdown(daemon, NULL);
    return 0;
}

static inline void controller_fixture_end(void *component)
{
    struct controller_fixture *f = controller_fixture_now;
    controller_free(component);
    fake_repo_free(f->repo);
    fake_cluster_free(f->cluster);
}

/* Runs the body; more: further arguments of the daemon, NULL at the end, or NULL. Returns the exit status
 * of the daemon. */
static inline int controller_fixture_run(void (*body)(struct controller_fixture *f),
                                         const char *const *more)
{
    static struct controller_config config;
    static const struct config_row ROWS[] = {
#define CONFIG(field, ...) CONFIG_ROW(struct controller_config, field, __VA_ARGS__),
#include "app-controller/config.def"
#undef CONFIG
    };
    static const struct daemon_spec SPEC = {
        .name = "app-controller",
        .program = "belay-app-controller",
        .summary = "under test",
        .rows = ROWS,
        .n_rows = ARRAY_LEN(ROWS),
        .values = &config,
        .start = controller_fixture_start,
        .stop = controller_stop,
        .free = controller_fixture_end,
    };
    struct controller_fixture f = {.body = body, .arena = arena_new()};
    tmp_dir_new(f.dir);
    controller_fixture_now = &f;
    const char *const fixed[] = {
        "--log-level=error",
        "--enable-k8s-event=none",
        "--sync-wave-delay=0s",
        "--http-address=127.0.0.1:0",
        "--kube-qps=100000",
        "--kube-burst=100000",
        arena_printf(f.arena, "--kubeconfig=%s/kubeconfig", f.dir).p,
        arena_printf(f.arena, "--listen=ipc://%s/controller", f.dir).p,
        arena_printf(f.arena, "--events=ipc://%s/events", f.dir).p,
        NULL,
    };
    int status = daemon_run(&SPEC, fixed, more);
    tmp_dir_remove(f.dir);
    arena_free(f.arena);
    return status;
}

#define CONTROLLER_TEST(body) assert_int_equal(controller_fixture_run((body), NULL), 0)
