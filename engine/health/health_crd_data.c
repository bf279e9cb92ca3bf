/* Health of databases, search engines, object stores and what processes data. */
#include <stdbool.h>

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/num.h"
#include "common/value/value.h"
#include "engine/health/health_internal.h"

/* ---- MariaDB ---- */

/* Everything must be as its last condition says unless one is False. */
static const struct health_rule MARIADB[] = {
    HEALTH_WHEN("!status.conditions", PROGRESSING, "No status info available"),
    HEALTH_COND(".status=False .reason=Failed", DEGRADED, "{.message}"),
    HEALTH_COND(".status=False", PROGRESSING, "{.message}"),
    HEALTH_ELSE(HEALTHY, "{status.conditions[-1].message}"),
};

static const struct health_rule MARIADB_BACKUP[] = {
    HEALTH_WHEN("!status.conditions", PROGRESSING, "No status info available"),
    HEALTH_COND(
        ".status=False .reason=CronJobScheduled .message=Failed", DEGRADED, "{.reason} {.message}"),
    HEALTH_COND(".status=False", PROGRESSING, "{.reason} {.message}"),
    HEALTH_ELSE(HEALTHY, "{status.conditions[-1].reason} {status.conditions[-1].message}"),
};

static const struct health_rule MARIADB_SQL_JOB[] = {
    HEALTH_COND(".reason=JobComplete .status=True", HEALTHY, "{.reason} {.message}"),
    HEALTH_COND(".reason=JobFailed .status=True", DEGRADED, "{.reason} {.message}"),
    HEALTH_WHEN("#status.conditions>0",
                PROGRESSING,
                "{status.conditions[-1].reason} {status.conditions[-1].message}"),
    HEALTH_ELSE(PROGRESSING, "No status info available"),
};

static const struct health_rule MARIADB_OBJECT[] = {
    HEALTH_COND(".type=Ready .status=True", HEALTHY, "{.message}"),
    HEALTH_COND(".type=Ready", DEGRADED, "{.message}"),
    HEALTH_WHEN("#status.conditions>0", PROGRESSING, "{status.conditions[-1].message}"),
    HEALTH_ELSE(PROGRESSING, "No status info available"),
};

/* ---- CloudNativePG: the phase is a sentence ---- */

static const struct health_rule CNPG_CLUSTER[] = {
    HEALTH_WHEN("metadata.annotations.'cnpg.io/reconciliation'=disabled",
                SUSPENDED,
                "Cluster reconciliation is suspended"),
    HEALTH_WHEN("!status.conditions", PROGRESSING, "{status.phaseReason}"),
    HEALTH_WHEN(
        "%'cnpg.io/hibernation'.status=True", SUSPENDED, "{%'cnpg.io/hibernation'.message}"),
    HEALTH_WHEN("%'cnpg.io/hibernation'", DEGRADED, "{%'cnpg.io/hibernation'.message}"),
    HEALTH_WHEN("status.phase='Cluster in healthy state'", HEALTHY, "{status.phaseReason}"),
    HEALTH_WHEN("status.phase='Setting up primary'|'Creating a new replica'|'Upgrading cluster'|"
                "'Waiting for the instances to become active'|'Promoting to primary cluster'",
                PROGRESSING,
                "{status.phaseReason}"),
    HEALTH_WHEN("status.phase='Switchover in progress'|'Failing over'|"
                "'Upgrading Postgres major version'|'Cluster upgrade delayed'|"
                "'Waiting for user action'|'Primary instance is being restarted in-place'|"
                "'Primary instance is being restarted without a switchover'|"
                "'Cluster cannot execute instance online upgrade due to missing architecture "
                "binary'|'Online upgrade in progress'|'Applying configuration'",
                DEGRADED,
                "{status.phaseReason}"),
    HEALTH_WHEN("status.phase='Unable to create required cluster objects'|"
                "'Cluster cannot proceed to reconciliation due to an unknown plugin being "
                "required'|'Cluster has incomplete or invalid image catalog'|"
                "'Cluster is unrecoverable and needs manual intervention'",
                SUSPENDED,
                "{status.phaseReason}"),
    HEALTH_ELSE(UNKNOWN, "{status.phaseReason}"),
};

