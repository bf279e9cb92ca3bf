/* Health of objects that stand for things in a cloud: Crossplane, AWS Controllers for Kubernetes,
 * Config Connector, Karpenter and others. */
#include <stdbool.h>

#include "common/base/buf.h"
#include "common/value/value.h"
#include "engine/health/health_internal.h"

/* Crossplane's own group and its providers'. */
static const struct health_rule CROSSPLANE[] = {
    HEALTH_WHEN("!status", HEALTHY, "Resource is up-to-date."),
    HEALTH_WHEN("#status=0 kind=Composition|CompositionRevision|DeploymentRuntimeConfig|"
                "ClusterProviderConfig|ProviderConfig|ProviderConfigUsage|ControllerConfig",
                HEALTHY,
                "Resource is up-to-date."),
    HEALTH_WHEN("!status.conditions kind=ProviderConfig|ClusterProviderConfig status.users",
                HEALTHY,
                "Resource is in use."),
    HEALTH_COND(".type=LastAsyncOperation|Synced .status=False", DEGRADED, "{.message}"),
    HEALTH_COND(".type=Ready|Healthy|Offered|Established|ValidPipeline|RevisionHealthy "
                ".status=True",
                HEALTHY,
                "Resource is up-to-date."),
    HEALTH_ELSE(PROGRESSING, "Provisioning ..."),
};

/* Providers from upjet: Ready does not hide the failure of a later operation. */
static const struct health_rule UPBOUND[] = {
    HEALTH_WHEN("!status", HEALTHY, "Resource is up-to-date."),
    HEALTH_WHEN("#status=0 kind=ClusterProviderConfig|ProviderConfig|ProviderConfigUsage",
                HEALTHY,
                "Resource is up-to-date."),
    HEALTH_WHEN("!status.conditions kind=ProviderConfig|ClusterProviderConfig status.users",
                HEALTHY,
                "Resource is in use."),
    HEALTH_WHEN("%LastAsyncOperation.status=False", DEGRADED, "{%LastAsyncOperation.message}"),
    HEALTH_WHEN("%Synced.status=False", DEGRADED, "{%Synced.message}"),
    HEALTH_WHEN("%Ready.status=True", HEALTHY, "Resource is up-to-date."),
    HEALTH_ELSE(PROGRESSING, "Provisioning ..."),
};

/* Some kinds of Crossplane's classic AWS provider. */
static const struct health_rule CLASSIC_AWS[] = {
    HEALTH_WHEN("!status.conditions", PROGRESSING, "Waiting for {$} to be created"),
    HEALTH_WHEN("%Ready.status=True %Synced.status=True", HEALTHY, "{%Ready.reason}"),
    HEALTH_WHEN(
        "%Synced.status!=True %Synced.reason=ReconcilePaused", SUSPENDED, "ReconcilePaused"),
    HEALTH_WHEN("%Synced.status=True %Synced.reason!=ReconcilePaused",
                PROGRESSING,
                "Waiting for {$} to be available"),
    HEALTH_WHEN("%Synced.reason=ReconcileError", DEGRADED, "{%Synced.message}"),
    HEALTH_ELSE(DEGRADED, ""),
};

static const struct health_rule CROSSPLANE_PROVIDER[] = {
    HEALTH_WHEN("!status.conditions", PROGRESSING, "Waiting for provider to be installed"),
    HEALTH_WHEN("%Installed.status=True %Healthy.status=True",
                HEALTHY,
                "{%Installed.reason} {%Healthy.reason}"),
    HEALTH_ELSE(DEGRADED, "{%Installed.reason} {%Healthy.reason}"),
};

static const struct health_rule STACK_INSTALL[] = {
    HEALTH_WHEN("status.conditionedStatus.conditions[Ready].status=True",
                HEALTHY,
                "{status.conditionedStatus.conditions[Ready].reason}"),
    HEALTH_WHEN("status.conditionedStatus.conditions[Ready]",
                PROGRESSING,
                "{status.conditionedStatus.conditions[Ready].reason}"),
    HEALTH_ELSE(PROGRESSING, "Waiting for stack to be installed"),
};

static const struct health_rule AWS_CONTROLLERS[] = {
    HEALTH_COND(".type='ACK.Terminal' .status=True", DEGRADED, "{.message}"),
    HEALTH_COND(".type=Ready .status=False", PROGRESSING, "{.message}"),
    HEALTH_COND(".type=Ready .status=True", HEALTHY, ""),
    HEALTH_ELSE(PROGRESSING, "Waiting for resource to be ready"),
};

