/* Health of clusters and machines, of workloads that are not built in, and of policies over clusters:
 * Cluster API, KubeVirt, OpenKruise, OpenShift, Gardener, Karmada, Open Cluster Management, nmstate. */
#include <stdbool.h>

#include "common/base/buf.h"
#include "common/value/value.h"
#include "engine/health/health_internal.h"

/* ---- Cluster API ---- */

static const struct health_rule CAPI_CLUSTER[] = {
    HEALTH_WHEN("spec.paused=true", SUSPENDED, "Cluster is paused"),
    HEALTH_WHEN("%Ready.status=False", DEGRADED, "{%Ready.message}"),
    HEALTH_WHEN("status.phase=Provisioned", HEALTHY, "Cluster is running"),
    HEALTH_WHEN("status.phase=Failed", DEGRADED, ""),
    HEALTH_ELSE(PROGRESSING, "Waiting for clusters"),
};

static const struct health_rule CAPI_MACHINE[] = {
    HEALTH_WHEN("status.phase=Running", HEALTHY, "Machine is running"),
    HEALTH_WHEN("status.phase=Failed %Ready.status=False", DEGRADED, "{%Ready.message}"),
    HEALTH_WHEN("status.phase=Failed", DEGRADED, "Condition is unknown"),
    HEALTH_WHEN("%Ready.status=False", PROGRESSING, "{%Ready.message}"),
    HEALTH_ELSE(PROGRESSING, "Condition is unknown"),
};

static const struct health_rule CAPI_MACHINE_DEPLOYMENT[] = {
    HEALTH_WHEN("spec.paused=true", SUSPENDED, "MachineDeployment is paused"),
    HEALTH_WHEN("status.phase=Running status.replicas=@status.updatedReplicas "
                "status.replicas=@status.readyReplicas",
                HEALTHY,
                "Machines are running under this deployment"),
    HEALTH_WHEN("status.phase=ScalingUp", PROGRESSING, "Cluster is spawning machines"),
    HEALTH_WHEN("status.phase=ScalingDown", PROGRESSING, "Cluster is stopping machines"),
    HEALTH_WHEN("status.phase=Failed", DEGRADED, "MachineDeployment is failed"),
    HEALTH_ELSE(PROGRESSING, "Waiting for machines"),
};

static const struct health_rule CAPI_MACHINE_HEALTH_CHECK[] = {
    HEALTH_WHEN("!status.currentHealthy", PROGRESSING, ""),
    HEALTH_WHEN("status.expectedMachines=@status.currentHealthy", HEALTHY, ""),
    HEALTH_ELSE(DEGRADED, ""),
};

static const struct health_rule CAPI_RESOURCE_SET[] = {
    HEALTH_COND(".type=ResourcesApplied .status=True", HEALTHY, "cluster resource set is applied"),
    HEALTH_COND(".type=ResourcesApplied .status=False", DEGRADED, "{.message}"),
    HEALTH_ELSE(PROGRESSING, "Initializing cluster resource set"),
};

/* "MachinePool is <phase>: Not A (reason), Not B". */
static struct health
capi_machine_pool(struct arena *arena, const struct value *live, const char *name UNUSED)
{
    AUTO(buf) struct buf text;
    buf_init(&text, HEALTH_MESSAGE_MAX_BYTES);
    enum health_status status = HEALTH_STATUS_PROGRESSING;
    if (health_holds(live, NULL, "status.phase=Running|Scaling")) {
        status = HEALTH_STATUS_HEALTHY;
    } else if (health_holds(live, NULL, "status.phase=Failed|Unknown")) {
        status = HEALTH_STATUS_DEGRADED;
    }
    if (health_holds(live, NULL, "status.phase")) {
        health_message_put(&text, live, NULL, NULL, "MachinePool is {status.phase}");
    }
    const char *separator = ": ";
    VALUE_FOREACH(value_dig(live, "status", "conditions"), c) {
        if (health_holds(NULL, c, ".type .status=False")) {
            buf_put_c(&text, separator);
            separator = ", ";
            health_message_put(&text, NULL, c, NULL,
                               health_holds(NULL, c, ".reason") ? "Not {.type} ({.reason})"
                                                                : "Not {.type}");
        }
    }
    return health_make(status, buf_to_arena(&text, arena));
}

