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
#include "common/value/value.h"
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

static inline void
controller_fixture_path(const struct controller_fixture *f, const char *name, char path[256])
{
    (void)snprintf(path, 256, "%s/%s", f->dir, name);
}

static inline void controller_fixture_kubeconfig(const struct controller_fixture *f)
{
    char path[256];
    controller_fixture_path(f, "kubeconfig", path);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    (void)fprintf(file,
                  "apiVersion: v1\nkind: Config\ncurrent-context: c\n"
                  "clusters:\n- name: c\n  cluster: {server: '%s'}\n"
                  "users:\n- name: u\n  user: {}\n"
                  "contexts:\n- name: c\n  context: {cluster: c, user: u}\n",
                  fake_cluster_url(f->cluster));
    assert_int_equal(fclose(file), 0);
}

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
    controller_fixture_kubeconfig(f);
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
    char *argv[32];
    int argc = 0;
    const char *const fixed[] = {
        "belay-app-controller",
        "--log-level=error",
        "--sync-wave-delay=0s",
        "--http-address=127.0.0.1:0",
        "--kube-qps=100000",
        "--kube-burst=100000",
        arena_printf(f.arena, "--kubeconfig=%s/kubeconfig", f.dir).p,
        arena_printf(f.arena, "--listen=ipc://%s/controller", f.dir).p,
        arena_printf(f.arena, "--events=ipc://%s/events", f.dir).p,
    };
    for (size_t i = 0; i < ARRAY_LEN(fixed); i++) {
        argv[argc++] = arena_strdup(f.arena, fixed[i]);
    }
    for (size_t i = 0; more != NULL && more[i] != NULL; i++) {
        argv[argc++] = arena_strdup(f.arena, more[i]);
    }
    argv[argc] = NULL;
    int status = daemon_main(argc, argv, &SPEC);
    tmp_dir_remove(f.dir);
    arena_free(f.arena);
    return status;
}

#define CONTROLLER_TEST(body) assert_int_equal(controller_fixture_run((body), NULL), 0)

/* ---- Applications ---- */

/* Application argocd/NAME of the fake repository to namespace ns; spec and metadata are more YAML in flow
 * style ("syncPolicy: {automated: {}}"), or "". */
static inline void controller_fixture_app(struct controller_fixture *f,
                                          const char *name,
                                          const char *metadata,
                                          const char *spec)
{
    fake_cluster_put(
        f->cluster,
        arena_printf(f->arena,
                     "{apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: {name: %s, "
                     "namespace: argocd%s%s}, spec: {project: default, source: {repoURL: "
                     "'https://git.test/repo', path: app, targetRevision: main}, destination: "
                     "{server: 'https://kubernetes.default.svc', namespace: ns}%s%s}}",
                     name, metadata[0] != '\0' ? ", " : "", metadata, spec[0] != '\0' ? ", " : "",
                     spec)
            .p);
}

static inline const struct value *controller_fixture_get(const struct controller_fixture *f,
                                                         const char *name)
{
    return fake_cluster_get(f->cluster, "Application", "argocd", name);
}

/* A merge patch of Application argocd/NAME. */
static inline void
controller_fixture_patch(struct controller_fixture *f, const char *name, const char *yaml)
{
    fake_cluster_patch(f->cluster, "Application", "argocd", name, yaml);
}

struct controller_fixture_want {
    const struct controller_fixture *f;
    const char *name;
    const char *want;
    const char *const *path;
};

static inline bool controller_fixture_has(void *data)
{
    const struct controller_fixture_want *w = data;
    const struct value *v = value_dig_path(controller_fixture_get(w->f, w->name), w->path);
    return w->want == NULL ? v == NULL : str_eq_c(value_str(v), w->want);
}

