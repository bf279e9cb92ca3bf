/* Wiring of the controller: watches in, queue, clusters, events out, ordered start and stop. */
#include "app-controller/controller.h"

#include <assert.h>
#include <string.h>

#include "app-controller/app.h"
#include "app-controller/cluster.h"
#include "app-controller/events.h"
#include "app-controller/handlers.h"
#include "app-controller/jq.h"
#include "app-controller/live/live_cache.h"
#include "app-controller/observe.h"
#include "app-controller/orphans.h"
#include "app-controller/pass.h"
#include "app-controller/projects.h"
#include "app-controller/targets.h"
#include "common/base/arena.h"
#include "common/base/log.h"
#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/base/rand.h"
#include "common/ipc/ipc_client.h"
#include "common/ipc/ipc_convert.h"
#include "common/ipc/ipc_event.h"
#include "common/ipc/ipc_server.h"
#include "common/kube/kube_client.h"
#include "common/kube/kube_config.h"
#include "common/kube/kube_informer.h"
#include "common/kube/kube_object.h"
#include "common/model/application.h"
#include "common/net/http_client.h"
#include "common/net/probe_server.h"
#include "common/rt/daemon.h"
#include "common/rt/loop.h"
#include "common/rt/metrics.h"
#include "common/rt/queue.h"
#include "common/settings/settings.h"
#include "common/value/value.h"
#include "engine/compare/rules.h"
#include "engine/lua/customize.h"
#include "proto/events.pb-c.h"

enum { BATCH_MS = 1000 }; /* events of an application's objects */

/* Of the queue. */
enum lane {
    LANE_STATUS,
    LANE_OPERATION,
    LANE_COUNT,
};

/* ---- applications ---- */

static struct app *find_app(struct controller *ctl, const struct value *obj)
{
    return controller_app(ctl, kube_namespace(obj), kube_name(obj));
}

struct app *controller_app(struct controller *ctl, struct str namespace, struct str name)
{
    AUTO(arena) struct arena *arena = arena_new();
    return map_find(ctl->apps,
                    arena_printf(arena, STR_FMT "/" STR_FMT, STR_ARG(namespace), STR_ARG(name)));
}

struct app *controller_app_by_instance(struct controller *ctl, struct str instance)
{
    struct app *own = controller_app(ctl, str_from(ctl->config->ns), instance);
    if (own != NULL) {
        return own;
    }
    struct str namespace;
    struct str name;
    return str_cut(instance, '_', &namespace, &name) ? controller_app(ctl, namespace, name) : NULL;
}

void controller_request(struct controller *ctl, struct app *app, enum refresh_level level)
{
    queue_add(ctl->queue, app->key, (int)level);
}

void controller_request_after(struct controller *ctl,
                              struct app *app,
                              enum refresh_level level,
                              int64_t delay_ms)
{
    int64_t due_ms = loop_now_ms(ctl->loop) + MAX(delay_ms, (int64_t)1);
    if (app->due_ms[level] == 0 || due_ms < app->due_ms[level]) {
        app->due_ms[level] = due_ms;
    }
    queue_add_after(ctl->queue, app->key, REFRESH_TREE, delay_ms);
}

/* The highest level whose time has come; the times of the others are kept in the queue, which remembers
 * only the earliest. */
static enum refresh_level take_due(struct controller *ctl, struct app *app, int level)
{
    int64_t now_ms = loop_now_ms(ctl->loop);
    int64_t next_ms = 0;
    for (int i = 0; i < REFRESH_LEVELS; i++) {
        if (app->due_ms[i] == 0) {
            continue;
        }
        if (app->due_ms[i] <= now_ms) {
            level = MAX(level, i);
            app->due_ms[i] = 0;
        } else if (next_ms == 0 || app->due_ms[i] < next_ms) {
            next_ms = app->due_ms[i];
        }
    }
    if (next_ms > 0) {
        queue_add_after(ctl->queue, app->key, REFRESH_TREE, next_ms - now_ms);
    }
    return (enum refresh_level)level;
}

/* A pass works on it: it frees the application at its end. */
static void drop_app(struct controller *ctl, struct app *app)
{
    (void)map_take(ctl->apps, app->key);
    projects_check(ctl->projects, app_project(app));
    queue_remove(ctl->queue, app->key);
    if (app->pass != NULL) {
        app->pass->app_gone = true;
    } else {
        app_free(app);
    }
}

