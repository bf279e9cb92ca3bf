/* Actions on the kinds of other operators: KEDA, External Secrets, databases, Strimzi. */
#include "common/base/arena.h"
#include "common/base/num.h"
#include "common/kube/kube_object.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "engine/actions/action_internal.h"

#define PAUSE_ICON "fa fa-fw fa-pause-circle"
#define PLAY_ICON  "fa fa-fw fa-play-circle"

/* ---- KEDA ---- */

#define KEDA_PAUSED   "metadata.annotations.'autoscaling.keda.sh/paused'"
#define KEDA_REPLICAS "metadata.annotations.'autoscaling.keda.sh/paused-replicas'"

static int keda_paused_replicas(struct arena *arena,
                                const struct action_run *run,
                                struct action_changes *ret,
                                struct err *err)
{
    int64_t replicas;
    TRY(action_arg_count(run, "replicas", &replicas, err));
    action_patch(arena,
                 kube_with_annotation(arena, run->live, STR("autoscaling.keda.sh/paused-replicas"),
                                      arena_printf(arena, "%lld", (long long)replicas)),
                 ret);
    return 0;
}

static const struct action_row SCALED_OBJECT[] = {
    {
        .name = "pause",
        .disabled = KEDA_PAUSED "=true || " KEDA_REPLICAS,
        .icon_class = PAUSE_ICON,
        .edits = {{ACTION_SET_TEXT, KEDA_PAUSED, "true"}},
    },
    {
        .name = "paused-replicas",
        .disabled = KEDA_PAUSED "=true",
        .icon_class = PAUSE_ICON,
        .param = "replicas",
        .param_default = "{" KEDA_REPLICAS "|'0'}",
        .fn = keda_paused_replicas,
    },
    {
        .name = "resume",
        .disabled = KEDA_PAUSED "!=true !" KEDA_REPLICAS,
        .icon_class = PLAY_ICON,
        .edits = {{ACTION_REMOVE, KEDA_PAUSED, NULL}, {ACTION_REMOVE, KEDA_REPLICAS, NULL}},
    },
};

static const struct action_row SCALED_JOB[] = {
    {
        .name = "pause",
        .disabled = KEDA_PAUSED "=true",
        .icon_class = PAUSE_ICON,
        .edits = {{ACTION_SET_TEXT, KEDA_PAUSED, "true"}},
    },
    {
        .name = "resume",
        .disabled = KEDA_PAUSED "!=true",
        .icon_class = PLAY_ICON,
        .edits = {{ACTION_REMOVE, KEDA_PAUSED, NULL}},
    },
};

/* ---- External Secrets ---- */

#define FORCE_SYNC "metadata.annotations.'force-sync'"

static const struct action_row EXTERNAL_SECRET[] = {
    {.name = "refresh", .edits = {{ACTION_SET_TIME, FORCE_SYNC, "{now}"}}},
};

static const struct action_row PUSH_SECRET[] = {
    {.name = "push", .edits = {{ACTION_SET_TIME, FORCE_SYNC, "{now}"}}},
};

/* ---- CloudNativePG ---- */

#define CNPG_LOOP "metadata.annotations.'cnpg.io/reconciliationLoop'"

/* The healthy instance after the current primary; the first after the last. */
static struct str cnpg_next(const struct value *live)
{
    const struct value *healthy = value_dig(live, "status", "instancesStatus", "healthy");
    struct str primary = value_dig_str(live, "status", "currentPrimary");
    size_t n = value_len(healthy);
    for (size_t i = 0; i < n; i++) {
        if (str_eq(value_str(value_at(healthy, i)), primary)) {
            return value_str(value_at(healthy, (i + 1) % n));
        }
    }
    return value_str(value_at(healthy, 0));
}

/* "any", the number of an instance or its name; "" when no such one is healthy. */
static struct str cnpg_instance(struct arena *arena, const struct value *live, struct str wanted)
{
    uint64_t number;
    struct str name = wanted;
    if (str_eq_c(wanted, "any")) {
        return cnpg_next(live);
    }
    if (num_digits(wanted, 10, &number)) {
        name = arena_printf(arena, STR_FMT "-" STR_FMT, STR_ARG(kube_name(live)), STR_ARG(wanted));
    }
    VALUE_FOREACH(value_dig(live, "status", "instancesStatus", "healthy"), node) {
        if (str_eq(value_str(node), name)) {
            return name;
        }
    }
    return STR_EMPTY;
}