static const struct health_rule ZALANDO_POSTGRESQL[] = {
    HEALTH_WHEN(
        "!status.PostgresClusterStatus", PROGRESSING, "Waiting for postgres cluster status..."),
    HEALTH_WHEN("status.PostgresClusterStatus=Running", HEALTHY, "{status.PostgresClusterStatus}"),
    HEALTH_WHEN("status.PostgresClusterStatus=Creating|Updating",
                PROGRESSING,
                "{status.PostgresClusterStatus}"),
    HEALTH_ELSE(DEGRADED, "{status.PostgresClusterStatus}"),
};

/* ---- Percona ---- */

#define PERCONA_NODES "{status.ready}/{status.size} node(s) are ready"

static const struct health_rule PERCONA_MONGODB[] = {
    HEALTH_WHEN("!status", UNKNOWN, "Cluster status is unknown"),
    HEALTH_WHEN("status.state=initializing|stopping", PROGRESSING, PERCONA_NODES),
    HEALTH_WHEN("status.state=ready", HEALTHY, PERCONA_NODES),
    HEALTH_WHEN("status.state=error", DEGRADED, PERCONA_NODES),
    HEALTH_WHEN("status.state=paused", SUSPENDED, PERCONA_NODES),
    HEALTH_ELSE(UNKNOWN, PERCONA_NODES),
};

static const struct health_rule PERCONA_XTRADB[] = {
    HEALTH_WHEN("status.state=initializing", PROGRESSING, PERCONA_NODES),
    HEALTH_WHEN("status.state=ready", HEALTHY, PERCONA_NODES),
    HEALTH_WHEN("status.state=paused", UNKNOWN, "Cluster is paused"),
    HEALTH_WHEN("status.state=stopping", DEGRADED, "Cluster is stopping (" PERCONA_NODES ")"),
    HEALTH_WHEN("status.state=error", DEGRADED, "Cluster is on error: {status.message}"),
    HEALTH_ELSE(UNKNOWN,
                "Cluster status is unknown. Ensure your ArgoCD is current and then check for/file "
                "a bug report: https://github.com/argoproj/argo-cd/issues"),
};

/* ---- ClickHouse, Atlas, Solr, ZooKeeper, Cassandra ---- */

static const struct health_rule CLICKHOUSE[] = {
    HEALTH_WHEN("!status.status", PROGRESSING, "{$} status not yet available"),
    HEALTH_WHEN("status.status=Completed", HEALTHY, "{$} installation completed successfully"),
    HEALTH_WHEN("status.status=InProgress", PROGRESSING, "{$} installation in progress"),
    HEALTH_ELSE(DEGRADED, "{$} status: {status.status}"),
};

static const struct health_rule ATLAS_SCHEMA[] = {
    HEALTH_WHEN("!%Ready", PROGRESSING, "Waiting for Atlas Operator"),
    HEALTH_WHEN("%Ready.status=True", HEALTHY, "{%Ready.reason}"),
    HEALTH_WHEN("%Ready.message=Reconciling|GettingDevDB", PROGRESSING, "{%Ready.reason}"),
    HEALTH_ELSE(DEGRADED, "{%Ready.reason}"),
};

static const struct health_rule ATLAS_MIGRATION[] = {
    HEALTH_WHEN("!%Ready", PROGRESSING, "Waiting for Atlas Operator"),
    HEALTH_WHEN("%Ready.status=True", HEALTHY, "{%Ready.reason}"),
    HEALTH_WHEN("%Ready.reason=Reconciling", PROGRESSING, "{%Ready.reason}"),
    HEALTH_ELSE(DEGRADED, "{%Ready.reason}"),
};

static const struct health_rule SOLR_CLOUD[] = {
    HEALTH_WHEN("!status.solrNodes", PROGRESSING, "Waiting for solr to exist"),
    HEALTH_EACH("status.solrNodes", ".ready!=true", PROGRESSING, "Not all replicas are ready"),
    HEALTH_ELSE(HEALTHY, "Solr is ready"),
};

