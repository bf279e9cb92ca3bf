/* Health of what operates a cluster: certificates, secrets, policies, scaling, monitoring, operators. */
#include <stdbool.h>

#include "common/base/buf.h"
#include "common/base/num.h"
#include "common/value/value.h"
#include "engine/health/health_internal.h"

/* The commonest scheme: Ready tells all. */
static const struct health_rule READY[] = {
    HEALTH_COND(".type=Ready .status=False", DEGRADED, "{.message}"),
    HEALTH_COND(".type=Ready .status=True", HEALTHY, "{.message}"),
    HEALTH_ELSE(PROGRESSING, "{$}"),
};

static const struct health_rule CERTIFICATE[] = {
    HEALTH_WHEN("%Issuing.status=True", PROGRESSING, "{%Issuing.message}"),
    HEALTH_COND(".type=Ready .status=False", DEGRADED, "{.message}"),
    HEALTH_COND(".type=Ready .status=True", HEALTHY, "{.message}"),
    HEALTH_ELSE(PROGRESSING, "Waiting for certificate"),
};

static const struct health_rule ACME_CHALLENGE[] = {
    HEALTH_WHEN("status.state=valid", HEALTHY, "Challenge is valid"),
    HEALTH_WHEN("status.state=invalid|expired|errored status.reason", DEGRADED, "{status.reason}"),
    HEALTH_WHEN("status.state=invalid|expired|errored", DEGRADED, "Challenge is {status.state}"),
    HEALTH_WHEN("status.state status.state!='' status.reason", PROGRESSING, "{status.reason}"),
    HEALTH_WHEN("status.state status.state!=''", PROGRESSING, "Challenge is {status.state}"),
    HEALTH_ELSE(PROGRESSING, "Waiting for challenge"),
};

static const struct health_rule ACME_ORDER[] = {
    HEALTH_WHEN("status.state=valid", HEALTHY, "Order is valid"),
    HEALTH_WHEN("status.state=invalid|expired|errored status.reason", DEGRADED, "{status.reason}"),
    HEALTH_WHEN("status.state=invalid|expired|errored", DEGRADED, "Order is {status.state}"),
    HEALTH_WHEN("status.state status.state!=''", PROGRESSING, "Order is {status.state}"),
    HEALTH_ELSE(PROGRESSING, "Waiting for order"),
};

/* ---- secrets ---- */

static const struct health_rule SEALED_SECRET[] = {
    HEALTH_COND(".type=Synced .status=False", DEGRADED, "{.message}"),
    HEALTH_COND(".type=Synced .status=True", HEALTHY, "{.message}"),
    HEALTH_ELSE(PROGRESSING, "Waiting for Sealed Secret to be decrypted"),
};

/* With OnChange, Ready must be newer than the last refresh. */
static const struct health_rule EXTERNAL_SECRET[] = {
    HEALTH_COND(".type=Ready .status=False spec.refreshPolicy!=OnChange", DEGRADED, "{.message}"),
    HEALTH_COND(".type=Ready .status=True spec.refreshPolicy!=OnChange", HEALTHY, "{.message}"),
    HEALTH_COND(".type=Ready .status=False .lastTransitionTime>=@status.refreshTime",
                DEGRADED,
                "{.message}"),
    HEALTH_COND(
        ".type=Ready .status=True .lastTransitionTime>=@status.refreshTime", HEALTHY, "{.message}"),
    HEALTH_ELSE(PROGRESSING, "Waiting for ExternalSecret"),
};

/* New conditions are added at the end. */
static const struct health_rule CLUSTER_EXTERNAL_SECRET[] = {
    HEALTH_WHEN("status.conditions[-1].type=Ready status.conditions[-1].status=True",
                HEALTHY,
                "{status.conditions[-1].message}"),
    HEALTH_WHEN("status.conditions[-1].type=PartiallyReady|NotReady "
                "status.conditions[-1].status=True",
                DEGRADED,
                "{status.conditions[-1].message}"),
    HEALTH_ELSE(PROGRESSING, "Waiting for ClusterExternalSecret"),
};

