#include "api-server/clusters.h"

#include "api-server/api_server.h"
#include "common/base/arena.h"
#include "common/base/map.h"
#include "common/kube/kube_client.h"
#include "common/model/cluster.h"
#include "common/rt/config.h"
#include "common/settings/cluster_config.h"
#include "common/settings/settings.h"

struct connection {
    struct arena *arena;
    struct kube_client *client;
    struct str server;
    struct str config_json;
};

static void connection_free(void *data)
{
    struct connection *c = data;
    kube_client_free(c->client);
    arena_free(c->arena);
}

static int connect(struct api_server *server,
                   const struct cluster *cluster,
                   struct kube_client **ret,
                   struct err *err)
{
    struct kube_config *config = NULL;
    TRY(cluster_kube_config(cluster, str_from(server->config->kubeconfig), &config, err));
    struct kube_client_opts opts = {
        .loop = server->loop,
        .http = server->http_client,
        .config = config,
        .user_agent = STR("belay-api-server"),
        .environ = config_environ(),
    };
    TRY(kube_client_new(&opts, ret, err));
    struct arena *arena = arena_new();
    struct connection *c = ARENA_NEW(arena, struct connection);
    *c = (struct connection){
        .arena = arena,
        .client = *ret,
        .server = arena_str(arena, cluster->server),
        .config_json = arena_str(arena, cluster->config_json),
    };
    if (server->clusters == NULL) {
        server->clusters = map_new(connection_free);
    }
    map_set(server->clusters, c->server, c);
    return 0;
}

int clusters_client(struct api_server *server,
                    const struct app_destination *destination,
                    struct kube_client **ret,
                    struct err *err)
{
    struct clusters clusters = settings_clusters(server->settings);
    const struct cluster *cluster = NULL;
    TRY(cluster_find(&clusters, destination, &cluster, err));
    const struct connection *known =
        server->clusters != NULL ? map_find(server->clusters, cluster->server) : NULL;
    if (known != NULL) {
        *ret = known->client;
        return 0;
    }
    return connect(server, cluster, ret, err);
}

static bool is_current(struct clusters now, const struct connection *c)
{
    for (size_t i = 0; i < now.n; i++) {
        if (cluster_server_same(now.items[i].server, c->server)) {
            return str_eq(now.items[i].config_json, c->config_json);
        }
    }
    return false;
}

void clusters_reload(struct api_server *server)
{
    if (server->clusters == NULL) {
        return;
    }
    struct clusters now = settings_clusters(server->settings);
    MAP_FOREACH(server->clusters, it) {
        const struct connection *c = it.value;
        if (!is_current(now, c)) {
            connection_free(map_take(server->clusters, it.key));
        }
    }
}

void clusters_free(struct api_server *server)
{
    map_free(server->clusters);
    server->clusters = NULL;
}
