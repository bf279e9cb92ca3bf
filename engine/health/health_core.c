/* Health of the core group: Pod, Service, PersistentVolumeClaim. */
#include <stdbool.h>

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "engine/health/health_internal.h"
#include "engine/sync/hooks.h"

#define IGNORE_RESTART_POLICY_ANNOTATION "argocd.argoproj.io/ignore-restart-policy"

enum {
    MESSAGES_MAX_BYTES = 16 * 1024,
};

/* The pod is meant to run for ever, so that a container which cannot start is a failure. With another
 * restart policy a pod is often a hook, which has to get the time to end by itself. */
static bool runs_for_ever(const struct value *pod)
{
    if (str_eq_c(value_dig_str(pod, "spec", "restartPolicy"), "Always")) {
        return true;
    }
    return str_eq_c(kube_annotation(pod, STR(IGNORE_RESTART_POLICY_ANNOTATION)), "true") &&
           !hook_of(pod).is_hook;
}

static bool is_failed_wait(struct str reason)
{
    return str_starts_with(reason, STR("Err")) || str_ends_with(reason, STR("Error")) ||
           str_ends_with(reason, STR("BackOff"));
}

/* Containers that cannot start; false when there are none. */
static bool waiting_failures(struct arena *arena, const struct value *pod, struct str *ret)
{
    AUTO(buf) struct buf text;
    buf_init(&text, MESSAGES_MAX_BYTES);
    size_t n = 0;
    VALUE_FOREACH(value_dig(pod, "status", "containerStatuses"), container) {
        const struct value *waiting = value_dig(container, "state", "waiting");
        if (is_failed_wait(value_dig_str(waiting, "reason"))) {
            buf_put_c(&text, n++ > 0 ? ", " : "");
            buf_put(&text, value_dig_str(waiting, "message"));
        }
    }
    *ret = buf_to_arena(&text, arena);
    return n > 0;
}

/* Why a terminated container failed; empty when it did not. */
static struct str container_failure(struct arena *arena, const struct value *container)
{
    const struct value *terminated = value_dig(container, "state", "terminated");
    struct str message = value_dig_str(terminated, "message");
    struct str reason = value_dig_str(terminated, "reason");
    int64_t code = value_int(value_dig(terminated, "exitCode"), 0);
    if (message.n > 0) {
        return arena_str(arena, message);
    }
    if (str_eq_c(reason, "OOMKilled")) {
        return arena_str(arena, reason);
    }
    if (code != 0) {
        return arena_printf(arena, "container \"" STR_FMT "\" failed with exit code %lld",
                            STR_ARG(value_dig_str(container, "name")), (long long)code);
    }
    return STR_EMPTY;
}

static struct health failed_pod(struct arena *arena, const struct value *pod, struct str message)
{
    static const char *const LISTS[] = {"initContainerStatuses", "containerStatuses"};
    for (size_t i = 0; message.n == 0 && i < ARRAY_LEN(LISTS); i++) {
        VALUE_FOREACH(value_dig(pod, "status", LISTS[i]), container) {
            message = message.n > 0 ? message : container_failure(arena, container);
        }
    }
    return health_make(HEALTH_STATUS_DEGRADED, message);
}

static struct health running_pod(const struct value *pod, struct str message)
{
    if (!runs_for_ever(pod)) {
        return health_make(HEALTH_STATUS_PROGRESSING, message);
    }
    if (str_eq_c(value_dig_str(health_condition(pod, "Ready"), "status"), "True")) {
        return health_make(HEALTH_STATUS_HEALTHY, message);
    }
    VALUE_FOREACH(value_dig(pod, "status", "containerStatuses"), container) {
        if (value_is(value_dig(container, "lastState", "terminated"), VALUE_MAP)) {
            return health_make(HEALTH_STATUS_DEGRADED, message);
        }
    }
    return health_make(HEALTH_STATUS_PROGRESSING, message);
}

static struct health pod(struct arena *arena, const struct value *live)
{
    struct str message;
    if (runs_for_ever(live) && waiting_failures(arena, live, &message)) {
        return health_make(HEALTH_STATUS_DEGRADED, message);
    }
    message = arena_str(arena, value_dig_str(live, "status", "message"));
    struct str phase = value_dig_str(live, "status", "phase");
    if (str_eq_c(phase, "Pending")) {
        return health_make(HEALTH_STATUS_PROGRESSING, message);
    }
    if (str_eq_c(phase, "Succeeded")) {
        return health_make(HEALTH_STATUS_HEALTHY, message);
    }
    if (str_eq_c(phase, "Failed")) {
        return failed_pod(arena, live, message);
    }
    if (str_eq_c(phase, "Running")) {
        return running_pod(live, message);
    }
    return health_make(HEALTH_STATUS_UNKNOWN, message);
}

static struct health service(struct arena *arena UNUSED, const struct value *live)
{
    bool balanced = str_eq_c(value_dig_str(live, "spec", "type"), "LoadBalancer");
    if (balanced && value_len(value_dig(live, "status", "loadBalancer", "ingress")) == 0) {
        return health_make(HEALTH_STATUS_PROGRESSING, STR_EMPTY);
    }
    return health_make(HEALTH_STATUS_HEALTHY, STR_EMPTY);
}

static struct health persistent_volume_claim(struct arena *arena UNUSED, const struct value *live)
{
    static const struct {
        const char *phase;
        enum health_status status;
    } PHASES[] = {
        {"Lost", HEALTH_STATUS_DEGRADED},
        {"Pending", HEALTH_STATUS_PROGRESSING},
        {"Bound", HEALTH_STATUS_HEALTHY},
    };
    struct str phase = value_dig_str(live, "status", "phase");
    for (size_t i = 0; i < ARRAY_LEN(PHASES); i++) {
        if (str_eq_c(phase, PHASES[i].phase)) {
            return health_make(PHASES[i].status, STR_EMPTY);
        }
    }
    return health_make(HEALTH_STATUS_UNKNOWN, STR_EMPTY);
}

static const struct health_row ROWS[] = {
    {"", "Pod", "v1", pod},
    {"", "Service", "v1", service},
    {"", "PersistentVolumeClaim", "v1", persistent_volume_claim},
};

const struct health_table HEALTH_CORE = {ROWS, ARRAY_LEN(ROWS)};
