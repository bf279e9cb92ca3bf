/* Health of kinds whose status is one word or one set of conditions: 3scale, Humio, Keptn, Astra; and
 * of kinds of Kubernetes itself that have no rule of Argo CD's compiled ones. */
#include <stdbool.h>

#include "common/base/buf.h"
#include "common/value/value.h"
#include "engine/health/health_internal.h"

/* ---- 3scale ---- */

/* Conditions that say nothing unless they are True. Backend and Product are Synced, the others Ready. */
struct fault {
    const char *type;
    const char *text; /* after "3scale <kind> ", where the condition has no message */
};

static const struct fault THREESCALE_FAULTS[] = {
    {"Invalid", "configuration is invalid"},
    {"Orphan", "references non-existing resources"},
    {"Failed", "synchronization failed"},
};

static struct health threescale_of(struct arena *arena, const struct value *c, const char *name)
{
    struct str type = value_dig_str(c, "type");
    const struct value *message = value_find(c, STR("message"));
    if (str_eq_c(type, "Ready")) {
        return health_printf(arena, HEALTH_STATUS_HEALTHY, "3scale %s is ready", name);
    }
    if (str_eq_c(type, "Synced")) {
        return health_printf(arena, HEALTH_STATUS_HEALTHY, "3scale %s is synced", name);
    }
    for (size_t i = 0; i < ARRAY_LEN(THREESCALE_FAULTS); i++) {
        if (!str_eq_c(type, THREESCALE_FAULTS[i].type)) {
            continue;
        }
        if (value_is(message, VALUE_STRING)) {
            return health_make(HEALTH_STATUS_DEGRADED, arena_str(arena, value_str(message)));
        }
        return health_printf(arena, HEALTH_STATUS_DEGRADED, "3scale %s %s", name,
                             THREESCALE_FAULTS[i].text);
    }
    return health_make(HEALTH_STATUS_NONE, STR_EMPTY);
}

static struct health threescale(struct arena *arena, const struct value *live, const char *name)
{
    VALUE_FOREACH(value_dig(live, "status", "conditions"), c) {
        if (!str_eq_c(value_dig_str(c, "status"), "True")) {
            continue;
        }
        struct health health = threescale_of(arena, c, name);
        if (health.status != HEALTH_STATUS_NONE) {
            return health;
        }
    }
    return health_printf(arena, HEALTH_STATUS_PROGRESSING, "Waiting for 3scale %s status...", name);
}

static struct health
threescale_account(struct arena *arena, const struct value *live, const char *name)
{
    static const struct health_rule WAITS[] = {
        HEALTH_WHEN("%Ready.status!=True %Invalid.status!=True %Failed.status!=True "
                    "%Waiting.status=True",
                    SUSPENDED,
                    "{%Waiting.message|'3scale DeveloperAccount is waiting for approval'}"),
    };
    const struct health_rules waits = HEALTH_RULES(WAITS);
    struct health health = health_rules_run(arena, waits, name, live);
    return health.status != HEALTH_STATUS_NONE ? health : threescale(arena, live, name);
}

static struct health
threescale_user(struct arena *arena, const struct value *live, const char *name)
{
    if (health_holds(live, NULL, "status.developerUserState=suspended")) {
        return health_make(HEALTH_STATUS_SUSPENDED,
                           STR("3scale Developer user is waiting for admin approval"));
    }
    return threescale(arena, live, name);
}

static const struct health_rule THREESCALE_APPLICATION[] = {
    HEALTH_WHEN("status.state=suspended", SUSPENDED, "3scale Application is suspended"),
    HEALTH_COND(".type=Ready .status=True", HEALTHY, "3scale Application is ready"),
    HEALTH_COND(".type=Ready status.applicationID>0",
                PROGRESSING,
                "Waiting for 3scale Application status..."),
    HEALTH_COND(".type=Ready", DEGRADED, "{.message|'3scale Application is not ready'}"),
    HEALTH_ELSE(PROGRESSING, "Waiting for 3scale Application status..."),
};

static const struct health_rule THREESCALE_PROMOTE[] = {
    HEALTH_COND(".type=Ready .status=True", HEALTHY, "3scale ProxyConfigPromote is ready"),
    HEALTH_COND(".type='In-progress' .status=True",
                PROGRESSING,
                "{.message|'3scale ProxyConfigPromote is in progress'}"),
    HEALTH_COND(
        ".type=Failed .status=True", DEGRADED, "{.message|'3scale ProxyConfigPromote failed'}"),
    HEALTH_ELSE(PROGRESSING, "Waiting for 3scale ProxyConfigPromote status..."),
};

