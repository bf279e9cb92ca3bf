/* Destination clusters by server address. */
#include "app-controller/cluster.h"

#include <string.h>

#include "app-controller/app.h"
#include "app-controller/controller.h"
#include "app-controller/live/live_cache.h"
#include "app-controller/observe.h"
#include "common/base/arena.h"
#include "common/base/log.h"
#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/model/cluster.h"
#include "common/settings/cluster_config.h"
#include "common/settings/settings.h"

struct controller_cluster {
    struct live_cache *cache;
    struct arena *arena;
    struct str server;
    struct str name;
    struct str config_json;
    struct str project;
    struct app_strs namespaces;
    bool cluster_resources;
    struct tracking tracking; /* the cache was made with */
    bool failing;             /* these as last told */
    bool known;               /* what kinds there are */
};

struct live_cache *controller_cluster_cache(const struct controller_cluster *cluster)
{
    return cluster->cache;
}

static struct controller_cluster *describe(const struct cluster *cluster,
                                           const struct tracking *tracking)
{
    struct arena *arena = arena_new();
    struct controller_cluster *c = ARENA_NEW(arena, struct controller_cluster);
    c->arena = arena;
    c->server = arena_str(arena, cluster->server);
    c->name = arena_str(arena, cluster->name);
    c->config_json = arena_str(arena, cluster->config_json);
    c->project = arena_str(arena, cluster->project);
    c->cluster_resources = cluster->cluster_resources;
    struct str *namespaces = arena_calloc(arena, cluster->namespaces.n, sizeof(*namespaces));
    for (size_t i = 0; i < cluster->namespaces.n; i++) {
        namespaces[i] = arena_str(arena, cluster->namespaces.items[i]);
    }
    c->namespaces = (struct app_strs){namespaces, cluster->namespaces.n};
    c->tracking = (struct tracking){
        .method = tracking->method,
        .label_key = arena_str(arena, tracking->label_key),
        .installation_id = arena_str(arena, tracking->installation_id),
    };
    return c;
}

static void on_change(void *data,
                      struct live_cache *cache,
                      enum live_event event,
                      struct live_obj *obj,
                      struct str before)
{
    struct controller *ctl = data;
    observe_event(ctl, cache, obj);
    controller_on_live(ctl, cache, (int)event, obj, before);
}

/* Worth another look: the kinds or the objects are known, or there is trouble to tell of that was not there. */
static bool is_news(struct controller *ctl, struct live_cache *cache)
{
    struct controller_cluster *c = map_find(ctl->clusters, live_cache_server(cache));
    bool failing = live_cache_error(cache) != NULL;
    bool known = live_cache_api(cache) != NULL;
    bool changed = c != NULL && (c->failing != failing || c->known != known);
    if (c != NULL) {
        c->failing = failing;
        c->known = known;
    }
    return changed || (!failing && live_cache_synced(cache));
}

static void on_state(void *data, struct live_cache *cache)
{
    if (is_news(data, cache)) {
        controller_on_cluster(data, cache);
    }
}

static void on_quiet(void *data, struct live_cache *cache, const struct live_obj *obj)
{
    observe_quiet(data, cache, obj);
}

static int connect_cluster(struct controller *ctl,
                           const struct cluster *cluster,
                           struct live_cache **ret,
                           struct err *err)
{
    struct kube_config *config = NULL;
    TRY(cluster_kube_config(cluster, str_from(ctl->config->kubeconfig), &config, err));
    struct live_cache_opts opts = {
        .loop = ctl->loop,
        .http = ctl->http,
        .config = config,
        .server = cluster->server,
        .name = cluster->name,
        .namespaces = cluster->namespaces.items,
        .n_namespaces = cluster->namespaces.n,
        .cluster_resources = cluster->cluster_resources,
        .project = cluster->project,
        .work = ctl->work,
        .scripts = ctl->scripts,
        .jq = ctl->jq,
        .rules = ctl->rules,
        .tracking = ctl->tracking,
        .qps = ctl->config->qps,
        .burst = (int)ctl->config->burst,
        .on_change = on_change,
        .on_state = on_state,
        .on_quiet = on_quiet,
        .on_stat = observe_kube_request,
        .data = ctl,
    };
    struct controller_cluster *c = describe(cluster, &ctl->tracking);
    int rc = live_cache_new(&opts, &c->cache, err);
    if (rc < 0) {
        arena_free(c->arena);
        return rc;
    }
    log_info("cluster connected", LF_STR("server", c->server));
    map_set(ctl->clusters, c->server, c);
    *ret = c->cache;
    return 0;
}

