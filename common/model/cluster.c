/* Clusters: secrets, and the one a destination means. */
#include "common/model/cluster.h"

#include "common/base/arena.h"
#include "common/base/vec.h"
#include "common/model/secret.h"
#include "common/value/value.h"

struct raw_cluster {
    struct cluster cluster;
    struct str namespaces;
};

#define KEY(name, type, member)                              \
    {                                                        \
        (name), (type), offsetof(struct raw_cluster, member) \
    }

static const struct secret_field FIELDS[] = {
    KEY("name", SECRET_STR, cluster.name),
    KEY("server", SECRET_STR, cluster.server),
    KEY("config", SECRET_STR, cluster.config_json),
    KEY("namespaces", SECRET_STR, namespaces),
    KEY("clusterResources", SECRET_BOOL, cluster.cluster_resources),
    KEY("project", SECRET_STR, cluster.project),
    KEY("shard", SECRET_INT, cluster.shard),
};

struct names {
    struct str *items;
    size_t n;
    size_t cap;
};

static struct app_strs split_names(struct arena *arena, struct str text)
{
    struct names names = {0};
    struct str rest = text;
    struct str part;
    while (str_next(&rest, ',', &part)) {
        part = str_trim(part);
        if (part.n > 0) {
            vec_push_in(arena, &names, part);
        }
    }
    return (struct app_strs){names.items, names.n};
}

int cluster_decode(struct arena *arena,
                   const struct value *secret,
                   struct cluster *ret,
                   struct err *err)
{
    struct str secret_name = value_dig_str(secret, "metadata", "name");
    struct raw_cluster raw = {.cluster = {.secret_name = secret_name, .shard = -1}};
    TRY(secret_decode(arena, secret, FIELDS, ARRAY_LEN(FIELDS), &raw, err));
    raw.cluster.server = str_trim(raw.cluster.server);
    if (raw.cluster.server.n == 0) {
        return err_set(err, ERR_INVALID, "secret '" STR_FMT "' has no server",
                       STR_ARG(secret_name));
    }
    raw.cluster.namespaces = split_names(arena, raw.namespaces);
    raw.cluster.labels = value_dig(secret, "metadata", "labels");
    raw.cluster.annotations = value_dig(secret, "metadata", "annotations");
    *ret = raw.cluster;
    return 0;
}

struct cluster cluster_in_cluster(void)
{
    return (struct cluster){
        .name = STR(CLUSTER_IN_CLUSTER_NAME),
        .server = STR(CLUSTER_IN_CLUSTER_SERVER),
        .shard = -1,
    };
}

static struct str without_slash(struct str server)
{
    while (str_cut_suffix(&server, STR("/"))) {
    }
    return server;
}

bool cluster_server_same(struct str a, struct str b)
{
    return str_eq_nocase(without_slash(str_trim(a)), without_slash(str_trim(b)));
}

static bool is_meant(const struct cluster *cluster, const struct app_destination *destination)
{
    return destination->name.n > 0 ? str_eq(cluster->name, destination->name)
                                   : cluster_server_same(cluster->server, destination->server);
}

static bool means_own(const struct app_destination *destination)
{
    return str_eq_c(destination->name, CLUSTER_IN_CLUSTER_NAME) ||
           cluster_server_same(destination->server, STR(CLUSTER_IN_CLUSTER_SERVER));
}

int cluster_find(const struct clusters *list,
                 const struct app_destination *destination,
                 const struct cluster **ret,
                 struct err *err)
{
    const struct cluster *found = NULL;
    if ((destination->name.n > 0) == (destination->server.n > 0)) {
        return err_set(err, ERR_INVALID, "a destination has either a name or a server");
    }
    for (size_t i = 0; i < list->n; i++) {
        if (!is_meant(&list->items[i], destination)) {
            continue;
        }
        if (found != NULL && destination->name.n > 0) {
            return err_set(err, ERR_INVALID,
                           "there are several clusters named '" STR_FMT "': " STR_FMT ", " STR_FMT,
                           STR_ARG(destination->name), STR_ARG(found->server),
                           STR_ARG(list->items[i].server));
        }
        found = found != NULL ? found : &list->items[i];
    }
    if (found == NULL && list->own_disabled && means_own(destination)) {
        return err_set(err, ERR_NOT_FOUND,
                       "cluster '" STR_FMT "' is disabled by cluster.inClusterEnabled of argocd-cm",
                       STR_ARG(destination->name.n > 0 ? destination->name : destination->server));
    }
    if (found == NULL && destination->name.n > 0) {
        return err_set(err, ERR_NOT_FOUND, "there are no clusters with this name: " STR_FMT,
                       STR_ARG(destination->name));
    }
    if (found == NULL) {
        return err_set(err, ERR_NOT_FOUND, "cluster '" STR_FMT "' has not been configured",
                       STR_ARG(destination->server));
    }
    *ret = found;
    return 0;
}

bool cluster_covers(const struct cluster *cluster, struct str namespace)
{
    if (cluster->namespaces.n == 0) {
        return true;
    }
    if (namespace.n == 0) {
        return cluster->cluster_resources;
    }
    for (size_t i = 0; i < cluster->namespaces.n; i++) {
        if (str_eq(cluster->namespaces.items[i], namespace)) {
            return true;
        }
    }
    return false;
}

bool cluster_is_skipped(const struct cluster *cluster)
{
    return str_eq_c(value_str(value_find(cluster->annotations, STR(CLUSTER_SKIP_ANNOTATION))),
                    "true");
}