static const struct health_rule THREESCALE_TENANT[] = {
    HEALTH_WHEN(
        "%Ready.status=True status.tenantId>0 status.adminId>0", HEALTHY, "3scale Tenant is ready"),
    HEALTH_WHEN(
        "%Ready %Ready.status!=True", DEGRADED, "{%Ready.message|'3scale Tenant is degraded'}"),
    HEALTH_ELSE(PROGRESSING, "Waiting for 3scale Tenant status..."),
};

static const struct health_rule THREESCALE_MANAGER[] = {
    HEALTH_WHEN("status.deployments.ready !status.deployments.starting "
                "!status.deployments.stopped",
                HEALTHY,
                "3scale APIManager is available"),
    HEALTH_COND(".type=Available .status=True", HEALTHY, "3scale APIManager is available"),
    HEALTH_COND(".type=Available .reason .reason!=''",
                DEGRADED,
                "3scale APIManager is degraded: {.reason}"),
    HEALTH_ELSE(PROGRESSING, "Waiting for 3scale APIManager status..."),
};

/* ---- Humio ---- */

static const struct health_rule HUMIO[] = {
    HEALTH_WHEN("status.state=Exists", HEALTHY, "Component state: Exists."),
    HEALTH_WHEN("status.state=NotFound", MISSING, "Component state: NotFound."),
    HEALTH_WHEN("status.state=ConfigError", DEGRADED, "Component state: ConfigError."),
    HEALTH_WHEN("status.state=Unknown", UNKNOWN, "Component state: Unknown."),
    HEALTH_ELSE(PROGRESSING, "Update in progress"),
};

static const struct health_rule HUMIO_CLUSTER[] = {
    HEALTH_WHEN("status.state=Running",
                HEALTHY,
                "{status.message|'Cluster is in a healthy running state'}"),
    HEALTH_WHEN("status.state=Restarting",
                PROGRESSING,
                "{status.message|'Cluster pods are being restarted'}"),
    HEALTH_WHEN("status.state=Upgrading",
                PROGRESSING,
                "{status.message|'Cluster pods are being upgraded'}"),
    HEALTH_WHEN("status.state=ConfigError",
                DEGRADED,
                "{status.message|'User-provided cluster specification resulted in a "
                "configuration error'}"),
    HEALTH_WHEN("status.state=Pending",
                PROGRESSING,
                "{status.message|'Cluster is waiting on resources to be provisioned'}"),
    HEALTH_WHEN("status.state=Unknown", UNKNOWN, "{status.message|'Component state: Unknown.'}"),
    HEALTH_ELSE(PROGRESSING, "Update in progress"),
};

/* ---- Keptn ---- */

static const struct health_rule KEPTN[] = {
    HEALTH_WHEN("status.status=Succeeded", HEALTHY, "{kind} is healthy"),
    HEALTH_WHEN("status.status=Failed", DEGRADED, "{kind} is degraded"),
    HEALTH_ELSE(PROGRESSING, "{kind} is progressing"),
};

static const struct health_rule KEPTN_EVALUATION[] = {
    HEALTH_WHEN("status.overallStatus=Succeeded", HEALTHY, "{kind} is healthy"),
    HEALTH_WHEN("status.overallStatus=Failed", DEGRADED, "{kind} is degraded"),
    HEALTH_ELSE(PROGRESSING, "{kind} is progressing"),
};

static const struct health_rule KEPTN_ANALYSIS[] = {
    HEALTH_WHEN("status.pass=true", HEALTHY, "Analysis is healthy"),
    HEALTH_WHEN("status.warning=true", HEALTHY, "Analysis is healthy with warnings"),
    HEALTH_WHEN("status.pass=false", DEGRADED, "Analysis is degraded"),
    HEALTH_ELSE(PROGRESSING, "Analysis is progressing"),
};

static const struct health_rule KEPTN_METRIC[] = {
    HEALTH_WHEN("status.errMsg status.errMsg!=''", DEGRADED, "KeptnMetric is degraded"),
    HEALTH_WHEN("status.value", HEALTHY, "KeptnMetric is healthy"),
    HEALTH_ELSE(PROGRESSING, "KeptnMetric is progressing"),
};

/* ---- Astra ---- */

static const struct health_rule ASTRA_JOB[] = {
    HEALTH_WHEN("!status.state", PROGRESSING, "No status available"),
    HEALTH_WHEN("status.state=Completed", HEALTHY, "{kind} Completed"),
    HEALTH_WHEN("status.state=Running", PROGRESSING, "{kind} Running"),
    HEALTH_ELSE(DEGRADED, "{status.state}"),
};

