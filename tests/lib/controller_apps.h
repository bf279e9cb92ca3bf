/* Applications of a controller fixture: making them, asking things of them, waiting for what becomes of
 * them. */
#pragma once

#include "tests/lib/controller_fixture.h"

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

/* Nothing is due or under way. */
static inline bool controller_fixture_is_idle(void *data)
{
    const struct controller_fixture *f = data;
    struct queue_stats stats = queue_stats(f->ctl->queue);
    return stats.n_due == 0 && stats.n_running == 0;
}

static inline void controller_fixture_idle(struct controller_fixture *f)
{
    controller_fixture_wait(f, controller_fixture_is_idle, f);
}

/* Ask for a refresh as the controller itself does, and wait for its end. */
static inline void
controller_fixture_request(struct controller_fixture *f, const char *name, enum refresh_level level)
{
    controller_request(f->ctl, controller_fixture_of(f, name), level);
    controller_fixture_idle(f);
}

/* The message of the first condition of this type; "" = there is none. */
static inline const char *
controller_fixture_condition(struct controller_fixture *f, const char *name, const char *type)
{
    VALUE_FOREACH(value_dig(controller_fixture_get(f, name), "status", "conditions"), c) {
        if (str_eq_c(value_dig_str(c, "type"), type)) {
            return arena_str(f->arena, value_dig_str(c, "message")).p;
        }
    }
    return "";
}

struct controller_fixture_condition_want {
    struct controller_fixture *f;
    const char *name;
    const char *type;
    const char *part; /* "" = no condition of the type */
};

static inline bool controller_fixture_condition_is(void *data)
{
    struct controller_fixture_condition_want *w = data;
    const char *is = controller_fixture_condition(w->f, w->name, w->type);
    return w->part[0] != '\0' ? strstr(is, w->part) != NULL : is[0] == '\0';
}

static inline void controller_fixture_until_condition(struct controller_fixture *f,
                                                      const char *name,
                                                      const char *type,
                                                      const char *part)
{
    struct controller_fixture_condition_want w = {f, name, type, part};
    controller_fixture_wait(f, controller_fixture_condition_is, &w);
}

/* Application "web", synced to these objects. */
static inline void
controller_fixture_synced(struct controller_fixture *f, const char *yaml, const char *spec)
{
    controller_fixture_begin(f, yaml, spec);
    controller_fixture_sync_until(f, "", "Succeeded");
    UNTIL_SYNC(f, "web", "Synced");
    controller_fixture_idle(f);
}

struct controller_fixture_name {
    struct controller_fixture *f;
    const char *name;
};

static inline bool controller_fixture_is_unknown(void *data)
{
    const struct controller_fixture_name *n = data;
    return controller_fixture_of(n->f, n->name) == NULL;
}

/* The controller has noticed that the Application is gone. */
static inline void controller_fixture_until_unknown(struct controller_fixture *f, const char *name)
{
    struct controller_fixture_name n = {f, name};
    controller_fixture_wait(f, controller_fixture_is_unknown, &n);
}