static inline void controller_fixture_until(struct controller_fixture *f,
                                            const char *name,
                                            const char *want,
                                            const char *const *path)
{
    struct controller_fixture_want w = {f, name, want, path};
    if (!loop_run_until(f->loop, controller_fixture_has, &w, CONTROLLER_WAIT_MS)) {
        AUTO(arena) struct arena *arena = arena_new();
        struct str text = STR_EMPTY;
        struct err err;
        ASSERT_OK(value_to_yaml_in(arena, controller_fixture_get(f, name), NULL, &text, &err));
        fail_msg("'%s' was never reached; the application is\n" STR_FMT "requests:\n%s",
                 want != NULL ? want : "(none)", STR_ARG(text), fake_cluster_log(f->cluster));
    }
}
/* Until the field is this string; NULL: until there is none. */
#define UNTIL(f, name, want, ...) \
    controller_fixture_until((f), (name), (want), (const char *const[]){__VA_ARGS__, NULL})
#define UNTIL_SYNC(f, name, want)  UNTIL(f, name, want, "status", "sync", "status")
#define UNTIL_PHASE(f, name, want) UNTIL(f, name, want, "status", "operationState", "phase")

static inline struct app *controller_fixture_of(struct controller_fixture *f, const char *name)
{
    return controller_app(f->ctl, STR("argocd"), str_from(name));
}

/* Start a sync, with more of its fields in YAML ("prune: true"), or "". */
static inline void
controller_fixture_sync(struct controller_fixture *f, const char *name, const char *sync)
{
    controller_fixture_patch(f, name, arena_printf(f->arena, "operation: {sync: {%s}}", sync).p);
}

/* ---- objects ---- */

#define CONFIG_MAP(name, text) \
    "{apiVersion: v1, kind: ConfigMap, metadata: {name: " name "}, data: {text: " text "}}"

struct controller_fixture_object {
    const struct controller_fixture *f;
    const char *kind;
    const char *name;
    bool there;
};

static inline bool controller_fixture_object_is(void *data)
{
    const struct controller_fixture_object *o = data;
    return (fake_cluster_get(o->f->cluster, o->kind, "ns", o->name) != NULL) == o->there;
}

static inline void
controller_fixture_until_gone(struct controller_fixture *f, const char *kind, const char *name)
{
    struct controller_fixture_object o = {f, kind, name, false};
    controller_fixture_wait(f, controller_fixture_object_is, &o);
}

static inline void
controller_fixture_until_there(struct controller_fixture *f, const char *kind, const char *name)
{
    struct controller_fixture_object o = {f, kind, name, true};
    controller_fixture_wait(f, controller_fixture_object_is, &o);
}

/* Ask for a refresh ("normal", "hard") and wait until it is answered. */
static inline void
controller_fixture_refresh(struct controller_fixture *f, const char *name, const char *how)
{
    controller_fixture_patch(
        f, name,
        arena_printf(f->arena, "metadata: {annotations: {argocd.argoproj.io/refresh: %s}}", how).p);
    UNTIL(f, name, NULL, "metadata", "annotations", "argocd.argoproj.io/refresh");
}

/* Application "web" of these objects, compared once. */
static inline void
controller_fixture_begin(struct controller_fixture *f, const char *yaml, const char *spec)
{
    fake_repo_set(f->repo, "r1", yaml);
    controller_fixture_app(f, "web", "", spec);
    UNTIL(f, "web", "r1", "status", "sync", "revision");
}

/* Sync "web" to what the repository has, until this phase. */
static inline void
controller_fixture_sync_until(struct controller_fixture *f, const char *sync, const char *phase)
{
    controller_fixture_sync(f, "web", sync);
    UNTIL(f, "web", NULL, "operation");
    UNTIL_PHASE(f, "web", phase);
}

/* The repository moves on to r2, and that is noticed. */
static inline void controller_fixture_move(struct controller_fixture *f, const char *yaml)
{
    fake_repo_set(f->repo, "r2", yaml);
    controller_fixture_refresh(f, "web", "normal");
    UNTIL(f, "web", "r2", "status", "sync", "revision");
}

/* The message of the last or running operation of "web". */
static inline void controller_fixture_says(struct controller_fixture *f, const char *part)
{
    struct str message =
        value_dig_str(controller_fixture_get(f, "web"), "status", "operationState", "message");
    if (str_find(message, str_from(part)) == STR_NONE) {
        fail_msg("the operation says '" STR_FMT "', not '%s'", STR_ARG(message), part);
    }
}