static const struct health_rule EKS_CONTROL_PLANE[] = {
    HEALTH_WHEN("status.observedGeneration metadata.generation "
                "status.observedGeneration!=@metadata.generation",
                PROGRESSING,
                "Waiting for the control plane spec to be reconciled"),
    HEALTH_WHEN(
        "status.failureMessage status.failureMessage!=''", DEGRADED, "{status.failureMessage}"),
    HEALTH_WHEN("!status.conditions", PROGRESSING, "Provisioning..."),
    HEALTH_WHEN(
        "%EKSControlPlaneUpdating.status=True", PROGRESSING, "EKS control plane is updating"),
    HEALTH_WHEN("%Ready.status=True", HEALTHY, "Control plane is ready"),
};

static const struct health_rule EKS_NOT_READY[] = {
    HEALTH_WHEN(
        "status.ready=false", PROGRESSING, "Control plane is not ready (.status.ready is false)"),
    HEALTH_ELSE(PROGRESSING, "Control plane is not ready"),
};

/* All errors, one after the other. */
static struct health
eks_control_plane(struct arena *arena, const struct value *live, const char *name)
{
    const struct health_rules first = HEALTH_RULES(EKS_CONTROL_PLANE);
    const struct health_rules last = HEALTH_RULES(EKS_NOT_READY);
    AUTO(buf) struct buf text;
    buf_init(&text, HEALTH_MESSAGE_MAX_BYTES);
    struct health health = health_rules_run(arena, first, name, live);
    if (health.status != HEALTH_STATUS_NONE) {
        return health;
    }
    VALUE_FOREACH(value_dig(live, "status", "conditions"), c) {
        if (health_holds(NULL, c, ".status=False .severity=Error")) {
            health_message_put(&text, NULL, c, NULL, "{.message} ");
        }
    }
    if (text.n > 0) {
        return health_make(HEALTH_STATUS_DEGRADED, buf_to_arena(&text, arena));
    }
    return health_rules_run(arena, last, name, live);
}

/* ---- KubeVirt ---- */

static enum health_status vm_status(const struct value *live)
{
    enum health_status status = HEALTH_STATUS_PROGRESSING;
    VALUE_FOREACH(value_dig(live, "status", "conditions"), c) {
        if (health_holds(NULL, c, ".type=Paused .status=True")) {
            return HEALTH_STATUS_SUSPENDED;
        }
        if (health_holds(NULL, c, ".type=Ready .status=True")) {
            status = HEALTH_STATUS_HEALTHY;
        } else if (health_holds(NULL, c, ".type=Ready") &&
                   !health_holds(live, NULL, "status.created=true")) {
            status = HEALTH_STATUS_SUSPENDED;
        }
    }
    return status;
}

static const struct health_rule VM_TEXT[] = {
    HEALTH_WHEN("%Paused.status=True", NONE, "Paused"),
    HEALTH_WHEN("status.printableStatus", NONE, "{status.printableStatus}"),
    HEALTH_WHEN("%Ready.status=True", NONE, "Running"),
    HEALTH_WHEN("%Ready status.created=true", NONE, "Starting"),
    HEALTH_WHEN("%Ready", NONE, "Stopped"),
    HEALTH_ELSE(NONE, "No status available"),
};

static struct health
virtual_machine(struct arena *arena, const struct value *live, const char *name)
{
    const struct health_rules text = HEALTH_RULES(VM_TEXT);
    return health_make(vm_status(live), health_rules_run(arena, text, name, live).message);
}