/* Another Application under the same name: nothing of the old one's memory holds. */
static bool is_another(struct doc *before, struct doc *after)
{
    return !str_eq(kube_uid(doc_root(before)), kube_uid(doc_root(after)));
}

static bool spec_changed(struct doc *before, struct doc *after)
{
    return !value_equal(value_dig(doc_root(before), "spec"), value_dig(doc_root(after), "spec"));
}

/* What the controller itself writes (status) asks for nothing. */
static bool asks_for_work(struct doc *before, struct doc *after)
{
    const struct value *a = doc_root(before);
    const struct value *b = doc_root(after);
    return !value_equal(value_dig(a, "operation"), value_dig(b, "operation")) ||
           !value_equal(value_dig(a, "status", "operationState", "phase"),
                        value_dig(b, "status", "operationState", "phase")) ||
           !value_equal(kube_annotations(a), kube_annotations(b)) ||
           !value_equal(value_dig(a, "metadata", "finalizers"),
                        value_dig(b, "metadata", "finalizers")) ||
           kube_is_deleting(a) != kube_is_deleting(b);
}

/* An operation or a refresh: what repositories say from now on answers it. */
static bool asks_for_news(struct doc *before, struct doc *after)
{
    const struct value *a = doc_root(before);
    const struct value *b = doc_root(after);
    return !value_equal(value_dig(a, "operation"), value_dig(b, "operation")) ||
           !value_equal(kube_annotations(a), kube_annotations(b));
}

/* What was asked for in the meantime has been passed over. */
static bool is_resumed(struct doc *before, struct doc *after)
{
    return str_eq_c(kube_annotation(doc_root(before), STR(APP_ANNOTATION_SKIP)), "true") &&
           !str_eq_c(kube_annotation(doc_root(after), STR(APP_ANNOTATION_SKIP)), "true");
}

static void on_application(void *data, struct doc *before, struct doc *after)
{
    struct controller *ctl = data;
    struct app *app = find_app(ctl, doc_root(after != NULL ? after : before));
    if (app != NULL && (after == NULL || is_another(app->object, after))) {
        drop_app(ctl, app);
        app = NULL;
    }
    if (after == NULL) {
        return;
    }
    if (app == NULL) {
        app = app_new(ctl, after);
        map_set(ctl->apps, app->key, app);
        controller_request(ctl, app, REFRESH_LATEST);
        return;
    }
    bool spec = spec_changed(app->object, after); /* another project, automated sync, ... */
    bool work = asks_for_work(app->object, after);
    if (asks_for_news(app->object, after)) {
        app->asked_ms = loop_now_ms(ctl->loop);
    }
    spec |= is_resumed(app->object, after);
    app_set_object(app, after);
    if (spec) {
        projects_check(ctl->projects, STR_EMPTY);
    }
    if (spec || work) {
        controller_request(ctl, app, spec ? REFRESH_LATEST : REFRESH_TREE);
    }
}

void controller_app_written(struct controller *ctl, struct doc *doc)
{
    if (ctl->informer != NULL) { /* a pass may end after the informer */
        kube_informer_put(ctl->informer, doc);
    }
}

static void process(struct queue *queue, struct str key, int level, void *data)
{
    struct controller *ctl = data;
    struct app *app = map_find(ctl->apps, key);
    if (app == NULL) {
        queue_done(queue, key);
        return;
    }
    assert(app->pass == NULL); /* the queue never hands out a key twice */
    pass_begin(ctl, app, take_due(ctl, app, level));
}

static size_t lane_of(struct str key, void *data)
{
    const struct controller *ctl = data;
    const struct app *app = map_find(ctl->apps, key);
    bool operates = app != NULL && value_dig(doc_root(app->object), "operation") != NULL;
    return operates ? LANE_OPERATION : LANE_STATUS;
}

static void request_all(struct controller *ctl,
                        bool (*match)(const struct app *app, const void *what),
                        const void *what,
                        enum refresh_level level)
{
    MAP_FOREACH(ctl->apps, it) {
        struct app *app = it.value;
        if (match == NULL || match(app, what)) {
            controller_request(ctl, app, level);
        }
    }
}

/* ---- live objects ---- */

