/* Tables of the built-in kinds. One array per type; the macros name the shape and what an empty value
 * means, see schema.h. */
#include "engine/merge/schema.h"

#include "common/base/macro.h"

/* clang-format off */
static const struct schema_keys BY_NAME = {{{"name", NULL}}};
static const struct schema_keys BY_UID = {{{"uid", NULL}}};
static const struct schema_keys BY_IP = {{{"ip", NULL}}};
static const struct schema_keys BY_MOUNT_PATH = {{{"mountPath", NULL}}};
static const struct schema_keys BY_DEVICE_PATH = {{{"devicePath", NULL}}};
static const struct schema_keys BY_CONTAINER_PORT = {{{"containerPort", NULL}, {"protocol", "TCP"}}};
static const struct schema_keys BY_PORT = {{{"port", NULL}, {"protocol", "TCP"}}};
static const struct schema_keys BY_TOPOLOGY = {{{"topologyKey", NULL}, {"whenUnsatisfiable", NULL}}};

#define TYPE(t) SCHEMA_TYPE_##t
#define ZERO(n)           {n, SCHEMA_SHAPE_SCALAR, TYPE(NONE), SCHEMA_FLAG_ZERO, NULL}
#define EMPTY_SCALAR(n)   {n, SCHEMA_SHAPE_SCALAR, TYPE(NONE), SCHEMA_FLAG_EMPTY, NULL}
#define ALLOCATED(n)      {n, SCHEMA_SHAPE_SCALAR, TYPE(NONE), SCHEMA_FLAG_ALLOCATED | SCHEMA_FLAG_ZERO, NULL}
#define DROP(n)           {n, SCHEMA_SHAPE_SCALAR, TYPE(NONE), SCHEMA_FLAG_DROP, NULL}
#define QUANTITY(n)       {n, SCHEMA_SHAPE_QUANTITY, TYPE(NONE), 0, NULL}
#define QUANTITIES(n)     {n, SCHEMA_SHAPE_QUANTITIES, TYPE(NONE), 0, NULL}
#define FREE_MAP(n)       {n, SCHEMA_SHAPE_FREE_MAP, TYPE(NONE), 0, NULL}
#define STRUCT(n, t)      {n, SCHEMA_SHAPE_STRUCT, TYPE(t), 0, NULL}
#define POINTER(n, t)     {n, SCHEMA_SHAPE_STRUCT, TYPE(t), SCHEMA_FLAG_EMPTY, NULL}
#define UNION(n, t)       {n, SCHEMA_SHAPE_STRUCT, TYPE(t), SCHEMA_FLAG_RETAIN_KEYS, NULL}
#define REPLACED(n, t)    {n, SCHEMA_SHAPE_STRUCT, TYPE(t), SCHEMA_FLAG_EMPTY | SCHEMA_FLAG_REPLACE, NULL}
#define LIST(n, t)        {n, SCHEMA_SHAPE_LIST, TYPE(t), 0, NULL}
#define LIST_MAP(n, t, k) {n, SCHEMA_SHAPE_LIST_MAP, TYPE(t), 0, &(k)}
#define UNION_MAP(n, t, k) {n, SCHEMA_SHAPE_LIST_MAP, TYPE(t), SCHEMA_FLAG_RETAIN_KEYS, &(k)}
#define SET(n)            {n, SCHEMA_SHAPE_SET, TYPE(NONE), 0, NULL}

/* ---- metadata ---- */

static const struct schema_field OBJECT[] = {
    STRUCT("metadata", OBJECT_META),
};

static const struct schema_field OBJECT_META[] = {
    FREE_MAP("labels"),
    FREE_MAP("annotations"),
    LIST_MAP("ownerReferences", OWNER_REFERENCE, BY_UID),
    SET("finalizers"),
};

static const struct schema_field OWNER_REFERENCE[] = {
    ZERO("controller"),
    ZERO("blockOwnerDeletion"),
};

static const struct schema_field LABEL_SELECTOR[] = {
    FREE_MAP("matchLabels"),
};

/* ---- pods ---- */

static const struct schema_field POD[] = {
    STRUCT("metadata", OBJECT_META),
    STRUCT("spec", POD_SPEC),
};

static const struct schema_field POD_TEMPLATE[] = {
    STRUCT("metadata", OBJECT_META),
    STRUCT("spec", POD_SPEC),
};

