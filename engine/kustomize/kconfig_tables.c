/* Kustomize's default transformer configuration: facts of release 5.8, grouped by what has the same fields.
 *
 * Replicas and name references stand in the order of kustomize, which sorts by the rank of kinds in its output and shows it
 * in messages; elsewhere the order does not matter. Not here: kustomize's row for references to IngressClass, whose group
 * ("networking.k8s.io/v1") no object has. */
#include "common/base/macro.h"
#include "engine/kustomize/kconfig.h"

#define S(literal)                      \
    {                                   \
        "" literal, sizeof(literal) - 1 \
    }
#define ROW(group, version, kind, path, create)          \
    {                                                    \
        {S(group), S(version), S(kind)}, S(path), create \
    }
#define AT(kind, path)                  ROW("", "", kind, path, false)
#define AT_V1(kind, path)               ROW("", "v1", kind, path, false)
#define AT_GROUP(group, kind, path)     ROW(group, "", kind, path, false)
#define CREATE(kind, path)              ROW("", "", kind, path, true)
#define CREATE_V1(kind, path)           ROW("", "v1", kind, path, true)
#define CREATE_GROUP(group, kind, path) ROW(group, "", kind, path, true)
#define ANY                             ""
#define SPECS(rows)             \
    {                           \
        (rows), ARRAY_LEN(rows) \
    }
#define REFERENCE(group, version, kind, referrers)        \
    {                                                     \
        {S(group), S(version), S(kind)}, SPECS(referrers) \
    }

static const struct fieldspec NAME[] = {AT(ANY, "metadata/name")};

static const struct fieldspec NAMESPACE[] = {
    CREATE("Namespace", "metadata/name"),
    CREATE_GROUP("apiregistration.k8s.io", "APIService", "spec/service/namespace"),
    AT_GROUP("apiextensions.k8s.io",
             "CustomResourceDefinition",
             "spec/conversion/webhook/clientConfig/service/namespace"),
};

/* ---- labels and annotations ---- */

#define IN_TEMPLATES(field)                                                   \
    CREATE_V1("ReplicationController", "spec/template/metadata/" field),      \
        CREATE("Deployment", "spec/template/metadata/" field),                \
        CREATE("ReplicaSet", "spec/template/metadata/" field),                \
        CREATE("DaemonSet", "spec/template/metadata/" field),                 \
        CREATE_GROUP("batch", "Job", "spec/template/metadata/" field),        \
        CREATE_GROUP("batch", "CronJob", "spec/jobTemplate/metadata/" field), \
        CREATE_GROUP("batch", "CronJob", "spec/jobTemplate/spec/template/metadata/" field)

#define LABELS_IN_TEMPLATES                                 \
    CREATE(ANY, "metadata/labels"), IN_TEMPLATES("labels"), \
        CREATE_GROUP("apps", "StatefulSet", "spec/template/metadata/labels")

#define LABELS_IN_VOLUME_CLAIM_TEMPLATES \
    CREATE_GROUP("apps", "StatefulSet", "spec/volumeClaimTemplates[]/metadata/labels")

#define AFFINITY(kind, terms)                                                    \
    AT_GROUP("apps", kind,                                                       \
             "spec/template/spec/affinity/" terms                                \
             "/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/" \
             "labelSelector/matchLabels"),                                       \
        AT_GROUP("apps", kind,                                                   \
                 "spec/template/spec/affinity/" terms                            \
                 "/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels")

#define SCHEDULING(kind)                                              \
    AFFINITY(kind, "podAffinity"), AFFINITY(kind, "podAntiAffinity"), \
        AT_GROUP("apps", kind,                                        \
                 "spec/template/spec/topologySpreadConstraints/labelSelector/matchLabels")