static const struct health_rule ZOOKEEPER_CLUSTER[] = {
    HEALTH_WHEN("status status.readyReplicas!=0 status.readyReplicas=@status.replicas",
                HEALTHY,
                "All ZK Nodes have joined the ensemble"),
    HEALTH_ELSE(PROGRESSING, "Waiting for ZK Nodes to join the ensemble"),
};

static const struct health_rule CASSANDRA_CLUSTER[] = {
    HEALTH_WHEN("!status.racks", PROGRESSING, "Waiting for Cassandra Cluster"),
    HEALTH_EACH("status.racks",
                ".members .readyMembers .members!=@.readyMembers",
                PROGRESSING,
                "Waiting for Cassandra Cluster"),
    HEALTH_ELSE(HEALTHY, ""),
};

/* ---- Elastic ---- */

#define ELASTIC_REPORT                                                                         \
    " status is unknown. Ensure your ArgoCD is current and then check for/file a bug report: " \
    "https://github.com/argoproj/argo-cd/issues"

static const struct health_rule ELASTIC_BEAT[] = {
    HEALTH_WHEN("!status.health !status.expectedNodes", UNKNOWN, "Elastic Beat" ELASTIC_REPORT),
    HEALTH_WHEN("status.health=red", DEGRADED, "Elastic Beat status is Red"),
    HEALTH_WHEN("status.health=green", HEALTHY, "Elastic Beat status is Green"),
    HEALTH_WHEN("status.health=yellow status.availableNodes status.expectedNodes",
                PROGRESSING,
                "Elastic Beat status is deploying, there is {status.availableNodes} instance(s) "
                "on {status.expectedNodes} expected"),
    HEALTH_WHEN("status.health=yellow", PROGRESSING, "Elastic Beat phase is progressing"),
    HEALTH_WHEN("!status.health", PROGRESSING, "Elastic Beat phase is progressing"),
    HEALTH_ELSE(UNKNOWN, "Elastic Beat" ELASTIC_REPORT),
};

static const struct health_rule ELASTIC_LOGSTASH[] = {
    HEALTH_WHEN("status.health=green", HEALTHY, "Logstash status is Green"),
    HEALTH_WHEN("status.health=yellow", PROGRESSING, "Logstash status is Yellow"),
    HEALTH_WHEN("status.health=red", DEGRADED, "Logstash status is Red"),
    HEALTH_ELSE(UNKNOWN, "Logstash" ELASTIC_REPORT),
};

#define ELASTIC_CHECK "Check the status of indices, replicas and shards"

static const struct health_rule ELASTICSEARCH_FULL[] = {
    HEALTH_WHEN(
        "status.phase=Ready status.health=green", HEALTHY, "Elasticsearch Cluster status is Green"),
    HEALTH_WHEN("status.phase=Ready status.health=yellow",
                PROGRESSING,
                "Elasticsearch Cluster status is Yellow. " ELASTIC_CHECK),
    HEALTH_WHEN("status.phase=Ready status.health=red",
                DEGRADED,
                "Elasticsearch Cluster status is Red. " ELASTIC_CHECK),
    HEALTH_WHEN("status.health status.phase=ApplyingChanges|MigratingData",
                PROGRESSING,
                "Elasticsearch phase is {status.phase}"),
    HEALTH_WHEN("status.health status.phase=Invalid", DEGRADED, "Elasticsearch phase is Invalid"),
    HEALTH_ELSE(UNKNOWN, "Elasticsearch Cluster" ELASTIC_REPORT),
};

