/* Actions on Kubernetes' own workloads. */
#include "common/base/arena.h"
#include "common/kube/kube_object.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "engine/actions/action_internal.h"
#include "engine/health/health_rules.h"

#define RESTARTED_AT "spec.template.metadata.annotations.'kubectl.kubernetes.io/restartedAt'"
#define JOB_NOT_OVER                                                           \
    "%Complete.status!=True %Failed.status!=True %FailureTarget.status!=True " \
    "%SuccessCriteriaMet.status!=True"

static int scale(struct arena *arena,
                 const struct action_run *run,
                 struct action_changes *ret,
                 struct err *err)
{
    int64_t replicas;
    TRY(action_arg_count(run, "replicas", &replicas, err));
    action_patch(arena,
                 value_with(arena, run->live, value_new_int(arena, replicas), "spec", "replicas"),
                 ret);
    return 0;
}

static const struct value *owner_of(struct arena *arena, const struct value *live)
{
    const struct value *owner = NULL;
    owner = value_with(arena, owner, value_new_str(arena, value_dig_str(live, "apiVersion")),
                       "apiVersion");
    owner = value_with(arena, owner, value_new_str(arena, kube_kind_of(live)), "kind");
    owner = value_with(arena, owner, value_new_str(arena, kube_name(live)), "name");
    owner = value_with(arena, owner, value_new_str(arena, kube_uid(live)), "uid");
    owner = value_with(arena, owner, &VALUE_TRUE, "blockOwnerDeletion");
    owner = value_with(arena, owner, &VALUE_TRUE, "controller");
    return value_new_list(arena, owner, 1);
}

/* As `kubectl create job --from=cronjob/x`. */
static int create_job(struct arena *arena,
                      const struct action_run *run,
                      struct action_changes *ret,
                      struct err *err UNUSED)
{
    const struct value *tmpl = value_dig(run->live, "spec", "jobTemplate");
    const struct value *job = NULL;
    const struct value *spec = value_find(tmpl, STR("spec"));
    const struct value *metadata = value_find(tmpl, STR("metadata"));
    job = value_with(arena, job, value_new_str(arena, STR("batch/v1")), "apiVersion");
    job = value_with(arena, job, value_new_str(arena, STR("Job")), "kind");
    if (value_is(metadata, VALUE_MAP)) {
        job = value_with(arena, job, metadata, "metadata");
    }
    job = kube_with_name(arena, job, action_new_name(arena, run));
    job = kube_with_namespace(arena, job, kube_namespace(run->live));
    job = kube_with_annotation(arena, job, STR("cronjob.kubernetes.io/instantiate"), STR("manual"));
    job = value_with(arena, job, owner_of(arena, run->live), "metadata", "ownerReferences");
    job = value_with(arena, job, spec != NULL ? spec : &VALUE_EMPTY_MAP, "spec");
    action_create(arena, job, ret);
    return 0;
}

/* The condition with which the job controller ends a job itself. */
static int terminate_job(struct arena *arena,
                         const struct action_run *run,
                         struct action_changes *ret,
                         struct err *err UNUSED)
{
    const struct value *object = run->live;
    const struct value *conditions = value_dig(object, "status", "conditions");
    if (value_dig(object, "status") != NULL && health_holds(object, NULL, JOB_NOT_OVER)) {
        const struct value_entry condition[] = {
            {STR("lastTransitionTime"), value_of_str(action_now(arena, run->now_ms))},
            {STR("message"), value_of_str(STR("Job was terminated explicitly through Argo CD"))},
            {STR("reason"), value_of_str(STR("ManuallyTerminated"))},
            {STR("status"), value_of_str(STR("True"))},
            {STR("type"), value_of_str(STR("FailureTarget"))},
        };
        conditions = value_list_append(arena, value_is(conditions, VALUE_LIST) ? conditions : NULL,
                                       value_new_map(arena, condition, ARRAY_LEN(condition)));
        object = value_with(arena, object, conditions, "status", "conditions");
    }
    action_patch(arena, object, ret);
    return 0;
}

static const struct action_row DEPLOYMENT[] = {
    {
        .name = "pause",
        .disabled = "spec.paused=true",
        .icon_class = "fa fa-fw fa-pause-circle",
        .edits = {{ACTION_SET_TRUE, "spec.paused", NULL}},
    },
    {
        .name = "restart",
        .icon_class = "fa fa-fw fa-redo",
        .edits = {{ACTION_SET_TIME, RESTARTED_AT, "{now}"}},
    },
    {
        .name = "resume",
        .disabled = "spec.paused!=true",
        .icon_class = "fa fa-fw fa-play-circle",
        .edits = {{ACTION_SET_FALSE, "spec.paused", NULL}},
    },
    {
        .name = "scale",
        .icon_class = "fa fa-fw fa-plus-circle",
        .param = "replicas",
        .param_default = "{spec.replicas}",
        .fn = scale,
    },
};

static const struct action_row STATEFUL_SET[] = {
    {
        .name = "restart",
        .icon_class = "fa fa-fw fa-redo",
        .edits = {{ACTION_SET_TIME, RESTARTED_AT, "{now}"}},
    },
    {
        .name = "scale",
        .icon_class = "fa fa-fw fa-plus-circle",
        .param = "replicas",
        .param_default = "{spec.replicas}",
        .fn = scale,
    },
};

static const struct action_row DAEMON_SET[] = {
    {
        .name = "restart",
        .icon_class = "fa fa-fw fa-redo",
        .edits = {{ACTION_SET_TIME, RESTARTED_AT, "{now}"}},
    },
};

static const struct action_row CRON_JOB[] = {
    {
        .name = "create-job",
        .display_name = "Create Job",
        .icon_class = "fa fa-fw fa-plus",
        .fn = create_job,
    },
    {
        .name = "resume",
        .listed = "spec.suspend=true",
        .icon_class = "fa fa-fw fa-play",
        .edits = {{ACTION_SET_FALSE, "spec.suspend", NULL}},
    },
    {
        .name = "suspend",
        .listed = "spec.suspend!=true",
        .icon_class = "fa fa-fw fa-pause",
        .edits = {{ACTION_SET_TRUE, "spec.suspend", NULL}},
    },
};

static const struct action_row JOB[] = {
    {
        .name = "resume",
        .listed = "spec.suspend=true " JOB_NOT_OVER,
        .icon_class = "fa fa-fw fa-play",
        .edits = {{ACTION_SET_FALSE, "spec.suspend", NULL}},
    },
    {
        .name = "suspend",
        .listed = "spec.suspend!=true " JOB_NOT_OVER,
        .icon_class = "fa fa-fw fa-pause",
        .edits = {{ACTION_SET_TRUE, "spec.suspend", NULL}},
    },
    {
        .name = "terminate",
        .listed = "status " JOB_NOT_OVER,
        .icon_class = "fa fa-fw fa-stop",
        .fn = terminate_job,
    },
};

static const struct action_kind KINDS[] = {
    {"apps", "Deployment", DEPLOYMENT, ARRAY_LEN(DEPLOYMENT)},
    {"apps", "StatefulSet", STATEFUL_SET, ARRAY_LEN(STATEFUL_SET)},
    {"apps", "DaemonSet", DAEMON_SET, ARRAY_LEN(DAEMON_SET)},
    {"batch", "CronJob", CRON_JOB, ARRAY_LEN(CRON_JOB)},
    {"batch", "Job", JOB, ARRAY_LEN(JOB)},
};

const struct action_family ACTION_APPS = {KINDS, ARRAY_LEN(KINDS)};