static struct health
old_external_secret(struct arena *arena, const struct value *live, const char *name UNUSED)
{
    static const char COMMA[] = "ERROR, ";
    struct str status = value_dig_str(live, "status", "status");
    if (str_eq_c(status, "SUCCESS")) {
        return health_make(HEALTH_STATUS_HEALTHY, STR("Fetched ExternalSecret."));
    }
    if (!str_starts_with(status, STR("ERROR"))) {
        return health_make(HEALTH_STATUS_PROGRESSING, STR("Waiting for ExternalSecret."));
    }
    AUTO(buf) struct buf text;
    buf_init(&text, HEALTH_MESSAGE_MAX_BYTES);
    for (size_t at = 0; at != STR_NONE && status.n > 0;) {
        at = str_find(status, STR("ERROR, "));
        buf_put(&text, str_sub(status, 0, at));
        status = at == STR_NONE ? STR_EMPTY : str_sub(status, at + sizeof(COMMA) - 1, status.n);
    }
    return health_make(HEALTH_STATUS_DEGRADED, buf_to_arena(&text, arena));
}

static const struct health_rule SOPS[] = {
    HEALTH_WHEN("!status.conditions", PROGRESSING, "Waiting for status"),
    HEALTH_WHEN("metadata.generation status.observedGeneration "
                "metadata.generation!=@status.observedGeneration",
                PROGRESSING,
                "Waiting for reconciliation (generation mismatch)"),
    HEALTH_COND(".type=Ready .status=True", HEALTHY, "{.message}"),
    HEALTH_COND(".type=Ready .status=False", DEGRADED, "{.message}"),
    HEALTH_COND(".type=Ready .status=Unknown", PROGRESSING, "{.message}"),
    HEALTH_ELSE(PROGRESSING, "Waiting for Ready condition"),
};

/* ---- policies ---- */

static const struct health_rule KYVERNO_POLICY[] = {
    HEALTH_COND(
        ".type=Ready .status=True .reason=Succeeded .message=Ready", HEALTHY, "Policy is ready"),
    HEALTH_ELSE(PROGRESSING, "Waiting for Policy to be ready"),
};

static const struct health_rule KYVERNO_CLUSTER_POLICY[] = {
    HEALTH_COND(".type=Ready .status=True", HEALTHY, "{.message}"),
    HEALTH_COND(".type=Ready", DEGRADED, "{.message}"),
    HEALTH_ELSE(PROGRESSING, "Waiting for ClusterPolicy to become ready"),
};

/* ---- scaling ---- */

/* Ready and Paused together mean paused; the message is the last one that counted. */
static struct health keda(struct arena *arena, const struct value *live, const char *name)
{
    bool is_object = str_eq_c(kube_kind_of(live), "ScaledObject");
    bool healthy = false;
    bool degraded = false;
    bool paused = false;
    struct str message = STR_EMPTY;
    VALUE_FOREACH(value_dig(live, "status", "conditions"), c) {
        bool is_true = health_holds(NULL, c, ".type=Ready .status=True");
        bool is_paused = health_holds(NULL, c, ".type=Paused .status=True");
        bool is_bad =
            health_holds(NULL, c, ".type=Ready .status=False") ||
            health_holds(NULL, c,
                         is_object ? ".type=Fallback .status=True" : ".type=Ready .status=Unknown");
        healthy = healthy || is_true;
        paused = paused || is_paused;
        degraded = degraded || is_bad;
        message = is_true || is_paused || is_bad ? value_dig_str(c, "message") : message;
    }
    message = arena_str(arena, message);
    if (degraded) {
        return health_make(HEALTH_STATUS_DEGRADED, message);
    }
    if (healthy) {
        return health_make(paused ? HEALTH_STATUS_SUSPENDED : HEALTH_STATUS_HEALTHY, message);
    }
    return health_make(HEALTH_STATUS_PROGRESSING, str_from(name));
}

static const struct health_rule DATADOG_METRIC[] = {
    HEALTH_WHEN("%Error.status=True %Error.reason %Error.reason!=''",
                DEGRADED,
                "{%Error.reason}: {%Error.message|'DatadogMetric reported an error'}"),
    HEALTH_WHEN(
        "%Error.status=True", DEGRADED, "{%Error.message|'DatadogMetric reported an error'}"),
    HEALTH_WHEN("%Valid.status=False", DEGRADED, "{%Valid.message|'DatadogMetric is not valid'}"),
    HEALTH_ELSE(HEALTHY, "DatadogMetric is healthy"),
};

/* ---- monitoring ---- */

