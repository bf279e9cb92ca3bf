/* Actions on the kinds of the Argo projects. */
#include "common/base/arena.h"
#include "common/base/num.h"
#include "common/kube/kube_object.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "engine/actions/action_internal.h"
#include "engine/health/health_rules.h"

/* ---- Rollout ---- */

#define PROMOTED "status.currentPodHash=@status.stableRS"

/* Up to version 0.9 observedGeneration is a hash: no number, or one far above the generation. */
static bool is_old_rollout(const struct value *live)
{
    double observed;
    struct str text = value_dig_str(live, "status", "observedGeneration");
    return !num_parse_float(text, &observed) || observed > (double)kube_generation(live);
}

static int64_t rollout_steps(const struct value *live)
{
    return (int64_t)value_len(value_dig(live, "spec", "strategy", "canary", "steps"));
}

static int rollout_promote_full(struct arena *arena,
                                const struct action_run *run,
                                struct action_changes *ret,
                                struct err *err UNUSED)
{
    const struct value *object = run->live;
    int64_t steps = rollout_steps(object);
    int64_t step = value_int(value_dig(object, "status", "currentStepIndex"), 0);
    if (value_dig(object, "status") == NULL) {
        action_patch(arena, object, ret);
        return 0;
    }
    if (!is_old_rollout(object)) {
        object = value_with(arena, object, &VALUE_TRUE, "status", "promoteFull");
    } else if (steps > 0) {
        object = value_without(arena, object, "status", "abort");
        if (step < steps) {
            object = value_with(arena, object, value_new_int(arena, steps), "status",
                                "currentStepIndex");
        }
    }
    action_patch(arena, object, ret);
    return 0;
}

static int rollout_resume(struct arena *arena,
                          const struct action_run *run,
                          struct action_changes *ret,
                          struct err *err UNUSED)
{
    const struct value *object = run->live;
    if (health_holds(object, NULL, "#status.pauseConditions>0")) {
        object = value_without(arena, object, "status", "pauseConditions");
    }
    if (health_holds(object, NULL, "spec.paused=true")) {
        object = value_with(arena, object, &VALUE_FALSE, "spec", "paused");
    }
    action_patch(arena, object, ret);
    return 0;
}

static int rollout_skip_step(struct arena *arena,
                             const struct action_run *run,
                             struct action_changes *ret,
                             struct err *err UNUSED)
{
    const struct value *object = run->live;
    int64_t step = value_int(value_dig(object, "status", "currentStepIndex"), 0);
    if (value_dig(object, "status") != NULL && step < rollout_steps(object)) {
        if (health_holds(object, NULL, "#status.pauseConditions>0")) {
            object = value_without(arena, object, "status", "pauseConditions");
        }
        object =
            value_with(arena, object, value_new_int(arena, step + 1), "status", "currentStepIndex");
    }
    action_patch(arena, object, ret);
    return 0;
}

static const struct action_row ROLLOUT[] = {
    {
        .name = "abort",
        .disabled = PROMOTED " || status.abort=true",
        .edits = {{ACTION_SET_TRUE, "status.abort", NULL}},
    },
    {
        .name = "pause",
        .disabled = PROMOTED " || status.abort=true || spec.paused=true",
        .edits = {{ACTION_SET_TRUE, "spec.paused", NULL}},
    },
    {
        .name = "promote-full",
        /* blue-green rollouts can be promoted from version 0.10 on, whose generation is a number */
        .disabled =
            "!status || " PROMOTED " || spec.strategy.blueGreen !status.observedGeneration || "
            "spec.strategy.blueGreen status.observedGeneration~*[!0-9]* || "
            "spec.strategy.blueGreen metadata.generation<@status.observedGeneration",
        .fn = rollout_promote_full,
    },
    {
        .name = "restart",
        .display_name = "Restart Pods",
        .edits = {{ACTION_SET_TIME, "spec.restartAt", "{now}"}},
    },
    {
        .name = "resume",
        .disabled = "status.pauseConditions #status.pauseConditions=0 || "
                    "!status.pauseConditions spec.paused!=true",
        .fn = rollout_resume,
    },
    {
        .name = "retry",
        .disabled = PROMOTED " || status.abort!=true",
        .edits = {{ACTION_REMOVE, "status.abort", NULL}},
    },
    {
        .name = "skip-current-step",
        .disabled = "!spec.strategy.canary.steps || "
                    "status.currentStepIndex=@#spec.strategy.canary.steps",
        .fn = rollout_skip_step,
    },
};

static const struct action_row ANALYSIS_RUN[] = {
    {
        .name = "terminate",
        .disabled = "spec.terminate=true || status.phase=Successful|Failed|Error|Inconclusive",
        .edits = {{ACTION_SET_TRUE, "spec.terminate", NULL}},
    },
};

/* ---- Workflows ---- */

static const struct value *workflow_of(struct arena *arena, const struct action_run *run)
{
    const struct value *live = run->live;
    const struct value *workflow = NULL;
    const struct value_entry owner[] = {
        {STR("apiVersion"), value_of_str(arena_str(arena, value_dig_str(live, "apiVersion")))},
        {STR("kind"), value_of_str(arena_str(arena, kube_kind_of(live)))},
        {STR("name"), value_of_str(arena_str(arena, kube_name(live)))},
        {STR("uid"), value_of_str(arena_str(arena, kube_uid(live)))},
    };
    const struct value *owners =
        value_new_list(arena, value_new_map(arena, owner, ARRAY_LEN(owner)), 1);
    workflow = value_with(arena, workflow, value_new_str(arena, STR("argoproj.io/v1alpha1")),
                          "apiVersion");
    workflow = value_with(arena, workflow, value_new_str(arena, STR("Workflow")), "kind");
    workflow = kube_with_name(arena, workflow, action_new_name(arena, run));
    workflow = kube_with_namespace(arena, workflow, kube_namespace(live));
    return value_with(arena, workflow, owners, "metadata", "ownerReferences");
}