static const struct health_rule VM_INSTANCE[] = {
    HEALTH_WHEN("status.phase=Failed", DEGRADED, "Failed"),
    HEALTH_WHEN("status.phase=Pending|Scheduling|Scheduled", PROGRESSING, "{status.phase}"),
    HEALTH_WHEN("status.phase=Succeeded", SUSPENDED, "Succeeded"),
    HEALTH_WHEN("status.phase=Unknown", UNKNOWN, "Unknown"),
    HEALTH_WHEN("%Paused.status=True", SUSPENDED, "{%Paused.message}"),
    HEALTH_WHEN("%Ready.status=True", HEALTHY, "Running"),
    HEALTH_WHEN("%Ready", DEGRADED, "{%Ready.message}"),
    HEALTH_ELSE(PROGRESSING, "{status.phase|'No status available'}"),
};

static const struct health_rule DATA_VOLUME[] = {
    HEALTH_WHEN("status.phase=Succeeded", HEALTHY, "Succeeded"),
    HEALTH_WHEN("status.phase=Paused", SUSPENDED, "Paused"),
    HEALTH_COND(".type=Running .status=False .reason=Error", DEGRADED, "{.message}"),
    HEALTH_WHEN("status.phase=Failed|Unknown", DEGRADED, "{status.phase}"),
    HEALTH_ELSE(PROGRESSING, "{status.phase|'No status available'}"),
};

/* ---- OpenKruise ---- */

static const struct health_rule KRUISE_CRON_JOB[] = {
    HEALTH_WHEN(
        "!status.lastScheduleTime spec.paused=true", SUSPENDED, "AdvancedCronJob is Paused"),
    HEALTH_WHEN("#status.active>0", PROGRESSING, "AdvancedCronJobs has active jobs"),
    HEALTH_WHEN("!status.lastScheduleTime", DEGRADED, "AdvancedCronJobs has not run successfully"),
    HEALTH_ELSE(HEALTHY, "AdvancedCronJobs has run successfully"),
};

static const struct health_rule KRUISE_BROADCAST_JOB[] = {
    HEALTH_WHEN("status.phase=completed status.desired=@status.succeeded",
                HEALTHY,
                "BroadcastJob is completed successfully"),
    HEALTH_WHEN("status.phase=failed status.failed!=0", DEGRADED, "BroadcastJob failed"),
    HEALTH_WHEN("status.phase=paused spec.paused=true", SUSPENDED, "BroadcastJob is Paused"),
    HEALTH_ELSE(PROGRESSING, "BroadcastJob is still running"),
};

#define KRUISE_UNOBSERVED                                                           \
    HEALTH_WHEN("!status", PROGRESSING, "Waiting for initialization"),              \
        HEALTH_WHEN("metadata.generation!=@status.observedGeneration", PROGRESSING, \
                    "Waiting for initialization")

static const struct health_rule KRUISE_CLONE_SET[] = {
    KRUISE_UNOBSERVED,
    HEALTH_WHEN("spec.updateStrategy.paused=true", SUSPENDED, "Cloneset is paused"),
    HEALTH_WHEN("!status.updatedAvailableReplicas", SUSPENDED, "Cloneset is paused"),
    HEALTH_WHEN("spec.updateStrategy.partition!=0 metadata.generation>1 "
                "status.updatedReplicas>=@status.expectedUpdatedReplicas",
                SUSPENDED,
                "Cloneset needs manual intervention"),
    HEALTH_WHEN("spec.updateStrategy.partition!=0 metadata.generation>1",
                PROGRESSING,
                "Waiting for initialization"),
    HEALTH_WHEN("status.updatedAvailableReplicas=@status.replicas",
                HEALTHY,
                "All Cloneset workloads are ready and updated"),
    HEALTH_ELSE(DEGRADED, "Some replicas are not ready or available"),
};

static const struct health_rule KRUISE_DAEMON_SET[] = {
    KRUISE_UNOBSERVED,
    HEALTH_WHEN("spec.updateStrategy.rollingUpdate.paused=true", SUSPENDED, "Daemonset is paused"),
    HEALTH_WHEN("!status.updatedNumberScheduled", SUSPENDED, "Daemonset is paused"),
};

