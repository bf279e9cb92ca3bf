/* One turn for one application, and the steps its parts share. */
#include "app-controller/pass.h"

#include <assert.h>
#include <string.h>

#include "app-controller/app.h"
#include "app-controller/deletion.h"
#include "app-controller/live/live_cache.h"
#include "app-controller/refresh.h"
#include "app-controller/sync/run.h"
#include "app-controller/targets.h"
#include "common/base/arena.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/kube/kube_client.h"
#include "common/kube/kube_object.h"
#include "common/rt/loop.h"
#include "common/rt/queue.h"
#include "common/settings/settings.h"
#include "common/value/value.h"

enum {
    PATCH_RETRY_MS = 1000,
};

/* ---- begin and end ---- */

static void take_object(struct pass *pass, struct doc *object)
{
    struct doc *old = pass->object;
    pass->object = doc_ref(object);
    arena_hold(pass->arena, object); /* the model borrows from it until the end */
    doc_unref(old);
}

static void log_unreadable(const struct pass *pass, const struct err *err)
{
    log_warn("application cannot be read", LF_STR("app", pass->app->key), LF_ERR(err));
}

/* By the annotation of the application, or of its cluster's secret. */
static bool is_skipped(const struct pass *pass)
{
    struct clusters clusters = settings_clusters(pass->ctl->settings);
    const struct cluster *cluster = NULL;
    struct err unused; /* where it goes is checked later */
    if (str_eq_c(kube_annotation(doc_root(pass->object), STR(APP_ANNOTATION_SKIP)), "true")) {
        return true;
    }
    return cluster_find(&clusters, &pass->model.spec.destination, &cluster, &unused) == 0 &&
           cluster_is_skipped(cluster);
}

void pass_begin(struct controller *ctl, struct app *app, enum refresh_level level)
{
    struct arena *arena = arena_new();
    struct pass *pass = ARENA_NEW(arena, struct pass);
    pass->ctl = ctl;
    pass->app = app;
    pass->arena = arena;
    /* what waited for the cluster is not lost by a turn that was asked for less */
    pass->level = MAX(level, (enum refresh_level)app->waiting_level);
    pass->started_ms = loop_now_ms(ctl->loop);
    clock_rfc3339(clock_wall_ms(clock_system()), pass->now);
    app->pass = pass;
    app->waiting = false; /* the steps of this turn say so again */
    app->waiting_level = 0;
    take_object(pass, app->object);
    struct err err;
    if (application_decode(arena, doc_root(pass->object), &pass->model, &err) < 0) {
        log_unreadable(pass, &err);
        pass_end(pass);
        return;
    }
    if (is_skipped(pass)) {
        pass_end(pass);
        return;
    }
    if (kube_is_deleting(doc_root(pass->object))) {
        deletion_begin(pass);
        return;
    }
    run_begin(pass, refresh_begin);
}

void pass_end(struct pass *pass)
{
    struct controller *ctl = pass->ctl;
    struct app *app = pass->app;
    app->pass = NULL;
    evaluation_free(pass->evaluation);
    targets_unref(pass->targets);
    doc_unref(pass->object);
    doc_unref(pass->project);
    if (pass->used_cache != NULL) {
        live_cache_release(pass->used_cache);
    }
    AUTO(char) char *key = mem_strndup(app->key.p, app->key.n);
    if (pass->app_gone) {
        app_free(app);
    }
    arena_free(pass->arena);
    queue_done(ctl->queue, str_from(key));
}

/* ---- conditions ---- */

void pass_condition(struct pass *pass, enum condition_type type, struct str message)
{
    struct condition c = {.type = type, .message = arena_str(pass->arena, message)};
    vec_push_in(pass->arena, &pass->conditions, c);
}

bool pass_has_condition(const struct pass *pass, enum condition_type type)
{
    const struct conditions found = {pass->conditions.items, pass->conditions.n};
    return conditions_find(found, type) != NULL;
}

void pass_condition_err(struct pass *pass, enum condition_type type, const struct err *err)
{
    char text[2048];
    err_format(err, text, sizeof(text));
    pass_condition(pass, type, str_from(text));
}

/* ---- resolve ---- */

static void add_problems(struct pass *pass, struct app_strs problems)
{
    for (size_t i = 0; i < problems.n; i++) {
        pass_condition(pass, CONDITION_INVALID_SPEC_ERROR, problems.items[i]);
    }
}