static struct health elasticsearch(struct arena *arena, const struct value *live, const char *name)
{
    const struct health_rules full = HEALTH_RULES(ELASTICSEARCH_FULL);
    const struct value *available = value_dig(live, "status", "availableNodes");
    int64_t wanted = 0;
    VALUE_FOREACH(value_dig(live, "spec", "nodeSets"), set) {
        int64_t count = value_int(value_find(set, STR("count")), 0);
        wanted += MAX(MIN(count, INT32_MAX), 0);
    }
    if (available != NULL && value_int(available, 0) < wanted) {
        return health_printf(arena, HEALTH_STATUS_PROGRESSING,
                             "The desired amount of availableNodes is %lld but the current "
                             "amount is %lld",
                             (long long)wanted, (long long)value_int(available, 0));
    }
    if (available == NULL || value_int(available, 0) != wanted) {
        return health_make(HEALTH_STATUS_UNKNOWN, STR("Elasticsearch Cluster" ELASTIC_REPORT));
    }
    return health_rules_run(arena, full, name, live);
}

/* ---- storage ---- */

static const struct health_rule MINIO_TENANT[] = {
    HEALTH_WHEN("!status.currentState", PROGRESSING, "No status info available"),
    HEALTH_WHEN("status.currentState=Initialized", HEALTHY, "{status.currentState}"),
    HEALTH_WHEN("status.currentState='Statefulset not controlled by operator'|"
                "'Another MinIO Tenant already exists in the namespace'|"
                "'Tenant credentials are not set properly'|"
                "'Different versions across MinIO Pools'|'Pool Decommissioning Not Allowed'",
                DEGRADED,
                "{status.currentState}"),
    HEALTH_ELSE(PROGRESSING, "{status.currentState}"),
};

static const struct health_rule OBJECT_BUCKET_CLAIM[] = {
    HEALTH_WHEN("!status", PROGRESSING, "Waiting for status to be reported"),
    HEALTH_WHEN("!status.phase", PROGRESSING, "Waiting for phase to be reported"),
    HEALTH_WHEN("status.phase=Bound", HEALTHY, "Object bucket claim phase is {status.phase}"),
    HEALTH_WHEN("status.phase=Failed", DEGRADED, "Object bucket claim phase is {status.phase}"),
    HEALTH_ELSE(PROGRESSING, "Object bucket claim phase is {status.phase}"),
};

static const struct health_rule STORAGE_CLUSTER[] = {
    HEALTH_WHEN("%Degraded.status=True", DEGRADED, "{%Degraded.message}"),
    HEALTH_WHEN("%Progressing.status=True", PROGRESSING, "{%Progressing.message}"),
    HEALTH_COND(".type=Upgradeable|Available .status=True", HEALTHY, "{.message}"),
    HEALTH_ELSE(PROGRESSING,
                "StorageCluster is still being initialized or is in an unknown state."),
};

static const struct health_rule TRIDENT_BACKEND[] = {
    HEALTH_WHEN(
        "status.phase=Bound status.lastOperationStatus=Success", HEALTHY, "{status.message}"),
    HEALTH_WHEN("status.lastOperationStatus=Failed", DEGRADED, "{status.message}"),
    HEALTH_ELSE(PROGRESSING, "Waiting for backend creation"),
};

static const struct health_rule TRIDENT_ORCHESTRATOR[] = {
    HEALTH_WHEN("status.status=Installed", HEALTHY, "{status.message}"),
    HEALTH_WHEN("status.status=Error|Failed", DEGRADED, "{status.message}"),
    HEALTH_ELSE(PROGRESSING, "Waiting for trident installation"),
};

static void put_part(struct buf *out, struct str part)
{
    if (part.n > 0) {
        buf_put_c(out, out->n > 0 ? " - " : "");
        buf_put(out, part);
    }
}

/* " (first detail; second detail)", in the order of the details' names. */
static struct str ceph_details(struct arena *arena, const struct value *details)
{
    AUTO(buf) struct buf text;
    buf_init(&text, HEALTH_MESSAGE_MAX_BYTES);
    const struct value_entry *last = NULL;
    for (size_t i = 0; i < MIN(value_len(details), (size_t)HEALTH_DETAILS_MAX); i++) {
        const struct value_entry *next = NULL;
        VALUE_MAP_FOREACH(details, e)
        {
            bool is_after = last == NULL || str_cmp(e->key, last->key) > 0;
            if (is_after && (next == NULL || str_cmp(e->key, next->key) < 0)) {
                next = e;
            }
        }
        last = next;
        if (next != NULL && value_find(&next->value, STR("message")) != NULL) {
            buf_put_c(&text, text.n == 0 ? " (" : "; ");
            buf_put(&text, value_dig_str(&next->value, "message"));
        }
    }
    buf_put_c(&text, text.n > 0 ? ")" : "");
    return buf_to_arena(&text, arena);
}