static const struct health_rule KRUISE_DAEMON_SET_FULL[] = {
    HEALTH_WHEN("status.updatedNumberScheduled=@status.desiredNumberScheduled "
                "status.numberAvailable=@status.desiredNumberScheduled",
                HEALTHY,
                "All Daemonset workloads are ready and updated"),
    HEALTH_WHEN("status.updatedNumberScheduled=@status.desiredNumberScheduled "
                "status.numberUnavailable=@status.desiredNumberScheduled",
                DEGRADED,
                "Some pods are not ready or available"),
    HEALTH_ELSE(PROGRESSING, "Waiting for initialization"),
};

static const struct health_rule KRUISE_STATEFUL_SET[] = {
    KRUISE_UNOBSERVED,
    HEALTH_WHEN(
        "spec.updateStrategy.rollingUpdate.paused=true", SUSPENDED, "Statefulset is paused"),
    HEALTH_WHEN("!status.updatedAvailableReplicas", SUSPENDED, "Statefulset is paused"),
};

static const struct health_rule KRUISE_STATEFUL_SET_FULL[] = {
    HEALTH_WHEN("status.updatedAvailableReplicas=@status.replicas",
                HEALTHY,
                "All Statefulset workloads are ready and updated"),
    HEALTH_ELSE(DEGRADED, "Some replicas are not ready or available"),
};

/* A rollout with a partition stops when all but so many pods are updated. */
static struct health kruise_partitioned(struct arena *arena,
                                        const struct value *live,
                                        const struct health_rules rules[2],
                                        const char *const fields[2],
                                        const char *intervention)
{
    struct health health = health_rules_run(arena, rules[0], NULL, live);
    const struct value *partition =
        value_dig(live, "spec", "updateStrategy", "rollingUpdate", "partition");
    if (health.status != HEALTH_STATUS_NONE) {
        return health;
    }
    if (kube_generation(live) > 1 && (partition == NULL || value_int(partition, 0) != 0)) {
        int64_t updated = health_status_int(live, fields[0]);
        int64_t wanted = health_status_int(live, fields[1]);
        int64_t share = value_int(partition, 0);
        if (share > 0 && updated > wanted - MIN(share, wanted)) {
            return health_make(HEALTH_STATUS_SUSPENDED, str_from(intervention));
        }
        return health_make(HEALTH_STATUS_PROGRESSING, STR("Waiting for initialization"));
    }
    return health_rules_run(arena, rules[1], NULL, live);
}

static struct health
kruise_daemon_set(struct arena *arena, const struct value *live, const char *name UNUSED)
{
    const struct health_rules rules[] = {HEALTH_RULES(KRUISE_DAEMON_SET),
                                         HEALTH_RULES(KRUISE_DAEMON_SET_FULL)};
    static const char *const FIELDS[] = {"updatedNumberScheduled", "desiredNumberScheduled"};
    return kruise_partitioned(arena, live, rules, FIELDS, "Daemonset needs manual intervention");
}

static struct health
kruise_stateful_set(struct arena *arena, const struct value *live, const char *name UNUSED)
{
    const struct health_rules rules[] = {HEALTH_RULES(KRUISE_STATEFUL_SET),
                                         HEALTH_RULES(KRUISE_STATEFUL_SET_FULL)};
    static const char *const FIELDS[] = {"updatedReplicas", "replicas"};
    return kruise_partitioned(arena, live, rules, FIELDS, "Statefulset needs manual intervention");
}

static const struct health_rule KRUISE_ROLLOUT[] = {
    HEALTH_WHEN("metadata.generation!=@status.observedGeneration",
                PROGRESSING,
                "Rollout is still progressing"),
    HEALTH_WHEN("status.canaryStatus.currentStepState=StepPaused status.phase=Progressing",
                SUSPENDED,
                "Rollout is Paused need manual intervention"),
    HEALTH_WHEN("status.canaryStatus.currentStepState=Completed status.phase=Healthy",
                HEALTHY,
                "Rollout is Completed"),
    HEALTH_WHEN("status.canaryStatus.currentStepState=StepPaused "
                "status.phase=Terminating|Disabled",
                DEGRADED,
                "Rollout is Disabled or Terminating"),
    HEALTH_ELSE(PROGRESSING, "Rollout is still progressing"),
};