static const struct health_rule CONFIG_CONNECTOR[] = {
    HEALTH_WHEN("status.observedGeneration status.observedGeneration!=@metadata.generation",
                PROGRESSING,
                "Update in progress"),
    HEALTH_WHEN("kind=ConfigConnector|ConfigConnectorContext status.healthy=true",
                HEALTHY,
                "{kind} is healthy"),
    HEALTH_WHEN("kind=ConfigConnector|ConfigConnectorContext status.healthy",
                DEGRADED,
                "{kind} is not healthy"),
    HEALTH_COND(".reason=UpToDate .status=True", HEALTHY, "{.message}"),
    HEALTH_COND(".reason=UpdateFailed|DependencyNotFound", DEGRADED, "{.message}"),
    HEALTH_COND(".reason=DependencyNotReady", SUSPENDED, "{.message}"),
    HEALTH_ELSE(PROGRESSING, "Update in progress"),
};

static const struct health_rule MANAGED_CERTIFICATE[] = {
    HEALTH_EACH("status.domainStatus",
                ".status=FailedNotVisible",
                DEGRADED,
                "At least one certificate has failed to be provisioned"),
    HEALTH_WHEN("status.certificateStatus=Active", HEALTHY, "All certificates are active"),
    HEALTH_ELSE(PROGRESSING, "At least one certificate is still being provisioned"),
};

static const struct health_rule PULUMI_STACK[] = {
    HEALTH_WHEN("status.observedGeneration metadata.generation "
                "status.observedGeneration!=@metadata.generation",
                PROGRESSING,
                "Waiting for the operator to observe the latest spec change"),
    HEALTH_COND(".type=Stalled .status=True", DEGRADED, "{.message}"),
    HEALTH_COND(".type=Reconciling .status=True", PROGRESSING, "{.message}"),
    HEALTH_COND(".type=Ready .status=True", HEALTHY, "{.message}"),
    HEALTH_ELSE(PROGRESSING, "Waiting for the stack to be reconciled"),
};

static const struct health_rule EC2_NODE_CLASS[] = {
    HEALTH_WHEN("%Ready.status=False", DEGRADED, "{%Ready.message}"),
    HEALTH_WHEN("%Ready.status=True", HEALTHY, "EC2NodeClass is ready"),
    HEALTH_COND(".type=SubnetsReady|SecurityGroupsReady|ValidationSucceeded .status=False",
                DEGRADED,
                "{.message}"),
    HEALTH_ELSE(PROGRESSING, "Waiting for EC2NodeClass to be ready"),
};

static const struct health_rule NODE_POOL[] = {
    HEALTH_WHEN("%Ready.status=False", DEGRADED, "{%Ready.message}"),
    HEALTH_WHEN("%Ready.status=True", HEALTHY, "{%Ready.message}"),
    HEALTH_WHEN("%NodeClassReady.status=False", DEGRADED, "{%NodeClassReady.message}"),
    HEALTH_ELSE(PROGRESSING, "Waiting for NodePool to be ready"),
};

static const struct health_rule NODE_CLAIM[] = {
    HEALTH_WHEN("metadata.generation status.observedGeneration "
                "metadata.generation!=@status.observedGeneration",
                PROGRESSING,
                "Waiting for NodeClaim spec to be reconciled"),
    HEALTH_WHEN("%Disrupting.status=True", SUSPENDED, "{%Disrupting.message}"),
    HEALTH_WHEN("%Ready.status=True", HEALTHY, "{%Ready.message}"),
    HEALTH_WHEN("%Ready.status=False", DEGRADED, "{%Ready.message}"),
    HEALTH_WHEN("%Initialized.status=True", PROGRESSING, "Node initialized, waiting for Ready"),
    HEALTH_WHEN(
        "%Registered.status=True", PROGRESSING, "Node registered, waiting for initialization"),
    HEALTH_WHEN("%Launched.status=True", PROGRESSING, "Node launched, waiting for registration"),
    HEALTH_ELSE(PROGRESSING, "Waiting for NodeClaim to be launched"),
};

/* SAP's service operator. */
static const struct health_rule SERVICE_BINDING[] = {
    HEALTH_WHEN("metadata.deletionTimestamp", PROGRESSING, "Resource is being deleted"),
    HEALTH_COND(".observedGeneration metadata.generation "
                ".observedGeneration!=@metadata.generation",
                PROGRESSING,
                "Waiting for spec update to be observed"),
    HEALTH_COND(".type=Succeeded .status=False", DEGRADED, "{.message}"),
    HEALTH_COND(".type=Failed .status=True", DEGRADED, "{.message}"),
    HEALTH_WHEN("status.conditions", HEALTHY, "Ready to use"),
    HEALTH_ELSE(PROGRESSING, "Waiting for status"),
};