static enum health_status ceph_status(const struct value *live)
{
    struct str health = value_dig_str(live, "status", "ceph", "health");
    if (str_eq_c(health, "HEALTH_ERR") || str_eq_c(health, "HEALTH_WARN")) {
        return HEALTH_STATUS_DEGRADED;
    }
    return str_eq_c(health, "HEALTH_OK") ? HEALTH_STATUS_HEALTHY : HEALTH_STATUS_PROGRESSING;
}

static struct health
ceph_cluster(struct arena *arena, const struct value *live, const char *name UNUSED)
{
    AUTO(buf) struct buf text;
    buf_init(&text, HEALTH_MESSAGE_MAX_BYTES);
    enum health_status status = ceph_status(live);
    struct str health = value_dig_str(live, "status", "ceph", "health");
    struct str state = value_dig_str(live, "status", "state");
    if (value_dig(live, "status") == NULL) {
        return health_make(HEALTH_STATUS_PROGRESSING, STR("Waiting for status to be reported"));
    }
    if (health.n > 0) {
        buf_put_c(&text, "Ceph health is ");
        buf_put(&text, health);
        buf_put(&text, ceph_details(arena, value_dig(live, "status", "ceph", "details")));
    }
    if (state.n > 0 && status == HEALTH_STATUS_HEALTHY) {
        put_part(&text, arena_printf(arena, "Ceph cluster state is " STR_FMT, STR_ARG(state)));
        bool is_up = str_eq_c(state, "Created") || str_eq_c(state, "Connected");
        bool is_error = str_eq_c(state, "Error");
        status = is_up      ? HEALTH_STATUS_HEALTHY
                 : is_error ? HEALTH_STATUS_DEGRADED
                            : HEALTH_STATUS_PROGRESSING;
    }
    put_part(&text, value_dig_str(live, "status", "message"));
    return health_make(status, buf_to_arena(&text, arena));
}

static struct health
ceph_object_store(struct arena *arena, const struct value *live, const char *name UNUSED)
{
    AUTO(buf) struct buf text;
    buf_init(&text, HEALTH_MESSAGE_MAX_BYTES);
    struct str phase = value_dig_str(live, "status", "phase");
    struct str endpoint = value_dig_str(live, "status", "info", "endpoint");
    health_message_put(&text, live, NULL, NULL,
                       phase.n > 0 ? "Ceph object store phase is {status.phase}"
                                   : "Waiting for status to be reported");
    if (endpoint.n > 0) {
        health_message_put(&text, live, NULL, NULL, " - endpoint: {status.info.endpoint}");
    }
    enum health_status status = str_eq_c(phase, "Ready")     ? HEALTH_STATUS_HEALTHY
                                : str_eq_c(phase, "Failure") ? HEALTH_STATUS_DEGRADED
                                                             : HEALTH_STATUS_PROGRESSING;
    return health_make(status, buf_to_arena(&text, arena));
}

/* ---- processing ---- */

static const struct health_rule FLINK_DEPLOYMENT[] = {
    HEALTH_WHEN("status.reconciliationStatus.success=true", HEALTHY, ""),
    HEALTH_WHEN("status.reconciliationStatus.state=DEPLOYED", HEALTHY, ""),
    HEALTH_WHEN("status.reconciliationStatus "
                "status.jobManagerDeploymentStatus=DEPLOYED_NOT_READY|DEPLOYING",
                PROGRESSING,
                "Waiting for deploying"),
    HEALTH_WHEN("status.reconciliationStatus status.jobManagerDeploymentStatus=ERROR",
                DEGRADED,
                "{status.reconciliationStatus.error}"),
    HEALTH_ELSE(PROGRESSING, "Waiting for Flink operator"),
};

#define SPARK_STATE "status.applicationState.state="
#define SPARK_ERROR "{status.applicationState.errorMessage}"

