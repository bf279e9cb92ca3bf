/* Health of message brokers: Strimzi, Banzai Cloud's Koperator, Confluent, RabbitMQ. */
#include <stdbool.h>

#include "common/value/value.h"
#include "engine/health/health_internal.h"

static const struct health_rule STRIMZI_KAFKA[] = {
    HEALTH_COND(".type=NotReady .status=True .reason!=Creating", DEGRADED, "{.message}"),
    HEALTH_COND(".type=Ready .status=True", HEALTHY, ""),
    HEALTH_ELSE(PROGRESSING, "Waiting for Kafka Cluster"),
};

static const struct health_rule STRIMZI[] = {
    HEALTH_COND(".type=NotReady .status=True", DEGRADED, "{.message}"),
    HEALTH_COND(".type=Ready .status=True", HEALTHY, ""),
    HEALTH_ELSE(PROGRESSING, "Waiting for {$}"),
};

static const struct health_rule CONFLUENT[] = {
    HEALTH_WHEN("status.phase=RUNNING", HEALTHY, "{$} running"),
    HEALTH_WHEN("status.phase=PROVISIONING", PROGRESSING, "{$} provisioning"),
    HEALTH_ELSE(PROGRESSING, "Waiting for {$}"),
};

static const struct health_rule CONFLUENT_CONNECTOR[] = {
    HEALTH_WHEN("status.state=CREATED status.connectorState=RUNNING !status.failedTasksCount",
                HEALTHY,
                "Connector running"),
    HEALTH_WHEN(
        "status.state=ERROR #status.conditions>0", DEGRADED, "{status.conditions[0].message}"),
    HEALTH_WHEN("status.state=ERROR", DEGRADED, "No conditions available"),
    HEALTH_WHEN("status.state status.failedTasksCount>0", DEGRADED, "Connector has failed tasks"),
    HEALTH_ELSE(PROGRESSING, "Waiting for Kafka Connector"),
};

static const struct health_rule KOPERATOR[] = {
    HEALTH_WHEN("status.cruiseControlTopicStatus=CruiseControlTopicReady "
                "status.state=ClusterRunning",
                HEALTHY,
                "Kafka Brokers, CruiseControl and cluster are in Healthy State."),
    HEALTH_WHEN("status.cruiseControlTopicStatus "
                "status.cruiseControlTopicStatus!=CruiseControlTopicNotReady",
                PROGRESSING,
                "Waiting for KafkaCluster"),
    HEALTH_WHEN("status.state=ClusterReconciling", PROGRESSING, "Kafka Cluster is Reconciling."),
    HEALTH_WHEN(
        "status.state=ClusterRollingUpgrading", PROGRESSING, "Kafka Cluster is Rolling Upgrading."),
    HEALTH_ELSE(PROGRESSING, "Waiting for KafkaCluster"),
};

static bool koperator_brokers_in_sync(const struct value *brokers)
{
    VALUE_MAP_FOREACH(brokers, broker)
    {
        if (!health_holds(
                NULL, &broker->value,
                ".configurationState=ConfigInSync .gracefulActionState.cruiseControlState="
                "GracefulUpscaleSucceeded|GracefulDownscaleSucceeded")) {
            return false;
        }
    }
    return true;
}

static struct health koperator(struct arena *arena, const struct value *live, const char *name)
{
    const struct health_rules rules = HEALTH_RULES(KOPERATOR);
    const struct value *brokers = value_dig(live, "status", "brokersState");
    if (health_holds(live, NULL, "status.state=ClusterRollingUpgrading")) {
        return health_make(HEALTH_STATUS_PROGRESSING, STR("Kafka Cluster is Rolling Upgrading."));
    }
    if (brokers == NULL) {
        return health_make(HEALTH_STATUS_PROGRESSING, STR("Waiting for KafkaCluster"));
    }
    if (!koperator_brokers_in_sync(brokers)) {
        return health_make(HEALTH_STATUS_DEGRADED,
                           STR("Broker Config is out of Sync or CruiseControlState is not Ready"));
    }
    return health_rules_run(arena, rules, name, live);
}