/* The application at the top of an object's ownership. Chains are short; a loop in them ends too. */
static struct app *owning_app(struct controller *ctl, const struct live_obj *obj)
{
    for (int depth = 0; obj != NULL && depth < 10; depth++) {
        struct live_app *tracked = live_obj_app(obj);
        if (tracked != NULL) {
            return controller_app_by_instance(ctl, str_from(tracked->name));
        }
        obj = obj->n_owners > 0 ? obj->owners[0].owner->obj : NULL;
    }
    return NULL;
}

/* The first event is followed at once; those that come shortly behind it are taken together, so that an object that
 * changes all the time costs no more than a comparison now and then. A running operation waits for nothing. */
static void request_batched(struct controller *ctl, struct app *app)
{
    int64_t now_ms = loop_now_ms(ctl->loop);
    if (now_ms < app->batch_until_ms && value_dig(doc_root(app->object), "operation") == NULL) {
        controller_request_after(ctl, app, REFRESH_RECENT, app->batch_until_ms - now_ms);
        return;
    }
    app->batch_until_ms = now_ms + BATCH_MS;
    controller_request(ctl, app, REFRESH_RECENT);
}

/* An event may reach an application in several ways: by what tracks the object, and by who is interested. */
static void request_managed(struct controller *ctl, struct app *app)
{
    if (app == NULL || app->live_event == ctl->n_live_events) {
        return;
    }
    app->live_event = ctl->n_live_events;
    if (app->was_compared) {
        request_batched(ctl, app);
    } else if (app->waiting) {
        controller_request(ctl, app, (enum refresh_level)app->waiting_level);
    }
}

void controller_on_live(struct controller *ctl,
                        struct live_cache *cache,
                        int event,
                        struct live_obj *obj,
                        struct str before)
{
    struct live_app *now = live_obj_app(obj);
    ctl->n_live_events++;
    bool came_or_went = event != LIVE_EVENT_MODIFIED || (now == NULL) != (before.n == 0);
    if (came_or_went && obj->n_owners == 0) {
        orphans_on_change(ctl, cache, live_obj_namespace(obj));
    }
    if (before.n > 0 && (now == NULL || !str_eq_c(before, now->name))) {
        request_managed(ctl, controller_app_by_instance(ctl, before));
    }
    LIVE_INTEREST_FOREACH(obj, in)
    {
        request_managed(ctl, in->owner);
    }
    if (now != NULL) {
        request_managed(ctl, controller_app_by_instance(ctl, str_from(now->name)));
        return;
    }
    struct app *top = owning_app(ctl, obj);
    if (top != NULL && top->was_compared) {
        /* they come in bursts */
        int64_t delay_ms = ctl->config->batch_events ? ctl->config->batch_interval_ms : 0;
        controller_request_after(ctl, top, REFRESH_TREE, delay_ms);
    }
}

static bool waits_for(const struct app *app, const void *cache)
{
    return app->waiting && app->cache == cache;
}

void controller_on_cluster(struct controller *ctl, struct live_cache *cache)
{
    MAP_FOREACH(ctl->apps, it) {
        struct app *app = it.value;
        if (waits_for(app, cache)) {
            controller_request(ctl, app, (enum refresh_level)app->waiting_level);
        }
    }
}

void controller_publish_tree(struct controller *ctl, const struct app *app)
{
    AUTO(arena) struct arena *arena = arena_new();
    Belay__AppEvent event;
    belay__app_event__init(&event);
    event.namespace_ = ipc_string(arena, app->namespace);
    event.name = ipc_string(arena, app->name);
    ipc_pub_send(ctl->events, BELAY__EVENT_TYPE__EVENT_TREE_CHANGED, &event.base);
}

/* ---- settings ---- */

static bool in_project(const struct app *app, const void *what)
{
    const struct str *name = what;
    return str_eq(app_project(app), *name);
}

static bool is_disconnected(const struct app *app, const void *what UNUSED)
{
    return app->cache == NULL;
}

static bool had_trouble(const struct app *app, const void *what UNUSED)
{
    return !str_eq(value_dig_str(doc_root(app->object), "status", "sync", "status"), STR("Synced"));
}

static bool is_verified(const struct app *app, const void *what)
{
    const struct controller *ctl = what;
    const struct project *project = settings_project(ctl->settings, app_project(app));
    return project != NULL && (project->has_integrity || project->signature_keys.n > 0);
}