int pass_project(const struct pass *pass, const struct project **ret, struct err *err)
{
    struct str name = pass->model.spec.project;
    const struct project *project = settings_project(pass->ctl->settings, name);
    if (project == NULL && str_eq(name, STR(APP_DEFAULT_PROJECT))) {
        project = &PROJECT_DEFAULT;
    }
    if (project == NULL) {
        return err_set(err, ERR_NOT_FOUND,
                       "Application referencing project " STR_FMT " which does not exist",
                       STR_ARG(name));
    }
    if (!project_permits_namespace(project, pass->app->namespace,
                                   str_from(pass->ctl->config->ns))) {
        return err_set(err, ERR_DENIED,
                       "application '" STR_FMT "' in namespace '" STR_FMT
                       "' is not permitted to use project '" STR_FMT "'",
                       STR_ARG(pass->app->name), STR_ARG(pass->app->namespace), STR_ARG(name));
    }
    *ret = project;
    return 0;
}

struct project_cluster pass_project_cluster(const struct pass *pass)
{
    return (struct project_cluster){
        .server = live_cache_server(pass->cache),
        .name = live_cache_name(pass->cache),
        .project = live_cache_project(pass->cache),
    };
}

static const struct project *find_project(struct pass *pass)
{
    struct doc *doc = settings_project_doc(pass->ctl->settings, pass->model.spec.project);
    const struct project *project = NULL;
    struct err err;
    doc_unref(TAKE(pass->project));
    pass->project = doc != NULL ? doc_ref(doc) : NULL;
    if (pass_project(pass, &project, &err) < 0) {
        pass_condition_err(pass, CONDITION_INVALID_SPEC_ERROR, &err);
        return NULL;
    }
    return project;
}

void pass_use_cache(struct pass *pass)
{
    live_cache_use(pass->cache);
    if (pass->used_cache != NULL) {
        live_cache_release(pass->used_cache);
    }
    pass->used_cache = pass->cache;
    pass->app->cache = pass->cache;
    pass->app->ruled_out = false;
}

void pass_resolve(struct pass *pass, bool *ret_ok)
{
    const struct app_spec *spec = &pass->model.spec;
    *ret_ok = false;
    add_problems(pass, app_spec_problems(pass->arena, spec));
    const struct project *project = find_project(pass);
    struct err err;
    if (pass->conditions.n > 0 || project == NULL) {
        return;
    }
    if (controller_cluster_for(pass->ctl, &spec->destination, &pass->cache, &err) < 0) {
        pass_condition_err(pass, CONDITION_INVALID_SPEC_ERROR, &err);
        return;
    }
    pass_use_cache(pass);
    struct project_cluster cluster = pass_project_cluster(pass);
    add_problems(pass, project_app_problems(pass->arena, project, spec, &cluster));
    *ret_ok = pass->conditions.n == 0;
}

void pass_set_targets(struct pass *pass, struct targets *targets)
{
    struct targets *old = pass->targets;
    pass->targets = targets_ref(targets);
    targets_unref(old);
}

/* ---- evaluate ---- */

static void on_evaluated(struct evaluation *ev, const struct err *err)
{
    struct pass *pass = ev->data;
    pass->next(pass, err);
}

static int check_cluster(const struct pass *pass, struct err *err)
{
    const struct err *why = live_cache_error(pass->cache);
    if (why == NULL) {
        return 0;
    }
    *err = *why;
    return err_wrap(err, "cluster " STR_FMT, STR_ARG(live_cache_server(pass->cache)));
}

/* Be asked again when something in the cluster's cache changes. */
static void watch_cluster(struct pass *pass)
{
    pass->app->waiting = true;
    pass->app->waiting_level = MAX(pass->app->waiting_level, (int)pass->level);
}

static int wait_for_cluster(struct pass *pass, struct err *err)
{
    watch_cluster(pass);
    pass->not_ready = true;
    TRY(check_cluster(pass, err));
    return err_set(err, ERR_UNAVAILABLE, "the objects of cluster " STR_FMT " are still being read",
                   STR_ARG(live_cache_server(pass->cache)));
}

int pass_wait_discovered(struct pass *pass, struct err *err)
{
    return live_cache_api(pass->cache) != NULL ? 0 : wait_for_cluster(pass, err);
}