static const struct health_rule GAME_SERVER[] = {
    HEALTH_WHEN("!status", UNKNOWN, "Waiting for GameServer to be ready"),
    HEALTH_WHEN("status.currentState!=@status.desiredState",
                PROGRESSING,
                "State change: {status.currentState|'Unknown'} → {status.desiredState|'Unknown'}"),
    HEALTH_EACH("status.podStatus.conditions",
                ".type=KruisePodReady .status!=True",
                DEGRADED,
                "Pod is not ready: {.type}"),
    HEALTH_WHEN("status.currentState=Ready", HEALTHY, "GameServer is Ready"),
    HEALTH_ELSE(UNKNOWN, "Waiting for GameServer to be ready"),
};

static struct health
game_server_set(struct arena *arena, const struct value *live, const char *name UNUSED)
{
    int64_t partition =
        value_int(value_dig(live, "spec", "updateStrategy", "rollingUpdate", "partition"), 0);
    int64_t replicas = health_status_int(live, "replicas");
    int64_t ready = health_status_int(live, "readyReplicas");
    if (value_dig(live, "status") == NULL ||
        !health_holds(live, NULL, "metadata.generation=@status.observedGeneration")) {
        return health_make(HEALTH_STATUS_PROGRESSING,
                           STR("Waiting for GameServerSet initialization"));
    }
    if (health_holds(live, NULL, "spec.updateStrategy.rollingUpdate.paused=true")) {
        return health_make(HEALTH_STATUS_SUSPENDED, STR("GameServerSet is paused"));
    }
    if (partition > 0 &&
        health_status_int(live, "updatedReplicas") >= replicas - MIN(partition, replicas)) {
        return health_printf(arena, HEALTH_STATUS_SUSPENDED,
                             "Partition=%lld, waiting for manual intervention",
                             (long long)partition);
    }
    if (health_status_int(live, "updatedReadyReplicas") == replicas) {
        return health_make(HEALTH_STATUS_HEALTHY,
                           STR("All GameServerSet replicas are updated and ready"));
    }
    if (ready < replicas) {
        return health_printf(arena, HEALTH_STATUS_PROGRESSING,
                             "ReadyReplicas %lld/%lld, still progressing", (long long)ready,
                             (long long)replicas);
    }
    return health_make(HEALTH_STATUS_PROGRESSING, STR("Waiting for GameServerSet initialization"));
}

/* ---- other workloads ---- */

static struct health
deployment_config(struct arena *arena UNUSED, const struct value *live, const char *name UNUSED)
{
    const struct value *conditions = value_dig(live, "status", "conditions");
    size_t n_true = 0;
    bool is_counted = health_holds(live, NULL, "status.conditions status.replicas");
    VALUE_FOREACH(conditions, c) {
        n_true += health_holds(NULL, c, ".type=Available .status=True") ||
                  health_holds(NULL, c,
                               ".type=Progressing .status=True "
                               ".reason=NewReplicationControllerAvailable");
    }
    if (is_counted && (n_true == 2 || health_status_int(live, "replicas") == 0)) {
        return health_make(HEALTH_STATUS_HEALTHY,
                           STR("replication controller successfully rolled out"));
    }
    if (!is_counted || n_true == 1) {
        return health_make(HEALTH_STATUS_PROGRESSING,
                           STR("replication controller is waiting for pods to run"));
    }
    return health_make(HEALTH_STATUS_DEGRADED, STR("Deployment config is degraded"));
}

