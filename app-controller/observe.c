/* What the controller shows of itself: rows of metrics.def. */
#include "app-controller/observe.h"

#include <stdio.h>

#include "app-controller/app.h"
#include "app-controller/controller.h"
#include "app-controller/live/live_cache.h"
#include "common/base/arena.h"
#include "common/base/map.h"
#include "common/kube/kube_client.h"
#include "common/kube/kube_discovery.h"
#include "common/model/application.h"
#include "common/rt/metrics.h"
#include "common/rt/queue.h"
#include "common/value/value.h"

static const struct metric_row ROWS[] = {
#define METRIC(id, ...) METRIC_ROW(__VA_ARGS__),
#include "app-controller/metrics.def"
#undef METRIC
};

static struct str first_repo(const struct value *obj)
{
    struct str repo = value_dig_str(obj, "spec", "source", "repoURL");
    if (repo.n > 0) {
        return repo;
    }
    return value_dig_str(value_at(value_dig(obj, "spec", "sources"), 0), "repoURL");
}

static struct str or_unknown(struct str s)
{
    return s.n > 0 ? s : STR("Unknown");
}

static bool is_automated(const struct value *obj)
{
    const struct value *automated = value_dig(obj, "spec", "syncPolicy", "automated");
    return value_is(automated, VALUE_MAP) && value_bool(value_dig(automated, "enabled"), true);
}

static struct str operation_of(const struct value *obj)
{
    if (kube_is_deleting(obj)) {
        return STR("delete");
    }
    return value_dig(obj, "operation") != NULL ? STR("sync") : STR_EMPTY;
}

static void collect_app(struct controller *ctl, const struct app *app)
{
    const struct value *obj = doc_root(app->object);
    struct str project = value_dig_str(obj, "spec", "project");
    metric_set(ctl->metrics, CONTROLLER_METRIC_APP_INFO, 1,
               METRIC_LABELS(app->namespace, app->name, project,
                             is_automated(obj) ? STR("true") : STR("false"), first_repo(obj),
                             value_dig_str(obj, "spec", "destination", "server"),
                             value_dig_str(obj, "spec", "destination", "namespace"),
                             or_unknown(value_dig_str(obj, "status", "sync", "status")),
                             or_unknown(value_dig_str(obj, "status", "health", "status")),
                             operation_of(obj)));
    metric_set(ctl->metrics, CONTROLLER_METRIC_APP_ORPHANS, (double)app->n_orphans,
               METRIC_LABELS(app->namespace, app->name, project));
    VALUE_FOREACH(value_dig(obj, "status", "conditions"), c) {
        metric_add(ctl->metrics, CONTROLLER_METRIC_APP_CONDITION, 1,
                   METRIC_LABELS(app->namespace, app->name, project, value_dig_str(c, "type")));
    }
}

static void collect_cluster(struct controller *ctl, struct live_cache *cache)
{
    struct kube_api *api = live_cache_api(cache);
    struct str version = api != NULL ? kube_api_server_version(api) : STR_EMPTY;
    struct str server = live_cache_server(cache);
    struct live_store *store = live_cache_store(cache);
    bool connected = api != NULL && live_cache_error(cache) == NULL;
    metric_set(ctl->metrics, CONTROLLER_METRIC_CLUSTER_INFO, 1,
               METRIC_LABELS(server, version, live_cache_name(cache)));
    metric_set(ctl->metrics, CONTROLLER_METRIC_CLUSTER_STATUS, connected,
               METRIC_LABELS(server, version));
    metric_set(ctl->metrics, CONTROLLER_METRIC_CLUSTER_RESOURCES, (double)live_store_n_kinds(store),
               METRIC_LABELS(server));
    metric_set(ctl->metrics, CONTROLLER_METRIC_CLUSTER_OBJECTS, (double)live_store_n_objects(store),
               METRIC_LABELS(server));
}

static void collect(void *data)
{
    struct controller *ctl = data;
    static const int PER_OBJECT[] = {CONTROLLER_METRIC_APP_INFO, CONTROLLER_METRIC_APP_CONDITION,
                                     CONTROLLER_METRIC_APP_ORPHANS, CONTROLLER_METRIC_CLUSTER_INFO,
                                     CONTROLLER_METRIC_CLUSTER_STATUS};
    for (size_t i = 0; i < ARRAY_LEN(PER_OBJECT); i++) {
        metric_clear(ctl->metrics, PER_OBJECT[i]);
    }
    MAP_FOREACH(ctl->apps, it) {
        collect_app(ctl, it.value);
    }
    MAP_FOREACH(ctl->clusters, c) {
        collect_cluster(ctl, controller_cluster_cache(c.value));
    }
    struct queue_stats stats = queue_stats(ctl->queue);
    struct str name = str_from(queue_name(ctl->queue));
    metric_set(ctl->metrics, CONTROLLER_METRIC_QUEUE_DEPTH, (double)stats.n_due,
               METRIC_LABELS(name));
    metric_set(ctl->metrics, CONTROLLER_METRIC_QUEUE_ADDS, (double)stats.n_added,
               METRIC_LABELS(name));
}

void observe_init(struct controller *ctl, struct metrics *metrics)
{
    ctl->metrics = metrics_add_rows(metrics, ROWS, ARRAY_LEN(ROWS));
    metrics_on_collect(metrics, collect, ctl);
}

void observe_kube_request(void *data, const struct kube_stat *stat)
{
    struct controller *ctl = data;
    char code[16];
    (void)snprintf(code, sizeof(code), "%d", stat->status);
    metric_add(ctl->metrics, CONTROLLER_METRIC_KUBE_REQUESTS, 1,
               METRIC_LABELS(str_from(code), str_from(kube_verb_name(stat->verb)),
                             stat->target->kind, stat->dry_run ? STR("true") : STR("false")));
}

void observe_event(struct controller *ctl,
                   const struct live_cache *cache,
                   const struct live_obj *obj)
{
    metric_add(ctl->metrics, CONTROLLER_METRIC_CLUSTER_EVENTS, 1,
               METRIC_LABELS(live_cache_server(cache), str_from(obj->kind->group),
                             str_from(obj->kind->kind)));
}

void observe_quiet(struct controller *ctl,
                   const struct live_cache *cache,
                   const struct live_obj *obj)
{
    metric_add(ctl->metrics, CONTROLLER_METRIC_CLUSTER_QUIET, 1,
               METRIC_LABELS(live_cache_server(cache), str_from(obj->kind->group),
                             str_from(obj->kind->kind)));
}