static const struct health_rule ASTRA_APPLICATION[] = {
    HEALTH_COND(".type=Ready .status=True",
                HEALTHY,
                "Astra Application Ready, protectionState: {status.protectionState}"),
    HEALTH_COND(
        ".type=Ready .status=False", DEGRADED, "Astra Application Degraded, message: {.message}"),
    HEALTH_ELSE(PROGRESSING, "No status available"),
};

static const struct health_rule ASTRA_VAULT[] = {
    HEALTH_WHEN("status.state=available|Available", HEALTHY, "{kind} Available"),
    HEALTH_WHEN("status.state=failed|Failed", DEGRADED, "{kind} Failed"),
    HEALTH_ELSE(PROGRESSING, "No status available"),
};

static const struct health_rule ASTRA_HOOK[] = {
    HEALTH_WHEN("spec.enabled=true", HEALTHY, "{kind} enabled"),
    HEALTH_WHEN("spec.enabled=false", SUSPENDED, "{kind} disabled"),
    HEALTH_ELSE(PROGRESSING, "No status available"),
};

static const struct health_rule ASTRA_SCHEDULE[] = {
    HEALTH_WHEN("status.lastScheduleTime",
                HEALTHY,
                "Protection policy lastScheduleTime: {status.lastScheduleTime}"),
    HEALTH_ELSE(HEALTHY, "Protection policy not yet executed"),
};

/* ---- Kubernetes' own ---- */

/* A suspended one is healthy: it would hold up every application that keeps one for later. */
static const struct health_rule CRON_JOB[] = {
    HEALTH_WHEN("spec.suspend=true", HEALTHY, "CronJob is Suspended"),
    HEALTH_WHEN("!status", PROGRESSING, "Waiting for CronJob"),
    HEALTH_WHEN("!status.lastScheduleTime", HEALTHY, "CronJob has not been scheduled yet"),
    HEALTH_WHEN("!status.lastSuccessfulTime",
                HEALTHY,
                "The CronJob never completed successfully. It may not be healthy"),
    HEALTH_WHEN("#status.active>0",
                HEALTHY,
                "The job is running. Its last execution may not have been successful"),
    HEALTH_WHEN("status.lastSuccessfulTime<@status.lastScheduleTime",
                DEGRADED,
                "CronJob has not completed its last execution successfully"),
    HEALTH_ELSE(HEALTHY, "CronJob has completed its last execution successfully"),
};

/* That a budget has too few pods is what it is for. */
static const struct health_rule DISRUPTION_BUDGET[] = {
    HEALTH_COND(
        ".status=False .reason!=InsufficientPods", DEGRADED, "PodDisruptionBudget has {.reason}"),
    HEALTH_WHEN(
        "#status.conditions>0", HEALTHY, "PodDisruptionBudget has {status.conditions[-1].reason}"),
    HEALTH_ELSE(PROGRESSING, "Waiting for status"),
};

static const struct health_rule VOLUME_SNAPSHOT[] = {
    HEALTH_WHEN("status.readyToUse=true", HEALTHY, "Ready to use"),
    HEALTH_WHEN("status.error", DEGRADED, "{status.error.message}"),
    HEALTH_ELSE(PROGRESSING, "Waiting for status"),
};

static const struct health_rule CUSTOM_RESOURCE_DEFINITION[] = {
    HEALTH_WHEN("metadata.deletionTimestamp", PROGRESSING, "CRD is terminating"),
    HEALTH_WHEN("#status.conditions=0", PROGRESSING, "Status conditions not found"),
    HEALTH_WHEN(
        "%Terminating.status=True", PROGRESSING, "CRD is terminating: {%Terminating.message}"),
    HEALTH_WHEN("%NamesAccepted.status=False",
                DEGRADED,
                "CRD names have not been accepted: {%NamesAccepted.message}"),
    HEALTH_WHEN("%Established.status!=True %Established.reason=Installing",
                PROGRESSING,
                "CRD is being installed"),
    HEALTH_WHEN("%Established.status!=True", DEGRADED, "CRD is not established"),
    HEALTH_WHEN("%NonStructuralSchema.status=True",
                DEGRADED,
                "Schema violations found: {%NonStructuralSchema.message}"),
    HEALTH_ELSE(HEALTHY, "CRD is healthy"),
};

