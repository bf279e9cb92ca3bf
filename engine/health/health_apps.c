/* Health of apps/v1: Deployment, StatefulSet, DaemonSet, ReplicaSet.
 *
 * The rules and messages are those of `kubectl rollout status`, as Argo CD 3.6 applies them. */
#include <stdbool.h>

#include "engine/health/health_internal.h"

/* The controller has not seen the newest spec. */
static bool is_unobserved(const struct value *live)
{
    return kube_generation(live) > health_status_int(live, "observedGeneration");
}

/* spec.replicas; false when it is not set, as in objects that were never stored. */
static bool spec_replicas(const struct value *live, int64_t *ret)
{
    const struct value *replicas = value_dig(live, "spec", "replicas");
    *ret = value_int(replicas, 0);
    return replicas != NULL;
}

static struct health deployment(struct arena *arena, const struct value *live)
{
    if (value_bool(value_dig(live, "spec", "paused"), false)) {
        return health_make(HEALTH_STATUS_SUSPENDED, STR("Deployment is paused"));
    }
    if (is_unobserved(live)) {
        return health_make(HEALTH_STATUS_PROGRESSING,
                           STR("Waiting for rollout to finish: observed deployment generation less "
                               "then desired generation"));
    }
    if (str_eq_c(value_dig_str(health_condition(live, "Progressing"), "reason"),
                 "ProgressDeadlineExceeded")) {
        return health_printf(arena, HEALTH_STATUS_DEGRADED,
                             "Deployment \"" STR_FMT "\" exceeded its progress deadline",
                             STR_ARG(kube_name(live)));
    }
    int64_t wanted;
    int64_t replicas = health_status_int(live, "replicas");
    int64_t updated = health_status_int(live, "updatedReplicas");
    int64_t available = health_status_int(live, "availableReplicas");
    if (spec_replicas(live, &wanted) && updated < wanted) {
        return health_printf(arena, HEALTH_STATUS_PROGRESSING,
                             "Waiting for rollout to finish: %lld out of %lld new replicas have "
                             "been updated...",
                             (long long)updated, (long long)wanted);
    }
    if (replicas > updated) {
        return health_printf(arena, HEALTH_STATUS_PROGRESSING,
                             "Waiting for rollout to finish: %lld old replicas are pending "
                             "termination...",
                             (long long)(replicas - updated));
    }
    if (available < updated) {
        return health_printf(arena, HEALTH_STATUS_PROGRESSING,
                             "Waiting for rollout to finish: %lld of %lld updated replicas are "
                             "available...",
                             (long long)available, (long long)updated);
    }
    return health_make(HEALTH_STATUS_HEALTHY, STR_EMPTY);
}

/* updateStrategy RollingUpdate with a rollingUpdate block. */
static struct health
stateful_set_partition(struct arena *arena, const struct value *live, int64_t updated)
{
    const struct value *partition =
        value_dig(live, "spec", "updateStrategy", "rollingUpdate", "partition");
    int64_t wanted;
    bool sized = spec_replicas(live, &wanted);
    int64_t share = wanted - value_int(partition, 0);
    if (sized && partition != NULL && updated < share) {
        return health_printf(arena, HEALTH_STATUS_PROGRESSING,
                             "Waiting for partitioned roll out to finish: %lld out of %lld new "
                             "pods have been updated...",
                             (long long)updated, (long long)share);
    }
    return health_printf(arena, HEALTH_STATUS_HEALTHY,
                         "partitioned roll out complete: %lld new pods have been updated...",
                         (long long)updated);
}