static int start_evaluation(struct pass *pass,
                            struct targets *targets,
                            struct app_interests *interests,
                            struct err *err)
{
    if (live_cache_error(pass->cache) != NULL || !live_cache_synced(pass->cache)) {
        return wait_for_cluster(pass, err);
    }
    bool waits = false;
    int rc = app_interests_update(interests, pass->app, pass->cache, targets,
                                  pass->model.spec.destination.namespace, &waits, err);
    if (rc < 0) {
        watch_cluster(pass);
        return rc;
    }
    if (waits) {
        return wait_for_cluster(pass, err);
    }
    struct evaluation_input in = {
        .object = pass->object,
        .targets = targets,
        .cache = pass->cache,
        .project = pass->project,
        .instance = str_from(pass->app->instance),
        .tracking = pass->ctl->tracking,
        .scripts = pass->ctl->scripts,
        .rules = pass->ctl->rules,
        .answers = pass->app->answers,
        .impersonation = impersonation_of(pass->ctl->settings),
        .server_side = pass->ctl->config->server_side_diff,
        .jq = pass->ctl->jq,
    };
    evaluation_free(TAKE(pass->evaluation));
    TRY(evaluation_new(&in, &pass->evaluation, err));
    return evaluation_start(pass->evaluation, pass->ctl->work, on_evaluated, pass, err);
}

void pass_evaluate(struct pass *pass,
                   struct targets *targets,
                   struct app_interests *interests,
                   pass_step_fn next)
{
    struct err err;
    pass->next = next;
    if (start_evaluation(pass, targets, interests, &err) < 0) {
        next(pass, &err);
    }
}

struct targets_request pass_targets_request(const struct pass *pass,
                                            const struct app_sources *sources)
{
    return (struct targets_request){
        .repo_server = pass->ctl->repo_server,
        .sources = sources,
        .instance = str_from(pass->app->instance),
        .project = pass->model.spec.project,
        .namespace = pass->model.spec.destination.namespace,
        .settings = pass->ctl->settings,
        .api = live_cache_api(pass->cache),
        .timeout_ms = pass->ctl->config->repo_timeout_ms,
        .known = pass->app->targets,
    };
}

/* ---- patch ---- */

bool pass_take(struct pass *pass, struct doc *object)
{
    struct application model;
    struct err err;
    controller_app_written(pass->ctl, object);
    if (application_decode(pass->arena, doc_root(object), &model, &err) < 0) {
        log_unreadable(pass, &err);
        return false;
    }
    take_object(pass, object);
    pass->model = model;
    return true;
}

static void on_patched(void *data, const struct kube_reply *reply)
{
    struct pass *pass = data;
    if (reply->err != NULL) {
        if (reply->err->code == ERR_NOT_FOUND) {
            pass_end(pass); /* deleted meanwhile: the watch tells */
            return;
        }
        pass->next(pass, reply->err);
        return;
    }
    if (pass_take(pass, reply->doc)) {
        pass->next(pass, NULL);
    } else {
        pass_end(pass);
    }
}

void pass_patch(struct pass *pass, const struct value *patch, pass_step_fn next)
{
    pass->next = next;
    pass_send(pass, patch, on_patched);
}

void pass_send(struct pass *pass,
               const struct value *patch,
               void (*done)(void *pass, const struct kube_reply *reply))
{
    struct kube_request request = {
        .verb = KUBE_PATCH,
        .target = {.group = STR(APP_GROUP),
                   .version = STR(APP_VERSION),
                   .resource = STR(APP_RESOURCE),
                   .kind = STR(APP_KIND),
                   .namespace = pass->app->namespace,
                   .name = pass->app->name},
        .patch = KUBE_PATCH_MERGE,
        .body = patch,
        .done = done,
        .data = pass,
    };
    (void)kube_start(pass->ctl->client, &request);
}

/* ---- the ends that need no more ---- */

void pass_retry_later(struct pass *pass, const struct err *err)
{
    if (err->code != ERR_CONFLICT && err->code != ERR_CANCELED) {
        log_warn("application could not be written", LF_STR("app", pass->app->key), LF_ERR(err));
    }
    controller_request_after(pass->ctl, pass->app, pass->level, PATCH_RETRY_MS);
    pass_end(pass);
}