static const struct health_rule PROMETHEUS[] = {
    HEALTH_WHEN("%Available.status=True", HEALTHY, "All instances are available"),
    HEALTH_WHEN("%Available %Available.reason=SomePodsNotReady",
                PROGRESSING,
                "{%Available.message|%Available.reason}"),
    HEALTH_WHEN("%Available", DEGRADED, "{%Available.message|%Available.reason}"),
    HEALTH_ELSE(PROGRESSING, "Waiting for initialization"),
};

static const struct health_rule VICTORIA_METRICS[] = {
    HEALTH_WHEN("!status", PROGRESSING, "Waiting for the operator to reconcile"),
    HEALTH_WHEN("metadata.generation status.observedGeneration "
                "metadata.generation!=@status.observedGeneration",
                PROGRESSING,
                "Waiting for the operator to reconcile"),
    HEALTH_WHEN("status.updateStatus=operational", HEALTHY, "All components are operational"),
    HEALTH_WHEN("status.updateStatus=expanding",
                PROGRESSING,
                "{status.reason?'Reconciliation in progress'}"),
    HEALTH_WHEN(
        "status.updateStatus=paused", SUSPENDED, "{status.reason?'Reconciliation is paused'}"),
    HEALTH_WHEN("status.updateStatus=failed", DEGRADED, "{status.reason?'Reconciliation failed'}"),
    HEALTH_ELSE(PROGRESSING, "Waiting for the operator to report status"),
};

static const struct health_rule GRAFANA[] = {
    HEALTH_WHEN("!status.stageStatus", PROGRESSING, "Waiting for Grafana status info"),
    HEALTH_WHEN("status.stageStatus=failed", DEGRADED, "Failed at stage {status.stage}"),
    HEALTH_WHEN("status.stage=complete status.stageStatus=success", HEALTHY, ""),
    HEALTH_ELSE(PROGRESSING, "{status.stage}"),
};

static const struct health_rule GRAFANA_DATASOURCE[] = {
    HEALTH_WHEN("!status", PROGRESSING, ""),
    HEALTH_WHEN("status.uid=''", PROGRESSING, ""),
    HEALTH_WHEN(
        "status.NoMatchingInstances=true", DEGRADED, "can't find matching grafana instance"),
    HEALTH_ELSE(HEALTHY, ""),
};

static const struct health_rule GRAFANA_ORG[] = {
    HEALTH_COND(".type=Ready .status=False", DEGRADED, "{.message}"),
    HEALTH_COND(".type=Ready .status=True", HEALTHY, "{.message}"),
    HEALTH_COND(".type=Ready", PROGRESSING, "{.message}"),
    HEALTH_ELSE(PROGRESSING, "Waiting ..."),
};

/* "Reason for Type because message, ..." up to the first condition that is bad. FolderUIDMismatch is bad
 * when it is True. */
static struct health
grafana_object(struct arena *arena, const struct value *live, const char *name UNUSED)
{
    AUTO(buf) struct buf text;
    buf_init(&text, HEALTH_MESSAGE_MAX_BYTES);
    enum health_status status = HEALTH_STATUS_PROGRESSING;
    VALUE_FOREACH(value_dig(live, "status", "conditions"), c) {
        if (!health_holds(NULL, c, ".status")) {
            continue;
        }
        buf_put_c(&text, text.n > 0 ? ", " : "");
        if (health_holds(NULL, c, ".reason .type")) {
            health_message_put(&text, NULL, c, NULL, "{.reason} for {.type}");
            health_message_put(&text, NULL, c, NULL,
                               health_holds(NULL, c, ".message") ? " because {.message}" : "");
        } else {
            health_message_put(&text, NULL, c, NULL, "{.reason}");
        }
        bool is_inverse = health_holds(NULL, c, ".type=FolderUIDMismatch");
        bool is_true = health_holds(NULL, c, ".status=True");
        if (is_inverse ? is_true : health_holds(NULL, c, ".status=False")) {
            return health_make(HEALTH_STATUS_DEGRADED, buf_to_arena(&text, arena));
        }
        status = is_true ? HEALTH_STATUS_HEALTHY : status;
    }
    return health_make(status, buf_to_arena(&text, arena));
}

static const struct health_rule JAEGER[] = {
    HEALTH_WHEN("status.phase=Running", HEALTHY, "Jaeger is Running"),
    HEALTH_WHEN("status.phase=Failed", DEGRADED, "Jaeger Failed For Some Reason"),
    HEALTH_ELSE(PROGRESSING, "Waiting for Jaeger"),
};

