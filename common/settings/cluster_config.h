/* How a cluster of the settings is reached. */
#pragma once

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct cluster;
struct kube_config;

/* own_kubeconfig: for the cluster we run in; "" = as a pod does. Errors name the cluster: what
 * kube_config_own() and kube_config_from_secret() return. */
MUST_CHECK int cluster_kube_config(const struct cluster *cluster,
                                   struct str own_kubeconfig,
                                   struct kube_config **ret,
                                   struct err *err);