static void read_keyring(struct controller *ctl)
{
    size_t hash = settings_keyring_hash(ctl->settings);
    if (hash != ctl->keyring_hash) {
        ctl->keyring_hash = hash;
        request_all(ctl, is_verified, ctl, REFRESH_LATEST);
    }
}

/* Copies: settings keep their strings only until they change. */
static void read_tracking(struct controller *ctl)
{
    const struct settings *s = ctl->settings;
    struct arena *old = ctl->tracking_strings;
    struct arena *arena = ctl->tracking_strings = arena_new();
    struct str label_key = settings_value(s, STR("application.instanceLabelKey"));
    ctl->tracking = (struct tracking){
        .method =
            tracking_method_parse(settings_value(s, STR("application.resourceTrackingMethod"))),
        .label_key = arena_str(arena, label_key.n > 0 ? label_key : STR(TRACKING_LABEL_KEY)),
        .installation_id = arena_str(arena, settings_value(s, STR("installationID"))),
    };
    arena_free(old);
}

static const struct value *config_data(const struct controller *ctl)
{
    struct doc *config = settings_config(ctl->settings);
    return config != NULL ? value_dig(doc_root(config), "data") : NULL;
}

/* Those of before stay when the new ones cannot be read. True when they are others now. */
static bool read_rules(struct controller *ctl)
{
    struct compare_rules *fresh = NULL;
    struct err err;
    if (compare_rules_new(config_data(ctl), &fresh, &err) < 0) {
        log_warn("rules of argocd-cm cannot be read, the last ones stay", LF_ERR(&err));
        return false;
    }
    bool changed = !compare_rules_same(ctl->rules, fresh);
    compare_rules_unref(ctl->rules);
    ctl->rules = fresh;
    return changed;
}

/* Those of before stay when the new ones cannot be read. True when they are others now. */
static bool read_scripts(struct controller *ctl)
{
    struct customizations *fresh = NULL;
    struct err err;
    if (customizations_new(config_data(ctl), &fresh, &err) < 0) {
        log_warn("scripts of argocd-cm cannot be read, the last ones stay", LF_ERR(&err));
        return false;
    }
    bool changed = !customizations_same(ctl->scripts, fresh);
    customizations_unref(ctl->scripts);
    ctl->scripts = fresh;
    return changed;
}

static void warn_of_problem(const struct controller *ctl)
{
    const struct err *problem = settings_problem(ctl->settings);
    if (problem != NULL) {
        log_warn("argocd-cm has a setting that does not count", LF_ERR(problem));
    }
}

static void take_params(struct controller *ctl)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct config_pairs pairs = settings_params(ctl->settings, arena);
    daemon_set_params(ctl->daemon, &pairs);
}

/* Intervals may be shorter now; applications ask again within the new one, spread over it. */
void controller_reload(struct daemon *daemon UNUSED, void *component)
{
    struct controller *ctl = component;
    if (ctl->stopping || ctl->config->resync_ms == 0) {
        return;
    }
    MAP_FOREACH(ctl->apps, it) {
        int64_t spread = (int64_t)rand_below(ctl->rand, (uint64_t)ctl->config->resync_ms);
        controller_request_after(ctl, it.value, REFRESH_LATEST, spread);
    }
}

static void on_settings(void *data, enum settings_part part, struct str name)
{
    struct controller *ctl = data;
    switch (part) {
    case SETTINGS_PROJECTS:
        projects_tell_problems(ctl->projects, name);
        projects_check(ctl->projects, name);
        request_all(ctl, in_project, &name, REFRESH_LATEST);
        break;
    case SETTINGS_REPOSITORIES:
        request_all(ctl, had_trouble, NULL, REFRESH_LATEST_FORCED);
        break;
    case SETTINGS_CONFIG:
        take_params(ctl);
        warn_of_problem(ctl);
        read_tracking(ctl); /* a cache made with another one is not current any more */
        cluster_reload(ctl);
        if (read_rules(ctl)) {
            cluster_set_rules(ctl);
            request_all(ctl, NULL, NULL, REFRESH_RECENT);
        }
        if (read_scripts(ctl)) {
            cluster_set_scripts(ctl);
            request_all(ctl, NULL, NULL, REFRESH_RECENT);
        }
        request_all(ctl, is_disconnected, NULL, REFRESH_RECENT);
        read_keyring(ctl);
        break;
    case SETTINGS_CLUSTERS:
        cluster_reload(ctl);
        request_all(ctl, NULL, NULL, REFRESH_RECENT);
        break;
    case SETTINGS_SECRET:
        break;
    }
}