static const struct health_rule CORALOGIX[] = {
    HEALTH_COND(".type=RemoteSynced .status=True", HEALTHY, "Resource is ready"),
    HEALTH_COND(".type=RemoteSynced .status=False", DEGRADED, "{.message}"),
    HEALTH_ELSE(PROGRESSING, "Waiting for status to be updated"),
};

/* scale.statusReplicas is "ready/wanted". */
static struct health otel_replicas(struct arena *arena, const struct value *live)
{
    struct str text = value_dig_str(live, "status", "scale", "statusReplicas");
    struct str ready_text;
    struct str total_text;
    uint64_t ready;
    uint64_t total;
    if (!str_cut(text, '/', &ready_text, &total_text) || !num_digits(ready_text, 10, &ready) ||
        !num_digits(total_text, 10, &total)) {
        return health_printf(arena, HEALTH_STATUS_PROGRESSING,
                             "Unable to parse replica status: " STR_FMT, STR_ARG(text));
    }
    if (ready == 0 && total == 0 && health_holds(live, NULL, "spec.mode=daemonset")) {
        return health_make(HEALTH_STATUS_HEALTHY, STR("DaemonSet has no eligible nodes (0/0)"));
    }
    if (ready == 0) {
        return health_make(HEALTH_STATUS_DEGRADED, STR("No replicas are ready"));
    }
    if (ready == total) {
        return health_make(HEALTH_STATUS_HEALTHY, STR("All replicas are ready"));
    }
    return health_make(HEALTH_STATUS_PROGRESSING, STR("Replicas are starting up"));
}

static const struct health_rule OTEL[] = {
    HEALTH_WHEN("!status", PROGRESSING, "Waiting for OpenTelemetry Collector status"),
    HEALTH_WHEN("spec.mode=sidecar", HEALTHY, "Collector is running in sidecar mode"),
    HEALTH_ELSE(PROGRESSING, "Scale status not available"),
};

static struct health otel_collector(struct arena *arena, const struct value *live, const char *name)
{
    const struct health_rules rules = HEALTH_RULES(OTEL);
    if (value_dig(live, "status", "scale", "statusReplicas") != NULL) {
        return otel_replicas(arena, live);
    }
    return health_rules_run(arena, rules, name, live);
}

/* ---- operators and jobs ---- */

static bool olm_is_degraded(const struct value *c)
{
    return health_holds(NULL, c,
                        ".type=InstallPlanMissing .reason!=ReferencedInstallPlanNotFound") ||
           health_holds(
               NULL, c,
               ".type=CatalogSourcesUnhealthy|InstallPlanFailed|ResolutionFailed .status=True");
}

struct olm {
    bool is_degraded;
    bool is_pending;
    bool is_manual; /* waits for a person to approve an upgrade of what runs */
    bool is_current;
};

static struct health olm_verdict(const struct olm *olm, struct str text)
{
    if (olm->is_degraded) {
        return health_make(HEALTH_STATUS_DEGRADED, text);
    }
    bool is_healthy = (olm->is_manual || olm->is_current) && !olm->is_pending;
    return health_make(is_healthy ? HEALTH_STATUS_HEALTHY : HEALTH_STATUS_PROGRESSING, text);
}

static struct health
olm_subscription(struct arena *arena, const struct value *live, const char *name UNUSED)
{
    AUTO(buf) struct buf text;
    buf_init(&text, HEALTH_MESSAGE_MAX_BYTES);
    const struct value *conditions = value_dig(live, "status", "conditions");
    struct olm olm = {
        .is_manual = health_holds(live, NULL,
                                  "spec.installPlanApproval=Manual status.installedCSV "
                                  "status.state=UpgradePending"),
        .is_current = health_holds(live, NULL, "status.state=AtLatestKnown"),
        .is_degraded = health_holds(live, NULL, "status.state=UpgradeFailed"),
    };
    size_t i = 0;
    if (conditions == NULL) {
        return health_make(HEALTH_STATUS_PROGRESSING,
                           STR("An install plan for a subscription is pending installation"));
    }
    VALUE_FOREACH(conditions, c) {
        i++;
        if (olm.is_manual && health_holds(NULL, c, ".type=InstallPlanPending .status=True")) {
            continue;
        }
        buf_put_uint(&text, i);
        health_message_put(&text, NULL, c, NULL, ": {.type} | {.status}\n");
        olm.is_degraded = olm.is_degraded || olm_is_degraded(c);
        olm.is_pending =
            olm.is_pending || health_holds(NULL, c, ".type=InstallPlanPending .status=True");
    }
    health_message_put(&text, live, NULL, NULL,
                       !health_holds(live, NULL, "status.state") ? ".status.state not yet known\n"
                       : olm.is_manual
                           ? ".status.state is '{status.state}' (manual InstallPlan approval "
                             "pending; treated as healthy)\n"
                           : ".status.state is '{status.state}'\n");
    return olm_verdict(&olm, buf_to_arena(&text, arena));
}

