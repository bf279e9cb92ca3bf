/* Names of the states, as tables; lookups are linear over at most eight words. Pure. */
#include "common/model/status.h"

#include <stddef.h>

#include "common/base/macro.h"

static const char *const SYNC_NAMES[SYNC_STATUS_COUNT] = {
    [SYNC_STATUS_NONE] = "",
    [SYNC_STATUS_UNKNOWN] = "Unknown",
    [SYNC_STATUS_SYNCED] = "Synced",
    [SYNC_STATUS_OUT_OF_SYNC] = "OutOfSync",
};

static const char *const HEALTH_NAMES[HEALTH_STATUS_COUNT] = {
    [HEALTH_STATUS_NONE] = "",
    [HEALTH_STATUS_HEALTHY] = "Healthy",
    [HEALTH_STATUS_SUSPENDED] = "Suspended",
    [HEALTH_STATUS_PROGRESSING] = "Progressing",
    [HEALTH_STATUS_MISSING] = "Missing",
    [HEALTH_STATUS_DEGRADED] = "Degraded",
    [HEALTH_STATUS_UNKNOWN] = "Unknown",
};

static const char *const OPERATION_NAMES[OPERATION_PHASE_COUNT] = {
    [OPERATION_PHASE_NONE] = "",
    [OPERATION_PHASE_RUNNING] = "Running",
    [OPERATION_PHASE_TERMINATING] = "Terminating",
    [OPERATION_PHASE_FAILED] = "Failed",
    [OPERATION_PHASE_ERROR] = "Error",
    [OPERATION_PHASE_SUCCEEDED] = "Succeeded",
};

static const char *const RESULT_NAMES[SYNC_RESULT_COUNT] = {
    [SYNC_RESULT_NONE] = "",
    [SYNC_RESULT_SYNCED] = "Synced",
    [SYNC_RESULT_SYNC_FAILED] = "SyncFailed",
    [SYNC_RESULT_PRUNED] = "Pruned",
    [SYNC_RESULT_PRUNE_SKIPPED] = "PruneSkipped",
};

static const char *const PHASE_NAMES[SYNC_PHASE_COUNT] = {
    [SYNC_PHASE_PRE_SYNC] = "PreSync",
    [SYNC_PHASE_SYNC] = "Sync",
    [SYNC_PHASE_POST_SYNC] = "PostSync",
    [SYNC_PHASE_SYNC_FAIL] = "SyncFail",
    [SYNC_PHASE_PRE_DELETE] = "PreDelete",
    [SYNC_PHASE_POST_DELETE] = "PostDelete",
    [SYNC_PHASE_SKIP] = "Skip",
};

static const char *name_at(const char *const *names, size_t n, size_t i)
{
    return i < n ? names[i] : "";
}

/* n when it is none of them. */
static size_t find_name(const char *const *names, size_t n, struct str text)
{
    for (size_t i = 0; i < n; i++) {
        if (str_eq_c(text, names[i])) {
            return i;
        }
    }
    return n;
}

const char *status_sync_name(enum sync_status status)
{
    return name_at(SYNC_NAMES, ARRAY_LEN(SYNC_NAMES), (size_t)status);
}

const char *status_health_name(enum health_status status)
{
    return name_at(HEALTH_NAMES, ARRAY_LEN(HEALTH_NAMES), (size_t)status);
}

const char *status_operation_name(enum operation_phase phase)
{
    return name_at(OPERATION_NAMES, ARRAY_LEN(OPERATION_NAMES), (size_t)phase);
}

const char *status_result_name(enum sync_result result)
{
    return name_at(RESULT_NAMES, ARRAY_LEN(RESULT_NAMES), (size_t)result);
}

const char *status_phase_name(enum sync_phase phase)
{
    return name_at(PHASE_NAMES, ARRAY_LEN(PHASE_NAMES), (size_t)phase);
}

enum sync_status status_sync_parse(struct str text)
{
    size_t i = find_name(SYNC_NAMES, ARRAY_LEN(SYNC_NAMES), text);
    return i < ARRAY_LEN(SYNC_NAMES) ? (enum sync_status)i : SYNC_STATUS_NONE;
}

enum health_status status_health_parse(struct str text)
{
    size_t i = find_name(HEALTH_NAMES, ARRAY_LEN(HEALTH_NAMES), text);
    return i < ARRAY_LEN(HEALTH_NAMES) ? (enum health_status)i : HEALTH_STATUS_NONE;
}

enum operation_phase status_operation_parse(struct str text)
{
    size_t i = find_name(OPERATION_NAMES, ARRAY_LEN(OPERATION_NAMES), text);
    return i < ARRAY_LEN(OPERATION_NAMES) ? (enum operation_phase)i : OPERATION_PHASE_NONE;
}

enum sync_result status_result_parse(struct str text)
{
    size_t i = find_name(RESULT_NAMES, ARRAY_LEN(RESULT_NAMES), text);
    return i < ARRAY_LEN(RESULT_NAMES) ? (enum sync_result)i : SYNC_RESULT_NONE;
}

enum sync_phase status_phase_parse(struct str text)
{
    return (enum sync_phase)find_name(PHASE_NAMES, ARRAY_LEN(PHASE_NAMES), text);
}

bool status_operation_completed(enum operation_phase phase)
{
    return phase == OPERATION_PHASE_FAILED || phase == OPERATION_PHASE_ERROR ||
           phase == OPERATION_PHASE_SUCCEEDED;
}

enum health_status status_health_worse(enum health_status a, enum health_status b)
{
    return a > b ? a : b;
}