static struct health stateful_set(struct arena *arena, const struct value *live)
{
    if (health_status_int(live, "observedGeneration") == 0 || is_unobserved(live)) {
        return health_make(HEALTH_STATUS_PROGRESSING,
                           STR("Waiting for statefulset spec update to be observed..."));
    }
    int64_t wanted;
    int64_t ready = health_status_int(live, "readyReplicas");
    int64_t updated = health_status_int(live, "updatedReplicas");
    if (spec_replicas(live, &wanted) && ready < wanted) {
        return health_printf(arena, HEALTH_STATUS_PROGRESSING,
                             "Waiting for %lld pods to be ready...", (long long)(wanted - ready));
    }
    const struct value *strategy = value_dig(live, "spec", "updateStrategy");
    struct str type = value_dig_str(strategy, "type");
    if (str_eq_c(type, "RollingUpdate") &&
        value_is(value_dig(strategy, "rollingUpdate"), VALUE_MAP)) {
        return stateful_set_partition(arena, live, updated);
    }
    if (str_eq_c(type, "OnDelete")) {
        return health_printf(arena, HEALTH_STATUS_HEALTHY, "statefulset has %lld ready pods",
                             (long long)ready);
    }
    struct str update = value_dig_str(live, "status", "updateRevision");
    struct str current = value_dig_str(live, "status", "currentRevision");
    if (!str_eq(update, current)) {
        return health_printf(arena, HEALTH_STATUS_PROGRESSING,
                             "waiting for statefulset rolling update to complete %lld pods at "
                             "revision " STR_FMT "...",
                             (long long)updated, STR_ARG(update));
    }
    return health_printf(arena, HEALTH_STATUS_HEALTHY,
                         "statefulset rolling update complete %lld pods at revision " STR_FMT "...",
                         (long long)health_status_int(live, "currentReplicas"), STR_ARG(current));
}

static struct health daemon_set(struct arena *arena, const struct value *live)
{
    if (is_unobserved(live)) {
        return health_make(HEALTH_STATUS_PROGRESSING,
                           STR("Waiting for rollout to finish: observed daemon set generation less "
                               "then desired generation"));
    }
    int64_t wanted = health_status_int(live, "desiredNumberScheduled");
    int64_t updated = health_status_int(live, "updatedNumberScheduled");
    int64_t available = health_status_int(live, "numberAvailable");
    struct str name = kube_name(live);
    if (str_eq_c(value_dig_str(live, "spec", "updateStrategy", "type"), "OnDelete")) {
        return health_printf(arena, HEALTH_STATUS_HEALTHY,
                             "daemon set %lld out of %lld new pods have been updated",
                             (long long)updated, (long long)wanted);
    }
    if (updated < wanted) {
        return health_printf(arena, HEALTH_STATUS_PROGRESSING,
                             "Waiting for daemon set \"" STR_FMT
                             "\" rollout to finish: %lld out of "
                             "%lld new pods have been updated...",
                             STR_ARG(name), (long long)updated, (long long)wanted);
    }
    if (available < wanted) {
        return health_printf(arena, HEALTH_STATUS_PROGRESSING,
                             "Waiting for daemon set \"" STR_FMT "\" rollout to finish: %lld of "
                             "%lld updated pods are available...",
                             STR_ARG(name), (long long)available, (long long)wanted);
    }
    return health_make(HEALTH_STATUS_HEALTHY, STR_EMPTY);
}

static struct health replica_set(struct arena *arena, const struct value *live)
{
    if (is_unobserved(live)) {
        return health_make(HEALTH_STATUS_PROGRESSING,
                           STR("Waiting for rollout to finish: observed replica set generation "
                               "less then desired generation"));
    }
    const struct value *failure = health_condition(live, "ReplicaFailure");
    if (str_eq_c(value_dig_str(failure, "status"), "True")) {
        return health_make(HEALTH_STATUS_DEGRADED,
                           arena_str(arena, value_dig_str(failure, "message")));
    }
    int64_t wanted;
    int64_t available = health_status_int(live, "availableReplicas");
    if (spec_replicas(live, &wanted) && available < wanted) {
        return health_printf(arena, HEALTH_STATUS_PROGRESSING,
                             "Waiting for rollout to finish: %lld out of %lld new replicas are "
                             "available...",
                             (long long)available, (long long)wanted);
    }
    return health_make(HEALTH_STATUS_HEALTHY, STR_EMPTY);
}

static const struct health_row ROWS[] = {
    {"apps", "Deployment", "v1", deployment},
    {"apps", "StatefulSet", "v1", stateful_set},
    {"apps", "DaemonSet", "v1", daemon_set},
    {"apps", "ReplicaSet", "v1", replica_set},
};

const struct health_table HEALTH_APPS = {ROWS, ARRAY_LEN(ROWS)};