static const struct schema_field POD_SPEC[] = {
    LIST_MAP("containers", CONTAINER, BY_NAME),
    LIST_MAP("initContainers", CONTAINER, BY_NAME),
    LIST_MAP("ephemeralContainers", CONTAINER, BY_NAME),
    UNION_MAP("volumes", VOLUME, BY_NAME),
    LIST_MAP("imagePullSecrets", NONE, BY_NAME),
    LIST_MAP("hostAliases", NONE, BY_IP),
    LIST_MAP("topologySpreadConstraints", NONE, BY_TOPOLOGY),
    LIST_MAP("schedulingGates", NONE, BY_NAME),
    UNION_MAP("resourceClaims", NONE, BY_NAME),
    STRUCT("securityContext", POD_SECURITY_CONTEXT),
    STRUCT("affinity", NONE),
    STRUCT("dnsConfig", NONE),
    QUANTITIES("overhead"),
    FREE_MAP("nodeSelector"),
    ZERO("hostNetwork"),
    ZERO("hostPID"),
    ZERO("hostIPC"),
};

static const struct schema_field CONTAINER[] = {
    LIST_MAP("ports", CONTAINER_PORT, BY_CONTAINER_PORT),
    LIST_MAP("env", ENV_VAR, BY_NAME),
    LIST_MAP("volumeMounts", VOLUME_MOUNT, BY_MOUNT_PATH),
    LIST_MAP("volumeDevices", NONE, BY_DEVICE_PATH),
    STRUCT("resources", RESOURCES),
    POINTER("livenessProbe", PROBE),
    POINTER("readinessProbe", PROBE),
    POINTER("startupProbe", PROBE),
    STRUCT("lifecycle", LIFECYCLE),
    STRUCT("securityContext", SECURITY_CONTEXT),
    ZERO("stdin"),
    ZERO("stdinOnce"),
    ZERO("tty"),
};

static const struct schema_field CONTAINER_PORT[] = {
    ZERO("hostPort"),
};

static const struct schema_field ENV_VAR[] = {
    STRUCT("valueFrom", ENV_SOURCE),
};

static const struct schema_field ENV_SOURCE[] = {
    POINTER("fieldRef", FIELD_REF),
    POINTER("resourceFieldRef", RESOURCE_FIELD_REF),
};

static const struct schema_field RESOURCE_FIELD_REF[] = {
    QUANTITY("divisor"),
};

static const struct schema_field RESOURCES[] = {
    QUANTITIES("limits"),
    QUANTITIES("requests"),
};

static const struct schema_field VOLUME_MOUNT[] = {
    ZERO("readOnly"),
};

static const struct schema_field PROBE[] = {
    POINTER("httpGet", HTTP_GET),
    ZERO("initialDelaySeconds"),
    ZERO("timeoutSeconds"),
    ZERO("periodSeconds"),
    ZERO("successThreshold"),
    ZERO("failureThreshold"),
};

static const struct schema_field LIFECYCLE[] = {
    POINTER("postStart", LIFECYCLE_HANDLER),
    POINTER("preStop", LIFECYCLE_HANDLER),
};

static const struct schema_field LIFECYCLE_HANDLER[] = {
    POINTER("httpGet", HTTP_GET),
};

static const struct schema_field POD_SECURITY_CONTEXT[] = {
    STRUCT("seLinuxOptions", NONE),
    STRUCT("windowsOptions", NONE),
};

static const struct schema_field SECURITY_CONTEXT[] = {
    STRUCT("seLinuxOptions", NONE),
    STRUCT("windowsOptions", NONE),
    STRUCT("capabilities", NONE),
};

/* ---- volumes ---- */

#define VOLUME_SOURCES              \
    POINTER("hostPath", HOST_PATH), \
    POINTER("iscsi", ISCSI),        \
    POINTER("rbd", RBD),            \
    POINTER("azureDisk", AZURE_DISK), \
    POINTER("scaleIO", SCALE_IO),   \
    POINTER("nfs", READ_ONLY_SOURCE), \
    POINTER("glusterfs", READ_ONLY_SOURCE), \
    POINTER("cephfs", READ_ONLY_SOURCE), \
    POINTER("azureFile", READ_ONLY_SOURCE), \
    POINTER("awsElasticBlockStore", READ_ONLY_SOURCE), \
    POINTER("gcePersistentDisk", READ_ONLY_SOURCE), \
    POINTER("cinder", READ_ONLY_SOURCE), \
    POINTER("portworxVolume", READ_ONLY_SOURCE)

