/* How long comparing and planning a sync take: 1,000 applications of 20 objects each, everything in memory.
 *
 * The objects are those of tests/data/diff, as a real API server stored them, copied for every
 * application. Prints "name value unit" lines; run from the root of the repository. */
#include <stdio.h>
#include <sys/resource.h>

#include "app-controller/compare/compare.h"
#include "app-controller/sync/plan.h"
#include "app-controller/sync/step.h"
#include "common/base/arena.h"
#include "common/base/fs.h"
#include "common/base/limits.h"
#include "common/kube/kube_object.h"
#include "common/value/value.h"
#include "common/value/value_edit.h"
#include "common/value/value_yaml.h"
#include "engine/health/health.h"

enum {
    APPS = 1000,
    OBJECTS = 20,
};

static const char *const CASES[OBJECTS] = {
    "deployment_web",
    "deployment_recreate",
    "statefulset_db",
    "daemonset_agent",
    "cronjob_cj",
    "job_job",
    "service_web",
    "service_two",
    "service_headless",
    "ingress_ing",
    "networkpolicy_np",
    "configmap_cm",
    "secret_s",
    "serviceaccount_sa",
    "role_empty",
    "rolebinding_rb",
    "persistentvolumeclaim_pvc",
    "horizontalpodautoscaler_h2",
    "poddisruptionbudget_pdb",
    "thing_t",
};

struct app {
    struct str name;
    const struct value *targets[OBJECTS];
    const struct value *lives[OBJECTS];
};

static const struct tracking TRACKING = {.method = TRACKING_ANNOTATION};

static const struct value *load(struct arena *arena, const char *name, const char *file)
{
    struct err err;
    struct str text;
    const struct value *v = NULL;
    const char *path = arena_printf(arena, "tests/data/diff/synced_1.37/%s/%s", name, file).p;
    if (fs_read_file(arena, path, LIMIT_MIB, &text, &err) < 0 ||
        value_from_yaml(arena, text, NULL, &v, &err) < 0) {
        fprintf(stderr, "%s: %s\n", path, err.message);
        return NULL;
    }
    return v;
}

/* Copies of all objects in a namespace of the application's own. */
static void make_app(struct arena *arena,
                     struct app *app,
                     int number,
                     const struct value *const *targets,
                     const struct value *const *lives)
{
    app->name = arena_printf(arena, "app-%d", number);
    for (size_t i = 0; i < OBJECTS; i++) {
        const struct value *live = kube_with_namespace(arena, lives[i], app->name);
        live = tracking_apply(arena, &TRACKING, app->name, app->name, live);
        app->lives[i] = value_copy(arena, live);
        app->targets[i] = value_copy(arena, kube_with_namespace(arena, targets[i], app->name));
    }
}

static double cpu_seconds(void)
{
    struct rusage usage;
    (void)getrusage(RUSAGE_SELF, &usage); /* cannot fail with these arguments */
    return (double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static int
compare(struct arena *arena, const struct app *app, struct compare_result *ret, struct err *err)
{
    const struct compare_input in = {
        .instance = app->name,
        .app_name = app->name,
        .app_namespace = STR("argocd"),
        .destination_namespace = app->name,
        .tracking = &TRACKING,
        .targets = app->targets,
        .n_targets = OBJECTS,
        .lives = app->lives,
        .n_lives = OBJECTS,
    };
    return compare_app(arena, &in, ret, err);
}

/* Objects that are out of sync, or -1. */
static int compare_one(struct arena *arena, const struct app *app)
{
    struct err err;
    struct compare_result result;
    if (compare(arena, app, &result, &err) < 0) {
        fprintf(stderr, "%s\n", err.message);
        return -1;
    }
    int n = 0;
    for (size_t i = 0; i < result.n_resources; i++) {
        n += result.resources[i].status != SYNC_STATUS_SYNCED;
        (void)health_of(arena, result.resources[i].live);
    }
    return n;
}

static int measure(const char *name, const struct app *apps, int want_out_of_sync)
{
    AUTO(arena) struct arena *arena = arena_new();
    double start = cpu_seconds();
    size_t bytes = 0;
    int out_of_sync = 0;
    for (size_t i = 0; i < APPS; i++) {
        arena_reset(arena);
        int n = compare_one(arena, &apps[i]);
        if (n < 0) {
            return 1;
        }
        out_of_sync += n;
        bytes = MAX(bytes, arena_used(arena));
    }
    printf("%s %.3f core_seconds\n", name, cpu_seconds() - start);
    printf("%s_arena %zu bytes_per_application\n", name, bytes);
    if (out_of_sync != want_out_of_sync) {
        fprintf(stderr, "%s: %d objects out of sync, wanted %d\n", name, out_of_sync,
                want_out_of_sync);
        return 1;
    }
    return 0;
}

/* The plan of a sync of each application, up to its first step. */
static int measure_plan(const struct app *apps)
{
    AUTO(arena) struct arena *arena = arena_new();
    double took = 0;
    for (size_t i = 0; i < APPS; i++) {
        struct compare_result result;
        struct err err;
        struct plan plan;
        struct step step;
        arena_reset(arena);
        if (compare(arena, &apps[i], &result, &err) < 0) {
            fprintf(stderr, "%s\n", err.message);
            return 1;
        }
        const struct plan_input in = {
            .compare = &result,
            .options = sync_options_default(),
            .prune = true,
            .revision = STR("0123456789"),
            .attempt = STR("1"),
            .started_at_ms = 1700000000000,
            .destination_namespace = apps[i].name,
        };
        double start = cpu_seconds();
        plan_build(arena, &in, &plan);
        step_next(arena, &plan, &step);
        took += cpu_seconds() - start;
        if (plan.n_tasks != OBJECTS || step.kind != STEP_DRY_RUN) {
            fprintf(stderr, "the plan has %zu tasks\n", plan.n_tasks);
            return 1;
        }
    }
    printf("plan_1000x20 %.2f us_per_application\n", took / APPS * 1e6);
    printf("plan_1000x20_object %.2f us_per_object\n", took / APPS / OBJECTS * 1e6);
    return 0;
}

/* Another label on every object, as when someone edits all of them by hand. */
static void drift(struct arena *arena, struct app *apps)
{
    for (size_t i = 0; i < APPS; i++) {
        for (size_t k = 0; k < OBJECTS; k++) {
            apps[i].targets[k] =
                kube_with_label(arena, apps[i].targets[k], STR("release"), STR("next"));
        }
    }
}

int main(void)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *targets[OBJECTS];
    const struct value *lives[OBJECTS];
    for (size_t i = 0; i < OBJECTS; i++) {
        targets[i] = load(arena, CASES[i], "target.yaml");
        lives[i] = load(arena, CASES[i], "live.yaml");
        if (targets[i] == NULL || lives[i] == NULL) {
            return 1;
        }
    }
    struct app *apps = arena_calloc(arena, APPS, sizeof(*apps));
    for (int i = 0; i < APPS; i++) {
        make_app(arena, &apps[i], i, targets, lives);
    }
    if (measure("compare_1000x20_synced", apps, 0) != 0) {
        return 1;
    }
    drift(arena, apps);
    if (measure("compare_1000x20_modified", apps, APPS * OBJECTS) != 0) {
        return 1;
    }
    return measure_plan(apps);
}