#define ANSIBLE_MESSAGE "{status.ansibleJobResult.status} job - {status.ansibleJobResult.url}"

static const struct health_rule ANSIBLE_JOB[] = {
    HEALTH_WHEN("status.ansibleJobResult.status=successful", HEALTHY, ANSIBLE_MESSAGE),
    HEALTH_WHEN("status.ansibleJobResult.status=failed|error|canceled", DEGRADED, ANSIBLE_MESSAGE),
    HEALTH_WHEN("status.ansibleJobResult.status", PROGRESSING, ANSIBLE_MESSAGE),
    HEALTH_ELSE(PROGRESSING, "Waiting for AnsibleJob"),
};

static const struct health_rule OPENFAAS_FUNCTION[] = {
    HEALTH_COND(".type=Ready .status=False", DEGRADED, "{.message}"),
    HEALTH_COND(".type=Stalled .status=True", DEGRADED, "{.message}"),
    HEALTH_COND(".type=Ready .status=True status.replicas>0", HEALTHY, "{.message}"),
    HEALTH_COND(".type=Ready .status=True", SUSPENDED, "No replicas available"),
    HEALTH_ELSE(PROGRESSING, "Waiting for Function"),
};

static const struct health_rule DNS_SD[] = {
    HEALTH_WHEN("%Adopted.status=False", DEGRADED, "{%Adopted.message}"),
    HEALTH_WHEN(
        "%Advertised.reason=AdvertiseError|UnadvertiseError", DEGRADED, "{%Advertised.message}"),
    HEALTH_WHEN("%Discoverable.reason=DiscoveryError", UNKNOWN, "{%Discoverable.message}"),
    HEALTH_WHEN("%Discoverable.status=True", HEALTHY, "{%Discoverable.message}"),
    HEALTH_ELSE(PROGRESSING, "{%Discoverable.message}"),
};

static struct health keycloak_of(struct arena *arena, const struct value *c)
{
    if (health_holds(NULL, c, ".type=Ready .status=True")) {
        return health_make(HEALTH_STATUS_HEALTHY, STR_EMPTY);
    }
    if (health_holds(NULL, c, ".type=HasErrors .status=True")) {
        return health_printf(arena, HEALTH_STATUS_DEGRADED, "Has Errors: " STR_FMT,
                             STR_ARG(value_dig_str(c, "message")));
    }
    return health_make(HEALTH_STATUS_NONE, STR_EMPTY);
}

/* The oldest condition that says something decides; one without a time is the newest. */
static struct health
keycloak(struct arena *arena, const struct value *live, const char *name UNUSED)
{
    const struct value *conditions = value_dig(live, "status", "conditions");
    struct health health = health_make(HEALTH_STATUS_PROGRESSING, STR_EMPTY);
    const struct value *oldest = NULL;
    if (conditions == NULL) {
        return health_make(HEALTH_STATUS_PROGRESSING,
                           STR("Waiting for Keycloak status conditions to exist"));
    }
    VALUE_FOREACH(conditions, c) {
        struct health one = keycloak_of(arena, c);
        const struct value *since = value_find(c, STR("lastTransitionTime"));
        if (one.status == HEALTH_STATUS_NONE) {
            continue;
        }
        bool is_older =
            since != NULL && (oldest == NULL || str_cmp(value_str(since), value_str(oldest)) < 0);
        if (health.status == HEALTH_STATUS_PROGRESSING || is_older) {
            health = one;
            oldest = since;
        }
    }
    return health;
}