static const struct health_rule SPIN_APP[] = {
    HEALTH_WHEN("!status", PROGRESSING, "Waiting for status to be available"),
    HEALTH_WHEN("%Available %Available.status!=True",
                DEGRADED,
                "{%Available.message|'Application availability status'}"),
    HEALTH_WHEN("!%Available", DEGRADED, ""),
    HEALTH_WHEN("spec.replicas status.readyReplicas<@spec.replicas",
                PROGRESSING,
                "Waiting for replicas to be ready ({status.readyReplicas|'0'}/{spec.replicas})"),
    HEALTH_WHEN("!spec.replicas status.readyReplicas<1",
                PROGRESSING,
                "Waiting for replicas to be ready ({status.readyReplicas|'0'}/1)"),
    HEALTH_WHEN("%Progressing.status=True",
                PROGRESSING,
                "{%Progressing.message|'Application progress status'}"),
    HEALTH_ELSE(HEALTHY,
                "Application is healthy with {status.readyReplicas|'0'}/{spec.replicas|'1'} "
                "replicas ready"),
};

/* ---- over several clusters ---- */

#define KARMADA_WAITS HEALTH_STATUS_PROGRESSING, "Current resource status is insufficient"

/* A binding that follows from another one has no clusters of its own. */
static const struct health_rule KARMADA_BINDING[] = {
    {NULL, "!status", KARMADA_WAITS},
    {NULL, "!status.aggregatedStatus", KARMADA_WAITS},
    {NULL, "#status.aggregatedStatus=0", KARMADA_WAITS},
    {NULL, "spec.clusters #spec.clusters!=@#status.aggregatedStatus", KARMADA_WAITS},
    HEALTH_EACH("status.aggregatedStatus",
                ".health=Unhealthy",
                DEGRADED,
                "Current resource status is unhealthy"),
    HEALTH_EACH("status.aggregatedStatus",
                ".health=Unknown .applied!=true",
                DEGRADED,
                "Current resource status is unhealthy"),
    HEALTH_ELSE(HEALTHY, ""),
};

static const struct health_rule OCM_CERTIFICATE[] = {
    HEALTH_WHEN("!status.compliant", PROGRESSING, "Waiting for the status to be reported"),
    HEALTH_WHEN(
        "status.compliant=Compliant", HEALTHY, "All certificates found comply with the policy"),
    HEALTH_ELSE(DEGRADED, "At least once certificate does not comply with the policy"),
};

static const struct health_rule OCM_OPERATOR[] = {
    HEALTH_WHEN("!status.conditions", PROGRESSING, "Waiting for the status to be reported"),
    HEALTH_WHEN("status.observedGeneration status.observedGeneration!=@metadata.generation",
                PROGRESSING,
                "Waiting for the status to be updated"),
    HEALTH_COND(".type=Compliant .status=True", HEALTHY, "{.message}"),
    HEALTH_COND(".type=Compliant", DEGRADED, "{.message}"),
    HEALTH_ELSE(PROGRESSING, "Waiting for the compliance condition"),
};

static const struct health_rule OCM_CONFIGURATION[] = {
    HEALTH_WHEN("!status.compliant", PROGRESSING, "Waiting for the status to be reported"),
    HEALTH_WHEN("status.lastEvaluatedGeneration!=@metadata.generation",
                PROGRESSING,
                "Waiting for the status to be updated"),
    HEALTH_WHEN("!status.compliancyDetails", PROGRESSING, "Waiting for compliance"),
};

static enum health_status ocm_status(const struct value *live)
{
    return health_holds(live, NULL, "status.compliant=Compliant") ? HEALTH_STATUS_HEALTHY
                                                                  : HEALTH_STATUS_DEGRADED;
}

