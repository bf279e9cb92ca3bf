/* Actions on Numaflow's and Numaplane's kinds. */
#include "engine/actions/action_internal.h"

#define PAUSE_ICON "fa-solid fa-fw fa-pause"
#define PLAY_ICON  "fa-solid fa-fw fa-play"
#define PHASE      "spec.lifecycle.desiredPhase"
#define STRATEGIES "spec.metadata.annotations.'numaflow.numaproj.io/allowed-resume-strategies'"
#define UPGRADE    "metadata.labels.'numaplane.numaproj.io/upgrade-state'"
#define FORCED     "metadata.labels.'numaplane.numaproj.io/force-promote'"
#define DATA_LOSS  "metadata.annotations.'numaplane.numaproj.io/allow-data-loss'"

/* Pausing what belongs to a rollout would be undone by it, unless it has let it go. */
#define OF_ROLLOUT(kind)                                                            \
    "metadata.ownerReferences[0].kind=" kind " " UPGRADE "!=recyclable-expired || " \
    "metadata.ownerReferences[-1].kind=" kind " " UPGRADE "!=recyclable-expired"
#define NOT_GRADUAL PHASE "!=Paused || " STRATEGIES "=fast"
#define NOT_FAST    PHASE "!=Paused || " STRATEGIES "!=fast|'slow, fast'"

#define FORCE_PROMOTE                                                                          \
    {                                                                                          \
        .name = "force-promote", .disabled = UPGRADE "!=in-progress|trial || " FORCED "=true", \
        .display_name = "Force Promote", .icon_class = "fa-solid fa-fw fa-forward",            \
        .edits = {{ACTION_SET_TEXT, FORCED, "true"}},                                          \
    }

static const struct action_row PIPELINE[] = {
    {
        .name = "delete",
        .disabled = UPGRADE "!=recyclable-expired",
        .display_name = "Delete",
        .icon_class = "fa-solid fa-fw fa-trash",
        .edits = {{ACTION_SET_TEXT,
                   "metadata.annotations.'numaplane.numaproj.io/marked-for-deletion'", "true"}},
    },
    FORCE_PROMOTE,
    {
        .name = "pause",
        .disabled = PHASE "=Paused || " OF_ROLLOUT("PipelineRollout"),
        .icon_class = PAUSE_ICON,
        .edits = {{ACTION_SET_TEXT, PHASE, "Paused"}},
    },
    {
        .name = "unpause-fast",
        .disabled = NOT_FAST " || " OF_ROLLOUT("PipelineRollout"),
        .display_name = "Unpause (fast)",
        .icon_class = PLAY_ICON,
        .edits = {{ACTION_SET_TEXT, PHASE, "Running"},
                  {ACTION_SET_TEXT, "metadata.annotations.'numaflow.numaproj.io/resume-strategy'",
                   "fast"}},
    },
    {
        .name = "unpause-gradual",
        .disabled = NOT_GRADUAL " || " OF_ROLLOUT("PipelineRollout"),
        .display_name = "Unpause (gradual)",
        .icon_class = PLAY_ICON,
        .edits = {{ACTION_SET_TEXT, PHASE, "Running"},
                  {ACTION_SET_TEXT, "metadata.annotations.'numaflow.numaproj.io/resume-strategy'",
                   "slow"}},
    },
};

static const struct action_row MONO_VERTEX[] = {
    FORCE_PROMOTE,
    {
        .name = "pause",
        .disabled = PHASE "=Paused || " OF_ROLLOUT("MonoVertexRollout"),
        .icon_class = PAUSE_ICON,
        .edits = {{ACTION_SET_TEXT, PHASE, "Paused"}},
    },
    {
        .name = "unpause-fast",
        .disabled = NOT_FAST " || " OF_ROLLOUT("MonoVertexRollout"),
        .display_name = "Unpause (fast)",
        .icon_class = PLAY_ICON,
        .edits = {{ACTION_SET_TEXT, PHASE, "Running"}},
    },
    {
        .name = "unpause-gradual",
        .disabled = NOT_GRADUAL " || " OF_ROLLOUT("MonoVertexRollout"),
        .display_name = "Unpause (gradual)",
        .icon_class = PLAY_ICON,
        .edits = {{ACTION_SET_TEXT, PHASE, "Running"}, {ACTION_REMOVE, "spec.replicas", NULL}},
    },
};

static const struct action_row BUFFER_SERVICE[] = {FORCE_PROMOTE};

#define ROLLOUT_PAUSING(phase)                                                          \
    {                                                                                   \
        .name = "pause",                                                                \
        .disabled = phase "=Paused",                                                    \
        .icon_class = PAUSE_ICON,                                                       \
        .edits = {{ACTION_SET_TEXT, phase, "Paused"}},                                  \
    },                                                                                  \
        {                                                                               \
            .name = "unpause-fast",                                                     \
            .disabled = phase "!=Paused",                                               \
            .display_name = "Unpause (fast)",                                           \
            .icon_class = PLAY_ICON,                                                    \
            .edits = {{ACTION_SET_TEXT, phase, "Running"},                              \
                      {ACTION_SET_TRUE, "spec.strategy.pauseResume.fastResume", NULL}}, \
        },                                                                              \
    {                                                                                   \
        .name = "unpause-gradual", .disabled = phase "!=Paused",                        \
        .display_name = "Unpause (gradual)", .icon_class = PLAY_ICON,                   \
        .edits = {{ACTION_SET_TEXT, phase, "Running"},                                  \
                  {ACTION_SET_FALSE, "spec.strategy.pauseResume.fastResume", NULL}},    \
    }

static const struct action_row PIPELINE_ROLLOUT[] = {
    {
        .name = "allow-data-loss",
        .disabled = "status.upgradeInProgress!=PipelinePauseAndDrain",
        .display_name = "Allow (Possible) Data Loss",
        .icon_class = "fa-solid fa-fw fa-unlock",
        .edits = {{ACTION_SET_TEXT, DATA_LOSS, "true"}},
    },
    {
        .name = "disallow-data-loss",
        .disabled = DATA_LOSS "!=true",
        .display_name = "Disallow Data Loss",
        .icon_class = "fa-solid fa-fw fa-lock",
        .edits = {{ACTION_SET_TEXT, DATA_LOSS, "false"}},
    },
    ROLLOUT_PAUSING("spec.pipeline.spec.lifecycle.desiredPhase"),
};

static const struct action_row MONO_VERTEX_ROLLOUT[] = {
    ROLLOUT_PAUSING("spec.monoVertex.spec.lifecycle.desiredPhase"),
};

static const struct action_kind KINDS[] = {
    {"numaflow.numaproj.io", "InterStepBufferService", BUFFER_SERVICE, ARRAY_LEN(BUFFER_SERVICE)},
    {"numaflow.numaproj.io", "MonoVertex", MONO_VERTEX, ARRAY_LEN(MONO_VERTEX)},
    {"numaflow.numaproj.io", "Pipeline", PIPELINE, ARRAY_LEN(PIPELINE)},
    {"numaplane.numaproj.io", "MonoVertexRollout", MONO_VERTEX_ROLLOUT,
     ARRAY_LEN(MONO_VERTEX_ROLLOUT)},
    {"numaplane.numaproj.io", "PipelineRollout", PIPELINE_ROLLOUT, ARRAY_LEN(PIPELINE_ROLLOUT)},
};

const struct action_family ACTION_NUMA = {KINDS, ARRAY_LEN(KINDS)};