static void start_informer(struct controller *ctl);

static void on_settings_synced(void *data)
{
    struct controller *ctl = data;
    if (ctl->stopping) {
        return;
    }
    read_tracking(ctl);
    (void)read_rules(ctl);
    (void)read_scripts(ctl);
    take_params(ctl);
    start_informer(ctl);
}

static void on_applications_synced(void *data)
{
    struct controller *ctl = data;
    ctl->apps_known = true;
    projects_check(ctl->projects, STR_EMPTY);
    daemon_set_ready(ctl->daemon, !ctl->stopping);
}

static bool wants_namespace(void *data, struct str namespace)
{
    const struct controller *ctl = data;
    return app_namespaces_permit(&ctl->namespaces, namespace);
}

static void on_applications_error(void *data UNUSED, const struct err *err)
{
    if (err != NULL) {
        log_warn("applications cannot be watched", LF_ERR(err));
    }
}

static void start_informer(struct controller *ctl)
{
    struct app_strs watched = app_namespaces_watched(ctl->arena, &ctl->namespaces);
    struct kube_informer_opts opts = {
        .target = {.group = STR(APP_GROUP),
                   .version = STR(APP_VERSION),
                   .resource = STR(APP_RESOURCE),
                   .kind = STR(APP_KIND)},
        .namespaces = watched.items,
        .n_namespaces = watched.n,
        .wants = wants_namespace,
        .on_change = on_application,
        .on_synced = on_applications_synced,
        .on_error = on_applications_error,
        .data = ctl,
    };
    ctl->informer = kube_informer_start(ctl->client, &opts);
}

/* ---- start ---- */

static struct ipc_tls tls_of(const struct controller_config *config)
{
    return (struct ipc_tls){
        .ca_file = config->tls_ca,
        .cert_file = config->tls_cert,
        .key_file = config->tls_key,
    };
}

static int start_kube(struct controller *ctl, struct err *err)
{
    struct kube_config *config = NULL;
    TRY(kube_config_own(str_from(ctl->config->kubeconfig), &config, err));
    struct kube_client_opts opts = {
        .loop = ctl->loop,
        .http = ctl->http,
        .config = config,
        .user_agent = STR("belay-app-controller"),
        .environ = config_environ(),
        .qps = ctl->config->qps,
        .burst = (int)ctl->config->burst,
        .on_stat = observe_kube_request,
        .data = ctl,
    };
    TRY(kube_client_new(&opts, &ctl->client, err));
    struct settings_opts settings = {
        .client = ctl->client,
        .namespace = str_from(ctl->config->ns),
        .ignore_signatures = !ctl->config->verify_signatures,
        .on_change = on_settings,
        .on_synced = on_settings_synced,
        .data = ctl,
    };
    ctl->settings = settings_new(&settings);
    return 0;
}

static int start_ipc(struct controller *ctl, struct err *err)
{
    struct ipc_tls tls = tls_of(ctl->config);
    struct ipc_client_options client = {
        .urls = ctl->config->repo_server.items,
        .n_urls = ctl->config->repo_server.n,
        .tls = &tls,
        .metrics = daemon_metrics(ctl->daemon),
    };
    TRY_IN(ipc_client_new(ctl->loop, &client, &ctl->repo_server, err), err, "--repo-server");
    struct ipc_pub_options events = {
        .url = ctl->config->events,
        .tls = &tls,
        .rand = ctl->rand,
        .heartbeat_type = BELAY__EVENT_TYPE__EVENT_HEARTBEAT,
    };
    TRY_IN(ipc_pub_new(ctl->loop, &events, &ctl->events, err), err, "--events");
    TRY_IN(handlers_start(ctl, ctl->config->listen, &tls, &ctl->ipc, err), err, "--listen");
    return 0;
}

static const struct backoff_policy QUEUE_RETRY = {
    .base_ms = 500, .factor = 2, .cap_ms = 60000, .jitter = 0.2};