static const struct schema_field VOLUME[] = {
    POINTER("secret", MODE_SOURCE),
    POINTER("configMap", MODE_SOURCE),
    POINTER("downwardAPI", DOWNWARD_SOURCE),
    POINTER("projected", PROJECTED_SOURCE),
    POINTER("emptyDir", EMPTY_DIR),
    POINTER("persistentVolumeClaim", READ_ONLY_SOURCE),
    POINTER("ephemeral", EPHEMERAL_SOURCE),
    VOLUME_SOURCES,
};

static const struct schema_field DOWNWARD_SOURCE[] = {
    LIST("items", DOWNWARD_FILE),
};

static const struct schema_field DOWNWARD_FILE[] = {
    POINTER("fieldRef", FIELD_REF),
    POINTER("resourceFieldRef", RESOURCE_FIELD_REF),
};

static const struct schema_field PROJECTED_SOURCE[] = {
    LIST("sources", PROJECTION),
};

static const struct schema_field PROJECTION[] = {
    POINTER("downwardAPI", DOWNWARD_SOURCE),
    POINTER("serviceAccountToken", TOKEN_PROJECTION),
};

static const struct schema_field EMPTY_DIR[] = {
    QUANTITY("sizeLimit"),
};

static const struct schema_field ISCSI[] = {
    ZERO("readOnly"),
    ZERO("chapAuthDiscovery"),
    ZERO("chapAuthSession"),
};

static const struct schema_field RBD[] = {
    ZERO("readOnly"),
};

static const struct schema_field SCALE_IO[] = {
    ZERO("readOnly"),
    ZERO("sslEnabled"),
};

static const struct schema_field READ_ONLY_SOURCE[] = {
    ZERO("readOnly"),
    ZERO("partition"),
};

static const struct schema_field EPHEMERAL_SOURCE[] = {
    POINTER("volumeClaimTemplate", CLAIM_TEMPLATE),
};

/* ---- workloads ---- */

static const struct schema_field DEPLOYMENT[] = {
    STRUCT("metadata", OBJECT_META),
    STRUCT("spec", DEPLOYMENT_SPEC),
};

static const struct schema_field DEPLOYMENT_SPEC[] = {
    POINTER("selector", LABEL_SELECTOR),
    STRUCT("template", POD_TEMPLATE),
    UNION("strategy", DEPLOYMENT_STRATEGY),
    ZERO("minReadySeconds"),
    ZERO("paused"),
};

static const struct schema_field DEPLOYMENT_STRATEGY[] = {
    STRUCT("rollingUpdate", DEPLOYMENT_ROLLING),
};

static const struct schema_field REPLICA_SET[] = {
    STRUCT("metadata", OBJECT_META),
    STRUCT("spec", REPLICA_SET_SPEC),
};

static const struct schema_field REPLICA_SET_SPEC[] = {
    POINTER("selector", LABEL_SELECTOR),
    STRUCT("template", POD_TEMPLATE),
    ZERO("minReadySeconds"),
};

static const struct schema_field STATEFUL_SET[] = {
    STRUCT("metadata", OBJECT_META),
    STRUCT("spec", STATEFUL_SET_SPEC),
};

static const struct schema_field STATEFUL_SET_SPEC[] = {
    POINTER("selector", LABEL_SELECTOR),
    STRUCT("template", POD_TEMPLATE),
    STRUCT("updateStrategy", STATEFUL_SET_STRATEGY),
    STRUCT("persistentVolumeClaimRetentionPolicy", STATEFUL_SET_RETENTION),
    LIST("volumeClaimTemplates", CLAIM_TEMPLATE),
    ZERO("minReadySeconds"),
};

static const struct schema_field STATEFUL_SET_STRATEGY[] = {
    STRUCT("rollingUpdate", STATEFUL_SET_ROLLING),
};

static const struct schema_field CLAIM_TEMPLATE[] = {
    DROP("apiVersion"),
    DROP("kind"),
    DROP("status"),
    STRUCT("metadata", OBJECT_META),
    STRUCT("spec", CLAIM_SPEC),
};

static const struct schema_field DAEMON_SET[] = {
    STRUCT("metadata", OBJECT_META),
    STRUCT("spec", DAEMON_SET_SPEC),
};

static const struct schema_field DAEMON_SET_SPEC[] = {
    POINTER("selector", LABEL_SELECTOR),
    STRUCT("template", POD_TEMPLATE),
    STRUCT("updateStrategy", DAEMON_SET_STRATEGY),
    ZERO("minReadySeconds"),
};

