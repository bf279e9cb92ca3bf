/* Health of the kinds of Argo Rollouts, Argo Workflows, Argo Events and of ApplicationSet. */
#include <stdbool.h>

#include "common/base/num.h"
#include "common/value/value.h"
#include "engine/health/health_internal.h"

/* ---- Rollout, and SpotDeployment which has the same status ---- */

static struct str first_text(const struct value *a, const struct value *b)
{
    return value_is(a, VALUE_STRING) ? value_str(a) : value_str(b);
}

/* Controllers up to 0.9 kept a hash in observedGeneration, which says nothing about the generation. */
static bool rollout_is_observed(const struct value *live)
{
    double observed;
    const struct value *is = value_dig(live, "status", "observedGeneration");
    double generation = (double)kube_generation(live);
    if (value_dig(live, "status") == NULL) {
        return false;
    }
    if (value_is(is, VALUE_STRING)) {
        return !num_parse_float(value_str(is), &observed) || observed >= generation;
    }
    return is == NULL || value_float(is, generation) >= generation;
}

/* With workloadRef, the generation of the Deployment it takes the pods from. */
static bool rollout_workload_is_observed(const struct value *live)
{
    double wanted;
    double observed;
    struct str generation = kube_annotation(live, STR("rollout.argoproj.io/workload-generation"));
    struct str seen = value_dig_str(live, "status", "workloadObservedGeneration");
    if (value_dig(live, "spec", "workloadRef") == NULL || kube_annotations(live) == NULL) {
        return true;
    }
    bool has_wanted = num_parse_float(generation, &wanted);
    bool has_observed = num_parse_float(seen, &observed);
    return has_wanted && has_observed ? wanted == observed : has_wanted == has_observed;
}

/* A phase is a health, Paused excepted. */
static struct health rollout_phase(struct arena *arena, const struct value *live)
{
    struct str phase = value_dig_str(live, "status", "phase");
    enum health_status status =
        str_eq_c(phase, "Paused") ? HEALTH_STATUS_SUSPENDED : status_health_parse(phase);
    if (status == HEALTH_STATUS_NONE) {
        return health_make(HEALTH_STATUS_UNKNOWN, STR(HEALTH_INVALID_STATUS));
    }
    return health_make(status, arena_str(arena, value_dig_str(live, "status", "message")));
}

static const struct health_rule ROLLOUT_CONDITIONS[] = {
    HEALTH_COND(".type=InvalidSpec", DEGRADED, "{.message}"),
    HEALTH_COND(".type=Progressing .reason=RolloutAborted", DEGRADED, "{.message}"),
    HEALTH_COND(".type=Progressing .reason=ProgressDeadlineExceeded", DEGRADED, "{.message}"),
    HEALTH_WHEN("#status.pauseConditions>0", SUSPENDED, "Rollout is paused"),
    HEALTH_WHEN("spec.paused=true", SUSPENDED, "Rollout is paused"),
    HEALTH_WHEN("!status.currentPodHash",
                PROGRESSING,
                "Waiting for rollout to finish: status has not been reconciled."),
    HEALTH_WHEN("!spec.replicas status.updatedReplicas<1",
                PROGRESSING,
                "Waiting for roll out to finish: More replicas need to be updated"),
    HEALTH_WHEN("spec.replicas status.updatedReplicas<@spec.replicas",
                PROGRESSING,
                "Waiting for roll out to finish: More replicas need to be updated"),
    HEALTH_WHEN("status.availableReplicas<@status.updatedReplicas",
                PROGRESSING,
                "Waiting for roll out to finish: updated replicas are still becoming available"),
    HEALTH_WHEN("spec.strategy.blueGreen status.blueGreen.activeSelector!=@status.currentPodHash",
                PROGRESSING,
                "active service cutover pending"),
    HEALTH_WHEN("spec.strategy.canary status.replicas>@status.updatedReplicas",
                PROGRESSING,
                "Waiting for roll out to finish: old replicas are pending termination"),
};

static struct health rollout(struct arena *arena, const struct value *live, const char *name)
{
    if (!rollout_is_observed(live) || !rollout_workload_is_observed(live)) {
        return health_make(HEALTH_STATUS_PROGRESSING,
                           STR("Waiting for rollout spec update to be observed"));
    }
    if (value_dig(live, "status", "phase") != NULL) {
        return rollout_phase(arena, live);
    }
    const struct health_rules rules = HEALTH_RULES(ROLLOUT_CONDITIONS);
    struct health health = health_rules_run(arena, rules, name, live);
    if (health.status != HEALTH_STATUS_NONE) {
        return health;
    }
    struct str hash = value_dig_str(live, "status", "currentPodHash");
    struct str stable = first_text(value_dig(live, "status", "stableRS"),
                                   value_dig(live, "status", "canary", "stableRS"));
    if (value_dig(live, "spec", "strategy", "blueGreen") != NULL) {
        if (stable.n > 0 && !str_eq(stable, hash)) {
            return health_make(HEALTH_STATUS_PROGRESSING, STR("waiting for analysis to complete"));
        }
    } else if (value_dig(live, "spec", "strategy", "canary") != NULL && !str_eq(stable, hash)) {
        return health_make(HEALTH_STATUS_PROGRESSING, STR("Waiting for rollout to finish steps"));
    }
    return health_make(HEALTH_STATUS_HEALTHY, STR_EMPTY);
}