static const struct health_kind KINDS[] = {
    {"apps.3scale.net", "APIManager", .rules = HEALTH_RULES(THREESCALE_MANAGER)},
    {"capabilities.3scale.net", "ActiveDoc", .name = "ActiveDoc", .fn = threescale},
    {"capabilities.3scale.net", "Application", .rules = HEALTH_RULES(THREESCALE_APPLICATION)},
    {"capabilities.3scale.net", "ApplicationAuth", .name = "ApplicationAuth", .fn = threescale},
    {"capabilities.3scale.net", "Backend", .name = "Backend", .fn = threescale},
    {"capabilities.3scale.net", "CustomPolicyDefinition", .name = "CustomPolicyDefinition",
     .fn = threescale},
    {"capabilities.3scale.net", "DeveloperAccount", .name = "DeveloperAccount",
     .fn = threescale_account},
    {"capabilities.3scale.net", "DeveloperUser", .name = "DeveloperUser", .fn = threescale_user},
    {"capabilities.3scale.net", "OpenAPI", .name = "OpenAPI", .fn = threescale},
    {"capabilities.3scale.net", "Product", .name = "Product", .fn = threescale},
    {"capabilities.3scale.net", "ProxyConfigPromote", .rules = HEALTH_RULES(THREESCALE_PROMOTE)},
    {"capabilities.3scale.net", "Tenant", .rules = HEALTH_RULES(THREESCALE_TENANT)},
    {"core.humio.com", "HumioCluster", .rules = HEALTH_RULES(HUMIO_CLUSTER)},
    {"core.humio.com", "HumioAction", .rules = HEALTH_RULES(HUMIO)},
    {"core.humio.com", "HumioAlert", .rules = HEALTH_RULES(HUMIO)},
    {"core.humio.com", "HumioIngestToken", .rules = HEALTH_RULES(HUMIO)},
    {"core.humio.com", "HumioParser", .rules = HEALTH_RULES(HUMIO)},
    {"core.humio.com", "HumioRepository", .rules = HEALTH_RULES(HUMIO)},
    {"core.humio.com", "HumioView", .rules = HEALTH_RULES(HUMIO)},
    {"lifecycle.keptn.sh", "KeptnAppVersion", .rules = HEALTH_RULES(KEPTN)},
    {"lifecycle.keptn.sh", "KeptnTask", .rules = HEALTH_RULES(KEPTN)},
    {"lifecycle.keptn.sh", "KeptnWorkloadInstance", .rules = HEALTH_RULES(KEPTN)},
    {"lifecycle.keptn.sh", "KeptnWorkloadVersion", .rules = HEALTH_RULES(KEPTN)},
    {"lifecycle.keptn.sh", "KeptnEvaluation", .rules = HEALTH_RULES(KEPTN_EVALUATION)},
    {"metrics.keptn.sh", "Analysis", .rules = HEALTH_RULES(KEPTN_ANALYSIS)},
    {"metrics.keptn.sh", "KeptnMetric", .rules = HEALTH_RULES(KEPTN_METRIC)},
    {"astra.netapp.io", "Application", .rules = HEALTH_RULES(ASTRA_APPLICATION)},
    {"astra.netapp.io", "AppVault", .rules = HEALTH_RULES(ASTRA_VAULT)},
    {"astra.netapp.io", "Backup", .rules = HEALTH_RULES(ASTRA_JOB)},
    {"astra.netapp.io", "ExecHook", .rules = HEALTH_RULES(ASTRA_HOOK)},
    {"astra.netapp.io", "ExecHooksRun", .rules = HEALTH_RULES(ASTRA_JOB)},
    {"astra.netapp.io", "ResourceBackup", .rules = HEALTH_RULES(ASTRA_JOB)},
    {"astra.netapp.io", "ResticVolumeBackup", .rules = HEALTH_RULES(ASTRA_JOB)},
    {"astra.netapp.io", "Schedule", .rules = HEALTH_RULES(ASTRA_SCHEDULE)},
    {"astra.netapp.io", "Snapshot", .rules = HEALTH_RULES(ASTRA_JOB)},
    {"batch", "CronJob", .rules = HEALTH_RULES(CRON_JOB)},
    {"policy", "PodDisruptionBudget", .rules = HEALTH_RULES(DISRUPTION_BUDGET)},
    {"snapshot.storage.k8s.io", "VolumeSnapshot", .rules = HEALTH_RULES(VOLUME_SNAPSHOT)},
    {"snapshot.storage.k8s.io", "VolumeSnapshotContent", .rules = HEALTH_RULES(VOLUME_SNAPSHOT)},
    {"apiextensions.k8s.io", "CustomResourceDefinition",
     .rules = HEALTH_RULES(CUSTOM_RESOURCE_DEFINITION)},
};

const struct health_family HEALTH_CRD_MISC = {KINDS, ARRAY_LEN(KINDS)};