static const struct schema_field DAEMON_SET_STRATEGY[] = {
    STRUCT("rollingUpdate", DAEMON_SET_ROLLING),
};

static const struct schema_field JOB[] = {
    STRUCT("metadata", OBJECT_META),
    STRUCT("spec", JOB_SPEC),
};

static const struct schema_field JOB_SPEC[] = {
    POINTER("selector", LABEL_SELECTOR),
    STRUCT("template", POD_TEMPLATE),
};

static const struct schema_field JOB_TEMPLATE[] = {
    STRUCT("metadata", OBJECT_META),
    STRUCT("spec", JOB_SPEC),
};

static const struct schema_field CRON_JOB[] = {
    STRUCT("metadata", OBJECT_META),
    STRUCT("spec", CRON_JOB_SPEC),
};

static const struct schema_field CRON_JOB_SPEC[] = {
    STRUCT("jobTemplate", JOB_TEMPLATE),
};

/* ---- networking ---- */

static const struct schema_field SERVICE[] = {
    STRUCT("metadata", OBJECT_META),
    STRUCT("spec", SERVICE_SPEC),
};

static const struct schema_field SERVICE_SPEC[] = {
    LIST_MAP("ports", SERVICE_PORT, BY_PORT),
    FREE_MAP("selector"),
    ALLOCATED("clusterIP"),
    ALLOCATED("healthCheckNodePort"),
    ZERO("publishNotReadyAddresses"),
};

static const struct schema_field SERVICE_PORT[] = {
    ALLOCATED("nodePort"),
};

static const struct schema_field INGRESS[] = {
    STRUCT("metadata", OBJECT_META),
    STRUCT("spec", INGRESS_SPEC),
};

static const struct schema_field INGRESS_SPEC[] = {
    POINTER("defaultBackend", INGRESS_BACKEND),
    LIST("rules", INGRESS_RULE),
    LIST("tls", NONE),
};

static const struct schema_field INGRESS_RULE[] = {
    POINTER("http", INGRESS_HTTP),
};

static const struct schema_field INGRESS_HTTP[] = {
    LIST("paths", INGRESS_PATH),
};

static const struct schema_field INGRESS_PATH[] = {
    STRUCT("backend", INGRESS_BACKEND),
};

static const struct schema_field INGRESS_BACKEND[] = {
    POINTER("service", INGRESS_SERVICE),
};

static const struct schema_field INGRESS_SERVICE[] = {
    STRUCT("port", INGRESS_PORT),
};

static const struct schema_field INGRESS_PORT[] = {
    ZERO("number"),
};

static const struct schema_field INGRESS_CLASS[] = {
    STRUCT("metadata", OBJECT_META),
    STRUCT("spec", INGRESS_CLASS_SPEC),
};

static const struct schema_field INGRESS_CLASS_SPEC[] = {
    POINTER("parameters", INGRESS_CLASS_PARAMS),
};

static const struct schema_field NETWORK_POLICY[] = {
    STRUCT("metadata", OBJECT_META),
    STRUCT("spec", NETWORK_POLICY_SPEC),
};

/* podSelector is a plain struct there, so that leaving it out selects all pods as well. */
static const struct schema_field NETWORK_POLICY_SPEC[] = {
    STRUCT("podSelector", LABEL_SELECTOR),
    LIST("ingress", NETWORK_RULE),
    LIST("egress", NETWORK_RULE),
};

static const struct schema_field NETWORK_RULE[] = {
    LIST("ports", NETWORK_PORT),
    LIST("from", NETWORK_PEER),
    LIST("to", NETWORK_PEER),
};

static const struct schema_field NETWORK_PEER[] = {
    POINTER("podSelector", LABEL_SELECTOR),
    POINTER("namespaceSelector", LABEL_SELECTOR),
};

static const struct schema_field ENDPOINT_SLICE[] = {
    STRUCT("metadata", OBJECT_META),
    LIST("ports", ENDPOINT_PORT),
    LIST("endpoints", ENDPOINT),
};

static const struct schema_field ENDPOINT[] = {
    STRUCT("conditions", NONE),
};

/* ---- storage ---- */

static const struct schema_field CLAIM[] = {
    STRUCT("metadata", OBJECT_META),
    STRUCT("spec", CLAIM_SPEC),
};

static const struct schema_field CLAIM_SPEC[] = {
    POINTER("selector", LABEL_SELECTOR),
    STRUCT("resources", RESOURCES),
    EMPTY_SCALAR("storageClassName"),
};