static void make_queue(struct controller *ctl)
{
    struct queue_options options = {
        .name = "app_reconciliation_queue",
        .process = process,
        .data = ctl,
        .lane_of = lane_of,
        .n_lanes = LANE_COUNT,
        .lane_max = {[LANE_STATUS] = (size_t)ctl->config->processors,
                     [LANE_OPERATION] = (size_t)ctl->config->operation_processors},
        .order = QUEUE_FIFO,
        .retry = &QUEUE_RETRY,
        .rand = ctl->rand,
    };
    ctl->queue = queue_new(ctl->loop, &options);
}

int controller_start(struct daemon *daemon, void **ret, struct err *err)
{
    struct controller *ctl = MEM_NEW(struct controller);
    *ret = ctl;
    ctl->config = daemon_values(daemon);
    ctl->daemon = daemon;
    ctl->loop = daemon_loop(daemon);
    ctl->work = daemon_work(daemon);
    ctl->rand = rand_system();
    ctl->arena = arena_new();
    ctl->namespaces =
        app_namespaces_of(ctl->arena, ctl->config->ns, ctl->config->app_namespaces.items,
                          ctl->config->app_namespaces.n);
    ctl->apps = map_new(NULL);
    ctl->clusters = map_new(NULL);
    ctl->orphan_watches = map_new(orphans_watch_free);
    ctl->http = http_client_new(ctl->loop, NULL);
    ctl->projects = projects_new(ctl);
    ctl->jq = jq_pool_new(ctl->config->jq_timeout_ms);
    make_queue(ctl);
    observe_init(ctl, daemon_metrics(daemon));
    TRY(start_ipc(ctl, err));
    TRY(start_kube(ctl, err));
    TRY(events_new(ctl, &ctl->kube_events, err));
    return probe_server_new(daemon, str_from(ctl->config->http_address), &ctl->probes, err);
}

/* ---- stop ---- */

static void on_http_closed(void *data)
{
    struct controller *ctl = data;
    daemon_stopped(ctl->daemon);
}

/* The last one closes what the others used. */
static void part_stopped(void *data)
{
    struct controller *ctl = data;
    if (--ctl->n_stopping == 0) {
        events_free(TAKE(ctl->kube_events));
        kube_client_free(TAKE(ctl->client));
        http_client_close(TAKE(ctl->http), on_http_closed, ctl);
    }
}

static void on_queue_drained(struct queue *queue UNUSED, void *data)
{
    struct controller *ctl = data;
    MAP_FOREACH(ctl->apps, it) {
        app_free(it.value);
    }
    map_clear(ctl->apps);
    ctl->n_stopping += cluster_stop_all(ctl, part_stopped);
    if (ctl->settings != NULL) {
        ctl->n_stopping++;
        settings_free(TAKE(ctl->settings), part_stopped, ctl);
    }
    part_stopped(ctl);
}

void controller_stop(struct daemon *daemon UNUSED, void *component)
{
    struct controller *ctl = component;
    ctl->stopping = true;
    ctl->n_stopping = 1; /* the queue */
    if (ctl->informer != NULL) {
        ctl->n_stopping++;
        kube_informer_stop(TAKE(ctl->informer), part_stopped, ctl);
    }
    if (ctl->ipc != NULL) {
        ipc_server_stop(ctl->ipc);
    }
    if (ctl->probes != NULL) {
        ctl->n_stopping++;
        probe_server_stop(TAKE(ctl->probes), part_stopped, ctl);
    }
    MAP_FOREACH(ctl->apps, it) {
        const struct app *app = it.value;
        if (app->pass != NULL) {
            targets_fetch_cancel(app->pass->fetch);
        }
    }
    queue_shutdown(ctl->queue, on_queue_drained, ctl);
}

void controller_free(void *component)
{
    struct controller *ctl = component;
    ipc_server_free(ctl->ipc);
    if (ctl->events != NULL) {
        ipc_pub_free(ctl->events);
    }
    ipc_client_free(ctl->repo_server);
    events_free(ctl->kube_events);
    kube_client_free(ctl->client); /* these two only when the time for stopping was over */
    if (ctl->http != NULL) {
        http_client_close(ctl->http, NULL, NULL);
    }
    queue_free(ctl->queue);
    map_free(ctl->apps);
    map_free(ctl->clusters);
    map_free(ctl->orphan_watches);
    projects_free(ctl->projects);
    arena_free(ctl->tracking_strings);
    customizations_unref(ctl->scripts);
    arena_free(ctl->arena);
    compare_rules_unref(ctl->rules);
    jq_pool_free(ctl->jq);
    mem_free(ctl);
}