static const struct fieldspec COMMON_LABELS[] = {
    LABELS_IN_TEMPLATES,
    LABELS_IN_VOLUME_CLAIM_TEMPLATES,
    CREATE_V1("Service", "spec/selector"),
    CREATE_V1("ReplicationController", "spec/selector"),
    CREATE("Deployment", "spec/selector/matchLabels"),
    CREATE("ReplicaSet", "spec/selector/matchLabels"),
    CREATE("DaemonSet", "spec/selector/matchLabels"),
    CREATE_GROUP("apps", "StatefulSet", "spec/selector/matchLabels"),
    SCHEDULING("Deployment"),
    SCHEDULING("StatefulSet"),
    AT_GROUP("batch", "Job", "spec/selector/matchLabels"),
    AT_GROUP("batch", "CronJob", "spec/jobTemplate/spec/selector/matchLabels"),
    AT_GROUP("policy", "PodDisruptionBudget", "spec/selector/matchLabels"),
    AT_GROUP("networking.k8s.io", "NetworkPolicy", "spec/podSelector/matchLabels"),
    AT_GROUP("networking.k8s.io", "NetworkPolicy", "spec/ingress/from/podSelector/matchLabels"),
    AT_GROUP("networking.k8s.io", "NetworkPolicy", "spec/egress/to/podSelector/matchLabels"),
};

static const struct fieldspec TEMPLATE_LABELS[] = {LABELS_IN_TEMPLATES};

static const struct fieldspec VOLUME_CLAIM_TEMPLATE_LABELS[] = {LABELS_IN_VOLUME_CLAIM_TEMPLATES};

static const struct fieldspec COMMON_ANNOTATIONS[] = {
    CREATE(ANY, "metadata/annotations"),
    IN_TEMPLATES("annotations"),
    CREATE("StatefulSet", "spec/template/metadata/annotations"),
};

/* ---- images, replicas ---- */

static const struct fieldspec IMAGES[] = {
    CREATE(ANY, "spec/containers[]/image"),
    CREATE(ANY, "spec/initContainers[]/image"),
    CREATE(ANY, "spec/volumes[]/image/reference"),
    CREATE(ANY, "spec/template/spec/containers[]/image"),
    CREATE(ANY, "spec/template/spec/initContainers[]/image"),
    CREATE(ANY, "spec/template/spec/volumes[]/image/reference"),
};

static const struct fieldspec REPLICAS[] = {
    CREATE("Deployment", "spec/replicas"),
    CREATE("StatefulSet", "spec/replicas"),
    CREATE("ReplicaSet", "spec/replicas"),
    CREATE("ReplicationController", "spec/replicas"),
};

/* ---- variables ---- */

#define VARS_IN_CONTAINERS(kind, containers)                       \
    AT(kind, containers "/args"), AT(kind, containers "/command"), \
        AT(kind, containers "/env/value"), AT(kind, containers "/volumeMounts/mountPath")

#define VARS_IN_POD(kind, pod) \
    VARS_IN_CONTAINERS(kind, pod "/containers"), VARS_IN_CONTAINERS(kind, pod "/initContainers")

static const struct fieldspec VAR_REFERENCES[] = {
    VARS_IN_POD("CronJob", "spec/jobTemplate/spec/template/spec"),
    AT("CronJob", "spec/jobTemplate/spec/template/volumes/nfs/server"), /* sic: not the pod's */
    VARS_IN_POD("DaemonSet", "spec/template/spec"),
    AT("DaemonSet", "spec/template/spec/volumes/nfs/server"),
    VARS_IN_POD("Deployment", "spec/template/spec"),
    AT("Deployment", "spec/template/spec/volumes/nfs/server"),
    AT("Deployment", "spec/template/metadata/annotations"),
    VARS_IN_POD("Job", "spec/template/spec"),
    AT("Job", "spec/template/spec/volumes/nfs/server"),
    VARS_IN_POD("Pod", "spec"),
    AT("Pod", "spec/volumes/nfs/server"),
    VARS_IN_POD("ReplicaSet", "spec/template/spec"),
    AT("ReplicaSet", "spec/template/spec/volumes/nfs/server"),
    VARS_IN_POD("StatefulSet", "spec/template/spec"),
    AT("StatefulSet", "spec/volumeClaimTemplates/spec/nfs/server"),
    AT("Ingress", "spec/rules/host"),
    AT("Ingress", "spec/tls/hosts"),
    AT("Ingress", "spec/tls/secretName"),
    AT("Service", "spec/ports/port"),
    AT("Service", "spec/ports/targetPort"),
    AT("PersistentVolume", "spec/nfs/server"),
    AT(ANY, "metadata/labels"),
    AT(ANY, "metadata/annotations"),
};

/* ---- name references ---- */