static const struct schema_field VOLUME_OBJECT[] = {
    STRUCT("metadata", OBJECT_META),
    STRUCT("spec", VOLUME_SPEC),
};

static const struct schema_field VOLUME_SPEC[] = {
    QUANTITIES("capacity"),
    POINTER("csi", READ_ONLY_SOURCE),
    VOLUME_SOURCES,
};

static const struct schema_field STORAGE_CLASS[] = {
    STRUCT("metadata", OBJECT_META),
    FREE_MAP("parameters"),
};

static const struct schema_field CSI_DRIVER[] = {
    STRUCT("metadata", OBJECT_META),
    STRUCT("spec", CSI_DRIVER_SPEC),
};

/* ---- autoscaling ---- */

static const struct schema_field AUTOSCALER[] = {
    STRUCT("metadata", OBJECT_META),
    STRUCT("spec", AUTOSCALER_SPEC),
};

static const struct schema_field AUTOSCALER_SPEC[] = {
    LIST("metrics", METRIC),
    POINTER("behavior", SCALING_BEHAVIOR),
};

static const struct schema_field METRIC[] = {
    POINTER("resource", METRIC_SOURCE),
    POINTER("containerResource", METRIC_SOURCE),
    POINTER("pods", METRIC_SOURCE),
    POINTER("object", METRIC_SOURCE),
    POINTER("external", METRIC_SOURCE),
};

static const struct schema_field METRIC_SOURCE[] = {
    STRUCT("target", METRIC_TARGET),
};

static const struct schema_field METRIC_TARGET[] = {
    QUANTITY("value"),
    QUANTITY("averageValue"),
};

static const struct schema_field SCALING_BEHAVIOR[] = {
    POINTER("scaleUp", SCALE_UP),
    POINTER("scaleDown", SCALE_DOWN),
};

/* ---- permissions and policy ---- */

static const struct schema_field ROLE[] = {
    STRUCT("metadata", OBJECT_META),
    LIST("rules", NONE),
};

static const struct schema_field BINDING[] = {
    STRUCT("metadata", OBJECT_META),
    STRUCT("roleRef", ROLE_REF),
    LIST("subjects", SUBJECT),
};

static const struct schema_field SERVICE_ACCOUNT[] = {
    STRUCT("metadata", OBJECT_META),
    LIST_MAP("secrets", NONE, BY_NAME),
    LIST("imagePullSecrets", NONE),
};

static const struct schema_field CONFIG_MAP[] = {
    STRUCT("metadata", OBJECT_META),
    FREE_MAP("data"),
    FREE_MAP("binaryData"),
};

static const struct schema_field SECRET[] = {
    STRUCT("metadata", OBJECT_META),
    FREE_MAP("data"),
};

static const struct schema_field DISRUPTION_BUDGET[] = {
    STRUCT("metadata", OBJECT_META),
    STRUCT("spec", DISRUPTION_BUDGET_SPEC),
};

static const struct schema_field DISRUPTION_BUDGET_SPEC[] = {
    REPLACED("selector", LABEL_SELECTOR),
};

static const struct schema_field PRIORITY_CLASS[] = {
    STRUCT("metadata", OBJECT_META),
    ZERO("globalDefault"),
};

static const struct schema_field RESOURCE_QUOTA[] = {
    STRUCT("metadata", OBJECT_META),
    STRUCT("spec", RESOURCE_QUOTA_SPEC),
};

static const struct schema_field RESOURCE_QUOTA_SPEC[] = {
    QUANTITIES("hard"),
};

static const struct schema_field LIMIT_RANGE[] = {
    STRUCT("metadata", OBJECT_META),
    STRUCT("spec", LIMIT_RANGE_SPEC),
};

static const struct schema_field LIMIT_RANGE_SPEC[] = {
    LIST("limits", LIMIT_RANGE_ITEM),
};

static const struct schema_field LIMIT_RANGE_ITEM[] = {
    QUANTITIES("max"),
    QUANTITIES("min"),
    QUANTITIES("default"),
    QUANTITIES("defaultRequest"),
    QUANTITIES("maxLimitRequestRatio"),
};

static const struct schema_field RUNTIME_CLASS[] = {
    STRUCT("metadata", OBJECT_META),
    POINTER("overhead", RUNTIME_OVERHEAD),
};

static const struct schema_field RUNTIME_OVERHEAD[] = {
    QUANTITIES("podFixed"),
};

/* ---- extension of the API ---- */