static const struct health_rule SPARK_APPLICATION[] = {
    HEALTH_WHEN("status.applicationState.state=''",
                PROGRESSING,
                "SparkApplication was added, enqueuing it for submission"),
    HEALTH_WHEN(
        SPARK_STATE "SUBMITTED", PROGRESSING, "SparkApplication was submitted successfully"),
    HEALTH_WHEN(SPARK_STATE "COMPLETED", HEALTHY, "SparkApplication was Completed"),
    HEALTH_WHEN(SPARK_STATE "FAILED|SUBMISSION_FAILED|FAILING", DEGRADED, SPARK_ERROR),
    HEALTH_WHEN(SPARK_STATE "PENDING_RERUN", PROGRESSING, "SparkApplication is Pending Rerun"),
    HEALTH_WHEN(SPARK_STATE "INVALIDATING", MISSING, "SparkApplication is in InvalidatingState"),
    HEALTH_WHEN(SPARK_STATE "SUCCEEDING",
                PROGRESSING,
                "The driver pod has been completed successfully. The executor pods terminate and "
                "are cleaned up. Under this circumstances, we assume the executor pod are "
                "completed."),
    HEALTH_WHEN(SPARK_STATE "UNKNOWN",
                PROGRESSING,
                "SparkApplication is in UnknownState because either driver pod or one or all "
                "executor pods in unknown state"),
    HEALTH_ELSE(PROGRESSING, "Waiting for Executor pods"),
};

struct spark_range {
    int64_t least;
    int64_t most;
};

/* sparkConf's "<prefix>.enabled", ".minExecutors", ".maxExecutors", which are texts. */
static bool spark_conf_range(const struct value *conf, const char *prefix, struct spark_range *ret)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct str enabled = value_str(value_find(conf, arena_printf(arena, "%s.enabled", prefix)));
    struct str least = value_str(value_find(conf, arena_printf(arena, "%s.minExecutors", prefix)));
    struct str most = value_str(value_find(conf, arena_printf(arena, "%s.maxExecutors", prefix)));
    ret->least = least.n > 0 ? num_nearest_int(least) : 0;
    ret->most = most.n > 0 ? num_nearest_int(most) : INT64_MAX;
    return str_eq_c(enabled, "true");
}

/* How many executors dynamic allocation may have; false = there is none. */
static bool spark_range(const struct value *live, struct spark_range *ret)
{
    const struct value *dynamic = value_dig(live, "spec", "dynamicAllocation");
    const struct value *conf = value_dig(live, "spec", "sparkConf");
    if (value_bool(value_find(dynamic, STR("enabled")), false)) {
        ret->least = value_int(value_find(dynamic, STR("minExecutors")), 0);
        ret->most = value_int(value_find(dynamic, STR("maxExecutors")), INT64_MAX);
        return true;
    }
    return spark_conf_range(conf, "spark.streaming.dynamicAllocation", ret) ||
           spark_conf_range(conf, "spark.dynamicAllocation", ret);
}

/* As many as are asked for, or as dynamic allocation allows; any when nothing is said. */
static bool spark_executors_run(const struct value *live)
{
    int64_t running = 0;
    struct spark_range range;
    const struct value *wanted = value_dig(live, "spec", "executor", "instances");
    const struct value *states = value_dig(live, "status", "executorState");
    VALUE_MAP_FOREACH(states, executor)
    {
        running += str_eq_c(value_str(&executor->value), "RUNNING");
    }
    if (states == NULL) {
        return false;
    }
    if (wanted != NULL && value_int(wanted, -1) == running) {
        return true;
    }
    if (spark_range(live, &range)) {
        return running >= range.least && running <= range.most;
    }
    return wanted == NULL && value_dig(live, "spec", "dynamicAllocation") == NULL && running >= 1;
}

static struct health
spark_application(struct arena *arena, const struct value *live, const char *name)
{
    const struct health_rules rules = HEALTH_RULES(SPARK_APPLICATION);
    if (health_holds(live, NULL, SPARK_STATE "RUNNING") && spark_executors_run(live)) {
        return health_make(HEALTH_STATUS_HEALTHY, STR("SparkApplication is Running"));
    }
    return health_rules_run(arena, rules, name, live);
}