static const struct health_rule RABBITMQ_CLUSTER[] = {
    HEALTH_WHEN("%ReconcileSuccess.status=False", DEGRADED, "{%ReconcileSuccess.message}"),
    HEALTH_WHEN("%ClusterAvailable.status=Unknown",
                PROGRESSING,
                "Waiting for RabbitMQ cluster readiness (conditions unknown)"),
    HEALTH_WHEN("%AllReplicasReady.status=Unknown",
                PROGRESSING,
                "Waiting for RabbitMQ cluster readiness (conditions unknown)"),
    HEALTH_WHEN("%AllReplicasReady.status=False %AllReplicasReady.reason=ScaledToZero "
                "spec.replicas=0",
                SUSPENDED,
                "RabbitmqCluster is scaled to 0 replicas"),
    HEALTH_WHEN(
        "%ClusterAvailable.status=False", PROGRESSING, "Waiting for RabbitMQ cluster formation"),
    HEALTH_WHEN(
        "%AllReplicasReady.status=False", PROGRESSING, "Waiting for RabbitMQ instances ready"),
    HEALTH_WHEN("%ClusterAvailable.status=True %AllReplicasReady.status=True",
                HEALTHY,
                "RabbitMQ cluster ready"),
    HEALTH_ELSE(PROGRESSING, "Waiting for RabbitMQ Operator"),
};

static const struct health_rule RABBITMQ_OBJECT[] = {
    HEALTH_COND(
        ".type=Ready .status=True .reason=SuccessfulCreateOrUpdate", HEALTHY, "RabbitMQ {$} ready"),
    HEALTH_COND(".type=Ready .status=False .reason=FailedCreateOrUpdate",
                DEGRADED,
                "RabbitMQ {$} failed to be created or updated"),
    HEALTH_ELSE(UNKNOWN, "RabbitMQ {$} status is unknown"),
};

static const struct health_kind KINDS[] = {
    {"kafka.strimzi.io", "Kafka", .rules = HEALTH_RULES(STRIMZI_KAFKA)},
    {"kafka.strimzi.io", "KafkaBridge", .rules = HEALTH_RULES(STRIMZI), .name = "KafkaBridge"},
    {"kafka.strimzi.io", "KafkaConnect", .rules = HEALTH_RULES(STRIMZI), .name = "Kafka Connect"},
    {"kafka.strimzi.io", "KafkaConnector", .rules = HEALTH_RULES(STRIMZI),
     .name = "KafkaConnector"},
    {"kafka.strimzi.io", "KafkaMirrorMaker2", .rules = HEALTH_RULES(STRIMZI),
     .name = "KafkaMirrorMaker2"},
    {"kafka.strimzi.io", "KafkaTopic", .rules = HEALTH_RULES(STRIMZI), .name = "Kafka Topic"},
    {"kafka.strimzi.io", "KafkaUser", .rules = HEALTH_RULES(STRIMZI), .name = "Kafka User"},
    {"platform.confluent.io", "Connect", .rules = HEALTH_RULES(CONFLUENT), .name = "Connect"},
    {"platform.confluent.io", "ControlCenter", .rules = HEALTH_RULES(CONFLUENT),
     .name = "ControlCenter"},
    {"platform.confluent.io", "Kafka", .rules = HEALTH_RULES(CONFLUENT), .name = "Kafka"},
    {"platform.confluent.io", "KsqlDB", .rules = HEALTH_RULES(CONFLUENT), .name = "KsqlDB"},
    {"platform.confluent.io", "SchemaRegistry", .rules = HEALTH_RULES(CONFLUENT),
     .name = "SchemaRegistry"},
    {"platform.confluent.io", "Zookeeper", .rules = HEALTH_RULES(CONFLUENT), .name = "Zookeeper"},
    {"platform.confluent.io", "Connector", .rules = HEALTH_RULES(CONFLUENT_CONNECTOR)},
    {"kafka.banzaicloud.io", "KafkaCluster", .fn = koperator},
    {"rabbitmq.com", "RabbitmqCluster", .rules = HEALTH_RULES(RABBITMQ_CLUSTER)},
    {"rabbitmq.com", "Binding", .rules = HEALTH_RULES(RABBITMQ_OBJECT), .name = "binding"},
    {"rabbitmq.com", "Exchange", .rules = HEALTH_RULES(RABBITMQ_OBJECT), .name = "exchange"},
    {"rabbitmq.com", "Permission", .rules = HEALTH_RULES(RABBITMQ_OBJECT), .name = "permission"},
    {"rabbitmq.com", "Policy", .rules = HEALTH_RULES(RABBITMQ_OBJECT), .name = "policy"},
    {"rabbitmq.com", "Queue", .rules = HEALTH_RULES(RABBITMQ_OBJECT), .name = "queue"},
    {"rabbitmq.com", "Shovel", .rules = HEALTH_RULES(RABBITMQ_OBJECT), .name = "shovel"},
    {"rabbitmq.com", "User", .rules = HEALTH_RULES(RABBITMQ_OBJECT), .name = "user"},
    {"rabbitmq.com", "Vhost", .rules = HEALTH_RULES(RABBITMQ_OBJECT), .name = "vhost"},
};

const struct health_family HEALTH_CRD_KAFKA = {KINDS, ARRAY_LEN(KINDS)};