static const struct schema_field MUTATING_WEBHOOKS[] = {
    STRUCT("metadata", OBJECT_META),
    LIST_MAP("webhooks", MUTATING_WEBHOOK, BY_NAME),
};

static const struct schema_field VALIDATING_WEBHOOKS[] = {
    STRUCT("metadata", OBJECT_META),
    LIST_MAP("webhooks", VALIDATING_WEBHOOK, BY_NAME),
};

/* Selectors default to the empty one, which selects everything. */
#define WEBHOOK_FIELDS                            \
    STRUCT("namespaceSelector", LABEL_SELECTOR),  \
    STRUCT("objectSelector", LABEL_SELECTOR),     \
    STRUCT("clientConfig", WEBHOOK_CLIENT),       \
    LIST("rules", WEBHOOK_RULE)

static const struct schema_field MUTATING_WEBHOOK[] = {WEBHOOK_FIELDS};
static const struct schema_field VALIDATING_WEBHOOK[] = {WEBHOOK_FIELDS};

static const struct schema_field WEBHOOK_CLIENT[] = {
    POINTER("service", SERVICE_REF),
};

static const struct schema_field CRD[] = {
    STRUCT("metadata", OBJECT_META),
    STRUCT("spec", CRD_SPEC),
};

static const struct schema_field CRD_SPEC[] = {
    STRUCT("names", CRD_NAMES),
    STRUCT("conversion", CRD_CONVERSION),
    LIST("versions", CRD_VERSION),
    ZERO("preserveUnknownFields"),
};

static const struct schema_field CRD_VERSION[] = {
    LIST("additionalPrinterColumns", CRD_COLUMN),
    ZERO("deprecated"),
};

static const struct schema_field CRD_COLUMN[] = {
    ZERO("priority"),
};

static const struct schema_field API_SERVICE[] = {
    STRUCT("metadata", OBJECT_META),
    STRUCT("spec", API_SERVICE_SPEC),
};

static const struct schema_field API_SERVICE_SPEC[] = {
    POINTER("service", SERVICE_REF),
    ZERO("insecureSkipTLSVerify"),
};

/* Argo Rollouts: the pod template is that of a Deployment. */
static const struct schema_field ROLLOUT[] = {
    STRUCT("metadata", OBJECT_META),
    STRUCT("spec", ROLLOUT_SPEC),
};

static const struct schema_field ROLLOUT_SPEC[] = {
    STRUCT("template", POD_TEMPLATE),
};

/* ---- the tables ---- */

struct type_row {
    const struct schema_field *fields;
    size_t n;
};

#define FIELDS(t) [TYPE(t)] = {t, ARRAY_LEN(t)}