static const struct health_kind KINDS[] = {
    {"k8s.mariadb.com", "MariaDB", .rules = HEALTH_RULES(MARIADB)},
    {"k8s.mariadb.com", "Backup", .rules = HEALTH_RULES(MARIADB_BACKUP)},
    {"k8s.mariadb.com", "Database", .rules = HEALTH_RULES(MARIADB_OBJECT)},
    {"k8s.mariadb.com", "Grant", .rules = HEALTH_RULES(MARIADB_OBJECT)},
    {"k8s.mariadb.com", "User", .rules = HEALTH_RULES(MARIADB_OBJECT)},
    {"k8s.mariadb.com", "SqlJob", .rules = HEALTH_RULES(MARIADB_SQL_JOB)},
    {"mariadb.mmontes.io", "MariaDB", .rules = HEALTH_RULES(MARIADB)},
    {"postgresql.cnpg.io", "Cluster", .rules = HEALTH_RULES(CNPG_CLUSTER)},
    {"acid.zalan.do", "postgresql", .rules = HEALTH_RULES(ZALANDO_POSTGRESQL)},
    {"psmdb.percona.com", "PerconaServerMongoDB", .rules = HEALTH_RULES(PERCONA_MONGODB)},
    {"pxc.percona.com", "PerconaXtraDBCluster", .rules = HEALTH_RULES(PERCONA_XTRADB)},
    {"clickhouse.altinity.com", "ClickHouseInstallation", .rules = HEALTH_RULES(CLICKHOUSE),
     .name = "ClickHouse"},
    {"clickhouse-keeper.altinity.com", "ClickHouseKeeperInstallation",
     .rules = HEALTH_RULES(CLICKHOUSE), .name = "ClickHouseKeeper"},
    {"db.atlasgo.io", "AtlasSchema", .rules = HEALTH_RULES(ATLAS_SCHEMA)},
    {"db.atlasgo.io", "AtlasMigration", .rules = HEALTH_RULES(ATLAS_MIGRATION)},
    {"solr.apache.org", "SolrCloud", .rules = HEALTH_RULES(SOLR_CLOUD)},
    {"zookeeper.pravega.io", "ZookeeperCluster", .rules = HEALTH_RULES(ZOOKEEPER_CLUSTER)},
    {"cassandra.rook.io", "Cluster", .rules = HEALTH_RULES(CASSANDRA_CLUSTER)},
    {"beat.k8s.elastic.co", "Beat", .rules = HEALTH_RULES(ELASTIC_BEAT)},
    {"logstash.k8s.elastic.co", "Logstash", .rules = HEALTH_RULES(ELASTIC_LOGSTASH)},
    {"elasticsearch.k8s.elastic.co", "Elasticsearch", .fn = elasticsearch},
    {"minio.min.io", "Tenant", .rules = HEALTH_RULES(MINIO_TENANT)},
    {"objectbucket.io", "ObjectBucketClaim", .rules = HEALTH_RULES(OBJECT_BUCKET_CLAIM)},
    {"ocs.openshift.io", "StorageCluster", .rules = HEALTH_RULES(STORAGE_CLUSTER)},
    {"trident.netapp.io", "TridentBackendConfig", .rules = HEALTH_RULES(TRIDENT_BACKEND)},
    {"trident.netapp.io", "TridentOrchestrator", .rules = HEALTH_RULES(TRIDENT_ORCHESTRATOR)},
    {"ceph.rook.io", "CephCluster", .fn = ceph_cluster},
    {"ceph.rook.io", "CephObjectStore", .fn = ceph_object_store},
    {"flink.apache.org", "FlinkDeployment", .rules = HEALTH_RULES(FLINK_DEPLOYMENT)},
    {"sparkoperator.k8s.io", "SparkApplication", .fn = spark_application},
};

const struct health_family HEALTH_CRD_DATA = {KINDS, ARRAY_LEN(KINDS)};