static const struct health_kind KINDS[] = {
    {"cert-manager.io", "Certificate", .rules = HEALTH_RULES(CERTIFICATE)},
    {"cert-manager.io", "Issuer", .rules = HEALTH_RULES(READY), .name = "Initializing issuer"},
    {"cert-manager.io", "ClusterIssuer", .rules = HEALTH_RULES(READY),
     .name = "Initializing ClusterIssuer"},
    {"certmanager.k8s.io", "Certificate", .rules = HEALTH_RULES(READY),
     .name = "Waiting for certificate"},
    {"certmanager.k8s.io", "Issuer", .rules = HEALTH_RULES(READY), .name = "Initializing issuer"},
    {"acme.cert-manager.io", "Challenge", .rules = HEALTH_RULES(ACME_CHALLENGE)},
    {"acme.cert-manager.io", "Order", .rules = HEALTH_RULES(ACME_ORDER)},
    {"bitnami.com", "SealedSecret", .rules = HEALTH_RULES(SEALED_SECRET)},
    {"external-secrets.io", "ExternalSecret", .rules = HEALTH_RULES(EXTERNAL_SECRET)},
    {"external-secrets.io", "ClusterExternalSecret",
     .rules = HEALTH_RULES(CLUSTER_EXTERNAL_SECRET)},
    {"external-secrets.io", "SecretStore", .rules = HEALTH_RULES(READY),
     .name = "Waiting for SecretStore"},
    {"external-secrets.io", "ClusterSecretStore", .rules = HEALTH_RULES(READY),
     .name = "Waiting for ClusterSecretStore"},
    {"external-secrets.io", "PushSecret", .rules = HEALTH_RULES(READY),
     .name = "Waiting for PushSecret"},
    {"kubernetes-client.io", "ExternalSecret", .fn = old_external_secret},
    {"onepassword.com", "OnePasswordItem", .rules = HEALTH_RULES(READY),
     .name = "Waiting for controller to report status"},
    {"addons.projectcapsule.dev", "GlobalSopsSecret", .rules = HEALTH_RULES(SOPS)},
    {"addons.projectcapsule.dev", "SopsProvider", .rules = HEALTH_RULES(SOPS)},
    {"addons.projectcapsule.dev", "SopsSecret", .rules = HEALTH_RULES(SOPS)},
    {"kyverno.io", "Policy", .rules = HEALTH_RULES(KYVERNO_POLICY)},
    {"kyverno.io", "ClusterPolicy", .rules = HEALTH_RULES(KYVERNO_CLUSTER_POLICY)},
    {"keda.sh", "ScaledObject", .name = "Creating HorizontalPodAutoscaler Object", .fn = keda},
    {"keda.sh", "ScaledJob", .name = "Waiting for ScaledJob", .fn = keda},
    {"datadoghq.com", "DatadogMetric", .rules = HEALTH_RULES(DATADOG_METRIC)},
    {"monitoring.coreos.com", "Prometheus", .rules = HEALTH_RULES(PROMETHEUS)},
    {"operator.victoriametrics.com", NULL, .rules = HEALTH_RULES(VICTORIA_METRICS)},
    {"grafana.integreatly.org", "Grafana", .rules = HEALTH_RULES(GRAFANA)},
    {"grafana.integreatly.org", "GrafanaDatasource", .rules = HEALTH_RULES(GRAFANA_DATASOURCE)},
    {"grafana.integreatly.org", "GrafanaDashboard", .fn = grafana_object},
    {"grafana.integreatly.org", "GrafanaFolder", .fn = grafana_object},
    {"grafana-org-operator.kubitus-project.gitlab.io", NULL, .rules = HEALTH_RULES(GRAFANA_ORG)},
    {"jaegertracing.io", "Jaeger", .rules = HEALTH_RULES(JAEGER)},
    {"coralogix.com", "Alert", .rules = HEALTH_RULES(CORALOGIX)},
    {"coralogix.com", "RecordingRuleGroupSet", .rules = HEALTH_RULES(CORALOGIX)},
    {"opentelemetry.io", "OpenTelemetryCollector", .fn = otel_collector},
    {"operators.coreos.com", "Subscription", .fn = olm_subscription},
    {"tower.ansible.com", "AnsibleJob", .rules = HEALTH_RULES(ANSIBLE_JOB)},
    {"openfaas.com", "Function", .rules = HEALTH_RULES(OPENFAAS_FUNCTION)},
    {"camel.apache.org", "Integration", .rules = HEALTH_RULES(READY),
     .name = "Waiting for Integration"},
    {"proclaim.dogmatiq.io", "DNSSDServiceInstance", .rules = HEALTH_RULES(DNS_SD)},
    {"k8s.keycloak.org", "Keycloak", .fn = keycloak},
};

const struct health_family HEALTH_CRD_OPS = {KINDS, ARRAY_LEN(KINDS)};
