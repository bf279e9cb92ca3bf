/* What kustomize's snapshot of the Kubernetes API (1.21) says of kinds: their scopes, and the lists a strategic
 * merge patch merges by keys. Types are reduced to the fields from which such a list is reached; types that then
 * look alike are one. */
#include "common/base/macro.h"
#include "engine/kustomize/kschema_internal.h"

/* clang-format off */

/* ---- fields ---- */

#define FIELD(n, t)         {(n), &(t), KMERGE_REPLACE, {NULL}}
#define LIST(n, t)          {(n), &(t), KMERGE_REPLACE, {NULL}}
#define MERGED(n, ...)      {(n), NULL, KMERGE_KEYS, {__VA_ARGS__}}
#define MERGED_OF(n, t, ...) {(n), &(t), KMERGE_KEYS, {__VA_ARGS__}}
#define SET(n)              {(n), NULL, KMERGE_SET, {NULL}}

#define TYPE(t, ...)                                                    \
    static const struct kplace t##_FIELDS[] = {__VA_ARGS__};            \
    static const struct ktype t = {                                     \
        {"", &(t), KMERGE_REPLACE, {NULL}}, t##_FIELDS, ARRAY_LEN(t##_FIELDS)}

/* ---- what many have ---- */

TYPE(META,
    SET("finalizers"),
    MERGED("ownerReferences", "uid"));

/* all that is known of most kinds */
TYPE(OBJECT,
    FIELD("metadata", META));

TYPE(CONDITIONS, /* a status */
    MERGED("conditions", "type"));

TYPE(STATUS_OBJECT,
    FIELD("metadata", META),
    FIELD("status", CONDITIONS));

/* ---- pods ---- */

TYPE(CONTAINER,
    MERGED("env", "name"),
    MERGED("ports", "containerPort", "protocol"),
    MERGED("volumeDevices", "devicePath"),
    MERGED("volumeMounts", "mountPath"));

TYPE(EPHEMERAL_CONTAINER,
    MERGED("env", "name"),
    MERGED("volumeDevices", "devicePath"),
    MERGED("volumeMounts", "mountPath"));

TYPE(EPHEMERAL_SOURCE,
    FIELD("volumeClaimTemplate", OBJECT));

TYPE(VOLUME,
    FIELD("ephemeral", EPHEMERAL_SOURCE));

TYPE(POD_SPEC,
    MERGED_OF("containers", CONTAINER, "name"),
    MERGED_OF("ephemeralContainers", EPHEMERAL_CONTAINER, "name"),
    MERGED("hostAliases", "ip"),
    MERGED("imagePullSecrets", "name"),
    MERGED_OF("initContainers", CONTAINER, "name"),
    MERGED("topologySpreadConstraints", "topologyKey", "whenUnsatisfiable"),
    MERGED_OF("volumes", VOLUME, "name"));

TYPE(POD_STATUS,
    MERGED("conditions", "type"),
    MERGED("podIPs", "ip"));

TYPE(POD,
    FIELD("metadata", META),
    FIELD("spec", POD_SPEC),
    FIELD("status", POD_STATUS));

TYPE(POD_TEMPLATE_SPEC,
    FIELD("metadata", META),
    FIELD("spec", POD_SPEC));

TYPE(POD_TEMPLATE,
    FIELD("metadata", META),
    FIELD("template", POD_TEMPLATE_SPEC));

/* ---- workloads ---- */

TYPE(WORKLOAD_SPEC,
    FIELD("template", POD_TEMPLATE_SPEC));

TYPE(WORKLOAD,
    FIELD("metadata", META),
    FIELD("spec", WORKLOAD_SPEC),
    FIELD("status", CONDITIONS));

TYPE(STATEFUL_SET_SPEC,
    FIELD("template", POD_TEMPLATE_SPEC),
    LIST("volumeClaimTemplates", STATUS_OBJECT));

TYPE(STATEFUL_SET,
    FIELD("metadata", META),
    FIELD("spec", STATEFUL_SET_SPEC),
    FIELD("status", CONDITIONS));

TYPE(JOB_TEMPLATE,
    FIELD("metadata", META),
    FIELD("spec", WORKLOAD_SPEC));

TYPE(CRON_JOB_SPEC,
    FIELD("jobTemplate", JOB_TEMPLATE));

TYPE(CRON_JOB,
    FIELD("metadata", META),
    FIELD("spec", CRON_JOB_SPEC));

/* ---- others ---- */

TYPE(SERVICE_SPEC,
    MERGED("ports", "port", "protocol"));

TYPE(SERVICE,
    FIELD("metadata", META),
    FIELD("spec", SERVICE_SPEC),
    FIELD("status", CONDITIONS));

TYPE(SERVICE_ACCOUNT,
    FIELD("metadata", META),
    MERGED("secrets", "name"));

TYPE(WEBHOOKS,
    FIELD("metadata", META),
    MERGED("webhooks", "name"));

TYPE(COMPONENT_STATUS,
    FIELD("metadata", META),
    MERGED("conditions", "type"));

TYPE(NODE_SPEC,
    SET("podCIDRs"));

TYPE(NODE_STATUS,
    MERGED("addresses", "type"),
    MERGED("conditions", "type"));

TYPE(NODE,
    FIELD("metadata", META),
    FIELD("spec", NODE_SPEC),
    FIELD("status", NODE_STATUS));

TYPE(CSI_NODE_SPEC,
    MERGED("drivers", "name"));

TYPE(CSI_NODE,
    FIELD("metadata", META),
    FIELD("spec", CSI_NODE_SPEC));

/* kustomize knows its own file, too */
TYPE(KUSTOMIZATION,
    MERGED("configMapGenerator", "name"),
    MERGED("secretGenerator", "name"));

/* ---- kinds ---- */

#define NAMESPACED(kind, group, versions, type) {kind, group, versions, KSCOPE_NAMESPACED, &(type)}
#define CLUSTER(kind, group, versions, type)    {kind, group, versions, KSCOPE_CLUSTER, &(type)}
#define UNSCOPED(kind, group, versions, type)   {kind, group, versions, KSCOPE_UNKNOWN, &(type)}
/* cluster-scoped, added to the snapshot by hand */
#define NO_TYPE(kind, group, versions)          {kind, group, versions, KSCOPE_CLUSTER, NULL}

#define ADMISSION     "admissionregistration.k8s.io"
#define AUTHORIZATION "authorization.k8s.io"
#define FLOW          "flowcontrol.apiserver.k8s.io"
#define RBAC          "rbac.authorization.k8s.io"

static const struct kkind KINDS[] = {
    CLUSTER("APIService", "apiregistration.k8s.io", "v1 v1beta1", STATUS_OBJECT),
    UNSCOPED("Binding", "", "v1", OBJECT),
    CLUSTER("CSIDriver", "storage.k8s.io", "v1 v1beta1", OBJECT),
    CLUSTER("CSINode", "storage.k8s.io", "v1 v1beta1", CSI_NODE),
    NAMESPACED("CSIStorageCapacity", "storage.k8s.io", "v1beta1", OBJECT),
    CLUSTER("CertificateSigningRequest", "certificates.k8s.io", "v1 v1beta1", OBJECT),
    CLUSTER("ClusterRole", RBAC, "v1 v1beta1", OBJECT),
    CLUSTER("ClusterRoleBinding", RBAC, "v1 v1beta1", OBJECT),
    CLUSTER("ComponentStatus", "", "v1", COMPONENT_STATUS),
    NAMESPACED("ConfigMap", "", "v1", OBJECT),
    NAMESPACED("ControllerRevision", "apps", "v1", OBJECT),
    NAMESPACED("CronJob", "batch", "v1 v1beta1", CRON_JOB),
    CLUSTER("CustomResourceDefinition", "apiextensions.k8s.io", "v1 v1beta1", OBJECT),
    NAMESPACED("DaemonSet", "apps", "v1", WORKLOAD),
    NAMESPACED("Deployment", "apps", "v1", WORKLOAD),
    NAMESPACED("EndpointSlice", "discovery.k8s.io", "v1 v1beta1", OBJECT),
    NAMESPACED("Endpoints", "", "v1", OBJECT),
    NAMESPACED("Event", "", "v1", OBJECT),
    NAMESPACED("Event", "events.k8s.io", "v1 v1beta1", OBJECT),
    UNSCOPED("Eviction", "policy", "v1beta1", OBJECT),
    CLUSTER("FlowSchema", FLOW, "v1beta1", OBJECT),
    NAMESPACED("HorizontalPodAutoscaler", "autoscaling", "v1 v2beta1 v2beta2", OBJECT),
    NAMESPACED("Ingress", "extensions", "v1beta1", OBJECT),
    NAMESPACED("Ingress", "networking.k8s.io", "v1 v1beta1", OBJECT),
    CLUSTER("IngressClass", "networking.k8s.io", "v1 v1beta1", OBJECT),
    NAMESPACED("Job", "batch", "v1", WORKLOAD),
    UNSCOPED("Kustomization", "kustomize.config.k8s.io", "v1beta1", KUSTOMIZATION),
    NAMESPACED("Lease", "coordination.k8s.io", "v1 v1beta1", OBJECT),
    NAMESPACED("LimitRange", "", "v1", OBJECT),
    UNSCOPED("LocalSubjectAccessReview", AUTHORIZATION, "v1 v1beta1", OBJECT),
    CLUSTER("MutatingWebhookConfiguration", ADMISSION, "v1 v1beta1", WEBHOOKS),
    CLUSTER("Namespace", "", "v1", STATUS_OBJECT),
    NAMESPACED("NetworkPolicy", "networking.k8s.io", "v1", OBJECT),
    CLUSTER("Node", "", "v1", NODE),
    CLUSTER("NodeProxyOptions", "", "v1", OBJECT),
    CLUSTER("PersistentVolume", "", "v1", OBJECT),
    NAMESPACED("PersistentVolumeClaim", "", "v1", STATUS_OBJECT),
    NAMESPACED("Pod", "", "v1", POD),
    NAMESPACED("PodAttachOptions", "", "v1", OBJECT),
    NAMESPACED("PodDisruptionBudget", "policy", "v1 v1beta1", STATUS_OBJECT),
    NAMESPACED("PodExecOptions", "", "v1", OBJECT),
    NAMESPACED("PodPortForwardOptions", "", "v1", OBJECT),
    NAMESPACED("PodProxyOptions", "", "v1", OBJECT),
    CLUSTER("PodSecurityPolicy", "policy", "v1beta1", OBJECT),
    NAMESPACED("PodTemplate", "", "v1", POD_TEMPLATE),
    CLUSTER("PriorityClass", "scheduling.k8s.io", "v1 v1beta1", OBJECT),
    CLUSTER("PriorityLevelConfiguration", FLOW, "v1beta1", OBJECT),
    NAMESPACED("ReplicaSet", "apps", "v1", WORKLOAD),
    NAMESPACED("ReplicationController", "", "v1", WORKLOAD),
    NAMESPACED("ResourceQuota", "", "v1", OBJECT),
    NAMESPACED("Role", RBAC, "v1 v1beta1", OBJECT),
    NAMESPACED("RoleBinding", RBAC, "v1 v1beta1", OBJECT),
    CLUSTER("RuntimeClass", "node.k8s.io", "v1 v1beta1", OBJECT),
    NAMESPACED("Scale", "autoscaling", "v1", OBJECT),
    NAMESPACED("Secret", "", "v1", OBJECT),
    UNSCOPED("SelfSubjectAccessReview", AUTHORIZATION, "v1 v1beta1", OBJECT),
    UNSCOPED("SelfSubjectRulesReview", AUTHORIZATION, "v1 v1beta1", OBJECT),
    NAMESPACED("Service", "", "v1", SERVICE),
    NAMESPACED("ServiceAccount", "", "v1", SERVICE_ACCOUNT),
    NAMESPACED("ServiceProxyOptions", "", "v1", OBJECT),
    NAMESPACED("StatefulSet", "apps", "v1", STATEFUL_SET),
    CLUSTER("StorageClass", "storage.k8s.io", "v1 v1beta1", OBJECT),
    UNSCOPED("SubjectAccessReview", AUTHORIZATION, "v1 v1beta1", OBJECT),
    UNSCOPED("TokenRequest", "authentication.k8s.io", "v1", OBJECT),
    UNSCOPED("TokenReview", "authentication.k8s.io", "v1 v1beta1", OBJECT),
    NO_TYPE("ValidatingAdmissionPolicy", ADMISSION, "v1"),
    NO_TYPE("ValidatingAdmissionPolicyBinding", ADMISSION, "v1"),
    CLUSTER("ValidatingWebhookConfiguration", ADMISSION, "v1 v1beta1", WEBHOOKS),
    CLUSTER("VolumeAttachment", "storage.k8s.io", "v1 v1beta1", OBJECT),
};
/* clang-format on */

const struct kkind *kschema_kinds(size_t *ret_n)
{
    *ret_n = ARRAY_LEN(KINDS);
    return KINDS;
}