static const struct health_rule SPOT_FAULTS[] = {
    HEALTH_COND(".type=InvalidSpec", DEGRADED, "{.message}"),
    HEALTH_COND(".type=Progressing .reason=RolloutAborted|ProgressDeadlineExceeded",
                DEGRADED,
                "{.message}"),
};

/* Its phase comes without a message. */
static struct health
spot_deployment(struct arena *arena, const struct value *live, const char *name)
{
    const struct health_rules faults = HEALTH_RULES(SPOT_FAULTS);
    struct health health = {HEALTH_STATUS_NONE, STR_EMPTY};
    if (rollout_is_observed(live)) {
        health = health_rules_run(arena, faults, name, live);
    }
    return health.status != HEALTH_STATUS_NONE ? health : rollout(arena, live, name);
}

/* ---- tables ---- */

static const struct health_rule ANALYSIS_RUN[] = {
    HEALTH_WHEN("!status",
                PROGRESSING,
                "Waiting for analysis run to finish: status has not been reconciled."),
    HEALTH_WHEN("status.phase=Pending|Running", PROGRESSING, "Analysis run is running"),
    HEALTH_WHEN("status.phase=Successful",
                HEALTHY,
                "{status.message|'Analysis run completed successfully'}"),
    HEALTH_WHEN("status.phase=Failed", DEGRADED, "{status.message|'Analysis run failed'}"),
    HEALTH_WHEN("status.phase=Error", DEGRADED, "{status.message|'Analysis run had an error'}"),
    HEALTH_WHEN(
        "status.phase=Inconclusive", UNKNOWN, "{status.message|'Analysis run was inconclusive'}"),
};

static const struct health_rule EXPERIMENT[] = {
    HEALTH_WHEN("!status",
                PROGRESSING,
                "Waiting for experiment to finish: status has not been reconciled."),
    HEALTH_WHEN("status.phase=Pending", PROGRESSING, "Experiment is pending"),
    HEALTH_WHEN("status.phase=Running", PROGRESSING, "Experiment is running"),
    HEALTH_WHEN("status.phase=Successful", HEALTHY, "Experiment is successful"),
    HEALTH_WHEN("status.phase=Failed", DEGRADED, "Experiment has failed"),
    HEALTH_WHEN("status.phase=Error", DEGRADED, "Experiment had an error"),
};

static const struct health_rule APPLICATION_SET[] = {
    HEALTH_WHEN("%ErrorOccurred.status=True", DEGRADED, "{%ErrorOccurred.message}"),
    HEALTH_WHEN("%ResourcesUpToDate.status=False", DEGRADED, "{%ResourcesUpToDate.message}"),
    HEALTH_WHEN("%RolloutProgressing.status=True", PROGRESSING, "{%RolloutProgressing.message}"),
    HEALTH_WHEN("%ResourcesUpToDate.status=True", HEALTHY, "{%ResourcesUpToDate.message}"),
    HEALTH_ELSE(PROGRESSING, "Waiting for the status to be reported"),
};

static const struct health_rule CRON_WORKFLOW[] = {
    HEALTH_COND(".type=SpecError|SubmissionError .status=True", DEGRADED, "{.message}"),
    HEALTH_COND(".type=Completed .status=True", HEALTHY, "{.message}"),
    HEALTH_ELSE(HEALTHY, "CronWorkflow is healthy."),
};

static const struct health_rule EVENT_BUS[] = {
    HEALTH_COND(".type=Deployed .status=False", DEGRADED, "{.message|.reason}"),
    HEALTH_COND(".type=Deployed .status=True", HEALTHY, "{.message|.reason}"),
    HEALTH_ELSE(PROGRESSING, "Waiting for initialization"),
};

static const struct health_kind KINDS[] = {
    {"argoproj.io", "Rollout", .fn = rollout},
    {"spot.io", "SpotDeployment", .fn = spot_deployment},
    {"argoproj.io", "AnalysisRun", .rules = HEALTH_RULES(ANALYSIS_RUN)},
    {"argoproj.io", "Experiment", .rules = HEALTH_RULES(EXPERIMENT)},
    {"argoproj.io", "ApplicationSet", .rules = HEALTH_RULES(APPLICATION_SET)},
    {"argoproj.io", "CronWorkflow", .rules = HEALTH_RULES(CRON_WORKFLOW)},
    {"argoproj.io", "EventBus", .rules = HEALTH_RULES(EVENT_BUS)},
};

const struct health_family HEALTH_CRD_ARGO = {KINDS, ARRAY_LEN(KINDS)};