#define IN_PODS(path)                                                                              \
    AT_V1("Pod", "spec/" path), AT("PodTemplate", "template/spec/" path),                          \
        AT("Deployment", "spec/template/spec/" path),                                              \
        AT("ReplicaSet", "spec/template/spec/" path), AT("DaemonSet", "spec/template/spec/" path), \
        AT("StatefulSet", "spec/template/spec/" path), AT("Job", "spec/template/spec/" path),      \
        AT("CronJob", "spec/jobTemplate/spec/template/spec/" path)

/* What ConfigMaps and Secrets have in common. */
#define CONFIG_IN_PODS(volume, key_ref, from_ref, projected)                          \
    IN_PODS("volumes/" volume), IN_PODS("containers/env/valueFrom/" key_ref "/name"), \
        IN_PODS("initContainers/env/valueFrom/" key_ref "/name"),                     \
        IN_PODS("containers/envFrom/" from_ref "/name"),                              \
        IN_PODS("initContainers/envFrom/" from_ref "/name"),                          \
        IN_PODS("volumes/projected/sources/" projected "/name")

static const struct fieldspec TO_CONFIG_MAP[] = {
    CONFIG_IN_PODS("configMap/name", "configMapKeyRef", "configMapRef", "configMap"),
    AT("Node", "spec/configSource/configMap"),
    AT("Role", "rules/resourceNames"),
    AT("ClusterRole", "rules/resourceNames"),
    AT("Ingress", "metadata/annotations/nginx.ingress.kubernetes.io\\/fastcgi-params-configmap"),
};

static const struct fieldspec TO_SECRET[] = {
    CONFIG_IN_PODS("secret/secretName", "secretKeyRef", "secretRef", "secret"),
    IN_PODS("imagePullSecrets/name"),
    AT("Ingress", "spec/tls/secretName"),
    AT("Ingress", "metadata/annotations/ingress.kubernetes.io\\/auth-secret"),
    AT("Ingress", "metadata/annotations/nginx.ingress.kubernetes.io\\/auth-secret"),
    AT("Ingress", "metadata/annotations/nginx.ingress.kubernetes.io\\/auth-tls-secret"),
    AT("ServiceAccount", "imagePullSecrets/name"),
    AT("StorageClass", "parameters/secretName"),
    AT("StorageClass", "parameters/adminSecretName"),
    AT("StorageClass", "parameters/userSecretName"),
    AT("StorageClass", "parameters/secretRef"),
    AT("Role", "rules/resourceNames"),
    AT("ClusterRole", "rules/resourceNames"),
    ROW("serving.knative.dev",
        "v1",
        "Service",
        "spec/template/spec/containers/env/valueFrom/secretKeyRef/name",
        false),
    AT("PersistentVolume", "spec/azureFile/secretName"),
};

static const struct fieldspec TO_SERVICE[] = {
    AT_GROUP("apps", "StatefulSet", "spec/serviceName"),
    AT("Ingress", "spec/rules/http/paths/backend/serviceName"),
    AT("Ingress", "spec/backend/serviceName"),
    AT("Ingress", "spec/rules/http/paths/backend/service/name"),
    AT("Ingress", "spec/defaultBackend/service/name"),
    AT_GROUP("apiregistration.k8s.io", "APIService", "spec/service/name"),
    AT_GROUP("admissionregistration.k8s.io",
             "ValidatingWebhookConfiguration",
             "webhooks/clientConfig/service"),
    AT_GROUP("admissionregistration.k8s.io",
             "MutatingWebhookConfiguration",
             "webhooks/clientConfig/service"),
};

#define RBAC "rbac.authorization.k8s.io"

static const struct fieldspec TO_ROLE[] = {AT_GROUP(RBAC, "RoleBinding", "roleRef/name")};

static const struct fieldspec TO_CLUSTER_ROLE[] = {
    AT_GROUP(RBAC, "RoleBinding", "roleRef/name"),
    AT_GROUP(RBAC, "ClusterRoleBinding", "roleRef/name"),
};