static int cnpg_promote(struct arena *arena,
                        const struct action_run *run,
                        struct action_changes *ret,
                        struct err *err)
{
    struct str wanted;
    struct err missing;
    if (action_arg(run, "instance", &wanted, &missing) < 0) {
        wanted = STR("any");
    }
    struct str target = cnpg_instance(arena, run->live, wanted);
    if (target.n == 0) {
        return err_set(err, ERR_INVALID,
                       "Could not find a healthy instance matching the criteria: " STR_FMT,
                       STR_ARG(wanted));
    }
    const struct value *object = run->live;
    object = value_with(arena, object, value_new_str(arena, target), "status", "targetPrimary");
    object = value_with(arena, object, value_new_str(arena, action_now(arena, run->now_ms)),
                        "status", "targetPrimaryTimestamp");
    object = value_with(arena, object, value_new_str(arena, STR("Switchover in progress")),
                        "status", "phase");
    object = value_with(arena, object,
                        value_new_printf(arena, "Switching over to " STR_FMT, STR_ARG(target)),
                        "status", "phaseReason");
    action_patch(arena, object, ret);
    return 0;
}

static const struct action_row CNPG_CLUSTER[] = {
    {
        .name = "promote",
        .disabled = "#status.instancesStatus.healthy<2",
        .display_name = "Promote Replica to Primary",
        .icon_class = "fa fa-fw fa-angles-up",
        .param = "instance",
        .param_default = "any",
        .fn = cnpg_promote,
    },
    {
        .name = "reload",
        .display_name = "Reload all Configuration",
        .icon_class = "fa fa-fw fa-rotate-right",
        .edits = {{ACTION_SET_TIME, "metadata.annotations.'cnpg.io/reloadedAt'", "{now}"}},
    },
    {
        .name = "restart",
        .display_name = "Rollout restart Cluster",
        .icon_class = "fa fa-fw fa-recycle",
        .edits = {{ACTION_SET_TIME, "metadata.annotations.'kubectl.kubernetes.io/restartedAt'",
                   "{now}"}},
    },
    {
        .name = "resume",
        .listed = CNPG_LOOP "=disabled",
        .display_name = "Resume Reconciliation",
        .icon_class = "fa fa-fw fa-play",
        .edits = {{ACTION_REMOVE, CNPG_LOOP, NULL}},
    },
    {
        .name = "suspend",
        .listed = CNPG_LOOP "!=disabled",
        .display_name = "Suspend Reconciliation",
        .icon_class = "fa fa-fw fa-pause",
        .edits = {{ACTION_SET_TEXT, CNPG_LOOP, "disabled"}},
    },
};

/* ---- others ---- */

static const struct action_row MARIADB[] = {
    {
        .name = "resume",
        .disabled = "spec.suspend!=true",
        .icon_class = PLAY_ICON,
        .edits = {{ACTION_SET_FALSE, "spec.suspend", NULL}},
    },
    {
        .name = "suspend",
        .disabled = "spec.suspend=true",
        .icon_class = PAUSE_ICON,
        .edits = {{ACTION_SET_TRUE, "spec.suspend", NULL}},
    },
};

static const struct action_row PERCONA_MONGODB[] = {
    {
        .name = "pause",
        .disabled = "spec.pause=true",
        .icon_class = PAUSE_ICON,
        .edits = {{ACTION_SET_TRUE, "spec.pause", NULL}},
    },
    {
        .name = "unpause",
        .disabled = "spec.pause!=true",
        .icon_class = PLAY_ICON,
        .edits = {{ACTION_SET_FALSE, "spec.pause", NULL}},
    },
};

#define STRIMZI_ROLLING "metadata.annotations.'strimzi.io/manual-rolling-update'"

static const struct action_row STRIMZI_POD_SET[] = {
    {
        .name = "rolling-update",
        .disabled = STRIMZI_ROLLING "=true",
        .edits = {{ACTION_SET_TEXT, STRIMZI_ROLLING, "true"}},
    },
};

static const struct action_kind KINDS[] = {
    {"keda.sh", "ScaledObject", SCALED_OBJECT, ARRAY_LEN(SCALED_OBJECT)},
    {"keda.sh", "ScaledJob", SCALED_JOB, ARRAY_LEN(SCALED_JOB)},
    {"external-secrets.io", "ExternalSecret", EXTERNAL_SECRET, ARRAY_LEN(EXTERNAL_SECRET)},
    {"external-secrets.io", "PushSecret", PUSH_SECRET, ARRAY_LEN(PUSH_SECRET)},
    {"postgresql.cnpg.io", "Cluster", CNPG_CLUSTER, ARRAY_LEN(CNPG_CLUSTER)},
    {"k8s.mariadb.com", "MariaDB", MARIADB, ARRAY_LEN(MARIADB)},
    {"psmdb.percona.com", "PerconaServerMongoDB", PERCONA_MONGODB, ARRAY_LEN(PERCONA_MONGODB)},
    {"core.strimzi.io", "StrimziPodSet", STRIMZI_POD_SET, ARRAY_LEN(STRIMZI_POD_SET)},
};

const struct action_family ACTION_OPERATORS = {KINDS, ARRAY_LEN(KINDS)};