static struct health
ocm_configuration(struct arena *arena, const struct value *live, const char *name)
{
    const struct health_rules rules = HEALTH_RULES(OCM_CONFIGURATION);
    struct health health = health_rules_run(arena, rules, name, live);
    if (health.status != HEALTH_STATUS_NONE) {
        return health;
    }
    AUTO(buf) struct buf text;
    buf_init(&text, HEALTH_MESSAGE_MAX_BYTES);
    VALUE_FOREACH(value_dig(live, "status", "compliancyDetails"), detail) {
        VALUE_FOREACH(value_find(detail, STR("conditions")), c) {
            if (health_holds(NULL, c, ".type .message")) {
                buf_put_c(&text, text.n > 0 ? "; " : "");
                health_message_put(&text, NULL, c, NULL, "{.type} - {.message}");
            }
        }
    }
    return health_make(ocm_status(live), buf_to_arena(&text, arena));
}

static const struct health_rule OCM_POLICY[] = {
    HEALTH_WHEN("spec.disabled=true", HEALTHY, "Policy is disabled"),
    HEALTH_WHEN("!status.compliant !status.status #status.placement>0",
                HEALTHY,
                "No clusters match this policy"),
    HEALTH_WHEN("!status.compliant", PROGRESSING, "Waiting for the status to be reported"),
};

/* The names of what is not compliant: clusters for a root policy, templates for a replicated one. */
static struct str
ocm_offenders(struct arena *arena, const struct value *entries, const char *name, const char *what)
{
    AUTO(buf) struct buf text;
    buf_init(&text, HEALTH_MESSAGE_MAX_BYTES);
    VALUE_FOREACH(entries, entry) {
        if (!health_holds(NULL, entry, ".compliant=Compliant")) {
            buf_put_c(&text, text.n > 0 ? ", " : "");
            health_message_put(&text, NULL, entry, NULL, name);
        }
    }
    return text.n == 0 ? arena_printf(arena, "All %s are compliant", what)
                       : arena_printf(arena, "NonCompliant %s: %s", what, text.p);
}

static struct health ocm_policy(struct arena *arena, const struct value *live, const char *name)
{
    const struct health_rules rules = HEALTH_RULES(OCM_POLICY);
    struct health health = health_rules_run(arena, rules, name, live);
    const struct value *clusters = value_dig(live, "status", "status");
    const struct value *details = value_dig(live, "status", "details");
    if (health.status != HEALTH_STATUS_NONE) {
        return health;
    }
    struct str text = STR_EMPTY;
    if (clusters != NULL) {
        text = ocm_offenders(arena, clusters, "{.clustername}", "clusters");
    } else if (details != NULL) {
        text = ocm_offenders(arena, details, "{.templateMeta.name}", "templates");
    }
    return health_make(ocm_status(live), text);
}

/* ---- Gardener ---- */

#define SHOOT_STATUS "metadata.labels.'shoot.gardener.cloud/status'="

/* An unhealthy Shoot is progressing for a while: there is no clock here, so it is degraded at once,
 * with the longer of Argo CD's two verdicts. */
static const struct health_rule SHOOT[] = {
    HEALTH_WHEN(SHOOT_STATUS "healthy", HEALTHY, "Component state: Healthy"),
    HEALTH_WHEN(SHOOT_STATUS "progressing", PROGRESSING, "Component state: Update in progress"),
    HEALTH_EACH("status.conditions",
                SHOOT_STATUS "unhealthy .status!=True",
                DEGRADED,
                "Component state: Unhealthy (> 15 minutes)"),
    HEALTH_WHEN(SHOOT_STATUS "unhealthy", DEGRADED, "Component state: Unhealthy"),
    HEALTH_WHEN(SHOOT_STATUS "unknown", UNKNOWN, "Component state: Unknown"),
    HEALTH_ELSE(PROGRESSING, "Update in progress"),
};

/* ---- nmstate ---- */

