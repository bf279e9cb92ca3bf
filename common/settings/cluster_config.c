#include "common/settings/cluster_config.h"

#include "common/kube/kube_config.h"
#include "common/model/cluster.h"

static int load(const struct cluster *cluster,
                struct str own_kubeconfig,
                struct kube_config **ret,
                struct err *err)
{
    if (cluster_server_same(cluster->server, STR(CLUSTER_IN_CLUSTER_SERVER))) {
        return kube_config_own(own_kubeconfig, ret, err);
    }
    return kube_config_from_secret(cluster->server, cluster->config_json, ret, err);
}

int cluster_kube_config(const struct cluster *cluster,
                        struct str own_kubeconfig,
                        struct kube_config **ret,
                        struct err *err)
{
    TRY_IN(load(cluster, own_kubeconfig, ret, err), err, "cluster " STR_FMT,
           STR_ARG(cluster->server));
    return 0;
}