/* As `argo submit --from=cronwf/x`. */
static int cron_workflow_create(struct arena *arena,
                                const struct action_run *run,
                                struct action_changes *ret,
                                struct err *err UNUSED)
{
    const struct str instance = STR("workflows.argoproj.io/controller-instanceid");
    const struct value *workflow = workflow_of(arena, run);
    const struct value *metadata = value_dig(run->live, "spec", "workflowMetadata");
    const struct value *spec = value_dig(run->live, "spec", "workflowSpec");
    static const char *const COPIED[] = {"labels", "annotations"};
    for (size_t i = 0; i < ARRAY_LEN(COPIED); i++) {
        const struct value *map = value_find(metadata, str_from(COPIED[i]));
        if (value_is(map, VALUE_MAP) && value_len(map) > 0) {
            workflow = value_with(arena, workflow, map, "metadata", COPIED[i]);
        }
    }
    if (value_len(value_find(metadata, STR("finalizers"))) > 0) {
        workflow =
            value_with(arena, workflow, value_find(metadata, STR("finalizers")), "finalizers");
    }
    workflow = kube_with_label(arena, workflow, STR("workflows.argoproj.io/cron-workflow"),
                               kube_name(run->live));
    if (kube_has_label(run->live, instance)) {
        workflow = kube_with_label(arena, workflow, instance, kube_label(run->live, instance));
    }
    workflow = value_with(arena, workflow, spec != NULL ? spec : &VALUE_EMPTY_MAP, "spec");
    action_create(arena, workflow, ret);
    return 0;
}

static int workflow_template_create(struct arena *arena,
                                    const struct action_run *run,
                                    struct action_changes *ret,
                                    struct err *err UNUSED)
{
    const struct value *workflow = workflow_of(arena, run);
    struct str name = kube_name(run->live);
    workflow =
        kube_with_label(arena, workflow, STR("workflows.argoproj.io/workflow-template"), name);
    workflow = value_with(arena, workflow, value_new_str(arena, name), "spec",
                          "workflowTemplateRef", "name");
    action_create(arena, workflow, ret);
    return 0;
}

static const struct action_row CRON_WORKFLOW[] = {
    {
        .name = "create-workflow",
        .display_name = "Create Workflow",
        .icon_class = "fa fa-fw fa-plus",
        .fn = cron_workflow_create,
    },
};

static const struct action_row WORKFLOW_TEMPLATE[] = {
    {
        .name = "create-workflow",
        .display_name = "Create Workflow",
        .icon_class = "fa fa-fw fa-plus",
        .fn = workflow_template_create,
    },
};

/* ---- Application, PullRequest ---- */

/* `automated` without `enabled` is on. */
static int toggle_auto_sync(struct arena *arena,
                            const struct action_run *run,
                            struct action_changes *ret,
                            struct err *err UNUSED)
{
    bool is_on = health_holds(run->live, NULL,
                              "spec.syncPolicy.automated spec.syncPolicy.automated.enabled!=false");
    action_patch(arena,
                 value_with(arena, run->live, is_on ? &VALUE_FALSE : &VALUE_TRUE, "spec",
                            "syncPolicy", "automated", "enabled"),
                 ret);
    return 0;
}

static const struct action_row APPLICATION[] = {
    {
        .name = "toggle-auto-sync",
        .listed = "spec.syncPolicy.automated spec.syncPolicy.automated.enabled!=false",
        .display_name = "Disable Auto-Sync",
        .fn = toggle_auto_sync,
    },
    {
        .name = "toggle-auto-sync",
        .listed = "!spec.syncPolicy.automated || spec.syncPolicy.automated.enabled=false",
        .display_name = "Enable Auto-Sync",
        .fn = toggle_auto_sync,
    },
};

static const struct action_row PULL_REQUEST[] = {
    {
        .name = "merge",
        .disabled = "status.state!=open",
        .display_name = "Merge PR",
        .icon_class = "fa fa-fw fa-code-merge",
        .edits = {{ACTION_SET_TEXT, "spec.state", "merged"}},
    },
};

static const struct action_kind KINDS[] = {
    {"argoproj.io", "AnalysisRun", ANALYSIS_RUN, ARRAY_LEN(ANALYSIS_RUN)},
    {"argoproj.io", "Application", APPLICATION, ARRAY_LEN(APPLICATION)},
    {"argoproj.io", "CronWorkflow", CRON_WORKFLOW, ARRAY_LEN(CRON_WORKFLOW)},
    {"argoproj.io", "Rollout", ROLLOUT, ARRAY_LEN(ROLLOUT)},
    {"argoproj.io", "WorkflowTemplate", WORKFLOW_TEMPLATE, ARRAY_LEN(WORKFLOW_TEMPLATE)},
    {"promoter.argoproj.io", "PullRequest", PULL_REQUEST, ARRAY_LEN(PULL_REQUEST)},
};

const struct action_family ACTION_ARGO = {KINDS, ARRAY_LEN(KINDS)};