static const struct health_rule NMSTATE_POLICY[] = {
    HEALTH_COND(
        ".status=True .type=Available .message .message!=''", HEALTHY, "{.reason}: {.message}"),
    HEALTH_COND(".status=True .type=Available", HEALTHY, "{.reason}"),
    HEALTH_COND(
        ".status=True .type=Degraded .message .message!=''", DEGRADED, "{.reason}: {.message}"),
    HEALTH_COND(".status=True .type=Degraded", DEGRADED, "{.reason}"),
    HEALTH_COND(".status=True .type=Progressing .message .message!=''",
                PROGRESSING,
                "{.reason}: {.message}"),
    HEALTH_COND(".status=True .type=Progressing", PROGRESSING, "{.reason}"),
    HEALTH_COND(
        ".status=True .type=Ignored .message .message!=''", SUSPENDED, "{.reason}: {.message}"),
    HEALTH_COND(".status=True .type=Ignored", SUSPENDED, "{.reason}"),
    HEALTH_ELSE(PROGRESSING, "Waiting for policy to be applied"),
};

static const struct health_kind KINDS[] = {
    {"cluster.x-k8s.io", "Cluster", .rules = HEALTH_RULES(CAPI_CLUSTER)},
    {"cluster.x-k8s.io", "Machine", .rules = HEALTH_RULES(CAPI_MACHINE)},
    {"cluster.x-k8s.io", "MachineDeployment", .rules = HEALTH_RULES(CAPI_MACHINE_DEPLOYMENT)},
    {"cluster.x-k8s.io", "MachineHealthCheck", .rules = HEALTH_RULES(CAPI_MACHINE_HEALTH_CHECK)},
    {"cluster.x-k8s.io", "MachinePool", .fn = capi_machine_pool},
    {"addons.cluster.x-k8s.io", "ClusterResourceSet", .rules = HEALTH_RULES(CAPI_RESOURCE_SET)},
    {"controlplane.cluster.x-k8s.io", "AWSManagedControlPlane", .fn = eks_control_plane},
    {"kubevirt.io", "VirtualMachine", .fn = virtual_machine},
    {"kubevirt.io", "VirtualMachineInstance", .rules = HEALTH_RULES(VM_INSTANCE)},
    {"cdi.kubevirt.io", "DataVolume", .rules = HEALTH_RULES(DATA_VOLUME)},
    {"apps.kruise.io", "AdvancedCronJob", .rules = HEALTH_RULES(KRUISE_CRON_JOB)},
    {"apps.kruise.io", "BroadcastJob", .rules = HEALTH_RULES(KRUISE_BROADCAST_JOB)},
    {"apps.kruise.io", "CloneSet", .rules = HEALTH_RULES(KRUISE_CLONE_SET)},
    {"apps.kruise.io", "DaemonSet", .fn = kruise_daemon_set},
    {"apps.kruise.io", "StatefulSet", .fn = kruise_stateful_set},
    {"rollouts.kruise.io", "Rollout", .rules = HEALTH_RULES(KRUISE_ROLLOUT)},
    {"game.kruise.io", "GameServer", .rules = HEALTH_RULES(GAME_SERVER)},
    {"game.kruise.io", "GameServerSet", .fn = game_server_set},
    {"apps.openshift.io", "DeploymentConfig", .fn = deployment_config},
    {"core.spinkube.dev", "SpinApp", .rules = HEALTH_RULES(SPIN_APP)},
    {"work.karmada.io", "ResourceBinding", .rules = HEALTH_RULES(KARMADA_BINDING)},
    {"work.karmada.io", "ClusterResourceBinding", .rules = HEALTH_RULES(KARMADA_BINDING)},
    {"policy.open-cluster-management.io", "CertificatePolicy",
     .rules = HEALTH_RULES(OCM_CERTIFICATE)},
    {"policy.open-cluster-management.io", "OperatorPolicy", .rules = HEALTH_RULES(OCM_OPERATOR)},
    {"policy.open-cluster-management.io", "ConfigurationPolicy", .fn = ocm_configuration},
    {"policy.open-cluster-management.io", "Policy", .fn = ocm_policy},
    {"core.gardener.cloud", "Shoot", .rules = HEALTH_RULES(SHOOT)},
    {"nmstate.io", "NodeNetworkConfigurationPolicy", .rules = HEALTH_RULES(NMSTATE_POLICY)},
};

const struct health_family HEALTH_CRD_CLUSTER = {KINDS, ARRAY_LEN(KINDS)};
