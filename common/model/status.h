/* Words of an Application's status: sync, health and operation states, shared by all components.
 *
 * Each enumeration has a name in the API (status_..._name) and back (status_..._parse); the orders are
 * those the rules need, see each. */
#pragma once

#include <stdbool.h>

#include "common/base/str.h"

/* status.sync.status, and that of one resource. */
enum sync_status {
    SYNC_STATUS_NONE, /* has none: hooks, skipped objects; "" */
    SYNC_STATUS_UNKNOWN,
    SYNC_STATUS_SYNCED,
    SYNC_STATUS_OUT_OF_SYNC,
    SYNC_STATUS_COUNT
};

/* From best to worst: an application is as healthy as its worst resource. */
enum health_status {
    HEALTH_STATUS_NONE, /* no check exists; "" */
    HEALTH_STATUS_HEALTHY,
    HEALTH_STATUS_SUSPENDED,
    HEALTH_STATUS_PROGRESSING,
    HEALTH_STATUS_MISSING,
    HEALTH_STATUS_DEGRADED,
    HEALTH_STATUS_UNKNOWN,
    HEALTH_STATUS_COUNT
};

/* status.operationState.phase, and hookPhase of one resource's result. */
enum operation_phase {
    OPERATION_PHASE_NONE, /* "" */
    OPERATION_PHASE_RUNNING,
    OPERATION_PHASE_TERMINATING,
    OPERATION_PHASE_FAILED,
    OPERATION_PHASE_ERROR,
    OPERATION_PHASE_SUCCEEDED,
    OPERATION_PHASE_COUNT
};

/* syncResult.resources[].status. */
enum sync_result {
    SYNC_RESULT_NONE, /* "" */
    SYNC_RESULT_SYNCED,
    SYNC_RESULT_SYNC_FAILED,
    SYNC_RESULT_PRUNED,
    SYNC_RESULT_PRUNE_SKIPPED,
    SYNC_RESULT_COUNT
};

/* Types of hooks; the first four are phases of a sync too, in their order. */
enum sync_phase {
    SYNC_PHASE_PRE_SYNC,
    SYNC_PHASE_SYNC,
    SYNC_PHASE_POST_SYNC,
    SYNC_PHASE_SYNC_FAIL,
    SYNC_PHASE_PRE_DELETE,
    SYNC_PHASE_POST_DELETE,
    SYNC_PHASE_SKIP,
    SYNC_PHASE_COUNT
};

/* "" for the ..._NONE values. */
const char *status_sync_name(enum sync_status status);
const char *status_health_name(enum health_status status);
const char *status_operation_name(enum operation_phase phase);
const char *status_result_name(enum sync_result result);
const char *status_phase_name(enum sync_phase phase);

/* The ..._NONE value for text that is empty or none of the names. */
enum sync_status status_sync_parse(struct str text);
enum health_status status_health_parse(struct str text);
enum operation_phase status_operation_parse(struct str text);
enum sync_result status_result_parse(struct str text);
/* SYNC_PHASE_COUNT when it is none of them. */
enum sync_phase status_phase_parse(struct str text);

/* Nothing more will happen in this phase. */
bool status_operation_completed(enum operation_phase phase);
/* The worse of two; HEALTH_STATUS_NONE counts as best. */
enum health_status status_health_worse(enum health_status a, enum health_status b);