/* Kustomize names fewer kinds for these than for ConfigMaps. */
#define IN_SOME_PODS(path)                                                  \
    AT("Pod", "spec/" path), AT("StatefulSet", "spec/template/spec/" path), \
        AT("Deployment", "spec/template/spec/" path),                       \
        AT("ReplicationController", "spec/template/spec/" path),            \
        AT("CronJob", "spec/jobTemplate/spec/template/spec/" path),         \
        AT("Job", "spec/template/spec/" path), AT("DaemonSet", "spec/template/spec/" path)

static const struct fieldspec TO_SERVICE_ACCOUNT[] = {
    AT_GROUP(RBAC, "RoleBinding", "subjects"),
    AT_GROUP(RBAC, "ClusterRoleBinding", "subjects"),
    IN_SOME_PODS("serviceAccountName"),
};

static const struct fieldspec TO_PERSISTENT_VOLUME_CLAIM[] = {
    IN_SOME_PODS("volumes/persistentVolumeClaim/claimName"),
};

static const struct fieldspec TO_PERSISTENT_VOLUME[] = {
    AT("PersistentVolumeClaim", "spec/volumeName"),
    AT("ClusterRole", "rules/resourceNames"),
};

static const struct fieldspec TO_STORAGE_CLASS[] = {
    AT("PersistentVolume", "spec/storageClassName"),
    AT("PersistentVolumeClaim", "spec/storageClassName"),
    AT("StatefulSet", "spec/volumeClaimTemplates/spec/storageClassName"),
};

static const struct fieldspec TO_PRIORITY_CLASS[] = {IN_SOME_PODS("priorityClassName")};

static const struct fieldspec TO_SCALED[] = {
    AT("HorizontalPodAutoscaler", "spec/scaleTargetRef/name"),
};

static const struct fieldspec TO_ADMISSION_POLICY[] = {
    AT_GROUP("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding", "spec/policyName"),
};

static const struct namereference NAME_REFERENCES[] = {
    REFERENCE("storage.k8s.io", "v1", "StorageClass", TO_STORAGE_CLASS),
    REFERENCE("", "v1", "ServiceAccount", TO_SERVICE_ACCOUNT),
    REFERENCE(RBAC, "", "Role", TO_ROLE),
    REFERENCE(RBAC, "", "ClusterRole", TO_CLUSTER_ROLE),
    REFERENCE("", "v1", "ConfigMap", TO_CONFIG_MAP),
    REFERENCE("", "v1", "Secret", TO_SECRET),
    REFERENCE("", "v1", "Service", TO_SERVICE),
    REFERENCE("scheduling.k8s.io", "v1", "PriorityClass", TO_PRIORITY_CLASS),
    REFERENCE("", "v1", "PersistentVolume", TO_PERSISTENT_VOLUME),
    REFERENCE("", "v1", "PersistentVolumeClaim", TO_PERSISTENT_VOLUME_CLAIM),
    REFERENCE("", "", "Deployment", TO_SCALED),
    REFERENCE("", "", "StatefulSet", TO_SCALED),
    REFERENCE("admissionregistration.k8s.io", "", "ValidatingAdmissionPolicy", TO_ADMISSION_POLICY),
    REFERENCE("", "", "ReplicaSet", TO_SCALED),
    REFERENCE("", "", "ReplicationController", TO_SCALED),
};

static const struct kconfig DEFAULT = {
    .fields =
        {
            [KCONFIG_NAME_PREFIX] = SPECS(NAME),
            [KCONFIG_NAME_SUFFIX] = SPECS(NAME),
            [KCONFIG_NAMESPACE] = SPECS(NAMESPACE),
            [KCONFIG_COMMON_LABELS] = SPECS(COMMON_LABELS),
            [KCONFIG_TEMPLATE_LABELS] = SPECS(TEMPLATE_LABELS),
            [KCONFIG_VOLUME_CLAIM_TEMPLATE_LABELS] = SPECS(VOLUME_CLAIM_TEMPLATE_LABELS),
            [KCONFIG_COMMON_ANNOTATIONS] = SPECS(COMMON_ANNOTATIONS),
            [KCONFIG_VAR_REFERENCE] = SPECS(VAR_REFERENCES),
            [KCONFIG_IMAGES] = SPECS(IMAGES),
            [KCONFIG_REPLICAS] = SPECS(REPLICAS),
        },
    .name_references = SPECS(NAME_REFERENCES),
};

const struct kconfig *kconfig_default(void)
{
    return &DEFAULT;
}