int controller_cluster_for(struct controller *ctl,
                           const struct app_destination *destination,
                           struct live_cache **ret,
                           struct err *err)
{
    struct clusters clusters = settings_clusters(ctl->settings);
    const struct cluster *cluster = NULL;
    TRY(cluster_find(&clusters, destination, &cluster, err));
    struct controller_cluster *known = map_find(ctl->clusters, cluster->server);
    if (known != NULL) {
        *ret = known->cache;
        return 0;
    }
    return connect_cluster(ctl, cluster, ret, err);
}

/* ---- changes ---- */

static bool same_strs(struct app_strs a, struct app_strs b)
{
    bool same = a.n == b.n;
    for (size_t i = 0; same && i < a.n; i++) {
        same = str_eq(a.items[i], b.items[i]);
    }
    return same;
}

static bool same_tracking(const struct tracking *a, const struct tracking *b)
{
    return a->method == b->method && str_eq(a->label_key, b->label_key) &&
           str_eq(a->installation_id, b->installation_id);
}

static bool is_current(struct controller *ctl, const struct controller_cluster *c)
{
    if (!same_tracking(&ctl->tracking, &c->tracking)) {
        return false;
    }
    struct clusters now = settings_clusters(ctl->settings);
    for (size_t i = 0; i < now.n; i++) {
        if (cluster_server_same(now.items[i].server, c->server)) {
            return str_eq(now.items[i].name, c->name) &&
                   str_eq(now.items[i].config_json, c->config_json) &&
                   str_eq(now.items[i].project, c->project) &&
                   now.items[i].cluster_resources == c->cluster_resources &&
                   same_strs(now.items[i].namespaces, c->namespaces);
        }
    }
    return false;
}

static void forget_cache(struct controller *ctl, const struct live_cache *cache)
{
    MAP_FOREACH(ctl->apps, it) {
        app_forget_cache(it.value, cache);
    }
}

static void
drop_cluster(struct controller *ctl, struct controller_cluster *c, void (*stopped)(void *data))
{
    forget_cache(ctl, c->cache);
    live_cache_free(c->cache, stopped, ctl);
    (void)map_remove(ctl->clusters, c->server);
    arena_free(c->arena);
}

void cluster_reload(struct controller *ctl)
{
    MAP_FOREACH(ctl->clusters, it) {
        if (!is_current(ctl, it.value)) {
            drop_cluster(ctl, it.value, NULL);
        }
    }
}

void cluster_set_rules(struct controller *ctl)
{
    MAP_FOREACH(ctl->clusters, it) {
        const struct controller_cluster *c = it.value;
        live_cache_set_rules(c->cache, ctl->rules);
    }
}

void cluster_set_scripts(struct controller *ctl)
{
    MAP_FOREACH(ctl->clusters, it) {
        const struct controller_cluster *c = it.value;
        live_cache_set_scripts(c->cache, ctl->scripts);
    }
}

unsigned cluster_stop_all(struct controller *ctl, void (*stopped)(void *data))
{
    unsigned n = 0;
    MAP_FOREACH(ctl->clusters, it) {
        drop_cluster(ctl, it.value, stopped);
        n++;
    }
    return n;
}
