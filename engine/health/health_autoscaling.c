/* Health of HorizontalPodAutoscaler, whose conditions are in the status from v2beta1 on and in an
 * annotation in v1. */
#include <stdbool.h>

#include "common/base/arena.h"
#include "common/value/value_json.h"
#include "engine/health/health_internal.h"

#define CONDITIONS_ANNOTATION "autoscaling.alpha.kubernetes.io/conditions"

struct fault {
    const char *type;
    const char *reason;
};

static const struct fault FAULTS[] = {
    {"AbleToScale", "FailedGetScale"},
    {"AbleToScale", "FailedUpdateScale"},
    {"ScalingActive", "FailedGetResourceMetric"},
    {"ScalingActive", "FailedGetObjectMetric"},
    {"ScalingActive", "FailedGetPodsMetric"},
    {"ScalingActive", "FailedGetExternalMetric"},
    {"ScalingActive", "FailedComputeMetricsReplicas"},
    {"ScalingActive", "InvalidSelector"},
};

static bool is_degraded(struct str type, struct str reason)
{
    for (size_t i = 0; i < ARRAY_LEN(FAULTS); i++) {
        if (str_eq_c(type, FAULTS[i].type) && str_eq_c(reason, FAULTS[i].reason)) {
            return true;
        }
    }
    return false;
}

static bool is_healthy(struct str type, struct str status)
{
    return str_eq_c(status, "True") &&
           (str_eq_c(type, "AbleToScale") || str_eq_c(type, "ScalingLimited"));
}

/* Failures of any condition come before successes of others. */
static struct health of_conditions(struct arena *arena, const struct value *conditions)
{
    const struct value *healthy = NULL;
    VALUE_FOREACH(conditions, c) {
        struct str type = value_dig_str(c, "type");
        if (is_degraded(type, value_dig_str(c, "reason"))) {
            return health_make(HEALTH_STATUS_DEGRADED,
                               arena_str(arena, value_dig_str(c, "message")));
        }
        if (healthy == NULL && is_healthy(type, value_dig_str(c, "status"))) {
            healthy = c;
        }
    }
    if (healthy != NULL) {
        return health_make(HEALTH_STATUS_HEALTHY,
                           arena_str(arena, value_dig_str(healthy, "message")));
    }
    return health_make(HEALTH_STATUS_PROGRESSING, STR("Waiting to Autoscale"));
}

static struct health horizontal_pod_autoscaler(struct arena *arena, const struct value *live)
{
    if (!str_eq_c(kube_gvk_of(live).version, "v1")) {
        return of_conditions(arena, value_dig(live, "status", "conditions"));
    }
    if (!kube_has_annotation(live, STR(CONDITIONS_ANNOTATION))) {
        return of_conditions(arena, NULL);
    }
    const struct value *conditions = NULL;
    struct err err;
    if (value_from_json(arena, kube_annotation(live, STR(CONDITIONS_ANNOTATION)), NULL, &conditions,
                        &err) < 0) {
        return health_printf(arena, HEALTH_STATUS_UNKNOWN,
                             "failed to convert conditions annotation to typed: %s", err.message);
    }
    return of_conditions(arena, conditions);
}

static const struct health_row ROWS[] = {
    {"autoscaling", "HorizontalPodAutoscaler", "v1 v2 v2beta1 v2beta2", horizontal_pod_autoscaler},
};

const struct health_table HEALTH_AUTOSCALING = {ROWS, ARRAY_LEN(ROWS)};
