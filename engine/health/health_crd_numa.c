/* Health of Numaflow's and Numaplane's kinds. */
#include <stdbool.h>

#include "common/value/value.h"
#include "engine/health/health_internal.h"

#define PROGRESSIVE_FAILED "metadata.labels.'numaplane.numaproj.io/progressive-result-state'=failed"

/* What a stage runs in: any condition that is False is a fault. */
static const struct health_rule UNOBSERVED[] = {
    HEALTH_WHEN("!status", PROGRESSING, "Waiting for {kind} status"),
    HEALTH_WHEN("metadata.generation!=@status.observedGeneration",
                PROGRESSING,
                "Waiting for {kind} status"),
    HEALTH_WHEN("status.phase=Failed", DEGRADED, "{status.message}"),
    HEALTH_WHEN(PROGRESSIVE_FAILED, DEGRADED, "Failed progressive upgrade"),
};

static const struct health_rule RUNNING[] = {
    HEALTH_WHEN("status.phase=Paused", HEALTHY, "{kind} is paused"),
    HEALTH_WHEN("kind=Pipeline status.phase=Pausing", HEALTHY, "{kind} is paused"),
    HEALTH_WHEN("status.phase=Running", HEALTHY, "{kind} is healthy"),
    HEALTH_ELSE(PROGRESSING, "Waiting for {kind} status"),
};

static struct health numaflow(struct arena *arena, const struct value *live, const char *name)
{
    const struct health_rules unobserved = HEALTH_RULES(UNOBSERVED);
    const struct health_rules running = HEALTH_RULES(RUNNING);
    const struct value *fault = NULL;
    struct health health = health_rules_run(arena, unobserved, name, live);
    if (health.status != HEALTH_STATUS_NONE) {
        return health;
    }
    VALUE_FOREACH(value_dig(live, "status", "conditions"), c) {
        fault = health_holds(NULL, c, ".status=False") ? c : fault;
    }
    if (fault == NULL) {
        return health_rules_run(arena, running, name, live);
    }
    if (health_holds(live, NULL, "kind=Pipeline|MonoVertex")) {
        return health_make(HEALTH_STATUS_DEGRADED, STR("Subresources are unhealthy"));
    }
    return health_make(HEALTH_STATUS_DEGRADED, arena_str(arena, value_dig_str(fault, "message")));
}

/* What rolls such a thing out. */
static const struct health_rule ROLLOUT[] = {
    HEALTH_WHEN("!status", PROGRESSING, "Not yet reconciled"),
    HEALTH_WHEN(
        "metadata.generation!=@status.observedGeneration", PROGRESSING, "Not yet reconciled"),
    HEALTH_WHEN("status.upgradeInProgress status.upgradeInProgress!='' "
                "%ProgressiveUpgradeSucceeded.status!=False",
                PROGRESSING,
                "Update in progress"),
    HEALTH_WHEN("status.phase=Pending %ProgressiveUpgradeSucceeded.status!=False",
                PROGRESSING,
                "Update in progress"),
    HEALTH_WHEN("%ChildResourcesHealthy.status=False %ChildResourcesHealthy.reason=Progressing",
                PROGRESSING,
                "Child Progressing"),
    HEALTH_WHEN("status.phase=Failed", DEGRADED, "{status.message}"),
    HEALTH_COND(".type=ChildResourcesHealthy .status=False "
                ".reason=MonoVertexFailed|PipelineFailed|ISBSvcFailed|Degraded|Failed",
                DEGRADED,
                "{.message}"),
    HEALTH_COND(
        ".type=ProgressiveUpgradeSucceeded .status=False", DEGRADED, "Progressive upgrade failed"),
    HEALTH_WHEN(
        "%MonoVertexPausingOrPaused.status=True", HEALTHY, "{%MonoVertexPausingOrPaused.message}"),
    HEALTH_WHEN(
        "%PipelinePausingOrPaused.status=True", HEALTHY, "{%PipelinePausingOrPaused.message}"),
    HEALTH_WHEN("%ChildResourcesHealthy.status=True", HEALTHY, "Healthy"),
    HEALTH_ELSE(UNKNOWN, "Unknown {$} status"),
};

static const struct health_kind KINDS[] = {
    {"numaflow.numaproj.io", "InterStepBufferService", .fn = numaflow},
    {"numaflow.numaproj.io", "MonoVertex", .fn = numaflow},
    {"numaflow.numaproj.io", "Pipeline", .fn = numaflow},
    {"numaflow.numaproj.io", "Vertex", .fn = numaflow},
    {"numaplane.numaproj.io", "ISBServiceRollout", .rules = HEALTH_RULES(ROLLOUT),
     .name = "ISBService"},
    {"numaplane.numaproj.io", "MonoVertexRollout", .rules = HEALTH_RULES(ROLLOUT),
     .name = "MonoVertex"},
    {"numaplane.numaproj.io", "PipelineRollout", .rules = HEALTH_RULES(ROLLOUT),
     .name = "Pipeline"},
    {"numaplane.numaproj.io", "NumaflowControllerRollout", .rules = HEALTH_RULES(ROLLOUT),
     .name = "NumaflowController"},
};

const struct health_family HEALTH_CRD_NUMA = {KINDS, ARRAY_LEN(KINDS)};