static const struct type_row TYPES[SCHEMA_TYPE_COUNT] = {
    FIELDS(OBJECT), FIELDS(OBJECT_META), FIELDS(OWNER_REFERENCE), FIELDS(LABEL_SELECTOR),
    FIELDS(POD), FIELDS(POD_TEMPLATE), FIELDS(POD_SPEC), FIELDS(CONTAINER),
    FIELDS(CONTAINER_PORT), FIELDS(ENV_VAR), FIELDS(ENV_SOURCE), FIELDS(RESOURCE_FIELD_REF),
    FIELDS(RESOURCES), FIELDS(VOLUME_MOUNT), FIELDS(PROBE), FIELDS(LIFECYCLE),
    FIELDS(LIFECYCLE_HANDLER), FIELDS(POD_SECURITY_CONTEXT), FIELDS(SECURITY_CONTEXT),
    FIELDS(VOLUME), FIELDS(DOWNWARD_SOURCE), FIELDS(DOWNWARD_FILE), FIELDS(PROJECTED_SOURCE),
    FIELDS(PROJECTION), FIELDS(EMPTY_DIR), FIELDS(ISCSI), FIELDS(RBD), FIELDS(SCALE_IO),
    FIELDS(READ_ONLY_SOURCE), FIELDS(EPHEMERAL_SOURCE), FIELDS(DEPLOYMENT),
    FIELDS(DEPLOYMENT_SPEC), FIELDS(DEPLOYMENT_STRATEGY), FIELDS(REPLICA_SET),
    FIELDS(REPLICA_SET_SPEC), FIELDS(STATEFUL_SET), FIELDS(STATEFUL_SET_SPEC),
    FIELDS(STATEFUL_SET_STRATEGY), FIELDS(CLAIM_TEMPLATE), FIELDS(DAEMON_SET),
    FIELDS(DAEMON_SET_SPEC), FIELDS(DAEMON_SET_STRATEGY), FIELDS(JOB), FIELDS(JOB_SPEC),
    FIELDS(JOB_TEMPLATE), FIELDS(CRON_JOB), FIELDS(CRON_JOB_SPEC), FIELDS(SERVICE),
    FIELDS(SERVICE_SPEC), FIELDS(SERVICE_PORT), FIELDS(INGRESS), FIELDS(INGRESS_SPEC),
    FIELDS(INGRESS_RULE), FIELDS(INGRESS_HTTP), FIELDS(INGRESS_PATH), FIELDS(INGRESS_BACKEND),
    FIELDS(INGRESS_SERVICE), FIELDS(INGRESS_PORT), FIELDS(CLAIM), FIELDS(CLAIM_SPEC),
    FIELDS(VOLUME_OBJECT), FIELDS(VOLUME_SPEC), FIELDS(AUTOSCALER), FIELDS(AUTOSCALER_SPEC),
    FIELDS(METRIC), FIELDS(METRIC_SOURCE), FIELDS(METRIC_TARGET), FIELDS(SCALING_BEHAVIOR),
    FIELDS(NETWORK_POLICY), FIELDS(NETWORK_POLICY_SPEC), FIELDS(NETWORK_RULE),
    FIELDS(NETWORK_PEER), FIELDS(ROLE), FIELDS(BINDING), FIELDS(SERVICE_ACCOUNT),
    FIELDS(CONFIG_MAP), FIELDS(SECRET), FIELDS(DISRUPTION_BUDGET),
    FIELDS(DISRUPTION_BUDGET_SPEC), FIELDS(PRIORITY_CLASS), FIELDS(STORAGE_CLASS),
    FIELDS(CSI_DRIVER), FIELDS(MUTATING_WEBHOOKS), FIELDS(VALIDATING_WEBHOOKS),
    FIELDS(MUTATING_WEBHOOK), FIELDS(VALIDATING_WEBHOOK), FIELDS(WEBHOOK_CLIENT), FIELDS(CRD),
    FIELDS(CRD_SPEC), FIELDS(CRD_VERSION), FIELDS(CRD_COLUMN), FIELDS(API_SERVICE),
    FIELDS(API_SERVICE_SPEC), FIELDS(RESOURCE_QUOTA), FIELDS(RESOURCE_QUOTA_SPEC),
    FIELDS(LIMIT_RANGE), FIELDS(LIMIT_RANGE_SPEC), FIELDS(LIMIT_RANGE_ITEM),
    FIELDS(INGRESS_CLASS), FIELDS(INGRESS_CLASS_SPEC), FIELDS(RUNTIME_CLASS),
    FIELDS(RUNTIME_OVERHEAD), FIELDS(ENDPOINT_SLICE), FIELDS(ENDPOINT), FIELDS(ROLLOUT), FIELDS(ROLLOUT_SPEC),
};

#define RBAC_GROUP      "rbac.authorization.k8s.io"
#define ADMISSION_GROUP "admissionregistration.k8s.io"

/* Kinds without fields of interest are here too: their metadata is that of every object, and their
 * presence says that kubectl merges them strategically. */
