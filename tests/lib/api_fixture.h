/* A whole API server in the test's process, with a fake cluster, repo-server and controller.
 *
 * The test's body runs inside the daemon's start, before the loop does, and turns the loop itself with the
 * functions here. When it returns the daemon shuts down in order, which is checked each time. A header,
 * because only tests of api-server link its code. */
#pragma once

#include "tests/lib/api_request.h"
#include "tests/lib/daemon_run.h"

static inline bool api_fixture_is_ready(void *data)
{
    return daemon_ready(((struct api_fixture *)data)->daemon);
}

static inline void api_fixture_fill(struct api_fixture *f)
{
    fake_cluster_put(
        f->cluster,
        "{apiVersion: v1, kind: Secret, metadata: {name: argocd-secret, namespace: argocd,"
        " labels: {app.kubernetes.io/part-of: argocd}}, data: {server.secretkey: '" API_KEY
        "', admin.password: '" API_HASH "'}}");
    fake_cluster_put(f->cluster,
                     "{apiVersion: argoproj.io/v1alpha1, kind: AppProject,"
                     " metadata: {name: default, namespace: argocd},"
                     " spec: {sourceRepos: ['*'], destinations: [{server: '*', namespace: '*'}],"
                     " clusterResourceWhitelist: [{group: '*', kind: '*'}]}}");
}

static inline int api_fixture_start(struct daemon *daemon, void **ret, struct err *err)
{
    struct api_fixture *f = api_fixture_now;
    f->daemon = daemon;
    f->loop = daemon_loop(daemon);
    f->cluster = fake_cluster_new(f->loop);
    f->repo = fake_repo_new(f->loop);
    f->client = http_client_new(f->loop, NULL);
    api_fixture_start_controller(f);
    fake_cluster_kubeconfig(f->cluster, f->dir);
    /* what the command line could not name yet */
    struct api_config *config = (struct api_config *)(uintptr_t)daemon_values(daemon);
    const char *url = fake_repo_url(f->repo);
    config->repo_server.items = &url;
    config->repo_server.n = 1;
    if (!api_fixture_empty) {
        api_fixture_fill(f);
    }
    TRY(api_server_start(daemon, ret, err));
    f->server = *ret;
    api_fixture_wait(f, api_fixture_is_ready, f);
    f->body(f);
    daemon_shutdown(daemon, NULL);
    return 0;
}

static inline void api_fixture_stop(struct daemon *daemon, void *component)
{
    http_client_close(TAKE(api_fixture_now->client), NULL, NULL);
    api_server_stop(daemon, component);
}

static inline void api_fixture_end(void *component)
{
    struct api_fixture *f = api_fixture_now;
    api_server_free(component);
    api_fixture_let_go(f);
    ipc_server_free(f->controller);
    fake_repo_free(f->repo);
    fake_cluster_free(f->cluster);
}

/* Runs the body; more: further arguments of the daemon, NULL at the end, or NULL. Returns the exit status
 * of the daemon. */
static inline int api_fixture_run(void (*body)(struct api_fixture *f), const char *const *more)
{
    static struct api_config config;
    static const struct config_row ROWS[] = {
#define CONFIG(field, ...) CONFIG_ROW(struct api_config, field, __VA_ARGS__),
#include "api-server/config.def"
#undef CONFIG
    };
    static const struct daemon_spec SPEC = {
        .name = "api-server",
        .program = "belay-api-server",
        .summary = "under test",
        .rows = ROWS,
        .n_rows = ARRAY_LEN(ROWS),
        .values = &config,
        .start = api_fixture_start,
        .stop = api_fixture_stop,
        .free = api_fixture_end,
    };
    struct api_fixture f = {.body = body, .arena = arena_new(), .answer = "{}"};
    tmp_dir_new(f.dir);
    (void)snprintf(f.controller_url, sizeof(f.controller_url), "ipc://%s/controller", f.dir);
    api_fixture_now = &f;
    const char *const fixed[] = {
        "--log-level=error",
        "--insecure",
        "--listen-address=127.0.0.1:0",
        "--http-address=127.0.0.1:0",
        arena_printf(f.arena, "--kubeconfig=%s/kubeconfig", f.dir).p,
        arena_printf(f.arena, "--controller=%s", f.controller_url).p,
        arena_printf(f.arena, "--controller-events=ipc://%s/events", f.dir).p,
        NULL,
    };
    int status = daemon_run(&SPEC, fixed, more);
    tmp_dir_remove(f.dir);
    arena_free(f.arena);
    return status;
}

#define API_TEST(body) assert_int_equal(api_fixture_run((body), NULL), 0)