static const char IAM_ROLE_TEXT[] =
    "for role '{status.roleName|'<none>'}' with ARN '{status.roleARN|'<none>'}' and ID "
    "'{status.roleID|'<none>'}'.";

static struct health
iam_role(struct arena *arena, const struct value *live, const char *name UNUSED)
{
    AUTO(buf) struct buf text;
    buf_init(&text, HEALTH_MESSAGE_MAX_BYTES);
    if (health_holds(live, NULL, "status.state=Ready")) {
        health_message_put(&text, live, NULL, NULL,
                           "Role '{status.roleName|'<none>'}' exists with ARN "
                           "'{status.roleARN|'<none>'}' and ID '{status.roleID|'<none>'}'.");
        return health_make(HEALTH_STATUS_HEALTHY, buf_to_arena(&text, arena));
    }
    if (!health_holds(live, NULL,
                      "status.state=Error|RolesMaxLimitReached|PolicyNotAllowed|"
                      "RoleNameNotAvailable")) {
        return health_make(HEALTH_STATUS_PROGRESSING, STR("Waiting for Iamrole to be reconciled"));
    }
    buf_put_c(&text, "Failed to reconcile the Iamrole ");
    if (health_holds(live, NULL, "status.retryCount>0")) {
        health_message_put(&text, live, NULL, NULL, "(retry {status.retryCount}) ");
    }
    health_message_put(&text, live, NULL, NULL, IAM_ROLE_TEXT);
    if (health_holds(live, NULL, "status.errorDescription")) {
        health_message_put(&text, live, NULL, NULL,
                           " Reconciliation error was: {status.errorDescription}");
    }
    return health_make(HEALTH_STATUS_DEGRADED, buf_to_arena(&text, arena));
}

static const struct health_kind KINDS[] = {
    {"cloudfront.aws.crossplane.io", "Distribution", .rules = HEALTH_RULES(CLASSIC_AWS),
     .name = "distribution"},
    {"iam.aws.crossplane.io", "Policy", .rules = HEALTH_RULES(CLASSIC_AWS), .name = "Policy"},
    {"iam.aws.crossplane.io", "Role", .rules = HEALTH_RULES(CLASSIC_AWS), .name = "Role"},
    {"iam.aws.crossplane.io", "RolePolicyAttachment", .rules = HEALTH_RULES(CLASSIC_AWS),
     .name = "RolePolicyAttachment"},
    {"rds.aws.crossplane.io", "DBCluster", .rules = HEALTH_RULES(CLASSIC_AWS), .name = "DBCluster"},
    {"rds.aws.crossplane.io", "DBInstance", .rules = HEALTH_RULES(CLASSIC_AWS),
     .name = "DBInstance"},
    {"route53.aws.crossplane.io", "ResourceRecordSet", .rules = HEALTH_RULES(CLASSIC_AWS),
     .name = "resourcrecordset"},
    {"s3.aws.crossplane.io", "Bucket", .rules = HEALTH_RULES(CLASSIC_AWS), .name = "Bucket"},
    {"pkg.crossplane.io", "Provider", .rules = HEALTH_RULES(CROSSPLANE_PROVIDER)},
    {"stacks.crossplane.io", "ClusterStackInstall", .rules = HEALTH_RULES(STACK_INSTALL)},
    {"*.crossplane.io", NULL, .rules = HEALTH_RULES(CROSSPLANE)},
    {"*.upbound.io", NULL, .rules = HEALTH_RULES(UPBOUND)},
    {"*.services.k8s.aws", NULL, .rules = HEALTH_RULES(AWS_CONTROLLERS)},
    {"*.cnrm.cloud.google.com", NULL, .rules = HEALTH_RULES(CONFIG_CONNECTOR)},
    {"networking.gke.io", "ManagedCertificate", .rules = HEALTH_RULES(MANAGED_CERTIFICATE)},
    {"pulumi.com", "Stack", .rules = HEALTH_RULES(PULUMI_STACK)},
    {"karpenter.k8s.aws", "EC2NodeClass", .rules = HEALTH_RULES(EC2_NODE_CLASS)},
    {"karpenter.sh", "NodePool", .rules = HEALTH_RULES(NODE_POOL)},
    {"karpenter.sh", "NodeClaim", .rules = HEALTH_RULES(NODE_CLAIM)},
    {"services.cloud.sap.com", "ServiceBinding", .rules = HEALTH_RULES(SERVICE_BINDING)},
    {"services.cloud.sap.com", "ServiceInstance", .rules = HEALTH_RULES(SERVICE_BINDING)},
    {"iammanager.keikoproj.io", "Iamrole", .fn = iam_role},
};

const struct health_family HEALTH_CRD_CLOUD = {KINDS, ARRAY_LEN(KINDS)};