static const struct schema_kind KINDS[] = {
    {"", "Pod", TYPE(POD), false},
    {"", "PodTemplate", TYPE(OBJECT), false},
    {"", "ReplicationController", TYPE(REPLICA_SET), false},
    {"", "Service", TYPE(SERVICE), false},
    {"", "ConfigMap", TYPE(CONFIG_MAP), false},
    {"", "Secret", TYPE(SECRET), false},
    {"", "ServiceAccount", TYPE(SERVICE_ACCOUNT), false},
    {"", "PersistentVolumeClaim", TYPE(CLAIM), false},
    {"", "PersistentVolume", TYPE(VOLUME_OBJECT), false},
    {"", "Namespace", TYPE(OBJECT), false},
    {"", "Node", TYPE(OBJECT), false},
    {"", "Endpoints", TYPE(OBJECT), false},
    {"", "Event", TYPE(OBJECT), false},
    {"", "ResourceQuota", TYPE(RESOURCE_QUOTA), false},
    {"", "LimitRange", TYPE(LIMIT_RANGE), false},
    {"apps", "Deployment", TYPE(DEPLOYMENT), false},
    {"apps", "ReplicaSet", TYPE(REPLICA_SET), false},
    {"apps", "StatefulSet", TYPE(STATEFUL_SET), false},
    {"apps", "DaemonSet", TYPE(DAEMON_SET), false},
    {"apps", "ControllerRevision", TYPE(OBJECT), false},
    {"batch", "Job", TYPE(JOB), false},
    {"batch", "CronJob", TYPE(CRON_JOB), false},
    {"autoscaling", "HorizontalPodAutoscaler", TYPE(AUTOSCALER), false},
    {"networking.k8s.io", "Ingress", TYPE(INGRESS), false},
    {"networking.k8s.io", "IngressClass", TYPE(INGRESS_CLASS), false},
    {"networking.k8s.io", "NetworkPolicy", TYPE(NETWORK_POLICY), false},
    {"extensions", "Ingress", TYPE(OBJECT), false},
    {"policy", "PodDisruptionBudget", TYPE(DISRUPTION_BUDGET), false},
    {"policy", "PodSecurityPolicy", TYPE(OBJECT), false},
    {RBAC_GROUP, "Role", TYPE(ROLE), false},
    {RBAC_GROUP, "ClusterRole", TYPE(ROLE), false},
    {RBAC_GROUP, "RoleBinding", TYPE(BINDING), false},
    {RBAC_GROUP, "ClusterRoleBinding", TYPE(BINDING), false},
    {"storage.k8s.io", "StorageClass", TYPE(STORAGE_CLASS), false},
    {"storage.k8s.io", "CSIDriver", TYPE(CSI_DRIVER), false},
    {"storage.k8s.io", "CSINode", TYPE(OBJECT), false},
    {"storage.k8s.io", "VolumeAttachment", TYPE(OBJECT), false},
    {"scheduling.k8s.io", "PriorityClass", TYPE(PRIORITY_CLASS), false},
    {"node.k8s.io", "RuntimeClass", TYPE(RUNTIME_CLASS), false},
    {"coordination.k8s.io", "Lease", TYPE(OBJECT), false},
    {"discovery.k8s.io", "EndpointSlice", TYPE(ENDPOINT_SLICE), false},
    {"certificates.k8s.io", "CertificateSigningRequest", TYPE(OBJECT), false},
    {ADMISSION_GROUP, "MutatingWebhookConfiguration", TYPE(MUTATING_WEBHOOKS), false},
    {ADMISSION_GROUP, "ValidatingWebhookConfiguration", TYPE(VALIDATING_WEBHOOKS), false},
    {ADMISSION_GROUP, "ValidatingAdmissionPolicy", TYPE(OBJECT), false},
    {ADMISSION_GROUP, "ValidatingAdmissionPolicyBinding", TYPE(OBJECT), false},
    {"flowcontrol.apiserver.k8s.io", "FlowSchema", TYPE(OBJECT), false},
    {"flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration", TYPE(OBJECT), false},
    {"apiextensions.k8s.io", "CustomResourceDefinition", TYPE(CRD), false},
    {"apiregistration.k8s.io", "APIService", TYPE(API_SERVICE), false},
    {"argoproj.io", "Rollout", TYPE(ROLLOUT), true},
};
/* clang-format on */

static const char *const TYPE_NAMES[SCHEMA_TYPE_COUNT] = {
#define SCHEMA_TYPE_NAME(name) [SCHEMA_TYPE_##name] = #name,
    SCHEMA_TYPES(SCHEMA_TYPE_NAME)
#undef SCHEMA_TYPE_NAME
};

const struct schema_kind *schema_kind_find(struct str group, struct str kind)
{
    for (size_t i = 0; i < ARRAY_LEN(KINDS); i++) {
        if (str_eq_c(kind, KINDS[i].kind) && str_eq_c(group, KINDS[i].group)) {
            return &KINDS[i];
        }
    }
    return NULL;
}

const struct schema_field *schema_field_find(enum schema_type type, struct str name)
{
    static const struct schema_field UNLISTED = {.name = "*", .shape = SCHEMA_SHAPE_UNLISTED};
    const struct type_row *row = &TYPES[type];
    for (size_t i = 0; i < row->n; i++) {
        if (str_eq_c(name, row->fields[i].name)) {
            return &row->fields[i];
        }
    }
    return type == SCHEMA_TYPE_NONE ? NULL : &UNLISTED;
}

const struct schema_field *schema_fields(enum schema_type type, size_t *ret_n)
{
    *ret_n = TYPES[type].n;
    return TYPES[type].fields;
}

const char *schema_type_name(enum schema_type type)
{
    return TYPE_NAMES[type];
}
