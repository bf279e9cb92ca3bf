/* Waves and kind ranks. The order of kinds is that of Argo CD 3.6, so that a sync does things in the
 * order users know: what others need comes first. */
#include "app-controller/sync/waves.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/macro.h"
#include "common/kube/kube_object.h"

#define HELM_WEIGHT_ANNOTATION "helm.sh/hook-weight"

static const char *const KIND_ORDER[] = {
    "Namespace",
    "NetworkPolicy",
    "ResourceQuota",
    "LimitRange",
    "PodSecurityPolicy",
    "PodDisruptionBudget",
    "ServiceAccount",
    "Secret",
    "SecretList",
    "ConfigMap",
    "StorageClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleList",
    "ClusterRoleBinding",
    "ClusterRoleBindingList",
    "Role",
    "RoleList",
    "RoleBinding",
    "RoleBindingList",
    "Service",
    "DaemonSet",
    "Pod",
    "ReplicationController",
    "ReplicaSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "StatefulSet",
    "Job",
    "CronJob",
    "IngressClass",
    "Ingress",
    "APIService",
};

/* As Go's strconv.Atoi, within int. */
static bool parse_int(struct str text, int *ret)
{
    bool negative = text.n > 0 && text.p[0] == '-';
    size_t i = text.n > 0 && (text.p[0] == '-' || text.p[0] == '+') ? 1 : 0;
    if (i == text.n) {
        return false;
    }
    int64_t sum = 0;
    for (; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9') {
            return false;
        }
        sum = sum * 10 + (text.p[i] - '0');
        if (sum > INT_MAX) {
            return false;
        }
    }
    *ret = (int)(negative ? -sum : sum);
    return true;
}

int wave_of(const struct value *obj)
{
    int wave = 0;
    if (parse_int(kube_annotation(obj, STR(WAVE_ANNOTATION)), &wave) ||
        parse_int(kube_annotation(obj, STR(HELM_WEIGHT_ANNOTATION)), &wave)) {
        return wave;
    }
    return 0;
}

int wave_kind_rank(struct str kind)
{
    for (size_t i = 0; i < ARRAY_LEN(KIND_ORDER); i++) {
        if (str_eq_c(kind, KIND_ORDER[i])) {
            return (int)i;
        }
    }
    return (int)ARRAY_LEN(KIND_ORDER);
}
